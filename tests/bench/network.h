/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts whose traffic the benchmark relays: for each path, any number of flows, each between
 * hosts of its own, with the bindings that make them relayed. */
#ifndef FZBPF_BENCH_NETWORK_H
#define FZBPF_BENCH_NETWORK_H

#include "frames.h"

struct relay;

extern const struct mac network_relay_mac;

void network_flow(enum relay_path path, uint32_t i, struct frame_flow *ret);

/* What the far end of that flow sends back. */
void network_way_back(enum relay_path path, uint32_t i, struct frame_flow *ret);

/* Binds the first `flows` flows of a path and of its way back, in slots from `slot` on. Returns the
 * next free slot or a negative errno. */
int network_bind(struct relay *relay, enum relay_path path, uint32_t flows, int slot);

#endif
