/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader's end of the ring: each record is checked once, here, and becomes an event in host
 * order and wall-clock time.
 */
#include "relay_handle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "mac.h"
#include "parse.h"
#include "relay.skel.h"
#include "sessions.h"

#define OFFSET_NS 5000 /* within which two clocks are read */

/* A captured frame lies in one piece. What was cut off was there: only reading is bounded. */
static __u32 frame_length(const struct frame *frame)
{
	return *(const __u32 *)frame->context;
}

static int64_t clock_now(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t relay_jiffies_at(const struct relay *relay, int64_t wall_ns)
{
	int64_t now = clock_now(CLOCK_MONOTONIC);
	int64_t ahead = wall_ns - clock_now(CLOCK_REALTIME);
	int64_t tick = 1000000000 / relay->hz;
	uint64_t jiffies = relay->jiffies + (uint64_t)((now - relay->jiffies_time) / tick);

	return ahead > 0 ? jiffies + (uint64_t)(ahead / tick) : jiffies;
}

static int64_t wall_before(const struct relay *relay, int64_t time_ns, uint64_t jiffies_ago)
{
	return time_ns - (int64_t)jiffies_ago * (1000000000 / relay->hz);
}

/* A stamp may be later than the moment it is looked at, if another CPU wrote it since. */
static int64_t wall_at(const struct relay *relay, int64_t time_ns, uint64_t now, uint64_t stamp)
{
	return wall_before(relay, time_ns, now > stamp ? now - stamp : 0);
}

static struct in6_addr ip_of(const __be32 wire[4])
{
	struct in6_addr ip;

	memcpy(&ip, wire, sizeof(ip));
	return ip;
}

static void take_neighbour(struct relay *relay, const struct relay_record_neighbour *record,
			   struct event *event)
{
	struct event_neighbour *neighbour = &event->neighbour;

	event->type = record->head.type == RELAY_RECORD_LEARNED ? EVENT_MAC_LEARNED
		      : record->head.type == RELAY_RECORD_MOVED ? EVENT_MAC_MOVED
								: EVENT_NEIGHBOUR;
	neighbour->ip = ip_of(record->ip);
	neighbour->vlan = record->vlan;
	neighbour->mac = mac_of(record->word);
	neighbour->has_previous = record->previous != 0;
	neighbour->previous = mac_of(record->previous);
	neighbour->source = record->source < RELAY_SOURCE_COUNT ? (enum relay_source)record->source
								: RELAY_SOURCE_IP;
	neighbour->moves = record->moves;
	neighbour->first_seen_ns = wall_before(relay, event->time_ns, record->first_age);
	neighbour->last_seen_ns = wall_before(relay, event->time_ns, record->age);
	relay->emit(relay->context, event);
}

/* Addresses and ports for people; what does not parse stays unset. */
static void decode_frame(struct event_passed *passed, const struct relay_record_passed *record)
{
	__u32 length = record->length;
	struct frame frame = {
		.data = (void *)record->frame,
		.end = (void *)(record->frame + record->captured),
		.context = &length,
	};
	struct relay_flow_key flow = {};
	struct packet packet = {};
	const struct udphdr *udp;
	char *ip;

	if (parse_ethernet(&frame, &packet) != RELAY_GO_ON && !packet.l3)
		return;
	passed->src_mac = mac_of(packet.src_mac);
	passed->dst_mac = mac_of(packet.dst_mac);
	ip = (char *)frame.data + packet.l3;
	if (packet.ethertype == ETH_P_IP)
		parse_ipv4(&frame, (struct iphdr *)ip, &packet, &flow);
	else if (packet.ethertype == ETH_P_IPV6)
		parse_ipv6(&frame, (struct ipv6hdr *)ip, &packet, &flow);
	if (!packet.version)
		return;
	passed->has_ip = true;
	passed->src.ip = ip_of(flow.remote);
	passed->dst.ip = ip_of(flow.local);
	udp = (const struct udphdr *)(ip + (packet.version == 4 ? ((struct iphdr *)ip)->ihl * 4u
								: IPV6_HEADER));
	/* TCP has its ports in the same place. */
	if ((packet.protocol != IPPROTO_UDP && packet.protocol != IPPROTO_TCP) ||
	    packet.fragment & wire16(0x1fff) || !frame_has(&frame, udp, 4))
		return;
	passed->has_ports = true;
	passed->src.port = ntohs(udp->source);
	passed->dst.port = ntohs(udp->dest);
}

static int take_passed(struct relay *relay, const struct relay_record_passed *record, size_t size,
		       struct event *event)
{
	struct event_passed *passed = &event->passed;

	if (record->reason >= RELAY_REASON_COUNT ||
	    record->captured > size - offsetof(struct relay_record_passed, frame) ||
	    record->captured > record->length)
		return -EBADMSG;
	event->type = EVENT_PASSED_UP;
	passed->reason = (enum relay_reason)record->reason;
	passed->length = record->length;
	passed->captured = record->captured;
	passed->frame = record->frame;
	passed->vlan = record->vlan;
	passed->has_channel = record->flags & RELAY_PASSED_CHANNEL;
	passed->channel = record->channel;
	passed->has_missing = record->flags & RELAY_PASSED_MISSING;
	passed->missing = ip_of(record->missing);
	passed->has_slot = record->flags & RELAY_PASSED_SESSION;
	passed->slot = record->session / 2;
	decode_frame(passed, record);
	relay->emit(relay->context, event);
	return 0;
}

/* `jiffies` is the event's time on the kernel's clock. */
static void emit_session(struct relay *relay, uint32_t index, uint64_t jiffies,
			 const struct relay_session_counters *row, struct event *event)
{
	event->type = EVENT_SESSION;
	event->session.slot = index / 2;
	event->session.to_client = index & 1;
	event->session.counters = *row;
	event->session.last_used_ns =
		row->last_used ? wall_at(relay, event->time_ns, jiffies, row->last_used) : 0;
	relay->emit(relay->context, event);
}

static int take_sessions(struct relay *relay, const struct relay_record_sessions *record,
			 struct event *event)
{
	uint32_t i, index;

	if (record->count > RELAY_SESSIONS_PER_RECORD)
		return -EBADMSG;
	for (i = 0; i < record->count; i++) {
		index = record->first + i;
		if (sessions_is_bound(relay->sessions, index / 2))
			emit_session(relay, index, record->jiffies, &record->rows[i], event);
	}
	return 0;
}

void relay_emit_sessions(struct relay *relay, uint32_t slot, int64_t time_ns)
{
	struct relay_session_counters *per_cpu, sum;
	size_t cpus = (size_t)libbpf_num_possible_cpus(), cpu;
	struct event event = { .time_ns = time_ns };
	uint32_t index;

	per_cpu = calloc(cpus, sizeof(*per_cpu));
	for (index = 2 * slot; per_cpu && index < 2 * slot + 2; index++) {
		memset(&sum, 0, sizeof(sum));
		if (bpf_map__lookup_elem(relay->bpf->maps.session_counters, &index, sizeof(index),
					 per_cpu, cpus * sizeof(*per_cpu), 0))
			continue;
		for (cpu = 0; cpu < cpus; cpu++) {
			sum.packets += per_cpu[cpu].packets;
			sum.bytes += per_cpu[cpu].bytes;
			sum.misses += per_cpu[cpu].misses;
			if (per_cpu[cpu].last_used > sum.last_used)
				sum.last_used = per_cpu[cpu].last_used;
		}
		emit_session(relay, index, relay_jiffies_at(relay, time_ns), &sum, &event);
	}
	free(per_cpu);
}

static int take_record(struct relay *relay, const struct relay_record *head, size_t size)
{
	struct event event = { .time_ns = (int64_t)head->time + relay->wall_offset };

	switch (head->type) {
	case RELAY_RECORD_LEARNED:
	case RELAY_RECORD_MOVED:
	case RELAY_RECORD_NEIGHBOUR:
		if (size < sizeof(struct relay_record_neighbour))
			return -EBADMSG;
		take_neighbour(relay, (const void *)head, &event);
		return 0;
	case RELAY_RECORD_PASSED:
		if (size < offsetof(struct relay_record_passed, frame))
			return -EBADMSG;
		return take_passed(relay, (const void *)head, size, &event);
	case RELAY_RECORD_SESSIONS:
		if (size < sizeof(struct relay_record_sessions))
			return -EBADMSG;
		return take_sessions(relay, (const void *)head, &event);
	case RELAY_RECORD_COUNTERS:
		if (size < sizeof(struct relay_record_counters))
			return -EBADMSG;
		event.type = EVENT_COUNTERS;
		event.counters.totals = ((const struct relay_record_counters *)head)->totals;
		event.counters.entries = ((const struct relay_record_counters *)head)->entries;
		relay->emit(relay->context, &event);
		return 0;
	default: return -EBADMSG;
	}
}

int relay_take_record(void *context, void *data, size_t size)
{
	struct relay *relay = context;

	if (size >= sizeof(struct relay_record))
		take_record(relay, data, size);
	/* A negative answer stops the drain after this record. */
	return --relay->budget > 0 ? 0 : -EAGAIN;
}

/* Taken again if something came between the readings: it would shift all that is drained. */
static int64_t wall_offset(void)
{
	int64_t before, wall, after;
	int tries = 4;

	do {
		before = clock_now(CLOCK_MONOTONIC);
		wall = clock_now(CLOCK_REALTIME);
		after = clock_now(CLOCK_MONOTONIC);
	} while (after - before > OFFSET_NS && --tries);
	return wall - before - (after - before) / 2;
}

int relay_drain(struct relay *relay, int max)
{
	int taken;

	relay->wall_offset = wall_offset();
	relay->budget = max;
	taken = ring_buffer__consume(relay->ring);
	__atomic_store_n(&relay->bpf->bss->live.wakeup_pending, 0, __ATOMIC_RELEASE);
	if (taken < 0 && taken != -EAGAIN)
		return taken;
	return max - relay->budget;
}

int relay_snapshot(struct relay *relay)
{
	struct relay_snapshot request = {
		.since = relay->jiffies,
		.slice = relay->slice % RELAY_SLICES,
		.sessions = sessions_end(relay->sessions) * 2,
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &request, .ctx_size_in = sizeof(request));
	int error =
		bpf_prog_test_run_opts(bpf_program__fd(relay->bpf->progs.relay_snapshot), &opts);

	if (error)
		return error;
	if ((int)opts.retval)
		return -EAGAIN;
	relay->jiffies = request.jiffies;
	relay->jiffies_time = (int64_t)request.time;
	relay->slice++;
	return 0;
}
