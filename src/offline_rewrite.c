/* SPDX-License-Identifier: BSD-2-Clause */
/* The relay's pure headers around a whole frame. */
#include "offline_rewrite.h"

#include <arpa/inet.h>
#include <string.h>

#include "../bpf/classify.h"
#include "../bpf/mac.h"
#include "../bpf/rewrite.h"

#define HEADERS_MAX (ETH_HLEN + 8 + IPV6_HEADER + UDP_HEADER + CHANNEL_HEADER) /* two VLAN tags */

static __u32 frame_length(const struct frame *frame)
{
	return (__u32)((char *)frame->end - (char *)frame->data);
}

/* RELAY_PATHS is ordered by kind, then family in, then family out. */
static enum relay_path path_of(enum relay_path first, const struct offline_frame *frame,
			       const struct in6_addr *out)
{
	return first + (frame->version == 4 ? 0u : 2u) + (IN6_IS_ADDR_V4MAPPED(out) ? 0u : 1u);
}

struct event_way offline_way(const struct offline_frame *frame, const struct event_binding *binding,
			     const struct event_binding *other)
{
	enum relay_path first = frame->is_channel ? RELAY_PATH_C4_P4 : RELAY_PATH_P4_C4;
	struct event_way way = { .src = binding->server,
				 .dst = binding->client,
				 .channel = binding->channel };

	if (frame->is_channel && other)
		way = (struct event_way){ .src = other->server,
					  .dst = other->client,
					  .channel = other->channel };
	else if (frame->is_channel)
		way = (struct event_way){ .src = binding->relayed, .dst = binding->peer };
	way.path =
		path_of(frame->is_channel && other ? RELAY_PATH_C4_C4 : first, frame, &way.dst.ip);
	return way;
}

/* Of words in wire order; `before` bytes were summed up already. */
static uint16_t sum_bytes(const uint8_t *at, size_t length, size_t before)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += wire16((before + i) % 2 ? at[i] : (unsigned int)at[i] << 8);
	return sum_fold(sum);
}

static struct relay_session session_of(const struct packet *packet,
				       const struct relay_flow_key *flow,
				       const struct event_way *way)
{
	struct relay_session session = {
		.key = *flow,
		.path = (__u8)way->path,
		.src_port = htons(way->src.port),
		.dst_port = htons(way->dst.port),
		.channel = htons(way->channel),
	};

	memcpy(session.src, &way->src.ip, sizeof(session.src));
	memcpy(session.dst, &way->dst.ip, sizeof(session.dst));
	session_prepare(&session, packet->dst_port);
	return session;
}

static void set_checksum(const uint8_t *bytes, const struct packet *packet,
			 const struct relay_session *session, struct rewrite *rewrite)
{
	const uint8_t *udp = bytes + packet->l3 + rewrite->old_headers - UDP_HEADER -
			     (packet->kind == PACKET_CHANNEL ? CHANNEL_HEADER : 0);
	size_t headers = rewrite->old_headers - (size_t)(udp - bytes - packet->l3);
	size_t padding = packet->udp_length - headers - packet->data_length;
	uint16_t check = packet->udp_check;

	if (check && checksum_is_unfinished(packet, session))
		check = checksum_udp((__u16)sum_negate(sum_bytes(udp, packet->udp_length, 0)));
	if (padding)
		rewrite_cut(
			(__u16)padding,
			sum_bytes(udp + packet->udp_length - padding, padding, packet->data_length),
			rewrite, &check);
	if (packet->udp_check)
		rewrite->udp_check = rewrite_udp_check(packet, session, check);
}

enum relay_reason offline_rewrite(const uint8_t *bytes, uint32_t length,
				  const struct offline_ports *ports, const struct mac *own,
				  const struct event_way *way, uint8_t *ret_frame,
				  size_t *ret_length)
{
	struct relay_options options = { .turn_port = ports->turn_port,
					 .relay_port_min = ports->relay_port_min,
					 .relay_port_max = ports->relay_port_max };
	struct frame frame = { .data = (void *)bytes, .end = (void *)(bytes + length) };
	struct relay_flow_key flow = { 0 };
	struct packet packet = { 0 };
	struct rewrite rewrite = { 0 };
	struct relay_session session;
	_Alignas(8) uint8_t room[2 + HEADERS_MAX], *headers = room + 2; /* aligned as frames are */
	size_t size;
	enum relay_reason reason = classify(&options, &frame, mac_word(own), &packet, &flow);

	if (reason != RELAY_GO_ON)
		return reason;
	session = session_of(&packet, &flow, way);
	rewrite_plan(&packet, &session, session.path, &rewrite);
	if (rewrite_hides_error(&packet, &session, &rewrite))
		return RELAY_REASON_BAD_HEADER;
	set_checksum(bytes, &packet, &session, &rewrite);
	size = packet.l3 + rewrite.new_headers;
	if (rewrite_headers(headers, headers + size, &packet, &session, &rewrite,
			    mac_word(&way->mac)))
		return RELAY_REASON_INTERNAL;
	memcpy(ret_frame, headers, size);
	memcpy(ret_frame + size, bytes + packet.l3 + rewrite.old_headers, packet.data_length);
	*ret_length = packet.l3 + rewrite.new_length;
	return RELAY_REASON_COUNT;
}
