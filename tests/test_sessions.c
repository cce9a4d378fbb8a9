/* SPDX-License-Identifier: BSD-2-Clause */
/* Bindings in the kernel's maps: many, joined, expired, replaced; frames tell what is in force. */
#include "../bpf/sessions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "../bpf/relay_handle.h"
#include "program.h"
#include "reference.h"
#include "relay.skel.h"

#define MANY 10000

/* The world with no more than one binding in it, at slot 0, for the reference. */
static struct world *only(const struct world *world, const struct event_binding *binding)
{
	struct world *alone = malloc(sizeof(*alone));

	cr_assert(alone);
	*alone = *world;
	memset(alone->bindings, 0, sizeof(alone->bindings));
	alone->bindings[0] = *binding;
	return alone;
}

static void frame_of(const struct world *world, const struct event_binding *binding, bool to_client,
		     struct octets *ret)
{
	struct frame_spec spec;

	packets_default(&spec);
	spec.to = world->own;
	spec.src = to_client ? binding->peer : binding->client;
	spec.dst = to_client ? binding->relayed : binding->server;
	spec.channel = to_client ? 0 : binding->channel;
	spec.from = *world_mac(world, &spec.src.ip, 0);
	spec.size = 20;
	packets_build(&spec, ret);
}

static enum relay_reason try_once(struct program *program, const struct world *world,
				  const struct event_binding *binding, bool to_client)
{
	enum relay_path path, expected_path;
	struct octets in, out, expected;
	struct world *alone;
	enum relay_reason reason;

	frame_of(world, binding, to_client, &in);
	reason = program_relay(program, &in, &out, &path);
	if (reason != RELAY_REASON_COUNT)
		return reason;
	alone = only(world, binding);
	cr_assert_eq(reference_relay(alone, &in, &expected, &expected_path), RELAY_REASON_COUNT);
	cr_assert_eq(path, expected_path);
	cr_assert(out.length == expected.length && !memcmp(out.at, expected.at, out.length),
		  "slot %u", binding->slot);
	free(alone);
	return reason;
}

/* The second time, a relayed frame goes the short way. */
static enum relay_reason try_flow(struct program *program, const struct world *world,
				  const struct event_binding *binding, bool to_client)
{
	enum relay_reason reason = try_once(program, world, binding, to_client);

	cr_assert_eq(try_once(program, world, binding, to_client), reason);
	return reason;
}

static void expect_flows(struct program *program, const struct world *world,
			 const struct event_binding *binding, enum relay_reason wanted)
{
	int to_client;

	for (to_client = 0; to_client < 2; to_client++) {
		enum relay_reason reason = try_flow(program, world, binding, to_client);

		cr_assert_eq(reason, wanted, "slot %u, %s: %s, not %s", binding->slot,
			     to_client ? "to the client" : "to the peer", world_reason_name(reason),
			     world_reason_name(wanted));
	}
}

static struct program *open_unbound(struct world *world)
{
	struct program *program;
	uint32_t slot;

	world_init(world);
	program = program_in(world);
	for (slot = 0; slot < WORLD_BINDINGS; slot++)
		program_unbind(program, slot);
	return program;
}

static size_t count_keys(const struct bpf_map *map)
{
	struct relay_flow_key key, next;
	size_t count = 0;
	int error = bpf_map__get_next_key(map, NULL, &next, sizeof(next));

	for (; !error; count++) {
		key = next;
		error = bpf_map__get_next_key(map, &key, &next, sizeof(next));
	}
	return count;
}

static void expect_keys(const struct program *program, size_t to_peer, size_t to_client)
{
	cr_assert_eq(count_keys(program->relay->bpf->maps.to_peer), to_peer);
	cr_assert_eq(count_keys(program->relay->bpf->maps.to_client), to_client);
}

/* All four combinations of families in turn; ports and channels are used over and over. */
static struct event_binding nth_binding(const struct world *world, uint32_t n)
{
	struct event_binding binding = world->bindings[n % 4];

	binding.slot = n;
	binding.client.port = (uint16_t)(1024 + n % 5000);
	binding.channel = (uint16_t)(0x4000 + n);
	binding.relayed.port = (uint16_t)(49152 + n / 2);
	binding.peer.port = (uint16_t)(9000 + n % 7);
	return binding;
}

Test(sessions, ten_thousand_bindings)
{
	struct event_binding binding;
	struct program *program;
	struct world world;
	uint32_t n;

	program = open_unbound(&world);
	for (n = 0; n < MANY; n++) {
		binding = nth_binding(&world, n);
		program_bind(program, &binding);
	}
	expect_keys(program, MANY, MANY);
	for (n = 0; n < MANY; n++) {
		binding = nth_binding(&world, n);
		expect_flows(program, &world, &binding, RELAY_REASON_COUNT);
	}
	for (n = 0; n < MANY; n += 2)
		program_unbind(program, n);
	expect_keys(program, MANY / 2, MANY / 2);
	for (n = 0; n < MANY; n += 37) {
		binding = nth_binding(&world, n);
		expect_flows(program, &world, &binding,
			     n % 2 ? RELAY_REASON_COUNT : RELAY_REASON_NO_BINDING);
	}
	for (n = 0; n < MANY; n++)
		program_unbind(program, n);
	expect_keys(program, 0, 0);
	program_close(program);
}

Test(sessions, no_more_slots_than_the_maps_hold)
{
	struct program *program;
	struct world world;
	struct event event = { .type = EVENT_BINDING_ADDED };

	program = open_unbound(&world);
	event.binding = world.bindings[0];
	event.binding.slot = 16383;
	cr_assert_eq(relay_apply_binding(program->relay, &event), 0);
	event.binding.slot = 16384;
	cr_assert_eq(relay_apply_binding(program->relay, &event), -ENOSPC);
	event.type = EVENT_BINDING_REMOVED;
	cr_assert_eq(relay_apply_binding(program->relay, &event), 0, "nothing to remove");
	event.type = EVENT_BINDING_REFRESHED;
	cr_assert_eq(relay_apply_binding(program->relay, &event), 0, "nothing to refresh");
	expect_keys(program, 1, 1);
	program_close(program);
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void refresh(struct program *program, struct event_binding *binding, int64_t ahead_ms)
{
	struct event event = { .type = EVENT_BINDING_REFRESHED };

	binding->expires_ns = wall_ns() + ahead_ms * 1000000;
	event.binding = *binding;
	cr_assert_eq(relay_apply_binding(program->relay, &event), 0);
}

Test(sessions, expire_and_are_extended)
{
	struct event_binding binding;
	struct program *program;
	struct world world;
	int64_t start;
	int slot;

	program = open_unbound(&world);
	for (slot = 0; slot < 4; slot++) {
		binding = world.bindings[slot];
		binding.fixed = false;
		binding.expires_ns = wall_ns() - 1;
		program_bind(program, &binding);
		expect_flows(program, &world, &binding, RELAY_REASON_NO_BINDING);
		refresh(program, &binding, 600000);
		expect_flows(program, &world, &binding, RELAY_REASON_COUNT);
		refresh(program, &binding, -1);
		expect_flows(program, &world, &binding, RELAY_REASON_NO_BINDING);

		/* By itself. */
		start = wall_ns();
		refresh(program, &binding, 60);
		while (try_once(program, &world, &binding, false) == RELAY_REASON_COUNT)
			cr_assert(wall_ns() - start < 1000000000, "slot %d does not expire", slot);
		cr_assert_geq(wall_ns() - start, 40000000, "slot %d expires too early", slot);
		expect_flows(program, &world, &binding, RELAY_REASON_NO_BINDING);
		program_unbind(program, (uint32_t)slot);
	}
	program_close(program);
}

/* Both flows of a pair of clients, as the reference sees the world with both or less. */
static void expect_pair(struct program *program, const struct world *world, uint32_t a, uint32_t b,
			bool joined, const char *when)
{
	enum relay_path path, expected_path;
	struct octets in, out, expected;
	uint32_t slots[] = { a, b };
	enum relay_reason reason;
	int i;

	/* Twice each, for the second goes the short way. */
	for (i = 0; i < 4; i++) {
		frame_of(world, &world->bindings[slots[i / 2]], false, &in);
		reason = program_relay(program, &in, &out, &path);
		cr_assert_eq(reason, joined ? RELAY_REASON_COUNT : RELAY_REASON_NO_BINDING,
			     "%s: %s", when, world_reason_name(reason));
		if (!joined)
			continue;
		cr_assert_eq(reference_relay(world, &in, &expected, &expected_path),
			     RELAY_REASON_COUNT);
		cr_assert_eq(path, expected_path, "%s", when);
		cr_assert(out.length == expected.length && !memcmp(out.at, expected.at, out.length),
			  "%s", when);
	}
}

/* Steps: A and B bind a side, a and b unbind it. The pair is joined while both are bound. */
static const char *const scripts[] = { "A",	 "B",	 "AB",	   "BA",   "ABa",
				       "ABb",	 "BAa",	 "BAb",	   "ABaA", "ABbB",
				       "ABabAB", "ABba", "ABaAbB", "AAB",  "ABAB" };

static void play(struct program *program, const struct world *world, const char *script, uint32_t a,
		 uint32_t b)
{
	bool bound[2] = { false, false };
	const char *step;

	for (step = script; *step; step++) {
		int side = *step == 'B' || *step == 'b';
		uint32_t slot = side ? b : a;

		bound[side] = *step == 'A' || *step == 'B';
		if (bound[side])
			program_bind(program, &world->bindings[slot]);
		else
			program_unbind(program, slot);
		expect_pair(program, world, a, b, bound[0] && bound[1], script);
	}
	program_unbind(program, a);
	program_unbind(program, b);
	expect_pair(program, world, a, b, false, script);
	expect_keys(program, 0, 0);
}

Test(sessions, join_two_clients_of_this_relay)
{
	struct program *program;
	struct world world;
	uint32_t slot;
	size_t i;

	program = open_unbound(&world);
	for (slot = 4; slot < WORLD_BINDINGS; slot += 2)
		for (i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
			play(program, &world, scripts[i], slot, slot + 1);
	program_close(program);
}

/* A pair lasts as long as the one that ends first. */
Test(sessions, joined_ones_expire_together)
{
	struct event_binding a, b;
	struct program *program;
	struct world world;

	program = open_unbound(&world);
	a = world.bindings[4];
	b = world.bindings[5];
	a.fixed = b.fixed = false;
	a.expires_ns = b.expires_ns = wall_ns() + 600000000000;
	program_bind(program, &a);
	program_bind(program, &b);
	expect_pair(program, &world, 4, 5, true, "both live");
	refresh(program, &b, -1);
	expect_pair(program, &world, 4, 5, false, "one expired");
	refresh(program, &a, 600000);
	expect_pair(program, &world, 4, 5, false, "the other refreshed");
	refresh(program, &b, 600000);
	expect_pair(program, &world, 4, 5, true, "both live again");
	/* One that is over when the other comes does not last as long as that. */
	b.expires_ns = wall_ns() - 1;
	program_bind(program, &b);
	expect_pair(program, &world, 4, 5, false, "one came too late");
	program_bind(program, &a);
	expect_pair(program, &world, 4, 5, false, "bound again");
	program_close(program);
}

/* A peer on this host that is nobody's client: no frame to it leaves on the wire. */
Test(sessions, peer_on_this_host)
{
	static const char *const servers[] = { "10.90.0.20", "fd90::20" };
	struct event_binding binding;
	struct program *program;
	struct world world;
	int i;

	program = open_unbound(&world);
	for (i = 0; i < 2; i++) {
		binding = world.bindings[i ? 3 : 0];
		binding.peer = wire_endpoint(servers[i], 5353);
		program_bind(program, &binding);
		cr_assert_eq(try_flow(program, &world, &binding, false), RELAY_REASON_NO_BINDING);
	}
	/* To itself. */
	binding = world.bindings[0];
	binding.peer = binding.relayed;
	program_bind(program, &binding);
	cr_assert_eq(try_flow(program, &world, &binding, false), RELAY_REASON_NO_BINDING);
	program_close(program);
}

Test(sessions, a_slot_bound_again_is_the_new_binding_only)
{
	struct event_binding first, second;
	struct relay_session_counters counters;
	struct program *program;
	struct world world;
	uint32_t i, j;

	program = open_unbound(&world);
	for (i = 0; i < 4; i++)
		for (j = 0; j < 4; j++) {
			first = world.bindings[i];
			second = nth_binding(&world, 4000 + j);
			first.slot = second.slot = 9;
			program_bind(program, &first);
			expect_flows(program, &world, &first, RELAY_REASON_COUNT);
			program_session_counters(program, 9, false, &counters);
			cr_assert_eq(counters.packets, 2);
			program_bind(program, &second);
			program_session_counters(program, 9, false, &counters);
			cr_assert_eq(counters.packets, 0);
			cr_assert_eq(counters.last_used, 0);
			expect_flows(program, &world, &first, RELAY_REASON_NO_BINDING);
			expect_flows(program, &world, &second, RELAY_REASON_COUNT);
			expect_keys(program, 1, 1);
			program_unbind(program, 9);
		}
	program_close(program);
}

/* Whatever two bindings have in common, the younger has it, and keeps it when the older ends. */
static void check_takeover(struct program *program, const struct world *world,
			   const struct event_binding *older, const struct event_binding *younger,
			   bool to_client, const char *what)
{
	program_bind(program, older);
	expect_flows(program, world, older, RELAY_REASON_COUNT);
	program_bind(program, younger);
	cr_assert_eq(try_flow(program, world, younger, to_client), RELAY_REASON_COUNT, "%s", what);
	program_unbind(program, older->slot);
	expect_flows(program, world, younger, RELAY_REASON_COUNT);
	program_unbind(program, younger->slot);
	expect_flows(program, world, younger, RELAY_REASON_NO_BINDING);
	expect_keys(program, 0, 0);
}

Test(sessions, younger_bindings_take_over)
{
	struct event_binding older, younger;
	struct program *program;
	struct world world;
	uint32_t i;

	program = open_unbound(&world);
	for (i = 0; i < 4; i++) {
		older = world.bindings[i];
		younger = older;
		younger.slot = older.slot + 20;
		check_takeover(program, &world, &older, &younger, false, "the same binding");
		younger.client.port++;
		check_takeover(program, &world, &older, &younger, true, "the client's new port");
		younger.client.port--;
		younger.relayed.port++;
		check_takeover(program, &world, &older, &younger, false, "a new allocation");
		younger.relayed.port--;
		younger.peer.port++;
		check_takeover(program, &world, &older, &younger, false, "another peer");
	}
	program_close(program);
}

/* What a flow's map element shows while it becomes another flow's: an index that is not its own. */
Test(sessions, a_foreign_session_is_no_binding)
{
	struct program *program;
	struct world world;
	__u32 to_peer, index;

	world_init(&world);
	program = program_in(&world);
	for (to_peer = 0; to_peer < 2; to_peer++) {
		const struct bpf_map *map = to_peer ? program->relay->bpf->maps.to_peer
						    : program->relay->bpf->maps.to_client;
		struct relay_flow_key key, next;
		int error = bpf_map__get_next_key(map, NULL, &next, sizeof(next));

		while (!error) {
			key = next;
			error = bpf_map__get_next_key(map, &key, &next, sizeof(next));
			cr_assert_eq(bpf_map__lookup_elem(map, &key, sizeof(key), &index,
							  sizeof(index), 0),
				     0);
			index = (index + 2) % (2 * WORLD_BINDINGS);
			cr_assert_eq(bpf_map__update_elem(map, &key, sizeof(key), &index,
							  sizeof(index), BPF_EXIST),
				     0);
		}
	}
	for (index = 0; index < 4; index++)
		expect_flows(program, &world, &world.bindings[index], RELAY_REASON_NO_BINDING);
	program_close(program);
}

/* Packets, bytes without the ChannelData header, misses: to each direction its own. */
