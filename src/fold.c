/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of neighbours that share one MAC address, found with a hash table over that address. */
#include "fold.h"

#include <stdlib.h>
#include <string.h>

#define FOLD_SLOTS (4 * MODEL_NEIGHBOURS) /* power of two */
#define FOLD_GROUPS (MODEL_NEIGHBOURS / FOLD_MIN)
#define NO_GROUP UINT32_MAX

struct fold {
	size_t group_count;
	uint32_t of_row[MODEL_NEIGHBOURS]; /* group of each model row or NO_GROUP */
	uint32_t slots[FOLD_SLOTS];	   /* index of a group plus one, 0 = vacant */
	struct fold_group groups[FOLD_GROUPS];
};

struct fold *fold_new(void)
{
	return calloc(1, sizeof(struct fold));
}

void fold_free(struct fold *fold)
{
	free(fold);
}

static bool same_mac(const struct mac *a, const struct mac *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static uint32_t hash_mac(const struct mac *mac)
{
	uint64_t word = 0;

	memcpy(&word, mac, sizeof(*mac));
	return (uint32_t)(word * 0x9e3779b97f4a7c15ULL >> 40) % FOLD_SLOTS;
}

/* The group of this MAC, made if need be; NO_GROUP when there is no room for more. */
static uint32_t find_group(struct fold *fold, const struct mac *mac)
{
	uint32_t slot = hash_mac(mac);

	for (; fold->slots[slot]; slot = (slot + 1) % FOLD_SLOTS)
		if (same_mac(&fold->groups[fold->slots[slot] - 1].mac, mac))
			return fold->slots[slot] - 1;
	if (fold->group_count == FOLD_GROUPS)
		return NO_GROUP;
	memset(&fold->groups[fold->group_count], 0, sizeof(fold->groups[0]));
	fold->groups[fold->group_count].mac = *mac;
	fold->slots[slot] = (uint32_t)++fold->group_count;
	return (uint32_t)fold->group_count - 1;
}

/* Neither link-local nor in the /64 of an own address: it came through a router. */
static bool is_foreign_ipv6(const struct model *model, const struct in6_addr *ip)
{
	if (IN6_IS_ADDR_V4MAPPED(ip) || IN6_IS_ADDR_LINKLOCAL(ip))
		return false;
	for (size_t i = 0; i < model->own_count && i < MODEL_OWN_ADDRESSES; i++)
		if (!memcmp(&model->own[i], ip, 8))
			return false;
	return true;
}

/* The kernel and ARP only ever deal with a router's own address, never with those behind it. */
static int head_score(const struct model_neighbour *row)
{
	bool resolved = row->kernel == KERNEL_SAME || row->kernel == KERNEL_DIFFERENT;

	return resolved * 4 + (row->source != RELAY_SOURCE_IP) * 2 +
	       !!IN6_IS_ADDR_V4MAPPED(&row->ip);
}

static bool is_better_head(const struct model_neighbour *a, const struct model_neighbour *b)
{
	int by_score = head_score(a) - head_score(b);

	if (by_score)
		return by_score > 0;
	if (a->first_seen_ns != b->first_seen_ns)
		return a->first_seen_ns < b->first_seen_ns;
	return memcmp(&a->ip, &b->ip, sizeof(a->ip)) < 0;
}

static void add_rate(double *sum, double rate)
{
	if (rate > 0)
		*sum += rate;
}

static void join(struct fold_group *group, const struct model *model, uint32_t row)
{
	const struct model_neighbour *neighbour = &model->neighbours[row];

	if (!group->members || is_better_head(neighbour, &model->neighbours[group->head]))
		group->head = row;
	if (!group->members || neighbour->first_seen_ns < group->first_seen_ns)
		group->first_seen_ns = neighbour->first_seen_ns;
	if (neighbour->last_seen_ns > group->last_seen_ns)
		group->last_seen_ns = neighbour->last_seen_ns;
	if (neighbour->moves > group->moves)
		group->moves = neighbour->moves;
	group->members++;
	group->ipv4 += !!IN6_IS_ADDR_V4MAPPED(&neighbour->ip);
	group->foreign_ipv6 += is_foreign_ipv6(model, &neighbour->ip);
	group->hits += neighbour->hits.total - neighbour->hits.at_zero;
	group->misses += neighbour->misses.total - neighbour->misses.at_zero;
	add_rate(&group->hit_rate, neighbour->hits.rate);
	add_rate(&group->miss_rate, neighbour->misses.rate);
}

static bool is_router(const struct fold_group *group)
{
	return group->ipv4 >= FOLD_MIN || group->foreign_ipv6 >= FOLD_MIN;
}

size_t fold_update(struct fold *fold, const struct model *model, uint32_t *ret_rows)
{
	size_t shown = 0;

	if (fold->group_count)
		memset(fold->slots, 0, sizeof(fold->slots));
	fold->group_count = 0;
	for (uint32_t row = 0; row < model->neighbour_count; row++) {
		const struct model_neighbour *neighbour = &model->neighbours[row];

		fold->of_row[row] = NO_GROUP;
		if (!neighbour->witnessed || neighbour->shared < FOLD_MIN)
			continue;
		fold->of_row[row] = find_group(fold, &neighbour->mac);
		if (fold->of_row[row] != NO_GROUP)
			join(&fold->groups[fold->of_row[row]], model, row);
	}
	for (uint32_t row = 0; row < model->neighbour_count; row++) {
		uint32_t group = fold->of_row[row];

		if (group != NO_GROUP && !is_router(&fold->groups[group]))
			group = fold->of_row[row] = NO_GROUP;
		if (group == NO_GROUP || fold->groups[group].head == row)
			ret_rows[shown++] = row;
	}
	return shown;
}

size_t fold_none(struct fold *fold, const struct model *model, uint32_t *ret_rows)
{
	for (uint32_t row = 0; row < model->neighbour_count; row++) {
		fold->of_row[row] = NO_GROUP;
		ret_rows[row] = row;
	}
	return model->neighbour_count;
}

const struct fold_group *fold_find(const struct fold *fold, uint32_t row)
{
	uint32_t group = fold->of_row[row];

	return group == NO_GROUP ? NULL : &fold->groups[group];
}
