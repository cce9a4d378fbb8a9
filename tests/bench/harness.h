/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measures programs by repeated test runs behind the wrapper: thread CPU time of each run, minus
 * that of a no-op which got the very same frames just before. Each run is checked for what it did.
 */
#ifndef FZBPF_BENCH_HARNESS_H
#define FZBPF_BENCH_HARNESS_H

#include "frames.h"

#define HARNESS_ROUNDS_MAX 200
#define HARNESS_ERROR_SIZE 256

struct harness;

/* One program and the frames it is fed with. */
struct harness_case {
	const char *name;
	int group;	  /* the caller's */
	const char *base; /* a case that differs in one thing, or NULL; the caller's, too */
	int program;
	uint32_t verdict;
	/* a counter that each frame steps by one: per-CPU array, offset in its only value; or -1 */
	int counters;
	size_t counter;
	/* called before and after each run */
	void (*arrange)(void *context, bool begin);
	void *context;
	uint32_t frames; /* of a run; 0 = as many as usual */
	struct bench_plan plan;
	struct bench_template *templates;
	struct frame_bytes first; /* the frame as it is put in */
	struct frame_bytes last;  /* what the last frame must come out as */
	double zero[HARNESS_ROUNDS_MAX], net[HARNESS_ROUNDS_MAX]; /* ns per frame */
	unsigned int rounds;
};

struct spread {
	double low, median, high; /* quartiles */
};

int harness_new(struct harness **ret);
void harness_free(struct harness *harness);

/* Program descriptors of the yardsticks, by the name in yardsticks.bpf.c. */
int harness_yardstick(const struct harness *harness, const char *name);

/* Makes the minimal relay know a flow. */
int harness_add_flow(struct harness *harness, const struct frame_flow *flow);

/* Off: the benchmark is broken on purpose. */
void harness_set_restore(struct harness *harness, bool restores);

/* Runs the program itself, once, not behind the wrapper. */
int harness_run_once(int program, const struct frame_bytes *in, struct frame_bytes *ret_out,
		     uint32_t *ret_verdict);

typedef void harness_frame_fn(void *context, uint32_t i, struct frame_bytes *ret);

/* Gives the case its frames, all of one length. What is passed up must come out as it came in; what
 * is sent, as the program itself makes it of the last one. -EPROTO: it does not send it. */
int harness_feed(struct harness_case *subject, uint32_t flows, harness_frame_fn *frame,
		 void *context);
/* Leaves only that much room in front of the frames, which must be zeros from BENCH_RESTORED on. */
void harness_cramp(struct harness_case *subject, uint32_t headroom);
/* A copy of its templates, or NULL. */
struct bench_template *harness_share(const struct harness_case *subject);
void harness_case_done(struct harness_case *subject);

/* One round of a case. -EPROTO: the program did not do to the frames what it should have. */
int harness_measure(struct harness *harness, struct harness_case *subject, char *ret_error,
		    size_t size);

struct spread harness_spread(const double *samples, unsigned int count);

/* Of a case, round by round, from another of as many rounds, ns. */
struct spread harness_difference(const struct harness_case *subject,
				 const struct harness_case *base);

#endif
