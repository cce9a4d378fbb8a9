/* SPDX-License-Identifier: BSD-2-Clause */
/* One frame through the reference, the host build and the kernel's program: they must agree. */
#ifndef FZBPF_TESTS_AGREEMENT_H
#define FZBPF_TESTS_AGREEMENT_H

#include "host_relay.h"
#include "program.h"

struct agreement {
	struct world world;
	struct host_relay host;
	struct program *program;
};

/* Takes a copy of the world. */
void agreement_open(const struct world *world, struct agreement *ret);
void agreement_close(struct agreement *agreement);

/* All three follow. Of the world only who is where may differ. */
void agreement_set_mtu(struct agreement *agreement, uint32_t mtu);
void agreement_set_hosts(struct agreement *agreement, const struct world *world);

/*
 * What all three say, RELAY_REASON_COUNT = relayed; *ret is set then. Frames under 14 bytes do not
 * reach the kernel's program. `what` names the frame if they do not agree.
 */
enum relay_reason agreement_check(struct agreement *agreement, const struct octets *in,
				  const char *what, struct octets *ret);

#endif
