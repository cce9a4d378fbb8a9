/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters that are exact: on all CPUs, after millions of frames, and when the ring is full. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

#define THREADS 2
#define KINDS 5
#define REPEAT 1000000
#define HITS 5000

struct worker {
	struct program *program;
	struct octets frames[KINDS]; /* passed up, each for another reason */
	struct octets hit;
	size_t cpu;
	uint64_t relayed;
};

static const enum relay_reason kinds[KINDS] = { RELAY_REASON_NOT_IP, RELAY_REASON_NOT_TURN,
						RELAY_REASON_TTL, RELAY_REASON_NO_BINDING,
						RELAY_REASON_NOT_FOR_US };

static void build_kinds(const struct world *world, struct octets frames[KINDS])
{
	struct frame_spec spec, plain;

	world_frame(world, RELAY_PATH_C4_P4, &plain);
	packets_build(&plain, &frames[0]);
	wire_put16(frames[0].at + 12, 0x88cc);
	spec = plain;
	spec.dst.port = 53;
	packets_build(&spec, &frames[1]);
	spec = plain;
	spec.ttl = 1;
	packets_build(&spec, &frames[2]);
	spec = plain;
	spec.channel++;
	spec.src.port++;
	packets_build(&spec, &frames[3]);
	spec = plain;
	spec.to.octet[5]++;
	packets_build(&spec, &frames[4]);
}

static void pin(size_t wanted)
{
	size_t cpus = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(wanted % cpus, &set);
	cr_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct octets out;
	int i;

	pin(worker->cpu);
	for (i = 0; i < KINDS; i++)
		program_repeat(worker->program, &worker->frames[i], REPEAT);
	for (i = 0; i < HITS; i++)
		worker->relayed += program_run(worker->program, &worker->hit, &out) == XDP_TX;
	return NULL;
}

static uint64_t seen(const struct relay_counters *counters)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < RELAY_REASON_COUNT; i++)
		sum += counters->passed[i];
	for (i = 0; i < RELAY_PATH_COUNT; i++)
		sum += counters->paths[i];
	return sum;
}

/* Takes snapshots while the others run: what was counted once stays counted. */
static void watch(struct program *program)
{
	uint64_t before = 0, now = 0, end = THREADS * (KINDS * (uint64_t)REPEAT + HITS);

	while (now < end) {
		cr_assert_eq(relay_snapshot(program->relay), 0);
		program_drain(program);
		now = seen(&program->last_counters.totals);
		cr_assert_geq(now, before);
		cr_assert_leq(now, end);
		before = now;
		sched_yield();
	}
}

Test(relay_counters, ten_million_frames_on_both_cpus)
{
	struct worker *workers = calloc(THREADS, sizeof(*workers));
	struct relay_session_counters flow;
	const struct relay_counters *totals;
	pthread_t threads[THREADS];
	struct program *program;
	struct frame_spec spec;
	struct world world;
	uint64_t relayed = 0;
	size_t i;

	cr_assert(workers);
	world_init(&world);
	program = program_in(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	for (i = 0; i < THREADS; i++) {
		workers[i].program = program;
		workers[i].cpu = i;
		build_kinds(&world, workers[i].frames);
		packets_build(&spec, &workers[i].hit);
		cr_assert_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	watch(program);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		relayed += workers[i].relayed;
	}
	cr_assert_eq(relay_snapshot(program->relay), 0);
	program_drain(program);
	totals = &program->last_counters.totals;
	for (i = 0; i < KINDS; i++)
		cr_assert_eq(totals->passed[kinds[i]], THREADS * REPEAT, "%s: %llu",
			     world_reason_name(kinds[i]), totals->passed[kinds[i]]);
	cr_assert_eq(relayed, THREADS * HITS);
	cr_assert_eq(totals->paths[RELAY_PATH_C4_P4], relayed);
	cr_assert_eq(totals->relayed_bytes, relayed * spec.size);
	cr_assert_eq(seen(totals), THREADS * (KINDS * (uint64_t)REPEAT + HITS));
	cr_assert_eq(totals->lost, 0);
	program_session_counters(program, 0, false, &flow);
	cr_assert_eq(flow.packets, relayed);
	cr_assert_eq(flow.bytes, relayed * spec.size);
	program_close(program);
	free(workers);
}

static bool is_readable(const struct program *program)
{
	struct pollfd fd = { .fd = relay_fd(program->relay), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

#define OVERFLOW 150000

static void *overflow(void *context)
{
	struct worker *worker = context;

	pin(worker->cpu);
	program_repeat(worker->program, &worker->frames[2], OVERFLOW);
	return NULL;
}

Test(relay_counters, a_full_ring_loses_records_and_says_how_many)
{
	struct worker *workers = calloc(THREADS, sizeof(*workers));
	struct relay_counters counters;
	pthread_t threads[THREADS];
	struct program *program;
	struct world world;
	uint64_t emitted;
	size_t i;

	cr_assert(workers);
	world_init(&world);
	program = program_in(&world);
	relay_set_capture(program->relay, 1ULL << RELAY_REASON_TTL, 96);
	cr_assert(!is_readable(program));
	for (i = 0; i < THREADS; i++) {
		workers[i].program = program;
		workers[i].cpu = i;
		build_kinds(&world, workers[i].frames);
		cr_assert_eq(pthread_create(&threads[i], NULL, overflow, &workers[i]), 0);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cr_assert(is_readable(program), "the reader is not woken");
	cr_assert_eq(relay_snapshot(program->relay), -EAGAIN);
	cr_assert_eq(relay_snapshot(program->relay), -EAGAIN);

	program_counters(program, &counters);
	cr_assert_eq(counters.passed[RELAY_REASON_TTL], THREADS * OVERFLOW);
	program_drain(program);
	emitted = program->type_counts[EVENT_PASSED_UP];
	cr_assert_gt(counters.lost, 0);
	cr_assert_eq(counters.unrecorded[RELAY_REASON_TTL], counters.lost);
	cr_assert_gt(emitted, 1000);
	cr_assert_eq(emitted + counters.lost, THREADS * OVERFLOW, "%lu + %llu", emitted,
		     counters.lost);

	cr_assert_eq(relay_snapshot(program->relay), 0);
	program_drain(program);
	cr_assert_eq(program->last_counters.totals.lost, counters.lost);
	cr_assert_eq(program->last_counters.totals.passed[RELAY_REASON_TTL], THREADS * OVERFLOW);
	cr_assert(!is_readable(program));
	program_close(program);
	free(workers);
}

/* A drain takes as many as it is told, and says so. */
Test(relay_counters, drained_in_portions)
{
	struct octets frames[KINDS];
	struct program *program;
	struct world world;

	world_init(&world);
	program = program_in(&world);
	relay_set_capture(program->relay, 1ULL << RELAY_REASON_TTL, RELAY_SNAPLEN_MAX);
	build_kinds(&world, frames);
	program_repeat(program, &frames[2], 25);
	cr_assert_eq(relay_drain(program->relay, 10), 10);
	cr_assert_eq(program->event_count, 10);
	cr_assert_eq(relay_drain(program->relay, 10), 10);
	cr_assert_eq(relay_drain(program->relay, 10), 5);
	cr_assert_eq(program->event_count, 25);
	cr_assert_eq(relay_drain(program->relay, 10), 0);
	program_close(program);
}

/* A snapshot tells every neighbour within RELAY_SLICES of them, and every session that is bound. */
Test(relay_counters, snapshots_tell_all_in_turn)
{
	struct program *program;
	struct world world;
	size_t i, found = 0;
	int turn;

	world_init(&world);
	program = program_in(&world);
	for (turn = 0; turn < RELAY_SLICES + 1; turn++) {
		cr_assert_eq(relay_snapshot(program->relay), 0);
		program_drain(program);
	}
	cr_assert_eq(program->last_counters.entries, world.host_count);
	for (i = 0; i < world.host_count; i++) {
		size_t j;

		for (j = 0; j < program->event_count && j < PROGRAM_EVENTS; j++)
			if (program->events[j].type == EVENT_NEIGHBOUR &&
			    program->events[j].neighbour.vlan == world.hosts[i].vlan &&
			    !memcmp(&program->events[j].neighbour.ip, &world.hosts[i].ip, 16) &&
			    !memcmp(&program->events[j].neighbour.mac, &world.hosts[i].mac, 6))
				break;
		found += j < program->event_count && j < PROGRAM_EVENTS;
	}
	cr_assert_eq(found, world.host_count);
	cr_assert_geq(program->type_counts[EVENT_SESSION], 2 * WORLD_BINDINGS);
	program_close(program);
}
