/* SPDX-License-Identifier: BSD-2-Clause */
/* Flows that go the short way, and what ends that: a change of anything that was true when it was
 * found out. And what is counted on that way. */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "../bpf/relay_handle.h"
#include "program.h"
#include "relay.skel.h"

#define TRIES 5

static const struct mac stranger = { { 0x02, 0x66, 0x66, 0x66, 0x66, 0x01 } };

static void frame_of(const struct world *world, enum relay_path path, size_t size,
		     struct octets *ret)
{
	struct frame_spec spec;

	world_frame(world, path, &spec);
	spec.size = size;
	packets_build(&spec, ret);
}

static void set_bound(struct program *program, const struct world *world, enum event_type type,
		      int64_t expires_ns)
{
	uint32_t slot;

	for (slot = 0; slot < WORLD_BINDINGS; slot++) {
		struct event event = { .type = type, .binding = world->bindings[slot] };

		event.binding.fixed = false;
		event.binding.expires_ns = expires_ns;
		cr_assert_eq(relay_apply_binding(program->relay, &event), 0);
	}
}

static void change_mac(struct program *program, const struct world *world, bool undo)
{
	relay_set_mac(program->relay, undo ? &world->own : &stranger);
}

static void change_mtu(struct program *program, const struct world *world, bool undo)
{
	relay_set_mtu(program->relay, undo ? world->mtu : 100);
}

static void change_relaying(struct program *program, const struct world *world, bool undo)
{
	(void)world;
	program->relay->bpf->bss->live.relaying = undo;
}

static void change_expiry(struct program *program, const struct world *world, bool undo)
{
	set_bound(program, world, EVENT_BINDING_REFRESHED, undo ? INT64_MAX / 2 : 1);
}

static void change_bindings(struct program *program, const struct world *world, bool undo)
{
	set_bound(program, world, undo ? EVENT_BINDING_ADDED : EVENT_BINDING_REMOVED,
		  INT64_MAX / 2);
}

/* Everybody's address but the relay's turns out to be this host's own. */
static void change_owners(struct program *program, const struct world *world, bool undo)
{
	size_t i;

	for (i = 0; i < world->host_count; i++) {
		const struct world_host *host = &world->hosts[i];

		if (host->vlan)
			continue;
		if (!undo) {
			relay_add_own_address(program->relay, &host->ip, false);
			continue;
		}
		relay_remove_own_address(program->relay, &host->ip);
		program_teach(program, world, &host->ip, 0, &host->mac);
	}
}

static const struct {
	const char *name;
	void (*change)(struct program *program, const struct world *world, bool undo);
	enum relay_reason reason;
} changes[] = {
	{ "own MAC", change_mac, RELAY_REASON_NOT_FOR_US },
	{ "MTU", change_mtu, RELAY_REASON_TOO_BIG },
	{ "relaying", change_relaying, RELAY_REASON_OBSERVING },
	{ "expiry", change_expiry, RELAY_REASON_NO_BINDING },
	{ "bindings", change_bindings, RELAY_REASON_NO_BINDING },
	{ "owners", change_owners, RELAY_REASON_NO_MAC },
};

Test(xdp_cooling, ends_with_what_it_rests_on)
{
	struct octets in, out;
	struct program *program;
	struct world world;
	enum relay_reason reason;
	enum relay_path path, taken;
	char what[80];
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		for (path = 0; path < RELAY_PATH_COUNT; path++) {
			snprintf(what, sizeof(what), "%s, %s", changes[i].name,
				 world_path_name(path));
			frame_of(&world, path, 160, &in);
			program_heat(program, &in, what);
			changes[i].change(program, &world, false);
			cr_assert(!program_relay_hot(program, &in, &out, &taken), "%s", what);
			reason = program_relay(program, &in, &out, &taken);
			cr_assert_eq(reason, changes[i].reason, "%s: %s", what,
				     world_reason_name(reason));
			changes[i].change(program, &world, true);
			program_heat(program, &in, what);
		}
	program_close(program);
}

/* The same flow from another place: the program must look, and learn, before it relays. */
Test(xdp_cooling, another_sender_is_learned)
{
	struct octets in, spoofed, out;
	struct relay_counters counters;
	struct program *program;
	struct frame_spec spec;
	struct world world;
	enum relay_path path, taken;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		program_restore_neighbours(program, &world);
		world_frame(&world, path, &spec);
		packets_build(&spec, &in);
		spec.from = stranger;
		packets_build(&spec, &spoofed);
		program_heat(program, &in, world_path_name(path));
		cr_assert(!program_relay_hot(program, &spoofed, &out, &taken));
		cr_assert_eq(program_relay(program, &spoofed, &out, &taken), RELAY_REASON_COUNT);
		cr_assert(program_knows(program, &spec.src.ip, 0, &stranger));
		/* And the other way round, though the true sender was known a moment ago. */
		cr_assert(!program_relay_hot(program, &in, &out, &taken));
		cr_assert_eq(program_relay(program, &in, &out, &taken), RELAY_REASON_COUNT);
		cr_assert(!program_knows(program, &spec.src.ip, 0, &stranger));
		program_counters(program, &counters);
		cr_assert_eq(counters.moved, 2);
	}
	program_close(program);
}

/* What comes from where nobody is, is relayed, and counted as refused each time. */
Test(xdp_cooling, no_sender_that_is_refused)
{
	static const struct mac nobody[] = { { { 0 } }, { { 0x01, 0, 0x5e, 0, 0, 1 } } };
	struct relay_counters counters;
	struct program *program;
	struct frame_spec spec;
	struct octets in, out;
	struct world world;
	enum relay_path path, taken;
	uint64_t refused = 0;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++)
		for (i = 0; i < 2; i++) {
			frame_of(&world, path, 20, &in);
			program_heat(program, &in, world_path_name(path));
			world_frame(&world, path, &spec);
			spec.from = nobody[i];
			packets_build(&spec, &in);
			cr_assert_eq(program_relay(program, &in, &out, &taken), RELAY_REASON_COUNT);
			cr_assert(!program_relay_hot(program, &in, &out, &taken));
			refused++;
		}
	program_counters(program, &counters);
	cr_assert_eq(counters.refused[RELAY_REFUSAL_ZERO_MAC], refused / 2);
	cr_assert_eq(counters.refused[RELAY_REFUSAL_MULTICAST_MAC], refused / 2);
	program_close(program);
}

/* Each frame that goes the short way is counted, for its path and for its flow. */
Test(xdp_cooling, counts_exactly)
{
	static const size_t sizes[] = { 4, 5, 160, 1200 };
	struct relay_session_counters before, after;
	struct relay_counters total;
	struct program *program;
	struct octets in, out;
	struct world world;
	enum relay_path path, taken;
	uint64_t packets, bytes;
	uint32_t slot, of;
	bool to_client;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		struct frame_spec spec;

		world_frame(&world, path, &spec);
		to_client = !spec.channel;
		for (slot = 0, of = WORLD_BINDINGS; slot < WORLD_BINDINGS; slot++)
			if (wire_same_endpoint(&spec.src, to_client
								  ? &world.bindings[slot].peer
								  : &world.bindings[slot].client) &&
			    (to_client ? spec.dst.port == world.bindings[slot].relayed.port
				       : spec.channel == world.bindings[slot].channel))
				of = slot;
		packets = bytes = 0;
		frame_of(&world, path, 160, &in);
		program_heat(program, &in, world_path_name(path));
		program_zero_counters(program);
		program_session_counters(program, of, to_client, &before);
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			frame_of(&world, path, sizes[i], &in);
			if (!program_relay_hot(program, &in, &out, &taken))
				cr_assert_eq(program_relay(program, &in, &out, &taken),
					     RELAY_REASON_COUNT);
			cr_assert_eq(taken, path);
			packets++;
			bytes += sizes[i];
		}
		program_session_counters(program, of, to_client, &after);
		cr_assert_eq(after.packets - before.packets, packets, "%s", world_path_name(path));
		cr_assert_eq(after.bytes - before.bytes, bytes, "%s", world_path_name(path));
		cr_assert_eq(after.misses, 0);
		program_counters(program, &total);
		cr_assert_eq(total.paths[path], packets);
		cr_assert_eq(total.relayed_bytes, bytes);
	}
	program_close(program);
}

static void wait_ms(long ms)
{
	struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* `last_used` is not the long way's last. */
Test(xdp_cooling, stays_in_use)
{
	struct relay_session_counters before, after;
	enum relay_path path;
	struct program *program;
	struct octets in, out;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	frame_of(&world, RELAY_PATH_C4_P4, 160, &in);
	program_heat(program, &in, "in use");
	program_session_counters(program, 0, false, &before);
	wait_ms(40);
	if (!program_relay_hot(program, &in, &out, &path)) {
		program_heat(program, &in, "in use");
		program_session_counters(program, 0, false, &before);
		wait_ms(40);
		cr_assert(program_relay_hot(program, &in, &out, &path));
	}
	program_session_counters(program, 0, false, &after);
	cr_assert_gt(after.last_used, before.last_used);
	program_close(program);
}

/* A flow does not make its next hop younger: it ends with --mac-ttl, not up to a second later. */
Test(xdp_cooling, no_longer_than_the_next_hop_may_be_silent)
{
	static const enum relay_path paths[] = { RELAY_PATH_C4_P4, RELAY_PATH_C6_P6 };
	struct in6_addr next[] = { wire_ip("10.90.0.30"), wire_ip("fd90::30") };
	enum relay_reason reason;
	struct program *program;
	enum relay_path taken;
	struct octets in, out;
	struct world world;
	int tries;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < 2; i++) {
		frame_of(&world, paths[i], 160, &in);
		/* A tenth of a second is left; a slow machine may need more for the two frames. */
		for (tries = 0; tries < TRIES; tries++) {
			program_age_neighbour(program, &next[i], 0, 300,
					      -(int64_t)program->relay->hz / 10);
			if (program_relay(program, &in, &out, &taken) == RELAY_REASON_COUNT &&
			    program_relay_hot(program, &in, &out, &taken))
				break;
		}
		cr_assert_lt(tries, TRIES);
		wait_ms(150);
		cr_assert(!program_relay_hot(program, &in, &out, &taken));
		reason = program_relay(program, &in, &out, &taken);
		cr_assert_eq(reason, RELAY_REASON_STALE_MAC, "%s", world_reason_name(reason));
	}
	program_close(program);
}

/* No room in front of the frame, and the flow is hot: still passed up as it came. */
Test(xdp_cooling, no_headroom)
{
	static const uint32_t grows[RELAY_PATH_COUNT] = {
		[RELAY_PATH_C4_P6] = 16, [RELAY_PATH_P4_C4] = 4,  [RELAY_PATH_P4_C6] = 24,
		[RELAY_PATH_P6_C6] = 4,	 [RELAY_PATH_C4_C6] = 20,
	};
	struct relay_counters counters;
	struct program *program;
	struct octets in, out;
	struct world world;
	enum relay_path path;
	uint64_t expected = 0;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		if (!grows[path])
			continue;
		frame_of(&world, path, 160, &in);
		program_heat(program, &in, world_path_name(path));
		cr_assert_eq(program_run_cramped(program, &in, grows[path] - 4, &out), XDP_PASS);
		cr_assert_eq(out.length, in.length, "%s", world_path_name(path));
		cr_assert(!memcmp(out.at, in.at, in.length), "%s", world_path_name(path));
		expected++;
	}
	program_counters(program, &counters);
	cr_assert_eq(counters.passed[RELAY_REASON_NO_HEADROOM], expected);
	cr_assert_eq(counters.passed[RELAY_REASON_INTERNAL], 0);
	program_close(program);
}

/* Low jiffies come round after some weeks, and zero is ahead of them in the first minutes after
 * boot: what a flow knew that long ago, it does not know. */
Test(xdp_cooling, after_a_sleep_of_weeks)
{
	struct bpf_map *sessions;
	struct relay_session slept;
	struct program *program;
	enum relay_path path;
	struct octets in, out;
	struct world world;
	__u32 index = 0;
	int sender;

	world_init(&world);
	program = program_in(&world);
	sessions = program->relay->bpf->maps.sessions;
	frame_of(&world, RELAY_PATH_C4_P4, 160, &in);
	for (sender = 0; sender < 2; sender++) {
		program_heat(program, &in, "before");
		cr_assert_eq(bpf_map__lookup_elem(sessions, &index, sizeof(index), &slept,
						  sizeof(slept), 0),
			     0);
		*(sender ? &slept.sender_until : &slept.next_until) += 1u << 24;
		cr_assert_eq(bpf_map__update_elem(sessions, &index, sizeof(index), &slept,
						  sizeof(slept), BPF_ANY),
			     0);
		cr_assert(!program_relay_hot(program, &in, &out, &path), "%s",
			  sender ? "sender" : "next hop");
	}
	program_close(program);
}

/* The table evicts the least used, without a word. The first frame that misses the entry makes
 * everybody look again, so the host's next frame brings it back. */
Test(xdp_cooling, evicted_and_back_with_the_next_frame)
{
	struct relay_neighbour_key key = {};
	struct octets to_client, to_peer, out;
	struct relay_session session;
	struct program *program;
	struct frame_spec spec;
	struct bpf_map *map;
	enum relay_path path;
	struct world world;
	__u32 index = 1;

	world_init(&world);
	program = program_in(&world);
	frame_of(&world, RELAY_PATH_C4_P4, 160, &to_peer);
	frame_of(&world, RELAY_PATH_P4_C4, 160, &to_client);
	program_heat(program, &to_client, "to the client");
	program_heat(program, &to_peer, "to the peer");
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	memcpy(key.ip, &spec.src.ip, sizeof(key.ip));
	map = program->relay->bpf->maps.neighbours;
	cr_assert_eq(bpf_map__delete_elem(map, &key, sizeof(key), 0), 0);
	/* As if a second was over, for this flow alone. */
	map = program->relay->bpf->maps.sessions;
	cr_assert_eq(bpf_map__lookup_elem(map, &index, sizeof(index), &session, sizeof(session), 0),
		     0);
	session.next_until -= 2 * program->relay->hz;
	cr_assert_eq(bpf_map__update_elem(map, &index, sizeof(index), &session, sizeof(session),
					  BPF_ANY),
		     0);
	cr_assert_eq(program_relay(program, &to_client, &out, &path), RELAY_REASON_NO_MAC);
	cr_assert_eq(program_relay(program, &to_peer, &out, &path), RELAY_REASON_COUNT);
	cr_assert(program_knows(program, &spec.src.ip, 0, &spec.from));
	cr_assert_eq(program_relay(program, &to_client, &out, &path), RELAY_REASON_COUNT);
	program_close(program);
}

/* Neither of what it found nor of what it was asked. */
Test(xdp_cooling, the_trial_leaves_nothing_in_a_session)
{
	struct relay_session before, after;
	enum relay_verdict verdict;
	struct program *program;
	struct bpf_map *map;
	struct octets in, out;
	struct world world;
	__u32 index = 0;

	world_init(&world);
	program = program_in(&world);
	map = program->relay->bpf->maps.sessions;
	frame_of(&world, RELAY_PATH_C4_P4, 160, &in);
	cr_assert_eq(relay_prepare_try(program->relay), 0);
	cr_assert_eq(bpf_map__lookup_elem(map, &index, sizeof(index), &before, sizeof(before), 0),
		     0);
	cr_assert_eq(relay_try(program->relay, in.at, in.length, out.at, &out.length, &verdict), 0);
	cr_assert_eq(verdict, RELAY_TX);
	cr_assert_eq(bpf_map__lookup_elem(map, &index, sizeof(index), &after, sizeof(after), 0), 0);
	cr_assert(!memcmp(&before, &after, sizeof(before)));
	program_close(program);
}
