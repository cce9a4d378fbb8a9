/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A saved capture played as if it happened now: the events of the relay that was, or would have
 * been, there (src/offline.h), in the order of the file and with its times.
 */
#ifndef FZBPF_REPLAY_H
#define FZBPF_REPLAY_H

#include "../src/offline.h"
#include "reader.h"

struct replay;

struct replay_position {
	int64_t first_ns, last_ns; /* of the file; 0 = it is empty */
	int64_t now_ns;		   /* of what was played last; 0 = nothing yet */
	uint64_t item, items;	   /* packets and events: played, and in the file */
	bool at_end;
};

/*
 * Reads the file once to find out who the relay is and how long it lasts; nothing is emitted. The
 * setup's `capture`, `interval_ns` and so on hold for all of it.
 */
int replay_open(const char *path, const struct offline_setup *setup, offline_emit_fn *emit,
		void *context, struct replay **ret, char *ret_error, size_t size);
void replay_close(struct replay *replay);

/* A fixed binding, from the start of the file on; also after replay_rewind. */
int replay_bind(struct replay *replay, const struct event_binding *binding);

/* Plays one packet or event of the file. False: there is none left. */
bool replay_step(struct replay *replay);

/* Plays what is not later than that, at most `max` items. Returns whether there is more to do. */
bool replay_until(struct replay *replay, int64_t time_ns, int max);

/* Emits the counters as of now. */
void replay_count(struct replay *replay);

/*
 * Begins anew, with nothing played: the caller empties its model first. From there replay_until
 * goes to any time: that is how to jump back.
 */
int replay_rewind(struct replay *replay);

/* What the file says about itself. */
const struct reader_head *replay_head(const struct replay *replay);

/* Who the relay is. */
const struct offline_host *replay_host(const struct replay *replay);

void replay_position(const struct replay *replay, struct replay_position *ret);

/* A sentence if the file is damaged, was cut off, or has packets that were left out; else "". */
void replay_complaint(const struct replay *replay, char *ret_text, size_t size);

#endif
