/* SPDX-License-Identifier: BSD-2-Clause */
/* What each binding counts, and when it is told. */
#include <criterion/criterion.h>

#include "program.h"

Test(session_counters, count_frames)
{
	struct relay_session_counters counters;
	struct frame_spec spec;
	struct program *program;
	struct octets in, out;
	enum relay_path path;
	struct world world;
	int i;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P6, &spec);
	spec.size = 33;
	spec.padding = 3;
	packets_build(&spec, &in);
	for (i = 0; i < 7; i++)
		program_relay(program, &in, &out, &path);
	spec.ttl = 1;
	packets_build(&spec, &in);
	program_relay(program, &in, &out, &path);
	world_forget(&world, &world.bindings[1].client.ip);
	program_restore_neighbours(program, &world);
	world_frame(&world, RELAY_PATH_P6_C4, &spec);
	packets_build(&spec, &in);
	for (i = 0; i < 5; i++)
		cr_assert_eq(program_relay(program, &in, &out, &path), RELAY_REASON_NO_MAC);
	program_session_counters(program, 1, false, &counters);
	cr_assert_eq(counters.packets, 7);
	cr_assert_eq(counters.bytes, 7 * 33);
	cr_assert_eq(counters.misses, 0);
	cr_assert_neq(counters.last_used, 0);
	program_session_counters(program, 1, true, &counters);
	cr_assert_eq(counters.packets, 0);
	cr_assert_eq(counters.misses, 5);
	cr_assert_eq(counters.last_used, 0);
	program_close(program);
}

/* No snapshot comes any more, so the last frames are told when the binding ends. */
Test(session_counters, told_when_the_binding_ends)
{
	const struct event *event;
	struct program *program;
	struct frame_spec spec;
	struct octets in, out;
	enum relay_path path;
	struct world world;
	size_t i, told = 0;

	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &in);
	for (i = 0; i < 3; i++)
		cr_assert_eq(program_relay(program, &in, &out, &path), RELAY_REASON_COUNT);
	program_forget_events(program);
	program_unbind(program, 0);
	for (i = 0; i < program->event_count; i++) {
		event = &program->events[i];
		if (event->type != EVENT_SESSION)
			continue;
		told++;
		cr_assert_eq(event->session.slot, 0);
		cr_assert_eq(event->session.counters.packets, event->session.to_client ? 0 : 3);
		cr_assert_eq(event->session.counters.bytes,
			     event->session.to_client ? 0 : 3 * spec.size);
	}
	cr_assert_eq(told, 2);
	program_close(program);
}
