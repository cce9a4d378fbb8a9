/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines below the panes. */
#include "view_footer.h"

#include <stdio.h>
#include <string.h>

struct footer_key {
	const char *word;
	enum action action;
	uint8_t rank; /* which leave first on a narrow screen */
};

static const struct footer_key keys[] = {
	{ "help", ACTION_HELP, 0 },	     { "pane", ACTION_PANE_NEXT, 1 },
	{ "explain", ACTION_OPEN, 2 },	     { "filter", ACTION_FILTER, 4 },
	{ "sort", ACTION_SORT, 6 },	     { "freeze", ACTION_FREEZE, 3 },
	{ "step", ACTION_FILE_STEP, 3 },     { "back", ACTION_FILE_BACK, 3 },
	{ "on", ACTION_FILE_ON, 3 },	     { "end", ACTION_FILE_END, 4 },
	{ "normal", ACTION_SHOW_NORMAL, 8 }, { "save", ACTION_SAVE, 5 },
	{ "misses", ACTION_MISSES, 7 },	     { "zero", ACTION_ZERO, 9 },
	{ "quit", ACTION_QUIT, 0 },
};

static const struct footer_key page_keys[] = {
	{ "back", ACTION_CLOSE, 0 },	   { "scroll", ACTION_DOWN, 1 },
	{ "before/after", ACTION_TRY, 2 }, { "misses", ACTION_MISSES, 3 },
	{ "freeze", ACTION_FREEZE, 4 },	   { "step", ACTION_FILE_STEP, 5 },
	{ "quit", ACTION_QUIT, 0 },
};

/* The first of the keys that carry out an action. */
static void key_of(enum action action, char *buf, size_t size)
{
	static const char *const shown[ACTION_COUNT] = {
#define X(id, characters, function_key, keys, help) [ACTION_##id] = keys,
		ACTIONS(X)
#undef X
	};

	snprintf(buf, size, "%.*s", (int)strcspn(shown[action], " "), shown[action]);
}

/* With a file, Space does something else, and there is more to move through it. */
static void add_key(const struct view_context *context, struct line *line,
		    const struct footer_key *key, const char *which)
{
	const char *word = key->word;
	char name[16];

	if (!context->status->file && action_is_of_file(key->action))
		return;
	if (context->status->file && key->action == ACTION_FREEZE)
		word = "play";
	key_of(key->action, name, sizeof(name));
	line_add(line, key->rank, MEANING_TEXT, name, "%s%s", word,
		 key->action == ACTION_PANE_NEXT ? which : "")
		->label_meaning = MEANING_KEY;
}

/* Meaning and next step if both fit, else what to do. */
static void draw_hint(const struct view_context *context, const struct pane *pane, int y, int width)
{
	char meaning[VIEW_TEXT], next[VIEW_TEXT];
	struct line line = { 0 };

	pane_hint(pane, context, meaning, next, VIEW_TEXT);
	if (meaning[0] && (!next[0] || (int)(strlen(meaning) + strlen(next)) + 5 <= width))
		line_add(&line, 0, MEANING_TEXT, ">", "%s", meaning);
	if (next[0])
		line_add(&line, 0, MEANING_TEXT, line.count ? ">" : "> next:", "%s", next)->gap = 1;
	line_draw(&line, context->paint, y, 0, width);
}

/* A line for each recording, and one for the rest; where there is one line only, all share it. */
static void draw_status(const struct view_context *context, int y, int end, int width)
{
	const struct screen_status *status = context->status;
	const char *const recordings[] = { status->recording, status->misses };
	struct line line = { 0 };

	for (size_t i = 0; i < 2; i++) {
		if (!recordings[i])
			continue;
		line_add(&line, 0, MEANING_STRONG, "REC", "%s", recordings[i]);
		if (y + 1 == end)
			continue;
		line_draw(&line, context->paint, y++, 0, width);
		line.count = 0;
	}
	if (context->filter_text) {
		line_add(&line, 0, MEANING_WARMING, "filter", "%s", context->filter_text);
		line_add(&line, 1, MEANING_LABEL, "", "(Esc clears)")->gap = 1;
	}
	if (status->message)
		line_add(&line, 0, MEANING_STRONG, "", "%s", status->message);
	line_draw(&line, context->paint, y, 0, width);
}

void footer_draw(const struct view_context *context, const struct layout *layout,
		 const struct pane *focused, int number)
{
	int width = layout->body.width;
	struct line line = { 0 };
	char which[16] = "";

	if (layout->hint >= 0)
		draw_hint(context, focused, layout->hint, width);
	if (layout->status >= 0)
		draw_status(context, layout->status, layout->footer, width);
	if (layout->shown < VIEW_COUNT)
		snprintf(which, sizeof(which), " %d/%d", number, VIEW_COUNT);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		add_key(context, &line, &keys[i], which);
	line_draw(&line, context->paint, layout->footer, 0, width);
}

static bool is_of_page(enum action action, const struct page *page)
{
	return action == ACTION_TRY	 ? page->has_frame
	       : action == ACTION_MISSES ? page->has_address
					 : true;
}

void footer_draw_page(const struct view_context *context, const struct layout *layout,
		      const struct page *page)
{
	struct line line = { 0 };

	if (layout->status >= 0)
		draw_status(context, layout->status, layout->footer, layout->body.width);
	for (size_t i = 0; i < sizeof(page_keys) / sizeof(page_keys[0]); i++)
		if (is_of_page(page_keys[i].action, page))
			add_key(context, &line, &page_keys[i], "");
	line_draw(&line, context->paint, layout->footer, 0, layout->body.width);
}
