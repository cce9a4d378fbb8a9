/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a packet and its session to the frame that leaves: what may be relayed, new lengths and
 * checksums, then the headers. Pure. One code serves all twelve paths; the payload is not touched.
 */
#ifndef FZBPF_REWRITE_H
#define FZBPF_REWRITE_H

#include "parse.h"
#include "session.h"

/* Everything about the outgoing frame that is known before the first byte changes. */
struct rewrite {
	__u32 old_headers; /* bytes from the IP header to the application data */
	__u32 new_headers;
	__u32 new_length; /* IP header to the end of the datagram */
	__u16 udp_length; /* host order */
	__u16 udp_check;  /* wire order, as is the next: the incoming IPv4 header's */
	__u16 l3_check;
	__u8 old_is_v4;
	__u8 new_is_v4;
};

static __always_inline void rewrite_plan(const struct packet *packet,
					 const struct relay_session *session, __u64 path,
					 struct rewrite *rewrite)
{
	rewrite->l3_check = packet->l3_check;
	rewrite->old_is_v4 = packet->version == 4;
	rewrite->new_is_v4 = !(path & RELAY_PATH_TO_V6);
	rewrite->old_headers = (rewrite->old_is_v4 ? IPV4_HEADER : IPV6_HEADER) + UDP_HEADER +
			       (packet->kind == PACKET_CHANNEL ? CHANNEL_HEADER : 0);
	rewrite->new_headers = (rewrite->new_is_v4 ? IPV4_HEADER : IPV6_HEADER) + UDP_HEADER +
			       (session->channel ? CHANNEL_HEADER : 0);
	rewrite->new_length = rewrite->new_headers + packet->data_length;
	rewrite->udp_length =
		(__u16)(rewrite->new_length - (rewrite->new_is_v4 ? IPV4_HEADER : IPV6_HEADER));
}

/* What must not be relayed whatever the next hop is. */
static __always_inline enum relay_reason rewrite_check(const struct packet *packet,
						       const struct rewrite *rewrite, __u32 mtu)
{
	if (packet->ttl <= 1)
		return RELAY_REASON_TTL;
	if (!packet->udp_check && !(rewrite->old_is_v4 && rewrite->new_is_v4))
		return RELAY_REASON_NO_CHECKSUM;
	if (rewrite->new_length > mtu)
		return RELAY_REASON_TOO_BIG;
	return RELAY_GO_ON;
}

/* IPv6 has no header checksum that could carry a wrong one on. */
static __always_inline int rewrite_hides_error(const struct packet *packet,
					       const struct relay_session *session,
					       const struct rewrite *rewrite)
{
	__u32 sum = wire16(0x4500u | packet->tos) + (__u32)wire16(packet->length) + packet->id +
		    packet->fragment + wire16(packet->ttl << 8) + packet->l3_check +
		    session->pseudo;

	return rewrite->old_is_v4 && !rewrite->new_is_v4 && sum_fold(sum) != 0xffff;
}

/* The sum that a sender's checksum offload leaves for the card to finish: the pseudo-header only.
 */
static __always_inline int checksum_is_unfinished(const struct packet *packet,
						  const struct relay_session *session)
{
	return packet->udp_check == sum_fold(session->pseudo + wire16(packet->udp_length));
}

/* The same for the outgoing frame. */
static __always_inline __u16 rewrite_unfinished(const struct relay_session *session,
						const struct rewrite *rewrite)
{
	return sum_fold(sum_address(session->src, rewrite->new_is_v4) +
			sum_address(session->dst, rewrite->new_is_v4) + wire16(IPPROTO_UDP) +
			wire16(rewrite->udp_length));
}

/*
 * The checksums of the incoming headers as they would be without the ChannelData padding: `length`
 * bytes of it, which sum up to `sum`. The UDP length counts twice, it is in the pseudo-header, too.
 */
static __always_inline void rewrite_cut(__u16 length, __u16 sum, struct rewrite *rewrite,
					__u16 *udp_check)
{
	__u32 shorter = sum_negate(wire16(length));

	rewrite->l3_check = checksum_add(rewrite->l3_check, shorter);
	*udp_check = checksum_add(*udp_check, shorter + shorter + sum_negate(sum));
}

/* UDP checksum of the outgoing frame from that of the incoming one. */
static __always_inline __u16 rewrite_udp_check(const struct packet *packet,
					       const struct relay_session *session, __u16 check)
{
	__u16 data_length = wire16(packet->data_length);
	__u32 sum = session->l4_step;

	if (packet->kind == PACKET_CHANNEL)
		sum += sum_negate(data_length);
	if (session->channel)
		sum += data_length;
	return checksum_udp(checksum_add(check, sum));
}

static __always_inline void write_ipv4(struct iphdr *ip, const struct packet *packet,
				       const struct relay_session *session,
				       const struct rewrite *rewrite)
{
	__u16 length = wire16(rewrite->new_length);
	__u16 ttl_protocol = wire16((packet->ttl - 1u) << 8 | IPPROTO_UDP);
	__u16 version_tos = wire16(0x4500u | packet->tos);

	*(__be16 *)ip = version_tos;
	ip->tot_len = length;
	ip->saddr = session->src[3];
	ip->daddr = session->dst[3];
	*(__be16 *)&ip->ttl = ttl_protocol;
	if (rewrite->old_is_v4) {
		ip->id = packet->id;
		ip->frag_off = packet->fragment;
		ip->check = checksum_add(rewrite->l3_check, session->l3_step);
		return;
	}
	ip->id = 0;
	ip->frag_off = wire16(IPV4_DONT_FRAGMENT);
	ip->check = (__u16)sum_negate(
		sum_fold((__u32)session->l3_step + version_tos + length + ttl_protocol));
}

static __always_inline void write_ipv6(struct ipv6hdr *ip, const struct packet *packet,
				       const struct relay_session *session,
				       const struct rewrite *rewrite)
{
	*(__be32 *)ip = wire32(rewrite->old_is_v4 ? 6u << 28 | (__u32)packet->tos << 20
						  : packet->flow_info);
	ip->payload_len = wire16(rewrite->udp_length);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = (__u8)(packet->ttl - 1);
	address_copy((__be32 *)&ip->saddr, session->src);
	address_copy((__be32 *)&ip->daddr, session->dst);
}

static __always_inline void write_ethernet(__be16 *at, const struct packet *packet,
					   const struct rewrite *rewrite, __u64 next_mac)
{
	mac_store_both(at, next_mac, packet->dst_mac);
	at += 6;
	if (packet->l3 > ETH_HLEN) {
		*at++ = (__u16)packet->tags[0];
		*at++ = (__u16)(packet->tags[0] >> 16);
	}
	if (packet->l3 > ETH_HLEN + 4) {
		*at++ = (__u16)packet->tags[1];
		*at++ = (__u16)(packet->tags[1] >> 16);
	}
	*at = wire16(rewrite->new_is_v4 ? ETH_P_IP : ETH_P_IPV6);
}

/* Writes all headers of the outgoing frame at `data`, up to the application data. Non-zero: they
 * would not fit before `end`; some may have been written. */
static __always_inline int rewrite_headers(void *data, void *end, const struct packet *packet,
					   const struct relay_session *session,
					   const struct rewrite *rewrite, __u64 next_mac)
{
	char *ip = (char *)data + packet->l3;
	struct udphdr *udp;
	__be16 *channel;

	/* Any frame is longer than two tags; for the verifier that is to be said apart. */
	if ((char *)data + ETH_HLEN + 8 > (char *)end ||
	    ip + IPV4_HEADER + UDP_HEADER > (char *)end)
		return -1;
	write_ethernet(data, packet, rewrite, next_mac);
	if (rewrite->new_is_v4) {
		write_ipv4((struct iphdr *)ip, packet, session, rewrite);
		udp = (struct udphdr *)(ip + IPV4_HEADER);
	} else {
		if (ip + IPV6_HEADER + UDP_HEADER > (char *)end)
			return -1;
		write_ipv6((struct ipv6hdr *)ip, packet, session, rewrite);
		udp = (struct udphdr *)(ip + IPV6_HEADER);
	}
	udp->source = session->src_port;
	udp->dest = session->dst_port;
	udp->len = wire16(rewrite->udp_length);
	udp->check = rewrite->udp_check;
	if (!session->channel)
		return 0;
	channel = (__be16 *)(udp + 1);
	if ((char *)(channel + 2) > (char *)end)
		return -1;
	channel[0] = session->channel;
	channel[1] = wire16(packet->data_length);
	return 0;
}

#endif
