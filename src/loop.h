/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One epoll loop: file descriptors, one timer, signals. It knows nothing of what they mean.
 * Handlers take a bounded amount of work each time, so that none of them starves the others.
 */
#ifndef FZBPF_LOOP_H
#define FZBPF_LOOP_H

#include <stdint.h>

struct loop;

/* `events` are epoll's. */
typedef void loop_handler(void *context, uint32_t events);
typedef void loop_signal_handler(void *context, int signal);

int loop_new(struct loop **ret);
void loop_free(struct loop *loop);

/* The descriptor stays the caller's. -ENOSPC: there are a dozen already. */
int loop_watch(struct loop *loop, int fd, loop_handler *handler, void *context);
void loop_unwatch(struct loop *loop, int fd);

/* Calls the handler every `interval_ms`; ticks that were missed are not made up for. */
int loop_every(struct loop *loop, int interval_ms, loop_handler *handler, void *context);

/* Blocks the signals, ended by a 0, and hands them over in the loop; SIGPIPE is ignored. */
int loop_signals(struct loop *loop, const int *signals, loop_signal_handler *handler,
		 void *context);

/* Runs until loop_stop(), or returns the negative errno of what failed. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

#endif
