/* SPDX-License-Identifier: BSD-2-Clause */
/* The path of a TURN frame as stations with a count at each, and the reason that hurts most. */
#include "view_path.h"

#include <stdio.h>
#include <string.h>

#include "../src/format.h"
#include "../src/labels.h"
#include "class.h"

#define NARROW 56
#define NOTABLE_DROP 0.02 /* of what arrives at a station, before it is pointed out */

/* The reason that hurts most now, else the one that hurt most. */
static int worst_reason(const struct model *model)
{
	int worst = -1;

	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		const struct model_reason *reason = &model->reasons[i], *other;

		if (reason->class == RELAY_CLASS_NORMAL || !tally_since_zero(&reason->count))
			continue;
		other = worst < 0 ? NULL : &model->reasons[worst];
		if (!other || (reason->count.rate > 0) > (other->count.rate > 0) ||
		    ((reason->count.rate > 0) == (other->count.rate > 0) &&
		     (reason->class > other->class ||
		      (reason->class == other->class &&
		       tally_since_zero(&reason->count) > tally_since_zero(&other->count)))))
			worst = i;
	}
	return worst;
}

void path_add_worst(struct line *line, const struct model *model, const char *label)
{
	int worst = worst_reason(model);
	const struct tally *count;
	char text[FORMAT_NUMBER_SIZE];

	if (worst < 0)
		return;
	count = &model->reasons[worst].count;
	if (count->rate > 0)
		line_add(line, 1, class_meaning(model->reasons[worst].class), label, "%s %s/s",
			 label_reason((enum relay_reason)worst),
			 format_rate(text, sizeof(text), count->rate));
	else
		line_add(line, 1, MEANING_WARMING, label, "%s %s",
			 label_reason((enum relay_reason)worst),
			 format_count(text, sizeof(text), tally_since_zero(count)));
}

void path_cut_decimals(char *text)
{
	char *point = strchr(text, '.');

	if (point && point[1])
		memmove(point, point + 2, strlen(point + 2) + 1);
}

#define STATIONS 4

struct station {
	const char *name, *narrow;
	const struct tally *tally;
};

static void add_drop(struct line *line, double before, double after)
{
	if (before > 0 && after < before * (1 - NOTABLE_DROP))
		line_add(line, 2, after < before / 2 ? MEANING_PROBLEM : MEANING_WARMING, "",
			 "(-%.0f%%)", 100 * (before - after) / before)
			->gap = 1;
}

/* turn 12.3k > binding 12.1k > mac 9 (-99%) > sent 9/s   worst no-mac 9/s */
void path_draw(const struct view_context *context, int y, int width)
{
	const struct model *model = context->model;
	const struct station stations[STATIONS] = {
		{ "turn", "turn", &model->turn },
		{ "> binding", ">bind", &model->bound },
		{ "> mac", ">mac", &model->resolved },
		{ "> sent", ">sent", &model->relayed },
	};
	bool narrow = width<NARROW, rates = model->turn.rate> 0 || model->relayed.rate > 0;
	double before = 0;
	struct line line = { 0 };

	for (size_t i = 0; i < STATIONS; i++) {
		const struct tally *tally = stations[i].tally;
		double value = rates ? tally->rate : (double)tally_since_zero(tally);
		char text[FORMAT_NUMBER_SIZE];

		if (rates)
			format_rate(text, sizeof(text), tally->rate);
		else
			format_count(text, sizeof(text), tally_since_zero(tally));
		if (narrow)
			path_cut_decimals(text);
		line_add(&line, 0, MEANING_STRONG, narrow ? stations[i].narrow : stations[i].name,
			 "%s%s", text, rates && i + 1 == STATIONS ? "/s" : "")
			->gap = !narrow;
		add_drop(&line, before, value);
		before = value;
	}
	if (!rates)
		line_add(&line, 3, MEANING_LABEL, "", "so far")->gap = 1;
	path_add_worst(&line, model, "worst");
	line_draw(&line, context->paint, y, 0, width);
}
