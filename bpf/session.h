/* SPDX-License-Identifier: BSD-2-Clause */
/* The constant part of a session's checksums, computed once when it is bound. Pure. */
#ifndef FZBPF_SESSION_H
#define FZBPF_SESSION_H

#include <linux/in.h>

#include "neighbour.h"

/* Fills in what follows from the flow key and the new addresses: the constant parts of both
 * checksums and the generation slots. `local_port` is where the flow's frames are sent to. */
static __always_inline void session_prepare(struct relay_session *session, __be16 local_port)
{
	int old_is_v4 = address_is_v4(session->key.remote);
	int new_is_v4 = address_is_v4(session->dst);
	struct relay_neighbour_key sender = {}, next = {};
	__u32 old_addresses = sum_address(session->key.remote, old_is_v4) +
			      sum_address(session->key.local, old_is_v4);
	__u32 new_addresses =
		sum_address(session->src, new_is_v4) + sum_address(session->dst, new_is_v4);
	__u32 old = sum_fold(old_addresses) + (__u32)session->key.remote_port + local_port;

	session->pseudo = sum_fold(old_addresses + wire16(IPPROTO_UDP));
	session->l4_delta = sum_fold(sum_fold(new_addresses) + (__u32)session->src_port +
				     session->dst_port + sum_negate(sum_fold(old)));
	session->l3_delta = sum_fold(new_addresses + sum_negate(sum_fold(old_addresses)));
	address_copy(sender.ip, session->key.remote);
	address_copy(next.ip, session->dst);
	session->sender_slot = neighbour_slot(neighbour_hash(&sender));
	session->next_slot = neighbour_slot(neighbour_hash(&next));
}

#endif
