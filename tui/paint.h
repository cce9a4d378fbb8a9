/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text onto the screen: clipped, with a meaning instead of an attribute. All text is printable
 * ASCII; only rules use line drawing.
 */
#ifndef FZBPF_PAINT_H
#define FZBPF_PAINT_H

#include <stdint.h>

#include "layout.h"
#include "theme.h"

struct paint {
	struct theme theme;
	bool ascii;
};

/* At most `width` characters. Returns the number drawn. */
int paint_text(const struct paint *paint, int y, int x, int width, enum meaning meaning,
	       const char *text);
/* Blanks, so that a meaning fills a row. */
void paint_blank(const struct paint *paint, int y, int x, int width, enum meaning meaning);
void paint_rule(const struct paint *paint, int y, int x, int width);

/*
 * A line made of parts that leave in a declared order when the line is too long: those with the
 * highest rank first, those with rank 0 never (they are cut). A part is a label, less important to
 * the eye, and a value.
 */
#define LINE_PARTS 16
#define LINE_TEXT 160

struct line_part {
	char label[24], value[LINE_TEXT];
	enum meaning label_meaning, meaning;
	uint8_t rank;
	uint8_t gap; /* blanks before it */
	bool right;  /* at the right end */
};

struct line {
	size_t count;
	struct line_part parts[LINE_PARTS];
};

/* Adds a part and returns it, to be refined; never NULL (the last one is overwritten when full). */
struct line_part *line_add(struct line *line, uint8_t rank, enum meaning meaning, const char *label,
			   const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The columns it would take with all its parts. */
int line_width(const struct line *line);
void line_draw(struct line *line, const struct paint *paint, int y, int x, int width);

#endif
