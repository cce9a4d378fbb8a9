/* SPDX-License-Identifier: BSD-2-Clause */
/* What relay.c, relay_ring.c and relay_hook.c share, and nobody else. */
#ifndef FZBPF_RELAY_HANDLE_H
#define FZBPF_RELAY_HANDLE_H

#include "relay.h"

struct relay {
	struct relay_bpf *bpf;
	struct ring_buffer *ring;
	struct sessions *sessions;
	struct relay_bpf *trial; /* NULL = not loaded */
	int link_fd;
	uint32_t hz;
	relay_event_fn *emit;
	void *context;

	/* One moment in both of the kernel's clocks, from the last snapshot. */
	uint64_t jiffies;
	int64_t jiffies_time; /* CLOCK_MONOTONIC, ns */
	uint32_t slice;

	/* during a drain */
	int64_t wall_offset; /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
	int budget;
};

/* A ring_buffer_sample_fn: checks one record and emits its events. */
int relay_take_record(void *context, void *data, size_t size);

/* Emits the counters of the slot's two sessions, as they are now, without a snapshot. */
void relay_emit_sessions(struct relay *relay, uint32_t slot, int64_t time_ns);

/* The moment `wall_ns` in jiffies; a moment that has passed is the present one. */
uint64_t relay_jiffies_at(const struct relay *relay, int64_t wall_ns);

#endif
