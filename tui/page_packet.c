/* SPDX-License-Identifier: BSD-2-Clause */
/* A passed-up packet explained: the checks it went through, the map entries, layers and bytes. */
#include <inttypes.h>
#include <stdio.h>

#include "../src/dissect.h"
#include "../src/explain.h"
#include "../src/format.h"
#include "../src/labels.h"
#include "explanation.h"
#include "sheet.h"

#define LABEL_WIDTH 12
#define INNER_WIDTH 26
#define WIDE 136 /* from here on, layers and bytes stand beside the checks */
#define RIGHT_WIDTH 74

static void title(const struct view_context *context, char *buf, size_t size)
{
	const struct model_packet *packet = &context->subject->packet;
	char clock[FORMAT_TIME_SIZE], from[FORMAT_ENDPOINT_SIZE], to[FORMAT_ENDPOINT_SIZE];

	format_clock(clock, sizeof(clock), packet->time_ns, context->status->utc_offset_s);
	if (packet->has_ports)
		snprintf(buf, size, "%s %s > %s", clock,
			 format_endpoint(from, sizeof(from), &packet->src),
			 format_endpoint(to, sizeof(to), &packet->dst));
	else if (packet->has_ip)
		snprintf(buf, size, "%s %s > %s", clock,
			 format_ip(from, sizeof(from), &packet->src.ip),
			 format_ip(to, sizeof(to), &packet->dst.ip));
	else
		snprintf(buf, size, "%s %s > %s", clock,
			 format_mac(from, sizeof(from), &packet->src_mac),
			 format_mac(to, sizeof(to), &packet->dst_mac));
}

static void draw_layers(struct sheet *sheet, const struct dissection *frame)
{
	sheet_heading(sheet, "Layers");
	for (size_t i = 0; i < frame->count; i++) {
		const struct dissect_line *line = &frame->lines[i];

		if (line->inner) {
			sheet_put(sheet, 4, MEANING_LABEL, line->label);
			sheet_text(sheet, 4 + INNER_WIDTH, line->text);
		} else {
			sheet_pair(sheet, LABEL_WIDTH, line->label, line->text);
		}
	}
	if (!frame->count)
		sheet_text(sheet, 2, "Its bytes were not captured.");
}

static void draw_bytes(struct sheet *sheet, const struct model_packet *packet,
		       const struct explain *explain)
{
	struct sheet_mark marks[EXPLAIN_MARKS];
	char heading[80];
	size_t count = 0;

	for (size_t i = 0; i < EXPLAIN_MARKS; i++)
		if (explain->marks[i].length)
			marks[count++] = (struct sheet_mark){ explain->marks[i].offset,
							      explain->marks[i].length };
	snprintf(heading, sizeof(heading), "Bytes: %" PRIu32 " of %" PRIu32 "%s", packet->captured,
		 packet->length, count ? "; those in brackets decided" : "");
	sheet_heading(sheet, heading);
	sheet_bytes(sheet, packet->frame, packet->captured, marks, count);
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	const struct model_packet *packet = &context->subject->packet;
	struct sheet sheet = { .context = context, .rect = rect, .top = top }, right;
	struct rect left = *rect, beside = *rect;
	struct dissection frame;
	struct explain explain;

	dissect(packet->frame, packet->captured, packet->length, context->model->turn_port, &frame);
	explain_packet(context->model, packet, &frame, &explain);
	explanation_verdict(&sheet, &explain, packet->class);
	right = sheet;
	if (rect->width >= WIDE) {
		left.width = rect->width - RIGHT_WIDTH - 2;
		beside.x += rect->width - RIGHT_WIDTH;
		beside.width = RIGHT_WIDTH;
		right.rect = &beside;
	}
	sheet.rect = &left;
	explanation_checks(&sheet, &explain);
	if (rect->width < WIDE)
		right.lines = sheet.lines;
	draw_layers(&right, &frame);
	if (packet->captured)
		draw_bytes(&right, packet, &explain);
	return right.lines > sheet.lines ? right.lines : sheet.lines;
}

const struct page page_packet = {
	.name = "Packet",
	.has_address = true,
	.has_frame = true,
	.title = title,
	.draw = draw,
};
