/* SPDX-License-Identifier: BSD-2-Clause */
/* The line in which the filter is typed; it takes effect with every key. */
#ifndef FZBPF_PROMPT_H
#define FZBPF_PROMPT_H

#include "../src/filter.h"
#include "paint.h"

#define PROMPT_PAST 16

/* Zero is without a filter. */
struct prompt {
	bool open;    /* keys go here */
	bool unknown; /* a word has a key that there is not */
	char text[FILTER_SIZE];
	struct filter filter;
	uint64_t version;		     /* changes with the filter */
	char past[PROMPT_PAST][FILTER_SIZE]; /* what was kept, the latest first */
	char draft[FILTER_SIZE];	     /* typed before looking at the past */
	size_t past_count, back;	     /* how many; how far back we are, 0 = at the draft */
};

/* Takes keys from now on. */
void prompt_open(struct prompt *prompt);
/* Keeps its text for Up and Down. */
void prompt_remember(struct prompt *prompt);
void prompt_set(struct prompt *prompt, const char *text);
/* A key while it is open; false: not meant for it. */
bool prompt_key(struct prompt *prompt, int key);
void prompt_draw(const struct prompt *prompt, const struct paint *paint, int y, int width);

#endif
