/* SPDX-License-Identifier: BSD-2-Clause */
/* What was reported about an interface, so that only changes are reported. */
#include "netlink_known.h"

#include <string.h>

#include "index.h"

/* ---- addresses: few, so a list is enough ------------------------------------------------------
 */

static struct known_address *address_find(struct known *known, const struct in6_addr *ip)
{
	for (size_t i = 0; i < known->address_count; i++)
		if (!memcmp(&known->addresses[i].address.ip, ip, sizeof(*ip)))
			return &known->addresses[i];
	return NULL;
}

static bool address_equal(const struct interface_address *a, const struct interface_address *b)
{
	return a->prefix == b->prefix && a->has_broadcast == b->has_broadcast &&
	       (!a->has_broadcast || !memcmp(&a->broadcast, &b->broadcast, sizeof(a->broadcast)));
}

bool known_address_added(struct known *known, const struct interface_address *address)
{
	struct known_address *place = address_find(known, &address->ip);
	bool same = place && address_equal(&place->address, address);

	if (!place) {
		if (known->address_count == KNOWN_ADDRESSES)
			return true;
		place = &known->addresses[known->address_count++];
	}
	*place = (struct known_address){ *address, known->round };
	return !same;
}

static void address_remove(struct known *known, struct known_address *place)
{
	*place = known->addresses[--known->address_count];
}

bool known_address_removed(struct known *known, const struct interface_address *address)
{
	struct known_address *place = address_find(known, &address->ip);

	if (!place)
		return known->address_count == KNOWN_ADDRESSES;
	address_remove(known, place);
	return true;
}

bool known_sweep_address(struct known *known, struct interface_address *ret)
{
	for (size_t i = 0; i < known->address_count; i++) {
		if (known->addresses[i].round == known->round)
			continue;
		*ret = known->addresses[i].address;
		address_remove(known, &known->addresses[i]);
		return true;
	}
	return false;
}

/* ---- neighbours ------------------------------------------------------------------------------ */

static struct index neighbours_index(struct known *known)
{
	return (struct index){ known->heads, KNOWN_NEIGHBOURS - 1, known->next };
}

static struct known_neighbour *neighbour_find(struct known *known, const struct in6_addr *ip)
{
	struct index index = neighbours_index(known);
	uint32_t n = index_first(&index, index_hash(0, ip, 0));

	for (; n != INDEX_END; n = index_next(&index, n))
		if (!memcmp(&known->neighbours[n].neighbour.ip, ip, sizeof(*ip)))
			return &known->neighbours[n];
	return NULL;
}

/* The table stays dense: the last one takes the place of the one that goes. */
static void neighbour_remove(struct known *known, struct known_neighbour *place)
{
	struct index index = neighbours_index(known);
	uint32_t n = (uint32_t)(place - known->neighbours),
		 last = (uint32_t)--known->neighbour_count;
	const struct in6_addr *moved = &known->neighbours[last].neighbour.ip;

	index_remove(&index, index_hash(0, &place->neighbour.ip, 0), n);
	if (n == last)
		return;
	index_remove(&index, index_hash(0, moved, 0), last);
	index_add(&index, index_hash(0, moved, 0), n);
	known->neighbours[n] = known->neighbours[last];
}

static bool neighbour_equal(const struct netlink_neighbour *a, const struct netlink_neighbour *b)
{
	return a->state == b->state && a->has_mac == b->has_mac &&
	       (!a->has_mac || !memcmp(&a->mac, &b->mac, sizeof(a->mac)));
}

bool known_neighbour(struct known *known, const struct netlink_neighbour *neighbour)
{
	struct known_neighbour *place = neighbour_find(known, &neighbour->ip);
	struct index index = neighbours_index(known);
	bool same = place && neighbour_equal(&place->neighbour, neighbour);

	if (neighbour->state == KERNEL_NONE) {
		if (place)
			neighbour_remove(known, place);
		return place || known->neighbour_count == KNOWN_NEIGHBOURS;
	}
	if (!place) {
		if (known->neighbour_count == KNOWN_NEIGHBOURS)
			return true;
		place = &known->neighbours[known->neighbour_count];
		index_add(&index, index_hash(0, &neighbour->ip, 0),
			  (uint32_t)known->neighbour_count++);
	}
	*place = (struct known_neighbour){ *neighbour, known->round };
	return !same;
}

bool known_sweep_neighbour(struct known *known, struct netlink_neighbour *ret)
{
	for (size_t i = 0; i < known->neighbour_count; i++) {
		if (known->neighbours[i].round == known->round)
			continue;
		*ret = (struct netlink_neighbour){ .ip = known->neighbours[i].neighbour.ip,
						   .state = KERNEL_NONE };
		neighbour_remove(known, &known->neighbours[i]);
		return true;
	}
	return false;
}
