/* SPDX-License-Identifier: BSD-2-Clause */
/* Records for the ring, in the XDP program: neighbours and passed-up frames. Full ring = counted.
 */
#ifndef FZBPF_RECORD_H
#define FZBPF_RECORD_H

#include "parse.h"
#include "relay_maps.h"

/*
 * The reader comes by on a timer; waking it costs thousands of nanoseconds. It is woken only when
 * the ring fills up faster than that, and once until it came.
 */
static __always_inline __u64 record_wakeup(void)
{
	if (live.wakeup_pending || bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < live.wakeup_at)
		return BPF_RB_NO_WAKEUP;
	live.wakeup_pending = 1;
	return BPF_RB_FORCE_WAKEUP;
}

/* Writes the entry as of `now`, a time in jiffies; no room = not written, and the caller counts. */
static __always_inline int record_neighbour(__u32 type, const struct relay_neighbour_key *key,
					    const struct relay_neighbour *neighbour, __u64 now)
{
	struct relay_record_neighbour *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return -1;
	record->head.type = type;
	record->head.pad = 0;
	record->head.time = bpf_ktime_get_ns();
	address_copy(record->ip, key->ip);
	record->word = neighbour->word;
	record->previous = neighbour->previous;
	/* Both may be later than `now`, if another CPU wrote them since. */
	record->first_age = now > neighbour->first ? now - neighbour->first : 0;
	record->age = now > neighbour->stamp ? now - neighbour->stamp : 0;
	record->moves = neighbour->moves;
	record->vlan = key->vlan;
	record->source = neighbour->source;
	record->pad = 0;
	bpf_ringbuf_submit(record, record_wakeup());
	return 0;
}

/* What is known about a passed-up frame beside its bytes. */
struct passed {
	__u32 reason;
	__u32 flags;
	__u32 session;
	__u16 channel;
	__u16 vlan;
	__be32 missing[4];
};

static __always_inline void record_lost(struct relay_counters *counters, __u32 reason)
{
	counters->lost++;
	if (reason < RELAY_REASON_COUNT)
		counters->unrecorded[reason]++;
}

static __always_inline int record_passed_fill(struct xdp_md *context,
					      struct relay_counters *counters,
					      struct relay_record_passed *record,
					      const struct passed *passed, __u32 length,
					      __u32 captured, const __u32 room)
{
	__u32 last = captured - 1;

	if (!record) {
		record_lost(counters, passed->reason);
		return 0;
	}
	record->head.type = RELAY_RECORD_PASSED;
	record->head.pad = 0;
	record->head.time = bpf_ktime_get_ns();
	address_copy(record->missing, passed->missing);
	record->session = passed->session;
	record->length = length;
	record->captured = captured;
	record->channel = passed->channel;
	record->vlan = passed->vlan;
	record->reason = passed->reason;
	record->flags = passed->flags;
	barrier_var(last); /* Linux 6.1 learns nothing from captured != 0 */
	if (last < room && bpf_xdp_load_bytes(context, 0, record->frame, last + 1)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		record_lost(counters, passed->reason);
		return 0;
	}
	bpf_ringbuf_submit(record, record_wakeup());
	return 0;
}

static __always_inline int record_passed(struct xdp_md *context, struct relay_counters *counters,
					 const struct passed *passed)
{
	__u32 length = bpf_xdp_get_buff_len(context);
	__u32 captured = length < live.snaplen ? length : live.snaplen;
	struct relay_record_passed *record;

	if (!counters || !passed)
		return 0;
#define X(size)                                                                                \
	if (captured <= (size)) {                                                              \
		record = bpf_ringbuf_reserve(&ring, sizeof(*record) + (size), 0);              \
		return record_passed_fill(context, counters, record, passed, length, captured, \
					  size);                                               \
	}
	RELAY_SNAP_SIZES(X)
#undef X
	return 0;
}

#endif
