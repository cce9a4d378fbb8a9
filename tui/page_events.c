/* SPDX-License-Identifier: BSD-2-Clause */
/* All that is wrong, each with the next step, and what happened lately. */
#include <stdio.h>

#include "../src/format.h"
#include "sheet.h"

#define CLOCK_WIDTH 11
#define MARK_WIDTH 2
#define ANOMALIES_MAX 32

static void draw_anomalies(struct sheet *sheet)
{
	struct model_anomaly rows[ANOMALIES_MAX];
	size_t count = model_anomalies(sheet->context->model, rows, ANOMALIES_MAX);

	sheet_heading(sheet, "What is wrong, the worst first");
	for (size_t i = 0; i < count; i++) {
		bool remark = rows[i].severity <= VIEW_REMARK;

		sheet_put(sheet, 2, remark ? MEANING_LABEL : MEANING_PROBLEM, remark ? "i" : "!");
		sheet_text(sheet, 2 + MARK_WIDTH, rows[i].text);
		sheet_put(sheet, 2 + MARK_WIDTH, MEANING_KEY, ">");
		sheet_text(sheet, 2 + 2 * MARK_WIDTH, rows[i].next);
	}
	if (!count)
		sheet_text(sheet, 2, "Nothing that is known.");
}

static void draw_journal(struct sheet *sheet)
{
	const struct model *model = sheet->context->model;
	uint64_t oldest =
		model->journal_next > MODEL_JOURNAL ? model->journal_next - MODEL_JOURNAL : 0;

	sheet_heading(sheet, "What happened, the last first");
	for (uint64_t n = model->journal_next; n-- > oldest;) {
		const struct model_journal_entry *entry = &model->journal[n % MODEL_JOURNAL];
		char clock[FORMAT_TIME_SIZE];

		format_clock_seconds(clock, sizeof(clock), entry->time_ns,
				     sheet->context->status->utc_offset_s);
		if (entry->problem)
			sheet_put(sheet, 0, MEANING_PROBLEM, "!");
		sheet_pair(sheet, CLOCK_WIDTH, clock, entry->text);
	}
	if (!model->journal_next)
		sheet_text(sheet, 2, "Nothing yet.");
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	struct sheet sheet = { .context = context, .rect = rect, .top = top };

	draw_anomalies(&sheet);
	draw_journal(&sheet);
	return sheet.lines;
}

const struct page page_events = {
	.name = "Anomalies and events",
	.draw = draw,
};
