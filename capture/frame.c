/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk from an Ethernet header to a UDP payload: each header is checked, then stepped over. */
#include "frame.h"

#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

#define VLAN_TAGS_MAX 2
#define ETHERTYPE_QINQ 0x88a8
#define UDP_HEADER_LENGTH 8
#define IPV4_HEADER_LENGTH 20
#define IPV6_HEADER_LENGTH 40

struct cursor {
	const uint8_t *next;
	size_t left;
};

static uint16_t read16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void skip(struct cursor *cursor, size_t size)
{
	cursor->next += size;
	cursor->left -= size;
}

static int skip_ethernet(struct cursor *cursor, uint16_t *ret_type)
{
	uint16_t type;
	int tags;

	if (cursor->left < ETHER_HDR_LEN)
		return -EBADMSG;
	type = read16(cursor->next + 2 * ETHER_ADDR_LEN);
	skip(cursor, ETHER_HDR_LEN);
	for (tags = 0; type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ; tags++) {
		if (tags == VLAN_TAGS_MAX)
			return -ENOMSG;
		if (cursor->left < 4)
			return -EBADMSG;
		type = read16(cursor->next + 2);
		skip(cursor, 4);
	}
	*ret_type = type;
	return 0;
}

static void map_ipv4(const uint8_t *from, struct in6_addr *to)
{
	*to = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(to->s6_addr + 12, from, 4);
}

/* `ret_length`: what the IP header says follows it. */
static int skip_ipv4(struct cursor *cursor, struct frame_udp *udp, size_t *ret_length)
{
	const uint8_t *ip = cursor->next;
	size_t header, total;

	if (cursor->left < IPV4_HEADER_LENGTH)
		return -EBADMSG;
	header = (size_t)(ip[0] & 0xf) * 4;
	total = read16(ip + 2);
	if (ip[0] >> 4 != 4 || header < IPV4_HEADER_LENGTH || total < header ||
	    cursor->left < header)
		return -EBADMSG;
	/* Neither more fragments to come nor an offset: RFC 791 section 3.1. */
	if (ip[9] != IPPROTO_UDP || read16(ip + 6) & 0x3fff)
		return -ENOMSG;
	map_ipv4(ip + 12, &udp->src.ip);
	map_ipv4(ip + 16, &udp->dst.ip);
	skip(cursor, header);
	*ret_length = total - header;
	return 0;
}

static int skip_ipv6(struct cursor *cursor, struct frame_udp *udp, size_t *ret_length)
{
	const uint8_t *ip = cursor->next;

	if (cursor->left < IPV6_HEADER_LENGTH || ip[0] >> 4 != 6)
		return -EBADMSG;
	if (ip[6] != IPPROTO_UDP)
		return -ENOMSG;
	memcpy(&udp->src.ip, ip + 8, sizeof(udp->src.ip));
	memcpy(&udp->dst.ip, ip + 24, sizeof(udp->dst.ip));
	*ret_length = read16(ip + 4);
	skip(cursor, IPV6_HEADER_LENGTH);
	return 0;
}

static int skip_udp(struct cursor *cursor, size_t ip_length, struct frame_udp *udp)
{
	size_t length;

	if (cursor->left < UDP_HEADER_LENGTH || ip_length < UDP_HEADER_LENGTH)
		return -EBADMSG;
	length = read16(cursor->next + 4);
	if (length < UDP_HEADER_LENGTH || length > ip_length)
		return -EBADMSG;
	udp->src.port = read16(cursor->next);
	udp->dst.port = read16(cursor->next + 2);
	skip(cursor, UDP_HEADER_LENGTH);
	udp->length = length - UDP_HEADER_LENGTH;
	return 0;
}

int frame_find_udp(const uint8_t *frame, size_t captured, struct frame_udp *ret_udp)
{
	struct cursor cursor = { .next = frame, .left = captured };
	struct frame_udp udp = { 0 };
	size_t ip_length;
	uint16_t type;
	int err;

	err = skip_ethernet(&cursor, &type);
	if (err)
		return err;
	if (type == ETHERTYPE_IP)
		err = skip_ipv4(&cursor, &udp, &ip_length);
	else if (type == ETHERTYPE_IPV6)
		err = skip_ipv6(&cursor, &udp, &ip_length);
	else
		err = -ENOMSG;
	if (!err)
		err = skip_udp(&cursor, ip_length, &udp);
	if (err)
		return err;
	udp.payload = cursor.next;
	udp.captured = cursor.left < udp.length ? cursor.left : udp.length;
	*ret_udp = udp;
	return 0;
}
