/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding, making and reusing neighbour rows, each in about constant time. */
#include "model_internal.h"

#include <string.h>

static struct index rows_index(struct model_private *priv)
{
	return (struct index){ priv->row_heads, 2 * MODEL_NEIGHBOURS - 1, priv->row_next };
}

static uint32_t row_number(const struct model_private *priv, const struct model_neighbour *row)
{
	return (uint32_t)(row - priv->model.neighbours);
}

struct row_state *model_row_state(struct model_private *priv, const struct model_neighbour *row)
{
	return &priv->rows[row_number(priv, row)];
}

struct model_neighbour *model_row_find(struct model_private *priv, const struct in6_addr *ip,
				       uint16_t vlan)
{
	struct index index = rows_index(priv);
	uint32_t n = index_first(&index, index_hash(priv->seed, ip, vlan));

	for (; n != INDEX_END; n = index_next(&index, n)) {
		struct model_neighbour *row = &priv->model.neighbours[n];

		if (row->vlan == vlan && !memcmp(&row->ip, ip, sizeof(*ip)))
			return row;
	}
	return NULL;
}

struct model_neighbour *model_row_find_ip(struct model_private *priv, const struct in6_addr *ip)
{
	struct model_neighbour *best = model_row_find(priv, ip, 0);

	for (size_t i = 0; i < priv->vlan_count; i++) {
		struct model_neighbour *row = model_row_find(priv, ip, priv->vlans[i]);

		if (row && (!best || row->last_seen_ns > best->last_seen_ns))
			best = row;
	}
	return best;
}

static void row_unlink(struct model_private *priv, uint32_t n)
{
	struct row_state *state = &priv->rows[n];

	if (state->older)
		priv->rows[state->older - 1].newer = state->newer;
	else
		priv->oldest[state->list] = state->newer;
	if (state->newer)
		priv->rows[state->newer - 1].older = state->older;
	else
		priv->newest[state->list] = state->older;
	if (state->list == ROW_WANTED)
		priv->model.wanted_count--;
}

static void row_link(struct model_private *priv, uint32_t n, enum row_list list)
{
	struct row_state *state = &priv->rows[n];

	state->list = (uint8_t)list;
	state->older = priv->newest[list];
	state->newer = 0;
	if (state->older)
		priv->rows[state->older - 1].newer = n + 1;
	else
		priv->oldest[list] = n + 1;
	priv->newest[list] = n + 1;
	if (list == ROW_WANTED)
		priv->model.wanted_count++;
}

void model_row_move(struct model_private *priv, struct model_neighbour *row, enum row_list list)
{
	row_unlink(priv, row_number(priv, row));
	row_link(priv, row_number(priv, row), list);
}

/* Takes the oldest row of the first list that has one out of everything. */
static uint32_t row_recycle(struct model_private *priv, enum row_list from)
{
	struct index index = rows_index(priv);
	const struct model_neighbour *row;
	uint32_t n;

	while (!priv->oldest[from])
		from++;
	n = priv->oldest[from] - 1;
	row = &priv->model.neighbours[n];
	row_unlink(priv, n);
	index_remove(&index, index_hash(priv->seed, &row->ip, row->vlan), n);
	return n;
}

static void vlan_remember(struct model_private *priv, uint16_t vlan)
{
	if (!vlan || priv->vlan_count == MODEL_VLANS)
		return;
	for (size_t i = 0; i < priv->vlan_count; i++)
		if (priv->vlans[i] == vlan)
			return;
	priv->vlans[priv->vlan_count++] = vlan;
}

struct model_neighbour *model_row_new(struct model_private *priv, const struct in6_addr *ip,
				      uint16_t vlan, enum row_list list)
{
	struct index index = rows_index(priv);
	struct model *model = &priv->model;
	struct model_neighbour *row;
	uint32_t n;

	if (list == ROW_WANTED && model->wanted_count >= MODEL_WANTED)
		n = row_recycle(priv, ROW_WANTED);
	else if (model->neighbour_count == MODEL_NEIGHBOURS)
		n = row_recycle(priv, ROW_EVICTED);
	else
		n = (uint32_t)model->neighbour_count++;

	row = &model->neighbours[n];
	memset(row, 0, sizeof(*row));
	memset(&priv->rows[n], 0, sizeof(priv->rows[n]));
	row->ip = *ip;
	row->vlan = vlan;
	row->hits.rate = row->misses.rate = model_rate_at_birth(model);
	row_link(priv, n, list);
	index_add(&index, index_hash(priv->seed, ip, vlan), n);
	vlan_remember(priv, vlan);
	model_kernel_apply(priv, row);
	priv->shared_dirty = true;
	return row;
}

const struct model_neighbour *model_find_neighbour(const struct model *model,
						   const struct in6_addr *ip, uint16_t vlan)
{
	/* Finding changes nothing; model_new() made the memory, and not const. */
	return model_row_find((struct model_private *)(uintptr_t)model, ip, vlan);
}
