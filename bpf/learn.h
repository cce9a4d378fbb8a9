/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Learning IP -> MAC from what frames say about their sender: looks first, writes only when the MAC
 * changed or the stamp is older than a second.
 */
#ifndef FZBPF_LEARN_H
#define FZBPF_LEARN_H

#include <linux/icmpv6.h>

#include "record.h"

#define ARP_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define ND_HOP_LIMIT 255
#define ND_OPTIONS_MAX 4
#define ND_OPTION_SOURCE 1
#define ND_OPTION_TARGET 2
#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_NEIGHBOUR_SOLICITATION 135
#define ND_NEIGHBOUR_ADVERTISEMENT 136

/* ARP for IPv4 over Ethernet (RFC 826). */
struct arp_packet {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be16 sender_ip[2];
	__u8 target_mac[ETH_ALEN];
	__be16 target_ip[2];
};

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
	const struct arp_packet *arp = (const void *)((char *)frame->data + packet->l3);
	struct relay_neighbour_key key = {};

	if (!frame_has(frame, arp, sizeof(*arp)) || arp->hardware != wire16(ARP_ETHERNET) ||
	    arp->protocol != wire16(ETH_P_IP) || arp->hardware_length != ETH_ALEN ||
	    arp->protocol_length != 4)
		return;
	if (arp->operation != wire16(ARP_REQUEST) && arp->operation != wire16(ARP_REPLY))
		return;
	address_map_v4(key.ip, (__be32)arp->sender_ip[0] | (__be32)arp->sender_ip[1] << 16);
	key.vlan = packet->vlan;
	learn_pair(counters, &key, mac_load(arp->sender_mac), RELAY_SOURCE_ARP);
}

/*
 * Source link-layer option of solicitations and router messages, target link-layer option of
 * advertisements (RFC 4861 section 4). A hop limit of 255 proves that it comes from this link.
 */
__noinline int learn_ndp(struct xdp_md *context, struct relay_counters *counters, __u32 l3,
			 __u32 vlan)
{
	void *end = (void *)(long)context->data_end;
	struct relay_neighbour_key key = {};
	const struct ipv6hdr *ip;
	const struct icmp6hdr *icmp;
	const __u8 *option;
	__u32 wanted = ND_OPTION_SOURCE;
	int i;

	if (!counters || l3 > ETH_HLEN + 8)
		return 0;
	ip = (void *)(long)context->data + l3;
	icmp = (const void *)(ip + 1);
	option = (const __u8 *)(icmp + 1);
	if ((void *)(icmp + 1) > end || ip->hop_limit != ND_HOP_LIMIT || icmp->icmp6_code)
		return 0;
	address_copy(key.ip, &ip->saddr);
	switch (icmp->icmp6_type) {
	case ND_NEIGHBOUR_ADVERTISEMENT:
		wanted = ND_OPTION_TARGET;
		if ((void *)(option + 16) > end)
			return 0;
		address_copy(key.ip, option);
		option += 16;
		break;
	case ND_NEIGHBOUR_SOLICITATION: option += 16; break;
	case ND_ROUTER_ADVERTISEMENT: option += 8; break;
	case ND_ROUTER_SOLICITATION: break;
	default: return 0;
	}
	if (address_is_v4(key.ip))
		return 0;
	key.vlan = vlan;
	for (i = 0; i < ND_OPTIONS_MAX; i++) {
		if ((void *)(option + 8) > end || !option[1])
			return 0;
		if (option[0] == wanted) {
			learn_pair(counters, &key, mac_load(option + 2), RELAY_SOURCE_NDP);
			return 0;
		}
		option += option[1] * 8;
	}
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
		learn_ndp(context, counters, packet->l3, packet->vlan);
	if (packet->dst_mac & 1)
		return 0;
	address_copy(key.ip, flow->remote);
	key.vlan = packet->vlan;
	return learn_pair(counters, &key, packet->src_mac, RELAY_SOURCE_IP);
}

#endif
