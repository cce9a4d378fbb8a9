/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both CPUs at once: neighbours are made, moved and deleted, bindings come and go, while frames
 * flow. No frame may ever leave for a host or with an address that it was not meant for at any
 * time.
 */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/mac.h"
#include "../bpf/relay_handle.h"
#include "program.h"
#include "recycle.skel.h"
#include "reference.h"
#include "relay.skel.h"

#define KEYS 64
#define RACE_MS 1200
#define ROUNDS 20000
#define FLOWS 8
#define BURST 4 /* bindings without a look at the frames */

struct race {
	struct world world;
	struct program *program;
	struct relay_neighbour_key keys[KEYS];
	bool over;
	uint64_t written;
};

static void pin(size_t wanted)
{
	size_t cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(wanted % cpus, &set);
	cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_over(struct race *race)
{
	return __atomic_load_n(&race->over, __ATOMIC_RELAXED);
}

/* See recycle.bpf.c. */
static struct mac mac_of_key(uint32_t key, uint32_t variant)
{
	struct mac mac = { { 0x02, (uint8_t)key, 0, (uint8_t)(variant >> 8), (uint8_t)variant,
			     (uint8_t)~key } };

	return mac;
}

static struct in6_addr ip_of_key(uint32_t key)
{
	struct in6_addr ip = wire_ip("10.90.1.0");

	ip.s6_addr[15] = (uint8_t)(key + 1);
	return ip;
}

/* The tag has 15 bits: keys that share one can deceive, so the test takes keys that do not. */
static void check_tags(const struct race *race)
{
	int i, j;

	for (i = 0; i < KEYS; i++)
		for (j = 0; j < i; j++)
			cr_assert(!neighbour_matches(
				neighbour_word(0, neighbour_hash(&race->keys[i])),
				neighbour_hash(&race->keys[j])));
}

/* Deletes one, makes another in the element that became free, moves a third. */
static void *rewrite_neighbours(void *context)
{
	struct race *race = context;
	int map = bpf_map__fd(race->program->relay->bpf->maps.neighbours);
	struct noise noise = { .state = 42 };

	pin(1);
	while (!is_over(race)) {
		uint32_t from = noise_below(&noise, KEYS), to = noise_below(&noise, KEYS);
		struct relay_neighbour fresh = { .stamp = race->program->relay->jiffies };
		struct mac mac = mac_of_key(to, noise_next(&noise));

		fresh.word = neighbour_word(mac_word(&mac), neighbour_hash(&race->keys[to]));
		bpf_map_delete_elem(map, &race->keys[from]);
		bpf_map_update_elem(map, &race->keys[to], &fresh, BPF_ANY);
		race->written++;
	}
	return NULL;
}

static void open_race(struct race *race, uint16_t vlan)
{
	struct relay_setup setup;
	uint32_t i;

	world_init(&race->world);
	program_setup(&race->world, &setup);
	setup.mac_ttl_s = 0;
	program_open(&setup, &race->program);
	program_enter(race->program, &race->world);
	for (i = 0; i < KEYS; i++) {
		struct in6_addr ip = ip_of_key(i);

		memcpy(race->keys[i].ip, &ip, sizeof(race->keys[i].ip));
		race->keys[i].vlan = vlan;
		race->keys[i].pad = 0;
	}
	race->over = false;
	race->written = 0;
	check_tags(race);
}

/* Bare look-ups with a pause before the read: the hazard itself, and what the tag makes of it. */
static void run_recycle(struct recycle_bpf *recycle, uint32_t linger)
{
	uint8_t frame[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame));

	recycle->bss->rounds = ROUNDS;
	recycle->bss->linger = linger;
	cr_assert_eq(bpf_prog_test_run_opts(bpf_program__fd(recycle->progs.recycle), &opts), 0);
}

Test(xdp_races, the_tag_tells_a_recycled_neighbour)
{
	static const uint32_t lingers[] = { 0, 1, 4, 16, 64, 256 };
	struct race *race = calloc(1, sizeof(*race));
	struct recycle_bpf *recycle = recycle_bpf__open();
	pthread_t writer;
	int64_t end;
	size_t i = 0;

	cr_assert(race && recycle);
	open_race(race, 0);
	cr_assert_eq(bpf_map__reuse_fd(recycle->maps.neighbours,
				       bpf_map__fd(race->program->relay->bpf->maps.neighbours)),
		     0);
	cr_assert_eq(recycle_bpf__load(recycle), 0);
	memcpy(recycle->bss->keys, race->keys, sizeof(race->keys));
	cr_assert_eq(pthread_create(&writer, NULL, rewrite_neighbours, race), 0);
	pin(0);
	for (end = now_ms() + RACE_MS; now_ms() < end; i++)
		run_recycle(recycle, lingers[i % (sizeof(lingers) / sizeof(*lingers))]);
	__atomic_store_n(&race->over, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	cr_log_info(
		"%lu writes; %lu right, %lu absent, %lu of another key: without the tag, frames "
		"to the wrong host",
		race->written, (unsigned long)recycle->bss->right,
		(unsigned long)recycle->bss->absent, (unsigned long)recycle->bss->foreign);
	cr_assert_gt(race->written, 100);
	cr_assert_gt(recycle->bss->right, 100);
	cr_assert_eq(recycle->bss->torn, 0);
	cr_assert_eq(recycle->bss->deceived, 0);
	recycle_bpf__destroy(recycle);
	program_close(race->program);
	free(race);
}

/* What a recycled element shows, one bit at a time: whatever is not this key's is a miss. */
Test(xdp_races, any_other_tag_is_a_miss)
{
	struct race *race = calloc(1, sizeof(*race));
	struct relay_neighbour_key key = { 0 };
	struct relay_neighbour entry = { 0 };
	struct in6_addr ip = wire_ip("10.90.0.30");
	struct relay_counters counters;
	struct frame_spec spec;
	struct octets in, out;
	enum relay_path path;
	int map, bit;

	cr_assert(race);
	open_race(race, 0);
	map = bpf_map__fd(race->program->relay->bpf->maps.neighbours);
	memcpy(key.ip, &ip, sizeof(key.ip));
	world_frame(&race->world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &in);
	cr_assert_eq(bpf_map_lookup_elem(map, &key, &entry), 0);
	for (bit = 48; bit < 64; bit++) {
		entry.word ^= 1ULL << bit;
		cr_assert_eq(bpf_map_update_elem(map, &key, &entry, BPF_ANY), 0);
		cr_assert_eq(program_relay(race->program, &in, &out, &path), RELAY_REASON_NO_MAC,
			     "bit %d", bit);
		entry.word ^= 1ULL << bit;
	}
	/* The next witness puts it right; what was there was another's, so nothing has moved. */
	program_teach(race->program, &race->world, &ip, 0, world_mac(&race->world, &ip, 0));
	program_counters(race->program, &counters);
	cr_assert_eq(counters.moved, 0);
	cr_assert_eq(program_relay(race->program, &in, &out, &path), RELAY_REASON_COUNT);
	program_close(race->program);
	free(race);
}

/* One binding for each key: its frames must go to a MAC of that key. */
static void bind_keys(struct race *race)
{
	struct event_binding binding;
	uint32_t i;

	for (i = 0; i < KEYS; i++) {
		binding = race->world.bindings[0];
		binding.slot = WORLD_BINDINGS + i;
		binding.channel = (uint16_t)(0x5000 + i);
		binding.peer.ip = ip_of_key(i);
		program_bind(race->program, &binding);
	}
}

static void race_frames(struct race *race, uint16_t vlan)
{
	uint64_t relayed = 0, passed = 0;
	struct octets in, out;
	struct frame_spec spec;
	pthread_t writer;
	uint32_t key = 0;
	int64_t end;

	open_race(race, vlan);
	bind_keys(race);
	world_frame(&race->world, RELAY_PATH_C4_P4, &spec);
	spec.tags = vlan ? 1 : 0;
	spec.tci[0] = vlan;
	spec.from = *world_mac(&race->world, &spec.src.ip, vlan);
	spec.sum = PACKETS_SUM_ZERO;
	packets_build(&spec, &in);
	cr_assert_eq(pthread_create(&writer, NULL, rewrite_neighbours, race), 0);
	pin(0);
	for (end = now_ms() + RACE_MS; now_ms() < end; key = (key + 1) % KEYS) {
		wire_put16(in.at + packets_udp_offset(&spec) + 8, 0x5000 + key);
		if (program_run(race->program, &in, &out) == XDP_PASS) {
			passed++;
			continue;
		}
		relayed++;
		cr_assert_eq(out.at[0], 0x02);
		cr_assert_eq(out.at[1], key, "a frame for key %u went to the MAC of key %u", key,
			     out.at[1]);
		cr_assert_eq(out.at[5], (uint8_t)~key);
	}
	__atomic_store_n(&race->over, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	cr_log_info("%lu writes, %lu relayed, %lu passed up", race->written, relayed, passed);
	cr_assert_gt(race->written, 100);
	cr_assert_gt(relayed, 100);
	program_close(race->program);
}

/* In a VLAN every frame looks its next hop up; without, a session keeps it for a while. */
Test(xdp_races, no_frame_goes_to_another_keys_mac)
{
	struct race *race = calloc(1, sizeof(*race));

	cr_assert(race);
	race_frames(race, WORLD_VLAN);
	race_frames(race, 0);
	free(race);
}

/* A slot that is two bindings in turn: clients and peers differ in everything. */
struct rebind_race {
	struct world worlds[2];
	struct program *program;
	bool over;
	uint64_t written, relayed;
};

/* However slow the machine is, some frames come through. */
static void wait_for_frames(const struct rebind_race *race, uint64_t before)
{
	while (!__atomic_load_n(&race->over, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&race->relayed, __ATOMIC_RELAXED) == before)
		sched_yield();
}

static void *rebind(void *context)
{
	struct rebind_race *race = context;

	pin(1);
	while (!__atomic_load_n(&race->over, __ATOMIC_RELAXED)) {
		struct event event = {
			.type = EVENT_BINDING_ADDED,
			.binding = race->worlds[race->written & 1].bindings[0],
		};

		if (race->written % 5 == 4) {
			event.type = EVENT_BINDING_REMOVED;
			relay_apply_binding(race->program->relay, &event);
			event.type = EVENT_BINDING_ADDED;
		}
		relay_apply_binding(race->program->relay, &event);
		race->written++;
		if (race->written % BURST == 0)
			wait_for_frames(race, __atomic_load_n(&race->relayed, __ATOMIC_RELAXED));
	}
	return NULL;
}

static void set_endpoints(struct world *world, const char *client, const char *peer, uint16_t port)
{
	struct event_binding *binding = &world->bindings[0];

	binding->client = wire_endpoint(client, (uint16_t)(port + 1));
	binding->peer = wire_endpoint(peer, (uint16_t)(port + 2));
	binding->relayed.port = (uint16_t)(50100 + port);
	binding->channel = (uint16_t)(0x4100 + port);
}

/* The two bindings' four flows; large and unfinished, so that each frame takes its time. */
static void build_flows(struct rebind_race *race, struct octets *in, struct octets *expected)
{
	static const enum relay_path paths[] = { RELAY_PATH_C4_P4, RELAY_PATH_P4_C4 };
	enum relay_path path;
	struct frame_spec spec;
	int i;

	for (i = 0; i < FLOWS; i++) {
		const struct world *world = &race->worlds[i & 1];

		world_frame(world, paths[i >> 1 & 1], &spec);
		spec.size = i & 4 ? 15000 : 200;
		spec.sum = i & 4 ? PACKETS_SUM_UNFINISHED : PACKETS_SUM_RIGHT;
		spec.seed = (uint32_t)i;
		packets_build(&spec, &in[i]);
		cr_assert_eq(reference_relay(world, &in[i], &expected[i], &path),
			     RELAY_REASON_COUNT);
	}
}

Test(xdp_races, no_frame_is_a_mix_of_two_bindings)
{
	struct rebind_race *race = calloc(1, sizeof(*race));
	struct octets *in = calloc(FLOWS, sizeof(*in));
	struct octets *expected = calloc(FLOWS, sizeof(*expected));
	uint64_t passed = 0;
	struct octets out;
	pthread_t writer;
	int64_t end;
	int i;

	cr_assert(race && in && expected);
	world_init(&race->worlds[0]);
	race->worlds[0].mtu = 16000;
	race->worlds[1] = race->worlds[0];
	set_endpoints(&race->worlds[0], "10.90.0.10", "10.90.0.30", 0);
	set_endpoints(&race->worlds[1], "10.90.0.11", "10.90.0.10", 77);
	build_flows(race, in, expected);
	race->program = program_in(&race->worlds[0]);
	cr_assert_eq(pthread_create(&writer, NULL, rebind, race), 0);
	pin(0);
	for (i = 0, end = now_ms() + RACE_MS; now_ms() < end; i = (i + 1) % FLOWS) {
		if (program_run(race->program, &in[i], &out) == XDP_PASS) {
			passed++;
			continue;
		}
		__atomic_fetch_add(&race->relayed, 1, __ATOMIC_RELAXED);
		cr_assert(out.length == expected[i].length &&
				  !memcmp(out.at, expected[i].at, out.length),
			  "flow %d, after %lu frames and %lu bindings", i, race->relayed,
			  race->written);
	}
	__atomic_store_n(&race->over, true, __ATOMIC_RELAXED);
	pthread_join(writer, NULL);
	cr_log_info("%lu bindings, %lu relayed, %lu passed up", race->written, race->relayed,
		    passed);
	cr_assert_gt(race->written, BURST);
	cr_assert_geq(race->relayed, race->written / BURST - 1);
	program_close(race->program);
	free(expected);
	free(in);
	free(race);
}
