/* SPDX-License-Identifier: BSD-2-Clause */
/* The terminal given back at the ends that nobody planned. */
#include "restore.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CRASH_STACK_SIZE 16384
#define LEAVE_SIZE 128
#define TAKEN 't'
#define GIVEN_BACK 'g'

static const int crash_signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT };

/* All that a signal handler and the child need is here before they need it. */
static struct {
	int in_fd, out_fd;
	struct termios before;
	char leave[LEAVE_SIZE];
	size_t leave_size;
	pid_t watcher;
	int watcher_fd; /* -1 = no watcher */
	void *crash_stack;
} state = { .watcher_fd = -1 };

/* Only plain system calls: runs in signal handlers and in the child. */
static void give_back(void)
{
	size_t done = 0;

	while (done < state.leave_size) {
		ssize_t written = write(state.out_fd, state.leave + done, state.leave_size - done);

		if (written > 0)
			done += (size_t)written;
		else if (errno != EINTR)
			break;
	}
	tcsetattr(state.in_fd, TCSANOW, &state.before);
}

static void tell_watcher(char what)
{
	/* not write(): should the child be gone, SIGPIPE must not take us along */
	if (state.watcher_fd >= 0)
		send(state.watcher_fd, &what, 1, MSG_NOSIGNAL);
}

static void crash(int signal_number)
{
	/* the default action is back in place (SA_RESETHAND), so that the core is still written */
	give_back();
	tell_watcher(GIVEN_BACK);
	raise(signal_number);
}

static void catch_crashes(void)
{
	struct sigaction action = { .sa_handler = crash };
	stack_t stack = { .ss_size = CRASH_STACK_SIZE };

	action.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
	state.crash_stack = malloc(CRASH_STACK_SIZE);
	stack.ss_sp = state.crash_stack;
	if (!state.crash_stack || sigaltstack(&stack, NULL))
		action.sa_flags &= ~SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(crash_signals) / sizeof(crash_signals[0]); i++)
		sigaction(crash_signals[i], &action, NULL);
}

static void uncatch_crashes(void)
{
	stack_t none = { .ss_flags = SS_DISABLE };

	for (size_t i = 0; i < sizeof(crash_signals) / sizeof(crash_signals[0]); i++)
		signal(crash_signals[i], SIG_DFL);
	sigaltstack(&none, NULL);
	free(state.crash_stack);
	state.crash_stack = NULL;
}

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Above all the descriptor that keeps the XDP program attached must not live on in the child. */
static void close_all_but(int a, int b, int c)
{
	int keep[] = { a, b, c };
	unsigned int from = 0;

	qsort(keep, 3, sizeof(keep[0]), compare_fds);
	for (size_t i = 0; i < 3; i++) {
		if ((unsigned int)keep[i] > from)
			close_range(from, (unsigned int)keep[i] - 1, 0);
		from = (unsigned int)keep[i] + 1;
	}
	close_range(from, ~0U, 0);
}

static void watch(int from)
{
	bool taken = true;
	char what;
	ssize_t got;

	close_all_but(from, state.in_fd, state.out_fd);
	setsid(); /* away from the terminal's signals */
	prctl(PR_SET_NAME, "fzbpf-tty");
	while ((got = read(from, &what, 1)) == 1 || (got < 0 && errno == EINTR))
		if (got == 1)
			taken = what == TAKEN;
	if (taken)
		give_back();
	_exit(0);
}

/* Without it all ends but SIGKILL are still clean, so that failure is no error. */
static void start_watcher(void)
{
	int ends[2];
	sigset_t all, before;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return;
	/* no signal may reach the child, which must outlive us */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	state.watcher = fork();
	if (!state.watcher)
		watch(ends[0]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[0]);
	if (state.watcher < 0) {
		close(ends[1]);
		return;
	}
	state.watcher_fd = ends[1];
}

static void stop_watcher(void)
{
	if (state.watcher_fd < 0)
		return;
	tell_watcher(GIVEN_BACK);
	close(state.watcher_fd);
	state.watcher_fd = -1;
	while (waitpid(state.watcher, NULL, 0) < 0 && errno == EINTR)
		continue;
}

void restore_begin(int in_fd, int out_fd, const struct termios *before, const char *leave,
		   size_t leave_size)
{
	state.in_fd = in_fd;
	state.out_fd = out_fd;
	state.before = *before;
	state.leave_size = leave_size < LEAVE_SIZE ? leave_size : LEAVE_SIZE;
	memcpy(state.leave, leave, state.leave_size);
	start_watcher();
	catch_crashes();
}

void restore_pause(void)
{
	tell_watcher(GIVEN_BACK);
}

void restore_resume(void)
{
	tell_watcher(TAKEN);
}

void restore_end(void)
{
	uncatch_crashes();
	stop_watcher();
}
