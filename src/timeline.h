/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of events from two sources. The kernel's records are stamped when they are written and
 * read later; what is found out here has a time of its own, which may be before records that were
 * read already, or after some that are still to be read. It takes effect in between, and is
 * stamped so: what comes later in a log is not earlier in time.
 */
#ifndef FZBPF_TIMELINE_H
#define FZBPF_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

/* Zero at first. */
struct timeline {
	int64_t last_ns;    /* the latest event so far */
	int64_t drained_ns; /* no record that is still to be read is from before */
};

/* An event has come, of whatever source. */
void timeline_saw(struct timeline *timeline, int64_t time_ns);

/* The kernel's records were read from `began_ns` on, all of them or as many as was allowed. */
void timeline_drained(struct timeline *timeline, int64_t began_ns, bool all);

/* When to say that something happened at `time_ns`. */
int64_t timeline_place(const struct timeline *timeline, int64_t time_ns);

#endif
