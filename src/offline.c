/* SPDX-License-Identifier: BSD-2-Clause */
/* What the relay would have done, packet by packet. */
#include "offline_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comment.h"
#include "labels.h"

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
	offline->entries = 0;
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
	if (captured >= sizeof(addressee) && packet->way == OFFLINE_RECEIVED)
		memcpy(offline->room + 2, &offline->captor, sizeof(offline->captor));
	if (captured >= sizeof(addressee))
		memcpy(&addressee, offline->room + 2, sizeof(addressee));
	offline_frame_read(offline->room + 2, captured, packet->length, &offline->setup.ports,
			   own ? own : &addressee, ret);
}

void offline_set_mac(struct offline *offline, const struct mac *mac)
{
	offline->host.mac = *mac;
	offline->host.has_mac = offline->host.is_certain = true;
}

void offline_set_counted(struct offline *offline)
{
	offline->is_counted = true;
}

void offline_add_address(struct offline *offline, const struct in6_addr *ip)
{
	offline_host_add_ip(&offline->host, ip);
}

const struct offline_host *offline_host(const struct offline *offline)
{
	return &offline->host;
}

void offline_survey(struct offline *offline, const struct offline_packet *packet)
{
	struct offline_frame frame;

	read_frame(offline, packet, NULL, &frame);
	offline_host_survey(&offline->host, &frame, &offline->setup.ports);
	if (packet->way != OFFLINE_SENT ||
	    (offline->has_captor && !offline_host_sent(&offline->host, &frame)))
		return;
	offline->has_captor = true;
	offline->captor = frame.src_mac;
}

/* ---- counters -------------------------------------------------------------------------------- */

static void emit_sessions(struct offline *offline)
{
	for (uint32_t slot = 0; slot < offline->session_end; slot++)
		if (bindings_get(offline->bindings, slot))
			emit_session(offline, slot);
}

/* What the file counts itself is emitted when it comes, and once more when it is asked for. */
static void snapshot(struct offline *offline, bool asked)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = offline->now_ns };

	offline_neighbours_list(offline->neighbours, offline->counted_ns,
				offline->slice++ % RELAY_SLICES, offline->now_ns, offline->emit,
				offline->context);
	emit_sessions(offline);
	event.counters.totals = offline->totals;
	event.counters.entries = offline_neighbours_count(offline->neighbours);
	if (offline->is_counted)
		event.counters.entries = offline->entries;
	offline->counted_ns = offline->now_ns;
	if (asked || !offline->is_counted)
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
		snapshot(offline, false);
}

/* ---- telling --------------------------------------------------------------------------------- */

static struct event packet_event(const struct offline *offline, const struct offline_packet *packet,
				 const struct offline_frame *frame)
{
	return (struct event){ .type = EVENT_PASSED_UP,
			       .time_ns = packet->time_ns,
			       .passed = {
				       .reason = RELAY_REASON_COUNT,
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
	offline->totals.paths[judgement->way.path]++;
	offline->totals.relayed_bytes += frame->data_length;
	session->counters.packets++;
	session->counters.bytes += frame->data_length;
	session->last_used_ns = offline->now_ns;
}

/* Whoever asks for some reasons does not want the packets that have none. */
static bool tells_all(const struct offline *offline)
{
	const uint64_t all = (1ULL << RELAY_REASON_COUNT) - 1;

	return (offline->setup.capture & all) == all;
}

static bool is_captured(const struct offline *offline, const struct offline_frame *frame,
			enum relay_reason reason)
{
	if (!frame->concerns_relay &&
	    (reason == RELAY_REASON_FRAGMENT || reason == RELAY_REASON_IP_OPTIONS))
		reason = RELAY_REASON_NOT_TURN;
	return offline->setup.capture >> reason & 1;
}

static void tell_relayed(struct offline *offline, const struct offline_packet *packet,
			 const struct offline_frame *frame, const struct judgement *judgement)
{
	struct event event = packet_event(offline, packet, frame);

	event.type = EVENT_RELAYED;
	event.passed.has_slot = true;
	event.passed.slot = judgement->binding->slot;
	event.passed.way = judgement->way;
	offline->emit(offline->context, &event);
}

static void tell_passed(struct offline *offline, const struct offline_packet *packet,
			const struct offline_frame *frame, const struct judgement *judgement)
{
	struct event event = packet_event(offline, packet, frame);

	event.passed.reason = judgement->reason;
	if (judgement->binding) {
		event.passed.has_slot = true;
		event.passed.slot = judgement->binding->slot;
		event.passed.has_missing = reason_is_miss(judgement->reason);
		if (event.passed.has_missing)
			event.passed.missing = judgement->way.dst.ip;
	}
	offline->emit(offline->context, &event);
}

static void take_received(struct offline *offline, const struct offline_packet *packet,
			  const struct offline_frame *frame)
{
	struct judgement judgement;

	offline_learn(offline, frame, offline->now_ns);
	judgement = offline_judge(offline, frame);
	count(offline, frame, &judgement);
	if (judgement.reason != RELAY_REASON_COUNT) {
		if (is_captured(offline, frame, judgement.reason))
			tell_passed(offline, packet, frame, &judgement);
	} else if (tells_all(offline)) {
		tell_relayed(offline, packet, frame, &judgement);
	}
}

/* What the relay's own host sent goes past the relay. */
static void take_sent(struct offline *offline, const struct offline_packet *packet,
		      const struct offline_frame *frame)
{
	struct event event = packet_event(offline, packet, frame);

	event.type = EVENT_SENT;
	if (tells_all(offline))
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

/* What our own file says about a packet; false: nothing. */
static bool take_told(struct offline *offline, const struct offline_packet *packet,
		      const struct offline_frame *frame)
{
	struct event event = packet_event(offline, packet, frame);

	if (!packet->comment || comment_parse(packet->comment, packet->comment_length, &event) < 0)
		return false;
	if (event.type != EVENT_SENT)
		offline_learn(offline, frame, offline->now_ns);
	if (event.type == EVENT_PASSED_UP)
		offline->totals.passed[event.passed.reason]++;
	offline->emit(offline->context, &event);
	return true;
}

void offline_take_packet(struct offline *offline, const struct offline_packet *packet)
{
	struct offline_frame frame;
	bool sent;

	advance(offline, packet->time_ns);
	offline->totals.lost += offline->is_counted ? 0 : packet->lost;
	read_frame(offline, packet, &offline->host.mac, &frame);
	if (take_told(offline, packet, &frame))
		return;
	sent = offline_host_sent(&offline->host, &frame);
	if (sent)
		read_frame(offline, packet, NULL, &frame);
	if (sent)
		take_sent(offline, packet, &frame);
	else
		take_received(offline, packet, &frame);
	witness(offline, &frame, sent);
}

/* Those of a file that is over may be a second older than its last packets, which were counted
 * here. */
static void take_counters(struct offline *offline, const struct event *event)
{
	struct event known = *event;

	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++)
		if (known.counters.totals.passed[reason] < offline->totals.passed[reason])
			known.counters.totals.passed[reason] = offline->totals.passed[reason];
	offline->totals = known.counters.totals;
	offline->entries = known.counters.entries;
	offline->emit(offline->context, &known);
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
	if (event->type == EVENT_COUNTERS)
		take_counters(offline, event);
	else
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
	snapshot(offline, true);
}
