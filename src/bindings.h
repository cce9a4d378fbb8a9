/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The channel bindings that are known now: a table of MODEL_BINDINGS slots that gives each binding
 * its slot, forgets it when its time is over, and tells every change as an event.
 */
#ifndef FZBPF_BINDINGS_H
#define FZBPF_BINDINGS_H

#include "event.h"

/* RFC 8656 section 12: a channel binding lasts ten minutes unless it is refreshed. */
#define BINDINGS_LIFETIME_NS (600 * 1000000000LL)

/* How long a freed slot rests, see bindings.c. */
#define BINDINGS_REST_NS (10 * 1000000000LL)

struct bindings;
struct binding;

/* The bindings of one relayed address. Embedded in whatever owns it, zero at first, and to be
 * emptied by bindings_remove_group before it goes away. */
struct bindings_group {
	struct binding *first;
};

typedef void bindings_emit_fn(void *context, const struct event *event);

/* `emit` gets EVENT_BINDING_ADDED, _REFRESHED and _REMOVED; NULL = no memory. */
struct bindings *bindings_new(bindings_emit_fn *emit, void *context);

/* Without events. */
void bindings_free(struct bindings *bindings);

/*
 * Adds `wanted`, or refreshes it if it is there already. `wanted->slot` is ignored; `expires_ns`
 * counts unless `fixed`; `why` must be a static string. Another binding of the same client and
 * channel, or of the same relayed address and peer, is removed first ("re-bound"). A fixed one
 * stays fixed when it is witnessed too. `group` NULL: removed by nothing but itself.
 * -ENOSPC: no slot, counted.
 */
int bindings_bind(struct bindings *bindings, const struct event_binding *wanted,
		  struct bindings_group *group, int64_t now_ns);

/* -ENOENT if the slot is free. */
int bindings_remove(struct bindings *bindings, uint32_t slot, const char *why, int64_t now_ns);
void bindings_remove_group(struct bindings *bindings, struct bindings_group *group, const char *why,
			   int64_t now_ns);

/* Removes what has expired; costs nothing if that is nothing. */
void bindings_expire(struct bindings *bindings, int64_t now_ns);

/* INT64_MAX if nothing will. */
int64_t bindings_next_expiry(const struct bindings *bindings);

/* NULL if there is none. Valid until the next change. */
const struct event_binding *bindings_get(const struct bindings *bindings, uint32_t slot);
const struct event_binding *bindings_find_channel(const struct bindings *bindings,
						  const struct endpoint *client,
						  const struct endpoint *server, uint16_t channel);
const struct event_binding *bindings_find_peer(const struct bindings *bindings,
					       const struct endpoint *relayed,
					       const struct endpoint *peer);

size_t bindings_count(const struct bindings *bindings);

/* How many bindings found no slot. */
uint64_t bindings_overflows(const struct bindings *bindings);

#endif
