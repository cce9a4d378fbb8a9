/* SPDX-License-Identifier: BSD-2-Clause */
/* How far a saved capture is to be played, and by when. */
#include "playback.h"

#include <stdio.h>

#include "../src/format.h"

bool playback_work(struct playback *playback, int max)
{
	struct replay_position position;
	bool more = replay_until(playback->replay, playback->until_ns, max);

	replay_position(playback->replay, &position);
	if (position.at_end)
		playback->is_playing = false;
	/* What came after the last counters is to be shown, too. */
	if (!more && !playback->is_playing && !playback->is_counted) {
		replay_count(playback->replay);
		playback->is_counted = true;
	}
	return more;
}

void playback_tick(struct playback *playback, int64_t wall_ns)
{
	if (playback->is_playing && wall_ns > playback->wall_ns)
		playback->until_ns += wall_ns - playback->wall_ns;
	playback->wall_ns = wall_ns;
}

void playback_all(struct playback *playback)
{
	playback->until_ns = INT64_MAX;
	playback->is_playing = playback->is_counted = false;
}

/* Where it is: never outside the file, so that a jump counts from there. */
static int64_t now_of(const struct playback *playback)
{
	struct replay_position position;

	replay_position(playback->replay, &position);
	if (playback->until_ns >= position.last_ns)
		return position.last_ns;
	return playback->until_ns < position.first_ns ? position.first_ns : playback->until_ns;
}

static bool rewind_file(struct playback *playback)
{
	return replay_rewind(playback->replay) == 0;
}

bool playback_toggle(struct playback *playback, int64_t wall_ns)
{
	struct replay_position position;
	bool rewound = false;

	replay_position(playback->replay, &position);
	playback->until_ns = now_of(playback);
	if (position.at_end) {
		rewound = rewind_file(playback);
		playback->until_ns = position.first_ns;
	}
	playback->is_playing = !playback->is_playing;
	playback->is_counted = false;
	playback->wall_ns = wall_ns;
	return rewound;
}

void playback_step(struct playback *playback)
{
	struct replay_position position;

	playback->is_playing = false;
	replay_step(playback->replay);
	replay_position(playback->replay, &position);
	playback->until_ns = position.now_ns;
	replay_count(playback->replay);
}

bool playback_jump(struct playback *playback, int64_t by_ns)
{
	struct replay_position position;

	replay_position(playback->replay, &position);
	playback->until_ns = now_of(playback) + by_ns;
	/* At its start, what is there first is shown. */
	if (playback->until_ns < position.first_ns)
		playback->until_ns = position.first_ns;
	playback->is_counted = false;
	return by_ns < 0 && rewind_file(playback);
}

const char *playback_status(const struct playback *playback, char *buf, size_t size)
{
	char at[FORMAT_NUMBER_SIZE], length[FORMAT_NUMBER_SIZE];
	struct replay_position position;

	replay_position(playback->replay, &position);
	format_duration(at, sizeof(at), now_of(playback) - position.first_ns);
	format_duration(length, sizeof(length), position.last_ns - position.first_ns);
	snprintf(buf, size, "FILE %s / %s  %s", at, length,
		 playback->is_playing ? "playing"
		 : position.at_end    ? "end"
				      : "paused");
	return buf;
}
