/* SPDX-License-Identifier: BSD-2-Clause */
/* What events say about neighbours: witnessed, moved, missed, hit, evicted. */
#include "model_internal.h"

#include <string.h>

#include "format.h"
#include "labels.h"

/* A snapshot holds one slice of the table, so an entry that two turns of it did not show is gone.
 */
#define EVICTED_AFTER (2 * RELAY_SLICES + 1)
#define LEARNED_LINES 8	    /* in the journal, a second */
#define SHARED_AT_ONCE 4096 /* with more rows, counting once a second must do */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* ---- journal --------------------------------------------------------------------------------- */

static void learned_flush(struct model *model, int64_t time_ns)
{
	struct model_private *priv = model_private(model);

	if (priv->learned_in_second > LEARNED_LINES)
		model_journal(model, time_ns, false, "learned %u more addresses within a second",
			      priv->learned_in_second - LEARNED_LINES);
	priv->learned_in_second = 0;
	priv->learned_second = time_ns / SECOND_NS;
}

static void journal_learned(struct model *model, const struct event *event)
{
	struct model_private *priv = model_private(model);
	const struct event_neighbour *seen = &event->neighbour;
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE];

	if (event->time_ns / SECOND_NS != priv->learned_second)
		learned_flush(model, event->time_ns);
	if (++priv->learned_in_second > LEARNED_LINES)
		return;
	model_journal(model, event->time_ns, false, "learned that %s is at %s, from %s",
		      format_ip(ip, sizeof(ip), &seen->ip),
		      format_mac(mac, sizeof(mac), &seen->mac), label_source(seen->source));
}

static void note_moved(struct model *model, const struct model_neighbour *row, int64_t time_ns)
{
	char ip[FORMAT_IP_SIZE], from[FORMAT_MAC_SIZE], to[FORMAT_MAC_SIZE];

	model->moved[model->move_next++ % MODEL_MOVES] = (struct model_move){
		.time_ns = time_ns,
		.ip = row->ip,
		.vlan = row->vlan,
		.from = row->previous,
		.to = row->mac,
	};
	model_journal(model, time_ns, true, "%s moved from %s to %s",
		      format_ip(ip, sizeof(ip), &row->ip),
		      format_mac(from, sizeof(from), &row->previous),
		      format_mac(to, sizeof(to), &row->mac));
}

/* ---- witnessed ------------------------------------------------------------------------------- */

/* Did the program's table change after this was read from it? */
static bool is_outdated(const struct model_neighbour *row, const struct row_state *state,
			const struct event *event)
{
	return event->type == EVENT_NEIGHBOUR &&
	       state->moves_before + event->neighbour.moves < row->moves &&
	       event->neighbour.last_seen_ns <= row->last_moved_ns;
}

static void take_moves(struct model_neighbour *row, struct row_state *state,
		       const struct event *event, bool known)
{
	const struct event_neighbour *seen = &event->neighbour;
	bool differs = known && !mac_equal(&row->mac, &seen->mac);
	uint32_t moves;

	/* The program starts at zero again for an entry that it had evicted. */
	if (event->type == EVENT_MAC_LEARNED && known)
		state->moves_before = row->moves + differs;
	moves = state->moves_before + seen->moves;
	if (moves > row->moves)
		row->moves = moves;
	if (differs)
		row->previous = row->mac;
	else if (seen->has_previous)
		row->previous = seen->previous;
	if (differs || event->type == EVENT_MAC_MOVED)
		row->last_moved_ns = event->time_ns;
}

static void take_times(struct model_neighbour *row, const struct event_neighbour *seen, bool known)
{
	if (!known || seen->first_seen_ns < row->first_seen_ns)
		row->first_seen_ns = seen->first_seen_ns;
	row->last_seen_ns = later(row->last_seen_ns, seen->last_seen_ns);
}

void model_neighbour_event(struct model *model, const struct event *event)
{
	struct model_private *priv = model_private(model);
	const struct event_neighbour *seen = &event->neighbour;
	struct model_neighbour *row = model_row_find(priv, &seen->ip, seen->vlan);
	bool known = row && row->witnessed, newer, differs;
	struct row_state *state;

	if (!row)
		row = model_row_new(priv, &seen->ip, seen->vlan, ROW_WITNESSED);
	state = model_row_state(priv, row);
	state->refreshed = priv->snapshots;
	if (event->type == EVENT_NEIGHBOUR)
		priv->has_neighbour_events = true;
	if (known && is_outdated(row, state, event))
		return;

	newer = !known || seen->last_seen_ns > row->last_seen_ns;
	differs = !known || !mac_equal(&row->mac, &seen->mac);
	take_moves(row, state, event, known);
	take_times(row, seen, known);
	row->mac = seen->mac;
	row->source = seen->source;
	row->witnessed = true;
	row->evicted = false;
	if (newer || state->list != ROW_WITNESSED)
		model_row_move(priv, row, ROW_WITNESSED);
	if (differs) {
		priv->shared_dirty = true;
		model_kernel_apply(priv, row);
	}
	if (event->type != EVENT_NEIGHBOUR || (newer && row->last_seen_ns >= row->last_missed_ns))
		model_runs_resolved(model, &row->ip, row->vlan);
	if (event->type == EVENT_MAC_MOVED || (known && differs))
		note_moved(model, row, event->time_ns);
	else if (event->type == EVENT_MAC_LEARNED)
		journal_learned(model, event);
}

/* ---- missed and hit -------------------------------------------------------------------------- */

static struct model_neighbour *row_wanted(struct model *model, const struct in6_addr *ip,
					  uint16_t vlan, int64_t time_ns)
{
	char text[FORMAT_IP_SIZE];

	model_journal(model, time_ns, false, "%s is wanted, but was never witnessed",
		      format_ip(text, sizeof(text), ip));
	return model_row_new(model_private(model), ip, vlan, ROW_WANTED);
}

static void row_missed(struct model_private *priv, struct model_neighbour *row, int64_t time_ns)
{
	struct row_state *state = model_row_state(priv, row);

	if (!row->first_missed_ns || row->last_seen_ns > row->last_missed_ns)
		row->first_missed_ns = time_ns;
	row->last_missed_ns = later(row->last_missed_ns, time_ns);
	/* Each counts true misses and lags behind in its own way, so the larger one is right. */
	row->misses.total = state->misses_by_packet > state->misses_by_session
				    ? state->misses_by_packet
				    : state->misses_by_session;
	state->settled = false;
	if (state->list == ROW_WANTED)
		model_row_move(priv, row, ROW_WANTED);
}

void model_neighbour_missed(struct model *model, const struct in6_addr *ip, uint16_t vlan,
			    int64_t time_ns)
{
	struct model_private *priv = model_private(model);
	struct model_neighbour *row = model_row_find(priv, ip, vlan);

	if (!row)
		row = row_wanted(model, ip, vlan, time_ns);
	model_row_state(priv, row)->misses_by_packet++;
	row_missed(priv, row, time_ns);
}

void model_neighbour_session(struct model *model, const struct in6_addr *ip, uint16_t vlan,
			     uint64_t packets, uint64_t misses, int64_t time_ns)
{
	struct model_private *priv = model_private(model);
	struct model_neighbour *row = vlan ? model_row_find(priv, ip, vlan) : NULL;

	if (!row)
		row = model_row_find_ip(priv, ip);
	if (!row && !misses)
		return;
	if (!row)
		row = row_wanted(model, ip, vlan, time_ns);
	row->hits.total += packets;
	model_row_state(priv, row)->settled = false;
	if (misses) {
		model_row_state(priv, row)->misses_by_session += misses;
		row_missed(priv, row, time_ns);
	}
}

/* ---- once a snapshot ------------------------------------------------------------------------- */

static void row_rates(struct model_neighbour *row, struct row_state *state, double interval_s)
{
	row->hits.rate = model_rate(row->hits.rate, state->hits_then, row->hits.total, interval_s);
	row->misses.rate =
		model_rate(row->misses.rate, state->misses_then, row->misses.total, interval_s);
	state->settled = interval_s > 0 && state->hits_then == row->hits.total &&
			 state->misses_then == row->misses.total;
	state->hits_then = row->hits.total;
	state->misses_then = row->misses.total;
}

void model_neighbours_counted(struct model *model, double interval_s, bool lossy)
{
	struct model_private *priv = model_private(model);

	/* A snapshot with lost records tells nothing about entries that were not in it. */
	if (!lossy)
		priv->snapshots++;
	for (size_t n = 0; n < model->neighbour_count; n++) {
		struct row_state *state = &priv->rows[n];

		if (priv->has_neighbour_events && state->list == ROW_WITNESSED &&
		    priv->snapshots - state->refreshed > EVICTED_AFTER) {
			model->neighbours[n].evicted = true;
			model_row_move(priv, &model->neighbours[n], ROW_EVICTED);
		}
		if (!state->settled)
			row_rates(&model->neighbours[n], state, interval_s);
	}
	if (model->last_counters_ns / SECOND_NS != priv->learned_second)
		learned_flush(model, model->last_counters_ns);
}

void model_neighbours_zero(struct model *model)
{
	for (size_t n = 0; n < model->neighbour_count; n++) {
		model->neighbours[n].hits.at_zero = model->neighbours[n].hits.total;
		model->neighbours[n].misses.at_zero = model->neighbours[n].misses.total;
	}
}

void model_neighbours_forget(struct model *model)
{
	for (size_t n = 0; n < model->neighbour_count; n++) {
		model->neighbours[n].hits.rate = model->neighbours[n].misses.rate = -1;
		model_private(model)->rows[n].settled = false;
	}
}

static uint64_t mac_hash(uint64_t seed, const struct mac *mac)
{
	struct in6_addr key = { 0 };

	memcpy(&key, mac, sizeof(*mac));
	return index_hash(seed, &key, 0);
}

/* The first row with this MAC; the index holds just those. */
static uint32_t first_with_mac(struct model_private *priv, const struct index *index, uint32_t n)
{
	const struct mac *mac = &priv->model.neighbours[n].mac;
	uint64_t hash = mac_hash(priv->seed, mac);
	uint32_t first = index_first(index, hash);

	while (first != INDEX_END && !mac_equal(&priv->model.neighbours[first].mac, mac))
		first = index_next(index, first);
	if (first != INDEX_END)
		return first;
	index_add(index, hash, n);
	return n;
}

void model_neighbours_share(struct model *model)
{
	struct model_private *priv = model_private(model);
	struct index index = { priv->mac_heads, 2 * MODEL_NEIGHBOURS - 1, priv->mac_next };
	struct model_neighbour *rows = model->neighbours;
	int64_t since = model->now_ns - priv->shared_ns;

	if (!priv->shared_dirty)
		return;
	if (model->neighbour_count > SHARED_AT_ONCE && since >= 0 && since < SECOND_NS)
		return;
	priv->shared_dirty = false;
	priv->shared_ns = model->now_ns;
	memset(priv->mac_heads, 0, sizeof(priv->mac_heads));
	for (uint32_t n = 0; n < model->neighbour_count; n++) {
		rows[n].shared = 0;
		if (!rows[n].witnessed)
			continue;
		priv->rows[n].same_mac = first_with_mac(priv, &index, n);
		rows[priv->rows[n].same_mac].shared++;
	}
	for (uint32_t n = 0; n < model->neighbour_count; n++)
		if (rows[n].witnessed)
			rows[n].shared = rows[priv->rows[n].same_mac].shared;
}
