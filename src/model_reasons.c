/* SPDX-License-Identifier: BSD-2-Clause */
/* Passed-up packets, and when a reason turns from warming to problem and back. */
#include "model_internal.h"

#include <string.h>

#include "labels.h"

#define RUN_WAYS 4 /* places where a run may be */

#define MISS_PACKETS 3		   /* so many for one IP are warming up, ... */
#define MISS_NS (2 * SECOND_NS)	   /* ... if they come within this time */
#define UNBOUND_NS (5 * SECOND_NS) /* a client's channel data may be without a binding so long */

static const enum relay_class classes[RELAY_REASON_COUNT] = {
#define X(id, label, class, ...) [RELAY_REASON_##id] = RELAY_CLASS_##class,
	RELAY_REASONS(X)
#undef X
};

/* ---- runs ------------------------------------------------------------------------------------ */

static bool run_is(const struct model_run *run, const struct model_run *key)
{
	return run->count && run->reason == key->reason && run->port == key->port &&
	       run->channel == key->channel && run->vlan == key->vlan &&
	       !memcmp(&run->ip, &key->ip, sizeof(run->ip));
}

/* The run of that key, or NULL; `ret_place`: where it would go, at the cost of the quietest one. */
static struct model_run *run_find(struct model_private *priv, const struct model_run *key,
				  struct model_run **ret_place)
{
	uint64_t rest = (uint64_t)key->reason << 48 | (uint64_t)key->vlan << 32 |
			(uint64_t)key->port << 16 | key->channel;
	uint64_t hash = index_hash(priv->seed, &key->ip, rest);
	struct model_run *set = &priv->runs[hash % (MODEL_RUNS / RUN_WAYS) * RUN_WAYS],
			 *place = set;

	for (int i = 0; i < RUN_WAYS; i++) {
		if (run_is(&set[i], key))
			return &set[i];
		if (set[i].last_ns < place->last_ns)
			place = &set[i];
	}
	if (ret_place)
		*ret_place = place;
	return NULL;
}

static void run_end(struct model_private *priv, const struct model_run *key)
{
	struct model_run *run = run_find(priv, key, NULL);

	if (run)
		memset(run, 0, sizeof(*run));
}

/* Returns whether it is a problem. */
static bool run_seen(struct model_private *priv, const struct model_run *key, int64_t time_ns)
{
	struct model_run *place = NULL, *run = run_find(priv, key, &place);

	if (!run || time_ns - run->last_ns > MODEL_QUIET_NS) {
		run = run ? run : place;
		*run = *key;
		run->since_ns = time_ns;
	}
	run->count++;
	run->last_ns = time_ns;
	if (key->reason == RELAY_REASON_NO_BINDING)
		run->problem = time_ns - run->since_ns > UNBOUND_NS;
	else
		run->problem = run->count > MISS_PACKETS || time_ns - run->since_ns > MISS_NS;
	return run->problem;
}

void model_runs_resolved(struct model *model, const struct in6_addr *next_hop, uint16_t vlan)
{
	struct model_run key = { .reason = RELAY_REASON_NO_MAC, .ip = *next_hop, .vlan = vlan };

	run_end(model_private(model), &key);
	key.reason = RELAY_REASON_STALE_MAC;
	run_end(model_private(model), &key);
}

void model_runs_bound(struct model *model, const struct endpoint *client, uint16_t channel)
{
	struct model_run key = { .reason = RELAY_REASON_NO_BINDING,
				 .ip = client->ip,
				 .port = client->port,
				 .channel = channel };

	run_end(model_private(model), &key);
}

/* ---- packets --------------------------------------------------------------------------------- */

/* One of them is told, as long as it goes on. */
static void unbound_seen(struct model *model, const struct event_passed *passed, int64_t time_ns)
{
	bool is_same = model->unbound_channel == passed->channel &&
		       model->unbound_client.port == passed->src.port &&
		       !memcmp(&model->unbound_client.ip, &passed->src.ip, sizeof(passed->src.ip));

	if (!is_same && model->unbound_client.port && time_ns - model->unbound_ns < UNBOUND_NS)
		return;
	model->unbound_client = passed->src;
	model->unbound_channel = passed->channel;
	model->unbound_ns = time_ns;
}

static enum relay_class packet_class(struct model *model, const struct event_passed *passed,
				     int64_t time_ns)
{
	struct model_private *priv = model_private(model);
	struct model_run key = { .reason = passed->reason };

	if (reason_is_miss(passed->reason) && passed->has_missing) {
		key.ip = passed->missing;
		key.vlan = passed->vlan;
	} else if (passed->reason == RELAY_REASON_NO_BINDING && passed->has_channel) {
		key.ip = passed->src.ip;
		key.port = passed->src.port;
		key.channel = passed->channel;
	} else if (passed->reason == RELAY_REASON_NO_BINDING) {
		priv->plain_no_binding_ns = time_ns;
		return RELAY_CLASS_NORMAL;
	} else {
		return classes[passed->reason];
	}
	if (!run_seen(priv, &key, time_ns))
		return RELAY_CLASS_WARMING;
	if (passed->reason == RELAY_REASON_NO_BINDING)
		unbound_seen(model, passed, time_ns);
	return RELAY_CLASS_PROBLEM;
}

/* Where the next one goes: see struct model_packet. */
static struct model_packet *packet_place(struct model *model, enum event_type type)
{
	struct model_packet *next = &model->packets[model->packet_next % MODEL_PACKETS];
	struct model_packet *newest = &model->packets[(model->packet_next - 1) % MODEL_PACKETS];

	if (type != EVENT_PASSED_UP && model->packet_next > MODEL_PACKETS &&
	    next->type == EVENT_PASSED_UP && newest->type != EVENT_PASSED_UP)
		return newest;
	next->id = model->packet_next++;
	return next;
}

static void packet_store(struct model *model, const struct event *event, enum relay_class class)
{
	const struct event_passed *passed = &event->passed;
	struct model_packet *packet = packet_place(model, event->type);
	uint32_t captured = passed->frame ? passed->captured : 0;

	if (captured > MODEL_PACKET_BYTES)
		captured = MODEL_PACKET_BYTES;
	*packet = (struct model_packet){
		.id = packet->id,
		.time_ns = event->time_ns,
		.type = event->type,
		.reason = passed->reason,
		.class = class,
		.length = passed->length,
		.captured = captured,
		.has_ip = passed->has_ip,
		.has_ports = passed->has_ports,
		.has_channel = passed->has_channel,
		.has_missing = passed->has_missing,
		.channel = passed->channel,
		.vlan = passed->vlan,
		.src_mac = passed->src_mac,
		.dst_mac = passed->dst_mac,
		.src = passed->src,
		.dst = passed->dst,
		.missing = passed->missing,
		.way = passed->way,
	};
	if (captured)
		memcpy(packet->frame, passed->frame, captured);
}

/* On the relay ports it may be another program's; on the TURN port it is not. */
bool model_lists(const struct model *model, const struct event_passed *passed)
{
	return !(model->unlisted >> passed->reason & 1) ||
	       (model->lists_unbound && passed->reason == RELAY_REASON_NO_BINDING &&
		passed->has_channel);
}

void model_packet_event(struct model *model, const struct event *event)
{
	const struct event_passed *passed = &event->passed;
	enum relay_class class;

	if (event->type != EVENT_PASSED_UP) {
		packet_store(model, event, RELAY_CLASS_NORMAL);
		return;
	}
	if ((unsigned int)passed->reason >= RELAY_REASON_COUNT)
		return;
	model_reason_seen(model, passed->reason, event->time_ns);
	model_private(model)->reason_packet_ns[passed->reason] = event->time_ns;
	class = packet_class(model, passed, event->time_ns);
	if (model_lists(model, passed))
		packet_store(model, event, class);
	model_binding_vlan(model, passed);
	if (passed->has_missing)
		model_neighbour_missed(model, &passed->missing, passed->vlan, event->time_ns);
}

/* ---- reasons --------------------------------------------------------------------------------- */

void model_reason_seen(struct model *model, enum relay_reason reason, int64_t time_ns)
{
	struct model_reason *row = &model->reasons[reason];

	if (!row->since_ns || time_ns - row->last_ns > MODEL_QUIET_NS)
		row->since_ns = time_ns;
	row->last_ns = time_ns;
}

/* The worst among the runs of each reason; forgets those that are over. */
static void judge_runs(struct model *model, enum relay_class worst[RELAY_REASON_COUNT])
{
	struct model_private *priv = model_private(model);

	for (int i = 0; i < MODEL_RUNS; i++) {
		struct model_run *run = &priv->runs[i];
		enum relay_class class = run->problem ? RELAY_CLASS_PROBLEM : RELAY_CLASS_WARMING;

		if (!run->count)
			continue;
		if (model->now_ns - run->last_ns > MODEL_QUIET_NS)
			memset(run, 0, sizeof(*run));
		else if (worst[run->reason] < class)
			worst[run->reason] = class;
	}
}

static enum relay_class reason_class(struct model *model, enum relay_reason reason,
				     enum relay_class worst_run)
{
	struct model_private *priv = model_private(model);
	const struct model_reason *row = &model->reasons[reason];

	if (!row->since_ns || classes[reason] != RELAY_CLASS_WARMING)
		return classes[reason];
	if (worst_run != RELAY_CLASS_NORMAL)
		return worst_run;
	/* It may not be captured, so that only its counter is known. */
	if (reason_is_miss(reason) && priv->reason_packet_ns[reason] < row->since_ns)
		return row->last_ns - row->since_ns > MISS_NS ? RELAY_CLASS_PROBLEM
							      : RELAY_CLASS_WARMING;
	if (reason == RELAY_REASON_NO_BINDING && priv->plain_no_binding_ns >= row->since_ns)
		return RELAY_CLASS_NORMAL;
	return RELAY_CLASS_WARMING;
}

static void journal_reason(struct model *model, enum relay_reason reason)
{
	const struct model_reason *row = &model->reasons[reason];
	bool *told = &model_private(model)->reason_is_problem[reason];
	bool is_problem = row->since_ns && row->class == RELAY_CLASS_PROBLEM;

	if (is_problem == *told)
		return;
	*told = is_problem;
	if (is_problem)
		model_journal(model, row->since_ns, true, "%s: %s", label_reason(reason),
			      reason_means(reason));
	else
		model_journal(model, model->now_ns, false, "%s no longer occurs",
			      label_reason(reason));
}

void model_reasons_tick(struct model *model)
{
	enum relay_class worst[RELAY_REASON_COUNT] = { RELAY_CLASS_NORMAL };

	judge_runs(model, worst);
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		struct model_reason *row = &model->reasons[i];

		if (row->since_ns && model->now_ns - row->last_ns > MODEL_QUIET_NS)
			row->since_ns = 0;
		row->class = reason_class(model, (enum relay_reason)i, worst[i]);
		journal_reason(model, (enum relay_reason)i);
	}
}
