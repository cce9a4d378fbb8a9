/* SPDX-License-Identifier: BSD-2-Clause */
/* One flow of UDP from a client's socket to a peer's, as fast as it goes or at a rate. */
#ifndef FZBPF_BENCH_LOAD_H
#define FZBPF_BENCH_LOAD_H

#include <stdint.h>

#define LOAD_DATA 100

struct load {
	int client;	  /* connected */
	int peer;	  /* receives with a timeout */
	uint16_t channel; /* in front of the data; 0 = plain */
};

#define LOAD_FLOOD 0 /* a rate: as fast as it goes */

struct load_result {
	uint64_t sent, received;
	double seconds;
	double p50_us; /* one way, from when the sender hands them over */
};

/* `rate` in datagrams a second. The sender sleeps, wakes up, hands over what has become due, 32 at
 * most at a time, and sleeps again. */
int load_run(const struct load *load, double rate, double seconds, struct load_result *ret);

#endif
