/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was reported about an interface, so that only changes are reported, and so that what
 * vanished unseen is found after asking for everything again: such a round of questions marks
 * what is still there.
 */
#ifndef FZBPF_NETLINK_KNOWN_H
#define FZBPF_NETLINK_KNOWN_H

#include "netlink.h"

#define KNOWN_ADDRESSES 64
#define KNOWN_NEIGHBOURS 4096 /* more are reported whenever the kernel mentions them */

struct known_address {
	struct interface_address address;
	uint32_t round;
};

struct known_neighbour {
	struct netlink_neighbour neighbour;
	uint32_t round;
};

struct known {
	uint32_t round;
	size_t address_count;
	struct known_address addresses[KNOWN_ADDRESSES];
	size_t neighbour_count;
	struct known_neighbour neighbours[KNOWN_NEIGHBOURS];
	uint32_t heads[KNOWN_NEIGHBOURS], next[KNOWN_NEIGHBOURS];
};

/* Each returns whether that is news. */
bool known_address_added(struct known *known, const struct interface_address *address);
bool known_address_removed(struct known *known, const struct interface_address *address);
bool known_neighbour(struct known *known, const struct netlink_neighbour *neighbour);

/* Takes one thing out that this round did not mention; false: there is none. */
bool known_sweep_address(struct known *known, struct interface_address *ret);
bool known_sweep_neighbour(struct known *known, struct netlink_neighbour *ret);

#endif
