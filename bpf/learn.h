/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Learning IP -> MAC from what frames say about their sender: looks first, writes only when the MAC
 * changed or the stamp is older than a second.
 */
#ifndef FZBPF_LEARN_H
#define FZBPF_LEARN_H

#include "record.h"
#include "witness.h"

/* What a session may keep about its sender: MAC and the generation it was witnessed in. */
static __always_inline __u64 generation_word(__u64 mac, __u32 generation)
{
	return (mac & NEIGHBOUR_MAC_MASK) | (__u64)generation << 48;
}

static __always_inline __u32 generation_read(__u32 slot)
{
	return *(volatile __u32 *)&generations[slot & (RELAY_GENERATIONS - 1)];
}

static __always_inline void generation_bump(__u32 slot)
{
	__sync_fetch_and_add(&generations[slot & (RELAY_GENERATIONS - 1)], 1);
}

/* The pair is new, or the IP has another MAC now. */
__noinline int learn_change(struct relay_counters *counters, const struct relay_neighbour_key *pair,
			    __u64 mac, __u32 source)
{
	struct relay_neighbour_key copy, *key = &copy;
	struct relay_neighbour fresh = {}, *known;
	__u64 now = bpf_jiffies64(), hash, old;
	enum relay_refusal refusal;

	if (!counters || !pair)
		return 0;
	copy = *pair;
	refusal = neighbour_refuse(key->ip, mac, live.mac);
	if (refusal == RELAY_REFUSAL_COUNT) {
		__u32 *own = bpf_map_lookup_elem(&own_addresses, key->ip);

		if (own)
			refusal = *own == RELAY_OWN_ADDRESS ? RELAY_REFUSAL_OWN_IP
							    : RELAY_REFUSAL_BROADCAST_IP;
	}
	if (refusal < RELAY_REFUSAL_COUNT) {
		counters->refused[refusal]++;
		return 0;
	}

	hash = neighbour_hash(key);
	fresh.word = neighbour_word(mac, hash);
	fresh.first = fresh.stamp = now;
	fresh.source = source;
	known = bpf_map_lookup_elem(&neighbours, key);
	if (known) {
		old = *(volatile __u64 *)&known->word;
		if (neighbour_matches(old, hash)) {
			if (old == fresh.word)
				return 0;
			/* Fails if another CPU was first, or the element is another key's by now:
			 * the next frame tries again. */
			if (__sync_val_compare_and_swap(&known->word, old, fresh.word) != old)
				return 0;
			known->previous = old;
			known->stamp = now;
			__sync_fetch_and_add(&known->moves, 1);
			generation_bump(neighbour_slot(hash));
			counters->moved++;
			fresh = *known;
			if (record_neighbour(RELAY_RECORD_MOVED, key, &fresh, now))
				counters->lost++;
			return 0;
		}
	}
	if (bpf_map_update_elem(&neighbours, key, &fresh, BPF_ANY)) {
		counters->refused[RELAY_REFUSAL_TABLE_FULL]++;
		return 0;
	}
	generation_bump(neighbour_slot(hash));
	counters->inserted++;
	if (record_neighbour(RELAY_RECORD_LEARNED, key, &fresh, now))
		counters->lost++;
	return 0;
}

/* Another one for any other pair, and for this one after a change in its slot. */
static __always_inline __u64 witness_digest(__u64 hash, __u64 mac)
{
	return ((hash ^ mac) * 0x9e3779b97f4a7c15ULL) ^ generation_read(neighbour_slot(hash));
}

/* Returns the stamp of the entry if it holds this very pair, else 0. */
static __always_inline __u64 learn_pair(struct relay_counters *counters,
					const struct relay_neighbour_key *key, __u64 mac,
					enum relay_source source)
{
	__u64 now = bpf_jiffies64(), hash = neighbour_hash(key), pair = witness_digest(hash, mac);
	volatile struct witness *witness = &witnesses[hash >> 32 & (WITNESSES - 1)];
	__u64 until = witness->until, stamp;
	struct relay_neighbour *known;

	if (witness->pair == pair && (__s64)(until - now) > 0)
		return until - options.hz;
	known = bpf_map_lookup_elem(&neighbours, key);
	if (!known || *(volatile __u64 *)&known->word != neighbour_word(mac, hash)) {
		learn_change(counters, key, mac, source);
		return 0;
	}
	stamp = *(volatile __u64 *)&known->stamp;
	if ((__s64)(now - stamp) >= options.hz) {
		*(volatile __u64 *)&known->stamp = now;
		stamp = now;
	}
	witness->pair = pair;
	witness->until = stamp + options.hz;
	return stamp;
}

static __always_inline void learn_arp(struct relay_counters *counters, const struct frame *frame,
				      const struct packet *packet)
{
	struct relay_neighbour_key key = { .vlan = packet->vlan };
	__u64 mac;

	if (witness_arp(frame, (const void *)((char *)frame->data + packet->l3), key.ip, &mac))
		learn_pair(counters, &key, mac, RELAY_SOURCE_ARP);
}

__noinline int learn_nd(struct xdp_md *context, struct relay_counters *counters, __u32 l3,
			__u32 vlan)
{
	struct frame frame = {
		.data = (void *)(long)context->data,
		.end = (void *)(long)context->data_end,
	};
	struct relay_neighbour_key key = { .vlan = vlan };
	__u64 mac;

	if (!counters || l3 > ETH_HLEN + 8)
		return 0;
	if (witness_nd(&frame, (const void *)((char *)frame.data + l3), key.ip, &mac))
		learn_pair(counters, &key, mac, RELAY_SOURCE_NDP);
	return 0;
}

/* From IP frames only if they were sent to one host: what is sent to many may be relayed by others.
 */
static __always_inline __u64 learn_sender(struct xdp_md *context, struct relay_counters *counters,
					  const struct frame *frame, const struct packet *packet,
					  const struct relay_flow_key *flow)
{
	struct relay_neighbour_key key = {};

	if (!packet->version) {
		if (packet->ethertype == ETH_P_ARP)
			learn_arp(counters, frame, packet);
		return 0;
	}
	if (packet->version == 6 && packet->protocol == IPPROTO_ICMPV6)
		learn_nd(context, counters, packet->l3, packet->vlan);
	if (packet->dst_mac & 1)
		return 0;
	address_copy(key.ip, flow->remote);
	key.vlan = packet->vlan;
	return learn_pair(counters, &key, packet->src_mac, RELAY_SOURCE_IP);
}

#endif
