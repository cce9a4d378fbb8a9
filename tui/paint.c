/* SPDX-License-Identifier: BSD-2-Clause */
/* Text onto the screen. */
#include "paint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define GAP 2

int paint_text(const struct paint *paint, int y, int x, int width, enum meaning meaning,
	       const char *text)
{
	int length = (int)strlen(text);

	if (length > width)
		length = width;
	if (length <= 0)
		return 0;
	theme_use(&paint->theme, meaning);
	mvaddnstr(y, x, text, length);
	theme_use(&paint->theme, MEANING_TEXT);
	return length;
}

void paint_blank(const struct paint *paint, int y, int x, int width, enum meaning meaning)
{
	if (width <= 0)
		return;
	theme_use(&paint->theme, meaning);
	mvhline(y, x, ' ', width);
	theme_use(&paint->theme, MEANING_TEXT);
}

void paint_rule(const struct paint *paint, int y, int x, int width)
{
	if (width <= 0)
		return;
	theme_use(&paint->theme, MEANING_RULE);
	if (paint->ascii)
		mvhline(y, x, '-', width);
	else
		mvhline_set(y, x, WACS_HLINE, width);
	theme_use(&paint->theme, MEANING_TEXT);
}

struct line_part *line_add(struct line *line, uint8_t rank, enum meaning meaning, const char *label,
			   const char *format, ...)
{
	struct line_part *part;
	va_list arguments;

	if (line->count < LINE_PARTS)
		line->count++;
	part = &line->parts[line->count - 1];
	snprintf(part->label, sizeof(part->label), "%s", label);
	va_start(arguments, format);
	vsnprintf(part->value, sizeof(part->value), format, arguments);
	va_end(arguments);
	part->label_meaning = MEANING_LABEL;
	part->meaning = meaning;
	part->rank = rank;
	part->gap = GAP;
	part->right = false;
	return part;
}

static int part_width(const struct line_part *part)
{
	size_t label = strlen(part->label), value = strlen(part->value);

	return (int)(label + value + (label && value));
}

int line_width(const struct line *line)
{
	int width = 0;

	for (size_t i = 0; i < line->count; i++)
		width += part_width(&line->parts[i]) + (i ? line->parts[i].gap : 0);
	return width;
}

/* Takes out the part that can be missed most. False when only indispensable ones are left. */
static bool drop_one(struct line *line)
{
	size_t worst = 0;

	if (!line->count)
		return false;
	for (size_t i = 1; i < line->count; i++)
		if (line->parts[i].rank >= line->parts[worst].rank)
			worst = i;
	if (!line->parts[worst].rank)
		return false;
	memmove(&line->parts[worst], &line->parts[worst + 1],
		(line->count - worst - 1) * sizeof(line->parts[0]));
	line->count--;
	return true;
}

static int draw_part(const struct line_part *part, const struct paint *paint, int y, int x, int end)
{
	if (part->label[0]) {
		x += paint_text(paint, y, x, end - x, part->label_meaning, part->label);
		x += part->value[0] != '\0';
	}
	return x + paint_text(paint, y, x, end - x, part->meaning, part->value);
}

void line_draw(struct line *line, const struct paint *paint, int y, int x, int width)
{
	int end = x + width, right = 0;

	while (line_width(line) > width && drop_one(line))
		continue;
	for (size_t i = 0; i < line->count; i++)
		if (line->parts[i].right)
			right += part_width(&line->parts[i]) + line->parts[i].gap;
	for (size_t i = 0; i < line->count; i++) {
		const struct line_part *part = &line->parts[i];

		if (i)
			x += part->gap;
		/* the first of them; the others follow it */
		if (part->right && right && x < end - right + part->gap)
			x = end - right + part->gap;
		if (part->right)
			right = 0;
		x = draw_part(part, paint, y, x, end);
	}
}
