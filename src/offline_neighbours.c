/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table whose order is that of the last stamp. */
#include "offline_neighbours.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "clock.h"

struct neighbour {
	struct relay_neighbour_key key;
	unsigned int slice;
	struct event_neighbour seen;
	UT_hash_handle hh;
};

struct offline_neighbours {
	uint32_t entries;
	unsigned int inserted;
	struct neighbour *table; /* oldest stamp first */
};

struct offline_neighbours *offline_neighbours_new(uint32_t entries)
{
	struct offline_neighbours *neighbours = calloc(1, sizeof(*neighbours));

	if (neighbours)
		neighbours->entries = entries ? entries : 1;
	return neighbours;
}

void offline_neighbours_free(struct offline_neighbours *neighbours)
{
	struct neighbour *row, *next;

	if (!neighbours)
		return;
	/* The rows stay linked when the table is gone. */
	row = neighbours->table;
	HASH_CLEAR(hh, neighbours->table);
	for (; row; row = next) {
		next = row->hh.next;
		free(row);
	}
	free(neighbours);
}

static struct neighbour *find(const struct offline_neighbours *neighbours,
			      const struct in6_addr *ip, uint16_t vlan)
{
	struct relay_neighbour_key key = { .vlan = vlan };
	struct neighbour *row;

	memcpy(key.ip, ip, sizeof(key.ip));
	HASH_FIND(hh, neighbours->table, &key, sizeof(key), row);
	return row;
}

static struct neighbour *insert(struct offline_neighbours *neighbours,
				const struct offline_pair *pair, uint16_t vlan, int64_t time_ns)
{
	struct neighbour *row = neighbours->table;

	if (HASH_COUNT(neighbours->table) >= neighbours->entries)
		HASH_DEL(neighbours->table, row);
	else
		row = malloc(sizeof(*row));
	if (!row)
		return NULL;
	*row = (struct neighbour){
		.key.vlan = vlan,
		.slice = neighbours->inserted++ % RELAY_SLICES,
		.seen = { .ip = pair->ip,
			  .vlan = vlan,
			  .mac = pair->mac,
			  .source = pair->source,
			  .first_seen_ns = time_ns,
			  .last_seen_ns = time_ns },
	};
	memcpy(row->key.ip, &pair->ip, sizeof(row->key.ip));
	HASH_ADD(hh, neighbours->table, key, sizeof(row->key), row);
	return row;
}

bool offline_neighbours_learn(struct offline_neighbours *neighbours,
			      const struct offline_pair *pair, uint16_t vlan, int64_t time_ns,
			      struct event *ret_event)
{
	struct neighbour *row = find(neighbours, &pair->ip, vlan);
	bool is_new = !row;
	bool moved = row && memcmp(&row->seen.mac, &pair->mac, sizeof(pair->mac)) != 0;

	if (is_new)
		row = insert(neighbours, pair, vlan, time_ns);
	if (!row)
		return false;
	if (moved) {
		row->seen.has_previous = true;
		row->seen.previous = row->seen.mac;
		row->seen.mac = pair->mac;
		row->seen.moves++;
	}
	/* As in the kernel, stamps are a second late at most. */
	if (moved || time_ns - row->seen.last_seen_ns >= CLOCK_SECOND_NS) {
		row->seen.last_seen_ns = time_ns;
		HASH_DEL(neighbours->table, row);
		HASH_ADD(hh, neighbours->table, key, sizeof(row->key), row);
	}
	if (!is_new && !moved)
		return false;
	*ret_event = (struct event){ .type = moved ? EVENT_MAC_MOVED : EVENT_MAC_LEARNED,
				     .time_ns = time_ns,
				     .neighbour = row->seen };
	return true;
}

const struct event_neighbour *offline_neighbours_find(const struct offline_neighbours *neighbours,
						      const struct in6_addr *ip, uint16_t vlan)
{
	const struct neighbour *row = find(neighbours, ip, vlan);

	return row ? &row->seen : NULL;
}

size_t offline_neighbours_count(const struct offline_neighbours *neighbours)
{
	return HASH_COUNT(neighbours->table);
}

void offline_neighbours_list(const struct offline_neighbours *neighbours, int64_t since_ns,
			     unsigned int slice, int64_t now_ns,
			     void (*emit)(void *context, const struct event *event), void *context)
{
	const struct neighbour *row, *next;

	HASH_ITER (hh, neighbours->table, row, next)
		if (row->seen.last_seen_ns >= since_ns || row->slice == slice)
			emit(context, &(struct event){ .type = EVENT_NEIGHBOUR,
						       .time_ns = now_ns,
						       .neighbour = row->seen });
}
