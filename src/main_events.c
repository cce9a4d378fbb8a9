/* SPDX-License-Identifier: BSD-2-Clause */
/* Events on their way: model, recordings, view, in this order. */
#include "main.h"

#include <errno.h>
#include <string.h>

void program_recording_failed(struct program *program, struct recorder *recorder)
{
	char text[WRITER_ERROR_SIZE];

	recorder->failed = true;
	recorder_stop(recorder, text, sizeof(text));
	if (program->screen) {
		app_say(&program->app, clock_wall(), "REC stopped: %s", text);
		return;
	}
	program_complain("%s", text);
	program_stop(program, EXIT_STATUS_FILE_FAILED);
}

void program_view_event(struct program *program, const struct event *event)
{
	int error;

	program->changed = true;
	if (!program->batch)
		return;
	error = batch_event(program->batch, event, program->model);
	if (error && !program->ending) {
		if (error != -EPIPE)
			program_complain("cannot write to standard output: %s", strerror(-error));
		program_stop(program, error == -EPIPE ? EXIT_STATUS_DONE : EXIT_STATUS_FILE_FAILED);
	}
}

/* Other packets come for the model, and for the recording of an address' misses. */
static bool is_asked_for(const struct program *program, const struct event *event)
{
	return event->type != EVENT_PASSED_UP || model_lists(program->model, &event->passed);
}

void program_on_event(void *context, const struct event *event)
{
	struct program *program = context;

	/* The first counters, which loading needs. */
	if (program->relay && !program->model->attached_ns && event->type != EVENT_ATTACHED)
		return;
	timeline_saw(&program->timeline, event->time_ns);
	/* The end of a capture is nothing that goes wrong now. */
	if (!program->playback.replay || event->type != EVENT_DETACHED)
		model_ingest(program->model, event);
	if (program->playback.replay && event->type == EVENT_COUNTERS)
		model_tick(program->model, event->time_ns);
	if (recorder_take(&program->misses, event))
		program_recording_failed(program, &program->misses);
	if (!is_asked_for(program, event)) {
		program->changed = true;
		return;
	}
	if (recorder_take(&program->recorder, event))
		program_recording_failed(program, &program->recorder);
	/* The last counters are written after everything else. */
	if (event->type == EVENT_COUNTERS && program->ending)
		program->last_counters = *event;
	else
		program_view_event(program, event);
	program->passed_up += event_is_packet(event->type);
	/* The last file of -G ends by the clock, with or without packets. */
	if (recorder_is_full(&program->recorder) ||
	    (!program->recorder.writer && program->options.count &&
	     program->passed_up >= program->options.count))
		program_stop(program, EXIT_STATUS_DONE);
}

void program_on_binding(void *context, const struct event *event)
{
	struct program *program = context;
	struct event placed = *event;
	int error = relay_apply_binding(program->relay, event);

	if (error)
		app_say(&program->app, event->time_ns, "binding not taken over: %s",
			strerror(-error));
	placed.time_ns = timeline_place(&program->timeline, event->time_ns);
	program_on_event(program, &placed);
}

void program_on_message(void *context, const struct snoop_message *message)
{
	struct program *program = context;

	snoop_ingest(program->snoop, message);
}

static void on_address(struct program *program, const struct interface_address *address, bool added)
{
	struct model *model = program->model;
	size_t i;

	for (i = 0; i < model->own_count; i++)
		if (IN6_ARE_ADDR_EQUAL(&model->own[i], &address->ip))
			break;
	if (added) {
		relay_add_own_address(program->relay, &address->ip, false);
		if (address->has_broadcast)
			relay_add_own_address(program->relay, &address->broadcast, true);
		if (i == model->own_count && i < MODEL_OWN_ADDRESSES)
			model->own[model->own_count++] = address->ip;
	} else {
		relay_remove_own_address(program->relay, &address->ip);
		if (address->has_broadcast)
			relay_remove_own_address(program->relay, &address->broadcast);
		if (i < model->own_count) {
			model->own_count--;
			memmove(&model->own[i], &model->own[i + 1],
				(model->own_count - i) * sizeof(*model->own));
		}
	}
	snoop_set_own_addresses(program->snoop, model->own, model->own_count);
}

static void on_link(struct program *program, const struct interface *link)
{
	struct model *model = program->model;
	enum model_link state = link->carrier ? LINK_UP : LINK_DOWN;

	relay_set_mac(program->relay, &link->mac);
	relay_set_mtu(program->relay, link->mtu);
	model->mac = link->mac;
	model->mtu = link->mtu;
	if (state != model->link)
		model->link_changed_ns = clock_wall();
	model->link = state;
	/* Only after it was seen there: what was asked before attaching may be answered after. */
	if (model->program_id && link->xdp_program == model->program_id)
		program->hook_seen = true;
	if (program->hook_seen && link->xdp_mode != INTERFACE_XDP_SEVERAL)
		model->detached = link->xdp_program != model->program_id;
}

void program_on_netlink(const struct netlink_event *event, void *context)
{
	struct program *program = context;
	const struct netlink_neighbour *neighbour = &event->neighbour;

	program->changed = true;
	switch (event->type) {
	case NETLINK_LINK: on_link(program, &event->link); break;
	case NETLINK_ADDRESS_ADDED: on_address(program, &event->address, true); break;
	case NETLINK_ADDRESS_REMOVED: on_address(program, &event->address, false); break;
	case NETLINK_NEIGHBOUR:
		model_kernel_neighbour(program->model, &neighbour->ip, neighbour->state,
				       neighbour->has_mac ? &neighbour->mac : NULL);
		break;
	case NETLINK_GONE:
		program->model->link = LINK_GONE;
		program->model->link_changed_ns = clock_wall();
		if (program->batch) {
			program_complain("%s was removed", program->interface.name);
			program_stop(program, EXIT_STATUS_INTERFACE_GONE);
		}
		break;
	}
}
