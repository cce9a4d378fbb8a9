/* SPDX-License-Identifier: BSD-2-Clause */
/* Totals, rates, stations of the path and histories, from the counters that end a snapshot. */
#include "model_internal.h"

#include <string.h>

#include "labels.h"

#define RATE_INTERVAL_MIN_NS (SECOND_NS / 20) /* less than that would make spikes of nothing */

double model_rate(double old, uint64_t then, uint64_t now, double interval_s)
{
	if (interval_s == 0)
		return old;
	if (interval_s < 0 || now < then)
		return -1;
	return (double)(now - then) / interval_s;
}

double model_rate_at_birth(const struct model *model)
{
	return model->interval_s > 0 ? 0 : -1;
}

static void tally_set(struct tally *tally, uint64_t total, double interval_s)
{
	tally->rate = model_rate(tally->rate, tally->total, total, interval_s);
	tally->total = total;
	if (tally->at_zero > total)
		tally->at_zero = 0;
}

/* Calls what with every tally but those of the tables. */
static void each_tally(struct model *model, void (*what)(struct tally *tally))
{
	struct tally *const tallies[] = { &model->seen,	   &model->relayed, &model->relayed_bytes,
					  &model->misses,  &model->passed,  &model->repaired,
					  &model->lost,	   &model->turn,    &model->bound,
					  &model->resolved };

	for (size_t i = 0; i < sizeof(tallies) / sizeof(tallies[0]); i++)
		what(tallies[i]);
	for (int i = 0; i < RELAY_PATH_COUNT; i++)
		what(&model->paths[i]);
	for (int i = 0; i < RELAY_REASON_COUNT; i++)
		what(&model->reasons[i].count);
}

static void tally_forget_rate(struct tally *tally)
{
	tally->rate = -1;
}

static void tally_zero(struct tally *tally)
{
	tally->at_zero = tally->total;
}

void model_counters_init(struct model *model)
{
	each_tally(model, tally_forget_rate);
}

void model_counters_forget(struct model *model)
{
	each_tally(model, tally_forget_rate);
}

void model_counters_zero(struct model *model)
{
	each_tally(model, tally_zero);
}

static void history_push(struct model_reason *reason, uint64_t count, double interval_s)
{
	uint32_t *newest = &reason->history[MODEL_HISTORY - 1];

	if (interval_s != 0) {
		memmove(reason->history, reason->history + 1,
			sizeof(*newest) * (MODEL_HISTORY - 1));
		*newest = 0;
	}
	*newest = count > UINT32_MAX - *newest ? UINT32_MAX : *newest + (uint32_t)count;
}

static void count_reasons(struct model *model, const struct event *event, double interval_s)
{
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		struct model_reason *reason = &model->reasons[i];
		uint64_t then = reason->count.total, now = event->counters.totals.passed[i];

		tally_set(&reason->count, now, interval_s);
		history_push(reason, now > then && interval_s >= 0 ? now - then : 0, interval_s);
		if (now > then)
			model_reason_seen(model, (enum relay_reason)i, event->time_ns);
	}
}

/* Frames that are channel data or peer data, with or without a binding. */
static uint64_t count_turn(const struct relay_counters *totals, uint64_t relayed)
{
	return relayed + totals->passed[RELAY_REASON_BAD_CHANNEL_LENGTH] +
	       totals->passed[RELAY_REASON_NO_BINDING] + totals->passed[RELAY_REASON_NO_MAC] +
	       totals->passed[RELAY_REASON_STALE_MAC] + totals->passed[RELAY_REASON_NO_CHECKSUM] +
	       totals->passed[RELAY_REASON_UNFINISHED] + totals->passed[RELAY_REASON_TTL] +
	       totals->passed[RELAY_REASON_TOO_BIG] + totals->passed[RELAY_REASON_NO_HEADROOM] +
	       totals->passed[RELAY_REASON_OBSERVING];
}

static void count_totals(struct model *model, const struct relay_counters *totals,
			 double interval_s)
{
	uint64_t relayed = 0, passed = 0, misses = 0, turn, bound;

	for (int i = 0; i < RELAY_PATH_COUNT; i++) {
		relayed += totals->paths[i];
		tally_set(&model->paths[i], totals->paths[i], interval_s);
	}
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		passed += totals->passed[i];
		misses += reason_is_miss((enum relay_reason)i) ? totals->passed[i] : 0;
	}
	turn = count_turn(totals, relayed);
	bound = turn - totals->passed[RELAY_REASON_BAD_CHANNEL_LENGTH] -
		totals->passed[RELAY_REASON_NO_BINDING];
	tally_set(&model->seen, relayed + passed, interval_s);
	tally_set(&model->relayed, relayed, interval_s);
	tally_set(&model->relayed_bytes, totals->relayed_bytes, interval_s);
	tally_set(&model->misses, misses, interval_s);
	tally_set(&model->passed, passed, interval_s);
	tally_set(&model->repaired, totals->checksum_repaired, interval_s);
	tally_set(&model->lost, totals->lost, interval_s);
	tally_set(&model->turn, turn, interval_s);
	tally_set(&model->bound, bound, interval_s);
	tally_set(&model->resolved, bound - misses, interval_s);
}

/* As model_rate() takes it. */
static double interval_since(struct model *model, int64_t time_ns)
{
	int64_t interval = time_ns - model->last_counters_ns;

	if (!model_private(model)->has_counters || interval < 0)
		return -1;
	return interval < RATE_INTERVAL_MIN_NS ? 0 : (double)interval / (double)SECOND_NS;
}

void model_counters_event(struct model *model, const struct event *event)
{
	const struct relay_counters *totals = &event->counters.totals;
	bool blind = model->detached || model->link == LINK_GONE; /* nothing is counted */
	double interval_s = blind ? -1 : interval_since(model, event->time_ns);
	bool lossy = totals->lost != model->lost.total;

	count_reasons(model, event, interval_s);
	count_totals(model, totals, interval_s);
	for (int i = 0; i < RELAY_REFUSAL_COUNT; i++)
		model->refused[i] = totals->refused[i];
	model->entries = event->counters.entries;
	model->evicted = totals->inserted > model->entries ? totals->inserted - model->entries : 0;
	model->moves = totals->moved;
	model->last_counters_ns = event->time_ns;
	if (interval_s != 0)
		model->interval_s = interval_s > 0 ? interval_s : 0;
	model_private(model)->has_counters = true;
	model_neighbours_counted(model, interval_s, lossy);
	model_bindings_counted(model, interval_s);
	model_tick(model, event->time_ns);
}
