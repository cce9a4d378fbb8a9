/* SPDX-License-Identifier: BSD-2-Clause */
/* The constant part of a session's checksums, computed once when it is bound. Pure. */
#ifndef FZBPF_SESSION_H
#define FZBPF_SESSION_H

#include <linux/in.h>

#include "headers.h"
#include "neighbour.h"

/* What the frame grows by, as a one's complement number in wire order. */
static __always_inline __u16 session_growth(const struct relay_session *session)
{
	int from_client = !(session->path & RELAY_PATH_FROM_PEER);

	if (from_client == !!session->channel)
		return 0;
	return from_client ? (__u16)sum_negate(wire16(CHANNEL_HEADER)) : wire16(CHANNEL_HEADER);
}

/*
 * Fills in what follows from the path, the flow key and the new addresses: the sums as far as they
 * are the same for all frames of the flow, and the generation slots. `local_port` is where the
 * flow's frames are sent to.
 */
static __always_inline void session_prepare(struct relay_session *session, __be16 local_port)
{
	int old_is_v4 = !(session->path & RELAY_PATH_FROM_V6);
	int new_is_v4 = !(session->path & RELAY_PATH_TO_V6);
	struct relay_neighbour_key sender = {}, next = {};
	__u16 old_addresses = sum_fold(sum_address(session->key.remote, old_is_v4) +
				       sum_address(session->key.local, old_is_v4));
	__u16 new_addresses = sum_fold(sum_address(session->src, new_is_v4) +
				       sum_address(session->dst, new_is_v4));
	__u16 growth = session_growth(session);
	__u32 added = (__u32)new_addresses + session->src_port + session->dst_port +
		      session->channel + growth + growth;

	session->pseudo = sum_fold((__u32)old_addresses + wire16(IPPROTO_UDP));
	added += sum_negate(old_addresses) + sum_negate(session->key.remote_port) +
		 sum_negate(local_port);
	if (!(session->path & RELAY_PATH_FROM_PEER))
		added += sum_negate(session->key.channel_or_port);
	session->l4_step = sum_fold(added);

	/* The TTL, one less, is the upper half of its word. */
	if (old_is_v4)
		session->l3_step = sum_fold((__u32)new_addresses + sum_negate(old_addresses) +
					    growth + sum_negate(wire16(0x0100)));
	else
		session->l3_step = sum_fold((__u32)new_addresses + wire16(IPV4_DONT_FRAGMENT));

	address_copy(sender.ip, session->key.remote);
	address_copy(next.ip, session->dst);
	session->sender_slot = neighbour_slot(neighbour_hash(&sender));
	session->next_slot = neighbour_slot(neighbour_hash(&next));
}

#endif
