/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A saved capture under the user's hand: all of it at once, or as it happened, on and back. Time in
 * the file is told apart from the clock on the wall, which is an argument.
 */
#ifndef FZBPF_PLAYBACK_H
#define FZBPF_PLAYBACK_H

#include "replay.h"

struct playback {
	struct replay *replay;
	int64_t until_ns; /* of the file's time: what is to be played */
	bool is_playing;  /* as it happened */
	int64_t wall_ns;  /* when `until_ns` was right */
	bool is_counted;  /* the counters are those of `until_ns` */
};

/* Plays at most `max` items. Returns whether there is more to do at once. */
bool playback_work(struct playback *playback, int max);

/* Moves on by the clock, if it is playing. */
void playback_tick(struct playback *playback, int64_t wall_ns);

void playback_all(struct playback *playback);

/* Play, pause; at the end of the file: from its start. Returns whether it was rewound: the caller
 * then empties its model before it goes on. */
bool playback_toggle(struct playback *playback, int64_t wall_ns);

/* One item on, and pauses. */
void playback_step(struct playback *playback);

/* On or back (negative), likewise rewound or not. */
bool playback_jump(struct playback *playback, int64_t by_ns);

/* "FILE 00:00:07 / 00:04:12  paused" */
const char *playback_status(const struct playback *playback, char *buf, size_t size);

#endif
