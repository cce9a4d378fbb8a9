/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Live frames: the kernel sends them through a veth pair, the program at its other end sends them
 * back, and a sink counts them, all on one core. At the same time fzbpf-top, which has attached the
 * program, shows its screen on the other core.
 */
#ifndef FZBPF_BENCH_LIVE_H
#define FZBPF_BENCH_LIVE_H

#include "harness.h"

#define LIVE_FLOWS 256 /* as many as --binding takes */

struct live_result {
	struct spread mpps;
	struct spread swap_mpps;
	struct spread ratio; /* of the same round */
	double returned;     /* share of the frames that came back through the relay */
};

/* Makes interfaces, so it wants a network namespace of its own. `program` is build/fzbpf-top. */
int live_measure(const char *program, unsigned int rounds, struct live_result *ret, char *ret_error,
		 size_t size);

#endif
