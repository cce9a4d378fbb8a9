/* SPDX-License-Identifier: BSD-2-Clause */
/* Why packets were passed up: every reason there is, also those that never occurred. */
#include <stdio.h>
#include <string.h>

#include "../src/format.h"
#include "../src/labels.h"
#include "../src/order.h"
#include "class.h"
#include "view.h"

#define IMPORTANT_LEAST 10

static const struct table_column columns[] = {
	[REASONS_BY_REASON] = { "Reason", "reason", 19, 11, 19, 0 },
	[REASONS_BY_CLASS] = { "Class", "class", 7, 7, 7, 4, .descending = true },
	[REASONS_BY_RATE] = { "Now/s", "rate", 5, 5, 5, 0, .right = true, .descending = true },
	[REASONS_BY_TOTAL] = { "Total", "total", 5, 5, 5, 0, .right = true, .descending = true },
	[REASONS_BY_LAST] = { "History", "last seen", 7, 6, MODEL_HISTORY, 5, .descending = true,
			      .cut = TABLE_CUT_OLDEST },
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) == REASONS_BY_COUNT, "one for each order");

static size_t collect(struct pane *pane, const struct view_context *context)
{
	size_t count = 0;

	for (uint32_t reason = 0; reason < RELAY_REASON_COUNT; reason++)
		if (filter_takes_reason(context->filter, (enum relay_reason)reason,
					context->model->reasons[reason].class))
			pane->fresh[count++] = reason;
	pane->filtered = RELAY_REASON_COUNT - count;
	return count;
}

static void sort(const struct pane *pane, const struct view_context *context, uint32_t *rows,
		 size_t count)
{
	order_reasons(rows, count, context->model, (enum order_reasons_by)pane->table.sort_column,
		      pane->table.descending);
}

static void key(const struct view_context *context, uint32_t row, struct table_key *ret)
{
	(void)context;
	memcpy(ret->byte, &row, sizeof(row));
}

/* A mark for each refresh, as high as its share of the highest one. */
static void put_history(const struct model_reason *row, struct table_cell *ret)
{
	static const char marks[] = ".:|";
	uint32_t highest = 0;

	for (size_t i = 0; i < MODEL_HISTORY; i++)
		if (row->history[i] > highest)
			highest = row->history[i];
	for (size_t i = 0; i < MODEL_HISTORY; i++) {
		uint64_t share = (uint64_t)row->history[i] * (sizeof(marks) - 1);

		ret->text[i] = ' ';
		if (row->history[i])
			ret->text[i] = marks[(share - 1) / highest];
	}
	ret->text[MODEL_HISTORY] = '\0';
}

static void cell(const struct pane *pane, const struct view_context *context, uint32_t number,
		 size_t column, struct table_cell *ret)
{
	const struct model_reason *row = &context->model->reasons[number];
	uint64_t total = tally_since_zero(&row->count);

	(void)pane;
	/* loud only while it goes on */
	if (total && column <= REASONS_BY_CLASS)
		ret->meaning = row->count.rate > 0 || row->class != RELAY_CLASS_PROBLEM
				       ? class_meaning(row->class)
				       : MEANING_WARMING;
	if (!total)
		ret->meaning = MEANING_LABEL;
	switch (column) {
	case REASONS_BY_REASON:
		snprintf(ret->text, sizeof(ret->text), "%s",
			 label_reason((enum relay_reason)number));
		break;
	case REASONS_BY_CLASS:
		snprintf(ret->text, sizeof(ret->text), "%s", total ? class_word(row->class) : "-");
		break;
	case REASONS_BY_RATE: format_rate(ret->text, sizeof(ret->text), row->count.rate); break;
	case REASONS_BY_TOTAL: format_count(ret->text, sizeof(ret->text), total); break;
	default: put_history(row, ret); break;
	}
}

/* Those that occurred, and a few to show that there are more. */
static size_t important(const struct view_context *context)
{
	size_t count = 1;

	for (int i = 0; i < RELAY_REASON_COUNT; i++)
		count += tally_since_zero(&context->model->reasons[i].count) > 0;
	return count < IMPORTANT_LEAST ? IMPORTANT_LEAST : count;
}

static void title(const struct pane *pane, const struct view_context *context, char *buf,
		  size_t size)
{
	(void)pane;
	(void)context;
	snprintf(buf, size, "for passing up");
}

static bool empty(const struct pane *pane, const struct view_context *context, int line, char *buf,
		  size_t size)
{
	(void)pane;
	(void)context;
	(void)line;
	(void)buf;
	(void)size;
	return false;
}

static void hint(const struct pane *pane, const struct view_context *context, uint32_t number,
		 char *meaning, char *next, size_t size)
{
	(void)pane;
	(void)context;
	snprintf(meaning, size, "%s: %s", label_reason((enum relay_reason)number),
		 reason_means((enum relay_reason)number));
	snprintf(next, size, "%s", reason_next_step((enum relay_reason)number));
}

static void narrow(const struct view_context *context, uint32_t number, char *buf, size_t size)
{
	(void)context;
	snprintf(buf, size, "reason:%s", label_reason((enum relay_reason)number));
}

const struct view view_reasons = {
	.name = "Reasons",
	.help = "Every reason for passing a frame up, with its class. normal: expected traffic. "
		"warming: "
		"expected for the first seconds. PROBLEM: neither, or warming that lasts. History: "
		"a "
		"mark for each refresh, newest at the right.",
	.columns = columns,
	.column_count = REASONS_BY_COUNT,
	.first_sort = REASONS_BY_CLASS,
	.capacity = RELAY_REASON_COUNT,
	.collect = collect,
	.sort = sort,
	.cell = cell,
	.key = key,
	.important = important,
	.title = title,
	.empty = empty,
	.hint = hint,
	.narrow = narrow,
};
