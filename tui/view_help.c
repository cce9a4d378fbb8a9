/* SPDX-License-Identifier: BSD-2-Clause */
/* The help page: keys, panes and reasons, all from the lists that the program itself works with. */
#include <stdio.h>
#include <string.h>

#include "../src/action.h"
#include "../src/labels.h"
#include "view.h"

#define KEYS_WIDTH 14
#define LABEL_WIDTH 20

/* Where text goes: lines are counted, and drawn if they are on the screen. */
struct sheet {
	const struct view_context *context;
	const struct rect *rect;
	int top, lines;
};

static void put(struct sheet *sheet, int x, enum meaning meaning, const char *text)
{
	int row = sheet->lines - sheet->top;

	if (row >= 0 && row < sheet->rect->height)
		paint_text(sheet->context->paint, sheet->rect->y + row, sheet->rect->x + x,
			   sheet->rect->width - x, meaning, text);
}

/* As much of `text` as fits into `width`, up to a blank if there is one. */
static int wrap_at(const char *text, int width)
{
	int length = (int)strlen(text);

	if (length <= width)
		return length;
	for (int i = width; i > width / 2; i--)
		if (text[i] == ' ')
			return i;
	return width;
}

/* A paragraph that starts at column `x`, on as many lines as it needs. */
static void put_text(struct sheet *sheet, int x, const char *text)
{
	int width = sheet->rect->width - x;

	if (width < 10)
		width = 10;
	do {
		char line[VIEW_TEXT];
		int length = wrap_at(text, width < VIEW_TEXT ? width : VIEW_TEXT - 1);

		snprintf(line, sizeof(line), "%.*s", length, text);
		put(sheet, x, MEANING_TEXT, line);
		sheet->lines++;
		text += length;
		text += strspn(text, " ");
	} while (*text);
}

static void put_pair(struct sheet *sheet, int width, const char *label, const char *text)
{
	put(sheet, 2, MEANING_KEY, label);
	put_text(sheet, 2 + width, text);
}

static void put_heading(struct sheet *sheet, const char *text)
{
	if (sheet->lines)
		sheet->lines++;
	put(sheet, 0, MEANING_FOCUS, text);
	sheet->lines++;
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	struct sheet sheet = { .context = context, .rect = rect, .top = top };

	put_heading(&sheet, "Keys");
#define X(id, characters, function_key, keys, help) put_pair(&sheet, KEYS_WIDTH, keys, help);
	ACTIONS(X)
#undef X
	put_heading(&sheet, "The path");
	put_text(&sheet, 2,
		 "turn: frames with TURN data. binding: a channel binding is known. mac: the next "
		 "hop's "
		 "MAC address is known. sent: relayed. Where the number falls, packets leave the "
		 "fast "
		 "path; nothing is dropped, the TURN server relays what is passed up.");
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		put_heading(&sheet, views[i]->name);
		put_text(&sheet, 2, views[i]->help);
	}
	put_heading(&sheet, "Reasons for passing up, and what to do");
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		put_pair(&sheet, LABEL_WIDTH, label_reason((enum relay_reason)i),
			 reason_means((enum relay_reason)i));
		put_text(&sheet, 2 + LABEL_WIDTH, reason_next_step((enum relay_reason)i));
	}
	return sheet.lines;
}

const struct page page_help = {
	.name = "Help",
	.draw = draw,
};
