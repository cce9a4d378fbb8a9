/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reasons that do not lie in the frame alone: who is known, how the program is set, what the
 * sender's card has left undone, how much room there is.
 */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <string.h>

#include "agreement.h"

static void expect(struct agreement *agreement, const struct frame_spec *spec,
		   enum relay_reason wanted)
{
	enum relay_reason reason;
	struct octets in, out;

	packets_build(spec, &in);
	reason = agreement_check(agreement, &in, world_reason_name(wanted), &out);
	cr_assert_eq(reason, wanted, "%s, not %s", world_reason_name(reason),
		     world_reason_name(wanted));
}

Test(xdp_circumstances, no_mac)
{
	static const char *const next_hops[RELAY_PATH_COUNT] = {
		[RELAY_PATH_C4_P4] = "10.90.0.30", [RELAY_PATH_C4_P6] = "fd90::30",
		[RELAY_PATH_C6_P4] = "10.90.0.30", [RELAY_PATH_C6_P6] = "fd90::30",
		[RELAY_PATH_P4_C4] = "10.90.0.10", [RELAY_PATH_P4_C6] = "fd90::10",
		[RELAY_PATH_P6_C4] = "10.90.0.10", [RELAY_PATH_P6_C6] = "fd90::10",
		[RELAY_PATH_C4_C4] = "10.90.0.11", [RELAY_PATH_C4_C6] = "fd90::11",
		[RELAY_PATH_C6_C4] = "10.90.0.10", [RELAY_PATH_C6_C6] = "fd90::11",
	};
	struct agreement agreement;
	struct world full, world;
	struct frame_spec spec;
	enum relay_path path;
	struct in6_addr ip;

	world_init(&full);
	agreement_open(&full, &agreement);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		world = full;
		ip = wire_ip(next_hops[path]);
		world_forget(&world, &ip);
		agreement_set_hosts(&agreement, &world);
		world_frame(&full, path, &spec);
		expect(&agreement, &spec, RELAY_REASON_NO_MAC);
		/* What cannot be relayed anyway is no miss. */
		spec.ttl = 1;
		expect(&agreement, &spec, RELAY_REASON_TTL);
		spec.ttl = 64;
		agreement_set_mtu(&agreement, 100);
		expect(&agreement, &spec, RELAY_REASON_TOO_BIG);
		agreement_set_mtu(&agreement, full.mtu);
	}
	agreement_close(&agreement);
}

Test(xdp_circumstances, no_checksum_across_families)
{
	struct agreement agreement;
	struct frame_spec spec;
	enum relay_path path;
	struct world world;

	world_init(&world);
	agreement_open(&world, &agreement);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		const char *name = world_path_name(path);

		world_frame(&world, path, &spec);
		spec.sum = PACKETS_SUM_ZERO;
		expect(&agreement, &spec,
		       name[1] == '4' && name[4] == '4' ? RELAY_REASON_COUNT
							: RELAY_REASON_NO_CHECKSUM);
	}
	agreement_close(&agreement);
}

Test(xdp_circumstances, observing)
{
	struct agreement agreement;
	struct frame_spec spec;
	enum relay_path path;
	struct world world;

	world_init(&world);
	world.relaying = false;
	agreement_open(&world, &agreement);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		world_frame(&world, path, &spec);
		expect(&agreement, &spec, RELAY_REASON_OBSERVING);
		/* A miss is told even then. */
		spec.tags = 1;
		spec.tci[0] = WORLD_STRANGE_VLAN;
		memset(&spec.from, 0, sizeof(spec.from));
		expect(&agreement, &spec, RELAY_REASON_NO_MAC);
	}
	agreement_close(&agreement);
}

/* A complete sum that is just the pseudo-header's looks like one that was never finished. */
static void make_ambiguous(struct frame_spec *spec, struct octets *ret)
{
	uint8_t *ip, *udp;

	spec->sum = PACKETS_SUM_UNFINISHED;
	spec->first_word = 0;
	packets_build(spec, ret);
	ip = ret->at + packets_ip_offset(spec);
	udp = ret->at + packets_udp_offset(spec);
	spec->first_word = 0xffff ^ wire_fold(wire_sum(udp, wire_get16(udp + 4),
						       wire_pseudo_sum(ip, wire_get16(udp + 4))));
	packets_build(spec, ret);
}

Test(xdp_circumstances, unfinished_checksum)
{
	struct relay_counters counters;
	struct agreement agreement;
	struct frame_spec spec;
	struct octets in, out;
	enum relay_path path;
	struct world world;
	int generic;

	for (generic = 0; generic < 2; generic++) {
		world_init(&world);
		world.generic = generic;
		agreement_open(&world, &agreement);
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			world_frame(&world, path, &spec);
			make_ambiguous(&spec, &in);
			cr_assert_eq(agreement_check(&agreement, &in, "ambiguous", &out),
				     generic ? RELAY_REASON_UNFINISHED : RELAY_REASON_COUNT);
		}
		program_counters(agreement.program, &counters);
		cr_assert_eq(counters.checksum_repaired, 0, "nothing was to be repaired");
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			world_frame(&world, path, &spec);
			spec.sum = PACKETS_SUM_UNFINISHED;
			expect(&agreement, &spec, RELAY_REASON_COUNT);
		}
		program_counters(agreement.program, &counters);
		cr_assert_eq(counters.checksum_repaired, RELAY_PATH_COUNT);
		agreement_close(&agreement);
	}
}

/* How far the headers of each path grow; growing needs room in front of the frame. */
Test(xdp_circumstances, no_headroom)
{
	static const int grows[RELAY_PATH_COUNT] = {
		[RELAY_PATH_C4_P4] = -4,  [RELAY_PATH_C4_P6] = 16, [RELAY_PATH_C6_P4] = -24,
		[RELAY_PATH_C6_P6] = -4,  [RELAY_PATH_P4_C4] = 4,  [RELAY_PATH_P4_C6] = 24,
		[RELAY_PATH_P6_C4] = -16, [RELAY_PATH_P6_C6] = 4,  [RELAY_PATH_C4_C6] = 20,
		[RELAY_PATH_C6_C4] = -20,
	};
	struct relay_counters counters;
	struct frame_spec spec;
	struct octets in, out;
	struct world world;
	struct program *program;
	enum relay_path path;
	uint64_t expected = 0;
	uint32_t room;
	int generic;

	for (generic = 0; generic < 2; generic++) {
		world_init(&world);
		world.generic = generic;
		program = program_in(&world);
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			world_frame(&world, path, &spec);
			packets_build(&spec, &in);
			if (grows[path] <= 0) {
				cr_assert_eq(program_run_cramped(program, &in, 0, &out), XDP_TX);
				continue;
			}
			room = (uint32_t)grows[path];
			cr_assert_eq(program_run_cramped(program, &in, room - 4, &out), XDP_PASS,
				     "%s", world_path_name(path));
			cr_assert_eq(out.length, in.length);
			cr_assert(!memcmp(out.at, in.at, in.length), "%s: changed",
				  world_path_name(path));
			expected++;
			cr_assert_eq(program_run_cramped(program, &in, room, &out), XDP_TX, "%s",
				     world_path_name(path));
		}
		program_counters(program, &counters);
		cr_assert_eq(counters.passed[RELAY_REASON_NO_HEADROOM], expected);
		cr_assert_eq(counters.passed[RELAY_REASON_INTERNAL], 0);
		expected = 0;
		program_close(program);
	}
}

/* Where the head cannot grow, a tail that had grown before must shrink again. */
Test(xdp_circumstances, no_headroom_with_an_unfinished_checksum)
{
	static const enum relay_path paths[] = { RELAY_PATH_P4_C6, RELAY_PATH_C4_C6,
						 RELAY_PATH_C4_P6 };
	struct program *program;
	struct frame_spec spec;
	struct octets in, out;
	struct world world;
	size_t i;

	world_init(&world);
	world.generic = true;
	program = program_in(&world);
	for (i = 0; i < 3; i++) {
		world_frame(&world, paths[i], &spec);
		spec.sum = PACKETS_SUM_UNFINISHED;
		packets_build(&spec, &in);
		cr_assert_eq(program_run_cramped(program, &in, 0, &out), XDP_PASS);
		cr_assert_eq(out.length, in.length, "%s: %zu bytes became %zu",
			     world_path_name(paths[i]), in.length, out.length);
		cr_assert(!memcmp(out.at, in.at, in.length));
	}
	program_close(program);
}
