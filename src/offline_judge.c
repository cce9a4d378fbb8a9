/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay would learn from a frame, and where it would send it, or why not. */
#include "offline_internal.h"

#include "clock.h"

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

/* RELAY_PATHS is ordered by kind, then family in, then family out. */
static enum relay_path path_of(enum relay_path first, const struct offline_frame *frame,
			       const struct in6_addr *out)
{
	return first + (frame->version == 4 ? 0u : 2u) + (IN6_IS_ADDR_V4MAPPED(out) ? 0u : 1u);
}

/* The binding of the frame, and where and with which channel number it goes on. */
static bool find_way(const struct offline *offline, const struct offline_frame *frame,
		     struct judgement *judgement, uint16_t *ret_channel)
{
	const struct bindings *bindings = offline->bindings;
	const struct event_binding *binding, *other;

	if (!frame->is_channel) {
		binding = bindings_find_peer(bindings, &frame->dst, &frame->src);
		if (!binding)
			return false;
		judgement->next = binding->client.ip;
		judgement->path = path_of(RELAY_PATH_P4_C4, frame, &judgement->next);
		judgement->direction = TO_CLIENT;
		*ret_channel = binding->channel;
		judgement->binding = binding;
		return true;
	}
	binding = bindings_find_channel(bindings, &frame->src, &frame->dst, frame->channel);
	if (!binding)
		return false;
	other = bindings_find_peer(bindings, &binding->peer, &binding->relayed);
	/* A peer on the relay itself is reachable only as another client. */
	if (!other && offline_host_has_ip(&offline->host, &binding->peer.ip))
		return false;
	judgement->next = other ? other->client.ip : binding->peer.ip;
	judgement->path =
		path_of(other ? RELAY_PATH_C4_C4 : RELAY_PATH_C4_P4, frame, &judgement->next);
	judgement->direction = TO_PEER;
	*ret_channel = other ? other->channel : 0;
	judgement->binding = binding;
	return true;
}

static enum relay_reason find_next_hop(const struct offline *offline,
				       const struct offline_frame *frame,
				       struct judgement *judgement)
{
	int64_t ttl_ns = offline->setup.mac_ttl_s * CLOCK_SECOND_NS;
	const struct event_neighbour *seen =
		offline_neighbours_find(offline->neighbours, &judgement->next, frame->vlan);

	if (!seen)
		return RELAY_REASON_NO_MAC;
	if (ttl_ns && offline->now_ns - seen->last_seen_ns > ttl_ns)
		return RELAY_REASON_STALE_MAC;
	judgement->next_mac = seen->mac;
	return offline->setup.relaying ? RELAY_REASON_COUNT : RELAY_REASON_OBSERVING;
}

struct judgement offline_judge(const struct offline *offline, const struct offline_frame *frame)
{
	struct judgement judgement = { .reason = frame->reason };
	uint16_t channel = 0;

	if (judgement.reason != RELAY_REASON_COUNT)
		return judgement;
	judgement.reason = RELAY_REASON_NO_BINDING;
	if (!find_way(offline, frame, &judgement, &channel))
		return judgement;
	judgement.reason = offline_frame_check(frame, &judgement.next, channel, offline->host.mtu);
	if (judgement.reason == RELAY_REASON_COUNT)
		judgement.reason = find_next_hop(offline, frame, &judgement);
	return judgement;
}
