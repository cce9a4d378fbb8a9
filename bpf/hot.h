/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way through the program, for flows that are in use: nothing is looked up in a hash
 * table, everything is compared with what the flow's session carries. A frame that is unusual in
 * anything is left as it is, for the long way, which decides and counts.
 *
 * `is_v4` is a constant wherever these functions end up, so each family has code of its own.
 */
#ifndef FZBPF_HOT_H
#define FZBPF_HOT_H

#include "flow_cache.h"
#include "next_hop.h"
#include "rewrite.h"

/* A path was checked when it was read, but Linux 6.1 may know the bound of another copy only: this
 * one lies within the counters. */
#define PATH_MASK 15

/* Data of the relay, as the ports say. They are looked at first: most frames that do not go the
 * short way are not for the relay at all. */
static __always_inline int hot_classify(const struct udphdr *udp, struct packet *packet)
{
	const __be16 *payload = (const void *)(udp + 1);
	__u16 port = wire16(udp->dest);

	packet->src_port = udp->source;
	packet->udp_check = udp->check;
	packet->udp_length = wire16(udp->len);
	if (port == options.turn_port) {
		packet->kind = PACKET_CHANNEL;
		packet->channel = payload[0];
		packet->data_length = wire16(payload[1]);
		return packet->udp_length == packet->data_length + UDP_HEADER + CHANNEL_HEADER;
	}
	packet->kind = PACKET_PEER;
	packet->channel = udp->dest;
	packet->data_length = (__u16)(packet->udp_length - UDP_HEADER);
	return port >= options.relay_port_min && port <= options.relay_port_max;
}

/* A header without options that ends with the datagram. */
static __always_inline int hot_read_ipv4(const struct iphdr *ip, struct packet *packet)
{
	packet_read_ipv4(packet, ip);
	return *(const __u8 *)ip == IPV4_VERSION_IHL &&
	       packet->length == packet->udp_length + IPV4_HEADER &&
	       !(packet->fragment & wire16(IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK));
}

static __always_inline int hot_read_ipv6(const struct ipv6hdr *ip, struct packet *packet)
{
	packet_read_ipv6(packet, ip);
	return packet->flow_info >> 28 == 6 && packet->length == packet->udp_length + IPV6_HEADER;
}

/* One untagged UDP datagram from the first byte to the last, sent to us. */
static __always_inline int hot_parse(const struct frame *frame, int is_v4, struct packet *packet)
{
	const void *ip = (const char *)frame->data + ETH_HLEN;
	const struct udphdr *udp = ip + (is_v4 ? IPV4_HEADER : IPV6_HEADER);
	__u8 protocol;

	if (!frame_has(frame, udp, UDP_HEADER + CHANNEL_HEADER))
		return 0;
	protocol = is_v4 ? ((const struct iphdr *)ip)->protocol
			 : ((const struct ipv6hdr *)ip)->nexthdr;
	if (protocol != IPPROTO_UDP || !hot_classify(udp, packet))
		return 0;
	packet->l3 = ETH_HLEN;
	packet->dst_mac = mac_load_destination(frame->data);
	packet->src_mac = mac_load_source(frame->data);
	if (packet->dst_mac != live.mac ||
	    (const char *)frame->end - (const char *)udp != packet->udp_length)
		return 0;
	return is_v4 ? hot_read_ipv4(ip, packet) : hot_read_ipv6(ip, packet);
}

static __always_inline void hot_flow(const struct frame *frame, int is_v4,
				     const struct packet *packet, struct relay_flow_key *ret)
{
	const void *ip = (const char *)frame->data + ETH_HLEN;

	if (is_v4) {
		address_map_v4(ret->remote, ((const struct iphdr *)ip)->saddr);
		address_map_v4(ret->local, ((const struct iphdr *)ip)->daddr);
	} else {
		address_copy(ret->remote, &((const struct ipv6hdr *)ip)->saddr);
		address_copy(ret->local, &((const struct ipv6hdr *)ip)->daddr);
	}
	ret->remote_port = packet->src_port;
	ret->channel_or_port = packet->channel;
}

/* The session of the frame's flow, if it was found before. The path tells its kind and family, so
 * of a mapped address only the last word needs to be compared. */
static __always_inline struct relay_session *hot_session(const struct frame *frame, int is_v4,
							 const struct packet *packet, __u64 now,
							 __u32 *ret_index, __u64 *ret_path)
{
	struct relay_session *session;
	struct relay_flow_key flow;
	__u64 path, kind;

	hot_flow(frame, is_v4, packet, &flow);
	*ret_index = flow_cache_find(&flow);
	session = bpf_map_lookup_elem(&sessions, ret_index);
	/* Written last and withdrawn first. */
	if (!session || *(volatile __u64 *)&session->expires <= now)
		return NULL;
	/* Read once: user space could change it between the check and the use. */
	path = *(volatile __u8 *)&session->path;
	kind = (packet->kind == PACKET_PEER ? RELAY_PATH_FROM_PEER : 0) |
	       (is_v4 ? 0 : RELAY_PATH_FROM_V6);
	if (path >= RELAY_PATH_COUNT ||
	    (path & (RELAY_PATH_FROM_PEER | RELAY_PATH_FROM_V6)) != kind)
		return NULL;
	*ret_path = path;
	return flow_is(&session->key, &flow, is_v4) ? session : NULL;
}

/* XDP_TX: relayed and counted. XDP_PASS: the frame is as it was, and for the long way. XDP_DROP: a
 * check that cannot fail did. */
static __always_inline int hot_relay(struct xdp_md *context, struct relay_counters *counters,
				     __u64 now, int is_v4)
{
	struct frame frame = {
		.data = (void *)(long)context->data,
		.end = (void *)(long)context->data_end,
		.context = context,
	};
	struct relay_session_counters *used;
	struct relay_session *session;
	struct rewrite rewrite = {};
	struct packet packet = {};
	__u64 path, next = 0;
	__u32 index;

	if (!hot_parse(&frame, is_v4, &packet))
		return XDP_PASS;
	session = hot_session(&frame, is_v4, &packet, now, &index, &path);
	used = bpf_map_lookup_elem(&session_counters, &index);
	if (!session || !used || !live.relaying)
		return XDP_PASS;
	if (!sender_is_known(session, &packet, now) || !next_is_known(session, &packet, now, &next))
		return XDP_PASS;

	rewrite_plan(&packet, session, path, &rewrite);
	if (checksum_is_unfinished(&packet, session) ||
	    rewrite_check(&packet, &rewrite, live.mtu) != RELAY_GO_ON ||
	    rewrite_hides_error(&packet, session, &rewrite))
		return XDP_PASS;
	if (packet.udp_check)
		rewrite.udp_check = rewrite_udp_check(&packet, session, packet.udp_check);

	if (bpf_xdp_adjust_head(context, (int)rewrite.old_headers - (int)rewrite.new_headers))
		return XDP_PASS;
	if (rewrite_headers((void *)(long)context->data, (void *)(long)context->data_end, &packet,
			    session, &rewrite, next)) {
		counters->passed[RELAY_REASON_INTERNAL]++;
		return XDP_DROP;
	}
	barrier_var(path);
	counters->paths[path & PATH_MASK]++;
	counters->relayed_bytes += packet.data_length;
	flow_count(used, packet.data_length, now);
	return XDP_TX;
}

#endif
