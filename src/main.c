/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: the only file that sees every part. It opens them in order, lets events
 * flow from the ring, the tap and netlink to the model, the recording and the view, and takes
 * everything down in reverse.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bpf/relay.h"
#include "../capture/recorder.h"
#include "../capture/tap.h"
#include "../tui/screen.h"
#include "app.h"
#include "batch.h"
#include "clock.h"
#include "interface_table.h"
#include "loop.h"
#include "netlink.h"
#include "options.h"
#include "preflight.h"
#include "privileges.h"

#define TICK_MS 100
#define DRAIN_MAX 8192
#define TAP_MAX 256
#define NETLINK_MAX 64

struct program {
	struct options options;
	struct interface interface;
	struct model *model;
	struct app app;
	struct loop *loop;
	struct relay *relay;
	struct bindings *bindings;
	struct snoop *snoop;
	struct tap *tap;
	struct netlink *netlink;
	struct recorder recorder;
	struct screen *screen; /* one of these two */
	struct batch *batch;
	const char *mode_reason;
	enum relay_mode mode;
	int64_t refreshed_ns;
	bool changed; /* since the last drawing */
	bool stopped; /* by ^Z: nothing is drawn */
	bool ending;
	bool hook_seen;	    /* by netlink: our program on the interface */
	uint64_t passed_up; /* packets seen, for -c without a file */
	struct event last_counters;
	int status;
};

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void complain(const char *format, ...)
{
	va_list arguments;

	fputs("fzbpf-top: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

static void stop(struct program *program, int status)
{
	if (program->status == EXIT_STATUS_DONE)
		program->status = status;
	program->ending = true;
	loop_stop(program->loop);
}

/* ---- events: model, recording, view, in this order ------------------------------------------- */

static void recording_failed(struct program *program)
{
	char text[WRITER_ERROR_SIZE];

	program->recorder.failed = true;
	recorder_stop(&program->recorder, text, sizeof(text));
	if (program->screen) {
		app_say(&program->app, clock_wall(), "REC stopped: %s", text);
		return;
	}
	complain("%s", text);
	stop(program, EXIT_STATUS_FILE_FAILED);
}

static void view_event(struct program *program, const struct event *event)
{
	int error;

	program->changed = true;
	if (!program->batch)
		return;
	error = batch_event(program->batch, event, program->model);
	if (error && !program->ending) {
		if (error != -EPIPE)
			complain("cannot write to standard output: %s", strerror(-error));
		stop(program, error == -EPIPE ? EXIT_STATUS_DONE : EXIT_STATUS_FILE_FAILED);
	}
}

static void on_event(void *context, const struct event *event)
{
	struct program *program = context;

	model_ingest(program->model, event);
	if (recorder_take(&program->recorder, event))
		recording_failed(program);
	/* The last counters are written after everything else. */
	if (event->type == EVENT_COUNTERS && program->ending)
		program->last_counters = *event;
	else
		view_event(program, event);
	if (event->type != EVENT_PASSED_UP)
		return;
	program->passed_up++;
	if (program->recorder.writer
		    ? recorder_is_full(&program->recorder)
		    : program->options.count && program->passed_up >= program->options.count)
		stop(program, EXIT_STATUS_DONE);
}

static void on_binding(void *context, const struct event *event)
{
	struct program *program = context;
	int error = relay_apply_binding(program->relay, event);

	if (error)
		app_say(&program->app, event->time_ns, "binding not taken over: %s",
			strerror(-error));
	on_event(program, event);
}

static void on_message(void *context, const struct snoop_message *message)
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

static void on_netlink(const struct netlink_event *event, void *context)
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
			complain("%s was removed", program->interface.name);
			stop(program, EXIT_STATUS_INTERFACE_GONE);
		}
		break;
	}
}

/* ---- the loop's handlers --------------------------------------------------------------------- */

static void draw(struct program *program)
{
	char recording[400];
	int64_t now = clock_wall();
	struct screen_status status = {
		.version = VERSION,
		.show_normal = program->app.show_normal,
		.frozen = program->app.picture != NULL,
		.message = app_message(&program->app, now),
		.utc_offset_s = clock_utc_offset(now),
	};
	const struct model *model = app_picture(&program->app, &status.behind);

	status.recording = recorder_status(&program->recorder, now, recording, sizeof(recording));
	screen_draw(program->screen, model, &status);
	program->changed = false;
}

static void on_ring(void *context, uint32_t events)
{
	struct program *program = context;

	(void)events;
	relay_drain(program->relay, DRAIN_MAX);
	if (recorder_flush(&program->recorder))
		recording_failed(program);
}

static void refresh(struct program *program, int64_t now)
{
	struct snoop_stats stats;

	/* A full ring is drained and asked again; if it is full again, the next refresh will do. */
	if (relay_snapshot(program->relay) == -EAGAIN) {
		on_ring(program, 0);
		relay_snapshot(program->relay);
	}
	netlink_ask_link(program->netlink);
	snoop_get_stats(program->snoop, &stats);
	if (stats.unknown_allocation != program->model->unknown_allocations) {
		program->model->unknown_allocations = stats.unknown_allocation;
		program->model->unknown_allocation_ns = now;
	}
	program->refreshed_ns = now;
}

static void on_tick(void *context, uint32_t events)
{
	struct program *program = context;
	int64_t now = clock_wall(), since = now - program->refreshed_ns;
	double duration = program->options.duration_s;

	snoop_tick(program->snoop, now);
	/* A clock that was set back must not stop the refreshes. */
	if (since < 0 || since >= (int64_t)(program->options.delay_s * 1e9) - TICK_MS * 500000LL)
		refresh(program, now);
	on_ring(program, events);
	model_tick(program->model, now);
	if (duration > 0 && now - program->model->attached_ns >= (int64_t)(duration * 1e9))
		stop(program, EXIT_STATUS_DONE);
	if (program->screen && !program->stopped && program->changed)
		draw(program);
}

/* What was passed up before comes first: the ring holds it since the last tick. */
static void on_tap(struct program *program, enum tap_side side)
{
	on_ring(program, 0);
	if (tap_drain(program->tap, side, TAP_MAX) < 0) {
		int fds[TAP_SIDES];

		/* The interface is down or gone, which netlink tells better. */
		tap_fds(program->tap, fds);
		loop_unwatch(program->loop, fds[side]);
	}
}

static void on_tap_received(void *context, uint32_t events)
{
	(void)events;
	on_tap(context, TAP_RECEIVED);
}

static void on_tap_sent(void *context, uint32_t events)
{
	(void)events;
	on_tap(context, TAP_SENT);
}

static void on_netlink_ready(void *context, uint32_t events)
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
		recording_failed(program);
	else
		app_say(&program->app, now, "%s", text);
}

static void on_key(void *context, uint32_t events)
{
	struct program *program = context;
	unsigned int todo = 0;
	enum action action;

	(void)events;
	while ((action = screen_read_key(program->screen)) != ACTION_NONE) {
		todo |= app_apply(&program->app, action, clock_wall());
		if (todo & (APP_QUIT | APP_HANGUP))
			break;
		if (todo & APP_RECORD)
			toggle_recording(program);
		todo &= ~(unsigned int)APP_RECORD;
	}
	if (todo & (APP_QUIT | APP_HANGUP))
		stop(program, EXIT_STATUS_DONE);
	else if (todo & APP_REDRAW)
		draw(program);
}

static void on_signal(void *context, int signal)
{
	struct program *program = context;

	switch (signal) {
	case SIGWINCH:
		if (!program->screen)
			return;
		screen_resize(program->screen);
		draw(program);
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
			batch_tables(program->batch, program->model, clock_wall());
		return;
	default: stop(program, EXIT_STATUS_DONE);
	}
}

/* ---- starting -------------------------------------------------------------------------------- */

static int check(struct program *program)
{
	char text[PREFLIGHT_ERROR_SIZE];
	enum exit_status status =
		preflight_interface(&program->options, &program->interface, text, sizeof(text));

	if (!status && writer_check_filter(program->options.filter, text, sizeof(text)))
		status = EXIT_STATUS_USAGE;
	if (status)
		complain("%s", text);
	return status;
}

/* Without a terminal to draw on, the output is text. */
static int choose_view(struct program *program)
{
	char text[PREFLIGHT_ERROR_SIZE];
	int error;

	if (program->options.batch)
		return EXIT_STATUS_DONE;
	if (!isatty(STDOUT_FILENO)) {
		program->options.batch = true;
		return EXIT_STATUS_DONE;
	}
	error = screen_usable(getenv("TERM"), text, sizeof(text));
	if (error)
		complain("%s", text);
	program->options.batch = error == -EOPNOTSUPP;
	return error && error != -EOPNOTSUPP ? EXIT_STATUS_USAGE : EXIT_STATUS_DONE;
}

static int free_the_hook(struct program *program)
{
	struct relay_holder holder;
	char text[PREFLIGHT_ERROR_SIZE];
	int error = relay_find_holder(program->interface.ifindex, &holder);

	if (error == -ENOENT)
		return EXIT_STATUS_DONE;
	if (!error && !program->options.force) {
		preflight_busy(&(struct preflight_holder){ holder.id, holder.name, holder.tag,
							   holder.mode },
			       program->interface.name, text, sizeof(text));
		complain("%s", text);
		return EXIT_STATUS_BUSY;
	}
	if (!error)
		error = relay_evict(program->interface.ifindex);
	if (error) {
		complain("cannot free the XDP hook of %s: %s", program->interface.name,
			 strerror(-error));
		return EXIT_STATUS_BUSY;
	}
	if (!program->options.quiet)
		complain("replaced XDP program id %u (%s, tag %s, %s mode) on %s", holder.id,
			 holder.name, holder.tag, holder.mode, program->interface.name);
	return EXIT_STATUS_DONE;
}

static int attach(struct program *program)
{
	static const enum relay_mode modes[] = {
		[OPTIONS_MODE_AUTO] = RELAY_AUTO,
		[OPTIONS_MODE_NATIVE] = RELAY_NATIVE,
		[OPTIONS_MODE_GENERIC] = RELAY_GENERIC,
	};
	const struct interface *interface = &program->interface;
	int error =
		relay_attach(program->relay, interface->ifindex, !strcmp(interface->kind, "veth"),
			     modes[program->options.mode], &program->mode, &program->mode_reason);

	if (!error)
		return EXIT_STATUS_DONE;
	complain("cannot attach to %s in %s mode: %s%s", interface->name,
		 program->mode == RELAY_NATIVE ? "native" : "generic", strerror(-error),
		 program->mode == RELAY_NATIVE ? "\nTry:  fzbpf-top --mode generic" : "");
	return error == -EBUSY || error == -EEXIST ? EXIT_STATUS_BUSY : EXIT_STATUS_REFUSED;
}

static int load(struct program *program)
{
	const struct options *options = &program->options;
	struct relay_setup setup = {
		.turn_port = options->turn_port,
		.relay_port_min = options->relay_port_min,
		.relay_port_max = options->relay_port_max,
		.mac_ttl_s = (uint32_t)options->mac_ttl_s,
		.mac_entries = (uint32_t)options->mac_entries,
		.snaplen = (uint32_t)options->snaplen,
		.capture = options->capture,
		.relaying = !options->no_relay,
	};
	char text[RELAY_ERROR_SIZE];
	int error = relay_load(&setup, on_event, program, &program->relay, text, sizeof(text));

	if (!error)
		return EXIT_STATUS_DONE;
	complain("%s", text);
	return error == -EPERM	      ? EXIT_STATUS_NOT_PERMITTED
	       : error == -EOPNOTSUPP ? EXIT_STATUS_NO_FEATURE
				      : EXIT_STATUS_REFUSED;
}

static int open_recording(struct program *program)
{
	const struct options *options = &program->options;
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	char text[WRITER_ERROR_SIZE];
	int error;

	program->recorder.limit = options->count;
	program->recorder.options = (struct writer_options){
		.kind = WRITER_PCAP,
		.filter = options->filter,
		.snaplen = (uint32_t)options->snaplen,
		.overwrite = options->overwrite,
		.has_owner = uid && gid,
		.uid = uid ? (uid_t)strtoul(uid, NULL, 10) : 0,
		.gid = gid ? (gid_t)strtoul(gid, NULL, 10) : 0,
	};
	if (!options->write_file)
		return EXIT_STATUS_DONE;
	error = recorder_start(&program->recorder, options->write_file, program->interface.name,
			       clock_wall(), text, sizeof(text));
	if (!error)
		return EXIT_STATUS_DONE;
	complain("%s", text);
	return error == -EINVAL ? EXIT_STATUS_USAGE : EXIT_STATUS_FILE_FAILED;
}

static int open_witnesses(struct program *program)
{
	const struct options *options = &program->options;
	char text[512];
	int error;

	program->bindings = bindings_new(on_binding, program);
	program->snoop =
		program->bindings ? snoop_new(program->bindings, options->turn_port) : NULL;
	if (!program->snoop) {
		complain("not enough memory");
		return EXIT_STATUS_UNEXPECTED;
	}
	error = tap_open(program->interface.name, options->turn_port, on_message, program,
			 &program->tap, text, sizeof(text));
	if (error) {
		complain("%s", text);
		return error == -EPERM ? EXIT_STATUS_NOT_PERMITTED : EXIT_STATUS_UNEXPECTED;
	}
	error = netlink_open(program->interface.ifindex, on_netlink, program, &program->netlink);
	/* The answers to the first questions: own MAC and addresses must be known before attaching.
	 */
	while (!error && (error = netlink_drain(program->netlink, NETLINK_MAX)) > 0)
		error = 0;
	if (error) {
		complain("cannot watch %s: %s", program->interface.name, strerror(-error));
		return EXIT_STATUS_UNEXPECTED;
	}
	return EXIT_STATUS_DONE;
}

static void introduce(struct program *program, enum event_type type, const char *reason)
{
	struct event event = { .type = type, .time_ns = clock_wall() };

	memcpy(event.attachment.interface, program->interface.name,
	       sizeof(event.attachment.interface));
	event.attachment.ifindex = program->interface.ifindex;
	event.attachment.mode = program->mode == RELAY_NATIVE ? "native" : "generic";
	event.attachment.reason = reason;
	event.attachment.program_id = relay_program_id(program->relay);
	event.attachment.mac = program->interface.mac;
	on_event(program, &event);
}

static void describe(struct program *program)
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
}

static int open_view(struct program *program)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen_options screen = {
		.term = getenv("TERM"),
		.color = program->options.color == OPTIONS_COLOR_ALWAYS ||
			 (program->options.color == OPTIONS_COLOR_AUTO && !(no_color && *no_color)),
		.ascii = program->options.ascii || strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
	struct batch_options batch = {
		.json = program->options.json,
		.quiet = program->options.quiet,
		.utc_offset_s = clock_utc_offset(clock_wall()),
	};
	const char *file = program->options.write_file;
	char text[512];

	if (program->options.batch) {
		/* With -w - standard output belongs to the packets. */
		if (file && !strcmp(file, "-"))
			return EXIT_STATUS_DONE;
		if (!batch_open(stdout, &batch, &program->batch))
			return EXIT_STATUS_DONE;
		complain("not enough memory");
		return EXIT_STATUS_UNEXPECTED;
	}
	if (!screen_open(&screen, &program->screen, text, sizeof(text)))
		return EXIT_STATUS_DONE;
	complain("%s", text);
	return EXIT_STATUS_USAGE;
}

static int watch_all(struct program *program)
{
	static const int signals[] = { SIGINT,	 SIGTERM, SIGHUP,  SIGUSR1,
				       SIGWINCH, SIGTSTP, SIGCONT, 0 };
	struct loop *loop = program->loop;
	int fds[TAP_SIDES], error;

	tap_fds(program->tap, fds);
	error = loop_signals(loop, signals, on_signal, program) ?:
		loop_every(loop, TICK_MS, on_tick, program) ?:
		loop_watch(loop, relay_fd(program->relay), on_ring, program) ?:
		loop_watch(loop, fds[TAP_RECEIVED], on_tap_received, program) ?:
		loop_watch(loop, fds[TAP_SENT], on_tap_sent, program) ?:
		loop_watch(loop, netlink_fd(program->netlink), on_netlink_ready, program);
	if (!error && program->screen)
		error = loop_watch(loop, screen_fd(program->screen), on_key, program);
	if (error)
		complain("cannot watch for events: %s", strerror(-error));
	return error ? EXIT_STATUS_UNEXPECTED : EXIT_STATUS_DONE;
}

/* Each step needs what the ones before it made. */
static int start(struct program *program)
{
	static int (*const steps[])(struct program *) = {
		choose_view, check,	     free_the_hook, open_recording,
		load,	     open_witnesses, attach,	    open_view,
	};
	size_t i;
	int status = EXIT_STATUS_DONE;

	for (i = 0; i < sizeof(steps) / sizeof(*steps) && !status; i++)
		status = steps[i](program);
	return status;
}

static void finish(struct program *program)
{
	char text[WRITER_ERROR_SIZE];

	program->ending = true;
	if (program->batch)
		batch_ending(program->batch);
	relay_detach(program->relay);
	while (relay_drain(program->relay, DRAIN_MAX) == DRAIN_MAX)
		continue;
	relay_snapshot(program->relay);
	while (relay_drain(program->relay, DRAIN_MAX) == DRAIN_MAX)
		continue;
	introduce(program, EVENT_DETACHED,
		  program->model->link == LINK_GONE ? "the interface was removed" : "asked to end");
	if (program->batch)
		batch_tables(program->batch, program->model, clock_wall());
	view_event(program, &program->last_counters);
	screen_close(program->screen);
	program->screen = NULL;
	if (program->recorder.writer) {
		if (recorder_stop(&program->recorder, text, sizeof(text)) && !program->status)
			program->status = EXIT_STATUS_FILE_FAILED;
		if (!program->options.quiet || program->status)
			complain("%s", text);
	}
}

static int run(struct program *program)
{
	int error;

	program->status = start(program);
	if (!program->status)
		program->status = watch_all(program);
	if (program->status)
		return program->status;
	describe(program);
	introduce(program, EVENT_ATTACHED, program->mode_reason);
	if (preflight_bind(&program->options, &program->interface, program->bindings, clock_wall()))
		complain("some of the --binding options found no room");
	privileges_drop();
	error = loop_run(program->loop);
	finish(program);
	if (error) {
		complain("waiting for events failed: %s", strerror(-error));
		return EXIT_STATUS_UNEXPECTED;
	}
	return program->status;
}

static void take_down(struct program *program)
{
	screen_close(program->screen);
	batch_close(program->batch);
	netlink_close(program->netlink);
	tap_close(program->tap);
	snoop_free(program->snoop);
	bindings_free(program->bindings);
	relay_free(program->relay);
	app_done(&program->app);
	model_free(program->model);
	loop_free(program->loop);
}

static int serve(struct program *program)
{
	int status;

	switch (program->options.request) {
	case OPTIONS_HELP: options_print_help(stdout); return EXIT_STATUS_DONE;
	case OPTIONS_VERSION: options_print_version(stdout); return EXIT_STATUS_DONE;
	case OPTIONS_LIST_INTERFACES:
		return interface_table_print(stdout) ? EXIT_STATUS_UNEXPECTED : EXIT_STATUS_DONE;
	case OPTIONS_RUN: break;
	}
	program->model = model_new(clock_wall());
	program->app.model = program->model;
	if (!program->model || loop_new(&program->loop)) {
		complain("not enough memory");
		model_free(program->model);
		return EXIT_STATUS_UNEXPECTED;
	}
	status = run(program);
	take_down(program);
	return status;
}

int main(int argc, char **argv)
{
	struct program *program = calloc(1, sizeof(*program));
	char text[OPTIONS_ERROR_SIZE];
	int status;

	if (!program) {
		complain("not enough memory");
		return EXIT_STATUS_UNEXPECTED;
	}
	setlocale(LC_ALL, "");
	status = EXIT_STATUS_USAGE;
	if (options_parse(argc, argv, &program->options, text, sizeof(text)))
		complain("%s", text);
	else
		status = serve(program);
	free(program);
	return status;
}
