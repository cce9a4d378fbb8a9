/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The snapshot program: user space runs it at each refresh, and it writes into the ring what the
 * hot path only counted. So everything comes out of one ring, in one order.
 */
#ifndef FZBPF_SNAPSHOT_H
#define FZBPF_SNAPSHOT_H

#include "record.h"

#define CPUS_MAX 1024

const volatile __u32 cpu_count;

struct neighbour_walk {
	struct relay_snapshot request;
	__u64 now;
	__u64 entries;
	__u32 failed;
};

static long snapshot_neighbour(void *map __attribute__((unused)),
			       const struct relay_neighbour_key *key,
			       struct relay_neighbour *neighbour, struct neighbour_walk *walk)
{
	__u32 slice = neighbour->word >> NEIGHBOUR_TAG_SHIFT & (RELAY_SLICES - 1);

	walk->entries++;
	if (neighbour->stamp >= walk->request.since || slice == walk->request.slice)
		walk->failed |= record_neighbour(RELAY_RECORD_NEIGHBOUR, key, neighbour, walk->now);
	return 0;
}

struct session_walk {
	__u64 since;
	__u32 next; /* index of the next session to look at */
	__u32 end;
	__u32 failed;
};

static __always_inline void session_sum(__u32 index, struct relay_session_counters *sum)
{
	struct relay_session_counters *flow;
	__u32 cpu;

	__builtin_memset(sum, 0, sizeof(*sum));
	for (cpu = 0; cpu < CPUS_MAX && cpu < cpu_count; cpu++) {
		flow = bpf_map_lookup_percpu_elem(&session_counters, &index, cpu);
		if (!flow)
			break;
		sum->packets += flow->packets;
		sum->bytes += flow->bytes;
		sum->misses += flow->misses;
		if (flow->last_used > sum->last_used)
			sum->last_used = flow->last_used;
	}
}

/* One record: RELAY_SESSIONS_PER_RECORD sessions. */
static long snapshot_sessions(__u32 step __attribute__((unused)), struct session_walk *walk)
{
	struct relay_record_sessions *record;
	int i;

	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record) {
		walk->failed = 1;
		return 1;
	}
	record->head.type = RELAY_RECORD_SESSIONS;
	record->head.pad = 0;
	record->head.time = bpf_ktime_get_ns();
	record->jiffies = bpf_jiffies64();
	record->first = walk->next;
	record->count = walk->end - walk->next;
	if (record->count > RELAY_SESSIONS_PER_RECORD)
		record->count = RELAY_SESSIONS_PER_RECORD;
	for (i = 0; i < RELAY_SESSIONS_PER_RECORD; i++)
		session_sum(walk->next + i, &record->rows[i]);
	walk->next += RELAY_SESSIONS_PER_RECORD;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return walk->next >= walk->end;
}

static __always_inline void counters_sum(struct relay_counters *sum)
{
	__u64 *to = (__u64 *)sum;
	const __u64 *from;
	__u32 cpu, zero = 0, i;

	__builtin_memset(sum, 0, sizeof(*sum));
	for (cpu = 0; cpu < CPUS_MAX && cpu < cpu_count; cpu++) {
		from = bpf_map_lookup_percpu_elem(&frame_counters, &zero, cpu);
		if (!from)
			break;
		for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
			to[i] += from[i];
	}
}

SEC("syscall")
int relay_snapshot(struct relay_snapshot *request)
{
	struct neighbour_walk neighbour_walk = { .request = *request, .now = bpf_jiffies64() };
	struct session_walk session_walk = { .end = request->sessions };
	struct relay_record_counters *record;

	bpf_for_each_map_elem(&neighbours, snapshot_neighbour, &neighbour_walk, 0);
	if (session_walk.end)
		bpf_loop(session_walk.end / RELAY_SESSIONS_PER_RECORD + 1, snapshot_sessions,
			 &session_walk, 0);
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record)
		return -1;
	record->head.type = RELAY_RECORD_COUNTERS;
	record->head.pad = 0;
	record->head.time = bpf_ktime_get_ns();
	record->jiffies = neighbour_walk.now;
	record->entries = neighbour_walk.entries;
	counters_sum(&record->totals);
	request->jiffies = neighbour_walk.now;
	request->time = record->head.time;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return neighbour_walk.failed || session_walk.failed ? -1 : 0;
}

#endif
