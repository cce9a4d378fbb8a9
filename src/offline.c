/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay would have done, packet by packet. */
#include "offline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "comment.h"
#include "labels.h"
#include "offline_host.h"
#include "offline_neighbours.h"
#include "snoop.h"

#define FRAME_MAX RELAY_SNAPLEN_MAX

enum { TO_PEER, TO_CLIENT, DIRECTIONS };

struct session {
	struct relay_session_counters counters;
	int64_t last_used_ns;
};

struct offline {
	struct offline_setup setup;
	offline_emit_fn *emit;
	void *context;

	struct offline_host host; /* by the survey; all below is since the reset */
	struct bindings *bindings;
	struct snoop *snoop;
	struct offline_neighbours *neighbours;
	struct session (*sessions)[DIRECTIONS]; /* by slot */
	uint32_t session_end;
	struct relay_counters totals;
	int64_t now_ns, counted_ns;
	unsigned int slice;

	/* what is being judged, aligned as the parser wants it */
	_Alignas(8) uint8_t room[2 + FRAME_MAX];
};

/* What the relay would do with a frame. */
struct judgement {
	enum relay_reason reason; /* RELAY_REASON_COUNT: relayed, on `path` */
	enum relay_path path;
	const struct event_binding *binding; /* NULL = none */
	int direction;
	struct in6_addr next;
};

/* ---- life ------------------------------------------------------------------------------------ */

static void release(struct offline *offline)
{
	snoop_free(offline->snoop);
	bindings_free(offline->bindings);
	offline_neighbours_free(offline->neighbours);
	free(offline->sessions);
	offline->snoop = NULL;
	offline->bindings = NULL;
	offline->neighbours = NULL;
	offline->sessions = NULL;
}

void offline_free(struct offline *offline)
{
	if (!offline)
		return;
	release(offline);
	free(offline);
}

static void emit_session(struct offline *offline, uint32_t slot)
{
	for (int way = 0; way < DIRECTIONS; way++) {
		const struct session *session = &offline->sessions[slot][way];
		struct event event = { .type = EVENT_SESSION,
				       .time_ns = offline->now_ns,
				       .session = { .slot = slot,
						    .to_client = way == TO_CLIENT,
						    .counters = session->counters,
						    .last_used_ns = session->last_used_ns } };

		offline->emit(offline->context, &event);
	}
}

static void on_binding(void *context, const struct event *event)
{
	struct offline *offline = context;
	uint32_t slot = event->binding.slot;

	if (event->type == EVENT_BINDING_ADDED && slot < MODEL_BINDINGS) {
		memset(offline->sessions[slot], 0, sizeof(offline->sessions[slot]));
		if (offline->session_end <= slot)
			offline->session_end = slot + 1;
	}
	/* Its last counters: a file is often shorter than the time between two snapshots. */
	if (event->type == EVENT_BINDING_REMOVED && slot < MODEL_BINDINGS)
		emit_session(offline, slot);
	offline->emit(offline->context, event);
}

int offline_reset(struct offline *offline)
{
	release(offline);
	offline->bindings = bindings_new(on_binding, offline);
	offline->neighbours = offline_neighbours_new(offline->setup.mac_entries);
	offline->sessions = calloc(MODEL_BINDINGS, sizeof(*offline->sessions));
	if (!offline->bindings || !offline->neighbours || !offline->sessions)
		return -ENOMEM;
	offline->snoop = snoop_new(offline->bindings, offline->setup.ports.turn_port);
	if (!offline->snoop)
		return -ENOMEM;
	snoop_set_own_addresses(offline->snoop, offline->host.ips, offline->host.ip_count);
	memset(&offline->totals, 0, sizeof(offline->totals));
	offline->session_end = 0;
	offline->now_ns = offline->counted_ns = 0;
	offline->slice = 0;
	return 0;
}

int offline_new(const struct offline_setup *setup, offline_emit_fn *emit, void *context,
		struct offline **ret)
{
	struct offline *offline = calloc(1, sizeof(*offline));

	if (!offline)
		return -ENOMEM;
	offline->setup = *setup;
	offline->emit = emit;
	offline->context = context;
	offline->host.mtu = OFFLINE_MTU_MIN;
	if (offline_reset(offline) < 0) {
		offline_free(offline);
		return -ENOMEM;
	}
	*ret = offline;
	return 0;
}

/* ---- who is the relay ------------------------------------------------------------------------ */

/* `own` NULL: as whoever it was sent to would read it. */
static void read_frame(struct offline *offline, const struct offline_packet *packet,
		       const struct mac *own, struct offline_frame *ret)
{
	uint32_t captured = packet->captured < FRAME_MAX ? packet->captured : FRAME_MAX;
	struct mac addressee = { { 0 } };

	if (captured)
		memcpy(offline->room + 2, packet->bytes, captured);
	if (captured >= sizeof(addressee))
		memcpy(&addressee, packet->bytes, sizeof(addressee));
	offline_frame_read(offline->room + 2, captured, packet->length, &offline->setup.ports,
			   own ? own : &addressee, ret);
}

void offline_set_mac(struct offline *offline, const struct mac *mac)
{
	offline->host.mac = *mac;
	offline->host.has_mac = offline->host.is_certain = true;
}

void offline_survey(struct offline *offline, const struct offline_packet *packet)
{
	struct offline_frame frame;

	read_frame(offline, packet, NULL, &frame);
	offline_host_survey(&offline->host, &frame, &offline->setup.ports);
}

/* ---- counters -------------------------------------------------------------------------------- */

static void emit_sessions(struct offline *offline)
{
	for (uint32_t slot = 0; slot < offline->session_end; slot++)
		if (bindings_get(offline->bindings, slot))
			emit_session(offline, slot);
}

static void snapshot(struct offline *offline)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = offline->now_ns };

	offline_neighbours_list(offline->neighbours, offline->counted_ns,
				offline->slice++ % RELAY_SLICES, offline->now_ns, offline->emit,
				offline->context);
	emit_sessions(offline);
	event.counters.totals = offline->totals;
	event.counters.entries = offline_neighbours_count(offline->neighbours);
	offline->counted_ns = offline->now_ns;
	offline->emit(offline->context, &event);
}

/* Files may go back in time a little; nothing here does. */
static void advance(struct offline *offline, int64_t time_ns)
{
	if (time_ns > offline->now_ns)
		offline->now_ns = time_ns;
	if (offline->counted_ns == 0)
		offline->counted_ns = offline->now_ns;
	snoop_tick(offline->snoop, offline->now_ns);
	if (offline->now_ns - offline->counted_ns >= offline->setup.interval_ns)
		snapshot(offline);
}

/* ---- judging --------------------------------------------------------------------------------- */

static void learn(struct offline *offline, const struct offline_frame *frame, int64_t time_ns)
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
				       const struct in6_addr *next)
{
	int64_t ttl_ns = offline->setup.mac_ttl_s * CLOCK_SECOND_NS, seen_ns;

	if (offline_neighbours_find(offline->neighbours, next, frame->vlan, &seen_ns) < 0)
		return RELAY_REASON_NO_MAC;
	if (ttl_ns && offline->now_ns - seen_ns > ttl_ns)
		return RELAY_REASON_STALE_MAC;
	return offline->setup.relaying ? RELAY_REASON_COUNT : RELAY_REASON_OBSERVING;
}

static struct judgement judge(const struct offline *offline, const struct offline_frame *frame)
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
		judgement.reason = find_next_hop(offline, frame, &judgement.next);
	return judgement;
}

/* ---- telling --------------------------------------------------------------------------------- */

static struct event passed_event(const struct offline *offline, const struct offline_packet *packet,
				 const struct offline_frame *frame)
{
	return (struct event){ .type = EVENT_PASSED_UP,
			       .time_ns = packet->time_ns,
			       .passed = {
				       .length = packet->length,
				       .captured = packet->captured < FRAME_MAX ? packet->captured
										: FRAME_MAX,
				       .frame = offline->room + 2,
				       .has_channel = frame->is_channel,
				       .channel = frame->channel,
				       .vlan = frame->vlan,
				       .src_mac = frame->src_mac,
				       .dst_mac = frame->dst_mac,
				       .has_ip = frame->has_ip,
				       .has_ports = frame->has_ports,
				       .src = frame->src,
				       .dst = frame->dst,
			       } };
}

/* As the kernel program counts. */
static void count(struct offline *offline, const struct offline_frame *frame,
		  const struct judgement *judgement)
{
	struct session *session =
		judgement->binding
			? &offline->sessions[judgement->binding->slot][judgement->direction]
			: NULL;

	if (judgement->reason != RELAY_REASON_COUNT) {
		offline->totals.passed[judgement->reason]++;
		if (session && reason_is_miss(judgement->reason))
			session->counters.misses++;
		return;
	}
	offline->totals.paths[judgement->path]++;
	offline->totals.relayed_bytes += frame->data_length;
	session->counters.packets++;
	session->counters.bytes += frame->data_length;
	session->last_used_ns = offline->now_ns;
}

static bool is_captured(const struct offline *offline, const struct offline_frame *frame,
			enum relay_reason reason)
{
	if (!frame->concerns_relay &&
	    (reason == RELAY_REASON_FRAGMENT || reason == RELAY_REASON_IP_OPTIONS))
		reason = RELAY_REASON_NOT_TURN;
	return offline->setup.capture >> reason & 1;
}

static void take_received(struct offline *offline, const struct offline_packet *packet,
			  const struct offline_frame *frame)
{
	struct judgement judgement;
	struct event event;

	learn(offline, frame, offline->now_ns);
	judgement = judge(offline, frame);
	count(offline, frame, &judgement);
	if (judgement.reason == RELAY_REASON_COUNT ||
	    !is_captured(offline, frame, judgement.reason))
		return;
	event = passed_event(offline, packet, frame);
	event.passed.reason = judgement.reason;
	if (judgement.binding) {
		event.passed.has_slot = true;
		event.passed.slot = judgement.binding->slot;
		event.passed.has_missing = reason_is_miss(judgement.reason);
		if (event.passed.has_missing)
			event.passed.missing = judgement.next;
	}
	offline->emit(offline->context, &event);
}

/* After the frame itself, as the control tap comes after the relay. */
static void witness(struct offline *offline, const struct offline_frame *frame, bool sent)
{
	struct snoop_message message = { .time_ns = offline->now_ns,
					 .sent = sent,
					 .src = frame->src,
					 .dst = frame->dst,
					 .payload = frame->payload };
	uint16_t port = sent ? frame->src.port : frame->dst.port;
	bool is_response;

	if (!offline_frame_is_stun(frame, &is_response) || port != offline->setup.ports.turn_port)
		return;
	message.length = offline_frame_payload_size(frame);
	snoop_ingest(offline->snoop, &message);
}

void offline_take_packet(struct offline *offline, const struct offline_packet *packet)
{
	struct event event;
	struct offline_frame frame;
	bool sent;

	advance(offline, packet->time_ns);
	offline->totals.lost += packet->lost;
	read_frame(offline, packet, &offline->host.mac, &frame);
	event = passed_event(offline, packet, &frame);
	if (packet->comment &&
	    comment_parse(packet->comment, packet->comment_length, &event.passed) == 0) {
		learn(offline, &frame, offline->now_ns);
		offline->totals.passed[event.passed.reason]++;
		offline->emit(offline->context, &event);
		return;
	}
	sent = offline_host_sent(&offline->host, &frame);
	if (sent)
		read_frame(offline, packet, NULL, &frame);
	else
		take_received(offline, packet, &frame);
	witness(offline, &frame, sent);
}

void offline_take_event(struct offline *offline, const struct event *event)
{
	const struct event_neighbour *seen = &event->neighbour;
	struct event ignored;

	advance(offline, event->time_ns);
	if (event->type == EVENT_MAC_LEARNED || event->type == EVENT_MAC_MOVED) {
		struct offline_pair pair = { seen->ip, seen->mac, seen->source };

		/* So that the snapshots know it, too. */
		offline_neighbours_learn(offline->neighbours, &pair, seen->vlan, offline->now_ns,
					 &ignored);
		offline->totals.inserted += event->type == EVENT_MAC_LEARNED;
		offline->totals.moved += event->type == EVENT_MAC_MOVED;
	}
	offline->emit(offline->context, event);
}

void offline_attach(struct offline *offline, const char *name, int64_t time_ns)
{
	struct event event = { .type = EVENT_ATTACHED,
			       .time_ns = time_ns,
			       .attachment = { .mode = "offline",
					       .reason = "rebuilt from a capture file",
					       .mac = offline->host.mac } };

	snprintf(event.attachment.interface, sizeof(event.attachment.interface), "%s", name);
	offline->emit(offline->context, &event);
}

int offline_bind(struct offline *offline, const struct event_binding *wanted, int64_t time_ns)
{
	const struct offline_host *host = &offline->host;
	struct event_binding binding = *wanted;

	for (size_t i = 0; i < host->ip_count && IN6_IS_ADDR_UNSPECIFIED(&binding.server.ip); i++)
		if (IN6_IS_ADDR_V4MAPPED(&host->ips[i]) == IN6_IS_ADDR_V4MAPPED(&binding.client.ip))
			binding.server.ip = host->ips[i];
	if (IN6_IS_ADDR_UNSPECIFIED(&binding.server.ip))
		return -EADDRNOTAVAIL;
	return bindings_bind(offline->bindings, &binding, NULL, time_ns);
}

void offline_count(struct offline *offline)
{
	snapshot(offline);
}
