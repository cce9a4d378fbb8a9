/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen: which panes and pages are shown, who has the focus, and who gets a key. */
#include "screen.h"

#include <errno.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "pane.h"
#include "prompt.h"
#include "screen_internal.h"
#include "terminal.h"
#include "view_footer.h"
#include "view_header.h"

#define PAGE_TOP 2 /* below identity and its own title */

struct screen {
	struct paint paint;
	struct pane panes[VIEW_COUNT];
	int recent[VIEW_COUNT];	 /* the focused one first */
	const struct page *page; /* NULL: the panes are seen */
	bool opening;		 /* the selected row's page, with the next drawing ... */
	bool trying;		 /* ... and there, what the program makes of it */
	int page_top, page_lines, page_height;
	struct subject subject;
	struct layout layout; /* as drawn last */
	struct prompt prompt;
	struct vendors *vendors;
	const struct names *names;
	struct screen_tester tester;
	bool has_address; /* of the selected row */
	struct in6_addr address;
};

int screen_usable(const char *term, char *ret_error, size_t size)
{
	return terminal_usable(term, ret_error, size);
}

int screen_new(const struct screen_options *options, struct screen **ret)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	int error = screen ? 0 : -ENOMEM;

	for (int i = 0; !error && i < VIEW_COUNT; i++) {
		screen->recent[i] = i;
		error = pane_init(&screen->panes[i], views[i]);
	}
	if (error) {
		screen_free(screen);
		return error;
	}
	if (!options->numeric)
		screen->vendors = vendors_new(VENDOR_FILE);
	screen->names = options->names;
	screen->tester = options->tester;
	screen->paint.ascii = options->ascii;
	theme_init(&screen->paint.theme, options->color);
	*ret = screen;
	return 0;
}

void screen_free(struct screen *screen)
{
	for (int i = 0; screen && i < VIEW_COUNT; i++)
		pane_done(&screen->panes[i]);
	if (screen)
		vendors_free(screen->vendors);
	free(screen);
}

int screen_open(const struct screen_options *options, struct screen **ret, char *ret_error,
		size_t size)
{
	int error = terminal_open(options->term, options->mouse, ret_error, size);

	if (error)
		return error;
	error = screen_new(options, ret);
	if (error) {
		terminal_close();
		snprintf(ret_error, size, "not enough memory for the screen");
	}
	return error;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	terminal_close();
	screen_free(screen);
}

int screen_fd(const struct screen *screen)
{
	(void)screen;
	return terminal_fd();
}

static void focus(struct screen *screen, int pane)
{
	int at = 0;

	while (at < VIEW_COUNT - 1 && screen->recent[at] != pane)
		at++;
	memmove(&screen->recent[1], &screen->recent[0], (size_t)at * sizeof(screen->recent[0]));
	screen->recent[0] = pane;
}

static void scroll_page(struct screen *screen, long by)
{
	long top = screen->page_top + by, last = screen->page_lines - screen->page_height;

	if (top > last)
		top = last;
	screen->page_top = top < 0 ? 0 : (int)top;
}

/* From the page of a packet or a binding to what the program makes of it. */
static void try_page(struct screen *screen)
{
	if (screen->opening)
		screen->trying = true;
	if (!screen->page || !screen->page->has_frame)
		return;
	screen->page = &page_trial;
	screen->page_top = 0;
}

/* While a page is open, keys for rows scroll it and every other view key closes it. */
static enum action act_on_page(struct screen *screen, enum action action)
{
	switch ((int)action) {
	case ACTION_UP: scroll_page(screen, -1); break;
	case ACTION_DOWN: scroll_page(screen, 1); break;
	case ACTION_PAGE_UP: scroll_page(screen, -(long)screen->page_height + 1); break;
	case ACTION_PAGE_DOWN: scroll_page(screen, (long)screen->page_height - 1); break;
	case ACTION_FIRST: screen->page_top = 0; break;
	case ACTION_LAST: scroll_page(screen, screen->page_lines); break;
	case ACTION_REDRAW: break;
	case ACTION_TRY: try_page(screen); break;
	default:
		screen->page = NULL;
		screen->opening = false;
		break;
	}
	return ACTION_REDRAW;
}

static enum action act_on_panes(struct screen *screen, enum action action)
{
	int focused = screen->recent[0];

	switch ((int)action) {
	case ACTION_PANE_NEXT: focus(screen, (focused + 1) % VIEW_COUNT); break;
	case ACTION_PANE_PREVIOUS: focus(screen, (focused + VIEW_COUNT - 1) % VIEW_COUNT); break;
	case ACTION_PANE_1:
	case ACTION_PANE_2:
	case ACTION_PANE_3:
	case ACTION_PANE_4: focus(screen, (int)action - ACTION_PANE_1); break;
	case ACTION_HELP:
		screen->page = &page_help;
		screen->page_top = 0;
		break;
	case ACTION_EVENTS:
		screen->page = &page_events;
		screen->page_top = 0;
		break;
	case ACTION_FILTER: prompt_open(&screen->prompt); break;
	case ACTION_CLOSE: prompt_set(&screen->prompt, ""); break;
	case ACTION_TRY:
	case ACTION_OPEN:
		pane_fix(&screen->panes[focused]);
		screen->trying = action == ACTION_TRY;
		/* which row that is, only the model knows */
		screen->opening = true;
		screen->page_top = 0;
		break;
	default: pane_act(&screen->panes[focused], action); break;
	}
	return ACTION_REDRAW;
}

static bool is_for_app(enum action action)
{
	switch (action) {
#define X(id, characters, function_key, keys, help) case ACTION_##id:
		ACTIONS_OF_APP(X)
#undef X
		return true;
	default: return false;
	}
}

enum action screen_act(struct screen *screen, enum action action)
{
	if (action == ACTION_MISSES)
		pane_fix(&screen->panes[screen->recent[0]]);
	if (is_for_app(action))
		return action;
	if (action == ACTION_REPAINT) {
		clearok(curscr, TRUE);
		return ACTION_REDRAW;
	}
	return screen->page || screen->opening ? act_on_page(screen, action)
					       : act_on_panes(screen, action);
}

static bool is_inside(const struct rect *rect, int y, int x)
{
	return y >= rect->y && y < rect->y + rect->height && x >= rect->x &&
	       x < rect->x + rect->width;
}

enum action screen_click(struct screen *screen, int y, int x, int wheel)
{
	const struct layout *layout = &screen->layout;
	enum action action = wheel < 0 ? ACTION_UP : ACTION_DOWN;

	if (screen->page || screen->opening) {
		scroll_page(screen, wheel);
		return ACTION_REDRAW;
	}
	for (int i = 0; i < VIEW_COUNT; i++) {
		if (layout->tiny || !layout->visible[i] || !is_inside(&layout->panes[i], y, x))
			continue;
		focus(screen, i);
		for (int rows = abs(wheel); rows; rows--)
			pane_act(&screen->panes[i], action);
		if (!wheel)
			pane_click(&screen->panes[i], y, x);
		return ACTION_REDRAW;
	}
	return ACTION_REDRAW;
}

enum action screen_key(struct screen *screen, int key)
{
	struct terminal_click click;

	if (key == KEY_MOUSE)
		return terminal_click(&click) ? screen_click(screen, click.y, click.x, click.wheel)
					      : ACTION_NONE;
	if (screen->prompt.open && prompt_key(&screen->prompt, key))
		return ACTION_REDRAW;
	return keys_action(key) == ACTION_NONE ? ACTION_NONE : screen_act(screen, keys_action(key));
}

enum action screen_read_key(struct screen *screen)
{
	int key;

	while ((key = getch()) != ERR) {
		enum action action = screen_key(screen, key);

		if (action != ACTION_NONE)
			return action;
	}
	return terminal_is_gone() ? ACTION_HANGUP : ACTION_NONE;
}

static void draw_panes(struct screen *screen, const struct view_context *context,
		       struct layout *layout)
{
	int needs[VIEW_COUNT] = { 0 }, focused = screen->recent[0];

	for (int i = 0; i < VIEW_COUNT; i++) {
		if (!layout->visible[i])
			continue;
		pane_collect(&screen->panes[i], context);
		needs[i] = pane_need(&screen->panes[i], context, i == focused);
	}
	layout_panes(layout, needs, focused);
	for (int i = 0; i < VIEW_COUNT; i++)
		if (layout->visible[i])
			pane_draw(&screen->panes[i], context, &layout->panes[i], i + 1,
				  i == focused);
}

/* Finds the page of the selected row, if it has one, or the packets that belong to it. */
static void open_page(struct screen *screen, const struct view_context *context)
{
	struct pane *pane = &screen->panes[screen->recent[0]];
	char filter[FILTER_SIZE];

	screen->opening = false;
	pane_collect(pane, context);
	memset(&screen->subject, 0, sizeof(screen->subject));
	screen->page = pane_open(pane, context, &screen->subject);
	if (screen->trying) {
		if (screen->page && !screen->page->has_frame)
			screen->page = NULL;
		try_page(screen);
		return;
	}
	pane_narrow(pane, context, filter, sizeof(filter));
	if (screen->page || !filter[0])
		return;
	prompt_set(&screen->prompt, filter);
	prompt_remember(&screen->prompt);
	focus(screen, ACTION_PANE_3 - ACTION_PANE_1);
}

static void draw_page(struct screen *screen, const struct view_context *context,
		      const struct layout *layout)
{
	struct rect rect = { .y = PAGE_TOP, .x = 1, .width = layout->body.width - 2 };
	char title[VIEW_TEXT + 40], text[VIEW_TEXT] = "";

	if (screen->page->title)
		screen->page->title(context, text, sizeof(text));
	snprintf(title, sizeof(title), "[ %s%s%s ]", screen->page->name, text[0] ? " " : "", text);
	rect.height = (layout->status < 0 ? layout->footer : layout->status) - PAGE_TOP;
	screen->page_height = rect.height;
	paint_rule(context->paint, 1, 0, layout->body.width);
	paint_text(context->paint, 1, 2, layout->body.width - 2, MEANING_FOCUS, title);
	screen->page_lines = screen->page->draw(context, &rect, screen->page_top);
	header_draw_identity(context, 0, layout->body.width);
	footer_draw_page(context, layout, screen->page);
}

void screen_draw(struct screen *screen, const struct model *model,
		 const struct screen_status *status)
{
	struct view_context context = {
		.model = model,
		.focused = views[screen->recent[0]],
		.status = status,
		.paint = &screen->paint,
		.vendors = screen->vendors,
		.names = screen->names,
		.tester = &screen->tester,
		.subject = &screen->subject,
		.filter = &screen->prompt.filter,
		.filter_version = screen->prompt.version,
	};
	struct layout_request request = { 0 };
	struct layout *layout = &screen->layout;

	if (screen->opening)
		open_page(screen, &context);
	context.filter_version = screen->prompt.version;
	if (screen->prompt.text[0] && !screen->prompt.open)
		context.filter_text = screen->prompt.text;
	request.status = (status->recording != NULL) + (status->misses != NULL) +
			 (status->message || context.filter_text);

	getmaxyx(stdscr, request.height, request.width);
	context.anomaly_count = model_anomalies(model, context.anomalies, VIEW_ANOMALIES);
	request.anomalies = header_anomaly_lines(&context, request.width);
	memcpy(request.recent, screen->recent, sizeof(request.recent));
	layout_lines(&request, layout);
	erase();
	if (layout->tiny) {
		header_draw_tiny(&context, request.height, request.width);
	} else if (screen->page) {
		draw_page(screen, &context, layout);
	} else {
		header_draw(&context, layout);
		draw_panes(screen, &context, layout);
		footer_draw(&context, layout, &screen->panes[screen->recent[0]],
			    screen->recent[0] + 1);
		if (screen->prompt.open)
			prompt_draw(&screen->prompt, &screen->paint, layout->footer, request.width);
		screen->has_address =
			pane_address(&screen->panes[screen->recent[0]], &context, &screen->address);
	}
	wnoutrefresh(stdscr);
	doupdate();
}

bool screen_selected_ip(const struct screen *screen, struct in6_addr *ret)
{
	if (screen->has_address)
		*ret = screen->address;
	return screen->has_address;
}

void screen_resize(struct screen *screen)
{
	(void)screen;
	terminal_resize();
}

void screen_suspend(struct screen *screen)
{
	(void)screen;
	terminal_suspend();
}

void screen_resume(struct screen *screen)
{
	(void)screen;
	terminal_resume();
}
