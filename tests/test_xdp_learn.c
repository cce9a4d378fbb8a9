/* SPDX-License-Identifier: BSD-2-Clause */
/* What teaches the program an IP -> MAC pair, what does not, and every way to be refused. */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <string.h>

#include "program.h"

#define BEHIND_ROUTER 12000

static const struct mac broadcast_mac = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
static const struct mac multicast_mac = { { 0x33, 0x33, 0, 0, 0, 1 } };
static const struct mac teacher = { { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 } };
static const struct mac bystander = { { 0x02, 0x99, 0x99, 0x99, 0x99, 0x99 } };

struct lesson {
	const char *name;
	const char *ip, *dst;
	uint8_t protocol, extension;
	uint16_t vlan, fragment;
	uint8_t options;
	const struct mac *to; /* NULL: this host */
	bool taught;
};

static const struct lesson lessons[] = {
	{ "UDP", "10.90.0.77", "10.90.0.20", IPPROTO_UDP, .taught = true },
	{ "TCP", "10.90.0.77", "10.90.0.20", IPPROTO_TCP, .taught = true },
	{ "ICMP", "10.90.0.77", "10.90.0.20", IPPROTO_ICMP, .taught = true },
	{ "unknown protocol", "10.90.0.77", "10.90.0.20", 253, .taught = true },
	{ "fragment", "10.90.0.77", "10.90.0.20", IPPROTO_UDP, .fragment = 0x2000, .taught = true },
	{ "options", "10.90.0.77", "10.90.0.20", IPPROTO_UDP, .options = 3, .taught = true },
	{ "routed through this host", "10.90.0.77", "192.0.2.1", IPPROTO_UDP, .taught = true },
	{ "another host's unicast", "10.90.0.77", "10.90.0.30", IPPROTO_TCP, .to = &bystander,
	  .taught = true },
	{ "tagged", "10.90.0.77", "10.90.0.20", IPPROTO_TCP, .vlan = 5, .taught = true },
	{ "link-local", "169.254.3.4", "10.90.0.20", IPPROTO_TCP, .taught = true },
	{ "UDP over IPv6", "fd90::77", "fd90::20", IPPROTO_UDP, .taught = true },
	{ "TCP over IPv6", "fd90::77", "fd90::20", IPPROTO_TCP, .taught = true },
	{ "ICMPv6 echo", "fd90::77", "fd90::20", IPPROTO_ICMPV6, .taught = true },
	{ "no next header", "fd90::77", "fd90::20", IPPROTO_NONE, .taught = true },
	{ "extension header", "fd90::77", "fd90::20", IPPROTO_TCP, .extension = IPPROTO_ROUTING,
	  .taught = true },
	{ "fragment over IPv6", "fd90::77", "fd90::20", IPPROTO_UDP, .extension = IPPROTO_FRAGMENT,
	  .fragment = 8, .taught = true },
	{ "link-local over IPv6", "fe80::77", "fe80::20", IPPROTO_TCP, .taught = true },
	{ "tagged IPv6", "fd90::77", "fd90::20", IPPROTO_TCP, .vlan = 5, .taught = true },
	{ "to all", "10.90.0.77", "10.90.0.255", IPPROTO_UDP, .to = &broadcast_mac },
	{ "to a group", "10.90.0.77", "224.0.0.251", IPPROTO_UDP, .to = &multicast_mac },
	{ "to a group over IPv6", "fd90::77", "ff02::fb", IPPROTO_UDP, .to = &multicast_mac },
};

static struct program *open_empty(struct world *world)
{
	world_init(world);
	world->host_count = 0;
	return program_in(world);
}

static void build_lesson(const struct world *world, const struct lesson *lesson, struct octets *ret)
{
	struct frame_spec spec;

	packets_default(&spec);
	spec.to = lesson->to ? *lesson->to : world->own;
	spec.from = teacher;
	spec.src = wire_endpoint(lesson->ip, 4444);
	spec.dst = wire_endpoint(lesson->dst, 5555);
	spec.protocol = lesson->protocol;
	if (lesson->extension)
		spec.extensions[0] = lesson->extension;
	spec.fragment = lesson->fragment;
	spec.options = lesson->options;
	spec.tags = lesson->vlan ? 1 : 0;
	spec.tci[0] = lesson->vlan;
	packets_build(&spec, ret);
}

static uint64_t refused(const struct relay_counters *counters)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < RELAY_REFUSAL_COUNT; i++)
		sum += counters->refused[i];
	return sum;
}

/* Learned by one frame, with its event; known until it is said to be forgotten. */
static void expect_learned(struct program *program, const char *name, const struct in6_addr *ip,
			   uint16_t vlan, enum relay_source source)
{
	const struct event_neighbour *event = &program->events[0].neighbour;
	struct relay_counters counters;
	struct relay_neighbour known;

	program_drain(program);
	program_counters(program, &counters);
	cr_assert_eq(counters.inserted, 1, "%s: %llu", name, counters.inserted);
	cr_assert_eq(refused(&counters), 0, "%s", name);
	cr_assert(program_knows(program, ip, vlan, &teacher), "%s", name);
	cr_assert_eq(program_neighbour(program, ip, vlan, &known), 0);
	cr_assert_eq(known.source, source, "%s", name);
	cr_assert_eq(known.moves, 0);
	cr_assert_eq(known.previous, 0);
	cr_assert_eq(program->event_count, 1, "%s: %zu events", name, program->event_count);
	cr_assert_eq(program->events[0].type, EVENT_MAC_LEARNED, "%s", name);
	cr_assert(!memcmp(&event->ip, ip, sizeof(*ip)) && event->vlan == vlan, "%s", name);
	cr_assert(!memcmp(&event->mac, &teacher, sizeof(teacher)), "%s", name);
	cr_assert_eq(event->source, source, "%s", name);
	cr_assert(!event->has_previous, "%s", name);
}

static void expect_nothing_learned(struct program *program, const char *name)
{
	struct relay_counters counters;

	program_drain(program);
	program_counters(program, &counters);
	cr_assert_eq(counters.inserted, 0, "%s taught something", name);
	cr_assert_eq(counters.moved, 0, "%s moved something", name);
	cr_assert_eq(program->event_count, 0, "%s", name);
}

static void start_over(struct program *program)
{
	program_empty_neighbours(program);
	program_zero_counters(program);
	program_forget_events(program);
}

Test(xdp_learn, from_ip_frames_of_any_kind)
{
	struct octets in, out;
	struct world world;
	struct program *program = open_empty(&world);
	size_t i;

	for (i = 0; i < sizeof(lessons) / sizeof(*lessons); i++) {
		const struct lesson *lesson = &lessons[i];
		struct in6_addr ip = wire_ip(lesson->ip), dst = wire_ip(lesson->dst);

		start_over(program);
		build_lesson(&world, lesson, &in);
		cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
		if (lesson->taught)
			expect_learned(program, lesson->name, &ip, lesson->vlan, RELAY_SOURCE_IP);
		else
			expect_nothing_learned(program, lesson->name);
		cr_assert(!program_knows(program, &dst, lesson->vlan, &world.own),
			  "%s: learned from the destination", lesson->name);
	}
	program_close(program);
}

/* IPv4 addresses are stored mapped; one that comes mapped on the wire is a forgery. */
Test(xdp_learn, not_from_mapped_addresses_on_the_wire)
{
	struct in6_addr ip = wire_ip("10.90.0.77");
	struct octets in, out;
	struct world world;
	struct program *program = open_empty(&world);
	struct nd_spec nd = {
		.to = world.own,
		.from = teacher,
		.type = PACKETS_ND_ADVERTISEMENT,
		.hop_limit = 255,
		.src = wire_ip("ff02::1"),
		.dst = wire_ip("fd90::20"),
		.target = ip,
		.option = 2,
		.option_mac = teacher,
	};
	const struct lesson lesson = { "mapped", "fd90::77", "fd90::20", IPPROTO_TCP,
				       .taught = false };
	enum relay_path path;

	build_lesson(&world, &lesson, &in);
	memcpy(in.at + 14 + 8, &ip, sizeof(ip));
	cr_assert_eq(program_relay(program, &in, &out, &path), RELAY_REASON_BAD_HEADER);
	packets_nd(&nd, &in);
	program_run(program, &in, &out);
	expect_nothing_learned(program, "a mapped address");
	program_close(program);
}

struct arp_lesson {
	const char *name;
	uint16_t operation;
	const struct mac *to;
	const char *sender, *target;
	uint16_t vlan;
	size_t patch_at, cut; /* 0 = none */
	uint8_t patch;
	bool taught;
};

static const struct arp_lesson arp_lessons[] = {
	{ "request", 1, &broadcast_mac, "10.90.0.77", "10.90.0.20", .taught = true },
	{ "reply", 2, NULL, "10.90.0.77", "10.90.0.20", .taught = true },
	{ "gratuitous request", 1, &broadcast_mac, "10.90.0.77", "10.90.0.77", .taught = true },
	{ "gratuitous reply", 2, &broadcast_mac, "10.90.0.77", "10.90.0.77", .taught = true },
	{ "tagged", 2, NULL, "10.90.0.77", "10.90.0.20", .vlan = 9, .taught = true },
	{ "between others", 2, &bystander, "10.90.0.77", "10.90.0.30", .taught = true },
	{ "reverse request", 3, &broadcast_mac, "10.90.0.77", "10.90.0.20", .taught = false },
	{ "operation 0", 0, &broadcast_mac, "10.90.0.77", "10.90.0.20", .taught = false },
	{ "not Ethernet", 1, &broadcast_mac, "10.90.0.77", "10.90.0.20", .patch_at = 15,
	  .patch = 6 },
	{ "not IPv4", 1, &broadcast_mac, "10.90.0.77", "10.90.0.20", .patch_at = 17, .patch = 1 },
	{ "long MACs", 1, &broadcast_mac, "10.90.0.77", "10.90.0.20", .patch_at = 18, .patch = 8 },
	{ "long IPs", 1, &broadcast_mac, "10.90.0.77", "10.90.0.20", .patch_at = 19, .patch = 16 },
	{ "cut off", 1, &broadcast_mac, "10.90.0.77", "10.90.0.20", .cut = 41 },
};

Test(xdp_learn, from_arp)
{
	struct octets in, out;
	struct world world;
	struct program *program = open_empty(&world);
	enum relay_path path;
	size_t i;

	for (i = 0; i < sizeof(arp_lessons) / sizeof(*arp_lessons); i++) {
		const struct arp_lesson *lesson = &arp_lessons[i];
		struct arp_spec arp = {
			.to = lesson->to ? *lesson->to : world.own,
			.from = bystander,
			.vlan = lesson->vlan,
			.operation = lesson->operation,
			.sender_mac = teacher,
			.sender_ip = wire_ip(lesson->sender),
			.target_mac = world.own,
			.target_ip = wire_ip(lesson->target),
		};

		start_over(program);
		packets_arp(&arp, &in);
		if (lesson->patch_at)
			in.at[lesson->patch_at] = lesson->patch;
		if (lesson->cut)
			in.length = lesson->cut;
		cr_assert_eq(program_relay(program, &in, &out, &path), RELAY_REASON_ARP);
		if (lesson->taught)
			expect_learned(program, lesson->name, &arp.sender_ip, lesson->vlan,
				       RELAY_SOURCE_ARP);
		else
			expect_nothing_learned(program, lesson->name);
	}
	program_close(program);
}

struct nd_lesson {
	const char *name;
	uint8_t type, option, hop_limit;
	bool behind_another, taught;
	size_t patch_at, cut;
	uint8_t patch;
};

#define ND_ICMP (14 + 40)

static const struct nd_lesson nd_lessons[] = {
	{ "router solicitation", PACKETS_ND_ROUTER_SOLICITATION, 1, 255, .taught = true },
	{ "router advertisement", PACKETS_ND_ROUTER_ADVERTISEMENT, 1, 255, .taught = true },
	{ "solicitation", PACKETS_ND_SOLICITATION, 1, 255, .taught = true },
	{ "advertisement", PACKETS_ND_ADVERTISEMENT, 2, 255, .taught = true },
	{ "solicitation with a nonce", PACKETS_ND_SOLICITATION, 1, 255, .behind_another = true,
	  .taught = true },
	{ "advertisement with a nonce", PACKETS_ND_ADVERTISEMENT, 2, 255, .behind_another = true,
	  .taught = true },
	{ "solicitation with the wrong option", PACKETS_ND_SOLICITATION, 2, 255, .taught = false },
	{ "advertisement with the wrong option", PACKETS_ND_ADVERTISEMENT, 1, 255,
	  .taught = false },
	{ "no option", PACKETS_ND_ADVERTISEMENT, 0, 255, .taught = false },
	{ "from beyond the link", PACKETS_ND_ADVERTISEMENT, 2, 254, .taught = false },
	{ "redirect", 137, 2, 255, .taught = false },
	{ "code 1", PACKETS_ND_ADVERTISEMENT, 2, 255, .patch_at = ND_ICMP + 1, .patch = 1 },
	{ "option of no length", PACKETS_ND_ADVERTISEMENT, 2, 255, .patch_at = ND_ICMP + 25,
	  .patch = 0, .behind_another = true },
	{ "option cut off", PACKETS_ND_ADVERTISEMENT, 2, 255, .cut = ND_ICMP + 24 + 7 },
	{ "header cut off", PACKETS_ND_ADVERTISEMENT, 2, 255, .cut = ND_ICMP + 7 },
};

Test(xdp_learn, from_neighbour_discovery)
{
	struct octets in, out;
	struct world world;
	struct program *program = open_empty(&world);
	size_t i;

	for (i = 0; i < sizeof(nd_lessons) / sizeof(*nd_lessons); i++) {
		const struct nd_lesson *lesson = &nd_lessons[i];
		struct nd_spec nd = {
			/* To a group, so that only the option can teach. */
			.to = multicast_mac,	       .from = bystander,
			.type = lesson->type,	       .hop_limit = lesson->hop_limit,
			.src = wire_ip("fe80::77"),    .dst = wire_ip("ff02::1"),
			.target = wire_ip("fd90::77"), .option = lesson->option,
			.option_mac = teacher,	       .behind_another = lesson->behind_another,
		};

		start_over(program);
		packets_nd(&nd, &in);
		if (lesson->patch_at)
			in.at[lesson->patch_at] = lesson->patch;
		if (lesson->cut)
			in.length = lesson->cut;
		cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
		if (lesson->taught)
			expect_learned(program, lesson->name,
				       lesson->type == PACKETS_ND_ADVERTISEMENT ? &nd.target
										: &nd.src,
				       0, RELAY_SOURCE_NDP);
		else
			expect_nothing_learned(program, lesson->name);
	}
	program_close(program);
}

static const struct {
	const char *ip;
	struct mac mac;
	enum relay_refusal refusal;
} refusals[] = {
	{ "10.90.0.77", { { 0x01, 0, 0x5e, 0, 0, 1 } }, RELAY_REFUSAL_MULTICAST_MAC },
	{ "fd90::77", { { 0x33, 0x33, 0, 0, 0, 1 } }, RELAY_REFUSAL_MULTICAST_MAC },
	{ "10.90.0.77", { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, RELAY_REFUSAL_BROADCAST_MAC },
	{ "fd90::77", { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, RELAY_REFUSAL_BROADCAST_MAC },
	{ "10.90.0.77", { { 0 } }, RELAY_REFUSAL_ZERO_MAC },
	{ "fd90::77", { { 0 } }, RELAY_REFUSAL_ZERO_MAC },
	{ "10.90.0.77", { { 0x02, 0, 0, 0, 0, 0x20 } }, RELAY_REFUSAL_OWN_MAC },
	{ "fd90::77", { { 0x02, 0, 0, 0, 0, 0x20 } }, RELAY_REFUSAL_OWN_MAC },
	{ "10.90.0.20", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_OWN_IP },
	{ "fd90::20", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_OWN_IP },
	{ "224.0.0.1", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_MULTICAST_IP },
	{ "239.255.255.255", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_MULTICAST_IP },
	{ "ff02::1", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_MULTICAST_IP },
	{ "255.255.255.255", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_BROADCAST_IP },
	{ "10.90.0.255", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_BROADCAST_IP },
	{ "127.0.0.1", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_LOOPBACK_IP },
	{ "127.255.255.255", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_LOOPBACK_IP },
	{ "::1", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_LOOPBACK_IP },
	{ "0.0.0.0", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_UNSPECIFIED_IP },
	{ "::", { { 0x02, 1, 1, 1, 1, 1 } }, RELAY_REFUSAL_UNSPECIFIED_IP },
};

static void expect_refused(struct program *program, size_t i, const char *how)
{
	struct relay_counters counters;

	program_counters(program, &counters);
	cr_assert_eq(counters.refused[refusals[i].refusal], 1, "%s by %s: %llu", refusals[i].ip,
		     how, counters.refused[refusals[i].refusal]);
	cr_assert_eq(refused(&counters), 1, "%s by %s", refusals[i].ip, how);
	expect_nothing_learned(program, refusals[i].ip);
}

Test(xdp_learn, refuses_what_no_neighbour_has)
{
	struct in6_addr subnet_broadcast = wire_ip("10.90.0.255");
	struct octets in, out;
	struct frame_spec spec;
	struct world world;
	struct program *program = open_empty(&world);
	size_t i;

	cr_assert_eq(relay_add_own_address(program->relay, &subnet_broadcast, true), 0);
	for (i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		struct in6_addr ip = wire_ip(refusals[i].ip);
		struct arp_spec arp = { .to = broadcast_mac,
					.from = bystander,
					.operation = 2,
					.sender_mac = refusals[i].mac,
					.sender_ip = ip };

		start_over(program);
		packets_default(&spec);
		spec.to = world.own;
		spec.from = refusals[i].mac;
		spec.src.ip = ip;
		spec.dst.ip = world.own_ips[wire_is_v4(&ip) ? 0 : 1];
		packets_build(&spec, &in);
		cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
		expect_refused(program, i, "IP");
		if (!wire_is_v4(&ip))
			continue;
		start_over(program);
		packets_arp(&arp, &in);
		cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
		expect_refused(program, i, "ARP");
	}
	program_close(program);
}

/* An address that turns out to be this host's own is forgotten, and another's again afterwards. */
Test(xdp_learn, forgets_what_becomes_its_own)
{
	static const char *const ips[] = { "10.90.0.77", "fd90::77" };
	struct relay_counters counters;
	struct world world;
	struct program *program = open_empty(&world);
	size_t i;

	for (i = 0; i < 2; i++) {
		struct in6_addr ip = wire_ip(ips[i]);

		start_over(program);
		program_teach(program, &world, &ip, 0, &teacher);
		cr_assert(program_knows(program, &ip, 0, &teacher));
		cr_assert_eq(relay_add_own_address(program->relay, &ip, false), 0);
		cr_assert(!program_knows(program, &ip, 0, &teacher));
		program_teach(program, &world, &ip, 0, &teacher);
		cr_assert(!program_knows(program, &ip, 0, &teacher));
		program_counters(program, &counters);
		cr_assert_eq(counters.refused[RELAY_REFUSAL_OWN_IP], 1);
		cr_assert_eq(relay_remove_own_address(program->relay, &ip), 0);
		program_teach(program, &world, &ip, 0, &teacher);
		cr_assert(program_knows(program, &ip, 0, &teacher));
	}
	program_close(program);
}

/* What a router sends has one MAC and many sources: each is another neighbour. */
Test(xdp_learn, many_addresses_behind_one_mac)
{
	struct relay_counters counters;
	struct relay_setup setup;
	struct program *program;
	struct frame_spec spec;
	struct octets in, out;
	struct world world;
	uint32_t i;

	world_init(&world);
	program_setup(&world, &setup);
	setup.mac_entries = 65536;
	program_open(&setup, &program);
	program_enter(program, &world);
	packets_default(&spec);
	spec.to = world.own;
	spec.from = teacher;
	spec.src = wire_endpoint("10.91.0.0", 4444);
	spec.dst = wire_endpoint("10.90.0.20", 5555);
	spec.protocol = IPPROTO_TCP;
	packets_build(&spec, &in);
	for (i = 1; i <= BEHIND_ROUTER; i++) {
		wire_put16(in.at + 14 + 14, i);
		/* Once more, so that it was seen to be known. */
		cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
		cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
	}
	program_counters(program, &counters);
	cr_assert_eq(counters.inserted, BEHIND_ROUTER, "%llu", counters.inserted);
	program_close(program);
}
