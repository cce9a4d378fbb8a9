/* SPDX-License-Identifier: BSD-2-Clause */
/* What is different with -r: a file plays in place of an interface. */
#include "main.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "format.h"

#define FILE_MAX 4096
#define FILE_JUMP_NS (10 * CLOCK_SECOND_NS)

/* A model that begins when the file does. */
static bool begin_anew(struct program *program)
{
	const struct offline_host *host = replay_host(program->playback.replay);
	struct replay_position position;
	struct model *fresh;

	replay_position(program->playback.replay, &position);
	fresh = model_new(position.first_ns ? position.first_ns : clock_wall());
	if (!fresh)
		return false;
	app_done(&program->app);
	model_free(program->model);
	fresh->mtu = host->mtu;
	fresh->from_file = true;
	fresh->mac = host->mac;
	memcpy(fresh->interface, program->interface.name, sizeof(fresh->interface));
	fresh->mode = "offline";
	memcpy(fresh->own, host->ips, sizeof(fresh->own));
	fresh->own_count = host->ip_count;
	program->model = program->app.model = fresh;
	program->recorder.options.model = program->misses.options.model = fresh;
	program_describe(program);
	return true;
}

void program_on_file(void *context, uint32_t events)
{
	struct program *program = context;
	/* With -c, no item is played after the last packet. */
	bool more = playback_work(&program->playback, program->options.count ? 1 : FILE_MAX);

	(void)events;
	if (recorder_flush(&program->recorder))
		program_recording_failed(program, &program->recorder);
	if (more)
		return;
	loop_unwatch(program->loop, program->file_fd);
	if (program->batch || !program->screen)
		program_stop(program, EXIT_STATUS_DONE);
}

/* A file plays and pauses where an interface would go on behind a frozen picture. */
bool program_apply_to_file(struct program *program, enum action action)
{
	struct playback *playback = &program->playback;
	bool rewound = false;

	if (!playback->replay)
		return false;
	switch (action) {
	case ACTION_FREEZE: rewound = playback_toggle(playback, clock_wall()); break;
	case ACTION_FILE_STEP: playback_step(playback); break;
	case ACTION_FILE_BACK: rewound = playback_jump(playback, -FILE_JUMP_NS); break;
	case ACTION_FILE_ON: playback_jump(playback, FILE_JUMP_NS); break;
	case ACTION_FILE_END: playback_all(playback); break;
	default: return false;
	}
	if (rewound)
		(void)begin_anew(program);
	program->changed = true;
	/* Fails if it is watched already. */
	(void)loop_watch(program->loop, program->file_fd, program_on_file, program);
	return true;
}

/* --binding; without a server address, the relay's of the file is meant. */
static void bind_in_file(struct program *program)
{
	for (size_t i = 0; i < program->options.binding_count; i++) {
		const struct options_binding *given = &program->options.bindings[i];

		replay_bind(program->playback.replay,
			    &(struct event_binding){ .client = given->client,
						     .server = given->server,
						     .relayed = given->relayed,
						     .peer = given->peer,
						     .channel = given->channel,
						     .fixed = true,
						     .why = "option" });
	}
}

/* A copy of the file says the same about the interface and the hosts. */
static void take_head(struct program *program)
{
	const struct reader_head *head = replay_head(program->playback.replay);
	struct interface *interface = &program->interface;

	format_safe(interface->name, sizeof(interface->name),
		    *head->interface ? head->interface : "file");
	interface->mac = head->mac;
	memcpy(interface->addresses, head->addresses, sizeof(interface->addresses));
	interface->address_count = head->address_count;
	names_merge(&program->options.names, &head->names);
}

int program_open_file(struct program *program)
{
	const struct options *options = &program->options;
	struct replay_position position;
	struct offline_setup setup = {
		.ports = { options->turn_port, options->relay_port_min, options->relay_port_max },
		.mac_ttl_s = (uint32_t)options->mac_ttl_s,
		.mac_entries = (uint32_t)options->mac_entries,
		.interval_ns = (int64_t)(options->delay_s * 1e9),
		.capture = options->capture,
		.relaying = !options->no_relay,
	};
	char text[WRITER_ERROR_SIZE];

	if (writer_check_filter(options->filter, text, sizeof(text))) {
		program_complain("%s", text);
		return EXIT_STATUS_USAGE;
	}
	if (replay_open(options->read_file, &setup, program_on_event, program,
			&program->playback.replay, text, sizeof(text))) {
		program_complain("%s", text);
		return EXIT_STATUS_UNEXPECTED;
	}
	replay_complaint(program->playback.replay, text, sizeof(text));
	if (*text)
		program_complain("%s", text);
	bind_in_file(program);
	playback_all(&program->playback);
	if (options->duration_s > 0) {
		replay_position(program->playback.replay, &position);
		program->playback.until_ns =
			position.first_ns + (int64_t)(options->duration_s * 1e9);
	}
	/* Batch output ends with the counters, once. */
	program->playback.is_counted = program->options.batch;
	take_head(program);
	program->file_fd = eventfd(1, EFD_CLOEXEC);
	return program->file_fd < 0 || !begin_anew(program) ? EXIT_STATUS_UNEXPECTED
							    : EXIT_STATUS_DONE;
}
