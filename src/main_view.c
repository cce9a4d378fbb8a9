/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen, or the lines: which of them, and with what. */
#include "main.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preflight.h"
#include "trial.h"

/* Without a terminal to draw on, the output is text. */
int program_choose_view(struct program *program)
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
		program_complain("%s", text);
	program->options.batch = error == -EOPNOTSUPP;
	return error && error != -EOPNOTSUPP ? EXIT_STATUS_USAGE : EXIT_STATUS_DONE;
}

static int on_try(void *context, const uint8_t *frame, size_t length, uint8_t *ret_frame,
		  size_t room, size_t *ret_length, enum screen_verdict *ret_verdict)
{
	static const enum screen_verdict verdicts[] = {
		[RELAY_PASS] = SCREEN_PASSED,
		[RELAY_TX] = SCREEN_SENT,
		[RELAY_DROP] = SCREEN_DROPPED,
	};
	struct program *program = context;
	enum relay_verdict verdict;
	int error;

	if (room < length + RELAY_TRY_ROOM)
		return -EMSGSIZE;
	if (!program->relay) {
		*ret_verdict = trial_by_model(program->model, frame, length, ret_frame, ret_length)
				       ? SCREEN_SENT
				       : SCREEN_PASSED;
		return 0;
	}
	error = relay_try(program->relay, frame, length, ret_frame, ret_length, &verdict);
	if (!error)
		*ret_verdict = verdicts[verdict];
	return error;
}

int program_open_view(struct program *program)
{
	const char *no_color = getenv("NO_COLOR");
	struct screen_options screen = {
		.term = getenv("TERM"),
		.color = program->options.color == OPTIONS_COLOR_ALWAYS ||
			 (program->options.color == OPTIONS_COLOR_AUTO && !(no_color && *no_color)),
		.ascii = program->options.ascii || strcmp(nl_langinfo(CODESET), "UTF-8"),
		.numeric = program->options.numeric,
		.mouse = !program->options.no_mouse,
		.names = program->options.numeric ? NULL : &program->options.names,
		.tester = { on_try, program },
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
		program_complain("not enough memory");
		return EXIT_STATUS_UNEXPECTED;
	}
	/* If it fails, the screen says that the program cannot be asked. */
	if (program->relay)
		relay_prepare_try(program->relay);
	if (!screen_open(&screen, &program->screen, text, sizeof(text)))
		return EXIT_STATUS_DONE;
	program_complain("%s", text);
	return EXIT_STATUS_USAGE;
}
