/* SPDX-License-Identifier: BSD-2-Clause */
/* The learned IP -> MAC table of a relay that reads a capture file; bounded, the longest unseen
 * goes first. Time is wall clock. */
#ifndef FZBPF_OFFLINE_NEIGHBOURS_H
#define FZBPF_OFFLINE_NEIGHBOURS_H

#include "offline_frame.h"

struct offline_neighbours;

/* NULL = no memory. */
struct offline_neighbours *offline_neighbours_new(uint32_t entries);
void offline_neighbours_free(struct offline_neighbours *neighbours);

/* Returns whether something changed: EVENT_MAC_LEARNED or _MOVED is then in `ret_event`. */
bool offline_neighbours_learn(struct offline_neighbours *neighbours,
			      const struct offline_pair *pair, uint16_t vlan, int64_t time_ns,
			      struct event *ret_event);

/* NULL: it was never witnessed. Valid until the next that is learned. */
const struct event_neighbour *offline_neighbours_find(const struct offline_neighbours *neighbours,
						      const struct in6_addr *ip, uint16_t vlan);

size_t offline_neighbours_count(const struct offline_neighbours *neighbours);

/* Emits EVENT_NEIGHBOUR for those witnessed since `since_ns`, and for one slice of the others, as a
 * snapshot of the kernel's table does. */
void offline_neighbours_list(const struct offline_neighbours *neighbours, int64_t since_ns,
			     unsigned int slice, int64_t now_ns,
			     void (*emit)(void *context, const struct event *event), void *context);

#endif
