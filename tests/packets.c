/* SPDX-License-Identifier: BSD-2-Clause */
/* The builder of frames. */
#include "packets.h"

#include <string.h>

#define ETHERNET 14
#define TAG 4
#define EXTENSION 8
#define UDP 8
#define CHANNEL 4u
#define NO_EXTENSION 0xff
#define WRONG 0x1234

void packets_default(struct frame_spec *ret)
{
	struct frame_spec spec = {
		.ttl = 64,
		.id = 0x1d1d,
		.fragment = 0x4000,
		.extensions = { NO_EXTENSION, NO_EXTENSION },
		.protocol = IPPROTO_UDP,
		.channel_length = PACKETS_DATA_UNFORCED,
		.size = 160,
		.seed = 1,
		.first_word = -1,
	};

	*ret = spec;
}

static size_t extension_count(const struct frame_spec *spec)
{
	return (size_t)(spec->extensions[0] != NO_EXTENSION) +
	       (size_t)(spec->extensions[1] != NO_EXTENSION);
}

size_t packets_ip_offset(const struct frame_spec *spec)
{
	return ETHERNET + (size_t)spec->tags * TAG;
}

size_t packets_udp_offset(const struct frame_spec *spec)
{
	if (wire_is_v4(&spec->src.ip))
		return packets_ip_offset(spec) + 20 + 4 * (size_t)spec->options;
	return packets_ip_offset(spec) + 40 + EXTENSION * extension_count(spec);
}

static uint8_t *build_ethernet(uint8_t *at, const struct mac *to, const struct mac *from,
			       uint8_t tags, const uint16_t *tci, uint16_t ethertype)
{
	uint8_t i;

	memcpy(at, to->octet, 6);
	memcpy(at + 6, from->octet, 6);
	at += 12;
	for (i = 0; i < tags; i++, at += TAG) {
		wire_put16(at, i + 1 < tags ? 0x88a8 : 0x8100);
		wire_put16(at + 2, tci[i]);
	}
	wire_put16(at, ethertype);
	return at + 2;
}

static void build_ipv4(uint8_t *ip, const struct frame_spec *spec, size_t datagram)
{
	size_t header = 20 + 4 * (size_t)spec->options;

	memset(ip, 1, header); /* the options: no-operation */
	ip[0] = (uint8_t)(0x40 | header / 4);
	ip[1] = spec->tos;
	wire_put16(ip + 2, (uint32_t)(header + datagram));
	wire_put16(ip + 4, spec->id);
	wire_put16(ip + 6, spec->fragment);
	ip[8] = spec->ttl;
	ip[9] = spec->protocol;
	wire_put16(ip + 10, 0);
	memcpy(ip + 12, spec->src.ip.s6_addr + 12, 4);
	memcpy(ip + 16, spec->dst.ip.s6_addr + 12, 4);
	wire_put16(ip + 10, 0xffffu ^ wire_fold(wire_sum(ip, header, 0)));
}

static void build_ipv6(uint8_t *ip, const struct frame_spec *spec, size_t datagram)
{
	size_t extensions = extension_count(spec), i;
	uint8_t *next = ip + 6, *at = ip + 40;

	wire_put32(ip, 6u << 28 | (uint32_t)spec->tos << 20 | spec->flow_label);
	wire_put16(ip + 4, (uint32_t)(EXTENSION * extensions + datagram));
	ip[7] = spec->ttl;
	memcpy(ip + 8, spec->src.ip.s6_addr, 16);
	memcpy(ip + 24, spec->dst.ip.s6_addr, 16);
	for (i = 0; i < extensions; i++, at += EXTENSION) {
		*next = spec->extensions[i];
		next = at;
		memset(at, 0, EXTENSION);
		if (spec->extensions[i] == IPPROTO_FRAGMENT)
			wire_put16(at + 2, spec->fragment & 0xfff9u);
	}
	*next = spec->protocol;
}

static void build_udp(uint8_t *ip, uint8_t *udp, const struct frame_spec *spec, size_t length)
{
	uint8_t *at = udp + UDP;
	struct noise noise = { .state = 0x9e3779b97f4a7c15ULL + spec->seed };
	size_t i;

	wire_put16(udp, spec->src.port);
	wire_put16(udp + 2, spec->dst.port);
	wire_put16(udp + 4, (uint32_t)length);
	wire_put16(udp + 6, 0);
	if (spec->channel) {
		wire_put16(at, spec->channel);
		wire_put16(at + 2, spec->channel_length == PACKETS_DATA_UNFORCED
					   ? (uint32_t)spec->size
					   : (uint32_t)spec->channel_length);
		at += CHANNEL;
	}
	for (i = 0; i < spec->size; i++)
		at[i] = (uint8_t)noise_next(&noise);
	if (spec->first_word >= 0 && spec->size >= 2)
		wire_put16(at, (uint32_t)spec->first_word);
	memset(at + spec->size, spec->padding_octet, spec->padding);

	if (spec->sum == PACKETS_SUM_ZERO)
		return;
	wire_put16(udp + 6, wire_fold(wire_pseudo_sum(ip, length)));
	if (spec->sum == PACKETS_SUM_UNFINISHED)
		return;
	i = 0xffffu ^ wire_fold(wire_sum(udp, length, 0));
	if (spec->sum == PACKETS_SUM_WRONG)
		i ^= WRONG;
	wire_put16(udp + 6, i ? (uint32_t)i : 0xffff);
}

void packets_build(const struct frame_spec *spec, struct octets *ret)
{
	bool is_v4 = wire_is_v4(&spec->src.ip);
	size_t length = UDP + (spec->channel ? CHANNEL : 0u) + spec->size + spec->padding;
	uint8_t *ip = build_ethernet(ret->at, &spec->to, &spec->from, spec->tags, spec->tci,
				     is_v4 ? 0x0800 : 0x86dd);
	uint8_t *udp = ret->at + packets_udp_offset(spec);

	if (is_v4)
		build_ipv4(ip, spec, length);
	else
		build_ipv6(ip, spec, length);
	build_udp(ip, udp, spec, length);
	memset(udp + length, 0xee, spec->trailer);
	ret->length = (size_t)(udp + length + spec->trailer - ret->at);
}

void packets_arp(const struct arp_spec *spec, struct octets *ret)
{
	uint8_t *at = build_ethernet(ret->at, &spec->to, &spec->from, spec->vlan ? 1 : 0,
				     &spec->vlan, 0x0806);

	wire_put16(at, 1);
	wire_put16(at + 2, 0x0800);
	at[4] = 6;
	at[5] = 4;
	wire_put16(at + 6, spec->operation);
	memcpy(at + 8, spec->sender_mac.octet, 6);
	memcpy(at + 14, spec->sender_ip.s6_addr + 12, 4);
	memcpy(at + 18, spec->target_mac.octet, 6);
	memcpy(at + 24, spec->target_ip.s6_addr + 12, 4);
	ret->length = (size_t)(at + 28 - ret->at);
}

/* Bytes between the ICMPv6 header of 8 bytes and the first option (RFC 4861 section 4). */
static size_t nd_body(uint8_t type)
{
	switch (type) {
	case PACKETS_ND_ROUTER_SOLICITATION: return 0;
	case PACKETS_ND_ROUTER_ADVERTISEMENT: return 8;
	default: return 16;
	}
}

void packets_nd(const struct nd_spec *spec, struct octets *ret)
{
	uint8_t *ip = build_ethernet(ret->at, &spec->to, &spec->from, 0, NULL, 0x86dd);
	uint8_t *icmp = ip + 40, *at = icmp + 8;
	size_t body = nd_body(spec->type), length;

	memset(ip, 0, 128);
	ip[0] = 0x60;
	ip[6] = IPPROTO_ICMPV6;
	ip[7] = spec->hop_limit;
	memcpy(ip + 8, spec->src.s6_addr, 16);
	memcpy(ip + 24, spec->dst.s6_addr, 16);
	icmp[0] = spec->type;
	if (body == 16)
		memcpy(at, spec->target.s6_addr, 16);
	at += body;
	if (spec->behind_another) {
		at[0] = 14; /* nonce, RFC 3971 */
		at[1] = 1;
		at += 8;
	}
	if (spec->option) {
		at[0] = spec->option;
		at[1] = 1;
		memcpy(at + 2, spec->option_mac.octet, 6);
		at += 8;
	}
	length = (size_t)(at - icmp);
	wire_put16(ip + 4, (uint32_t)length);
	wire_put16(icmp + 2,
		   0xffffu ^ wire_fold(wire_sum(
				     icmp, length,
				     wire_sum(ip + 8, 32, IPPROTO_ICMPV6 + (uint32_t)length))));
	ret->length = (size_t)(at - ret->at);
}
