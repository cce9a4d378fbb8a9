/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything we know: its life, its identity, its journal, and which part takes which event. */
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "model_internal.h"

struct model *model_new(int64_t now_ns)
{
	struct model_private *priv = calloc(1, sizeof(*priv));

	if (!priv)
		return NULL;
	/* Hosts on the LAN choose the addresses that are hashed, so they must not know how. */
	priv->seed = (uint64_t)now_ns * 0x9e3779b97f4a7c15ULL ^ (uintptr_t)priv;
	priv->model.now_ns = now_ns;
	priv->model.packet_next = 1;
	priv->model.mode = priv->model.mode_reason = priv->model.driver_hint = "";
	model_counters_init(&priv->model);
	model_reasons_tick(&priv->model);
	return &priv->model;
}

void model_free(struct model *model)
{
	free(model);
}

void model_copy(struct model *to, const struct model *from)
{
	struct model_private *to_priv = model_private(to);
	const struct model_private *from_priv = (const struct model_private *)from;
	size_t packets = from->packet_next < MODEL_PACKETS ? from->packet_next : MODEL_PACKETS;

	if (to == from)
		return;
	memcpy(to, from, offsetof(struct model, neighbours));
	memcpy(to->neighbours, from->neighbours, from->neighbour_count * sizeof(*to->neighbours));
	to->binding_count = from->binding_count;
	to->bindings_ended = from->bindings_ended;
	to->binding_end = from->binding_end;
	memcpy(to->bindings, from->bindings, from->binding_end * sizeof(*to->bindings));
	to->packet_next = from->packet_next;
	memcpy(to->packets, from->packets, packets * sizeof(*to->packets));
	to->journal_next = from->journal_next;
	memcpy(to->journal, from->journal, sizeof(to->journal));

	memcpy(&to_priv->seed, &from_priv->seed,
	       offsetof(struct model_private, row_next) - offsetof(struct model_private, seed));
	memcpy(to_priv->row_next, from_priv->row_next,
	       from->neighbour_count * sizeof(*to_priv->row_next));
	memcpy(to_priv->rows, from_priv->rows, from->neighbour_count * sizeof(*to_priv->rows));
	memcpy(to_priv->directions, from_priv->directions,
	       from->binding_end * sizeof(*to_priv->directions));
}

void model_journal(struct model *model, int64_t time_ns, bool problem, const char *format, ...)
{
	struct model_journal_entry *entry = &model->journal[model->journal_next++ % MODEL_JOURNAL];
	va_list arguments;

	entry->time_ns = time_ns;
	entry->problem = problem;
	va_start(arguments, format);
	vsnprintf(entry->text, sizeof(entry->text), format, arguments);
	va_end(arguments);
}

static void attached_event(struct model *model, const struct event *event)
{
	const struct event_attachment *attachment = &event->attachment;

	memcpy(model->interface, attachment->interface, sizeof(model->interface));
	model->interface[sizeof(model->interface) - 1] = '\0';
	model->ifindex = attachment->ifindex;
	model->mode = attachment->mode ? attachment->mode : "";
	model->mode_reason = attachment->reason ? attachment->reason : "";
	model->program_id = attachment->program_id;
	model->mac = attachment->mac;
	model->attached_ns = event->time_ns;
	model->detached = model_private(model)->detached_then = false;
	model_journal(model, event->time_ns, false, "attached to %s in %s mode, program %u",
		      model->interface, model->mode, model->program_id);
}

static void detached_event(struct model *model, const struct event *event)
{
	const char *reason = event->attachment.reason;

	if (model->detached)
		return;
	model->detached = model_private(model)->detached_then = true;
	model_journal(model, event->time_ns, true, "detached from %s%s%s", model->interface,
		      reason && *reason ? ": " : "", reason ? reason : "");
}

void model_ingest(struct model *model, const struct event *event)
{
	switch (event->type) {
	case EVENT_ATTACHED: attached_event(model, event); break;
	case EVENT_DETACHED: detached_event(model, event); break;
	case EVENT_MAC_LEARNED:
	case EVENT_MAC_MOVED:
	case EVENT_NEIGHBOUR: model_neighbour_event(model, event); break;
	case EVENT_BINDING_ADDED:
	case EVENT_BINDING_REFRESHED:
	case EVENT_BINDING_REMOVED: model_binding_event(model, event); break;
	case EVENT_PASSED_UP:
	case EVENT_RELAYED:
	case EVENT_SENT: model_packet_event(model, event); break;
	case EVENT_SESSION: model_session_event(model, event); break;
	case EVENT_COUNTERS: model_counters_event(model, event); break;
	}
}

static void forget_rates(struct model *model)
{
	model_counters_forget(model);
	model_neighbours_forget(model);
	model_bindings_forget(model);
}

static void link_tick(struct model *model)
{
	static const char *const words[] = {
		[LINK_UP] = "came up",
		[LINK_DOWN] = "went down",
		[LINK_GONE] = "was removed",
	};
	struct model_private *priv = model_private(model);

	if (model->detached != priv->detached_then) {
		priv->detached_then = model->detached;
		if (model->detached)
			forget_rates(model);
		model_journal(model, model->now_ns, model->detached, "the program %s %s",
			      model->detached ? "was taken off" : "is back on", model->interface);
	}
	if (model->link == priv->link_then)
		return;
	priv->link_then = model->link;
	if (model->link == LINK_GONE)
		forget_rates(model);
	model_journal(model, model->link_changed_ns ? model->link_changed_ns : model->now_ns,
		      model->link != LINK_UP, "%s %s", model->interface, words[model->link]);
}

void model_tick(struct model *model, int64_t now_ns)
{
	model->now_ns = now_ns;
	link_tick(model);
	model_neighbours_share(model);
	model_bindings_tick(model);
	model_reasons_tick(model);
}

void model_zero(struct model *model)
{
	model_counters_zero(model);
	model_neighbours_zero(model);
	model_bindings_zero(model);
}
