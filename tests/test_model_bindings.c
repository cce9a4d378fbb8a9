/* SPDX-License-Identifier: BSD-2-Clause */
/* The binding table of the model: slots, counters of both directions, states. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../src/model.h"
#include "model_events.h"

static void bind_slot(struct model *model, int64_t at_ns, uint32_t slot)
{
	event_bound(model, at_ns, slot, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    (uint16_t)(0x4000 + slot));
}

Test(model_bindings, slots_come_and_go)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_BINDING_REFRESHED,
			       .time_ns = START + SECOND,
			       .binding = { .slot = 9, .expires_ns = START + 601 * SECOND } };
	uint64_t lines;

	bind_slot(model, START, 9);
	cr_expect_eq(model->binding_count, 1);
	cr_expect_eq(model->binding_end, 10);
	cr_expect_eq(model->bindings[9].channel, 0x4009);
	cr_expect_eq(model->bindings[9].bound_ns, START);
	cr_expect_str_eq(event_last_line(model),
			 "bound 10.90.0.10:5000 channel 0x4009 to 10.90.0.30:6000: channel-bind");
	lines = model->journal_next;
	model_ingest(model, &event);
	cr_expect_eq(model->bindings[9].expires_ns, START + 601 * SECOND);
	cr_expect_eq(model->journal_next, lines, "a refresh is no news");

	bind_slot(model, START, 2);
	bind_slot(model, START, 2);
	cr_expect_eq(model->binding_count, 2, "bound again without a removal");
	event_unbound(model, START, 9);
	cr_expect_eq(model->binding_end, 3);
	event_unbound(model, START, 9);
	cr_expect_eq(model->binding_count, 1);
	event_unbound(model, START, 2);
	cr_expect_eq(model->binding_end, 0);
	model_ingest(model, &event);
	cr_expect(model->bindings[9].used, "a refresh of what was missed adds it");
	model_free(model);
}

Test(model_bindings, counters_rates_and_first_hit)
{
	struct model *model = event_model();
	const struct model_binding *binding = &model->bindings[1];

	event_counters(model, START);
	bind_slot(model, START, 1);
	cr_expect_lt(binding->to_peer.packets.rate, 0);
	event_session(model, START + SECOND, 1, false, 0, 2);
	event_counters(model, START + SECOND);
	cr_expect_eq(binding->first_hit_ns, 0);
	event_session(model, START + 2 * SECOND, 1, false, 10, 2);
	event_counters(model, START + 2 * SECOND);
	cr_expect_eq(binding->first_hit_ns, START + 2 * SECOND);
	event_session(model, START + 4 * SECOND, 1, false, 30, 3);
	event_session(model, START + 4 * SECOND, 1, true, 8, 0);
	event_counters(model, START + 4 * SECOND);
	cr_expect_eq(binding->to_peer.packets.total, 30);
	cr_expect_eq(binding->to_peer.bytes.total, 3000);
	cr_expect_eq(binding->to_peer.misses.total, 3);
	cr_expect_eq(binding->to_peer.packets.rate, 10);
	cr_expect_eq(binding->to_peer.bytes.rate, 1000);
	cr_expect_eq(binding->to_peer.misses.rate, 0.5);
	cr_expect_eq(binding->to_client.packets.rate, 4);
	cr_expect_eq(binding->to_client.last_used_ns, START + 4 * SECOND);
	event_counters(model, START + 5 * SECOND);
	cr_expect_eq(binding->to_peer.packets.rate, 0);
	model_free(model);
}

Test(model_bindings, a_snapshot_from_before_the_slot_was_bound_is_ignored)
{
	struct model *model = event_model();

	bind_slot(model, START + 5 * SECOND, 1);
	event_session(model, START + 4 * SECOND, 1, false, 100000, 0);
	cr_expect_eq(model->bindings[1].to_peer.packets.total, 0);
	cr_expect_eq(model->bindings[1].first_hit_ns, 0);
	model_free(model);
}

Test(model_bindings, counters_that_begin_again_are_added)
{
	struct model *model = event_model();

	bind_slot(model, START, 1);
	event_session(model, START + SECOND, 1, false, 100, 5);
	event_session(model, START + 2 * SECOND, 1, false, 8, 1);
	cr_expect_eq(model->bindings[1].to_peer.packets.total, 108);
	cr_expect_eq(model->bindings[1].to_peer.bytes.total, 10800);
	cr_expect_eq(model->bindings[1].to_peer.misses.total, 6);
	model_free(model);
}

/* ---- states ---------------------------------------------------------------------------------- */

/* Packets in all after each second. */
struct traffic {
	const char *name;
	enum binding_state expected;
	uint64_t to_peer[12], to_client[12], misses[12];
};

static const struct traffic traffics[] = {
	{ "nothing", BINDING_IDLE, { 0 }, { 0 }, { 0 } },
	{ "both ways",
	  BINDING_BOTH_WAYS,
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
	  { 0 } },
	{ "never answered",
	  BINDING_ONE_WAY,
	  { 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60 },
	  { 0 },
	  { 0 } },
	{ "never sent",
	  BINDING_ONE_WAY,
	  { 0 },
	  { 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60 },
	  { 0 } },
	{ "not answered yet",
	  BINDING_IDLE,
	  { 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 10, 15 },
	  { 0 },
	  { 0 } },
	{ "no longer answered",
	  BINDING_ONE_WAY,
	  { 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60 },
	  { 5, 10, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15 },
	  { 0 } },
	{ "a few not answered ask for nothing",
	  BINDING_BOTH_WAYS,
	  { 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 },
	  { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
	  { 0 } },
	{ "both quiet",
	  BINDING_BOTH_WAYS,
	  { 5, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50 },
	  { 5, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10 },
	  { 0 } },
	{ "begins again after a pause",
	  BINDING_BOTH_WAYS,
	  { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 20, 40 },
	  { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 },
	  { 0 } },
	{ "the last frames missed",
	  BINDING_NO_MAC,
	  { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 },
	  { 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	  { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4 } },
	{ "missed before",
	  BINDING_BOTH_WAYS,
	  { 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55 },
	  { 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55 },
	  { 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3 } },
};

static void session_if_used(struct model *model, int64_t at_ns, bool to_client,
			    const uint64_t *packets, const uint64_t *misses, int i)
{
	bool used = i ? packets[i] != packets[i - 1] || (misses && misses[i] != misses[i - 1])
		      : packets[i] || (misses && misses[i]);

	if (used)
		event_session(model, at_ns, 0, to_client, packets[i], misses ? misses[i] : 0);
}

Test(model_bindings, states_from_traffic)
{
	for (size_t row = 0; row < sizeof(traffics) / sizeof(traffics[0]); row++) {
		const struct traffic *traffic = &traffics[row];
		struct model *model = event_model();

		bind_slot(model, START, 0);
		for (int i = 0; i < 12; i++) {
			int64_t at_ns = START + (i + 1) * SECOND;

			session_if_used(model, at_ns, false, traffic->to_peer, traffic->misses, i);
			session_if_used(model, at_ns, true, traffic->to_client, NULL, i);
			event_counters(model, at_ns);
		}
		cr_expect_eq(model->bindings[0].state, traffic->expected, "%s: %d", traffic->name,
			     (int)model->bindings[0].state);
		model_free(model);
	}
}

Test(model_bindings, no_mac_ends_when_the_next_hop_is_witnessed)
{
	struct model *model = event_model();

	event_counters(model, START);
	bind_slot(model, START, 0);
	event_session(model, START + SECOND, 0, false, 0, 1);
	event_counters(model, START + SECOND);
	cr_expect_eq(model->bindings[0].state, BINDING_NO_MAC);
	event_learned(model, START + 1001 * SECOND / 1000, "10.90.0.30", 0x30);
	model_tick(model, START + 2 * SECOND);
	cr_expect_eq(model->bindings[0].state, BINDING_IDLE);
	model_free(model);
}

Test(model_bindings, no_mac_is_not_said_when_the_answer_came_before_the_snapshot)
{
	struct model *model = event_model();

	event_counters(model, START);
	bind_slot(model, START, 0);
	event_missed(model, START + SECOND / 2, "10.90.0.30");
	event_learned(model, START + SECOND / 2 + 1000, "10.90.0.30", 0x30);
	event_session(model, START + SECOND, 0, false, 0, 1);
	event_counters(model, START + SECOND);
	cr_expect_eq(model->bindings[0].state, BINDING_IDLE);
	cr_expect_eq(model->neighbours[0].misses.total, 1);
	model_free(model);
}

Test(model_bindings, expiring)
{
	static const struct {
		const char *name;
		int64_t left_s;
		enum binding_state expected;
		bool fixed;
	} rows[] = {
		{ "long", 61, BINDING_IDLE, false },
		{ "short", 59, BINDING_EXPIRING, false },
		{ "over", -5, BINDING_EXPIRING, false },
		{ "fixed", -5, BINDING_IDLE, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *model = event_model();
		struct event event = { .type = EVENT_BINDING_ADDED,
				       .time_ns = START,
				       .binding = { .fixed = rows[i].fixed,
						    .expires_ns =
							    START + rows[i].left_s * SECOND } };

		model_ingest(model, &event);
		model_tick(model, START);
		cr_expect_eq(model->bindings[0].state, rows[i].expected, "%s", rows[i].name);
		model_free(model);
	}
}
