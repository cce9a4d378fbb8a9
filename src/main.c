/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the parts in order, each needing those before it, and takes them down in reverse. */
#include "main.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interface_table.h"
#include "preflight.h"
#include "privileges.h"

#define TICK_MS 100
#define DRAIN_MAX 8192
#define NETLINK_MAX 64

void program_complain(const char *format, ...)
{
	va_list arguments;

	fputs("fzbpf-top: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void program_stop(struct program *program, int status)
{
	if (program->status == EXIT_STATUS_DONE)
		program->status = status;
	program->ending = true;
	loop_stop(program->loop);
}

static int check(struct program *program)
{
	char text[PREFLIGHT_ERROR_SIZE];
	enum exit_status status =
		preflight_interface(&program->options, &program->interface, text, sizeof(text));

	if (!status && writer_check_filter(program->options.filter, text, sizeof(text)))
		status = EXIT_STATUS_USAGE;
	if (status)
		program_complain("%s", text);
	return status;
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
		program_complain("%s", text);
		return EXIT_STATUS_BUSY;
	}
	if (!error)
		error = relay_evict(program->interface.ifindex);
	if (error) {
		program_complain("cannot free the XDP hook of %s: %s", program->interface.name,
				 strerror(-error));
		return EXIT_STATUS_BUSY;
	}
	if (!program->options.quiet)
		program_complain("replaced XDP program id %u (%s, tag %s, %s mode) on %s",
				 holder.id, holder.name, holder.tag, holder.mode,
				 program->interface.name);
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
	int error;

	relay_drain(program->relay, DRAIN_MAX);
	program->attached_ns = clock_wall();
	error = relay_attach(program->relay, interface->ifindex, !strcmp(interface->kind, "veth"),
			     modes[program->options.mode], &program->mode, &program->mode_reason);

	if (!error)
		return EXIT_STATUS_DONE;
	program_complain("cannot attach to %s in %s mode: %s%s", interface->name,
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
		.capture = options_kernel_capture(options, -1),
		.relaying = !options->no_relay,
	};
	char text[RELAY_ERROR_SIZE];
	int error =
		relay_load(&setup, program_on_event, program, &program->relay, text, sizeof(text));

	if (!error)
		return EXIT_STATUS_DONE;
	program_complain("%s", text);
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
	program->recorder.rotation = (struct recorder_rotation){
		.bytes = options->rotate_mb * 1000000,
		.seconds = options->rotate_s,
		.files = options->rotate_files,
	};
	program->recorder.options = (struct writer_options){
		.kind = !options->write_file || options->write_pcapng ? WRITER_PCAPNG : WRITER_PCAP,
		.model = program->model,
		.origin = { .interface = program->interface.name,
			    .driver = program->interface.driver,
			    .command = options->command,
			    .mac = program->interface.mac,
			    .addresses = program->interface.addresses,
			    .address_count = program->interface.address_count,
			    .names = &options->names },
		.filter = options->filter,
		.snaplen = (uint32_t)options->snaplen,
		.overwrite = options->overwrite,
		.has_owner = uid && gid,
		.uid = uid ? (uid_t)strtoul(uid, NULL, 10) : 0,
		.gid = gid ? (gid_t)strtoul(gid, NULL, 10) : 0,
	};
	program->misses.options = program->recorder.options;
	if (!options->read_file) {
		program->recorder.reasons = options->capture;
		if (!options->batch && options_capture_turn(options))
			program->recorder.reasons |= 1ULL << RELAY_REASON_NO_BINDING;
		program->misses.reasons =
			1ULL << RELAY_REASON_NO_MAC | 1ULL << RELAY_REASON_STALE_MAC;
	}
	if (!options->write_file)
		return EXIT_STATUS_DONE;
	error = recorder_start(&program->recorder, options->write_file, program->interface.name,
			       clock_wall(), text, sizeof(text));
	if (!error)
		return EXIT_STATUS_DONE;
	program_complain("%s", text);
	return error == -EINVAL ? EXIT_STATUS_USAGE : EXIT_STATUS_FILE_FAILED;
}

static int open_witnesses(struct program *program)
{
	const struct options *options = &program->options;
	char text[512];
	int error;

	program->bindings = bindings_new(program_on_binding, program);
	program->snoop =
		program->bindings ? snoop_new(program->bindings, options->turn_port) : NULL;
	if (!program->snoop) {
		program_complain("not enough memory");
		return EXIT_STATUS_UNEXPECTED;
	}
	error = tap_open(program->interface.name, options->turn_port, program_on_message, program,
			 &program->tap, text, sizeof(text));
	if (error) {
		program_complain("%s", text);
		return error == -EPERM ? EXIT_STATUS_NOT_PERMITTED : EXIT_STATUS_UNEXPECTED;
	}
	error = netlink_open(program->interface.ifindex, program_on_netlink, program,
			     &program->netlink);
	/* The answers to the first questions: own MAC and addresses must be known before attaching.
	 */
	while (!error && (error = netlink_drain(program->netlink, NETLINK_MAX)) > 0)
		error = 0;
	if (error) {
		program_complain("cannot watch %s: %s", program->interface.name, strerror(-error));
		return EXIT_STATUS_UNEXPECTED;
	}
	return EXIT_STATUS_DONE;
}

static void introduce(struct program *program, enum event_type type, int64_t time_ns,
		      const char *reason)
{
	struct event event = { .type = type, .time_ns = time_ns };

	memcpy(event.attachment.interface, program->interface.name,
	       sizeof(event.attachment.interface));
	event.attachment.ifindex = program->interface.ifindex;
	event.attachment.mode = program->mode == RELAY_NATIVE ? "native" : "generic";
	event.attachment.reason = reason;
	event.attachment.program_id = relay_program_id(program->relay);
	event.attachment.mac = program->interface.mac;
	program_on_event(program, &event);
}

static int watch_all(struct program *program)
{
	static const int signals[] = { SIGINT,	 SIGTERM, SIGHUP,  SIGUSR1,
				       SIGWINCH, SIGTSTP, SIGCONT, 0 };
	struct loop *loop = program->loop;
	int fds[TAP_SIDES], error;

	error = loop_signals(loop, signals, program_on_signal, program)
			?: loop_every(loop, TICK_MS, program_on_tick, program);
	if (!error && program->playback.replay) {
		error = loop_watch(loop, program->file_fd, program_on_file, program);
	} else if (!error) {
		tap_fds(program->tap, fds);
		error = loop_watch(loop, relay_fd(program->relay), program_on_ring, program) ?:
			loop_watch(loop, fds[TAP_RECEIVED], program_on_tap_received, program) ?:
			loop_watch(loop, fds[TAP_SENT], program_on_tap_sent, program) ?:
			loop_watch(loop, netlink_fd(program->netlink), program_on_netlink_ready, program);
	}
	if (!error && program->screen)
		error = loop_watch(loop, screen_fd(program->screen), program_on_key, program);
	if (error)
		program_complain("cannot watch for events: %s", strerror(-error));
	return error ? EXIT_STATUS_UNEXPECTED : EXIT_STATUS_DONE;
}

static int start_with_file(struct program *program)
{
	return program_choose_view(program) ?: program_open_file(program) ?: open_recording(program) ?:
								     program_open_view(program);
}

/* Each step needs what the ones before it made. */
static int start(struct program *program)
{
	static int (*const steps[])(struct program *) = {
		program_choose_view, check,  free_the_hook,	open_recording, load,
		open_witnesses,	     attach, program_open_view,
	};
	size_t i;
	int status = EXIT_STATUS_DONE;

	for (i = 0; i < sizeof(steps) / sizeof(*steps) && !status; i++)
		status = steps[i](program);
	return status;
}

/* The last records, and the counters after them. */
static void finish_live(struct program *program)
{
	relay_detach(program->relay);
	while (relay_drain(program->relay, DRAIN_MAX) == DRAIN_MAX)
		continue;
	relay_snapshot(program->relay);
	while (relay_drain(program->relay, DRAIN_MAX) == DRAIN_MAX)
		continue;
	introduce(program, EVENT_DETACHED, clock_wall(),
		  program->model->link == LINK_GONE ? "the interface was removed" : "asked to end");
}

static void finish(struct program *program)
{
	struct recorder *recorders[] = { &program->recorder, &program->misses, NULL };
	struct replay_position position = { 0 };
	char text[WRITER_ERROR_SIZE];

	program->ending = true;
	if (program->batch)
		batch_ending(program->batch);
	if (program->playback.replay) {
		replay_position(program->playback.replay, &position);
		replay_count(program->playback.replay);
	} else {
		finish_live(program);
	}
	if (program->batch)
		batch_tables(program->batch, program->model,
			     position.now_ns ? position.now_ns : clock_wall());
	/* Nothing was counted since, and in a log they come last. */
	if (!program->playback.replay)
		program->last_counters.time_ns = clock_wall();
	program_view_event(program, &program->last_counters);
	screen_close(program->screen);
	program->screen = NULL;
	for (size_t i = 0; recorders[i]; i++) {
		if (recorder_stop(recorders[i], text, sizeof(text)) && !program->status)
			program->status = EXIT_STATUS_FILE_FAILED;
		if (*text && (!program->options.quiet || program->status))
			program_complain("%s", text);
	}
}

static void begin_live(struct program *program)
{
	introduce(program, EVENT_ATTACHED, program->attached_ns, program->mode_reason);
	if (preflight_bind(&program->options, &program->interface, program->bindings, clock_wall()))
		program_complain("some of the --binding options found no room");
}

static int run(struct program *program)
{
	int error;

	program->status = program->options.read_file ? start_with_file(program) : start(program);
	if (!program->status)
		program->status = watch_all(program);
	if (program->status)
		return program->status;
	program_describe(program);
	if (!program->playback.replay)
		begin_live(program);
	privileges_drop();
	error = loop_run(program->loop);
	finish(program);
	if (error) {
		program_complain("waiting for events failed: %s", strerror(-error));
		return EXIT_STATUS_UNEXPECTED;
	}
	return program->status;
}

static void take_down(struct program *program)
{
	screen_close(program->screen);
	batch_close(program->batch);
	if (program->playback.replay)
		close(program->file_fd);
	replay_close(program->playback.replay);
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
		program_complain("not enough memory");
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
		program_complain("not enough memory");
		return EXIT_STATUS_UNEXPECTED;
	}
	setlocale(LC_ALL, "");
	status = EXIT_STATUS_USAGE;
	if (options_parse(argc, argv, &program->options, text, sizeof(text)))
		program_complain("%s", text);
	else
		status = serve(program);
	free(program);
	return status;
}
