/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of bindings: slots, the two look-ups that data frames will make, and expiry. */
#include "bindings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An entry that finds no memory is not in the table, instead of ending the program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>
#include <utlist.h>

#include "deadlines.h"
#include "model.h"

/* Hashed as bytes, so that a struct endpoint, which has padding, cannot be used. */
struct pair_key {
	struct in6_addr first, second;
	uint16_t first_port, second_port;
	uint16_t channel;
	uint16_t pad;
};

_Static_assert(sizeof(struct pair_key) == 40, "hashed: no hidden padding");

struct binding {
	bool used;
	struct event_binding row;
	struct pair_key
		channel_key;	  /* client, server and channel: as data from the client has them */
	struct pair_key peer_key; /* relayed address and peer: as data from the peer has them */
	UT_hash_handle by_channel;
	UT_hash_handle by_peer;
	struct bindings_group *group;
	struct binding *prev, *next; /* in the group */
};

struct rest {
	uint32_t slot;
	int64_t since_ns;
};

/*
 * A freed slot rests before it is given again: a CPU that is just running the kernel program may
 * have looked the slot up in a flow map before it was taken out there, and snapshots already in
 * the ring name it too. After BINDINGS_REST_NS nobody speaks of the old owner any more. Until slots
 * have rested, new bindings get slots that were never used.
 */
struct bindings {
	bindings_emit_fn *emit;
	void *context;
	struct binding *by_channel;
	struct binding *by_peer;
	struct deadlines *deadlines;
	uint64_t overflows;
	uint32_t count;
	uint32_t end; /* slots from here on were never used */
	uint32_t rest_first, rest_count;
	struct rest resting[MODEL_BINDINGS]; /* a ring, oldest first */
	struct binding slots[MODEL_BINDINGS];
};

struct bindings *bindings_new(bindings_emit_fn *emit, void *context)
{
	struct bindings *bindings = calloc(1, sizeof(*bindings));

	if (!bindings)
		return NULL;
	bindings->emit = emit;
	bindings->context = context;
	bindings->deadlines = deadlines_new(MODEL_BINDINGS);
	if (!bindings->deadlines) {
		bindings_free(bindings);
		return NULL;
	}
	return bindings;
}

void bindings_free(struct bindings *bindings)
{
	if (!bindings)
		return;
	HASH_CLEAR(by_channel, bindings->by_channel);
	HASH_CLEAR(by_peer, bindings->by_peer);
	deadlines_free(bindings->deadlines);
	free(bindings);
}

static struct pair_key make_key(const struct endpoint *first, const struct endpoint *second,
				uint16_t channel)
{
	return (struct pair_key){
		.first = first->ip,
		.second = second->ip,
		.first_port = first->port,
		.second_port = second->port,
		.channel = channel,
	};
}

static struct binding *find_channel(const struct bindings *bindings, const struct pair_key *key)
{
	struct binding *found;

	HASH_FIND(by_channel, bindings->by_channel, key, sizeof(*key), found);
	return found;
}

static struct binding *find_peer(const struct bindings *bindings, const struct pair_key *key)
{
	struct binding *found;

	HASH_FIND(by_peer, bindings->by_peer, key, sizeof(*key), found);
	return found;
}

static void tell(const struct bindings *bindings, enum event_type type,
		 const struct binding *binding, int64_t now_ns)
{
	struct event event = { .type = type, .time_ns = now_ns, .binding = binding->row };

	bindings->emit(bindings->context, &event);
}

static int take_slot(struct bindings *bindings, int64_t now_ns, uint32_t *ret_slot)
{
	const struct rest *oldest = &bindings->resting[bindings->rest_first];

	if (bindings->rest_count && now_ns - oldest->since_ns >= BINDINGS_REST_NS) {
		*ret_slot = oldest->slot;
		bindings->rest_first = (bindings->rest_first + 1) % MODEL_BINDINGS;
		bindings->rest_count--;
		return 0;
	}
	if (bindings->end == MODEL_BINDINGS)
		return -ENOSPC;
	*ret_slot = bindings->end++;
	return 0;
}

static void rest_slot(struct bindings *bindings, uint32_t slot, int64_t now_ns)
{
	uint32_t at = (bindings->rest_first + bindings->rest_count++) % MODEL_BINDINGS;

	bindings->resting[at] = (struct rest){ .slot = slot, .since_ns = now_ns };
}

static void forget(struct bindings *bindings, struct binding *binding, int64_t now_ns)
{
	HASH_DELETE(by_channel, bindings->by_channel, binding);
	HASH_DELETE(by_peer, bindings->by_peer, binding);
	if (binding->group)
		DL_DELETE(binding->group->first, binding);
	deadlines_clear(bindings->deadlines, binding->row.slot);
	bindings->count--;
	rest_slot(bindings, binding->row.slot, now_ns);
	binding->used = false;
}

static void drop(struct bindings *bindings, struct binding *binding, const char *why,
		 int64_t now_ns)
{
	forget(bindings, binding, now_ns);
	binding->row.why = why;
	tell(bindings, EVENT_BINDING_REMOVED, binding, now_ns);
}

/* -ENOMEM leaves it in neither index. */
static int add_to_indexes(struct bindings *bindings, struct binding *binding)
{
	HASH_ADD(by_channel, bindings->by_channel, channel_key, sizeof(binding->channel_key),
		 binding);
	if (!binding->by_channel.tbl)
		return -ENOMEM;
	HASH_ADD(by_peer, bindings->by_peer, peer_key, sizeof(binding->peer_key), binding);
	if (!binding->by_peer.tbl) {
		HASH_DELETE(by_channel, bindings->by_channel, binding);
		return -ENOMEM;
	}
	return 0;
}

static int add(struct bindings *bindings, const struct event_binding *wanted,
	       struct bindings_group *group, int64_t now_ns)
{
	struct binding *binding;
	uint32_t slot;
	int err;

	err = take_slot(bindings, now_ns, &slot);
	if (err) {
		bindings->overflows++;
		return err;
	}
	binding = &bindings->slots[slot];
	memset(binding, 0, sizeof(*binding));
	binding->row = *wanted;
	binding->row.slot = slot;
	binding->channel_key = make_key(&wanted->client, &wanted->server, wanted->channel);
	binding->peer_key = make_key(&wanted->relayed, &wanted->peer, 0);
	err = add_to_indexes(bindings, binding);
	if (err) {
		bindings->overflows++;
		rest_slot(bindings, slot, now_ns);
		return err;
	}
	binding->used = true;
	binding->group = group;
	if (group)
		DL_APPEND(group->first, binding);
	if (!wanted->fixed)
		deadlines_set(bindings->deadlines, slot, wanted->expires_ns);
	bindings->count++;
	tell(bindings, EVENT_BINDING_ADDED, binding, now_ns);
	return 0;
}

static void refresh(struct bindings *bindings, struct binding *binding,
		    const struct event_binding *wanted, int64_t now_ns)
{
	if (binding->row.fixed)
		return;
	binding->row.expires_ns = wanted->expires_ns;
	binding->row.why = wanted->why;
	deadlines_set(bindings->deadlines, binding->row.slot, wanted->expires_ns);
	tell(bindings, EVENT_BINDING_REFRESHED, binding, now_ns);
}

int bindings_bind(struct bindings *bindings, const struct event_binding *wanted,
		  struct bindings_group *group, int64_t now_ns)
{
	struct pair_key channel_key = make_key(&wanted->client, &wanted->server, wanted->channel);
	struct pair_key peer_key = make_key(&wanted->relayed, &wanted->peer, 0);
	struct binding *of_channel = find_channel(bindings, &channel_key);
	struct binding *of_peer = find_peer(bindings, &peer_key);

	if (of_channel && of_channel == of_peer && (of_channel->row.fixed || !wanted->fixed)) {
		refresh(bindings, of_channel, wanted, now_ns);
		return 0;
	}
	if (of_channel)
		drop(bindings, of_channel, "re-bound", now_ns);
	if (of_peer && of_peer != of_channel)
		drop(bindings, of_peer, "re-bound", now_ns);
	return add(bindings, wanted, group, now_ns);
}

int bindings_remove(struct bindings *bindings, uint32_t slot, const char *why, int64_t now_ns)
{
	if (slot >= bindings->end || !bindings->slots[slot].used)
		return -ENOENT;
	drop(bindings, &bindings->slots[slot], why, now_ns);
	return 0;
}

void bindings_remove_group(struct bindings *bindings, struct bindings_group *group, const char *why,
			   int64_t now_ns)
{
	while (group->first)
		drop(bindings, group->first, why, now_ns);
}

void bindings_expire(struct bindings *bindings, int64_t now_ns)
{
	uint32_t slot;

	while (deadlines_take(bindings->deadlines, now_ns, &slot))
		drop(bindings, &bindings->slots[slot], "expired", now_ns);
}

int64_t bindings_next_expiry(const struct bindings *bindings)
{
	return deadlines_next(bindings->deadlines);
}

const struct event_binding *bindings_get(const struct bindings *bindings, uint32_t slot)
{
	if (slot >= bindings->end || !bindings->slots[slot].used)
		return NULL;
	return &bindings->slots[slot].row;
}

const struct event_binding *bindings_find_channel(const struct bindings *bindings,
						  const struct endpoint *client,
						  const struct endpoint *server, uint16_t channel)
{
	struct pair_key key = make_key(client, server, channel);
	const struct binding *found = find_channel(bindings, &key);

	return found ? &found->row : NULL;
}

const struct event_binding *bindings_find_peer(const struct bindings *bindings,
					       const struct endpoint *relayed,
					       const struct endpoint *peer)
{
	struct pair_key key = make_key(relayed, peer, 0);
	const struct binding *found = find_peer(bindings, &key);

	return found ? &found->row : NULL;
}

size_t bindings_count(const struct bindings *bindings)
{
	return bindings->count;
}

uint64_t bindings_overflows(const struct bindings *bindings)
{
	return bindings->overflows;
}
