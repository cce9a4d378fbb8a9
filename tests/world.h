/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LAN that the data-plane tests play on: hosts with their MACs, and a binding for each of the
 * twelve paths. Plain data; the reference, the host build and the kernel program all start from it.
 */
#ifndef FZBPF_TESTS_WORLD_H
#define FZBPF_TESTS_WORLD_H

#include "packets.h"

#define WORLD_BINDINGS 10
#define WORLD_HOSTS 24
#define WORLD_VLAN 7	     /* where the hosts have other MACs */
#define WORLD_STRANGE_VLAN 8 /* where nobody is known */

struct world_host {
	struct in6_addr ip;
	uint16_t vlan;
	struct mac mac;
};

struct world {
	struct mac own;
	struct in6_addr own_ips[2];
	uint16_t turn_port, relay_port_min, relay_port_max;
	uint32_t mtu;
	bool generic, relaying;
	struct event_binding bindings[WORLD_BINDINGS];
	struct world_host hosts[WORLD_HOSTS];
	size_t host_count;
};

void world_init(struct world *ret);

/* A frame that takes `path`: all but size, content and variations. */
void world_frame(const struct world *world, enum relay_path path, struct frame_spec *ret);

/* NULL: not known. */
const struct mac *world_mac(const struct world *world, const struct in6_addr *ip, uint16_t vlan);

bool world_is_own(const struct world *world, const struct in6_addr *ip);

/* Forgets a host, in all VLANs. */
void world_forget(struct world *world, const struct in6_addr *ip);

const char *world_path_name(enum relay_path path);
const char *world_reason_name(enum relay_reason reason);

#endif
