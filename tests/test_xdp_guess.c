/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a flow's session was last found is a guess: whatever it says, no frame may leave as another
 * flow's, and of many flows most must be guessed right. */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "../bpf/neighbour.h"
#include "../bpf/relay_handle.h"
#include "program.h"
#include "relay.skel.h"

#define TRIES 5
#define CROWD 4000
#define CROWD_COLD 80 /* of them may be guessed wrong */

static const struct mac everybody = { { 0x02, 0x44, 0, 0, 0, 9 } };

/* Both directions of a binding. */
static void frame_of(const struct world *world, const struct event_binding *binding, bool to_client,
		     struct octets *ret)
{
	struct frame_spec spec;
	const struct mac *from;

	packets_default(&spec);
	spec.to = world->own;
	spec.src = to_client ? binding->peer : binding->client;
	spec.dst = to_client ? binding->relayed : binding->server;
	spec.channel = to_client ? 0 : binding->channel;
	from = world_mac(world, &spec.src.ip, 0);
	spec.from = from ? *from : everybody;
	spec.size = 20;
	packets_build(&spec, ret);
}

/* Tells the first binding from the others in one field each; to the peer, and to the client. */
static const struct {
	const char *client;
	uint16_t client_port;
	const char *server;
	uint16_t channel;
	const char *relayed;
	uint16_t relayed_port;
	const char *peer;
	uint16_t peer_port;
} rows[] = {
	{ "10.90.0.10", 40000, "10.90.0.20", 0x4000, "10.90.0.20", 50000, "10.90.0.30", 7000 },
	{ "10.90.0.11", 40000, "10.90.0.20", 0x4000, "10.90.0.20", 50000, "10.90.0.11", 7000 },
	{ "10.90.0.10", 40001, "10.90.0.20", 0x4000, "10.90.0.20", 50000, "10.90.0.30", 7001 },
	{ "10.90.0.10", 40000, "10.90.0.21", 0x4000, "10.90.0.21", 50000, "10.90.0.30", 7000 },
	{ "10.90.0.10", 40000, "10.90.0.20", 0x4001, "10.90.0.20", 50001, "10.90.0.30", 7000 },
	{ "fd90::10", 40000, "fd90::20", 0x4000, "fd90::20", 50000, "fd90::30", 7000 },
	{ "fd91::10", 40000, "fd90::20", 0x4000, "fd90::20", 50000, "fd91::30", 7000 },
	{ "fd90:0:1::10", 40000, "fd90::20", 0x4000, "fd90::20", 50000, "fd90:0:1::30", 7000 },
	{ "fd90::1:0:10", 40000, "fd90::20", 0x4000, "fd90::20", 50000, "fd90::1:0:30", 7000 },
	{ "fd90::11", 40000, "fd90::20", 0x4000, "fd90::20", 50000, "fd90::11", 7000 },
	{ "fd90::10", 40000, "fd91::20", 0x4000, "fd91::20", 50000, "fd90::30", 7000 },
	{ "fd90::10", 40000, "fd90:0:1::20", 0x4000, "fd90:0:1::20", 50000, "fd90::30", 7000 },
	{ "fd90::10", 40000, "fd90::1:0:20", 0x4000, "fd90::1:0:20", 50000, "fd90::30", 7000 },
	{ "fd90::10", 40000, "fd90::21", 0x4000, "fd90::21", 50000, "fd90::30", 7000 },
	{ "fd90::10", 40001, "fd90::20", 0x4000, "fd90::20", 50000, "fd90::30", 7001 },
	{ "fd90::10", 40000, "fd90::20", 0x4001, "fd90::20", 50001, "fd90::30", 7000 },
	/* As the first, seen in the last words only: the one's client, the other's peer. */
	{ "::ffff:0:10.90.0.10", 40000, "fd90::0a5a:0014", 0x4000, "10.90.0.20", 50010,
	  "10.90.0.30", 7010 },
	{ "10.90.0.11", 40011, "10.90.0.20", 0x4011, "fd90::0a5a:0014", 50000,
	  "::ffff:0:10.90.0.30", 7000 },
	/* A client and a peer in one place; its channel has the number of a relayed port. */
	{ "10.90.0.10", 41000, "10.90.0.20", 0x5000, "10.90.0.20", 50005, "10.90.0.30", 7005 },
	{ "10.90.0.11", 41001, "10.90.0.20", 0x5001, "10.90.0.20", 0x5000, "10.90.0.10", 41000 },
};

#define ROWS (sizeof(rows) / sizeof(*rows))
#define FLOWS (2 * ROWS)

static void nth_binding(size_t n, struct event_binding *ret)
{
	struct event_binding binding = {
		.slot = (uint32_t)n,
		.client = wire_endpoint(rows[n].client, rows[n].client_port),
		.server = wire_endpoint(rows[n].server, 3478),
		.relayed = wire_endpoint(rows[n].relayed, rows[n].relayed_port),
		.peer = wire_endpoint(rows[n].peer, rows[n].peer_port),
		.channel = rows[n].channel,
		.fixed = true,
	};

	*ret = binding;
}

struct guess {
	struct program *program;
	struct octets frames[FLOWS], expected[FLOWS]; /* by session index */
	enum relay_path paths[FLOWS];
};

static bool is_same(const struct octets *a, const struct octets *b)
{
	return a->length == b->length && !memcmp(a->at, b->at, a->length);
}

/* Every end is witnessed in one place, so that no MAC tells a flow from another. */
static void teach_ends(const struct guess *guess, const struct world *world)
{
	struct event_binding binding;
	size_t n;

	for (n = 0; n < ROWS; n++) {
		nth_binding(n, &binding);
		program_teach(guess->program, world, &binding.client.ip, 0, &everybody);
		program_teach(guess->program, world, &binding.peer.ip, 0, &everybody);
	}
}

static struct guess *open_guess(struct world *world)
{
	struct guess *guess = calloc(1, sizeof(*guess));
	struct event_binding binding;
	struct relay_setup setup;
	size_t i;

	cr_assert(guess);
	world_init(world);
	world->relay_port_min = 0x5000;
	program_setup(world, &setup);
	program_open(&setup, &guess->program);
	program_enter(guess->program, world);
	for (i = 0; i < WORLD_BINDINGS; i++)
		program_unbind(guess->program, (uint32_t)i);
	teach_ends(guess, world);
	for (i = 0; i < FLOWS; i++) {
		nth_binding(i / 2, &binding);
		if (i % 2 == 0)
			program_bind(guess->program, &binding);
		frame_of(world, &binding, i % 2, &guess->frames[i]);
		memcpy(guess->frames[i].at + 6, everybody.octet, 6);
	}
	/* The long way says what each frame becomes. */
	for (i = 0; i < FLOWS; i++)
		cr_assert_eq(program_relay(guess->program, &guess->frames[i], &guess->expected[i],
					   &guess->paths[i]),
			     RELAY_REASON_COUNT, "flow %zu", i);
	return guess;
}

static void close_guess(struct guess *guess)
{
	program_close(guess->program);
	free(guess);
}

/* As if all flows that were ever guessed had been found at one place. */
static void point_all_to(struct guess *guess, uint32_t index)
{
	typeof(guess->program->relay->bpf->bss) bss = guess->program->relay->bpf->bss;
	size_t i;

	for (i = 0; i < sizeof(bss->flow_cache) / sizeof(*bss->flow_cache); i++)
		if (bss->flow_cache[i])
			bss->flow_cache[i] = (bss->flow_cache[i] & 0xffff0000ffff0000) |
					     (uint64_t)((index + 1) & 0xffff) << 32 |
					     ((index + 1) & 0xffff);
}

static void check_guesses(struct guess *guess, uint32_t index)
{
	enum relay_path path;
	struct octets out;
	size_t i;

	for (i = 0; i < FLOWS; i++) {
		if (i == index)
			program_heat(guess->program, &guess->frames[i], "guessed right");
		if (!program_relay_hot(guess->program, &guess->frames[i], &out, &path)) {
			cr_assert_neq(i, index, "flow %zu is guessed right and left", i);
			continue;
		}
		cr_assert_eq(i, index, "flow %zu went as flow %u", i, index);
		cr_assert_eq(path, guess->paths[i]);
		cr_assert(is_same(&out, &guess->expected[i]), "flow %zu", i);
	}
}

static void heat_all(struct guess *guess)
{
	enum relay_path path;
	struct octets out;
	size_t i;

	for (i = 0; i < FLOWS; i++)
		cr_assert_eq(program_relay(guess->program, &guess->frames[i], &out, &path),
			     RELAY_REASON_COUNT);
}

/* All flows by the sessions of all others, and by such that do not exist. */
Test(xdp_guess, no_flow_by_anothers_session)
{
	static const uint32_t strange[] = { FLOWS, 32767, 32768, 65534, 65535 };
	struct world world;
	struct guess *guess = open_guess(&world);
	uint32_t index;
	size_t i;

	for (index = 0; index < FLOWS; index++) {
		/* Again each time: what is known of the ends is good for a second. */
		point_all_to(guess, 65535);
		heat_all(guess);
		point_all_to(guess, index);
		check_guesses(guess, index);
	}
	for (i = 0; i < sizeof(strange) / sizeof(*strange); i++) {
		point_all_to(guess, 65535);
		heat_all(guess);
		point_all_to(guess, strange[i]);
		check_guesses(guess, strange[i]);
	}
	close_guess(guess);
}

/* A session whose next hop was never known, in the first minutes after boot, when zero is ahead of
 * the low half of jiffies. */
Test(xdp_guess, a_fresh_session_knows_nobody)
{
	struct relay_session session;
	struct world world;
	struct guess *guess = open_guess(&world);
	struct bpf_map *map = guess->program->relay->bpf->maps.sessions;
	enum relay_path path;
	struct octets out;
	__u32 index;

	for (index = 0; index < FLOWS; index++) {
		cr_assert_eq(program_relay(guess->program, &guess->frames[index], &out, &path),
			     RELAY_REASON_COUNT);
		cr_assert_eq(bpf_map__lookup_elem(map, &index, sizeof(index), &session,
						  sizeof(session), 0),
			     0);
		session.next = 0;
		guess->program->relay->bpf->bss->generations[session.next_slot] = 0;
		/* As the sender was learned in its slot's generation. */
		session.sender =
			(session.sender & NEIGHBOUR_MAC_MASK) |
			(uint64_t)guess->program->relay->bpf->bss->generations[session.sender_slot]
				<< 48;
		cr_assert_eq(bpf_map__update_elem(map, &index, sizeof(index), &session,
						  sizeof(session), BPF_ANY),
			     0);
		cr_assert(!program_relay_hot(guess->program, &guess->frames[index], &out, &path));
	}
	close_guess(guess);
}

/* The younger of two bindings has the flow, though the older is guessed and goes on being
 * refreshed. */
Test(xdp_guess, not_by_a_binding_that_was_superseded)
{
	struct event refresh = { .type = EVENT_BINDING_REFRESHED };
	struct event_binding older, younger;
	struct in6_addr ends_at;
	struct program *program;
	enum relay_path path;
	struct octets in, out;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	older = younger = world.bindings[0];
	younger.slot = 20;
	younger.peer.ip = wire_ip("10.90.0.11");
	frame_of(&world, &older, false, &in);
	program_heat(program, &in, "the older");
	program_bind(program, &younger);
	refresh.binding = older;
	cr_assert_eq(relay_apply_binding(program->relay, &refresh), 0);
	cr_assert_eq(program_relay(program, &in, &out, &path), RELAY_REASON_COUNT);
	ends_at = wire_ip("10.90.0.11");
	cr_assert(!memcmp(out.at + 14 + 16, ends_at.s6_addr + 12, 4), "by the older");
	program_close(program);
}

/* Flows with the same digest: the two inner words of an address change places. */
Test(xdp_guess, flows_that_look_the_same)
{
	static const char *const clients[] = { "fd90:0:1:2:3:4:0:10", "fd90:0:3:4:1:2:0:10" };
	struct octets frames[2], expected[2], out;
	struct program *program;
	enum relay_path path;
	struct world world;
	int i, round;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < 2; i++) {
		struct event_binding binding = world.bindings[3];

		binding.slot = (uint32_t)(20 + i);
		binding.client.ip = wire_ip(clients[i]);
		binding.relayed.port = (uint16_t)(60000 + i);
		binding.peer.port = (uint16_t)(9000 + i);
		program_bind(program, &binding);
		program_teach(program, &world, &binding.client.ip, 0, &everybody);
		frame_of(&world, &binding, false, &frames[i]);
		cr_assert_eq(program_relay(program, &frames[i], &expected[i], &path),
			     RELAY_REASON_COUNT);
	}
	cr_assert(!is_same(&expected[0], &expected[1]));
	for (round = 0; round < 10; round++)
		for (i = 0; i < 2; i++) {
			/* The younger one takes the guess over. */
			cr_assert(!program_relay_hot(program, &frames[i], &out, &path));
			cr_assert_eq(program_relay(program, &frames[i], &out, &path),
				     RELAY_REASON_COUNT);
			cr_assert(is_same(&out, &expected[i]), "flow %d", i);
			if (program_relay_hot(program, &frames[i], &out, &path))
				cr_assert(is_same(&out, &expected[i]), "flow %d", i);
		}
	program_close(program);
}

static void crowd_frame(const struct world *world, uint32_t n, struct event_binding *ret_binding,
			struct octets *ret)
{
	*ret_binding = world->bindings[n % 4];
	ret_binding->slot = n;
	ret_binding->client.port = (uint16_t)(1024 + n / 4 % 500);
	ret_binding->channel = (uint16_t)(0x4000 + n / 2000);
	ret_binding->relayed.port = (uint16_t)(49152 + n / 2);
	ret_binding->peer.port = (uint16_t)(9000 + n % 7);
	frame_of(world, ret_binding, false, ret);
}

/* How many of the crowd do not go the short way although all of them were just relayed. */
static int count_cold(struct program *program, const struct world *world)
{
	struct event_binding binding;
	struct octets in, out;
	enum relay_path path;
	int cold = 0;
	uint32_t n;

	for (n = 0; n < CROWD; n++) {
		crowd_frame(world, n, &binding, &in);
		cr_assert_eq(program_run(program, &in, &out), XDP_TX);
	}
	for (n = 0; n < CROWD; n++) {
		crowd_frame(world, n, &binding, &in);
		cold += !program_relay_hot(program, &in, &out, &path);
	}
	return cold;
}

Test(xdp_guess, most_of_a_crowd_go_the_short_way)
{
	struct event_binding binding;
	struct program *program;
	int cold = CROWD, tries;
	struct world world;
	struct octets in;
	uint32_t n;

	world_init(&world);
	program = program_in(&world);
	for (n = 0; n < CROWD; n++) {
		crowd_frame(&world, n, &binding, &in);
		program_bind(program, &binding);
	}
	/* What is known of the ends may come to its end in between. */
	for (tries = 0; tries < TRIES && cold > CROWD_COLD; tries++)
		cold = count_cold(program, &world);
	cr_assert_leq(cold, CROWD_COLD, "%d of %d", cold, CROWD);
	program_close(program);
}
