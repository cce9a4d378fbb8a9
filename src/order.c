/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorting of rows. Each row becomes a short record of unsigned numbers, which are turned over where
 * the direction is descending; then one comparison serves every column of every table.
 */
#include "order.h"

#include <stdlib.h>
#include <string.h>

struct item {
	uint64_t key[3];
	uint32_t last; /* rest of the row's identity */
	uint32_t row;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *left = a, *right = b;

	for (size_t i = 0; i < 3; i++)
		if (left->key[i] != right->key[i])
			return left->key[i] < right->key[i] ? -1 : 1;
	if (left->last != right->last)
		return left->last < right->last ? -1 : 1;
	return 0;
}

/* Without memory for it the rows stay in the order they are in. */
static struct item *new_items(const uint32_t *rows, size_t count)
{
	struct item *items = count ? calloc(count, sizeof(*items)) : NULL;

	for (size_t i = 0; items && i < count; i++)
		items[i].row = rows[i];
	return items;
}

static void sort_and_free(struct item *items, size_t count, uint32_t *rows)
{
	qsort(items, count, sizeof(*items), compare_items);
	for (size_t i = 0; i < count; i++)
		rows[i] = items[i].row;
	free(items);
}

static uint64_t big_endian(const uint8_t *bytes, size_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value = value << 8 | bytes[i];
	return value;
}

static uint64_t key_of_mac(const struct mac *mac)
{
	return big_endian(mac->octet, sizeof(mac->octet));
}

static uint64_t key_of_rate(double rate)
{
	uint64_t bits = 0;

	/* numbers that are not negative compare like their bits; "not known" is below zero */
	if (!(rate >= 0))
		return 0;
	memcpy(&bits, &rate, sizeof(bits));
	return bits + 1;
}

static uint64_t key_of_text(const char *text)
{
	uint8_t bytes[8] = { 0 };

	memcpy(bytes, text, strnlen(text, sizeof(bytes)));
	return big_endian(bytes, sizeof(bytes));
}

static uint64_t key_of_time(int64_t time_ns)
{
	return (uint64_t)time_ns;
}

/* Fills the keys from `at` on. */
static void put_ip(struct item *item, size_t at, const struct in6_addr *ip)
{
	item->key[at] = big_endian(ip->s6_addr, 8);
	item->key[at + 1] = big_endian(ip->s6_addr + 8, 8);
}

static void put_endpoint(struct item *item, const struct endpoint *endpoint)
{
	put_ip(item, 0, &endpoint->ip);
	item->key[2] = endpoint->port;
}

/* Turns the first `keys` numbers over. */
static void descend(struct item *item, bool descending, size_t keys)
{
	for (size_t i = 0; descending && i < keys; i++)
		item->key[i] = ~item->key[i];
}

static uint64_t since_zero(const struct tally *tally)
{
	return tally->total - tally->at_zero;
}

/* What a row shows: its own numbers, or those of the group it stands for. */
static struct fold_group neighbour_sums(const struct model_neighbour *row,
					const struct fold_group *group)
{
	if (group)
		return *group;
	return (struct fold_group){
		.members = 1,
		.moves = row->moves,
		.first_seen_ns = row->first_seen_ns,
		.last_seen_ns = row->last_seen_ns,
		.hits = since_zero(&row->hits),
		.misses = since_zero(&row->misses),
		.hit_rate = row->hits.rate,
		.miss_rate = row->misses.rate,
	};
}

static uint64_t kernel_key(enum kernel_state kernel)
{
	static const uint8_t severity[] = {
		[KERNEL_SAME] = 0,	[KERNEL_NONE] = 1,   [KERNEL_INCOMPLETE] = 2,
		[KERNEL_DIFFERENT] = 3, [KERNEL_FAILED] = 4,
	};

	return severity[kernel];
}

static uint64_t neighbour_key(const struct model_neighbour *row, const struct fold_group *group,
			      struct vendors *vendors, enum order_neighbours_by column)
{
	struct fold_group sums = neighbour_sums(row, group);

	switch (column) {
	case NEIGHBOURS_BY_MAC: return key_of_mac(&row->mac);
	case NEIGHBOURS_BY_VENDOR:
		return row->witnessed ? key_of_text(vendors_name(vendors, &row->mac)) : 0;
	case NEIGHBOURS_BY_SOURCE: return row->witnessed ? row->source + 1 : 0;
	case NEIGHBOURS_BY_FIRST: return ~key_of_time(sums.first_seen_ns);
	case NEIGHBOURS_BY_AGE: return ~key_of_time(sums.last_seen_ns);
	case NEIGHBOURS_BY_HITS: return sums.hits;
	case NEIGHBOURS_BY_HIT_RATE: return key_of_rate(sums.hit_rate);
	case NEIGHBOURS_BY_MISSES: return sums.misses;
	case NEIGHBOURS_BY_MISS_RATE: return key_of_rate(sums.miss_rate);
	case NEIGHBOURS_BY_KERNEL: return kernel_key(row->kernel);
	case NEIGHBOURS_BY_FLAGS:
		return (uint64_t)sums.moves << 32 | (sums.members > 1 ? sums.members : 0);
	case NEIGHBOURS_BY_IP:
	case NEIGHBOURS_BY_COUNT: break;
	}
	return 0;
}

static void sort_neighbours(uint32_t *rows, size_t count, const struct model *model,
			    const struct fold *fold, struct vendors *vendors,
			    enum order_neighbours_by column, bool descending)
{
	struct item *items = new_items(rows, count);

	if (!items)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct model_neighbour *row = &model->neighbours[rows[i]];
		struct item *item = &items[i];

		item->key[0] = neighbour_key(row, fold_find(fold, rows[i]), vendors, column);
		put_ip(item, 1, &row->ip);
		item->last = row->vlan;
		descend(item, descending, column == NEIGHBOURS_BY_IP ? 3 : 1);
	}
	sort_and_free(items, count, rows);
}

void order_neighbours(uint32_t *rows, size_t count, const struct model *model,
		      const struct fold *fold, struct vendors *vendors,
		      enum order_neighbours_by column, bool descending)
{
	size_t wanted = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t row = rows[i];

		if (model->neighbours[row].witnessed)
			continue;
		rows[i] = rows[wanted];
		rows[wanted++] = row;
	}
	sort_neighbours(rows, wanted, model, fold, vendors, column, descending);
	sort_neighbours(rows + wanted, count - wanted, model, fold, vendors, column, descending);
}

static uint64_t state_key(const struct model_binding *binding)
{
	static const uint8_t severity[] = {
		[BINDING_BOTH_WAYS] = 1, [BINDING_IDLE] = 0,   [BINDING_EXPIRING] = 2,
		[BINDING_ONE_WAY] = 3,	 [BINDING_NO_MAC] = 4,
	};

	return severity[binding->state];
}

static void put_binding(struct item *item, const struct model_binding *row,
			enum order_bindings_by column)
{
	item->last = row->slot;
	switch (column) {
	case BINDINGS_BY_CLIENT: put_endpoint(item, &row->client); break;
	case BINDINGS_BY_CHANNEL: item->key[0] = row->channel; break;
	case BINDINGS_BY_RELAYED: item->key[0] = row->relayed.port; break;
	case BINDINGS_BY_PEER: put_endpoint(item, &row->peer); break;
	case BINDINGS_BY_OUT: item->key[0] = key_of_rate(row->to_peer.packets.rate); break;
	case BINDINGS_BY_IN: item->key[0] = key_of_rate(row->to_client.packets.rate); break;
	case BINDINGS_BY_EXPIRY:
		item->key[0] = row->fixed ? UINT64_MAX : key_of_time(row->expires_ns);
		break;
	case BINDINGS_BY_FIRST_HIT:
		item->key[0] = row->first_hit_ns ? key_of_time(row->first_hit_ns - row->bound_ns)
						 : UINT64_MAX;
		break;
	case BINDINGS_BY_STATE: item->key[0] = state_key(row); break;
	case BINDINGS_BY_COUNT: break;
	}
}

void order_bindings(uint32_t *rows, size_t count, const struct model *model,
		    enum order_bindings_by column, bool descending)
{
	struct item *items = new_items(rows, count);

	if (!items)
		return;
	for (size_t i = 0; i < count; i++) {
		put_binding(&items[i], &model->bindings[rows[i]], column);
		descend(&items[i], descending, 3);
	}
	sort_and_free(items, count, rows);
}

static void put_packet(struct item *item, const struct model_packet *row,
		       enum order_packets_by column)
{
	switch (column) {
	case PACKETS_BY_TIME: item->key[0] = row->id; break;
	case PACKETS_BY_FROM: put_endpoint(item, &row->src); break;
	case PACKETS_BY_FROM_MAC: item->key[0] = key_of_mac(&row->src_mac); break;
	case PACKETS_BY_TO: put_endpoint(item, &row->dst); break;
	case PACKETS_BY_LENGTH: item->key[0] = row->length; break;
	case PACKETS_BY_REASON: item->key[0] = row->reason; break;
	case PACKETS_BY_DETAIL:
		put_ip(item, 0, &row->missing);
		item->key[2] = row->channel;
		break;
	case PACKETS_BY_COUNT: break;
	}
	/* the newer one first; only the last MODEL_PACKETS exist, so 32 bits tell them apart */
	item->last = ~(uint32_t)row->id;
}

void order_packets(uint32_t *rows, size_t count, const struct model *model,
		   enum order_packets_by column, bool descending)
{
	struct item *items = new_items(rows, count);

	if (!items)
		return;
	for (size_t i = 0; i < count; i++) {
		put_packet(&items[i], &model->packets[rows[i]], column);
		descend(&items[i], descending, 3);
	}
	sort_and_free(items, count, rows);
}

static void put_reason(struct item *item, const struct model_reason *row, uint32_t number,
		       enum order_reasons_by column)
{
	uint64_t total = since_zero(&row->count);

	item->last = number;
	switch (column) {
	case REASONS_BY_CLASS:
		/* what never happened comes after everything that did */
		item->key[0] = total ? row->class + 1u : 0;
		item->key[1] = total;
		break;
	case REASONS_BY_RATE: item->key[0] = key_of_rate(row->count.rate); break;
	case REASONS_BY_TOTAL: item->key[0] = total; break;
	case REASONS_BY_LAST: item->key[0] = key_of_time(row->last_ns); break;
	case REASONS_BY_REASON: item->key[0] = number; break;
	case REASONS_BY_COUNT: break;
	}
}

void order_reasons(uint32_t *rows, size_t count, const struct model *model,
		   enum order_reasons_by column, bool descending)
{
	struct item *items = new_items(rows, count);

	if (!items)
		return;
	for (size_t i = 0; i < count; i++) {
		put_reason(&items[i], &model->reasons[rows[i]], rows[i], column);
		descend(&items[i], descending, 3);
	}
	sort_and_free(items, count, rows);
}
