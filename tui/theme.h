/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What text means, and how that looks. Colours only add to what bold, reverse and words already
 * say; they come from the terminal's own palette, on its own background.
 */
#ifndef FZBPF_THEME_H
#define FZBPF_THEME_H

#include <ncurses.h>
#include <stdbool.h>

/* X(ID, attributes without colour, attributes with colour, colour) */
#define THEME_MEANINGS(X)                         \
	X(TEXT, A_NORMAL, A_NORMAL, NONE)         \
	X(LABEL, A_NORMAL, A_DIM, NONE)           \
	X(STRONG, A_BOLD, A_BOLD, NONE)           \
	X(RULE, A_NORMAL, A_DIM, NONE)            \
	X(TITLE, A_NORMAL, A_NORMAL, BLUE)        \
	X(FOCUS, A_BOLD, A_BOLD, BLUE)            \
	X(HEADING, A_NORMAL, A_DIM, NONE)         \
	X(SORTED, A_UNDERLINE, A_UNDERLINE, NONE) \
	X(SELECTED, A_REVERSE, A_REVERSE, NONE)   \
	X(KEY, A_BOLD, A_BOLD, BLUE)              \
	X(WARMING, A_BOLD, A_BOLD, ORANGE)        \
	X(PROBLEM, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE, ORANGE)

enum meaning {
#define X(id, plain, colored, color) MEANING_##id,
	THEME_MEANINGS(X)
#undef X
		MEANING_COUNT
};

struct theme {
	attr_t attributes[MEANING_COUNT];
	short colors[MEANING_COUNT]; /* pairs */
};

/* Needs an open terminal; `color` is what the user wants, the terminal may know better. */
void theme_init(struct theme *theme, bool color);

/* What is written from now on has this meaning. */
void theme_use(const struct theme *theme, enum meaning meaning);

#endif
