/* SPDX-License-Identifier: BSD-2-Clause */
/* An address in two VLANs is two neighbours, for those who are sent to and for those who send. */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <string.h>

#include "program.h"

static const struct mac new_place = { { 0x02, 0x77, 0x77, 0x77, 0x77, 0x01 } };

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

/* Who moves in one VLAN has not moved in the other. */
Test(xdp_vlans, in_one_vlan_only)
{
	struct in6_addr ip = wire_ip("10.90.0.30");
	struct octets untagged, tagged;
	struct program *program;
	struct frame_spec spec;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &untagged);
	spec.tags = 1;
	spec.tci[0] = WORLD_VLAN;
	spec.from = *world_mac(&world, &spec.src.ip, WORLD_VLAN);
	packets_build(&spec, &tagged);
	expect_to(program, &untagged, world_mac(&world, &ip, 0), "untagged");
	expect_to(program, &tagged, world_mac(&world, &ip, WORLD_VLAN), "tagged");
	program_teach(program, &world, &ip, WORLD_VLAN, &new_place);
	expect_to(program, &untagged, world_mac(&world, &ip, 0), "untagged, unmoved");
	expect_to(program, &tagged, &new_place, "tagged, moved");
	program_teach(program, &world, &ip, 0, &new_place);
	expect_to(program, &untagged, &new_place, "untagged, moved");
	program_close(program);
}

/* A flow in a VLAN says nothing about who is where without, nor the other way round. */
Test(xdp_vlans, learned_in_each_vlan)
{
	struct relay_counters counters;
	struct octets untagged, tagged;
	struct program *program;
	struct frame_spec spec;
	struct world world;
	struct in6_addr client;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	client = spec.src.ip;
	packets_build(&spec, &untagged);
	program_heat(program, &untagged, "untagged");
	/* The same MAC in a VLAN, where it was not. */
	spec.tags = 1;
	spec.tci[0] = WORLD_VLAN;
	packets_build(&spec, &tagged);
	expect_to(program, &tagged, world_mac(&world, &world.hosts[2].ip, WORLD_VLAN), "tagged");
	cr_assert(program_knows(program, &client, WORLD_VLAN, &spec.from));
	program_counters(program, &counters);
	cr_assert_eq(counters.moved, 1);
	/* And back: its MAC in the VLAN is not the one without. */
	spec.from = new_place;
	packets_build(&spec, &tagged);
	expect_to(program, &tagged, world_mac(&world, &world.hosts[2].ip, WORLD_VLAN), "tagged");
	expect_to(program, &tagged, world_mac(&world, &world.hosts[2].ip, WORLD_VLAN), "tagged");
	spec.tags = 0;
	packets_build(&spec, &untagged);
	expect_to(program, &untagged, world_mac(&world, &world.hosts[2].ip, 0), "untagged");
	cr_assert(program_knows(program, &client, 0, &new_place));
	program_close(program);
}
