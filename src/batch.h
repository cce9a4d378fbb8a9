/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view without a screen: a line an event, as text or as JSON Lines. Reads the same events and
 * the same model as the screen does.
 */
#ifndef FZBPF_BATCH_H
#define FZBPF_BATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"
#include "model.h"

struct batch;

struct batch_options {
	bool json;
	bool quiet;	  /* text: without the lines of learned addresses and passed-up packets */
	int utc_offset_s; /* of the clock in text lines */
};

/* `out` stays the caller's. 0 or -ENOMEM. */
int batch_open(FILE *out, const struct batch_options *options, struct batch **ret);

/*
 * Writes the line of one event, after the model has taken it in; EVENT_COUNTERS is the line at each
 * refresh, EVENT_NEIGHBOUR and EVENT_SESSION have none. Each line is flushed. Returns 0 or the
 * write error
 * (-EPIPE and the like), then and from then on.
 */
int batch_event(struct batch *batch, const struct event *event, const struct model *model);

/* The learned table and the bindings: at the end, and whenever they are asked for. */
int batch_tables(struct batch *batch, const struct model *model, int64_t now_ns);

/* The end was asked for: a detached event is no warning from now on. */
void batch_ending(struct batch *batch);

void batch_close(struct batch *batch);

#endif
