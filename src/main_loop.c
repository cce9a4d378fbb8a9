/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done when something is readable, at each tick, at a key, at a signal. */
#include "main.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 100
#define DRAIN_MAX 8192
#define TAP_MAX 256
#define NETLINK_MAX 64

void program_draw(struct program *program)
{
	char recording[400], misses[400], file[80];
	int64_t now = clock_wall();
	struct screen_status status = {
		.version = VERSION,
		.show_normal = program->app.show_normal,
		.frozen = program->app.picture != NULL,
		.refresh_s = program->options.delay_s,
		.message = app_message(&program->app, now),
		.utc_offset_s = clock_utc_offset(now),
	};
	const struct model *model = app_picture(&program->app, &status.behind);

	status.recording = recorder_status(&program->recorder, now, recording, sizeof(recording));
	status.misses = recorder_status(&program->misses, now, misses, sizeof(misses));
	if (program->playback.replay)
		status.file = playback_status(&program->playback, file, sizeof(file));
	screen_draw(program->screen, model, &status);
	program->changed = false;
}

void program_on_ring(void *context, uint32_t events)
{
	struct program *program = context;
	int64_t began = clock_wall();
	bool all = relay_drain(program->relay, DRAIN_MAX) < DRAIN_MAX;

	(void)events;
	timeline_drained(&program->timeline, began, all);
	if (recorder_flush(&program->recorder))
		program_recording_failed(program, &program->recorder);
	if (recorder_flush(&program->misses))
		program_recording_failed(program, &program->misses);
}

static void refresh(struct program *program, int64_t now)
{
	const struct tally *no_binding = &program->model->reasons[RELAY_REASON_NO_BINDING].count;
	struct snoop_stats stats;

	/* A full ring is drained and asked again; if it is full again, the next refresh will do. */
	if (relay_snapshot(program->relay) == -EAGAIN) {
		program_on_ring(program, 0);
		relay_snapshot(program->relay);
	}
	relay_set_capture(program->relay,
			  options_kernel_capture(&program->options, no_binding->rate),
			  (uint32_t)program->options.snaplen);
	netlink_ask_link(program->netlink);
	snoop_get_stats(program->snoop, &stats);
	if (stats.unknown_allocation != program->model->unknown_allocations) {
		program->model->unknown_allocations = stats.unknown_allocation;
		program->model->unknown_allocation_ns = now;
	}
	program->refreshed_ns = now;
}

static void tick_live(struct program *program)
{
	int64_t now = clock_wall(), since = now - program->refreshed_ns;
	double duration = program->options.duration_s;

	program_on_ring(program, 0);
	snoop_tick(program->snoop, now);
	/* A clock that was set back must not stop the refreshes. */
	if (since < 0 || since >= (int64_t)(program->options.delay_s * 1e9) - TICK_MS * 500000LL)
		refresh(program, now);
	program_on_ring(program, 0);
	model_tick(program->model, now);
	if (duration > 0 && now - program->model->attached_ns >= (int64_t)(duration * 1e9))
		program_stop(program, EXIT_STATUS_DONE);
}

void program_on_tick(void *context, uint32_t events)
{
	struct program *program = context;

	(void)events;
	if (program->playback.replay) {
		playback_tick(&program->playback, clock_wall());
		if (program->playback.is_playing)
			program_on_file(program, 0);
	} else {
		tick_live(program);
	}
	if (program->screen && !program->stopped && program->changed)
		program_draw(program);
}

/* What was passed up before comes first: the ring holds it since the last tick. */
static void on_tap(struct program *program, enum tap_side side)
{
	program_on_ring(program, 0);
	if (tap_drain(program->tap, side, TAP_MAX) < 0) {
		int fds[TAP_SIDES];

		/* The interface is down or gone, which netlink tells better. */
		tap_fds(program->tap, fds);
		loop_unwatch(program->loop, fds[side]);
	}
}

void program_on_tap_received(void *context, uint32_t events)
{
	(void)events;
	on_tap(context, TAP_RECEIVED);
}

void program_on_tap_sent(void *context, uint32_t events)
{
	(void)events;
	on_tap(context, TAP_SENT);
}

void program_on_netlink_ready(void *context, uint32_t events)
{
	struct program *program = context;

	(void)events;
	if (netlink_drain(program->netlink, NETLINK_MAX) < 0)
		loop_unwatch(program->loop, netlink_fd(program->netlink));
}

static void toggle_recording(struct program *program)
{
	char text[WRITER_ERROR_SIZE];
	int64_t now = clock_wall();

	if (recorder_toggle(&program->recorder, program->model, now, text, sizeof(text)))
		program_recording_failed(program, &program->recorder);
	else
		app_say(&program->app, now, "%s", text);
}

static void toggle_misses(struct program *program)
{
	char text[WRITER_ERROR_SIZE];
	int64_t now = clock_wall();
	struct in6_addr ip = { 0 };

	program_draw(program); /* the selection is where the keys before this one put it */
	if (!screen_selected_ip(program->screen, &ip) && !program->misses.writer)
		app_say(&program->app, now, "select a row that is about an address first");
	else if (recorder_toggle_misses(&program->misses, &ip, program->model, now, text,
					sizeof(text)))
		program_recording_failed(program, &program->misses);
	else
		app_say(&program->app, now, "%s", text);
}

void program_describe(struct program *program)
{
	const struct options *options = &program->options;
	const struct interface *interface = &program->interface;
	struct model *model = program->model;

	memcpy(model->driver, interface->driver, sizeof(model->driver));
	model->speed_mbit = interface->speed_mbit;
	model->relaying = !options->no_relay;
	model->turn_port = options->turn_port;
	model->relay_port_min = options->relay_port_min;
	model->relay_port_max = options->relay_port_max;
	model->mac_entries = (uint32_t)options->mac_entries;
	model->mac_ttl_s = (uint32_t)options->mac_ttl_s;
	model->unlisted = program->playback.replay ? 0 : ~options->capture;
	model->lists_unbound = !options->batch && options_capture_turn(options);
}

void program_on_key(void *context, uint32_t events)
{
	struct program *program = context;
	unsigned int todo = 0;
	enum action action;

	(void)events;
	while ((action = screen_read_key(program->screen)) != ACTION_NONE) {
		todo |= program_apply_to_file(program, action)
				? APP_REDRAW
				: app_apply(&program->app, action, clock_wall());
		if (todo & (APP_QUIT | APP_HANGUP))
			break;
		if (todo & APP_RECORD)
			toggle_recording(program);
		if (todo & APP_MISSES)
			toggle_misses(program);
		todo &= ~(unsigned int)(APP_RECORD | APP_MISSES);
	}
	if (todo & (APP_QUIT | APP_HANGUP))
		program_stop(program, EXIT_STATUS_DONE);
	else if (todo & APP_REDRAW)
		program_draw(program);
}

static void tell_tables(struct program *program)
{
	int64_t now = clock_wall();

	if (!program->playback.replay)
		program_on_ring(program, 0);
	batch_tables(program->batch, program->model, timeline_place(&program->timeline, now));
}

void program_on_signal(void *context, int signal)
{
	struct program *program = context;

	switch (signal) {
	case SIGWINCH:
		if (!program->screen)
			return;
		screen_resize(program->screen);
		program_draw(program);
		return;
	case SIGTSTP:
		program->stopped = true;
		if (program->screen)
			screen_suspend(program->screen);
		kill(getpid(), SIGSTOP);
		return;
	case SIGCONT:
		if (program->stopped && program->screen) {
			screen_resume(program->screen);
			program->changed = true;
		}
		program->stopped = false;
		return;
	case SIGUSR1:
		if (program->batch)
			tell_tables(program);
		return;
	default: program_stop(program, EXIT_STATUS_DONE);
	}
}
