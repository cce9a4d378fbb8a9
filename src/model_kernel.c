/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own neighbours beside ours; kept too while nothing of that IP was witnessed yet. */
#include "model_internal.h"

#include <string.h>

static struct index opinions_index(struct model_private *priv)
{
	return (struct index){ priv->opinion_heads, MODEL_OPINIONS - 1, priv->opinion_next };
}

static struct kernel_opinion *opinion_find(struct model_private *priv, const struct in6_addr *ip)
{
	struct index index = opinions_index(priv);
	uint32_t n = index_first(&index, index_hash(priv->seed, ip, 0));

	for (; n != INDEX_END; n = index_next(&index, n))
		if (!memcmp(&priv->opinions[n].ip, ip, sizeof(*ip)))
			return &priv->opinions[n];
	return NULL;
}

/* The table stays dense: the last opinion takes the place of the one that goes. */
static void opinion_remove(struct model_private *priv, struct kernel_opinion *opinion)
{
	struct index index = opinions_index(priv);
	uint32_t n = (uint32_t)(opinion - priv->opinions);
	uint32_t last = (uint32_t)--priv->opinion_count;

	index_remove(&index, index_hash(priv->seed, &opinion->ip, 0), n);
	if (n == last)
		return;
	index_remove(&index, index_hash(priv->seed, &priv->opinions[last].ip, 0), last);
	priv->opinions[n] = priv->opinions[last];
	index_add(&index, index_hash(priv->seed, &priv->opinions[n].ip, 0), n);
}

static struct kernel_opinion *opinion_add(struct model_private *priv, const struct in6_addr *ip)
{
	struct index index = opinions_index(priv);
	uint32_t n = (uint32_t)priv->opinion_count;

	if (n == MODEL_OPINIONS)
		return NULL;
	priv->opinion_count++;
	priv->opinions[n].ip = *ip;
	index_add(&index, index_hash(priv->seed, ip, 0), n);
	return &priv->opinions[n];
}

static void row_judge(struct model_neighbour *row, enum kernel_state state, const struct mac *mac)
{
	row->kernel = state;
	memset(&row->kernel_mac, 0, sizeof(row->kernel_mac));
	if (!mac)
		return;
	row->kernel_mac = *mac;
	if (state == KERNEL_SAME || state == KERNEL_DIFFERENT) {
		bool same = row->witnessed && !memcmp(mac, &row->mac, sizeof(*mac));

		row->kernel = same ? KERNEL_SAME : KERNEL_DIFFERENT;
	}
}

void model_kernel_apply(struct model_private *priv, struct model_neighbour *row)
{
	const struct kernel_opinion *opinion;

	/* The kernel's neighbours on this interface are untagged; those of a VLAN are on another.
	 */
	if (row->vlan)
		return;
	opinion = opinion_find(priv, &row->ip);
	if (opinion)
		row_judge(row, opinion->state, opinion->has_mac ? &opinion->mac : NULL);
	else
		row_judge(row, KERNEL_NONE, NULL);
}

void model_kernel_neighbour(struct model *model, const struct in6_addr *ip, enum kernel_state state,
			    const struct mac *mac)
{
	struct model_private *priv = model_private(model);
	struct kernel_opinion *opinion = opinion_find(priv, ip);
	struct model_neighbour *row = model_row_find(priv, ip, 0);

	if (state == KERNEL_NONE) {
		if (opinion)
			opinion_remove(priv, opinion);
	} else {
		if (!opinion)
			opinion = opinion_add(priv, ip);
		if (opinion) {
			opinion->state = state;
			opinion->has_mac = mac != NULL;
			if (mac)
				opinion->mac = *mac;
		}
	}
	if (row)
		row_judge(row, state, mac);
}
