/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a frame shows about who sent it: ARP and IPv6 neighbour discovery. Pure: pointers in, a pair
 * of IP and MAC out. Of IP itself the source addresses are the pair.
 */
#ifndef FZBPF_WITNESS_H
#define FZBPF_WITNESS_H

#include <linux/icmpv6.h>

#include "parse.h"

#define ARP_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2
#define ND_HOP_LIMIT 255
#define ND_OPTIONS_MAX 4
#define ND_OPTION_SOURCE 1
#define ND_OPTION_TARGET 2
#define ND_ROUTER_SOLICITATION 133
#define ND_ROUTER_ADVERTISEMENT 134
#define ND_NEIGHBOUR_SOLICITATION 135
#define ND_NEIGHBOUR_ADVERTISEMENT 136

/* ARP for IPv4 over Ethernet (RFC 826). */
struct arp_packet {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be16 sender_ip[2];
	__u8 target_mac[ETH_ALEN];
	__be16 target_ip[2];
};

/* The sender of a request or a reply. 0: it shows nobody. */
static __always_inline int witness_arp(const struct frame *frame, const struct arp_packet *arp,
				       __be32 ret_ip[4], __u64 *ret_mac)
{
	if (!frame_has(frame, arp, sizeof(*arp)) || arp->hardware != wire16(ARP_ETHERNET) ||
	    arp->protocol != wire16(ETH_P_IP) || arp->hardware_length != ETH_ALEN ||
	    arp->protocol_length != 4)
		return 0;
	if (arp->operation != wire16(ARP_REQUEST) && arp->operation != wire16(ARP_REPLY))
		return 0;
	address_map_v4(ret_ip, (__be32)arp->sender_ip[0] | (__be32)arp->sender_ip[1] << 16);
	*ret_mac = mac_load(arp->sender_mac);
	return 1;
}

/*
 * Source link-layer option of solicitations and router messages, target link-layer option of
 * advertisements (RFC 4861 section 4). A hop limit of 255 proves that it comes from this link.
 * 0: it shows nobody.
 */
static __always_inline int witness_nd(const struct frame *frame, const struct ipv6hdr *ip,
				      __be32 ret_ip[4], __u64 *ret_mac)
{
	const struct icmp6hdr *icmp = (const void *)(ip + 1);
	const __u8 *option = (const __u8 *)(icmp + 1);
	__u32 wanted = ND_OPTION_SOURCE;
	int i;

	if (!frame_has(frame, icmp, sizeof(*icmp)) || ip->nexthdr != IPPROTO_ICMPV6 ||
	    ip->hop_limit != ND_HOP_LIMIT || icmp->icmp6_code)
		return 0;
	address_copy(ret_ip, &ip->saddr);
	switch (icmp->icmp6_type) {
	case ND_NEIGHBOUR_ADVERTISEMENT:
		wanted = ND_OPTION_TARGET;
		if (!frame_has(frame, option, 16))
			return 0;
		address_copy(ret_ip, option);
		option += 16;
		break;
	case ND_NEIGHBOUR_SOLICITATION: option += 16; break;
	case ND_ROUTER_ADVERTISEMENT: option += 8; break;
	case ND_ROUTER_SOLICITATION: break;
	default: return 0;
	}
	/* It would pass for an IPv4 host. */
	if (address_is_v4(ret_ip))
		return 0;
	for (i = 0; i < ND_OPTIONS_MAX; i++) {
		if (!frame_has(frame, option, 8) || !option[1])
			return 0;
		if (option[0] == wanted) {
			*ret_mac = mac_load(option + 2);
			return 1;
		}
		option += option[1] * 8;
	}
	return 0;
}

#endif
