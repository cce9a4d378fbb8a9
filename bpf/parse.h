/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the bytes of a frame to a struct packet: Ethernet with up to two VLAN tags, IPv4 or IPv6,
 * UDP. Pure: pointers in, reason out. The includer defines frame_length(), since only the XDP
 * program has frames that do not lie in one piece.
 *
 * Frames start two bytes before a multiple of four (the kernel's NET_IP_ALIGN), so everything
 * behind the Ethernet header is aligned.
 */
#ifndef FZBPF_PARSE_H
#define FZBPF_PARSE_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "headers.h"
#include "neighbour.h"

/* Not a reason: the next test decides. */
#define RELAY_GO_ON RELAY_REASON_COUNT

struct frame {
	void *data; /* the linear part: all headers are in it */
	void *end;
	void *context;
};

static __u32 frame_length(const struct frame *frame);

enum packet_kind { PACKET_OTHER, PACKET_CHANNEL, PACKET_PEER };

struct packet {
	__u64 src_mac;
	__u64 dst_mac;
	__u32 tags[2];	 /* VLAN tags as they stand in the frame: TPID, TCI */
	__u32 length;	 /* IP header to the end of the datagram */
	__u32 flow_info; /* IPv6: first 32 bits, host order */
	__u16 ethertype; /* host order */
	__u16 vlan;	 /* outer id */
	__u16 id;	 /* IPv4: wire order, as are the next two */
	__u16 fragment;
	__u16 l3_check;
	__u16 udp_check; /* wire order, as are the ports */
	__u16 src_port;
	__u16 dst_port;
	__u16 udp_length; /* host order, header included */
	__be16 channel;
	__u16 data_length; /* application data, without ChannelData header and padding */
	__u8 tos;	   /* or traffic class */
	__u8 ttl;	   /* or hop limit */
	__u8 protocol;	   /* or next header */
	__u8 version;	   /* 4, 6; 0 = no address was read */
	__u8 kind;	   /* enum packet_kind */
	__u8 l3;       /* offset of the IP header: 14, 18 or 22; 8 bits bound it for the verifier */
	__u8 to_relay; /* goes to a port of the relay, or may: a later fragment has no ports */
};

static __always_inline int frame_has(const struct frame *frame, const void *at, __u32 size)
{
	return (const char *)at + size <= (const char *)frame->end;
}

static __always_inline int frame_reaches(const struct frame *frame, __u32 offset)
{
	return (char *)frame->data + offset <= (char *)frame->end || offset <= frame_length(frame);
}

static __always_inline int ethertype_is_vlan(__u16 ethertype)
{
	return ethertype == ETH_P_8021Q || ethertype == ETH_P_8021AD;
}

static __always_inline enum relay_reason parse_ethernet(const struct frame *frame,
							struct packet *packet)
{
	const void *ethernet = frame->data;
	const __be16 *tag = (const __be16 *)frame->data + ETH_ALEN;

	if (!frame_has(frame, ethernet, ETH_HLEN))
		return RELAY_REASON_TOO_SHORT;
	packet->dst_mac = mac_load_destination(ethernet);
	packet->src_mac = mac_load_source(ethernet);
	packet->ethertype = wire16(*tag);
	packet->l3 = ETH_HLEN;
	if (!ethertype_is_vlan(packet->ethertype))
		return RELAY_GO_ON;

	if (!frame_has(frame, tag, 6))
		return RELAY_REASON_TOO_SHORT;
	packet->vlan = wire16(tag[1]) & VLAN_ID_MASK;
	packet->tags[0] = (__u32)tag[0] | (__u32)tag[1] << 16;
	packet->ethertype = wire16(tag[2]);
	packet->l3 = ETH_HLEN + 4;
	if (!ethertype_is_vlan(packet->ethertype))
		return RELAY_GO_ON;

	if (!frame_has(frame, tag, 10))
		return RELAY_REASON_TOO_SHORT;
	packet->tags[1] = (__u32)tag[2] | (__u32)tag[3] << 16;
	packet->ethertype = wire16(tag[4]);
	packet->l3 = ETH_HLEN + 8;
	return RELAY_GO_ON;
}

static __always_inline void address_map_v4(__be32 to[4], __be32 ip)
{
	to[0] = 0;
	to[1] = 0;
	to[2] = wire32(0xffff);
	to[3] = ip;
}

static __always_inline void packet_read_ipv4(struct packet *packet, const struct iphdr *ip)
{
	packet->version = 4;
	packet->protocol = ip->protocol;
	packet->tos = ip->tos;
	packet->ttl = ip->ttl;
	packet->id = ip->id;
	packet->fragment = ip->frag_off;
	packet->l3_check = ip->check;
	packet->length = wire16(ip->tot_len);
}

static __always_inline void packet_read_ipv6(struct packet *packet, const struct ipv6hdr *ip)
{
	packet->version = 6;
	packet->flow_info = wire32(*(const __be32 *)ip);
	packet->protocol = ip->nexthdr;
	packet->tos = (__u8)(packet->flow_info >> 20);
	packet->ttl = ip->hop_limit;
	packet->length = IPV6_HEADER + wire16(ip->payload_len);
}

static __always_inline enum relay_reason parse_ipv4(const struct frame *frame,
						    const struct iphdr *ip, struct packet *packet,
						    struct relay_flow_key *flow)
{
	__u32 header;

	if (!frame_has(frame, ip, IPV4_HEADER))
		return RELAY_REASON_TOO_SHORT;
	if (ip->version != 4)
		return RELAY_REASON_BAD_HEADER;
	address_map_v4(flow->remote, ip->saddr);
	address_map_v4(flow->local, ip->daddr);
	packet_read_ipv4(packet, ip);
	header = (__u32)ip->ihl * 4;
	if (header < IPV4_HEADER || packet->length < header ||
	    !frame_reaches(frame, packet->l3 + packet->length))
		return RELAY_REASON_BAD_HEADER;
	return RELAY_GO_ON;
}

static __always_inline enum relay_reason parse_ipv6(const struct frame *frame,
						    const struct ipv6hdr *ip, struct packet *packet,
						    struct relay_flow_key *flow)
{
	if (!frame_has(frame, ip, IPV6_HEADER))
		return RELAY_REASON_TOO_SHORT;
	if (*(const __u8 *)ip >> 4 != 6)
		return RELAY_REASON_BAD_HEADER;
	address_copy(flow->remote, &ip->saddr);
	address_copy(flow->local, &ip->daddr);
	/* It would pass for an IPv4 host, and is no source address (RFC 6890 section 2.2.3). */
	if (address_is_v4(flow->remote))
		return RELAY_REASON_BAD_HEADER;
	packet_read_ipv6(packet, ip);
	if (!frame_reaches(frame, packet->l3 + packet->length))
		return RELAY_REASON_BAD_HEADER;
	return RELAY_GO_ON;
}

/* Ports and lengths; the UDP datagram must fill the IP packet exactly. */
static __always_inline enum relay_reason parse_udp(const struct frame *frame,
						   const struct udphdr *udp, __u32 available,
						   struct packet *packet)
{
	if (available < UDP_HEADER)
		return RELAY_REASON_BAD_HEADER;
	if (!frame_has(frame, udp, UDP_HEADER))
		return RELAY_REASON_TOO_SHORT;
	packet->src_port = udp->source;
	packet->dst_port = udp->dest;
	packet->udp_length = wire16(udp->len);
	packet->udp_check = udp->check;
	if (packet->udp_length != available)
		return RELAY_REASON_BAD_HEADER;
	return RELAY_GO_ON;
}

#endif
