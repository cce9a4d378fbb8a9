// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The program under test without one of its ingredients, each by its name in the Makefile: so that
 * the difference is its price. None of these could be used.
 */
#include "../../bpf/classify.h"
#include "../../bpf/next_hop.h"
#include "../../bpf/rewrite.h"
#include "../../bpf/flow_cache.h"

#ifdef WITHOUT_learning
#define sender_is_known(session, packet, now) 1
#define learn_sender(context, counters, frame, packet, flow) 0
#endif

#ifdef WITHOUT_ageing
#define next_is_known(session, packet, now, mac) (*(mac) = (session)->next, 1)
#endif

#ifdef WITHOUT_flow_cache
static __always_inline __u32 look_up(const struct packet *packet, const struct relay_flow_key *flow)
{
	__u32 *index = packet->kind == PACKET_CHANNEL ? bpf_map_lookup_elem(&to_peer, flow)
						      : bpf_map_lookup_elem(&to_client, flow);

	return index ? *index : ~0u;
}

#define flow_cache_find(flow) look_up(packet, flow)
#endif

#ifdef WITHOUT_flow_counters
#define flow_count(counters, bytes, now) ((void)(counters))
#endif

#ifdef WITHOUT_unfinished_test
#define checksum_is_unfinished(packet, session) 0
#endif

#ifdef WITHOUT_checks
#define rewrite_check(packet, rewrite, mtu) RELAY_GO_ON
#define rewrite_hides_error(packet, session, rewrite) 0
#endif

#include "../../bpf/relay.bpf.c"
