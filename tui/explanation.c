/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation as lines of a page. */
#include "explanation.h"

#include <stdio.h>
#include <string.h>

#include "class.h"

#define LABEL_WIDTH 12
#define RESULT_AT 5
#define QUESTION_AT 9
#define VALUE_AT 34

void explanation_verdict(struct sheet *sheet, const struct explain *explain, enum relay_class class)
{
	const struct explain_check *stop =
		explain->stopped < explain->count ? &explain->checks[explain->stopped] : NULL;

	sheet_put(sheet, 2, MEANING_KEY, "class");
	sheet_put(sheet, 2 + LABEL_WIDTH, class_meaning(class), class_word(class));
	sheet_end_line(sheet);
	sheet_pair(sheet, LABEL_WIDTH, "verdict", explain->verdict);
	if (stop)
		sheet_printf(sheet, LABEL_WIDTH, "stopped at", "check %zu, %s: %s",
			     explain->stopped + 1, stop->question,
			     stop->value[0] ? stop->value : "its bytes were not captured");
	sheet_pair(sheet, LABEL_WIDTH, "next", explain->next);
	if (explain->binding[0])
		sheet_pair(sheet, LABEL_WIDTH, "binding", explain->binding);
	if (explain->neighbour[0] && (!stop || strcmp(explain->neighbour, stop->value)))
		sheet_pair(sheet, LABEL_WIDTH, "neighbour", explain->neighbour);
}

static void draw_check(struct sheet *sheet, const struct explain_check *check, size_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%2zu", number);
	sheet_put(sheet, 2, MEANING_LABEL, text);
	switch (check->result) {
	case EXPLAIN_OK: sheet_put(sheet, RESULT_AT, MEANING_TEXT, "ok"); break;
	case EXPLAIN_NOT: sheet_put(sheet, RESULT_AT, MEANING_PROBLEM, "NOT"); break;
	case EXPLAIN_NOT_REACHED: sheet_put(sheet, RESULT_AT, MEANING_LABEL, "-"); break;
	}
	sheet_put(sheet, QUESTION_AT, check->result == EXPLAIN_NOT ? MEANING_STRONG : MEANING_TEXT,
		  check->question);
	if (check->result == EXPLAIN_NOT_REACHED) {
		sheet_put(sheet, VALUE_AT, MEANING_LABEL, "not reached");
		sheet_end_line(sheet);
	} else {
		sheet_text(sheet, VALUE_AT, check->value);
	}
}

void explanation_checks(struct sheet *sheet, const struct explain *explain)
{
	sheet_heading(sheet, "Checks, in the program's order");
	for (size_t i = 0; i < explain->count; i++)
		draw_check(sheet, &explain->checks[i], i + 1);
}
