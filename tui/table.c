/* SPDX-License-Identifier: BSD-2-Clause */
/* A scrolling list of rows with columns. */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "../src/format.h"

#define MARGIN 2 /* for the mark of the selected row */
#define GAP 1
#define UNCUT 6 /* columns */

static void sort_by(struct table *table, const struct table_source *source, size_t column)
{
	table->sort_column = column;
	table->descending = source->columns[column].descending;
}

/* Keys add up until the table is drawn; none of them leads beyond the ends. */
static void move_by(struct table *table, const struct table_source *source, long by)
{
	long last = source->count ? (long)source->count - 1 : 0, at = (long)table->selected;
	long target = at + table->move + by;

	if (target > last)
		target = last;
	if (target < 0)
		target = 0;
	table->move = target - at;
	table->touched = table->is_fixed = true;
}

void table_fix(struct table *table)
{
	table->is_fixed = true;
}

static void move_to_first(struct table *table, const struct table_source *source)
{
	move_by(table, source, -(long)source->count);
	table->is_fixed = false;
}

bool table_act(struct table *table, enum action action, const struct table_source *source)
{
	size_t columns = source->column_count;
	int page = table->page > 1 ? table->page - 1 : 1;

	switch ((int)action) {
	case ACTION_UP: move_by(table, source, -1); return true;
	case ACTION_DOWN: move_by(table, source, 1); return true;
	case ACTION_PAGE_UP: move_by(table, source, -page); return true;
	case ACTION_PAGE_DOWN: move_by(table, source, page); return true;
	case ACTION_FIRST: move_to_first(table, source); return true;
	case ACTION_LAST: move_by(table, source, (long)source->count); return true;
	case ACTION_SORT: sort_by(table, source, (table->sort_column + 1) % columns); return true;
	case ACTION_SORT_BACK:
		sort_by(table, source, (table->sort_column + columns - 1) % columns);
		return true;
	case ACTION_SORT_REVERSE: table->descending = !table->descending; return true;
	default: return false;
	}
}

static void click_heading(struct table *table, const struct table_source *source, int x)
{
	size_t column = source->column_count;

	for (size_t i = 0; i < source->column_count; i++)
		if (table->column_x[i] >= 0 && table->column_x[i] <= x)
			column = i;
	if (column == source->column_count)
		return;
	if (column == table->sort_column)
		table->descending = !table->descending;
	else
		sort_by(table, source, column);
}

void table_click(struct table *table, const struct table_source *source, int y, int x)
{
	const struct rect *drawn = &table->drawn;
	long position = (long)table->top + y - drawn->y - 1;

	if (y < drawn->y || y >= drawn->y + drawn->height)
		return;
	if (y == drawn->y)
		click_heading(table, source, x);
	else if (position < (long)source->count)
		move_by(table, source, position - (long)table->selected - table->move);
}

static bool has_key_at(const struct table *table, const struct table_source *source,
		       size_t position)
{
	struct table_key key = { { 0 } };

	source->key(source->context, position, &key);
	return !memcmp(&key, &table->key, sizeof(key));
}

/* Where the selected row is now; where it was, if it is gone. */
static size_t find_selected(const struct table *table, const struct table_source *source)
{
	if (!table->has_key || !table->is_fixed)
		return 0;
	if (table->selected < source->count && has_key_at(table, source, table->selected))
		return table->selected;
	for (size_t i = 0; i < source->count; i++)
		if (has_key_at(table, source, i))
			return i;
	return table->selected < source->count ? table->selected : source->count - 1;
}

static size_t apply_move(const struct table *table, size_t position, size_t count)
{
	if (table->move < 0)
		return (size_t)-table->move > position ? 0 : position - (size_t)-table->move;
	return (size_t)table->move > count - 1 - position ? count - 1
							  : position + (size_t)table->move;
}

void table_locate(struct table *table, const struct table_source *source, int page)
{
	size_t rows = page > 0 ? (size_t)page : 1;

	table->page = (int)rows;
	if (!source->count) {
		table->top = table->selected = 0;
		table->move = 0;
		return;
	}
	table->selected = apply_move(table, find_selected(table, source), source->count);
	table->move = 0;
	if (source->follow_first && !table->selected)
		table->is_fixed = false;
	table->has_key = true;
	memset(&table->key, 0, sizeof(table->key));
	source->key(source->context, table->selected, &table->key);

	if (table->selected < table->top)
		table->top = table->selected;
	if (table->selected >= table->top + rows)
		table->top = table->selected - rows + 1;
	if (table->top + rows > source->count)
		table->top = source->count > rows ? source->count - rows : 0;
}

/* Columns only ever grow with what they show, so that they do not flutter; a new size starts anew.
 */
static void measure(struct table *table, const struct table_source *source, size_t rows, int width)
{
	struct table_cell cell;

	if (table->wanted_at != width)
		memset(table->wanted, 0, sizeof(table->wanted));
	table->wanted_at = width;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = 0; i < source->column_count; i++) {
			size_t length;

			cell.text[0] = '\0';
			source->cell(source->context, table->top + row, i, &cell);
			length = strlen(cell.text);
			if (length > table->wanted[i])
				table->wanted[i] = (uint8_t)length;
		}
	}
}

static void fit_columns(const struct table *table, const struct table_source *source, int width,
			int *ret_widths)
{
	struct layout_column columns[TABLE_COLUMNS];

	for (size_t i = 0; i < source->column_count; i++) {
		const struct table_column *column = &source->columns[i];
		int wanted = (int)strlen(column->title);

		if (wanted < table->wanted[i])
			wanted = table->wanted[i];
		columns[i].width = column->width;
		/* rather than an address is cut a little, other columns leave */
		if (column->cut == TABLE_CUT_MIDDLE && wanted > column->width &&
		    wanted <= column->width + UNCUT)
			columns[i].width = wanted;
		columns[i].least = column->least;
		columns[i].most = wanted < column->most ? wanted : column->most;
		columns[i].leaves = column->leaves;
	}
	layout_columns(columns, source->column_count, width - MARGIN, GAP, ret_widths);
}

static void cut_words(char *text, size_t width)
{
	size_t end = width;

	while (end && text[end] != ' ')
		end--;
	text[end ? end : strcspn(text, " ")] = '\0';
	format_cut_middle(text, width);
}

static void cut(char *text, enum table_cut how, size_t width)
{
	size_t length = strlen(text);
	char *tail = text + length - width + 2;

	if (length <= width)
		return;
	switch (how) {
	case TABLE_CUT_MIDDLE: format_cut_middle(text, width); return;
	case TABLE_CUT_WORDS: cut_words(text, width); return;
	case TABLE_CUT_OLDEST: memmove(text, text + length - width, width + 1); return;
	case TABLE_CUT_FRONT:
		if (width <= 2)
			break;
		if (strchr(tail, ':'))
			tail = strchr(tail, ':');
		memmove(text + 2, tail, strlen(tail) + 1);
		memcpy(text, "..", 2);
		return;
	case TABLE_CUT_END: break;
	}
	text[width] = '\0';
}

static void draw_cell(const struct table_column *column, struct table_cell *cell,
		      const struct paint *paint, int y, int x, int width)
{
	int length;

	cut(cell->text, column->cut, (size_t)width);
	length = (int)strlen(cell->text);
	if (column->right)
		x += width - length;
	paint_text(paint, y, x, length, cell->meaning, cell->text);
}

static void draw_heading(struct table *table, const struct table_source *source,
			 const struct paint *paint, const struct rect *rect, const int *widths)
{
	int x = rect->x + MARGIN, end = rect->x + rect->width;

	for (size_t i = 0; i < TABLE_COLUMNS; i++)
		table->column_x[i] = -1;
	for (size_t i = 0; i < source->column_count && x < end; i++) {
		struct table_cell cell = { .meaning = MEANING_HEADING };

		if (!widths[i])
			continue;
		table->column_x[i] = x;
		snprintf(cell.text, sizeof(cell.text), "%s", source->columns[i].title);
		if (i == table->sort_column)
			cell.meaning = MEANING_SORTED;
		draw_cell(&source->columns[i], &cell, paint, rect->y, x,
			  widths[i] < end - x ? widths[i] : end - x);
		x += widths[i] + GAP;
	}
}

static void draw_row(const struct table_source *source, const struct paint *paint,
		     const struct rect *rect, const int *widths, size_t position, bool selected)
{
	int x = rect->x + MARGIN, end = rect->x + rect->width;

	if (selected) {
		paint_blank(paint, rect->y, rect->x, rect->width, MEANING_SELECTED);
		paint_text(paint, rect->y, rect->x, rect->width, MEANING_SELECTED, ">");
	}
	for (size_t i = 0; i < source->column_count && x < end; i++) {
		struct table_cell cell = { .meaning = MEANING_TEXT };

		if (!widths[i])
			continue;
		source->cell(source->context, position, i, &cell);
		if (selected && cell.meaning != MEANING_PROBLEM)
			cell.meaning = MEANING_SELECTED;
		draw_cell(&source->columns[i], &cell, paint, rect->y, x,
			  widths[i] < end - x ? widths[i] : end - x);
		x += widths[i] + GAP;
	}
}

void table_draw(struct table *table, const struct table_source *source, const struct paint *paint,
		const struct rect *rect, bool focused)
{
	size_t rows = source->count - table->top;
	int widths[TABLE_COLUMNS];
	struct rect line = *rect;

	if (rect->height < 1 || rect->width < 1)
		return;
	table->drawn = *rect;
	if (rows > (size_t)rect->height - 1)
		rows = (size_t)rect->height - 1;
	measure(table, source, rows, rect->width);
	fit_columns(table, source, rect->width, widths);
	draw_heading(table, source, paint, rect, widths);
	for (size_t i = 0; i < rows; i++) {
		line.y++;
		draw_row(source, paint, &line, widths, table->top + i,
			 focused && table->top + i == table->selected);
	}
}
