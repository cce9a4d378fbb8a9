/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts that move and hosts that fall silent: what is in flight must follow with the next frame. */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "../bpf/mac.h"
#include "../bpf/relay_handle.h"
#include "program.h"
#include "relay.skel.h"

static const struct mac new_place = { { 0x02, 0x77, 0x77, 0x77, 0x77, 0x01 } };

/* The next hop of each path, in the world's addresses. */
static struct in6_addr next_hop_of(enum relay_path path)
{
	static const char *const ips[RELAY_PATH_COUNT] = {
		[RELAY_PATH_C4_P4] = "10.90.0.30", [RELAY_PATH_C4_P6] = "fd90::30",
		[RELAY_PATH_C6_P4] = "10.90.0.30", [RELAY_PATH_C6_P6] = "fd90::30",
		[RELAY_PATH_P4_C4] = "10.90.0.10", [RELAY_PATH_P4_C6] = "fd90::10",
		[RELAY_PATH_P6_C4] = "10.90.0.10", [RELAY_PATH_P6_C6] = "fd90::10",
		[RELAY_PATH_C4_C4] = "10.90.0.11", [RELAY_PATH_C4_C6] = "fd90::11",
		[RELAY_PATH_C6_C4] = "10.90.0.10", [RELAY_PATH_C6_C6] = "fd90::11",
	};

	return wire_ip(ips[path]);
}

static void expect_to(struct program *program, const struct octets *frame, const struct mac *mac,
		      const char *what)
{
	enum relay_reason reason;
	enum relay_path path;
	struct octets out;

	reason = program_relay(program, frame, &out, &path);
	cr_assert_eq(reason, RELAY_REASON_COUNT, "%s: %s", what, world_reason_name(reason));
	cr_assert(!memcmp(out.at, mac->octet, 6), "%s: sent to the wrong host (..%02x)", what,
		  out.at[5]);
}

static void expect_passed(struct program *program, const struct octets *frame,
			  enum relay_reason wanted)
{
	enum relay_reason reason;
	enum relay_path path;
	struct octets out;

	reason = program_relay(program, frame, &out, &path);
	cr_assert_eq(reason, wanted, "%s, not %s", world_reason_name(reason),
		     world_reason_name(wanted));
}

/* The announcement of a host that took over an address: ARP, or neighbour discovery. */
static void announce(struct program *program, const struct in6_addr *ip, const struct mac *mac)
{
	static const struct mac everyone = { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	static const struct mac all_nodes = { { 0x33, 0x33, 0, 0, 0, 1 } };
	struct arp_spec arp = { .to = everyone,
				.from = *mac,
				.operation = 1,
				.sender_mac = *mac,
				.sender_ip = *ip,
				.target_ip = *ip };
	struct nd_spec nd = { .to = all_nodes,
			      .from = *mac,
			      .type = PACKETS_ND_ADVERTISEMENT,
			      .hop_limit = 255,
			      .src = wire_ip("fe80::99"),
			      .dst = wire_ip("ff02::1"),
			      .target = *ip,
			      .option = 2,
			      .option_mac = *mac };
	struct octets in, out;

	if (wire_is_v4(ip))
		packets_arp(&arp, &in);
	else
		packets_nd(&nd, &in);
	cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
}

static void check_move_record(struct program *program, const struct in6_addr *ip,
			      const struct mac *before, const struct mac *after)
{
	struct relay_counters counters;
	struct relay_neighbour known;
	const struct event *event;

	program_counters(program, &counters);
	cr_assert_eq(counters.moved, 1);
	cr_assert_eq(counters.inserted, 0);
	cr_assert_eq(program_neighbour(program, ip, 0, &known), 0);
	cr_assert_eq(known.moves, 1);
	cr_assert_eq(known.word & NEIGHBOUR_MAC_MASK, mac_word(after));
	cr_assert_eq(known.previous & NEIGHBOUR_MAC_MASK, mac_word(before));
	program_drain(program);
	cr_assert_eq(program->event_count, 1);
	event = &program->events[0];
	cr_assert_eq(event->type, EVENT_MAC_MOVED);
	cr_assert(!memcmp(&event->neighbour.ip, ip, sizeof(*ip)));
	cr_assert(!memcmp(&event->neighbour.mac, after, sizeof(*after)));
	cr_assert(event->neighbour.has_previous);
	cr_assert(!memcmp(&event->neighbour.previous, before, sizeof(*before)));
	cr_assert_eq(event->neighbour.moves, 1);
}

static void follow(struct program *program, const struct world *world, enum relay_path path,
		   bool by_announcement)
{
	const char *name = world_path_name(path);
	struct in6_addr ip = next_hop_of(path);
	struct mac old_place = *world_mac(world, &ip, 0);
	struct frame_spec spec;
	struct octets frame;

	world_frame(world, path, &spec);
	packets_build(&spec, &frame);
	expect_to(program, &frame, &old_place, name);
	expect_to(program, &frame, &old_place, name);
	program_zero_counters(program);

	if (by_announcement)
		announce(program, &ip, &new_place);
	else
		program_teach(program, world, &ip, 0, &new_place);
	check_move_record(program, &ip, &old_place, &new_place);
	expect_to(program, &frame, &new_place, name);
	expect_to(program, &frame, &new_place, name);

	/* And back. */
	program_teach(program, world, &ip, 0, &old_place);
	expect_to(program, &frame, &old_place, name);
}

/* Hot flows of every path; the address moves by an announcement or by a frame of something else. */
Test(xdp_moves, followed_with_the_next_frame)
{
	struct program *program;
	struct world world;
	enum relay_path path;
	int by_announcement;

	world_init(&world);
	program = program_in(&world);
	for (by_announcement = 0; by_announcement < 2; by_announcement++)
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			program_restore_neighbours(program, &world);
			follow(program, &world, path, by_announcement);
		}
	program_close(program);
}

static void evict(struct program *program, const struct in6_addr *ip)
{
	struct relay_neighbour_key key = { 0 };

	memcpy(key.ip, ip, sizeof(key.ip));
	cr_assert_eq(
		bpf_map__delete_elem(program->relay->bpf->maps.neighbours, &key, sizeof(key), 0),
		0);
}

/* The table has evicted it, without a word; then it shows up elsewhere, as if it were new. */
Test(xdp_moves, evicted_in_between)
{
	struct program *program;
	struct frame_spec spec;
	struct octets frame;
	struct world world;
	enum relay_path path;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		struct in6_addr ip = next_hop_of(path);

		program_restore_neighbours(program, &world);
		world_frame(&world, path, &spec);
		packets_build(&spec, &frame);
		program_heat(program, &frame, world_path_name(path));
		evict(program, &ip);
		announce(program, &ip, &new_place);
		expect_to(program, &frame, &new_place, world_path_name(path));
	}
	program_close(program);
}

/* A client that sends its data from a new place gets the answers there. */
Test(xdp_moves, by_a_frame_of_the_flow_itself)
{
	static const enum relay_path there[] = { RELAY_PATH_C4_P4, RELAY_PATH_C6_P6 };
	static const enum relay_path back[] = { RELAY_PATH_P4_C4, RELAY_PATH_P6_C6 };
	struct octets to_peer, to_client;
	struct program *program;
	struct frame_spec spec;
	struct world world;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct in6_addr client = next_hop_of(back[i]), peer = next_hop_of(there[i]);

		world_init(&world);
		program = program_in(&world);
		world_frame(&world, back[i], &spec);
		packets_build(&spec, &to_client);
		world_frame(&world, there[i], &spec);
		packets_build(&spec, &to_peer);
		expect_to(program, &to_peer, world_mac(&world, &peer, 0), "hot");
		expect_to(program, &to_client, world_mac(&world, &client, 0), "hot");
		program_zero_counters(program);
		spec.from = new_place;
		packets_build(&spec, &to_peer);
		expect_to(program, &to_peer, world_mac(&world, &peer, 0), "from the new place");
		check_move_record(program, &client, world_mac(&world, &client, 0), &new_place);
		expect_to(program, &to_client, &new_place, "the answer");
		program_close(program);
	}
}

/* What used to be this host's MAC is another host's now. */
Test(xdp_moves, own_mac)
{
	struct octets before, after;
	struct program *program;
	struct frame_spec spec;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &before);
	spec.to = new_place;
	packets_build(&spec, &after);
	expect_passed(program, &after, RELAY_REASON_NOT_FOR_US);
	relay_set_mac(program->relay, &new_place);
	expect_passed(program, &before, RELAY_REASON_NOT_FOR_US);
	expect_to(program, &after, world_mac(&world, &world.hosts[2].ip, 0), "to the new MAC");
	program_close(program);
}

static uint64_t misses(const struct program *program, uint32_t slot, bool to_client)
{
	struct relay_session_counters counters;

	program_session_counters(program, slot, to_client, &counters);
	return counters.misses;
}

static void wait_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* In real time: a hot flow, a second of silence of its next hop, one miss, and the answer. */
Test(xdp_moves, silent_for_too_long)
{
	static const enum relay_path paths[] = { RELAY_PATH_C4_P4, RELAY_PATH_C6_P6 };
	static const uint32_t slots[] = { 0, 3 };
	struct relay_neighbour before, after;
	struct relay_setup setup;
	struct program *program;
	struct octets frames[2];
	struct frame_spec spec;
	struct world world;
	struct in6_addr ip;
	size_t i;

	world_init(&world);
	program_setup(&world, &setup);
	setup.mac_ttl_s = 1;
	program_open(&setup, &program);
	program_enter(program, &world);
	for (i = 0; i < 2; i++) {
		world_frame(&world, paths[i], &spec);
		packets_build(&spec, &frames[i]);
		ip = next_hop_of(paths[i]);
		expect_to(program, &frames[i], world_mac(&world, &ip, 0), "fresh");
	}
	/* The client goes on sending: its own stamp is rewritten, but once a second at most. */
	program_neighbour(program, &spec.src.ip, 0, &before);
	wait_ms(40);
	expect_to(program, &frames[1], world_mac(&world, &ip, 0), "still fresh");
	program_neighbour(program, &spec.src.ip, 0, &after);
	cr_assert_eq(before.stamp, after.stamp);
	wait_ms(1040);
	for (i = 0; i < 2; i++) {
		expect_passed(program, &frames[i], RELAY_REASON_STALE_MAC);
		expect_passed(program, &frames[i], RELAY_REASON_STALE_MAC);
		cr_assert_eq(misses(program, slots[i], false), 2);
		cr_assert_eq(misses(program, slots[i], true), 0);
	}
	program_neighbour(program, &spec.src.ip, 0, &after);
	cr_assert_neq(before.stamp, after.stamp);
	for (i = 0; i < 2; i++) {
		ip = next_hop_of(paths[i]);
		announce(program, &ip, world_mac(&world, &ip, 0));
		expect_to(program, &frames[i], world_mac(&world, &ip, 0), "witnessed again");
	}
	program_close(program);
}

/* A flow may know an evicted next hop for a second, not longer. */
Test(xdp_moves, evicted_a_second_ago)
{
	struct in6_addr ip = wire_ip("10.90.0.30");
	struct program *program;
	struct frame_spec spec;
	struct octets frame;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &frame);
	program_heat(program, &frame, "before");
	evict(program, &ip);
	wait_ms(1040);
	expect_passed(program, &frame, RELAY_REASON_NO_MAC);
	program_close(program);
}

/* A witness writes only if the last one was a second ago. */
Test(xdp_moves, stamped_once_a_second)
{
	struct in6_addr ip = wire_ip("10.90.0.30");
	struct relay_neighbour before, after;
	struct program *program;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	program_neighbour(program, &ip, 0, &before);
	wait_ms(40);
	program_teach(program, &world, &ip, 0, world_mac(&world, &ip, 0));
	program_neighbour(program, &ip, 0, &after);
	cr_assert_eq(before.stamp, after.stamp);
	program_age_neighbour(program, &ip, 0, 1, 1);
	program_teach(program, &world, &ip, 0, world_mac(&world, &ip, 0));
	program_neighbour(program, &ip, 0, &after);
	cr_assert_gt(after.stamp, before.stamp);
	program_close(program);
}

/* Nor does another flow of the same host, that begins when the second is almost over, make it two.
 */
Test(xdp_moves, stamped_by_a_second_flow)
{
	static const enum relay_path paths[] = { RELAY_PATH_C4_P4, RELAY_PATH_C4_P6 };
	struct relay_neighbour before, after;
	struct octets frames[2];
	struct program *program;
	struct frame_spec spec;
	struct world world;
	struct in6_addr ip;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < 2; i++) {
		world_frame(&world, paths[i], &spec);
		packets_build(&spec, &frames[i]);
	}
	ip = next_hop_of(RELAY_PATH_C4_P4);
	expect_to(program, &frames[0], world_mac(&world, &ip, 0), "first");
	program_neighbour(program, &spec.src.ip, 0, &before);
	wait_ms(850);
	ip = next_hop_of(RELAY_PATH_C4_P6);
	expect_to(program, &frames[1], world_mac(&world, &ip, 0), "second");
	wait_ms(350);
	expect_to(program, &frames[1], world_mac(&world, &ip, 0), "second");
	program_neighbour(program, &spec.src.ip, 0, &after);
	cr_assert_gt(after.stamp, before.stamp);
	program_close(program);
}

struct age {
	const char *name;
	int64_t seconds, jiffies;
	bool stale;
};

/* Ages that nobody can wait for: the stamp is moved instead. */
static void check_ages(uint32_t ttl_s, const struct age *ages, size_t count)
{
	struct in6_addr ip = wire_ip("10.90.0.30");
	struct program *program;
	struct relay_setup setup;
	struct frame_spec spec;
	struct octets frame;
	struct world world;
	size_t i;

	world_init(&world);
	program_setup(&world, &setup);
	setup.mac_ttl_s = ttl_s;
	program_open(&setup, &program);
	program_enter(program, &world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &frame);
	for (i = 0; i < count; i++) {
		program_restore_neighbours(program, &world);
		program_age_neighbour(program, &ip, 0, ages[i].seconds, ages[i].jiffies);
		if (ages[i].stale) {
			expect_passed(program, &frame, RELAY_REASON_STALE_MAC);
			continue;
		}
		expect_to(program, &frame, world_mac(&world, &ip, 0), ages[i].name);
		program_heat(program, &frame, ages[i].name);
	}
	program_close(program);
}

Test(xdp_moves, ages)
{
	static const struct age ages[] = {
		{ "just young enough", 299, 0, false },
		{ "just too old", 300, 2, true },
		{ "a day", 86400, 0, true },
		/* Another CPU may have stamped it since this one read the clock. */
		{ "witnessed a tick after now", 0, -1, false },
		{ "witnessed some ticks after now", 0, -50, false },
	};

	check_ages(300, ages, sizeof(ages) / sizeof(*ages));
}

Test(xdp_moves, ages_that_do_not_matter)
{
	static const struct age ages[] = { { "a day", 86400, 0, false } };

	check_ages(0, ages, 1);
	check_ages(86400 * 365, ages, 1);
}

/* Whoever moves is there: an old stamp does not go with it. */
Test(xdp_moves, after_a_long_silence)
{
	struct in6_addr ip = wire_ip("10.90.0.30");
	struct program *program;
	struct frame_spec spec;
	struct octets frame;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &frame);
	program_age_neighbour(program, &ip, 0, 1000, 0);
	expect_passed(program, &frame, RELAY_REASON_STALE_MAC);
	announce(program, &ip, &new_place);
	expect_to(program, &frame, &new_place, "moved");
	program_close(program);
}
