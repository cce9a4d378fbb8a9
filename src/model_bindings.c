/* SPDX-License-Identifier: BSD-2-Clause */
/* Bindings by slot, the traffic of their two directions, and what state that means. */
#include "model_internal.h"

#include <string.h>

#include "format.h"

#define BINDING_PAUSE_NS (5 * SECOND_NS)     /* silence for so long is not "in use" */
#define BINDING_ONE_WAY_PACKETS 10	     /* fewer than that do not ask for an answer */
#define BINDING_EXPIRING_NS (60 * SECOND_NS) /* clients refresh long before */

enum { TO_PEER, TO_CLIENT };

static struct index relayed_index(struct model_private *priv)
{
	return (struct index){ priv->relayed_heads, MODEL_BINDINGS - 1, priv->relayed_next };
}

static bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !memcmp(&a->ip, &b->ip, sizeof(a->ip));
}

/* A binding whose relayed address this is; all that share it have the same client. */
static const struct model_binding *binding_of_relayed(struct model_private *priv,
						      const struct endpoint *relayed)
{
	struct index index = relayed_index(priv);
	uint32_t slot = index_first(&index, index_hash(priv->seed, &relayed->ip, relayed->port));

	for (; slot != INDEX_END; slot = index_next(&index, slot))
		if (endpoint_equal(&priv->model.bindings[slot].relayed, relayed))
			return &priv->model.bindings[slot];
	return NULL;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void binding_remove(struct model *model, struct model_binding *binding)
{
	struct model_private *priv = model_private(model);
	struct index index = relayed_index(priv);

	index_remove(&index, index_hash(priv->seed, &binding->relayed.ip, binding->relayed.port),
		     binding->slot);
	binding->used = false;
	model->binding_count--;
	while (model->binding_end && !model->bindings[model->binding_end - 1].used)
		model->binding_end--;
}

static void direction_init(struct model_direction *direction, double rate)
{
	direction->packets.rate = direction->bytes.rate = direction->misses.rate = rate;
}

static void binding_add(struct model *model, const struct event *event)
{
	struct model_private *priv = model_private(model);
	const struct event_binding *bound = &event->binding;
	struct model_binding *binding = &model->bindings[bound->slot];
	struct index index = relayed_index(priv);

	if (binding->used)
		binding_remove(model, binding);
	*binding = (struct model_binding){
		.slot = bound->slot,
		.used = true,
		.fixed = bound->fixed,
		.channel = bound->channel,
		.client = bound->client,
		.server = bound->server,
		.relayed = bound->relayed,
		.peer = bound->peer,
		.bound_ns = event->time_ns,
		.expires_ns = bound->expires_ns,
		.state_since_ns = event->time_ns,
	};
	direction_init(&binding->to_peer, model_rate_at_birth(model));
	direction_init(&binding->to_client, model_rate_at_birth(model));
	memset(priv->directions[bound->slot], 0, sizeof(priv->directions[bound->slot]));
	index_add(&index, index_hash(priv->seed, &bound->relayed.ip, bound->relayed.port),
		  bound->slot);
	model->binding_count++;
	if (model->binding_end <= bound->slot)
		model->binding_end = bound->slot + 1;
	model_runs_bound(model, &bound->client, bound->channel);
}

static void journal_binding(struct model *model, const struct event *event, const char *verb)
{
	const struct event_binding *bound = &event->binding;
	char client[FORMAT_ENDPOINT_SIZE], peer[FORMAT_ENDPOINT_SIZE];

	model_journal(model, event->time_ns, false, "%s %s channel 0x%04x to %s: %s", verb,
		      format_endpoint(client, sizeof(client), &bound->client), bound->channel,
		      format_endpoint(peer, sizeof(peer), &bound->peer),
		      bound->why ? bound->why : "-");
}

void model_binding_event(struct model *model, const struct event *event)
{
	const struct event_binding *bound = &event->binding;
	struct model_binding *binding;

	if (bound->slot >= MODEL_BINDINGS)
		return;
	binding = &model->bindings[bound->slot];
	if (event->type == EVENT_BINDING_REMOVED) {
		if (!binding->used)
			return;
		binding_remove(model, binding);
		model->bindings_ended++;
		journal_binding(model, event, "unbound");
	} else if (event->type == EVENT_BINDING_REFRESHED && binding->used) {
		binding->fixed = bound->fixed;
		binding->expires_ns = bound->expires_ns;
	} else {
		binding_add(model, event);
		journal_binding(model, event, "bound");
	}
}

/* ---- traffic --------------------------------------------------------------------------------- */

/* Counters begin at zero again when the slot does. */
static uint64_t increase(uint64_t then, uint64_t now)
{
	return now >= then ? now - then : now;
}

static const struct in6_addr *destination(struct model_private *priv,
					  const struct model_binding *binding, int way)
{
	const struct model_binding *other;

	if (way == TO_CLIENT)
		return &binding->client.ip;
	other = binding_of_relayed(priv, &binding->peer);
	return other ? &other->client.ip : &binding->peer.ip;
}

/* They missed at some moment since the snapshot before. */
static int64_t earliest_miss(const struct model *model, const struct event *event)
{
	int64_t then = model->last_counters_ns ? model->last_counters_ns : model->attached_ns;

	return then && then < event->time_ns ? then : event->time_ns;
}

static void direction_count(struct model_direction *direction, struct direction_state *state,
			    const struct event *event, uint64_t packets, uint64_t misses)
{
	const struct event_session *session = &event->session;
	int64_t used_ns;

	direction->packets.total += packets;
	direction->bytes.total += increase(state->last.bytes, session->counters.bytes);
	direction->misses.total += misses;
	state->last = session->counters;
	if (!packets)
		return;
	used_ns = session->last_used_ns ? session->last_used_ns : event->time_ns;
	if (!direction->last_used_ns || used_ns - direction->last_used_ns > BINDING_PAUSE_NS)
		state->active_since_ns = used_ns;
	direction->last_used_ns = used_ns;
}

void model_session_event(struct model *model, const struct event *event)
{
	struct model_private *priv = model_private(model);
	const struct event_session *session = &event->session;
	int way = session->to_client ? TO_CLIENT : TO_PEER;
	struct model_binding *binding;
	struct direction_state *state;
	uint64_t packets, misses;
	int64_t missed_ns;

	if (session->slot >= MODEL_BINDINGS)
		return;
	binding = &model->bindings[session->slot];
	/* A snapshot may have been taken before the slot was bound anew. */
	if (!binding->used || event->time_ns < binding->bound_ns)
		return;
	state = &priv->directions[session->slot][way];
	packets = increase(state->last.packets, session->counters.packets);
	misses = increase(state->last.misses, session->counters.misses);
	missed_ns = earliest_miss(model, event);
	direction_count(way == TO_CLIENT ? &binding->to_client : &binding->to_peer, state, event,
			packets, misses);
	if (packets && !binding->first_hit_ns)
		binding->first_hit_ns = session->last_used_ns > binding->bound_ns
						? session->last_used_ns
						: event->time_ns;
	if (packets)
		state->missed_ns = 0;
	else if (misses)
		state->missed_ns = missed_ns;
	if (packets || misses)
		model_neighbour_session(model, destination(priv, binding, way), state->vlan,
					packets, misses, missed_ns);
}

void model_binding_vlan(struct model *model, const struct event_passed *passed)
{
	const struct model_binding *binding;
	bool to_peer;

	if (!passed->has_slot || !passed->vlan || passed->slot >= MODEL_BINDINGS)
		return;
	binding = &model->bindings[passed->slot];
	to_peer = binding->used && endpoint_equal(&passed->src, &binding->client);
	model_private(model)->directions[passed->slot][to_peer ? TO_PEER : TO_CLIENT].vlan =
		passed->vlan;
}

/* ---- once a snapshot ------------------------------------------------------------------------- */

static void direction_rates(struct model_direction *direction, struct direction_state *state,
			    double interval_s)
{
	direction->packets.rate = model_rate(direction->packets.rate, state->packets_then,
					     direction->packets.total, interval_s);
	direction->bytes.rate = model_rate(direction->bytes.rate, state->bytes_then,
					   direction->bytes.total, interval_s);
	direction->misses.rate = model_rate(direction->misses.rate, state->misses_then,
					    direction->misses.total, interval_s);
	state->packets_then = direction->packets.total;
	state->bytes_then = direction->bytes.total;
	state->misses_then = direction->misses.total;
}

void model_bindings_counted(struct model *model, double interval_s)
{
	struct model_private *priv = model_private(model);

	for (size_t slot = 0; slot < model->binding_end; slot++) {
		struct model_binding *binding = &model->bindings[slot];

		if (!binding->used)
			continue;
		direction_rates(&binding->to_peer, &priv->directions[slot][TO_PEER], interval_s);
		direction_rates(&binding->to_client, &priv->directions[slot][TO_CLIENT],
				interval_s);
	}
}

/* ---- state ----------------------------------------------------------------------------------- */

/* The last frames that way missed, and the next hop was not witnessed since. */
static bool is_missing(struct model_private *priv, const struct model_binding *binding, int way)
{
	const struct direction_state *state = &priv->directions[binding->slot][way];
	const struct model_neighbour *row;

	if (!state->missed_ns)
		return false;
	row = model_row_find_ip(priv, destination(priv, binding, way));
	return !row || row->last_seen_ns <= state->missed_ns;
}

/* In use one way for some time, and nothing the other way for as long. */
static bool is_one_way(int64_t now_ns, const struct model_direction *active,
		       const struct direction_state *state, const struct model_direction *silent)
{
	return active->packets.total >= BINDING_ONE_WAY_PACKETS &&
	       now_ns - active->last_used_ns <= BINDING_PAUSE_NS &&
	       now_ns - state->active_since_ns > BINDING_PAUSE_NS &&
	       now_ns - silent->last_used_ns > BINDING_PAUSE_NS;
}

static bool is_answered(const struct model_binding *binding)
{
	return binding->to_peer.packets.total && binding->to_client.packets.total;
}

static enum binding_state binding_judge(struct model *model, const struct model_binding *binding)
{
	struct model_private *priv = model_private(model);
	const struct direction_state *states = priv->directions[binding->slot];
	int64_t now_ns = model->now_ns;

	if (is_missing(priv, binding, TO_PEER) || is_missing(priv, binding, TO_CLIENT))
		return BINDING_NO_MAC;
	if (!binding->fixed && binding->expires_ns - now_ns < BINDING_EXPIRING_NS)
		return BINDING_EXPIRING;
	if (!is_answered(binding)) {
		bool waits =
			binding->first_hit_ns && now_ns - binding->first_hit_ns > BINDING_PAUSE_NS;

		return waits ? BINDING_ONE_WAY : BINDING_IDLE;
	}
	if (is_one_way(now_ns, &binding->to_peer, &states[TO_PEER], &binding->to_client) ||
	    is_one_way(now_ns, &binding->to_client, &states[TO_CLIENT], &binding->to_peer))
		return BINDING_ONE_WAY;
	return BINDING_BOTH_WAYS;
}

void model_bindings_tick(struct model *model)
{
	for (size_t slot = 0; slot < model->binding_end; slot++) {
		struct model_binding *binding = &model->bindings[slot];
		enum binding_state state;

		if (!binding->used)
			continue;
		state = binding_judge(model, binding);
		if (state != binding->state)
			binding->state_since_ns = model->now_ns;
		binding->state = state;
	}
}

void model_bindings_forget(struct model *model)
{
	for (size_t slot = 0; slot < model->binding_end; slot++) {
		direction_init(&model->bindings[slot].to_peer, -1);
		direction_init(&model->bindings[slot].to_client, -1);
	}
}

static void direction_zero(struct model_direction *direction)
{
	direction->packets.at_zero = direction->packets.total;
	direction->bytes.at_zero = direction->bytes.total;
	direction->misses.at_zero = direction->misses.total;
}

void model_bindings_zero(struct model *model)
{
	for (size_t slot = 0; slot < model->binding_end; slot++) {
		direction_zero(&model->bindings[slot].to_peer);
		direction_zero(&model->bindings[slot].to_client);
	}
}
