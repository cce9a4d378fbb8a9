/* SPDX-License-Identifier: BSD-2-Clause */
/* The help page: keys, panes and reasons, all from the lists that the program itself works with. */
#include <stdio.h>

#include "../src/action.h"
#include "../src/labels.h"
#include "sheet.h"

#define KEYS_WIDTH 14
#define LABEL_WIDTH 20

static void draw_pane(struct sheet *sheet, const struct view *view)
{
	sheet_heading(sheet, view->name);
	sheet_text(sheet, 2, view->help);
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	struct sheet sheet = { .context = context, .rect = rect, .top = top };

	draw_pane(&sheet, context->focused);
	sheet_heading(&sheet, "Keys");
#define X(id, characters, function_key, keys, help)                   \
	if (context->status->file || !action_is_of_file(ACTION_##id)) \
		sheet_pair(&sheet, KEYS_WIDTH, keys, help);
	ACTIONS(X)
#undef X
	sheet_heading(&sheet, "Words of the filter; all have to match");
#define X(id, key, help) sheet_pair(&sheet, KEYS_WIDTH, key ":", help);
	FILTER_KEYS(X)
#undef X
	sheet_pair(&sheet, KEYS_WIDTH, "other words", "anywhere in a row");
	sheet_heading(&sheet, "The path");
	sheet_text(
		&sheet, 2,
		"turn: frames with TURN data. binding: a channel binding is known. mac: the next "
		"hop's "
		"MAC address is known. sent: relayed. Where the number falls, packets leave the "
		"fast "
		"path; nothing is dropped, the TURN server relays what is passed up.");
	for (size_t i = 0; i < VIEW_COUNT; i++)
		if (views[i] != context->focused)
			draw_pane(&sheet, views[i]);
	sheet_heading(&sheet, "Reasons for passing up, and what to do");
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		sheet_pair(&sheet, LABEL_WIDTH, label_reason((enum relay_reason)i),
			   reason_means((enum relay_reason)i));
		sheet_text(&sheet, 2 + LABEL_WIDTH, reason_next_step((enum relay_reason)i));
	}
	return sheet.lines;
}

static void title(const struct view_context *context, char *buf, size_t size)
{
	snprintf(buf, size, "for %s", context->focused->name);
}

const struct page page_help = {
	.name = "Help",
	.title = title,
	.draw = draw,
};
