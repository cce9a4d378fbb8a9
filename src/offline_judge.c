/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay would learn from a frame, and where it would send it, or why not. */
#include "offline_internal.h"

#include "clock.h"
#include "offline_rewrite.h"

#define IPV4_HEADER_SIZE 20

void offline_learn(struct offline *offline, const struct offline_frame *frame, int64_t time_ns)
{
	struct offline_pair pairs[OFFLINE_PAIRS];
	size_t count = offline_frame_pairs(frame, pairs);

	for (size_t i = 0; i < count; i++) {
		enum relay_refusal refusal = offline_frame_refuse(&pairs[i], &offline->host.mac);
		struct event event;

		if (refusal == RELAY_REFUSAL_COUNT &&
		    offline_host_has_ip(&offline->host, &pairs[i].ip))
			refusal = RELAY_REFUSAL_OWN_IP;
		if (refusal != RELAY_REFUSAL_COUNT) {
			offline->totals.refused[refusal]++;
			continue;
		}
		if (!offline_neighbours_learn(offline->neighbours, &pairs[i], frame->vlan, time_ns,
					      &event))
			continue;
		offline->totals.inserted += event.type == EVENT_MAC_LEARNED;
		offline->totals.moved += event.type == EVENT_MAC_MOVED;
		offline->emit(offline->context, &event);
	}
}

/* The binding of the frame, and how it goes on. */
static bool find_way(const struct offline *offline, const struct offline_frame *frame,
		     struct judgement *judgement)
{
	const struct bindings *bindings = offline->bindings;
	const struct event_binding *binding, *other = NULL;

	if (frame->is_channel)
		binding = bindings_find_channel(bindings, &frame->src, &frame->dst, frame->channel);
	else
		binding = bindings_find_peer(bindings, &frame->dst, &frame->src);
	if (!binding)
		return false;
	if (frame->is_channel)
		other = bindings_find_peer(bindings, &binding->peer, &binding->relayed);
	/* A peer on the relay itself is reachable only as another client. */
	if (frame->is_channel && !other && offline_host_has_ip(&offline->host, &binding->peer.ip))
		return false;
	judgement->binding = binding;
	judgement->direction = frame->is_channel ? TO_PEER : TO_CLIENT;
	judgement->way = offline_way(frame, binding, other);
	return true;
}

static enum relay_reason find_next_hop(const struct offline *offline,
				       const struct offline_frame *frame,
				       struct judgement *judgement)
{
	int64_t ttl_ns = offline->setup.mac_ttl_s * CLOCK_SECOND_NS;
	const struct event_neighbour *seen =
		offline_neighbours_find(offline->neighbours, &judgement->way.dst.ip, frame->vlan);

	if (!seen)
		return RELAY_REASON_NO_MAC;
	if (ttl_ns && offline->now_ns - seen->last_seen_ns > ttl_ns)
		return RELAY_REASON_STALE_MAC;
	judgement->way.mac = seen->mac;
	return offline->setup.relaying ? RELAY_REASON_COUNT : RELAY_REASON_OBSERVING;
}

/* IPv6 has no header checksum that could carry a wrong one on. */
static bool hides_error(const struct offline_frame *frame, const struct in6_addr *next)
{
	uint32_t sum = 0;

	if (frame->version != 4 || IN6_IS_ADDR_V4MAPPED(next))
		return false;
	for (size_t i = 0; i < IPV4_HEADER_SIZE; i += 2)
		sum += (uint32_t)frame->network[i] << 8 | frame->network[i + 1];
	return (sum >> 16) + (sum & 0xffff) != 0xffff;
}

struct judgement offline_judge(const struct offline *offline, const struct offline_frame *frame)
{
	struct judgement judgement = { .reason = frame->reason };
	const struct in6_addr *next = &judgement.way.dst.ip;

	if (judgement.reason != RELAY_REASON_COUNT)
		return judgement;
	judgement.reason = RELAY_REASON_NO_BINDING;
	if (!find_way(offline, frame, &judgement))
		return judgement;
	judgement.reason =
		offline_frame_check(frame, next, judgement.way.channel, offline->host.mtu);
	if (judgement.reason == RELAY_REASON_COUNT && hides_error(frame, next))
		judgement.reason = RELAY_REASON_BAD_HEADER;
	if (judgement.reason == RELAY_REASON_COUNT)
		judgement.reason = find_next_hop(offline, frame, &judgement);
	return judgement;
}
