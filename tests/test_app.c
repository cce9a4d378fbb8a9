/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's intents: freezing keeps a copy, messages go away, everything else is a consequence. */
#include <criterion/criterion.h>
#include <string.h>

#include "../src/app.h"

#define SECOND 1000000000LL

static struct event counters(uint64_t arp, int64_t time_ns)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = time_ns };

	event.counters.totals.passed[RELAY_REASON_ARP] = arp;
	return event;
}

Test(app, actions_become_consequences)
{
	static const struct {
		enum action action;
		unsigned int consequences;
	} rows[] = {
		{ ACTION_NONE, 0 },
		{ ACTION_QUIT, APP_QUIT },
		{ ACTION_HANGUP, APP_HANGUP },
		{ ACTION_SAVE, APP_RECORD | APP_REDRAW },
		{ ACTION_REDRAW, APP_REDRAW },
		{ ACTION_ZERO, APP_REDRAW },
	};
	struct app app = { .model = model_new(SECOND) };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		cr_assert_eq(app_apply(&app, rows[i].action, SECOND), rows[i].consequences,
			     "row %zu", i);
	app_done(&app);
	model_free(app.model);
}

Test(app, frozen_picture_stays_while_the_model_goes_on)
{
	struct app app = { .model = model_new(SECOND) };
	struct event first = counters(5, 2 * SECOND), second = counters(12, 3 * SECOND);
	uint64_t behind;

	model_ingest(app.model, &first);
	app_apply(&app, ACTION_FREEZE, 2 * SECOND);
	model_ingest(app.model, &second);
	cr_assert_eq(app_picture(&app, &behind)->seen.total, 5);
	cr_assert_eq(behind, 7);
	cr_assert_eq(app.model->seen.total, 12);

	app_apply(&app, ACTION_FREEZE, 3 * SECOND);
	cr_assert_eq(app_picture(&app, &behind)->seen.total, 12);
	cr_assert_eq(behind, 0);
	app_done(&app);
	model_free(app.model);
}

Test(app, normal_class_is_shown_and_hidden)
{
	struct app app = { 0 };

	app_apply(&app, ACTION_SHOW_NORMAL, 0);
	cr_assert(app.show_normal);
	app_apply(&app, ACTION_SHOW_NORMAL, 0);
	cr_assert_not(app.show_normal);
}

Test(app, messages_go_away)
{
	struct app app = { 0 };

	cr_assert_null(app_message(&app, 0));
	app_say(&app, SECOND, "%d packets", 7);
	cr_assert_str_eq(app_message(&app, SECOND), "7 packets");
	cr_assert_null(app_message(&app, 60 * SECOND));
}
