/* SPDX-License-Identifier: BSD-2-Clause */
/* A view in its place on the screen. */
#include "pane.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOLD_NS INT64_C(5000000000)
#define INDENT 4
#define NEED_MOST 1000 /* more rows than any screen has */

int pane_init(struct pane *pane, const struct view *view)
{
	memset(pane, 0, sizeof(*pane));
	pane->view = view;
	pane->capacity = view->capacity;
	pane->table.sort_column = view->first_sort;
	pane->table.descending = view->columns[view->first_sort].descending;
	pane->rows = calloc(pane->capacity, sizeof(*pane->rows));
	pane->fresh = calloc(pane->capacity, sizeof(*pane->fresh));
	if (view->folds)
		pane->fold = fold_new();
	return pane->rows && pane->fresh && (pane->fold || !view->folds) ? 0 : -ENOMEM;
}

void pane_done(struct pane *pane)
{
	free(pane->rows);
	free(pane->fresh);
	fold_free(pane->fold);
	memset(pane, 0, sizeof(*pane));
}

/* A number that changes when rows may have changed. */
static uint64_t fingerprint(const struct view_context *context)
{
	const struct model *model = context->model;
	const uint64_t parts[] = {
		(uint64_t)(uintptr_t)model,
		(uint64_t)model->last_counters_ns,
		model->neighbour_count,
		model->wanted_count,
		model->binding_count,
		model->binding_end,
		model->packet_next,
		model->journal_next,
		model->moves,
		model->seen.total,
		model->seen.at_zero,
		context->status->show_normal,
		context->filter_version,
		(uint64_t)(model->now_ns / HOLD_NS),
	};
	uint64_t hash = 1;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = (hash ^ parts[i]) * 0x9e3779b97f4a7c15ULL ^ hash >> 29;
	return hash;
}

static bool is_sorted_as_asked(const struct pane *pane)
{
	return pane->sorted_column == pane->table.sort_column &&
	       pane->sorted_descending == pane->table.descending;
}

/* The same rows, in whatever order. */
static bool are_same_rows(const uint32_t *a, const uint32_t *b, size_t count)
{
	uint64_t difference = 0;

	for (size_t i = 0; i < count; i++)
		difference += ((uint64_t)a[i] + 1) * ((uint64_t)a[i] + 7) -
			      ((uint64_t)b[i] + 1) * ((uint64_t)b[i] + 7);
	return !difference;
}

void pane_collect(struct pane *pane, const struct view_context *context)
{
	const struct view *view = pane->view;
	uint64_t now = fingerprint(context);
	bool held;
	size_t count;

	if (pane->table.touched)
		pane->held_until_ns = context->model->now_ns + HOLD_NS;
	pane->table.touched = false;
	if (pane->collected == now && is_sorted_as_asked(pane))
		return;
	count = view->collect(pane, context);
	held = !view->follow_first && is_sorted_as_asked(pane) && count == pane->count &&
	       context->model->now_ns < pane->held_until_ns &&
	       are_same_rows(pane->fresh, pane->rows, count);
	if (!held) {
		uint32_t *rows = pane->rows;

		view->sort(pane, context, pane->fresh, count);
		pane->rows = pane->fresh;
		pane->fresh = rows;
	}
	pane->count = count;
	pane->collected = now;
	pane->sorted_column = pane->table.sort_column;
	pane->sorted_descending = pane->table.descending;
}

/* The table asks by position, the view answers by row. */
struct pane_rows {
	const struct pane *pane;
	const struct view_context *context;
};

static void cell_at(const void *rows_of, size_t position, size_t column, struct table_cell *ret)
{
	const struct pane_rows *rows = rows_of;

	rows->pane->view->cell(rows->pane, rows->context, rows->pane->rows[position], column, ret);
}

static void key_at(const void *rows_of, size_t position, struct table_key *ret)
{
	const struct pane_rows *rows = rows_of;

	rows->pane->view->key(rows->context, rows->pane->rows[position], ret);
}

static struct table_source source_of(const struct pane *pane, const struct pane_rows *rows)
{
	return (struct table_source){
		.columns = pane->view->columns,
		.column_count = pane->view->column_count,
		.count = pane->count,
		.follow_first = pane->view->follow_first,
		.context = rows,
		.cell = cell_at,
		.key = key_at,
	};
}

static bool put_empty(const struct pane *pane, const struct view_context *context, int line,
		      char *buf, size_t size)
{
	if (!pane->filtered)
		return pane->view->empty(pane, context, line, buf, size);
	snprintf(buf, size, "Nothing matches the filter; Esc clears it.");
	if (pane->view->unmatched)
		pane->view->unmatched(context, buf, size);
	return !line;
}

int pane_need(const struct pane *pane, const struct view_context *context, bool focused)
{
	size_t rows = pane->count;
	char text[VIEW_TEXT];
	int lines = 0;

	if (rows && !focused && pane->view->important)
		rows = pane->view->important(context);
	if (rows)
		return 2 + (rows > NEED_MOST ? NEED_MOST : (int)rows);
	while (put_empty(pane, context, lines, text, sizeof(text)))
		lines++;
	return 1 + lines;
}

static void draw_empty(const struct pane *pane, const struct view_context *context,
		       const struct rect *rect)
{
	char text[VIEW_TEXT];

	for (int line = 0; line < rect->height - 1; line++) {
		if (!put_empty(pane, context, line, text, sizeof(text)))
			return;
		paint_text(context->paint, rect->y + 1 + line, rect->x + INDENT,
			   rect->width - INDENT, MEANING_TEXT, text);
	}
}

/* --[ 1 Neighbours 5 of 65536 ]--------------- 3-7 of 120 -- sort: miss/s v -- */
static void draw_title(const struct pane *pane, const struct view_context *context,
		       const struct rect *rect, int number, bool focused)
{
	const struct table *table = &pane->table;
	size_t below = pane->count - table->top, page = (size_t)rect->height - 2;
	struct line right = { 0 };
	char text[VIEW_TEXT] = "", name[VIEW_TEXT + 40];
	int x = rect->x, end = rect->x + rect->width, width = 0;

	pane->view->title(pane, context, text, sizeof(text));
	snprintf(name, sizeof(name), " %d %s%s%s ", number, pane->view->name, text[0] ? " " : "",
		 text);
	text[0] = '\0';
	if (pane->view->note)
		pane->view->note(pane, context, text, sizeof(text));
	if (text[0])
		line_add(&right, 1, MEANING_TEXT, "", "%s", text);
	if (pane->filtered)
		line_add(&right, 3, MEANING_WARMING, "", "%zu filtered out", pane->filtered);
	if (pane->count && rect->height > 2 && (table->top || below > page))
		line_add(&right, 3, MEANING_TEXT, "", "%zu-%zu of %zu", table->top + 1,
			 table->top + (below < page ? below : page), pane->count);
	if (pane->count)
		line_add(&right, 2, MEANING_TEXT, "sort:", "%s %c",
			 pane->view->columns[table->sort_column].sort,
			 table->descending ? 'v' : '^');

	paint_rule(context->paint, rect->y, rect->x, rect->width);
	x += 2;
	x += paint_text(context->paint, rect->y, x, end - x, MEANING_RULE, "[");
	x += paint_text(context->paint, rect->y, x, end - x,
			focused ? MEANING_FOCUS : MEANING_TITLE, name);
	x += paint_text(context->paint, rect->y, x, end - x, MEANING_RULE, "]");
	end -= 3;
	while (right.count && (width = line_width(&right)) > end - x - 3)
		right.count--;
	if (!right.count)
		return;
	paint_blank(context->paint, rect->y, end - width - 1, width + 2, MEANING_TEXT);
	line_draw(&right, context->paint, rect->y, end - width, width);
}

void pane_draw(struct pane *pane, const struct view_context *context, const struct rect *rect,
	       int number, bool focused)
{
	struct pane_rows rows = { .pane = pane, .context = context };
	struct table_source source = source_of(pane, &rows);
	struct rect below = *rect;

	if (rect->height < 1 || rect->width < 1)
		return;
	table_locate(&pane->table, &source, rect->height - 2);
	draw_title(pane, context, rect, number, focused);
	if (!pane->count) {
		draw_empty(pane, context, rect);
		return;
	}
	below.y++;
	below.height--;
	table_draw(&pane->table, &source, context->paint, &below, focused);
}

void pane_click(struct pane *pane, int y, int x)
{
	struct table_source source = source_of(pane, NULL);

	if (pane->count)
		table_click(&pane->table, &source, y, x);
}

bool pane_act(struct pane *pane, enum action action)
{
	struct table_source source = source_of(pane, NULL);

	return table_act(&pane->table, action, &source);
}

void pane_fix(struct pane *pane)
{
	table_fix(&pane->table);
}

void pane_hint(const struct pane *pane, const struct view_context *context, char *meaning,
	       char *next, size_t size)
{
	meaning[0] = next[0] = '\0';
	if (pane->count && pane->table.selected < pane->count)
		pane->view->hint(pane, context, pane->rows[pane->table.selected], meaning, next,
				 size);
}

/* Where the selection is when all keys so far are carried out. */
static size_t locate(struct pane *pane, const struct view_context *context)
{
	struct pane_rows rows = { .pane = pane, .context = context };
	struct table_source source = source_of(pane, &rows);

	table_locate(&pane->table, &source, pane->table.page);
	return pane->table.selected;
}

void pane_narrow(struct pane *pane, const struct view_context *context, char *buf, size_t size)
{
	buf[0] = '\0';
	if (pane->count && pane->view->narrow)
		pane->view->narrow(context, pane->rows[locate(pane, context)], buf, size);
}

bool pane_address(const struct pane *pane, const struct view_context *context, struct in6_addr *ret)
{
	return pane->table.selected < pane->count && pane->view->address &&
	       pane->view->address(context, pane->rows[pane->table.selected], ret);
}

const struct page *pane_open(struct pane *pane, const struct view_context *context,
			     struct subject *ret)
{
	if (!pane->count || !pane->view->open)
		return NULL;
	return pane->view->open(context, pane->rows[locate(pane, context)], ret);
}
