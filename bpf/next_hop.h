/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MACs of a session's two ends. A hot session carries both, each in one word with the
 * generation in which it was read, so it needs no look-up; whatever changes an entry bumps the
 * generation, and after a second everything is looked up again. Untagged frames only: the key of a
 * neighbour holds the VLAN, a session does not.
 */
#ifndef FZBPF_NEXT_HOP_H
#define FZBPF_NEXT_HOP_H

#include "learn.h"

/* The low half of jiffies comes round after some weeks, and zero is ahead of it after boot: what
 * lies further ahead than anything was ever set is long past. */
static __always_inline int until_is_ahead(__u32 until, __u32 now)
{
	return until - now - 1 < 2 * options.hz;
}

/* Whether the frame's sender is known to be where it was, as of less than a second ago. */
static __always_inline int sender_is_known(const struct relay_session *session,
					   const struct packet *packet, __u32 now)
{
	__u32 generation = generation_read(session->sender_slot);

	return !packet->vlan && until_is_ahead(session->sender_until, now) &&
	       *(volatile __u64 *)&session->sender == generation_word(packet->src_mac, generation);
}

static __always_inline void sender_remember(struct relay_session *session,
					    const struct packet *packet, __u32 generation,
					    __u64 stamp)
{
	if (packet->vlan || !stamp)
		return;
	*(volatile __u64 *)&session->sender = generation_word(packet->src_mac, generation);
	session->sender_until = (__u32)stamp + options.hz;
}

/* The same for the next hop: its MAC is in *mac, with something above that is not part of it. */
static __always_inline int next_is_known(const struct relay_session *session,
					 const struct packet *packet, __u32 now, __u64 *mac)
{
	__u32 generation = generation_read(session->next_slot);

	*mac = *(volatile __u64 *)&session->next;
	return !packet->vlan && (*mac & NEIGHBOUR_MAC_MASK) &&
	       until_is_ahead(session->next_until, now) &&
	       *mac == generation_word(*mac, generation);
}

/* The table has evicted a next hop that was known. Whoever remembers to have witnessed it must look
 * again, or its own frames would bring it back up to a second late. Once, so that frames for a host
 * that never answers bump nothing. */
static __always_inline void next_forget(struct relay_session *session)
{
	if (options.trial || !session->next)
		return;
	*(volatile __u64 *)&session->next = 0;
	generation_bump(session->next_slot);
}

/* MAC of the session's next hop in *mac, or the reason why there is none. */
static __always_inline enum relay_reason
next_hop(struct relay_session *session, const struct packet *packet, __u64 now, __u64 *mac)
{
	__u32 generation = generation_read(session->next_slot);
	struct relay_neighbour_key key = {};
	struct relay_neighbour *known;
	__u64 hash, stamp, word;
	__u32 until;

	/* The trial has no generations of its own to compare with. */
	if (!options.trial && next_is_known(session, packet, now, mac))
		return RELAY_GO_ON;

	address_copy(key.ip, session->dst);
	key.vlan = packet->vlan;
	known = bpf_map_lookup_elem(&neighbours, &key);
	if (!known) {
		if (!packet->vlan)
			next_forget(session);
		return RELAY_REASON_NO_MAC;
	}
	hash = neighbour_hash(&key);
	word = *(volatile __u64 *)&known->word;
	if (!neighbour_matches(word, hash))
		return RELAY_REASON_NO_MAC;
	stamp = *(volatile __u64 *)&known->stamp;
	/* The stamp is this key's only if the word still is. */
	if (*(volatile __u64 *)&known->word != word)
		return RELAY_REASON_NO_MAC;
	/* Signed: another CPU may have stamped it in a later tick than ours began in. */
	if (options.mac_ttl && (__s64)(now - stamp) > options.mac_ttl)
		return RELAY_REASON_STALE_MAC;
	if (!packet->vlan && !options.trial) {
		until = (__u32)now + options.hz;
		if (options.mac_ttl && (__s64)(stamp + options.mac_ttl - now) < options.hz)
			until = (__u32)stamp + options.mac_ttl;
		*(volatile __u64 *)&session->next = generation_word(word, generation);
		session->next_until = until;
	}
	*mac = word;
	return RELAY_GO_ON;
}

#endif
