/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What kind of frame it is: channel data, peer data, or the reason why it is neither. Pure. Nothing
 * is looked up here; the answer is a flow key to look up, or a reason.
 */
#ifndef FZBPF_CLASSIFY_H
#define FZBPF_CLASSIFY_H

#include "parse.h"

#define STUN_COOKIE 0x2112a442

static __always_inline int port_is_relays(const volatile struct relay_options *options, __u16 port)
{
	return port == options->turn_port ||
	       (port >= options->relay_port_min && port <= options->relay_port_max);
}

/* The TURN port carries channel data and control, told apart by the first two bits (RFC 8656
 * section 12). */
static __always_inline enum relay_reason classify_turn(const struct frame *frame,
						       const __be16 *payload, struct packet *packet,
						       struct relay_flow_key *flow)
{
	__u32 available = packet->udp_length - UDP_HEADER;
	__u16 first, length;

	if (available < CHANNEL_HEADER)
		return RELAY_REASON_NOT_TURN;
	if (!frame_has(frame, payload, CHANNEL_HEADER))
		return RELAY_REASON_TOO_SHORT;
	first = wire16(payload[0]);
	if (first >= CHANNEL_MIN && first <= CHANNEL_MAX) {
		length = wire16(payload[1]);
		packet->kind = PACKET_CHANNEL;
		packet->channel = payload[0];
		flow->channel_or_port = payload[0];
		packet->data_length = length;
		/* Padding is allowed over UDP, though not needed (RFC 8656 section 12.5). */
		if (CHANNEL_HEADER + length > available ||
		    CHANNEL_HEADER + length + CHANNEL_PADDING_MAX < available)
			return RELAY_REASON_BAD_CHANNEL_LENGTH;
		return RELAY_GO_ON;
	}
	if (first < CHANNEL_MIN && available >= 8 && frame_has(frame, payload, 8) &&
	    *(const __be32 *)(payload + 2) == wire32(STUN_COOKIE))
		return RELAY_REASON_CONTROL;
	return RELAY_REASON_NOT_TURN;
}

static __always_inline enum relay_reason classify_udp(const volatile struct relay_options *options,
						      const struct frame *frame,
						      const struct udphdr *udp, __u32 available,
						      struct packet *packet,
						      struct relay_flow_key *flow)
{
	enum relay_reason reason = parse_udp(frame, udp, available, packet);
	__u16 port;

	if (reason != RELAY_GO_ON)
		return reason;
	flow->remote_port = packet->src_port;
	port = wire16(packet->dst_port);
	if (port == options->turn_port) {
		packet->to_relay = 1;
		return classify_turn(frame, (const __be16 *)(udp + 1), packet, flow);
	}
	if (port < options->relay_port_min || port > options->relay_port_max)
		return RELAY_REASON_NOT_TURN;
	packet->to_relay = 1;
	packet->kind = PACKET_PEER;
	flow->channel_or_port = packet->dst_port;
	packet->data_length = (__u16)(packet->udp_length - UDP_HEADER);
	return RELAY_GO_ON;
}

/* Ports behind IPv4 options or in a first fragment: only to tell whether the relay is concerned. */
static __always_inline __u8 concerns_relay(const volatile struct relay_options *options,
					   const struct frame *frame, const struct udphdr *udp)
{
	return frame_has(frame, udp, UDP_HEADER) && port_is_relays(options, wire16(udp->dest));
}

static __always_inline enum relay_reason classify_ipv4(const volatile struct relay_options *options,
						       const struct frame *frame, __u64 own_mac,
						       struct packet *packet,
						       struct relay_flow_key *flow)
{
	const struct iphdr *ip = (const void *)((char *)frame->data + packet->l3);
	enum relay_reason reason = parse_ipv4(frame, ip, packet, flow);
	const struct udphdr *udp;

	if (reason != RELAY_GO_ON)
		return reason;
	if (packet->dst_mac != own_mac)
		return RELAY_REASON_NOT_FOR_US;
	if (packet->protocol != IPPROTO_UDP)
		return RELAY_REASON_NOT_UDP;
	if (packet->fragment & wire16(IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK)) {
		udp = (const void *)((const char *)ip + (__u32)ip->ihl * 4);
		packet->to_relay = packet->fragment & wire16(IPV4_OFFSET_MASK)
					   ? 1
					   : concerns_relay(options, frame, udp);
		return RELAY_REASON_FRAGMENT;
	}
	if (ip->ihl != IPV4_HEADER / 4) {
		udp = (const void *)((const char *)ip + (__u32)ip->ihl * 4);
		packet->to_relay = concerns_relay(options, frame, udp);
		return RELAY_REASON_IP_OPTIONS;
	}
	return classify_udp(options, frame, (const void *)(ip + 1), packet->length - IPV4_HEADER,
			    packet, flow);
}

/* Next headers that are IPv6 extension headers which may stand before UDP (RFC 8200 section 4). */
static __always_inline int is_extension_header(__u8 next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS ||
	       next == IPPROTO_AH || next == IPPROTO_MH;
}

static __always_inline enum relay_reason classify_ipv6(const volatile struct relay_options *options,
						       const struct frame *frame, __u64 own_mac,
						       struct packet *packet,
						       struct relay_flow_key *flow)
{
	const struct ipv6hdr *ip = (const void *)((char *)frame->data + packet->l3);
	enum relay_reason reason = parse_ipv6(frame, ip, packet, flow);
	const __be16 *offset;

	if (reason != RELAY_GO_ON)
		return reason;
	if (packet->dst_mac != own_mac)
		return RELAY_REASON_NOT_FOR_US;
	if (packet->protocol == IPPROTO_UDP)
		return classify_udp(options, frame, (const void *)(ip + 1),
				    packet->length - IPV6_HEADER, packet, flow);
	if (packet->protocol == IPPROTO_FRAGMENT) {
		offset = (const __be16 *)(ip + 1) + 1;
		packet->to_relay = frame_has(frame, offset, 2) &&
				   (wire16(*offset) & 0xfff8 ||
				    concerns_relay(options, frame,
						   (const void *)((const char *)(ip + 1) + 8)));
		return RELAY_REASON_FRAGMENT;
	}
	return is_extension_header(packet->protocol) ? RELAY_REASON_EXT_HEADER
						     : RELAY_REASON_NOT_UDP;
}

/* Both outputs must be zeroed. RELAY_GO_ON: packet->kind and *flow say what to look up;
 * flow->remote is the source and flow->local the destination of every IP packet. */
static __always_inline enum relay_reason classify(const volatile struct relay_options *options,
						  const struct frame *frame, __u64 own_mac,
						  struct packet *packet,
						  struct relay_flow_key *flow)
{
	enum relay_reason reason = parse_ethernet(frame, packet);

	if (reason != RELAY_GO_ON)
		return reason;
	if (packet->ethertype == ETH_P_IP)
		return classify_ipv4(options, frame, own_mac, packet, flow);
	if (packet->ethertype == ETH_P_IPV6)
		return classify_ipv6(options, frame, own_mac, packet, flow);
	return packet->ethertype == ETH_P_ARP ? RELAY_REASON_ARP : RELAY_REASON_NOT_IP;
}

#endif
