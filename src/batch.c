/* SPDX-License-Identifier: BSD-2-Clause */
/* Batch output: which line is written when, and what it says beyond its event. */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>

#include "batch_line.h"
#include "comment.h"
#include "labels.h"

struct batch {
	FILE *out;
	struct batch_options options;
	int err; /* the first write error */
	bool ending;
	int64_t last_counters_ns; /* before the first: of attaching; 0 = not known */
	uint64_t last_lost;
};

int batch_open(FILE *out, const struct batch_options *options, struct batch **ret)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return -ENOMEM;
	batch->out = out;
	batch->options = *options;
	*ret = batch;
	return 0;
}

void batch_close(struct batch *batch)
{
	free(batch);
}

void batch_ending(struct batch *batch)
{
	batch->ending = true;
}

struct batch_totals batch_sum_totals(const struct relay_counters *counters)
{
	struct batch_totals totals = { 0 };

	for (int path = 0; path < RELAY_PATH_COUNT; path++)
		totals.relayed += counters->paths[path];
	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++) {
		totals.passed += counters->passed[reason];
		if (reason_is_miss(reason))
			totals.misses += counters->passed[reason];
	}
	totals.seen = totals.relayed + totals.passed;
	return totals;
}

/* Time since the line before, and a warning if records were lost meanwhile. */
static void follow_counters(struct batch *batch, struct batch_line *line)
{
	uint64_t lost = line->event->counters.totals.lost;

	if (batch->last_counters_ns && line->time_ns > batch->last_counters_ns)
		line->interval_ns = line->time_ns - batch->last_counters_ns;
	batch->last_counters_ns = line->time_ns;
	if (lost > batch->last_lost)
		line->severity = "WARN";
	batch->last_lost = lost;
}

static bool is_quiet(const struct batch *batch, enum event_type type)
{
	return batch->options.quiet && !batch->options.json &&
	       (type == EVENT_MAC_LEARNED || event_is_packet(type));
}

int batch_event(struct batch *batch, const struct event *event, const struct model *model)
{
	struct batch_line line = { .event = event, .model = model, .time_ns = event->time_ns };

	if (batch->err || event->type == EVENT_NEIGHBOUR || event->type == EVENT_SESSION ||
	    is_quiet(batch, event->type))
		return batch->err;
	if (event->type == EVENT_PASSED_UP)
		line.class = comment_class(event, model);
	else if (event->type == EVENT_COUNTERS)
		line.totals = batch_sum_totals(&event->counters.totals);
	batch_describe(&line);
	if (event->type == EVENT_ATTACHED)
		batch->last_counters_ns = event->time_ns;
	else if (event->type == EVENT_DETACHED && !batch->ending)
		line.severity = "WARN";
	else if (event->type == EVENT_COUNTERS)
		follow_counters(batch, &line);
	batch->err = batch->options.json
			     ? batch_write_json(batch->out, &line)
			     : batch_write_text(batch->out, &line, batch->options.utc_offset_s);
	return batch->err;
}

int batch_tables(struct batch *batch, const struct model *model, int64_t now_ns)
{
	struct batch_line line = { .model = model, .time_ns = now_ns };
	int utc_offset_s = batch->options.utc_offset_s;

	if (batch->err)
		return batch->err;
	batch_describe_neighbours(&line);
	batch->err = batch->options.json
			     ? batch_write_json_neighbours(batch->out, &line)
			     : batch_write_text_neighbours(batch->out, &line, utc_offset_s);
	if (batch->err)
		return batch->err;
	batch_describe_bindings(&line);
	batch->err = batch->options.json
			     ? batch_write_json_bindings(batch->out, &line)
			     : batch_write_text_bindings(batch->out, &line, utc_offset_s);
	return batch->err;
}
