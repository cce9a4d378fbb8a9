/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the session of a flow was last found: saves the look-up of a flow that is in use. It is a
 * guess and needs no upkeep, since a session knows which flow it belongs to and until when.
 */
#ifndef FZBPF_FLOW_CACHE_H
#define FZBPF_FLOW_CACHE_H

#include <bpf/bpf_helpers.h>

#include "neighbour.h"

#define FLOW_CACHE_BITS 15

/* `is_v4`: both are known to be mapped addresses. */
static __always_inline int flow_is(const struct relay_flow_key *a, const struct relay_flow_key *b,
				   int is_v4)
{
	__u32 differ =
		(a->remote_port ^ b->remote_port) | (a->channel_or_port ^ b->channel_or_port);
	int i;

	for (i = is_v4 ? 3 : 0; i < 4; i++)
		differ |= (a->remote[i] ^ b->remote[i]) | (a->local[i] ^ b->local[i]);
	return !differ;
}

/* Two ways a word, the younger one below; each is 16 bits of the flow's digest above the session's
 * index + 1. */
__u64 flow_cache[1 << FLOW_CACHE_BITS];

/* Which set is in the upper bits, the tag below. Flows with the same digest are relayed all the
 * same, but by the long way. */
static __always_inline __u64 flow_digest(const struct relay_flow_key *flow)
{
	__u64 hosts = (__u64)(flow->remote[1] ^ flow->remote[2] ^ flow->remote[3]) << 32 |
		      (flow->remote[0] ^ flow->local[3]);
	__u64 ports = (__u64)flow->remote_port << 16 | flow->channel_or_port;

	hosts ^= ports * 0x9e3779b97f4a7c15ULL;
	return (hosts ^ hosts >> 32) * 0xd6e8feb86659fd93ULL;
}

static __always_inline __u64 *flow_cache_set(__u64 digest)
{
	return &flow_cache[digest >> (64 - FLOW_CACHE_BITS)];
}

static __always_inline __u32 flow_cache_tag(__u64 digest)
{
	return digest >> 16 & 0xffff0000;
}

/* Index of the flow's session, or one that is out of range. */
static __always_inline __u32 flow_cache_find(const struct relay_flow_key *flow)
{
	__u64 digest = flow_digest(flow);
	__u64 ways = *(volatile __u64 *)flow_cache_set(digest);
	__u32 tag = flow_cache_tag(digest);
	__u32 index = (__u32)ways ^ tag;

	if (index > 0xffff)
		index = (__u32)(ways >> 32) ^ tag;
	return index - 1;
}

static __always_inline void flow_cache_put(const struct relay_flow_key *flow, __u32 index)
{
	__u64 digest = flow_digest(flow);
	volatile __u64 *set = flow_cache_set(digest);
	__u64 ways = *set;
	__u32 way = flow_cache_tag(digest) | (index + 1);

	if ((__u32)ways != way)
		*set = ways << 32 | way;
}

/* One more frame of the flow was relayed, with so many bytes of application data. */
static __always_inline void flow_count(struct relay_session_counters *counters, __u32 bytes,
				       __u64 now)
{
	counters->packets++;
	counters->bytes += bytes;
	counters->last_used = now;
}

#endif
