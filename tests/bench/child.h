/* SPDX-License-Identifier: BSD-2-Clause */
/* A program beside the benchmark, on a terminal that somebody reads, or without one. */
#ifndef FZBPF_BENCH_CHILD_H
#define FZBPF_BENCH_CHILD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
	pid_t pid;    /* 0 = none */
	int terminal; /* -1 = none */
	pthread_t reader;
};

/* `argv[0]` is the program, looked for in PATH; `has_terminal`: 80 by 24, read as fast as it is
 * written. The child runs on the cores that the benchmark leaves free. */
int child_start(struct child *child, char *const argv[], bool has_terminal);

/* Asks it to end, and waits. */
void child_stop(struct child *child);

/* Runs a command to its end; 0 if it exits with 0. */
int child_run(char *const argv[]);

/* CPU time of all threads of a process so far, ns. */
uint64_t child_cpu_ns(pid_t pid);

/* The same of all processes whose names start so, kernel threads as well. */
uint64_t child_named_cpu_ns(const char *start);

#endif
