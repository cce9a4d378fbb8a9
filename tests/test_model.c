/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters, rates, stations, packets, journal and copies of the model. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../src/model.h"
#include "model_events.h"

#define MS (SECOND / 1000)

static void counters(struct model *model, int64_t at_ns, const struct relay_counters *totals)
{
	struct event event = { .type = EVENT_COUNTERS,
			       .time_ns = at_ns,
			       .counters = { .totals = *totals } };

	model_ingest(model, &event);
}

static bool is_near(double a, double b)
{
	return fabs(a - b) < 0.001;
}

/* ---- totals and rates ------------------------------------------------------------------------ */

Test(model, totals_and_stations)
{
	struct model *model = event_model();
	struct relay_counters totals = { 0 };
	uint64_t relayed = 0, passed = 0;

	/* Every number is different, so that nothing can stand for anything else. */
	for (int i = 0; i < RELAY_REASON_COUNT; i++)
		passed += totals.passed[i] = 1ULL << i;
	for (int i = 0; i < RELAY_PATH_COUNT; i++)
		relayed += totals.paths[i] = 1ULL << (24 + i);
	for (int i = 0; i < RELAY_REFUSAL_COUNT; i++)
		totals.refused[i] = (uint64_t)i + 7;
	totals.relayed_bytes = 11;
	totals.checksum_repaired = 12;
	totals.moved = 13;
	totals.lost = 14;
	counters(model, START + SECOND, &totals);

	uint64_t no_turn = 1ULL << RELAY_REASON_NOT_IP | 1ULL << RELAY_REASON_ARP |
			   1ULL << RELAY_REASON_NOT_UDP | 1ULL << RELAY_REASON_TOO_SHORT |
			   1ULL << RELAY_REASON_BAD_HEADER | 1ULL << RELAY_REASON_IP_OPTIONS |
			   1ULL << RELAY_REASON_EXT_HEADER | 1ULL << RELAY_REASON_FRAGMENT |
			   1ULL << RELAY_REASON_NOT_FOR_US | 1ULL << RELAY_REASON_NOT_TURN |
			   1ULL << RELAY_REASON_CONTROL | 1ULL << RELAY_REASON_INTERNAL;
	uint64_t unbound =
		1ULL << RELAY_REASON_BAD_CHANNEL_LENGTH | 1ULL << RELAY_REASON_NO_BINDING;
	uint64_t misses = 1ULL << RELAY_REASON_NO_MAC | 1ULL << RELAY_REASON_STALE_MAC;

	cr_expect_eq(model->seen.total, relayed + passed);
	cr_expect_eq(model->relayed.total, relayed);
	cr_expect_eq(model->passed.total, passed);
	cr_expect_eq(model->misses.total, misses);
	cr_expect_eq(model->turn.total, relayed + passed - no_turn);
	cr_expect_eq(model->bound.total, relayed + passed - no_turn - unbound);
	cr_expect_eq(model->resolved.total, relayed + passed - no_turn - unbound - misses);
	cr_expect_eq(model->relayed_bytes.total, 11);
	cr_expect_eq(model->repaired.total, 12);
	cr_expect_eq(model->moves, 13);
	cr_expect_eq(model->lost.total, 14);
	cr_expect_eq(model->refused[3], 10);
	for (int i = 0; i < RELAY_REASON_COUNT; i++)
		cr_expect_eq(model->reasons[i].count.total, 1ULL << i);
	for (int i = 0; i < RELAY_PATH_COUNT; i++)
		cr_expect_eq(model->paths[i].total, 1ULL << (24 + i));
	model_free(model);
}

Test(model, rates_over_intervals)
{
	static const struct {
		const char *name;
		int64_t at_ns;
		uint64_t total;
		double rate; /* negative: not known */
		uint32_t cell;
	} rows[] = {
		{ "first: not known, no spike", 1 * SECOND, 5000, -1, 0 },
		{ "a second", 2 * SECOND, 5100, 100, 100 },
		{ "half a second", 2500 * MS, 5200, 200, 100 },
		{ "too short: the old rate stays, the cell grows", 2501 * MS, 5201, 200, 101 },
		{ "then over the time since", 3501 * MS, 5301, 100, 100 },
		{ "the clock steps back: not known", 1 * SECOND, 5401, -1, 0 },
		{ "and goes on from there", 2 * SECOND, 5501, 100, 100 },
		{ "totals step back: not known", 3 * SECOND, 10, -1, 0 },
		{ "nothing", 4 * SECOND, 10, 0, 0 },
	};
	struct model *model = event_model();

	cr_expect_lt(model->seen.rate, 0, "before the first counters");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct relay_counters totals = { 0 };
		const struct model_reason *reason = &model->reasons[RELAY_REASON_TTL];

		totals.passed[RELAY_REASON_TTL] = rows[i].total;
		counters(model, START + rows[i].at_ns, &totals);
		cr_expect(rows[i].rate < 0 ? model->seen.rate < 0
					   : is_near(model->seen.rate, rows[i].rate),
			  "%s: %f", rows[i].name, model->seen.rate);
		cr_expect(rows[i].rate < 0 ? reason->count.rate < 0
					   : is_near(reason->count.rate, rows[i].rate),
			  "%s: reason", rows[i].name);
		cr_expect_eq(reason->history[MODEL_HISTORY - 1], rows[i].cell, "%s: cell %u",
			     rows[i].name, reason->history[MODEL_HISTORY - 1]);
	}
	cr_expect_eq(model->reasons[RELAY_REASON_TTL].history[MODEL_HISTORY - 3], 100);
	model_free(model);
}

Test(model, evicted_is_what_was_inserted_and_is_not_there)
{
	static const struct {
		uint64_t inserted, entries, evicted;
	} rows[] = { { 0, 0, 0 }, { 10, 10, 0 }, { 15, 10, 5 }, { 9, 10, 0 } };
	struct model *model = event_model();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event event = { .type = EVENT_COUNTERS,
				       .time_ns = START + (int64_t)i * SECOND,
				       .counters = { .totals = { .inserted = rows[i].inserted },
						     .entries = rows[i].entries } };

		model_ingest(model, &event);
		cr_expect_eq(model->entries, rows[i].entries);
		cr_expect_eq(model->evicted, rows[i].evicted, "row %zu", i);
	}
	model_free(model);
}

Test(model, zero_line)
{
	struct model *model = event_model();
	struct relay_counters totals = { .lost = 5, .paths = { 70 } };

	event_bound(model, START, 3, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    0x4000);
	event_learned(model, START, "10.90.0.30", 0x30);
	event_session(model, START + SECOND, 3, false, 70, 2);
	counters(model, START + SECOND, &totals);
	model_zero(model);
	cr_expect_eq(model->lost.at_zero, 5);
	cr_expect_eq(model->paths[0].at_zero, 70);
	cr_expect_eq(model->bindings[3].to_peer.packets.at_zero, 70);
	cr_expect_eq(model->neighbours[0].hits.at_zero, 70);
	cr_expect_eq(model->neighbours[0].misses.at_zero, 2);

	memset(&totals, 0, sizeof(totals));
	counters(model, START + 2 * SECOND, &totals);
	cr_expect_eq(model->lost.at_zero, 0, "never above the total");
	model_free(model);
}

/* ---- packets --------------------------------------------------------------------------------- */

Test(model, packets_ring)
{
	struct model *model = event_model();
	uint8_t frame[1000];
	struct event event = {
		.type = EVENT_PASSED_UP,
		.time_ns = START,
		.passed = { .reason = RELAY_REASON_TTL, .length = 1514, .frame = frame }
	};

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)i;
	for (uint32_t i = 1; i <= MODEL_PACKETS + 10; i++) {
		event.passed.captured = i;
		model_ingest(model, &event);
	}
	cr_expect_eq(model->packet_next, MODEL_PACKETS + 11);
	for (uint64_t id = model->packet_next - MODEL_PACKETS; id < model->packet_next; id++) {
		const struct model_packet *packet = &model->packets[id % MODEL_PACKETS];
		uint32_t held = id < MODEL_PACKET_BYTES ? (uint32_t)id : MODEL_PACKET_BYTES;

		cr_expect_eq(packet->id, id);
		cr_expect_eq(packet->length, 1514);
		cr_expect_eq(packet->captured, held);
		cr_expect_arr_eq(packet->frame, frame, held);
	}
	model_free(model);
}

Test(model, senseless_events_are_ignored)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_PASSED_UP,
			       .passed = { .reason = RELAY_REASON_COUNT } };

	model_ingest(model, &event);
	event.passed.reason = (enum relay_reason)200;
	model_ingest(model, &event);
	cr_expect_eq(model->packet_next, 1);
	event.passed.reason = RELAY_REASON_TTL;
	event.passed.captured = 100;
	event.passed.has_slot = true;
	event.passed.vlan = 9;
	event.passed.slot = UINT32_MAX;
	model_ingest(model, &event);
	cr_expect_eq(model->packets[1].captured, 0, "no frame, no bytes");
	event_bound(model, START, MODEL_BINDINGS, event_endpoint("::1", 1),
		    event_endpoint("::1", 2), event_endpoint("::1", 3), 0x4000);
	event_session(model, START, UINT32_MAX, true, 1, 1);
	event_session(model, START, 5, true, 1, 1);
	event_unbound(model, START, 5);
	event_unbound(model, START, MODEL_BINDINGS);
	cr_expect_eq(model->binding_count, 0);
	cr_expect_eq(model->binding_end, 0);
	event = (struct event){ .type = (enum event_type)99 };
	model_ingest(model, &event);
	model_free(model);
}

/* ---- identity and journal -------------------------------------------------------------------- */

Test(model, attach_detach_and_link)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_DETACHED,
			       .time_ns = START + SECOND,
			       .attachment = { .reason = "taken away by another program" } };

	cr_expect_str_eq(model->interface, "eth0");
	cr_expect_str_eq(model->mode, "generic");
	cr_expect_eq(model->program_id, 42);
	cr_expect_eq(model->attached_ns, START);
	cr_expect_str_eq(event_last_line(model), "attached to eth0 in generic mode, program 42");

	model->detached = true;
	model_tick(model, START);
	model_tick(model, START);
	cr_expect_str_eq(event_last_line(model), "the program was taken off eth0");
	model->detached = false;
	model_tick(model, START);
	cr_expect_str_eq(event_last_line(model), "the program is back on eth0");

	model->link = LINK_DOWN;
	model_tick(model, START);
	cr_expect_str_eq(event_last_line(model), "eth0 went down");
	model->link = LINK_UP;
	model_tick(model, START);
	cr_expect_str_eq(event_last_line(model), "eth0 came up");

	model_ingest(model, &event);
	model_ingest(model, &event);
	cr_expect(model->detached);
	cr_expect_str_eq(event_last_line(model),
			 "detached from eth0: taken away by another program");
	cr_expect_eq(model->journal_next, 6, "told once");
	model_free(model);
}

Test(model, many_learned_do_not_flood_the_journal)
{
	struct model *model = event_model();
	char ip[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(ip, sizeof(ip), "10.1.%d.%d", i / 250, 1 + i % 250);
		event_learned(model, START, ip, 1);
	}
	event_learned(model, START + SECOND, "10.2.0.1", 1);
	cr_expect_eq(model->journal_next, 1 + 8 + 1 + 1);
	cr_expect_str_eq(model->journal[9].text, "learned 992 more addresses within a second");
	cr_expect_str_eq(model->journal[1].text,
			 "learned that 10.1.0.1 is at 02:00:00:00:00:01, from arp");
	model_free(model);
}

/* ---- copies ---------------------------------------------------------------------------------- */

Test(model, copy_is_a_frozen_picture)
{
	struct model *model = event_model(), *frozen = model_new(0);
	struct in6_addr ip = event_ip("10.90.0.30"), later = event_ip("10.90.0.31");

	/* What was in the copy before must not shine through. */
	event_learned(frozen, START, "10.9.9.9", 9);
	event_bound(frozen, START, 200, event_endpoint("10.90.0.10", 1),
		    event_endpoint("10.90.0.20", 2), event_endpoint("10.90.0.30", 3), 0x4000);

	event_learned(model, START, "10.90.0.30", 0x30);
	event_bound(model, START, 1, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    0x4000);
	event_session(model, START + SECOND, 1, false, 7, 0);
	event_missed(model, START + SECOND, "10.90.0.9");
	event_counters(model, START + SECOND);
	model_copy(frozen, model);
	event_session(model, START + 2 * SECOND, 1, false, 17, 0);
	event_learned(model, START + 2 * SECOND, "10.90.0.31", 0x31);
	event_unbound(model, START + 2 * SECOND, 1);

	cr_expect_eq(frozen->neighbour_count, 2);
	cr_expect_eq(frozen->binding_count, 1);
	cr_expect_eq(frozen->binding_end, 2);
	cr_expect(frozen->bindings[1].used);
	cr_expect_eq(frozen->packet_next, 2);
	cr_expect_eq(frozen->packets[1].reason, RELAY_REASON_NO_MAC);
	cr_assert_not_null(model_find_neighbour(frozen, &ip, 0));
	cr_expect_eq(model_find_neighbour(frozen, &ip, 0)->hits.total, 7);
	cr_expect_null(model_find_neighbour(frozen, &ip, 5));
	cr_expect_null(model_find_neighbour(frozen, &later, 0));
	cr_expect_not_null(model_find_neighbour(model, &later, 0));
	cr_expect_str_eq(frozen->journal[0].text, model->journal[0].text);

	model_copy(frozen, frozen);
	cr_expect_eq(frozen->neighbour_count, 2);
	model_free(frozen);
	model_free(model);
	model_free(NULL);
}
