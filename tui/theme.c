/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of meanings as attributes of this terminal. */
#include "theme.h"

enum theme_color { THEME_NONE, THEME_BLUE, THEME_ORANGE };

struct theme_row {
	attr_t plain, colored;
	enum theme_color color;
};

static const struct theme_row rows[] = {
#define X(id, plain, colored, color) { plain, colored, THEME_##color },
	THEME_MEANINGS(X)
#undef X
};

#define BRIGHT_BLUE 12 /* readable on dark and on light backgrounds, unlike 4 */

void theme_init(struct theme *theme, bool color)
{
	bool colored = color && has_colors() && start_color() == OK;

	if (colored) {
		short background = use_default_colors() == OK ? -1 : COLOR_BLACK;

		init_pair(THEME_BLUE, COLORS > BRIGHT_BLUE ? BRIGHT_BLUE : COLOR_BLUE, background);
		init_pair(THEME_ORANGE, COLOR_YELLOW, background);
	}
	for (int i = 0; i < MEANING_COUNT; i++) {
		theme->attributes[i] = colored ? rows[i].colored : rows[i].plain;
		theme->colors[i] = colored ? (short)rows[i].color : 0;
	}
}

void theme_use(const struct theme *theme, enum meaning meaning)
{
	attr_set(theme->attributes[meaning], theme->colors[meaning], NULL);
}
