/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * press QUIET COMMAND...: runs the command on a terminal of its own. Nothing is pressed for the
 * QUIET seconds; then ? and Escape in turn until standard input ends, and it is timed how long each
 * picture takes to come; then q. Prints the times. The command's standard error is this program's.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMES 4096
#define PAUSE_MS 70 /* between an answer and the next key: in and out of step with any tick */
#define PATIENCE_MS 10000
#define CHUNK 65536
#define OVERLAP 32 /* a picture's text may come in two pieces */

struct key {
	const char *press;
	const char *appears; /* only in the picture that answers */
};

static const struct key keys[] = {
	{ "?", "takes the program off" },
	{ "\033", "Neighbours" },
};

struct terminal {
	int fd;
	pid_t child;
	size_t count;
	int64_t times_us[TIMES];
	char seen[OVERLAP + CHUNK];
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Reads until the text was seen (1), the time is over (0), or the terminal is gone (-1). */
static int read_until(struct terminal *terminal, const char *text, int64_t until_us)
{
	size_t kept = 0;

	for (;;) {
		struct pollfd poll_fd = { .fd = terminal->fd, .events = POLLIN };
		int64_t left = until_us - now_us();
		ssize_t got;

		if (left <= 0 || poll(&poll_fd, 1, (int)(left / 1000 + 1)) == 0)
			return 0;
		got = read(terminal->fd, terminal->seen + kept, CHUNK);
		if (got <= 0)
			return -1;
		kept += (size_t)got;
		if (text && memmem(terminal->seen, kept, text, strlen(text)))
			return 1;
		if (kept > OVERLAP) {
			memmove(terminal->seen, terminal->seen + kept - OVERLAP, OVERLAP);
			kept = OVERLAP;
		}
	}
}

static int fail(const char *what)
{
	fprintf(stderr, "press: %s\n", what);
	return 1;
}

static int press_key(struct terminal *terminal, const struct key *key)
{
	int64_t start;

	if (read_until(terminal, NULL, now_us() + PAUSE_MS * 1000) < 0)
		return fail("the program ended");
	start = now_us();
	if (write(terminal->fd, key->press, strlen(key->press)) < 0)
		return fail("the terminal takes no key");
	if (read_until(terminal, key->appears, start + PATIENCE_MS * 1000) != 1)
		return fail("no answer to a key");
	terminal->times_us[terminal->count++] = now_us() - start;
	return 0;
}

static bool has_ended(int fd)
{
	struct pollfd poll_fd = { .fd = fd };

	return poll(&poll_fd, 1, 0) > 0 && poll_fd.revents & POLLHUP;
}

static int press_all(struct terminal *terminal, int64_t quiet_us)
{
	int failed = 0;

	if (read_until(terminal, "Neighbours", now_us() + PATIENCE_MS * 1000) != 1)
		return fail("nothing was drawn");
	if (read_until(terminal, NULL, now_us() + quiet_us) < 0)
		return fail("the program ended");
	while (!failed && !has_ended(STDIN_FILENO) && terminal->count < TIMES)
		failed = press_key(terminal, &keys[terminal->count % 2]);
	return failed;
}

static int leave(struct terminal *terminal)
{
	int status;

	if (write(terminal->fd, "q", 1) < 0 ||
	    read_until(terminal, NULL, now_us() + PATIENCE_MS * 1000) == 0) {
		kill(terminal->child, SIGTERM);
		return fail("q does not end it");
	}
	waitpid(terminal->child, &status, 0);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : fail("the command failed");
}

static int compare(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void print_times(struct terminal *terminal)
{
	int64_t *times = terminal->times_us;
	size_t count = terminal->count;

	if (!count)
		return;
	qsort(times, count, sizeof(*times), compare);
	printf("%zu keys, median %.1f ms, 95 %% within %.1f ms, worst %.1f ms\n", count,
	       (double)times[count / 2] / 1000, (double)times[count * 95 / 100] / 1000,
	       (double)times[count - 1] / 1000);
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct terminal *terminal = calloc(1, sizeof(*terminal));
	int failed, messages = dup(STDERR_FILENO);

	if (!terminal || argc < 3)
		return fail("press QUIET COMMAND...");
	terminal->child = forkpty(&terminal->fd, NULL, NULL, &size);
	if (terminal->child < 0)
		return fail(strerror(errno));
	if (!terminal->child) {
		dup2(messages, STDERR_FILENO);
		execvp(argv[2], &argv[2]);
		_exit(127);
	}
	failed = press_all(terminal, strtol(argv[1], NULL, 10) * 1000000);
	failed |= leave(terminal);
	print_times(terminal);
	free(terminal);
	return failed;
}
