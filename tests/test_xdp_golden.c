/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every path, at every size that matters, with every variation of the header fields: the frame that
 * leaves must be the reference's, byte for byte.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "agreement.h"

/* Tells a zero from nothing said. */
#define SAY(value) (0x10000 + (value))

/* A trailer fills up a short frame; behind a frame in several pieces it would be left as it is. */
#define TRAILER_BELOW 3000

enum aim {
	AIM_NONE,
	AIM_UDP_SUM_IN,	 /* the sum that arrives computes to zero, and is sent as all ones */
	AIM_UDP_SUM_OUT, /* the same for the one that leaves */
	AIM_IP_SUM_OUT,	 /* the IPv4 header's sum that leaves is zero */
	AIM_IP_SUM_ONES, /* the one that arrives is all ones, the other zero */
};

struct variation {
	const char *name;
	uint8_t tags;
	uint16_t tci[2];
	uint8_t ttl;
	uint8_t tos;
	uint32_t id, fragment; /* SAY */
	uint32_t flow_label;
	uint8_t padding, padding_octet;
	size_t trailer;
	enum packets_sum sum;
	enum aim aim;
};

static const struct variation variations[] = {
	{ .name = "plain" },
	{ .name = "one tag", .tags = 1, .tci = { WORLD_VLAN } },
	{ .name = "one tag, priority and DEI", .tags = 1, .tci = { 0xf000 | WORLD_VLAN } },
	{ .name = "priority tag", .tags = 1, .tci = { 0x6000 } },
	{ .name = "two tags", .tags = 2, .tci = { WORLD_VLAN, 4095 } },
	{ .name = "unknown in this VLAN", .tags = 1, .tci = { WORLD_STRANGE_VLAN } },
	{ .name = "known in the inner VLAN only",
	  .tags = 2,
	  .tci = { WORLD_STRANGE_VLAN, WORLD_VLAN } },
	{ .name = "TTL 1", .ttl = 1 },
	{ .name = "TTL 2", .ttl = 2 },
	{ .name = "TTL 255", .ttl = 255 },
	{ .name = "DSCP EF", .tos = 0xb8 },
	{ .name = "ECN CE", .tos = 0x03 },
	{ .name = "all of TOS", .tos = 0xff },
	{ .name = "ID 0", .id = SAY(0) },
	{ .name = "ID ffff", .id = SAY(0xffff) },
	{ .name = "DF clear", .fragment = SAY(0) },
	{ .name = "reserved flag", .fragment = SAY(0x8000) },
	{ .name = "flow label", .flow_label = 0xabcde },
	{ .name = "flow label, traffic class", .flow_label = 0xfffff, .tos = 0x5a },
	{ .name = "no checksum", .sum = PACKETS_SUM_ZERO },
	{ .name = "wrong checksum", .sum = PACKETS_SUM_WRONG },
	{ .name = "unfinished checksum", .sum = PACKETS_SUM_UNFINISHED },
	{ .name = "unfinished, two tags",
	  .sum = PACKETS_SUM_UNFINISHED,
	  .tags = 2,
	  .tci = { WORLD_VLAN, 1 } },
	{ .name = "unfinished, trailer", .sum = PACKETS_SUM_UNFINISHED, .trailer = 6 },
	{ .name = "unfinished, padding",
	  .sum = PACKETS_SUM_UNFINISHED,
	  .padding = 3,
	  .padding_octet = 0x5a },
	{ .name = "unfinished, padding, trailer",
	  .sum = PACKETS_SUM_UNFINISHED,
	  .padding = 1,
	  .padding_octet = 0xff,
	  .trailer = 3 },
	{ .name = "incoming sum zero", .aim = AIM_UDP_SUM_IN },
	{ .name = "outgoing sum zero", .aim = AIM_UDP_SUM_OUT },
	{ .name = "outgoing header sum zero", .aim = AIM_IP_SUM_OUT },
	{ .name = "header sum all ones", .aim = AIM_IP_SUM_ONES },
	{ .name = "padding 1", .padding = 1 },
	{ .name = "padding 2", .padding = 2 },
	{ .name = "padding 3", .padding = 3 },
	{ .name = "padding 1, not zero", .padding = 1, .padding_octet = 0xa5 },
	{ .name = "padding 2, not zero", .padding = 2, .padding_octet = 0xa5 },
	{ .name = "padding 3, not zero", .padding = 3, .padding_octet = 0xff },
	{ .name = "padding 4", .padding = 4 },
	{ .name = "padding, no checksum",
	  .padding = 3,
	  .padding_octet = 0xa5,
	  .sum = PACKETS_SUM_ZERO },
	{ .name = "trailer 1", .trailer = 1 },
	{ .name = "trailer 46", .trailer = 46 },
	{ .name = "trailer, padding, tag",
	  .trailer = 9,
	  .padding = 2,
	  .padding_octet = 0x11,
	  .tags = 1,
	  .tci = { WORLD_VLAN } },
};

/* What may be refused, by what was varied; everything else must be relayed. */
static bool may_be(const struct variation *variation, const struct frame_spec *spec,
		   enum relay_reason reason)
{
	switch (reason) {
	case RELAY_REASON_TTL: return spec->ttl == 1;
	case RELAY_REASON_NO_CHECKSUM: return spec->sum == PACKETS_SUM_ZERO;
	case RELAY_REASON_BAD_CHANNEL_LENGTH: return spec->padding == 4;
	case RELAY_REASON_NO_MAC:
		return variation->tags && (variation->tci[0] & 0xfff) == WORLD_STRANGE_VLAN;
	default: return false;
	}
}

static void apply(const struct world *world, const struct variation *variation,
		  struct frame_spec *spec)
{
	static const struct mac never_learned;
	const struct mac *from =
		world_mac(world, &spec->src.ip, variation->tags ? variation->tci[0] & 0xfff : 0);

	spec->from = from ? *from : never_learned;
	spec->tags = variation->tags;
	memcpy(spec->tci, variation->tci, sizeof(variation->tci));
	if (variation->ttl)
		spec->ttl = variation->ttl;
	spec->tos = variation->tos;
	if (variation->id)
		spec->id = (uint16_t)variation->id;
	if (variation->fragment)
		spec->fragment = (uint16_t)variation->fragment;
	spec->flow_label = variation->flow_label;
	/* Only ChannelData has padding: it is told from data by the length it carries. */
	if (spec->channel) {
		spec->padding = variation->padding;
		spec->padding_octet = variation->padding_octet;
	}
	spec->trailer = variation->trailer;
	spec->sum = variation->sum;
}

static uint8_t *ip_of(struct octets *frame, const struct frame_spec *spec)
{
	return frame->at + packets_ip_offset(spec);
}

static size_t ip_header(const uint8_t *ip)
{
	return ip[0] >> 4 == 4 ? 20 : 40;
}

/* A word that can be chosen freely, set to what a checksum is while the word is zero, makes that
 * checksum zero. */
static void take_aim(struct agreement *agreement, enum aim aim, struct frame_spec *spec,
		     struct octets *in)
{
	struct octets out;
	uint8_t *ip;

	if (aim == AIM_UDP_SUM_IN || aim == AIM_UDP_SUM_OUT)
		spec->first_word = 0;
	if (aim == AIM_IP_SUM_OUT)
		spec->id = 0;
	packets_build(spec, in);
	if (agreement_check(agreement, in, "aiming", &out) != RELAY_REASON_COUNT)
		return;
	switch (aim) {
	case AIM_UDP_SUM_IN:
		spec->first_word = wire_get16(in->at + packets_udp_offset(spec) + 6);
		break;
	case AIM_UDP_SUM_OUT:
		ip = ip_of(&out, spec);
		spec->first_word = wire_get16(ip + ip_header(ip) + 6);
		break;
	case AIM_IP_SUM_OUT: spec->id = wire_get16(ip_of(&out, spec) + 10); break;
	default: return;
	}
	packets_build(spec, in);
}

static void aim_header_sum(const struct frame_spec *spec, struct octets *in)
{
	uint8_t *ip = ip_of(in, spec);

	if (ip[0] >> 4 != 4)
		return;
	wire_put16(ip + 10, 0);
	wire_put16(ip + 4, 0);
	wire_put16(ip + 4, 0xffffu ^ wire_fold(wire_sum(ip, 20, 0)));
	wire_put16(ip + 10, 0xffff);
	cr_assert_eq(wire_fold(wire_sum(ip, 20, 0)), 0xffff);
}

/* The last word on a frame that leaves, without the help of any relay. */
static void check_sums(const char *what, const struct variation *variation,
		       const struct agreement *agreement, const struct frame_spec *spec,
		       struct octets *out)
{
	const uint8_t *ip = ip_of(out, spec);
	const uint8_t *udp = ip + ip_header(ip);
	size_t datagram = wire_get16(udp + 4);
	uint16_t sum = wire_get16(udp + 6);

	if (ip[0] >> 4 == 4)
		cr_assert_eq(wire_fold(wire_sum(ip, 20, 0)), 0xffff, "%s", what);
	if (variation->aim == AIM_UDP_SUM_OUT && spec->size >= 2)
		cr_assert_eq(sum, 0xffff, "%s: %04x", what, sum);
	if (variation->aim == AIM_IP_SUM_OUT && ip[0] >> 4 == 4 && wire_is_v4(&spec->src.ip))
		cr_assert_eq(wire_get16(ip + 10), 0, "%s", what);
	if (spec->sum == PACKETS_SUM_ZERO) {
		cr_assert_eq(sum, 0, "%s", what);
		return;
	}
	if (spec->sum == PACKETS_SUM_UNFINISHED && agreement->world.generic) {
		cr_assert_eq(sum, wire_fold(wire_pseudo_sum(ip, datagram)), "%s", what);
		return;
	}
	cr_assert_eq(wire_fold(wire_sum(udp, datagram, wire_pseudo_sum(ip, datagram))) == 0xffff,
		     spec->sum != PACKETS_SUM_WRONG, "%s", what);
}

static void check_variation(struct agreement *agreement, enum relay_path path, size_t size,
			    const struct variation *variation)
{
	enum relay_reason reason;
	struct frame_spec spec;
	struct octets in, out;
	char what[160];

	snprintf(what, sizeof(what), "%s, %s, %zu bytes", world_path_name(path), variation->name,
		 size);
	world_frame(&agreement->world, path, &spec);
	spec.size = size;
	apply(&agreement->world, variation, &spec);
	if (variation->aim)
		take_aim(agreement, variation->aim, &spec, &in);
	else
		packets_build(&spec, &in);
	if (variation->aim == AIM_IP_SUM_ONES)
		aim_header_sum(&spec, &in);
	if (variation->aim == AIM_UDP_SUM_IN && size >= 2)
		cr_assert_eq(wire_get16(in.at + packets_udp_offset(&spec) + 6), 0xffff);
	reason = agreement_check(agreement, &in, what, &out);
	if (reason != RELAY_REASON_COUNT) {
		cr_assert(may_be(variation, &spec, reason), "%s: %s", what,
			  world_reason_name(reason));
		return;
	}
	check_sums(what, variation, agreement, &spec, &out);
}

static void check_all(bool generic, uint32_t mtu, const size_t *sizes, size_t count)
{
	struct agreement agreement;
	enum relay_path path;
	struct world world;
	size_t i, v;

	world_init(&world);
	world.generic = generic;
	world.mtu = mtu;
	agreement_open(&world, &agreement);
	for (path = 0; path < RELAY_PATH_COUNT; path++)
		for (i = 0; i < count; i++)
			for (v = 0; v < sizeof(variations) / sizeof(*variations); v++)
				if (sizes[i] < TRAILER_BELOW || !variations[v].trailer)
					check_variation(&agreement, path, sizes[i], &variations[v]);
	agreement_close(&agreement);
}

static const size_t small[] = { 0, 1, 2, 3, 4, 17, 160, 161, 1200, 1443 };
static const size_t jumbo[] = { 3400, 3481, 8000, 8001 };

Test(xdp_golden, native)
{
	check_all(false, 1500, small, sizeof(small) / sizeof(*small));
}

Test(xdp_golden, generic)
{
	check_all(true, 1500, small, sizeof(small) / sizeof(*small));
}

Test(xdp_golden, native_jumbo)
{
	check_all(false, 9000, jumbo, sizeof(jumbo) / sizeof(*jumbo));
}

Test(xdp_golden, generic_jumbo)
{
	check_all(true, 9000, jumbo, sizeof(jumbo) / sizeof(*jumbo));
}

/* One byte more than the MTU and it is passed up, unchanged. */
Test(xdp_golden, exactly_the_mtu)
{
	static const uint32_t mtus[] = { 1280, 1500, 9000 };
	struct agreement agreement;
	enum relay_path path;
	struct frame_spec spec;
	struct octets in, out;
	struct world world;
	size_t i, headers;

	world_init(&world);
	agreement_open(&world, &agreement);
	for (i = 0; i < sizeof(mtus) / sizeof(*mtus); i++) {
		agreement_set_mtu(&agreement, mtus[i]);
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			const char *out_name = world_path_name(path) + 3;

			world_frame(&world, path, &spec);
			headers = (out_name[1] == '4' ? 20u : 40u) + 8 +
				  (out_name[0] == 'c' ? 4u : 0u);
			spec.size = mtus[i] - headers;
			packets_build(&spec, &in);
			cr_assert_eq(agreement_check(&agreement, &in, "at the MTU", &out),
				     RELAY_REASON_COUNT);
			cr_assert_eq(out.length, 14 + mtus[i]);
			spec.size++;
			packets_build(&spec, &in);
			cr_assert_eq(agreement_check(&agreement, &in, "over the MTU", &out),
				     RELAY_REASON_TOO_BIG);
			/* Tags do not count. */
			spec.size--;
			spec.tags = 2;
			spec.tci[0] = WORLD_VLAN;
			spec.from = *world_mac(&world, &spec.src.ip, WORLD_VLAN);
			packets_build(&spec, &in);
			cr_assert_eq(agreement_check(&agreement, &in, "with tags", &out),
				     RELAY_REASON_COUNT);
		}
	}
	agreement_close(&agreement);
}
