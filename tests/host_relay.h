/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relay's pure headers, compiled for the host and put together as the XDP program does, with
 * tables of its own: no privileges, any frame length, and under the sanitizers.
 */
#ifndef FZBPF_TESTS_HOST_RELAY_H
#define FZBPF_TESTS_HOST_RELAY_H

#include "world.h"

#define HOST_SESSIONS (2 * WORLD_BINDINGS)

struct host_session {
	bool used, to_client;
	struct relay_session session;
};

struct host_neighbour {
	struct relay_neighbour_key key;
	uint64_t word;
};

struct host_relay {
	struct relay_options options;
	uint64_t own_mac;
	uint32_t mtu;
	bool generic, relaying;
	struct host_session sessions[HOST_SESSIONS];
	struct host_neighbour neighbours[WORLD_HOSTS];
	size_t neighbour_count;
};

void host_relay_init(const struct world *world, struct host_relay *ret);

/* RELAY_REASON_COUNT: relayed, then *ret and *ret_path are set; else they are untouched. */
enum relay_reason host_relay_run(const struct host_relay *relay, const struct octets *in,
				 struct octets *ret, enum relay_path *ret_path);

#endif
