/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks as a table: which reasons each can give, and the value it looks at. */
#include "explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "labels.h"

#define SECOND_NS INT64_C(1000000000)
#define UDP_HEADER 8
#define CHANNEL_HEADER 4
#define MORE_FRAGMENTS 0x2000
#define OFFSET_MASK 0x1fff

struct inspection {
	const struct model *model;
	const struct model_packet *packet;
	const struct dissection *frame;
	const struct model_binding *binding;
	bool to_client;
	bool turn;   /* goes to the TURN port: channel data or control */
	bool failed; /* the check being described is the one that failed */
	char *buf;
	size_t size;
	struct explain_mark marks[EXPLAIN_MARKS];
};

__attribute__((format(printf, 2, 3))) static void say(struct inspection *at, const char *format,
						      ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(at->buf, at->size, format, arguments);
	va_end(arguments);
}

static void mark(struct inspection *at, size_t which, size_t offset, size_t length)
{
	at->marks[which] = (struct explain_mark){ (uint16_t)offset, (uint16_t)length };
}

/* ---- the values, in the order of the table --------------------------------------------------- */

static void value_headers(struct inspection *at)
{
	say(at, "%" PRIu32 " bytes", at->packet->length);
}

static void value_ethertype(struct inspection *at)
{
	if (!at->frame->has_ethernet)
		return;
	say(at, "type 0x%04x", at->frame->ethertype);
	mark(at, 0, at->frame->l3 - 2U, 2);
}

static void value_ip(struct inspection *at)
{
	const struct dissection *frame = at->frame;

	if (!frame->has_ip)
		return;
	say(at, "version %u, header %u, length %" PRIu32 " in a frame of %" PRIu32, frame->version,
	    frame->ip_header, frame->ip_length, frame->length);
	mark(at, 0, frame->l3, 1);
	mark(at, 1, frame->l3 + (frame->version == 6 ? 4U : 2U), 2);
}

static void value_own_mac(struct inspection *at)
{
	char to[FORMAT_MAC_SIZE], own[FORMAT_MAC_SIZE];

	format_mac(to, sizeof(to), &at->packet->dst_mac);
	if (at->failed)
		say(at, "%s, ours is %s", to, format_mac(own, sizeof(own), &at->model->mac));
	else
		say(at, "%s", to);
	mark(at, 0, 0, 6);
}

static size_t protocol_at(const struct dissection *frame)
{
	return frame->l3 + (frame->version == 6 ? 6U : 9U);
}

static void value_udp(struct inspection *at)
{
	if (!at->frame->has_ip)
		return;
	say(at, "protocol %u", at->frame->protocol);
	mark(at, 0, protocol_at(at->frame), 1);
}

static void value_fragment(struct inspection *at)
{
	uint16_t fragment = at->frame->fragment;

	if (!at->frame->has_ip)
		return;
	if (at->frame->version == 6) {
		say(at, "next header %u", at->frame->protocol);
		mark(at, 0, protocol_at(at->frame), 1);
		return;
	}
	say(at, "offset %u, %s", (fragment & OFFSET_MASK) * 8U,
	    fragment & MORE_FRAGMENTS ? "more follow" : "none follows");
	mark(at, 0, at->frame->l3 + 6U, 2);
}

static void value_options(struct inspection *at)
{
	if (!at->frame->has_ip)
		return;
	say(at, "header of %u bytes", at->frame->ip_header);
	mark(at, 0, at->frame->l3, 1);
}

static void value_extension(struct inspection *at)
{
	if (!at->frame->has_ip)
		return;
	say(at, "next header %u", at->frame->protocol);
	mark(at, 0, protocol_at(at->frame), 1);
}

static void value_udp_length(struct inspection *at)
{
	const struct dissection *frame = at->frame;

	if (!frame->has_udp)
		return;
	say(at, "UDP length %u, IP payload %" PRIu32, frame->udp_length,
	    frame->ip_length - frame->ip_header);
	mark(at, 0, frame->l4 + 4U, 2);
	mark(at, 1, frame->l3 + (frame->version == 6 ? 4U : 2U), 2);
}

static void value_port(struct inspection *at)
{
	const struct model *model = at->model;

	if (!at->packet->has_ports)
		return;
	if (at->turn)
		say(at, "%u is the TURN port", at->packet->dst.port);
	else
		say(at, "%u; relay ports are %u-%u", at->packet->dst.port, model->relay_port_min,
		    model->relay_port_max);
	if (at->frame->has_udp)
		mark(at, 0, at->frame->l4 + 2U, 2);
}

static void value_channel_data(struct inspection *at)
{
	if (at->frame->has_channel)
		say(at, "channel 0x%04x", at->frame->channel);
	else if (at->packet->has_channel)
		say(at, "channel 0x%04x", at->packet->channel);
	else if (at->frame->has_stun)
		say(at, "a STUN message");
	else
		say(at, "neither a channel number nor STUN");
	if (at->frame->has_udp)
		mark(at, 0, at->frame->payload, 2);
}

static void value_channel_length(struct inspection *at)
{
	const struct dissection *frame = at->frame;
	int room = frame->udp_length - UDP_HEADER - CHANNEL_HEADER;

	if (!frame->has_channel)
		return;
	say(at, "length %u, %d bytes follow", frame->channel_length, room);
	if (at->failed)
		say(at, "length %u, but %d bytes follow (up to 3 of padding are fine)",
		    frame->channel_length, room);
	mark(at, 0, frame->payload + 2U, 2);
	mark(at, 1, frame->l4 + 4U, 2);
}

static void value_binding(struct inspection *at)
{
	char from[FORMAT_ENDPOINT_SIZE], text[EXPLAIN_TEXT];

	format_endpoint(from, sizeof(from), &at->packet->src);
	if (!at->binding && at->failed && at->packet->has_channel)
		say(at, "none for channel 0x%04x of %s", at->packet->channel, from);
	else if (!at->binding && at->failed)
		say(at, "none for %s at port %u", from, at->packet->dst.port);
	else if (!at->binding)
		say(at, "yes then; it has ended since");
	else if (at->failed && at->binding->bound_ns > at->packet->time_ns)
		say(at, "none then; bound %" PRId64 " ms later",
		    (at->binding->bound_ns - at->packet->time_ns) / (SECOND_NS / 1000));
	else {
		explain_put_binding(at->model, at->binding, text, sizeof(text));
		say(at, "%s", text);
	}
	if (at->frame->has_channel)
		mark(at, 0, at->frame->payload, 2);
	else if (at->frame->has_udp)
		mark(at, 0, at->frame->l4 + 2U, 2);
}

static void value_ttl(struct inspection *at)
{
	if (!at->frame->has_ip)
		return;
	say(at, "%u", at->frame->ttl);
	mark(at, 0, at->frame->l3 + (at->frame->version == 6 ? 7U : 8U), 1);
}

static void value_checksum(struct inspection *at)
{
	if (!at->frame->has_udp)
		return;
	say(at, "0x%04x", at->frame->udp_check);
	mark(at, 0, at->frame->l4 + 6U, 2);
}

static void value_size(struct inspection *at)
{
	if (!at->frame->has_ip)
		return;
	say(at, "IP length %" PRIu32 " as it came, MTU %" PRIu32, at->frame->ip_length,
	    at->model->mtu);
	mark(at, 0, at->frame->l3 + (at->frame->version == 6 ? 4U : 2U), 2);
}

static void value_next_hop(struct inspection *at)
{
	const struct model *model = at->model;
	const struct in6_addr *ip = NULL;
	const struct model_neighbour *row;
	char text[EXPLAIN_TEXT], name[FORMAT_IP_SIZE];

	if (at->packet->has_missing)
		ip = &at->packet->missing;
	else if (at->packet->type == EVENT_RELAYED)
		ip = &at->packet->way.dst.ip;
	else if (at->binding)
		ip = explain_next_hop(model, at->binding, at->to_client);
	if (!ip)
		return;
	row = model_find_neighbour(model, ip, at->packet->vlan);
	if (at->failed && row && row->witnessed && row->last_seen_ns > at->packet->time_ns)
		say(at, "%s: %s then; its MAC has been seen since",
		    format_ip(name, sizeof(name), ip),
		    at->packet->reason == RELAY_REASON_STALE_MAC ? "stale" : "unknown");
	else {
		explain_neighbour(model, ip, at->packet->vlan, text, sizeof(text));
		say(at, "%s", text);
	}
	if (at->frame->has_channel)
		mark(at, 0, at->frame->payload, 2);
	else if (at->frame->has_udp)
		mark(at, 0, at->frame->l4 + 2U, 2);
}

static void value_relaying(struct inspection *at)
{
	say(at, "%s", at->failed ? "--no-relay" : "yes");
}

static void value_offload(struct inspection *at)
{
	if (!at->frame->has_udp)
		return;
	say(at, "0x%04x", at->frame->udp_check);
	mark(at, 0, at->frame->l4 + 6U, 2);
}

static void value_driver(struct inspection *at)
{
	const struct model *model = at->model;

	say(at, "%s%s%s mode", model->driver, *model->driver ? ", " : "",
	    model->mode ? model->mode : "?");
}

/* ---- the checks ------------------------------------------------------------------------------ */

enum only { ALL, IPV4, IPV6, TURN, BAD_UDP };

#define BIT(id) (1U << RELAY_REASON_##id)

static const struct check {
	uint32_t reasons; /* that it can give */
	enum only only;	  /* for which frames */
	const char *question;
	void (*value)(struct inspection *at);
} checks[] = {
	{ BIT(TOO_SHORT), ALL, "headers are whole", value_headers },
	{ BIT(NOT_IP) | BIT(ARP), ALL, "IPv4 or IPv6", value_ethertype },
	{ BIT(BAD_HEADER), ALL, "IP header is sound", value_ip },
	{ BIT(NOT_FOR_US), ALL, "sent to our MAC", value_own_mac },
	{ BIT(FRAGMENT), IPV6, "not a fragment", value_fragment },
	{ BIT(EXT_HEADER), IPV6, "no extension header", value_extension },
	{ BIT(NOT_UDP), ALL, "UDP", value_udp },
	{ BIT(FRAGMENT), IPV4, "not a fragment", value_fragment },
	{ BIT(IP_OPTIONS), IPV4, "no IP options", value_options },
	{ BIT(BAD_HEADER), BAD_UDP, "UDP length is sound", value_udp_length },
	{ BIT(NOT_TURN), ALL, "to a TURN or relay port", value_port },
	{ BIT(CONTROL) | BIT(NOT_TURN), TURN, "channel data", value_channel_data },
	{ BIT(BAD_CHANNEL_LENGTH), TURN, "channel length fits", value_channel_length },
	{ BIT(NO_BINDING), ALL, "binding is known", value_binding },
	{ BIT(TTL), ALL, "TTL or hop limit > 1", value_ttl },
	{ BIT(NO_CHECKSUM), ALL, "checksum if IPv6 is on", value_checksum },
	{ BIT(TOO_BIG), ALL, "result fits the MTU", value_size },
	{ BIT(NO_MAC) | BIT(STALE_MAC), ALL, "MAC of the next hop", value_next_hop },
	{ BIT(OBSERVING), ALL, "relaying is on", value_relaying },
	{ BIT(UNFINISHED), ALL, "checksum is told apart", value_offload },
	{ BIT(NO_HEADROOM) | BIT(INTERNAL), ALL, "room for the header", value_driver },
};

static bool applies(const struct check *check, const struct inspection *at)
{
	bool ipv6 = at->packet->has_ip && !IN6_IS_ADDR_V4MAPPED(&at->packet->src.ip);

	switch (check->only) {
	case IPV4: return !ipv6;
	case IPV6: return ipv6;
	case TURN: return at->turn;
	case BAD_UDP:
	case ALL: break;
	}
	return true;
}

/* Where two checks give the same reason, the bytes tell which of them it was. */
static bool is_culprit(const struct check *check, const struct inspection *at)
{
	enum relay_reason reason = at->packet->reason;

	if ((unsigned int)reason >= RELAY_REASON_COUNT || !(check->reasons >> reason & 1))
		return false;
	if (reason == RELAY_REASON_BAD_HEADER)
		return check->only == BAD_UDP || !dissect_ip_is_sound(at->frame);
	if (reason == RELAY_REASON_NOT_TURN)
		return at->turn == (check->only == TURN);
	return true;
}

static void add_checks(struct inspection *at, struct explain *ret)
{
	bool stopped = false;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct explain_check *check = &ret->checks[ret->count];

		if (ret->count == EXPLAIN_CHECKS || !applies(&checks[i], at))
			continue;
		ret->count++;
		check->question = checks[i].question;
		check->result = EXPLAIN_NOT_REACHED;
		if (stopped)
			continue;
		at->failed = stopped = is_culprit(&checks[i], at);
		check->result = stopped ? EXPLAIN_NOT : EXPLAIN_OK;
		at->buf = check->value;
		at->size = sizeof(check->value);
		memset(at->marks, 0, sizeof(at->marks));
		checks[i].value(at);
		if (!stopped)
			continue;
		memcpy(ret->marks, at->marks, sizeof(ret->marks));
		ret->stopped = ret->count - 1;
	}
	if (!stopped)
		ret->stopped = ret->count;
}

static void put_next(const struct inspection *at, struct explain *ret)
{
	const struct model_packet *packet = at->packet;
	const struct model_neighbour *row = NULL;
	char ip[FORMAT_IP_SIZE];

	snprintf(ret->next, sizeof(ret->next), "%s", reason_next_step(packet->reason));
	if (!packet->has_missing)
		return;
	format_ip(ip, sizeof(ip), &packet->missing);
	row = model_find_neighbour(at->model, &packet->missing, packet->vlan);
	if (row && row->witnessed && row->last_seen_ns > packet->time_ns)
		snprintf(ret->next, sizeof(ret->next),
			 "nothing: %s has been witnessed since, so the map knows it", ip);
	else if (packet->reason == RELAY_REASON_NO_MAC && row && row->kernel == KERNEL_FAILED)
		snprintf(ret->next, sizeof(ret->next),
			 "is %s up, and in this subnet and VLAN? m records only what misses it",
			 ip);
	else if (packet->reason == RELAY_REASON_NO_MAC)
		snprintf(ret->next, sizeof(ret->next),
			 "ping %s from this host; its answer teaches the map", ip);
}

static void put_entries(struct inspection *at, struct explain *ret)
{
	const struct in6_addr *hop = at->packet->has_missing ? &at->packet->missing : NULL;

	if (!at->binding)
		return;
	explain_put_binding(at->model, at->binding, ret->binding, sizeof(ret->binding));
	if (!hop)
		hop = explain_next_hop(at->model, at->binding, at->to_client);
	explain_neighbour(at->model, hop, at->packet->vlan, ret->neighbour, sizeof(ret->neighbour));
}

void explain_aside(const struct model_packet *packet, char *buf, size_t size)
{
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE];

	if (packet->type == EVENT_RELAYED)
		snprintf(buf, size, "relayed: the relay would have sent it on, %s, to %s at %s",
			 label_path(packet->way.path),
			 format_ip(ip, sizeof(ip), &packet->way.dst.ip),
			 format_mac(mac, sizeof(mac), &packet->way.mac));
	else
		snprintf(buf, size, "sent by the relay's own host; the relay sees what arrives");
}

void explain_packet(const struct model *model, const struct model_packet *packet,
		    const struct dissection *frame, struct explain *ret)
{
	struct inspection at = { .model = model, .packet = packet, .frame = frame };

	memset(ret, 0, sizeof(*ret));
	at.turn = packet->has_ports && packet->dst.port == model->turn_port;
	at.binding = explain_binding(model, packet, &at.to_client);
	if (packet->type == EVENT_RELAYED || packet->type == EVENT_SENT) {
		if (packet->type == EVENT_RELAYED)
			add_checks(&at, ret);
		explain_aside(packet, ret->verdict, sizeof(ret->verdict));
		snprintf(ret->next, sizeof(ret->next), "%s", EXPLAIN_NOTHING_TO_DO);
		put_entries(&at, ret);
		return;
	}
	add_checks(&at, ret);
	snprintf(ret->verdict, sizeof(ret->verdict), "%s: %s: %s",
		 packet->reason == RELAY_REASON_INTERNAL ? "dropped" : "passed up",
		 label_reason(packet->reason), reason_means(packet->reason));
	put_next(&at, ret);
	put_entries(&at, ret);
}
