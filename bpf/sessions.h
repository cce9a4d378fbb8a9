/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's maps hold for each binding: two sessions, one a direction, and their flow keys.
 * Two bindings that are each other's peer through relayed addresses of this host are joined: the
 * frame of one client then goes straight to the other (paths c-c).
 */
#ifndef FZBPF_SESSIONS_H
#define FZBPF_SESSIONS_H

#include "../src/event.h"

struct sessions;

struct sessions_maps {
	int sessions, counters, to_peer, to_client;
	uint32_t bindings; /* capacity: the maps hold twice as many sessions */
	uint16_t turn_port;
};

int sessions_new(const struct sessions_maps *maps, struct sessions **ret);
void sessions_free(struct sessions *sessions);

/* This host's addresses decide which bindings lead to another client of this relay. */
int sessions_add_own(struct sessions *sessions, const struct in6_addr *ip);
void sessions_remove_own(struct sessions *sessions, const struct in6_addr *ip);

/* `expires` in jiffies, or RELAY_NEVER. Binding a slot that is bound replaces what it held. */
int sessions_bind(struct sessions *sessions, const struct event_binding *binding, uint64_t expires);
void sessions_extend(struct sessions *sessions, uint32_t slot, uint64_t expires);
void sessions_unbind(struct sessions *sessions, uint32_t slot);

bool sessions_is_bound(const struct sessions *sessions, uint32_t slot);

/* Slots from here on were never bound. */
uint32_t sessions_end(const struct sessions *sessions);

#endif
