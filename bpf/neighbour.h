/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The 64-bit word of a neighbour: MAC, valid bit and a tag of the key; and the rules about which
 * pairs are never learned. Pure: for the XDP program, for user space and for tests.
 */
#ifndef FZBPF_NEIGHBOUR_H
#define FZBPF_NEIGHBOUR_H

#include "checksum.h"
#include "relay_abi.h"

#define NEIGHBOUR_MAC_MASK 0xffffffffffffULL
#define NEIGHBOUR_VALID (1ULL << 48)
#define NEIGHBOUR_TAG_SHIFT 49
#define NEIGHBOUR_TAG_MASK 0x7fff

/* A MAC at an address that is even, as all parts of an Ethernet frame are. */
static __always_inline __u64 mac_load(const void *at)
{
	const __u16 *words = at;

	return (__u64)little16(words[0]) | (__u64)little16(words[1]) << 16 |
	       (__u64)little16(words[2]) << 32;
}

/* The MACs of an Ethernet header. It starts two bytes before a multiple of four, so the middle of
 * the two is aligned for wider words. */
static __always_inline __u64 mac_load_destination(const void *ethernet)
{
	const __u16 *words = ethernet;

	return (__u64)little16(words[0]) | (__u64)little32(*(const __u32 *)(words + 1)) << 16;
}

static __always_inline __u64 mac_load_source(const void *ethernet)
{
	const __u16 *words = ethernet;

	return (__u64)little32(*(const __u32 *)(words + 3)) | (__u64)little16(words[5]) << 32;
}

static __always_inline void mac_store_both(void *ethernet, __u64 destination, __u64 source)
{
	__u16 *words = ethernet;

	words[0] = little16(destination);
	*(__u32 *)(words + 1) = little32(destination >> 16);
	*(__u32 *)(words + 3) = little32(source);
	words[5] = little16(source >> 32);
}

static __always_inline void address_copy(__be32 to[4], const void *from)
{
	const __be32 *words = from;

	to[0] = words[0];
	to[1] = words[1];
	to[2] = words[2];
	to[3] = words[3];
}

/* Spreads a key over 64 bits; the tag and the generation slot are taken from different ends. */
static __always_inline __u64 neighbour_hash(const struct relay_neighbour_key *key)
{
	__u64 high = (__u64)key->ip[0] << 32 | key->ip[1];
	__u64 low = (__u64)key->ip[2] << 32 | key->ip[3];
	__u64 hash = (high ^ key->vlan) * 0x9e3779b97f4a7c15ULL + low;

	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93ULL;
	return hash ^ hash >> 29;
}

static __always_inline __u64 neighbour_word(__u64 mac, __u64 hash)
{
	return mac | NEIGHBOUR_VALID | (hash >> 32 & NEIGHBOUR_TAG_MASK) << NEIGHBOUR_TAG_SHIFT;
}

/* Whether the word was written for the key with this hash: the MAC bits do not matter. */
static __always_inline int neighbour_matches(__u64 word, __u64 hash)
{
	return !((word ^ neighbour_word(0, hash)) & ~NEIGHBOUR_MAC_MASK);
}

static __always_inline __u16 neighbour_slot(__u64 hash)
{
	return hash & (RELAY_GENERATIONS - 1);
}

static __always_inline int address_is_v4(const __be32 ip[4])
{
	return !ip[0] && !ip[1] && ip[2] == wire32(0xffff);
}

/* RELAY_REFUSAL_COUNT = may be learned, as far as the pair itself tells. */
static __always_inline enum relay_refusal neighbour_refuse(const __be32 ip[4], __u64 mac,
							   __u64 own_mac)
{
	__u32 first = wire32(address_is_v4(ip) ? ip[3] : ip[0]);

	if (mac == NEIGHBOUR_MAC_MASK)
		return RELAY_REFUSAL_BROADCAST_MAC;
	if (mac & 1)
		return RELAY_REFUSAL_MULTICAST_MAC;
	if (!mac)
		return RELAY_REFUSAL_ZERO_MAC;
	if (mac == own_mac)
		return RELAY_REFUSAL_OWN_MAC;
	if (address_is_v4(ip)) {
		if (!first)
			return RELAY_REFUSAL_UNSPECIFIED_IP;
		if (first == 0xffffffff)
			return RELAY_REFUSAL_BROADCAST_IP;
		if (first >> 28 == 0xe)
			return RELAY_REFUSAL_MULTICAST_IP;
		if (first >> 24 == 127)
			return RELAY_REFUSAL_LOOPBACK_IP;
		return RELAY_REFUSAL_COUNT;
	}
	if (first >> 24 == 0xff)
		return RELAY_REFUSAL_MULTICAST_IP;
	if (!ip[0] && !ip[1] && !ip[2] && !ip[3])
		return RELAY_REFUSAL_UNSPECIFIED_IP;
	if (!ip[0] && !ip[1] && !ip[2] && ip[3] == wire32(1))
		return RELAY_REFUSAL_LOOPBACK_IP;
	return RELAY_REFUSAL_COUNT;
}

#endif
