/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Full tables, 65,536 neighbours and 10,000 bindings, answer to every key without a visible pause.
 * Processor time is measured, so that a busy machine is no failure.
 */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "headless.h"
#include "model_events.h"
#include "screen_rig.h"

#define BINDINGS 10000
#define ROUNDS 5
#define STEPS_MAX 64
#define BOUND_NS 100000000LL
#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 10
#else
#define SLOWER 1
#endif

struct timings {
	const char *name;
	size_t count;
	int64_t ns[STEPS_MAX];
};

static int64_t processor_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

/* fd00::<scattered>, so that no order is the order of arrival. */
static struct in6_addr scattered_ip(uint32_t number)
{
	uint32_t word = number * 2654435761u;
	struct in6_addr ip = { .s6_addr = { 0xfd } };

	memcpy(&ip.s6_addr[12], &word, sizeof(word));
	return ip;
}

static void fill_neighbours(struct model *model)
{
	for (uint32_t i = 0; i < MODEL_NEIGHBOURS; i++) {
		struct event event = { .type = EVENT_NEIGHBOUR, .time_ns = START };

		event.neighbour.ip = scattered_ip(i);
		memcpy(&event.neighbour.mac.octet[2], &event.neighbour.ip.s6_addr[12], 4);
		event.neighbour.first_seen_ns = START - (int64_t)(i * 7919 % 3600) * SECOND;
		event.neighbour.last_seen_ns = START - (int64_t)(i % 300) * SECOND / 300;
		model_ingest(model, &event);
		model->neighbours[i].hits = (struct tally){ i * 31 % 9999, 0, i * 17 % 1000 };
	}
}

static void fill_bindings(struct model *model)
{
	for (uint32_t i = 0; i < BINDINGS; i++) {
		struct endpoint client = { scattered_ip(i), (uint16_t)(40000 + i % 20000) };
		struct endpoint relayed = { scattered_ip(1), (uint16_t)(50000 + i % 15000) };
		struct endpoint peer = { scattered_ip(i * 3), 6000 };

		event_bound(model, START, i, client, relayed, peer, (uint16_t)(0x4000 + i % 4096));
	}
}

static void rig_fill(void)
{
	struct event counters = { .type = EVENT_COUNTERS, .time_ns = START + SECOND };

	rig_open("xterm-256color", true, false, 40, 140);
	rig.model = event_model();
	fill_neighbours(rig.model);
	fill_bindings(rig.model);
	counters.counters.entries = MODEL_NEIGHBOURS;
	model_ingest(rig.model, &counters);
	rig_draw();
}

static int by_length(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void judge(struct timings *timings)
{
	int64_t median, most;

	qsort(timings->ns, timings->count, sizeof(timings->ns[0]), by_length);
	median = timings->ns[timings->count / 2];
	most = timings->ns[timings->count - 1];
	cr_log_info("%s: median %lld us, most %lld us", timings->name, (long long)median / 1000,
		    (long long)most / 1000);
	cr_expect_lt(median, BOUND_NS * SLOWER, "%s: %lld us", timings->name,
		     (long long)median / 1000);
	cr_expect_lt(most, 5 * BOUND_NS * SLOWER, "%s: %lld us", timings->name,
		     (long long)most / 1000);
}

static void take_time(struct timings *timings, int64_t began_ns)
{
	if (timings->count < STEPS_MAX)
		timings->ns[timings->count++] = processor_time() - began_ns;
}

static void time_action(struct timings *timings, enum action action)
{
	int64_t began_ns = processor_time();

	rig_press(timings->name, action);
	take_time(timings, began_ns);
}

static void time_key(struct timings *timings, int key)
{
	int64_t began_ns = processor_time();

	cr_expect_eq(screen_key(rig.screen, key), ACTION_REDRAW);
	rig_draw();
	take_time(timings, began_ns);
}

static void time_pane(enum action pane, size_t columns)
{
	struct timings move = { "one row", 0, { 0 } }, page = { "a page", 0, { 0 } };
	struct timings ends = { "to an end", 0, { 0 } }, sort = { "sort", 0, { 0 } };
	struct timings reverse = { "sort reversed", 0, { 0 } }, data = { "new data", 0, { 0 } };

	rig_press("pane", pane);
	for (int i = 0; i < ROUNDS; i++) {
		time_action(&move, ACTION_DOWN);
		time_action(&page, ACTION_PAGE_DOWN);
		time_action(&ends, ACTION_LAST);
		time_action(&move, ACTION_UP);
		time_action(&page, ACTION_PAGE_UP);
		/* the selection is looked for among all rows */
		rig.model->last_counters_ns++;
		rig.model->now_ns += 10 * SECOND;
		time_action(&data, ACTION_REDRAW);
		time_action(&ends, ACTION_FIRST);
	}
	for (size_t i = 0; i < columns; i++) {
		time_action(&sort, ACTION_SORT);
		time_action(&reverse, ACTION_SORT_REVERSE);
	}
	judge(&move);
	judge(&page);
	judge(&ends);
	judge(&data);
	judge(&sort);
	judge(&reverse);
}

static void time_filter(void)
{
	struct timings typing = { "a letter of the filter", 0, { 0 } };

	for (const char *at = "/ip:fd00::1 state:idle\r"; *at; at++)
		time_key(&typing, *at);
	time_action(&typing, ACTION_CLOSE);
	for (const char *at = "/00:1\r"; *at; at++)
		time_key(&typing, *at);
	time_action(&typing, ACTION_CLOSE);
	judge(&typing);
}

Test(screen_speed, neighbours)
{
	rig_fill();
	cr_expect(rig_shows("Neighbours 65536"));
	time_pane(ACTION_PANE_1, 12);
	time_filter();
	rig_close();
}

Test(screen_speed, bindings)
{
	rig_fill();
	cr_expect(rig_shows("Bindings 10000"));
	time_pane(ACTION_PANE_2, 9);
	rig_close();
}
