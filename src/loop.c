/* SPDX-License-Identifier: BSD-2-Clause */
/* The event loop: epoll, a timerfd, a signalfd. */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define WATCHES 12

struct watch {
	int fd; /* -1 = free */
	loop_handler *handler;
	void *context;
};

struct loop {
	int epoll;
	int timer, signals;
	bool running;
	struct watch watches[WATCHES];
	loop_handler *tick;
	void *tick_context;
	loop_signal_handler *signal;
	void *signal_context;
};

int loop_new(struct loop **ret)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	int i;

	if (!loop)
		return -ENOMEM;
	loop->timer = loop->signals = -1;
	for (i = 0; i < WATCHES; i++)
		loop->watches[i].fd = -1;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0) {
		free(loop);
		return -errno;
	}
	*ret = loop;
	return 0;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->timer >= 0)
		close(loop->timer);
	if (loop->signals >= 0)
		close(loop->signals);
	close(loop->epoll);
	free(loop);
}

int loop_watch(struct loop *loop, int fd, loop_handler *handler, void *context)
{
	struct epoll_event event = { .events = EPOLLIN };
	int i;

	for (i = 0; i < WATCHES; i++)
		if (loop->watches[i].fd < 0)
			break;
	if (i == WATCHES)
		return -ENOSPC;
	event.data.u32 = (uint32_t)i;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	loop->watches[i] = (struct watch){ fd, handler, context };
	return 0;
}

void loop_unwatch(struct loop *loop, int fd)
{
	int i;

	for (i = 0; i < WATCHES; i++) {
		if (fd < 0 || loop->watches[i].fd != fd)
			continue;
		epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
		loop->watches[i].fd = -1;
	}
}

static void take_tick(void *context, uint32_t events)
{
	struct loop *loop = context;
	uint64_t expirations;

	if (read(loop->timer, &expirations, sizeof(expirations)) == sizeof(expirations))
		loop->tick(loop->tick_context, events);
}

int loop_every(struct loop *loop, int interval_ms, loop_handler *handler, void *context)
{
	struct timespec interval = { interval_ms / 1000, interval_ms % 1000 * 1000000L };
	struct itimerspec timer = { interval, interval };

	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->timer < 0 || timerfd_settime(loop->timer, 0, &timer, NULL))
		return -errno;
	loop->tick = handler;
	loop->tick_context = context;
	return loop_watch(loop, loop->timer, take_tick, loop);
}

static void take_signal(void *context, uint32_t events)
{
	struct loop *loop = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(loop->signals, &info, sizeof(info)) == sizeof(info))
		loop->signal(loop->signal_context, (int)info.ssi_signo);
}

int loop_signals(struct loop *loop, const int *signals, loop_signal_handler *handler, void *context)
{
	sigset_t set;

	sigemptyset(&set);
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	if (sigprocmask(SIG_BLOCK, &set, NULL) || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		return -errno;
	loop->signal = handler;
	loop->signal_context = context;
	return loop_watch(loop, loop->signals, take_signal, loop);
}

int loop_run(struct loop *loop)
{
	struct epoll_event ready[WATCHES];
	const struct watch *watch;
	int count, i;

	loop->running = true;
	while (loop->running) {
		count = epoll_wait(loop->epoll, ready, WATCHES, -1);
		if (count < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < count && loop->running; i++) {
			watch = &loop->watches[ready[i].data.u32];
			if (watch->fd >= 0)
				watch->handler(watch->context, ready[i].events);
		}
	}
	return 0;
}

void loop_stop(struct loop *loop)
{
	loop->running = false;
}
