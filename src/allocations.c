/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of allocations, looked up by the client's 5-tuple and by relayed address. */
#include "allocations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An entry that finds no memory is not in the table, instead of ending the program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "deadlines.h"

/* Hashed as bytes, so that a struct endpoint, which has padding, cannot be used. */
struct tuple_key {
	struct in6_addr client, server;
	uint16_t client_port, server_port;
};

struct relayed_key {
	struct in6_addr ip;
	uint32_t port;
};

_Static_assert(sizeof(struct tuple_key) == 36, "hashed: no hidden padding");
_Static_assert(sizeof(struct relayed_key) == 20, "hashed: no hidden padding");

struct relayed {
	struct relayed_key key;
	struct endpoint address;
	struct allocation *owner; /* NULL = not in use */
	struct bindings_group bindings;
	UT_hash_handle hh;
};

struct allocation {
	struct tuple_key key;
	uint8_t transaction[STUN_TRANSACTION_LENGTH];
	int64_t granted_ns;
	struct relayed relayed[STUN_FAMILY_COUNT];
	struct allocation *next_free;
	UT_hash_handle hh;
};

struct allocations {
	struct bindings *bindings;
	struct allocation *by_tuple;
	struct relayed *by_relayed;
	struct deadlines *deadlines; /* id: row * STUN_FAMILY_COUNT + family */
	struct allocation *free;
	uint64_t overflows;
	uint32_t end; /* rows from here on were never used */
	struct allocation rows[ALLOCATIONS_MAX];
};

struct allocations *allocations_new(struct bindings *bindings)
{
	struct allocations *allocations = calloc(1, sizeof(*allocations));

	if (!allocations)
		return NULL;
	allocations->bindings = bindings;
	allocations->deadlines = deadlines_new(ALLOCATIONS_MAX * STUN_FAMILY_COUNT);
	if (!allocations->deadlines) {
		allocations_free(allocations);
		return NULL;
	}
	return allocations;
}

void allocations_free(struct allocations *allocations)
{
	if (!allocations)
		return;
	HASH_CLEAR(hh, allocations->by_tuple);
	HASH_CLEAR(hh, allocations->by_relayed);
	deadlines_free(allocations->deadlines);
	free(allocations);
}

static uint32_t deadline_id(const struct allocations *allocations,
			    const struct allocation *allocation, enum stun_family family)
{
	return (uint32_t)(allocation - allocations->rows) * STUN_FAMILY_COUNT + family;
}

struct allocation *allocations_find(const struct allocations *allocations,
				    const struct endpoint *client, const struct endpoint *server)
{
	struct tuple_key key = { client->ip, server->ip, client->port, server->port };
	struct allocation *found;

	HASH_FIND(hh, allocations->by_tuple, &key, sizeof(key), found);
	return found;
}

int64_t allocations_granted_ns(const struct allocation *allocation)
{
	return allocation->granted_ns;
}

const struct endpoint *allocations_relayed(const struct allocation *allocation,
					   enum stun_family family)
{
	const struct relayed *relayed = &allocation->relayed[family];

	return relayed->owner ? &relayed->address : NULL;
}

struct bindings_group *allocations_group(struct allocation *allocation, enum stun_family family)
{
	return &allocation->relayed[family].bindings;
}

void allocations_extend(struct allocations *allocations, struct allocation *allocation,
			enum stun_family family, int64_t expires_ns)
{
	if (allocation->relayed[family].owner)
		deadlines_set(allocations->deadlines, deadline_id(allocations, allocation, family),
			      expires_ns);
}

static void put_back(struct allocations *allocations, struct allocation *allocation)
{
	HASH_DEL(allocations->by_tuple, allocation);
	allocation->next_free = allocations->free;
	allocations->free = allocation;
}

static void end_relayed(struct allocations *allocations, struct relayed *relayed, const char *why,
			int64_t now_ns)
{
	struct allocation *owner = relayed->owner;
	enum stun_family family = (enum stun_family)(relayed - owner->relayed);

	bindings_remove_group(allocations->bindings, &relayed->bindings, why, now_ns);
	deadlines_clear(allocations->deadlines, deadline_id(allocations, owner, family));
	HASH_DEL(allocations->by_relayed, relayed);
	relayed->owner = NULL;
}

void allocations_end_family(struct allocations *allocations, struct allocation *allocation,
			    enum stun_family family, const char *why, int64_t now_ns)
{
	if (allocation->relayed[family].owner)
		end_relayed(allocations, &allocation->relayed[family], why, now_ns);
	if (!allocation->relayed[STUN_FAMILY_V4].owner &&
	    !allocation->relayed[STUN_FAMILY_V6].owner)
		put_back(allocations, allocation);
}

void allocations_end(struct allocations *allocations, struct allocation *allocation,
		     const char *why, int64_t now_ns)
{
	int family;

	for (family = 0; family < STUN_FAMILY_COUNT; family++)
		if (allocation->relayed[family].owner)
			end_relayed(allocations, &allocation->relayed[family], why, now_ns);
	put_back(allocations, allocation);
}

/* A row for the grant's 5-tuple, without relayed addresses yet. */
static int add_row(struct allocations *allocations, const struct allocation_grant *grant,
		   int64_t now_ns, struct allocation **ret_allocation)
{
	struct allocation *allocation = allocations->free;

	if (allocation)
		allocations->free = allocation->next_free;
	else if (allocations->end < ALLOCATIONS_MAX)
		allocation = &allocations->rows[allocations->end++];
	else
		return -ENOSPC;
	memset(allocation, 0, sizeof(*allocation));
	allocation->granted_ns = now_ns;
	allocation->key = (struct tuple_key){ grant->client.ip, grant->server.ip,
					      grant->client.port, grant->server.port };
	memcpy(allocation->transaction, grant->transaction, sizeof(allocation->transaction));
	HASH_ADD(hh, allocations->by_tuple, key, sizeof(allocation->key), allocation);
	if (!allocation->hh.tbl) {
		allocation->next_free = allocations->free;
		allocations->free = allocation;
		return -ENOMEM;
	}
	*ret_allocation = allocation;
	return 0;
}

static int add_relayed(struct allocations *allocations, struct allocation *allocation,
		       enum stun_family family, const struct endpoint *address, int64_t now_ns)
{
	struct relayed *relayed = &allocation->relayed[family];
	struct relayed_key key = { address->ip, address->port };
	struct relayed *holder;

	HASH_FIND(hh, allocations->by_relayed, &key, sizeof(key), holder);
	if (holder)
		allocations_end_family(allocations, holder->owner,
				       (enum stun_family)(holder - holder->owner->relayed),
				       "replaced", now_ns);
	relayed->key = key;
	relayed->address = *address;
	HASH_ADD(hh, allocations->by_relayed, key, sizeof(relayed->key), relayed);
	if (!relayed->hh.tbl)
		return -ENOMEM;
	relayed->owner = allocation;
	return 0;
}

static bool is_repeated(const struct allocation *allocation, const struct allocation_grant *grant)
{
	int family;

	if (memcmp(allocation->transaction, grant->transaction, sizeof(grant->transaction)))
		return false;
	for (family = 0; family < STUN_FAMILY_COUNT; family++) {
		const struct relayed *relayed = &allocation->relayed[family];

		if (relayed->owner &&
		    (!grant->has_relayed[family] ||
		     relayed->address.port != grant->relayed[family].port ||
		     !IN6_ARE_ADDR_EQUAL(&relayed->address.ip, &grant->relayed[family].ip)))
			return false;
	}
	return true;
}

static int add_grant(struct allocations *allocations, const struct allocation_grant *grant,
		     int64_t now_ns)
{
	struct allocation *allocation;
	int family, err;

	err = add_row(allocations, grant, now_ns, &allocation);
	for (family = 0; !err && family < STUN_FAMILY_COUNT; family++) {
		if (!grant->has_relayed[family])
			continue;
		err = add_relayed(allocations, allocation, (enum stun_family)family,
				  &grant->relayed[family], now_ns);
		if (err)
			allocations_end(allocations, allocation, "no memory", now_ns);
		else
			allocations_extend(allocations, allocation, (enum stun_family)family,
					   grant->expires_ns);
	}
	return err;
}

int allocations_grant(struct allocations *allocations, const struct allocation_grant *grant,
		      int64_t now_ns)
{
	struct allocation *allocation;
	int family, err;

	allocation = allocations_find(allocations, &grant->client, &grant->server);
	if (allocation && is_repeated(allocation, grant)) {
		for (family = 0; family < STUN_FAMILY_COUNT; family++)
			allocations_extend(allocations, allocation, (enum stun_family)family,
					   grant->expires_ns);
		return 0;
	}
	if (allocation)
		allocations_end(allocations, allocation, "replaced", now_ns);
	err = add_grant(allocations, grant, now_ns);
	if (err)
		allocations->overflows++;
	return err;
}

void allocations_expire(struct allocations *allocations, int64_t now_ns)
{
	uint32_t id;

	while (deadlines_take(allocations->deadlines, now_ns, &id))
		allocations_end_family(allocations, &allocations->rows[id / STUN_FAMILY_COUNT],
				       (enum stun_family)(id % STUN_FAMILY_COUNT),
				       "allocation expired", now_ns);
}

int64_t allocations_next_expiry(const struct allocations *allocations)
{
	return deadlines_next(allocations->deadlines);
}

size_t allocations_count(const struct allocations *allocations)
{
	return HASH_COUNT(allocations->by_tuple);
}

uint64_t allocations_overflows(const struct allocations *allocations)
{
	return allocations->overflows;
}
