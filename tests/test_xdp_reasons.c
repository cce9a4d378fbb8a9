/* SPDX-License-Identifier: BSD-2-Clause */
/* Every reason, by real frames of both families: passed up unchanged, under that one counter. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "agreement.h"

/* Which of the twelve paths' frames a fault is put into, by the first letters of their names. */
#define FROM_CLIENTS 1
#define FROM_PEERS 2
#define OVER_V4 4
#define OVER_V6 8
#define ALL (FROM_CLIENTS | FROM_PEERS | OVER_V4 | OVER_V6)
#define V4 (FROM_CLIENTS | FROM_PEERS | OVER_V4)
#define V6 (FROM_CLIENTS | FROM_PEERS | OVER_V6)
#define CLIENTS (FROM_CLIENTS | OVER_V4 | OVER_V6)
#define PEERS (FROM_PEERS | OVER_V4 | OVER_V6)

enum base { ETHERNET, IP, UDP };

struct patch {
	enum base base;
	size_t at;
	int bytes; /* 0 = no patch */
	uint32_t value;
};

struct fault {
	const char *name;
	enum relay_reason reason;
	unsigned int where;
	struct patch patches[3];
	size_t cut; /* length of the frame, if not 0 */
	uint8_t protocol, options, extension, ttl, tags;
	uint16_t fragment;
	enum packets_sum sum;
	const struct mac *to;
};

static const struct mac other_host = { { 0x02, 0, 0, 0, 0, 0x21 } };
static const struct mac broadcast = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
static const struct mac multicast = { { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 } };

#define HOP_BY_HOP 0xfe /* 0 in the frame */

static const struct fault faults[] = {
	{ "LLDP", RELAY_REASON_NOT_IP, ALL, .patches = { { ETHERNET, 12, 2, 0x88cc } } },
	{ "802.3 length", RELAY_REASON_NOT_IP, ALL, .patches = { { ETHERNET, 12, 2, 0x0026 } } },
	{ "IPv4's neighbour", RELAY_REASON_NOT_IP, ALL,
	  .patches = { { ETHERNET, 12, 2, 0x0801 } } },
	{ "three tags", RELAY_REASON_NOT_IP, ALL, .tags = 3 },
	{ "TCP", RELAY_REASON_NOT_UDP, ALL, .protocol = IPPROTO_TCP },
	{ "ICMP", RELAY_REASON_NOT_UDP, V4, .protocol = IPPROTO_ICMP },
	{ "ICMPv6", RELAY_REASON_NOT_UDP, V6, .protocol = IPPROTO_ICMPV6 },
	{ "no next header", RELAY_REASON_NOT_UDP, V6, .protocol = IPPROTO_NONE },
	{ "ESP", RELAY_REASON_NOT_UDP, ALL, .protocol = IPPROTO_ESP },
	{ "UDP-Lite", RELAY_REASON_NOT_UDP, ALL, .protocol = IPPROTO_UDPLITE },
	{ "Ethernet alone", RELAY_REASON_TOO_SHORT, ALL, .cut = 14 },
	{ "one byte of IP", RELAY_REASON_TOO_SHORT, ALL, .cut = 15 },
	{ "19 bytes of IPv4", RELAY_REASON_TOO_SHORT, V4, .cut = 14 + 19 },
	{ "39 bytes of IPv6", RELAY_REASON_TOO_SHORT, V6, .cut = 14 + 39 },
	{ "half a tag", RELAY_REASON_TOO_SHORT, ALL, .cut = 17, .tags = 1 },
	{ "half a second tag", RELAY_REASON_TOO_SHORT, ALL, .cut = 21, .tags = 2 },
	{ "version 5", RELAY_REASON_BAD_HEADER, ALL, .patches = { { IP, 0, 1, 0x55 } } },
	{ "version 6 in IPv4", RELAY_REASON_BAD_HEADER, V4, .patches = { { IP, 0, 1, 0x60 } } },
	{ "version 4 in IPv6", RELAY_REASON_BAD_HEADER, V6, .patches = { { IP, 0, 1, 0x45 } } },
	{ "header length 16", RELAY_REASON_BAD_HEADER, V4, .patches = { { IP, 0, 1, 0x44 } } },
	{ "header length 0", RELAY_REASON_BAD_HEADER, V4, .patches = { { IP, 0, 1, 0x40 } } },
	{ "total length 19", RELAY_REASON_BAD_HEADER, V4, .patches = { { IP, 2, 2, 19 } } },
	{ "total length beyond the frame", RELAY_REASON_BAD_HEADER, V4,
	  .patches = { { IP, 2, 2, 0xffff } } },
	{ "payload length beyond the frame", RELAY_REASON_BAD_HEADER, V6,
	  .patches = { { IP, 4, 2, 0xffff } } },
	{ "no room for UDP", RELAY_REASON_BAD_HEADER, V4, .patches = { { IP, 2, 2, 27 } } },
	{ "no room for UDP", RELAY_REASON_BAD_HEADER, V6, .patches = { { IP, 4, 2, 7 } } },
	{ "no room at all", RELAY_REASON_BAD_HEADER, V6, .patches = { { IP, 4, 2, 0 } } },
	{ "UDP length 7", RELAY_REASON_BAD_HEADER, ALL, .patches = { { UDP, 4, 2, 7 } } },
	{ "UDP length 0", RELAY_REASON_BAD_HEADER, ALL, .patches = { { UDP, 4, 2, 0 } } },
	{ "UDP longer than IP", RELAY_REASON_BAD_HEADER, ALL,
	  .patches = { { UDP, 4, 2, 0x1000 } } },
	{ "UDP shorter than IP", RELAY_REASON_BAD_HEADER, ALL, .patches = { { UDP, 4, 2, 100 } } },
	{ "one option", RELAY_REASON_IP_OPTIONS, V4, .options = 1 },
	{ "all options", RELAY_REASON_IP_OPTIONS, V4, .options = 10 },
	{ "hop-by-hop options", RELAY_REASON_EXT_HEADER, V6, .extension = HOP_BY_HOP },
	{ "routing header", RELAY_REASON_EXT_HEADER, V6, .extension = IPPROTO_ROUTING },
	{ "destination options", RELAY_REASON_EXT_HEADER, V6, .extension = IPPROTO_DSTOPTS },
	{ "authentication", RELAY_REASON_EXT_HEADER, V6, .extension = IPPROTO_AH },
	{ "mobility header", RELAY_REASON_EXT_HEADER, V6, .extension = IPPROTO_MH },
	{ "first fragment", RELAY_REASON_FRAGMENT, V4, .fragment = 0x2000 },
	{ "last fragment", RELAY_REASON_FRAGMENT, V4, .fragment = 0x0010 },
	{ "middle fragment", RELAY_REASON_FRAGMENT, V4, .fragment = 0x2001 },
	{ "first fragment", RELAY_REASON_FRAGMENT, V6, .extension = IPPROTO_FRAGMENT,
	  .fragment = 1 },
	{ "atomic fragment", RELAY_REASON_FRAGMENT, V6, .extension = IPPROTO_FRAGMENT },
	{ "last fragment", RELAY_REASON_FRAGMENT, V6, .extension = IPPROTO_FRAGMENT,
	  .fragment = 0x80 },
	{ "another host's", RELAY_REASON_NOT_FOR_US, ALL, .to = &other_host },
	{ "broadcast", RELAY_REASON_NOT_FOR_US, ALL, .to = &broadcast },
	{ "multicast", RELAY_REASON_NOT_FOR_US, ALL, .to = &multicast },
	{ "another port", RELAY_REASON_NOT_TURN, ALL, .patches = { { UDP, 2, 2, 3479 } } },
	{ "below the relay ports", RELAY_REASON_NOT_TURN, ALL,
	  .patches = { { UDP, 2, 2, 49151 } } },
	{ "port 0", RELAY_REASON_NOT_TURN, ALL, .patches = { { UDP, 2, 2, 0 } } },
	{ "channel 3fff", RELAY_REASON_NOT_TURN, CLIENTS, .patches = { { UDP, 8, 2, 0x3fff } } },
	{ "channel 8000", RELAY_REASON_NOT_TURN, CLIENTS, .patches = { { UDP, 8, 2, 0x8000 } } },
	{ "channel ffff", RELAY_REASON_NOT_TURN, CLIENTS, .patches = { { UDP, 8, 2, 0xffff } } },
	{ "cookie, top bits set", RELAY_REASON_NOT_TURN, CLIENTS,
	  .patches = { { UDP, 8, 4, 0xc0010000 }, { UDP, 12, 4, 0x2112a442 } } },
	{ "Binding request", RELAY_REASON_CONTROL, CLIENTS,
	  .patches = { { UDP, 8, 4, 0x00010098 }, { UDP, 12, 4, 0x2112a442 } } },
	{ "highest STUN type", RELAY_REASON_CONTROL, CLIENTS,
	  .patches = { { UDP, 8, 2, 0x3fff }, { UDP, 12, 4, 0x2112a442 } } },
	{ "control from where peers are", RELAY_REASON_CONTROL, PEERS,
	  .patches = { { UDP, 2, 2, 3478 },
		       { UDP, 8, 4, 0x01010098 },
		       { UDP, 12, 4, 0x2112a442 } } },
	{ "data longer than the datagram", RELAY_REASON_BAD_CHANNEL_LENGTH, CLIENTS,
	  .patches = { { UDP, 10, 2, 161 } } },
	{ "data of 64 KiB", RELAY_REASON_BAD_CHANNEL_LENGTH, CLIENTS,
	  .patches = { { UDP, 10, 2, 0xffff } } },
	{ "4 bytes of padding", RELAY_REASON_BAD_CHANNEL_LENGTH, CLIENTS,
	  .patches = { { UDP, 10, 2, 156 } } },
	{ "nothing but padding", RELAY_REASON_BAD_CHANNEL_LENGTH, CLIENTS,
	  .patches = { { UDP, 10, 2, 0 } } },
	{ "channel never bound", RELAY_REASON_NO_BINDING, CLIENTS,
	  .patches = { { UDP, 8, 2, 0x4fff } } },
	{ "client's other port", RELAY_REASON_NO_BINDING, CLIENTS,
	  .patches = { { UDP, 0, 2, 40999 } } },
	{ "port not allocated", RELAY_REASON_NO_BINDING, PEERS,
	  .patches = { { UDP, 2, 2, 60000 } } },
	{ "lowest relay port", RELAY_REASON_NO_BINDING, PEERS,
	  .patches = { { UDP, 2, 2, 49152 } } },
	{ "peer's other port", RELAY_REASON_NO_BINDING, PEERS, .patches = { { UDP, 0, 2, 7999 } } },
	{ "other server address", RELAY_REASON_NO_BINDING, V4, .patches = { { IP, 19, 1, 0x63 } } },
	{ "other server address", RELAY_REASON_NO_BINDING, V6, .patches = { { IP, 39, 1, 0x63 } } },
	{ "TTL 1", RELAY_REASON_TTL, ALL, .ttl = 1 },
	{ "TTL 0", RELAY_REASON_TTL, V4, .patches = { { IP, 8, 1, 0 } } },
	{ "hop limit 0", RELAY_REASON_TTL, V6, .patches = { { IP, 7, 1, 0 } } },
	{ "no checksum", RELAY_REASON_NO_CHECKSUM, V6, .sum = PACKETS_SUM_ZERO },

	/* The first test that fails names the reason. */
	{ "foreign TCP", RELAY_REASON_NOT_FOR_US, ALL, .to = &other_host, .protocol = IPPROTO_TCP },
	{ "foreign, broken", RELAY_REASON_BAD_HEADER, ALL, .patches = { { IP, 0, 1, 0x75 } },
	  .to = &other_host },
	{ "foreign fragment", RELAY_REASON_NOT_FOR_US, V4, .to = &other_host, .fragment = 0x2000 },
	{ "TCP fragment", RELAY_REASON_NOT_UDP, V4, .protocol = IPPROTO_TCP, .fragment = 0x2000 },
	{ "TCP with options", RELAY_REASON_NOT_UDP, V4, .protocol = IPPROTO_TCP, .options = 2 },
	{ "fragment with options", RELAY_REASON_FRAGMENT, V4, .fragment = 0x2000, .options = 2 },
	{ "options, TTL 1", RELAY_REASON_IP_OPTIONS, V4, .options = 2, .ttl = 1 },
	{ "no binding, TTL 1", RELAY_REASON_NO_BINDING, CLIENTS,
	  .patches = { { UDP, 8, 2, 0x4fff } }, .ttl = 1 },
	{ "bad length, no binding", RELAY_REASON_BAD_CHANNEL_LENGTH, CLIENTS,
	  .patches = { { UDP, 8, 4, 0x4fff0001 } } },
	{ "TTL 1, no checksum", RELAY_REASON_TTL, ALL, .ttl = 1, .sum = PACKETS_SUM_ZERO },
};

static bool belongs(enum relay_path path, unsigned int where)
{
	const char *name = world_path_name(path);

	return where & (name[0] == 'c' ? FROM_CLIENTS : FROM_PEERS) &&
	       where & (name[1] == '4' ? OVER_V4 : OVER_V6);
}

static void apply_patches(const struct fault *fault, const struct frame_spec *spec,
			  struct octets *frame)
{
	size_t i, at;

	for (i = 0; i < 3; i++) {
		const struct patch *patch = &fault->patches[i];

		at = patch->at + (patch->base == IP    ? packets_ip_offset(spec)
				  : patch->base == UDP ? packets_udp_offset(spec)
						       : 0);
		if (patch->bytes == 1)
			frame->at[at] = (uint8_t)patch->value;
		else if (patch->bytes == 2)
			wire_put16(frame->at + at, patch->value);
		else if (patch->bytes == 4)
			wire_put32(frame->at + at, patch->value);
	}
	if (fault->cut)
		frame->length = fault->cut;
}

static void build_faulty(const struct world *world, enum relay_path path, const struct fault *fault,
			 struct octets *ret)
{
	static const struct mac never_learned;
	struct frame_spec spec;

	world_frame(world, path, &spec);
	spec.from = never_learned;
	spec.protocol = fault->protocol ? fault->protocol : IPPROTO_UDP;
	spec.options = fault->options;
	if (fault->extension)
		spec.extensions[0] = fault->extension == HOP_BY_HOP ? 0 : fault->extension;
	if (fault->ttl)
		spec.ttl = fault->ttl;
	spec.tags = fault->tags;
	spec.fragment = fault->fragment;
	spec.sum = fault->sum;
	if (fault->to)
		spec.to = *fault->to;
	packets_build(&spec, ret);
	apply_patches(fault, &spec, ret);
}

static void check_faults(const struct world *world, uint64_t *ret_seen)
{
	struct agreement agreement;
	struct octets in, out;
	enum relay_path path;
	char what[120];
	size_t i;

	agreement_open(world, &agreement);
	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			enum relay_reason reason;

			if (!belongs(path, faults[i].where))
				continue;
			build_faulty(world, path, &faults[i], &in);
			snprintf(what, sizeof(what), "%s in %s", faults[i].name,
				 world_path_name(path));
			reason = agreement_check(&agreement, &in, what, &out);
			cr_assert_eq(reason, faults[i].reason, "%s: %s, not %s", what,
				     world_reason_name(reason),
				     world_reason_name(faults[i].reason));
			*ret_seen |= 1ULL << reason;
		}
	agreement_close(&agreement);
}

Test(xdp_reasons, table_native)
{
	struct world world;
	uint64_t seen = 0;

	world_init(&world);
	check_faults(&world, &seen);
}

Test(xdp_reasons, table_generic)
{
	struct world world;
	uint64_t seen = 0;

	world_init(&world);
	world.generic = true;
	check_faults(&world, &seen);
}

/* Together with ARP below and the tests of circumstances, the table leaves no reason out. */
Test(xdp_reasons, every_one_is_tested)
{
	uint64_t seen = 1ULL << RELAY_REASON_ARP | 1ULL << RELAY_REASON_NO_MAC |
			1ULL << RELAY_REASON_STALE_MAC | 1ULL << RELAY_REASON_UNFINISHED |
			1ULL << RELAY_REASON_TOO_BIG | 1ULL << RELAY_REASON_NO_HEADROOM |
			1ULL << RELAY_REASON_OBSERVING | 1ULL << RELAY_REASON_INTERNAL;
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		seen |= 1ULL << faults[i].reason;
	cr_assert_eq(seen, (1ULL << RELAY_REASON_COUNT) - 1, "%lx", seen);
}

Test(xdp_reasons, arp)
{
	struct arp_spec arp = { .to = broadcast, .operation = 1 };
	struct agreement agreement;
	struct octets in, out;
	struct world world;
	enum relay_path path;

	world_init(&world);
	arp.from = arp.sender_mac = world.hosts[0].mac;
	arp.sender_ip = world.hosts[0].ip;
	arp.target_ip = world.own_ips[0];
	agreement_open(&world, &agreement);
	packets_arp(&arp, &in);
	cr_assert_eq(program_relay(agreement.program, &in, &out, &path), RELAY_REASON_ARP);
	in.length = 20;
	cr_assert_eq(program_relay(agreement.program, &in, &out, &path), RELAY_REASON_ARP);
	arp.vlan = WORLD_VLAN;
	arp.from = arp.sender_mac = *world_mac(&world, &arp.sender_ip, WORLD_VLAN);
	packets_arp(&arp, &in);
	cr_assert_eq(agreement_check(&agreement, &in, "ARP", &out), RELAY_REASON_ARP);
	agreement_close(&agreement);
}

static void expect_not_turn(struct agreement *agreement, const struct frame_spec *spec)
{
	struct octets in, out;

	packets_build(spec, &in);
	cr_assert_eq(agreement_check(agreement, &in, "short", &out), RELAY_REASON_NOT_TURN,
		     "%zu bytes", spec->size);
}

/* Too few bytes for a channel number, at the TURN port. */
Test(xdp_reasons, short_datagrams)
{
	static const enum relay_path paths[] = { RELAY_PATH_P4_C4, RELAY_PATH_P6_C6 };
	struct agreement agreement;
	struct frame_spec spec;
	struct world world;
	size_t i;

	world_init(&world);
	agreement_open(&world, &agreement);
	for (i = 0; i < 2; i++) {
		world_frame(&world, paths[i], &spec);
		spec.dst.port = world.turn_port;
		spec.first_word = 0x4000;
		for (spec.size = 0; spec.size < 4; spec.size++)
			expect_not_turn(&agreement, &spec);
		spec.first_word = 0x0001;
		for (; spec.size < 12; spec.size++)
			expect_not_turn(&agreement, &spec);
	}
	agreement_close(&agreement);
}

/* A good frame, cut off at every length; with a tag and with two. */
Test(xdp_reasons, truncated_everywhere)
{
	struct agreement agreement;
	struct frame_spec spec;
	struct octets in, out;
	enum relay_path path;
	struct world world;
	char what[80];
	size_t length;

	world_init(&world);
	agreement_open(&world, &agreement);
	for (path = 0; path < RELAY_PATH_COUNT; path++)
		for (int tags = 0; tags < 3; tags++) {
			world_frame(&world, path, &spec);
			spec.tags = (uint8_t)tags;
			spec.tci[0] = WORLD_VLAN;
			spec.from = *world_mac(&world, &spec.src.ip, tags ? WORLD_VLAN : 0);
			spec.size = 21;
			packets_build(&spec, &in);
			length = in.length;
			cr_assert_eq(agreement_check(&agreement, &in, "whole", &out),
				     RELAY_REASON_COUNT);
			while (in.length--) {
				snprintf(what, sizeof(what), "%s, %d tags, cut to %zu of %zu",
					 world_path_name(path), tags, in.length, length);
				cr_assert_neq(agreement_check(&agreement, &in, what, &out),
					      RELAY_REASON_COUNT, "%s", what);
				if (!in.length)
					break;
			}
		}
	agreement_close(&agreement);
}
