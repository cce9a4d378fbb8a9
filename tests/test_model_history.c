/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model remembers for the story pages, and what it forgets when nothing is counted. */
#include <criterion/criterion.h>
#include <string.h>

#include "../src/model.h"
#include "model_events.h"

Test(model_history, moves_are_kept_in_a_ring)
{
	struct model *model = event_model(), *copy = model_new(START);
	struct in6_addr ip = event_ip("10.90.0.10");
	struct mac from = event_mac(1), to = event_mac(2);

	event_learned(model, START, "10.90.0.10", 1);
	for (uint32_t i = 0; i < MODEL_MOVES + 3; i++)
		event_moved(model, START + (i + 1) * SECOND, "10.90.0.10", i % 2 ? 2 : 1,
			    i % 2 ? 1 : 2, i + 1);
	cr_expect_eq(model->move_next, MODEL_MOVES + 3);
	cr_expect_eq(model->moved[2].time_ns, START + (MODEL_MOVES + 3) * SECOND);
	cr_expect_arr_eq(&model->moved[2].ip, &ip, sizeof(ip));
	cr_expect_arr_eq(&model->moved[2].from, &from, sizeof(from));
	cr_expect_arr_eq(&model->moved[2].to, &to, sizeof(to));
	model_copy(copy, model);
	cr_expect_arr_eq(copy->moved, model->moved, sizeof(model->moved));
	model_free(copy);
	model_free(model);
}

Test(model_history, state_of_a_binding_has_a_beginning)
{
	struct model *model = event_model();
	const struct model_binding *binding = &model->bindings[0];

	event_counters(model, START);
	event_bound(model, START, 0, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    0x4001);
	cr_expect_eq(binding->state_since_ns, START);
	event_session(model, START + SECOND, 0, false, 0, 5);
	event_counters(model, START + SECOND);
	cr_expect_eq(binding->state, BINDING_NO_MAC);
	cr_expect_eq(binding->state_since_ns, START + SECOND);
	model_tick(model, START + 5 * SECOND);
	cr_expect_eq(binding->state_since_ns, START + SECOND);
	model_free(model);
}

Test(model_history, rates_are_unknown_when_nothing_is_counted)
{
	for (int gone = 0; gone < 2; gone++) {
		struct model *model = event_model();
		struct event event = { .type = EVENT_COUNTERS, .time_ns = START + SECOND };

		event_learned(model, START, "10.90.0.10", 1);
		event_counters(model, START);
		event.counters.totals.passed[RELAY_REASON_ARP] = 100;
		model_ingest(model, &event);
		cr_expect_eq(model->seen.rate, 100);
		cr_expect_eq(model->neighbours[0].hits.rate, 0);
		if (gone)
			model->link = LINK_GONE;
		else
			model->detached = true;
		model_tick(model, START + SECOND + 1);
		cr_expect_lt(model->seen.rate, 0);
		cr_expect_lt(model->neighbours[0].hits.rate, 0);
		event.time_ns = START + 2 * SECOND;
		model_ingest(model, &event);
		cr_expect_lt(model->seen.rate, 0, "and stay so");
		model->link = LINK_UP;
		model->detached = false;
		event.time_ns = START + 3 * SECOND;
		event.counters.totals.passed[RELAY_REASON_ARP] = 107;
		model_ingest(model, &event);
		cr_expect_eq(model->seen.rate, 7, "until it is back");
		cr_expect_eq(model->neighbours[0].hits.rate, 0);
		model_free(model);
	}
}
