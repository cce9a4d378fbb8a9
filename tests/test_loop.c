/* SPDX-License-Identifier: BSD-2-Clause */
/* The event loop, with pipes, its own timer and signals to itself. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "../src/loop.h"

struct seen {
	struct loop *loop;
	int fds[2];
	int reads, ticks, signals, last_signal;
	int stop_after;
};

static void on_readable(void *context, uint32_t events)
{
	struct seen *seen = context;
	char byte;

	(void)events;
	if (read(seen->fds[0], &byte, 1) == 1)
		seen->reads++;
	if (seen->reads == seen->stop_after)
		loop_stop(seen->loop);
}

static void on_tick(void *context, uint32_t events)
{
	struct seen *seen = context;

	(void)events;
	if (++seen->ticks == seen->stop_after)
		loop_stop(seen->loop);
}

static void on_signal(void *context, int signal)
{
	struct seen *seen = context;

	seen->last_signal = signal;
	if (++seen->signals == seen->stop_after)
		loop_stop(seen->loop);
}

Test(loop, hands_out_what_is_readable, .timeout = 5)
{
	struct seen seen = { .stop_after = 3 };

	cr_assert_eq(loop_new(&seen.loop), 0);
	cr_assert_eq(pipe(seen.fds), 0);
	cr_assert_eq(loop_watch(seen.loop, seen.fds[0], on_readable, &seen), 0);
	cr_assert_eq(write(seen.fds[1], "abc", 3), 3);
	cr_assert_eq(loop_run(seen.loop), 0);
	cr_assert_eq(seen.reads, 3);
	loop_free(seen.loop);
}

Test(loop, forgets_what_is_unwatched, .timeout = 5)
{
	struct seen seen = { .stop_after = 2 };

	cr_assert_eq(loop_new(&seen.loop), 0);
	cr_assert_eq(pipe(seen.fds), 0);
	cr_assert_eq(loop_watch(seen.loop, seen.fds[0], on_readable, &seen), 0);
	cr_assert_eq(write(seen.fds[1], "abc", 3), 3);
	loop_unwatch(seen.loop, seen.fds[0]);
	cr_assert_eq(loop_every(seen.loop, 1, on_tick, &seen), 0);
	cr_assert_eq(loop_run(seen.loop), 0);
	cr_assert_eq(seen.reads, 0);
	cr_assert_eq(seen.ticks, 2);
	loop_free(seen.loop);
}

Test(loop, has_a_limit)
{
	struct seen seen = { 0 };
	int error = 0, i;

	cr_assert_eq(loop_new(&seen.loop), 0);
	for (i = 0; i < 64 && !error; i++) {
		cr_assert_eq(pipe(seen.fds), 0);
		error = loop_watch(seen.loop, seen.fds[0], on_readable, &seen);
	}
	cr_assert_eq(error, -ENOSPC);
	cr_assert_geq(i, 12);
	loop_free(seen.loop);
}

Test(loop, brings_signals_in_line_and_ignores_broken_pipes, .timeout = 5)
{
	static const int signals[] = { SIGUSR1, SIGTERM, 0 };
	struct seen seen = { .stop_after = 2 };

	cr_assert_eq(loop_new(&seen.loop), 0);
	cr_assert_eq(loop_signals(seen.loop, signals, on_signal, &seen), 0);
	raise(SIGPIPE);
	raise(SIGUSR1);
	raise(SIGTERM);
	cr_assert_eq(loop_run(seen.loop), 0);
	cr_assert_eq(seen.signals, 2);
	loop_free(seen.loop);
}
