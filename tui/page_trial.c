/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loaded program, or with a file its host build, makes of a frame, tried anew with each
 * drawing: bytes before and after. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../src/explain.h"
#include "../src/format.h"
#include "../src/trial.h"
#include "sheet.h"

#define LABEL_WIDTH 12

static void title(const struct view_context *context, char *buf, size_t size)
{
	const struct subject *subject = context->subject;
	char text[FORMAT_ENDPOINT_SIZE];

	if (subject->packet.id)
		snprintf(buf, size, "of packet %s",
			 format_clock(text, sizeof(text), subject->packet.time_ns,
				      context->status->utc_offset_s));
	else
		snprintf(buf, size, "of channel 0x%04x of %s", subject->channel,
			 format_endpoint(text, sizeof(text), &subject->client));
}

static void draw_bytes(struct sheet *sheet, const char *heading, const struct trial_frame *frame,
		       const struct trial_frame *other)
{
	bool changed[TRIAL_SIZE];
	struct sheet_mark marks[SHEET_MARKS];
	char text[80];
	size_t count = 0;

	trial_changes(frame, other, sheet->context->model->turn_port, changed);
	for (size_t i = 0; i < frame->length; i++) {
		if (changed[i] && i && changed[i - 1] && count)
			marks[count - 1].length++;
		else if (changed[i] && count < SHEET_MARKS)
			marks[count++] = (struct sheet_mark){ i, 1 };
	}
	snprintf(text, sizeof(text), "%s: %zu bytes; those in brackets differ", heading,
		 frame->length);
	sheet_heading(sheet, text);
	sheet_bytes(sheet, frame->bytes, frame->length, marks, count);
}

static void draw_layers(struct sheet *sheet, const struct trial_frame *frame)
{
	struct dissection layers;

	dissect(frame->bytes, frame->length, (uint32_t)frame->length,
		sheet->context->model->turn_port, &layers);
	for (size_t i = 0; i < layers.count; i++)
		if (!layers.lines[i].inner)
			sheet_pair(sheet, LABEL_WIDTH, layers.lines[i].label, layers.lines[i].text);
}

static void draw_made_up(struct sheet *sheet, const struct trial_frame *frame)
{
	if (frame->made_up)
		sheet_printf(sheet, LABEL_WIDTH, "note",
			     "the last %zu bytes were not captured, and are zero here",
			     frame->made_up);
}

static void draw_both(struct sheet *sheet, const struct trial_frame *before,
		      const struct trial_frame *after)
{
	draw_bytes(sheet, "Before", before, after);
	draw_layers(sheet, before);
	draw_bytes(sheet, "After", after, before);
	draw_layers(sheet, after);
}

static void draw_trial(struct sheet *sheet, const struct trial_frame *before)
{
	const struct screen_tester *tester = sheet->context->tester;
	const char *when = sheet->context->status->file ? "at this point of the file" : "now";
	struct trial_frame after = { 0 };
	enum screen_verdict verdict;
	int error = tester->run
			    ? tester->run(tester->context, before->bytes, before->length,
					  after.bytes, sizeof(after.bytes), &after.length, &verdict)
			    : -EOPNOTSUPP;

	if (error == -EOPNOTSUPP) {
		sheet_pair(sheet, LABEL_WIDTH, "verdict",
			   "the program that could be asked did not load");
		return;
	}
	if (error) {
		sheet_printf(sheet, LABEL_WIDTH, "verdict", "the program cannot be asked: %s",
			     strerror(-error));
		return;
	}
	draw_made_up(sheet, before);
	if (verdict != SCREEN_SENT) {
		sheet_printf(sheet, LABEL_WIDTH, "verdict", "%s it would be %s", when,
			     verdict == SCREEN_PASSED ? "passed up, byte for byte as it came"
						      : "dropped");
		draw_layers(sheet, before);
		sheet_heading(sheet, "Bytes");
		sheet_bytes(sheet, before->bytes, before->length, NULL, 0);
		return;
	}
	sheet_printf(sheet, LABEL_WIDTH, "verdict", "%s it would be relayed, as %zu bytes", when,
		     after.length);
	draw_both(sheet, before, &after);
}

/* A packet of a file that was relayed is shown as it left then. */
static void draw_packet(struct sheet *sheet, const struct trial_frame *before)
{
	const struct view_context *context = sheet->context;
	const struct model_packet *packet = &context->subject->packet;
	struct trial_frame after;

	if (packet->type != EVENT_RELAYED ||
	    !trial_as_it_was(context->model, &packet->way, before, &after)) {
		draw_trial(sheet, before);
		return;
	}
	draw_made_up(sheet, before);
	draw_both(sheet, before, &after);
}

/* What became of the packet when it came. */
static void draw_past(struct sheet *sheet)
{
	const struct view_context *context = sheet->context;
	const struct model_packet *packet = &context->subject->packet;
	struct dissection frame;
	struct explain explain;

	dissect(packet->frame, packet->captured, packet->length, context->model->turn_port, &frame);
	explain_packet(context->model, packet, &frame, &explain);
	sheet_pair(sheet, LABEL_WIDTH, "it was", explain.verdict);
}

/* Whose MAC the frame needs. */
static void draw_next_hop(struct sheet *sheet, const struct model_binding *binding, bool to_client)
{
	const struct model *model = sheet->context->model;
	char text[EXPLAIN_TEXT];

	explain_neighbour(model, explain_next_hop(model, binding, to_client), 0, text,
			  sizeof(text));
	sheet_pair(sheet, LABEL_WIDTH, "next hop", text);
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	struct sheet sheet = { .context = context, .rect = rect, .top = top };
	const struct model_binding *binding = subject_binding(context);
	struct trial_frame before;
	int error;

	if (context->subject->packet.id) {
		draw_past(&sheet);
		error = trial_of_packet(&context->subject->packet, &before);
		if (!error)
			draw_packet(&sheet, &before);
		else
			sheet_text(&sheet, 2,
				   error == -ENODATA ? "Its bytes were not captured."
						     : "It is too long to be tried.");
	} else if (binding) {
		for (int way = 0; way < 2; way++) {
			sheet_heading(&sheet, way ? "A frame from the peer to the client"
						  : "A frame from the client to the peer");
			draw_next_hop(&sheet, binding, way);
			trial_of_binding(context->model, binding, way, &before);
			draw_trial(&sheet, &before);
		}
	} else {
		sheet_text(&sheet, 2, "The binding has ended.");
	}
	return sheet.lines;
}

const struct page page_trial = {
	.name = "Before and after",
	.title = title,
	.draw = draw,
};
