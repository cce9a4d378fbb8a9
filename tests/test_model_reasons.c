/* SPDX-License-Identifier: BSD-2-Clause */
/* When a reason is normal, warming up or a problem, and when that is over. */
#include <criterion/criterion.h>
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

static enum relay_class class_now(struct model *model, int64_t at_ns, enum relay_reason reason)
{
	model_tick(model, at_ns);
	return model->reasons[reason].class;
}

static enum relay_class last_class(const struct model *model)
{
	return model->packets[(model->packet_next - 1) % MODEL_PACKETS].class;
}

Test(model_reasons, missing_is_warming_then_problem_then_quiet)
{
	struct model *model = event_model();

	cr_expect_eq(class_now(model, START, RELAY_REASON_NO_MAC), RELAY_CLASS_WARMING);
	for (int i = 0; i < 3; i++) {
		event_missed(model, START + i * MS, "10.90.0.9");
		cr_expect_eq(last_class(model), RELAY_CLASS_WARMING, "packet %d", i);
	}
	cr_expect_eq(class_now(model, START + 4 * MS, RELAY_REASON_NO_MAC), RELAY_CLASS_WARMING);
	event_missed(model, START + 5 * MS, "10.90.0.9");
	cr_expect_eq(last_class(model), RELAY_CLASS_PROBLEM, "the fourth for one IP");
	event_missed(model, START + 6 * MS, "10.90.0.8");
	cr_expect_eq(last_class(model), RELAY_CLASS_WARMING, "another IP");
	cr_expect_eq(class_now(model, START + SECOND, RELAY_REASON_NO_MAC), RELAY_CLASS_PROBLEM);
	cr_expect_eq(model->reasons[RELAY_REASON_NO_MAC].since_ns, START);
	cr_expect(strstr(event_last_line(model), "no-mac"), "%s", event_last_line(model));
	cr_expect_eq(class_now(model, START + 30 * SECOND, RELAY_REASON_NO_MAC),
		     RELAY_CLASS_PROBLEM);
	cr_expect_eq(class_now(model, START + 31 * SECOND, RELAY_REASON_NO_MAC),
		     RELAY_CLASS_WARMING);
	cr_expect_eq(model->reasons[RELAY_REASON_NO_MAC].since_ns, 0);
	cr_expect(strstr(event_last_line(model), "no longer"), "%s", event_last_line(model));
	model_free(model);
}

Test(model_reasons, one_ip_is_quiet_while_another_warms_up)
{
	struct model *model = event_model();

	for (int i = 0; i < 9; i++)
		event_missed(model, START, "10.90.0.9");
	event_missed(model, START + 20 * SECOND, "10.90.0.8");
	cr_expect_eq(class_now(model, START + 20 * SECOND, RELAY_REASON_NO_MAC),
		     RELAY_CLASS_PROBLEM);
	cr_expect_eq(class_now(model, START + 31 * SECOND, RELAY_REASON_NO_MAC),
		     RELAY_CLASS_WARMING);
	model_free(model);
}

Test(model_reasons, missing_for_two_seconds_is_a_problem)
{
	struct model *model = event_model();

	event_missed(model, START, "fd90::9");
	event_missed(model, START + 2001 * MS, "fd90::9");
	cr_expect_eq(last_class(model), RELAY_CLASS_PROBLEM);
	model_free(model);
}

Test(model_reasons, witnessing_the_next_hop_ends_its_problem)
{
	struct model *model = event_model();

	for (int i = 0; i < 20; i++)
		event_missed(model, START + i, "10.90.0.30");
	cr_expect_eq(class_now(model, START + 20, RELAY_REASON_NO_MAC), RELAY_CLASS_PROBLEM);
	event_learned(model, START + 30, "10.90.0.30", 0x30);
	cr_expect_eq(class_now(model, START + 40, RELAY_REASON_NO_MAC), RELAY_CLASS_WARMING);
	model_free(model);
}

Test(model_reasons, stale_ends_when_a_snapshot_shows_it_fresh)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_PASSED_UP,
			       .time_ns = START + SECOND,
			       .passed = { .reason = RELAY_REASON_STALE_MAC,
					   .has_missing = true,
					   .missing = event_ip("10.90.0.30") } };

	event_learned(model, START, "10.90.0.30", 0x30);
	for (int i = 0; i < 5; i++)
		model_ingest(model, &event);
	cr_expect_eq(class_now(model, START + 2 * SECOND, RELAY_REASON_STALE_MAC),
		     RELAY_CLASS_PROBLEM);
	event_row(model, START + 2 * SECOND, "10.90.0.30", 0x30, START);
	cr_expect_eq(class_now(model, START + 2 * SECOND, RELAY_REASON_STALE_MAC),
		     RELAY_CLASS_PROBLEM);
	event_row(model, START + 3 * SECOND, "10.90.0.30", 0x30, START + 2 * SECOND);
	cr_expect_eq(class_now(model, START + 3 * SECOND, RELAY_REASON_STALE_MAC),
		     RELAY_CLASS_WARMING);
	model_free(model);
}

/* A capture file has thousands of relayed packets, and a few that matter. */
Test(model_reasons, relayed_packets_leave_room_for_the_others)
{
	struct model *model = event_model();
	struct event relayed = { .type = EVENT_RELAYED,
				 .time_ns = START,
				 .passed = { .reason = RELAY_REASON_COUNT, .length = 100 } };
	size_t missed = 0;

	for (int i = 0; i < 10; i++)
		event_missed(model, START, "10.90.0.30");
	for (int i = 0; i < 4 * MODEL_PACKETS; i++) {
		relayed.passed.length++;
		model_ingest(model, &relayed);
	}
	for (size_t i = 0; i < MODEL_PACKETS; i++)
		missed += model->packets[i].type == EVENT_PASSED_UP;
	cr_expect_eq(missed, 10);
	cr_expect_eq(model->packets[(model->packet_next - 1) % MODEL_PACKETS].length,
		     100 + 4 * MODEL_PACKETS, "the newest is there");
	event_missed(model, START, "10.90.0.30");
	cr_expect_eq(model->packets[(model->packet_next - 1) % MODEL_PACKETS].type,
		     EVENT_PASSED_UP);
	model_free(model);
}

Test(model_reasons, misses_that_are_not_captured_are_judged_by_their_counter)
{
	struct model *model = event_model();
	struct relay_counters totals = { 0 };

	for (int i = 1; i <= 4; i++) {
		totals.passed[RELAY_REASON_NO_MAC] += 10;
		counters(model, START + i * SECOND, &totals);
		cr_expect_eq(model->reasons[RELAY_REASON_NO_MAC].class,
			     i < 4 ? RELAY_CLASS_WARMING : RELAY_CLASS_PROBLEM, "second %d", i);
	}
	model_free(model);
}

Test(model_reasons, no_binding_depends_on_the_channel)
{
	struct model *model = event_model();

	event_no_binding(model, START, 53, 0);
	cr_expect_eq(last_class(model), RELAY_CLASS_NORMAL);
	cr_expect_eq(class_now(model, START, RELAY_REASON_NO_BINDING), RELAY_CLASS_NORMAL);
	for (int i = 0; i < 50; i++)
		event_no_binding(model, START + i * 100 * MS, 5000, 0x4000);
	cr_expect_eq(last_class(model), RELAY_CLASS_WARMING, "for five seconds");
	event_no_binding(model, START + 5001 * MS, 5000, 0x4000);
	cr_expect_eq(last_class(model), RELAY_CLASS_PROBLEM);
	event_no_binding(model, START + 5002 * MS, 5000, 0x4001);
	cr_expect_eq(last_class(model), RELAY_CLASS_WARMING, "another channel");
	cr_expect_eq(class_now(model, START + 6 * SECOND, RELAY_REASON_NO_BINDING),
		     RELAY_CLASS_PROBLEM);

	event_bound(model, START + 6 * SECOND, 0, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    0x4000);
	cr_expect_eq(class_now(model, START + 6 * SECOND, RELAY_REASON_NO_BINDING),
		     RELAY_CLASS_WARMING);
	model_free(model);
}

Test(model_reasons, problem_reasons_are_journalled_once_and_when_over)
{
	struct model *model = event_model();
	struct relay_counters totals = { 0 };
	uint64_t lines;

	counters(model, START, &totals);
	lines = model->journal_next;
	for (int i = 1; i < 5; i++) {
		totals.passed[RELAY_REASON_TOO_BIG]++;
		counters(model, START + i * SECOND, &totals);
	}
	cr_expect_eq(model->journal_next, lines + 1);
	cr_expect(strstr(event_last_line(model), "too-big"));
	cr_expect(model->journal[(model->journal_next - 1) % MODEL_JOURNAL].problem);
	model_tick(model, START + 35 * SECOND);
	cr_expect_eq(model->journal_next, lines + 2);
	cr_expect_eq(model->reasons[RELAY_REASON_TOO_BIG].class, RELAY_CLASS_PROBLEM,
		     "its class stays");
	model_free(model);
}

Test(model_reasons, normal_reasons_stay_normal)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_PASSED_UP,
			       .time_ns = START,
			       .passed = { .reason = RELAY_REASON_ARP } };

	for (int i = 0; i < 100; i++) {
		event.time_ns += SECOND;
		model_ingest(model, &event);
	}
	cr_expect_eq(last_class(model), RELAY_CLASS_NORMAL);
	cr_expect_eq(class_now(model, event.time_ns, RELAY_REASON_ARP), RELAY_CLASS_NORMAL);
	model_free(model);
}
