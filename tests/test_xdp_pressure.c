/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A million sources that do not exist, on a table of a thousand: nothing goes to a wrong MAC,
 * memory stays what it was, and every entry that was made is accounted for.
 */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/relay_handle.h"
#include "program.h"
#include "relay.skel.h"

#define SOURCES 1000000
#define THREADS 2
#define FLOW_EVERY 100
#define ONE_WAY_EVERY 2000 /* the table is turned over in between */
#define ENTRIES 1024

struct flood {
	const struct world *world;
	struct program *program;
	uint32_t first;
	uint64_t relayed, missed, wrong;	  /* of the flow whose two ends both send */
	uint64_t one_way_relayed, one_way_missed; /* of one whose peer says nothing */
};

static unsigned long map_memory(int fd)
{
	unsigned long bytes = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	cr_assert(file);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %lu", &bytes) == 1)
			break;
	fclose(file);
	cr_assert_gt(bytes, 0);
	return bytes;
}

static void run_flow(struct flood *flood, const struct octets *in, const struct mac *next,
		     uint64_t *relayed, uint64_t *missed)
{
	struct octets out;

	if (program_run(flood->program, in, &out) != XDP_TX)
		(*missed)++;
	else if (memcmp(out.at, next->octet, 6))
		flood->wrong++;
	else
		(*relayed)++;
}

static void *flood_sources(void *context)
{
	struct flood *flood = context;
	const struct world *world = flood->world;
	struct in6_addr client = wire_ip("10.90.0.10"), peer = wire_ip("10.90.0.30");
	struct in6_addr silent = wire_ip("fd90::30");
	struct octets to_peer, to_client, one_way, spoofed, out;
	struct frame_spec spec;
	uint32_t i, source;

	world_frame(world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &to_peer);
	spec.protocol = IPPROTO_TCP;
	spec.size = 0;
	packets_build(&spec, &spoofed);
	world_frame(world, RELAY_PATH_P4_C4, &spec);
	packets_build(&spec, &to_client);
	world_frame(world, RELAY_PATH_C6_P6, &spec);
	packets_build(&spec, &one_way);
	for (i = 0; i < SOURCES / THREADS; i++) {
		source = 0x0b000000 + flood->first + i;
		wire_put32(spoofed.at + 8, source);
		wire_put32(spoofed.at + 14 + 12, source);
		if (program_run(flood->program, &spoofed, &out) != XDP_PASS)
			flood->wrong++;
		if (i % ONE_WAY_EVERY == 0)
			run_flow(flood, &one_way, world_mac(world, &silent, 0),
				 &flood->one_way_relayed, &flood->one_way_missed);
		if (i % FLOW_EVERY)
			continue;
		run_flow(flood, &to_peer, world_mac(world, &peer, 0), &flood->relayed,
			 &flood->missed);
		run_flow(flood, &to_client, world_mac(world, &client, 0), &flood->relayed,
			 &flood->missed);
	}
	return NULL;
}

static uint64_t entries_now(struct program *program)
{
	program_drain(program);
	program_forget_events(program);
	cr_assert_eq(relay_snapshot(program->relay), 0);
	program_drain(program);
	return program->last_counters.entries;
}

/* Runs the flood on all threads; their sums come back in the first. */
static void run_flood(const struct world *world, struct program *program,
		      struct flood floods[THREADS])
{
	pthread_t threads[THREADS];
	uint32_t i;

	for (i = 0; i < THREADS; i++) {
		floods[i].world = world;
		floods[i].program = program;
		floods[i].first = i * (SOURCES / THREADS);
		cr_assert_eq(pthread_create(&threads[i], NULL, flood_sources, &floods[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (i = 1; i < THREADS; i++) {
		floods[0].relayed += floods[i].relayed;
		floods[0].missed += floods[i].missed;
		floods[0].wrong += floods[i].wrong;
		floods[0].one_way_relayed += floods[i].one_way_relayed;
		floods[0].one_way_missed += floods[i].one_way_missed;
	}
}

static void check_flows(const struct flood *sum, const struct relay_counters *counters)
{
	cr_log_info("both ways: %lu relayed, %lu missed; one way: %lu relayed, %lu missed",
		    sum->relayed, sum->missed, sum->one_way_relayed, sum->one_way_missed);
	cr_assert_eq(sum->wrong, 0);
	cr_assert_eq(counters->passed[RELAY_REASON_NOT_UDP], SOURCES);
	cr_assert_eq(counters->passed[RELAY_REASON_NO_MAC], sum->missed + sum->one_way_missed);
	cr_assert_eq(counters->passed[RELAY_REASON_INTERNAL], 0);
	cr_assert_eq(counters->paths[RELAY_PATH_C4_P4] + counters->paths[RELAY_PATH_P4_C4],
		     sum->relayed);
	cr_assert_eq(counters->paths[RELAY_PATH_C6_P6], sum->one_way_relayed);
	/* Both ends go on being witnessed, so their flows stay. */
	cr_assert_gt(sum->relayed, 10 * sum->missed);
}

/* A flow that was idle all the time may have to begin anew. */
static void check_idle_flow(struct program *program, const struct world *world)
{
	struct in6_addr idle = wire_ip("fd90::11");
	enum relay_reason reason;
	struct octets frame, out;
	struct frame_spec spec;
	enum relay_path path;

	world_frame(world, RELAY_PATH_C6_C6, &spec);
	packets_build(&spec, &frame);
	reason = program_relay(program, &frame, &out, &path);
	cr_assert(reason == RELAY_REASON_NO_MAC || reason == RELAY_REASON_COUNT);
	program_teach(program, world, &idle, 0, world_mac(world, &idle, 0));
	cr_assert_eq(program_relay(program, &frame, &out, &path), RELAY_REASON_COUNT);
	cr_assert(!memcmp(out.at, world_mac(world, &idle, 0)->octet, 6));
}

Test(xdp_pressure, a_million_spoofed_sources)
{
	struct flood floods[THREADS] = { 0 };
	struct relay_counters counters;
	struct program *program;
	struct world world;
	unsigned long memory;
	uint64_t learned, entries;
	int map;

	world_init(&world);
	program = program_in(&world);
	map = bpf_map__fd(program->relay->bpf->maps.neighbours);
	memory = map_memory(map);
	run_flood(&world, program, floods);
	program_counters(program, &counters);
	program_drain(program);
	learned = program->type_counts[EVENT_MAC_LEARNED];
	entries = entries_now(program);

	check_flows(&floods[0], &counters);
	cr_log_info("%llu inserted, %lu there, %llu records lost", counters.inserted, entries,
		    counters.lost);
	cr_assert_leq(entries, ENTRIES);
	cr_assert_gt(entries, ENTRIES / 4);
	cr_assert_geq(counters.inserted + counters.refused[RELAY_REFUSAL_TABLE_FULL], SOURCES);
	cr_assert_eq(counters.moved, 0);
	cr_assert_eq(learned + counters.lost, counters.inserted, "%lu events, %llu lost", learned,
		     counters.lost);
	cr_assert_eq(map_memory(map), memory);
	check_idle_flow(program, &world);
	program_close(program);
}
