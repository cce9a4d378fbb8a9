/* SPDX-License-Identifier: BSD-2-Clause */
/* A binding: who is behind it, both directions, how long it lives, and what it still misses. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/explain.h"
#include "../src/format.h"
#include "../src/labels.h"
#include "sheet.h"

#define LABEL_WIDTH 13
#define PACKETS_SHOWN 8
#define SECOND_NS INT64_C(1000000000)

static void title(const struct view_context *context, char *buf, size_t size)
{
	char client[FORMAT_ENDPOINT_SIZE];

	snprintf(buf, size, "channel 0x%04x of %s", context->subject->channel,
		 format_endpoint(client, sizeof(client), &context->subject->client));
}

static void draw_ends(struct sheet *sheet, const struct model_binding *row)
{
	const struct model *model = sheet->context->model;
	char text[FORMAT_ENDPOINT_SIZE], neighbour[EXPLAIN_TEXT];

	sheet_pair(sheet, LABEL_WIDTH, "client", format_endpoint(text, sizeof(text), &row->client));
	explain_neighbour(model, explain_next_hop(model, row, true), 0, neighbour,
			  sizeof(neighbour));
	sheet_text(sheet, 4 + LABEL_WIDTH, neighbour);
	sheet_pair(sheet, LABEL_WIDTH, "server", format_endpoint(text, sizeof(text), &row->server));
	sheet_pair(sheet, LABEL_WIDTH, "relayed as",
		   format_endpoint(text, sizeof(text), &row->relayed));
	sheet_pair(sheet, LABEL_WIDTH, "peer", format_endpoint(text, sizeof(text), &row->peer));
	explain_neighbour(model, explain_next_hop(model, row, false), 0, neighbour,
			  sizeof(neighbour));
	sheet_text(sheet, 4 + LABEL_WIDTH, neighbour);
}

static void draw_life(struct sheet *sheet, const struct model_binding *row)
{
	const struct view_context *context = sheet->context;
	char clock[FORMAT_TIME_SIZE], text[FORMAT_NUMBER_SIZE];
	struct table_cell state = { .meaning = MEANING_TEXT };

	view_binding_state(context->model, row, &state);
	sheet_pair(sheet, LABEL_WIDTH, "state", state.text);
	format_clock_seconds(clock, sizeof(clock), row->bound_ns, context->status->utc_offset_s);
	sheet_printf(sheet, LABEL_WIDTH, "bound at", "%s%s", clock,
		     row->fixed ? ", by --binding" : ", by the client's ChannelBind");
	if (row->fixed)
		sheet_pair(sheet, LABEL_WIDTH, "expires", "never");
	else
		sheet_printf(sheet, LABEL_WIDTH, "expires", "in %" PRId64 " s",
			     (row->expires_ns - context->model->now_ns) / SECOND_NS);
	if (row->first_hit_ns)
		sheet_printf(sheet, LABEL_WIDTH, "first hit", "%s after it was bound",
			     format_latency(text, sizeof(text), row->first_hit_ns - row->bound_ns));
	else
		sheet_pair(sheet, LABEL_WIDTH, "first hit", "none yet");
}

/* Frames that were known to be its, but took the way through the TURN server. */
static const char *put_share(char *buf, size_t size, uint64_t hits, uint64_t misses)
{
	char share[FORMAT_NUMBER_SIZE], count[FORMAT_NUMBER_SIZE];

	snprintf(buf, size, "%s on the slow path (%s missed)",
		 format_percent(share, sizeof(share), (double)misses, (double)(hits + misses)),
		 format_grouped(count, sizeof(count), misses));
	return buf;
}

static void draw_direction(struct sheet *sheet, const char *label,
			   const struct model_direction *direction)
{
	uint64_t hits = tally_since_zero(&direction->packets);
	uint64_t misses = tally_since_zero(&direction->misses);
	char packets[FORMAT_NUMBER_SIZE], rate[FORMAT_NUMBER_SIZE], bytes[FORMAT_NUMBER_SIZE];
	char share[64], age[FORMAT_NUMBER_SIZE] = "";

	if (!hits && !misses) {
		sheet_pair(sheet, LABEL_WIDTH, label, "nothing came yet");
		return;
	}
	if (direction->last_used_ns)
		format_age(age, sizeof(age),
			   sheet->context->model->now_ns - direction->last_used_ns);
	sheet_printf(sheet, LABEL_WIDTH, label, "%s relayed, %s/s, %s%s%s%s",
		     format_grouped(packets, sizeof(packets), hits),
		     format_rate(rate, sizeof(rate), direction->packets.rate),
		     format_bytes(bytes, sizeof(bytes), tally_since_zero(&direction->bytes)),
		     age[0] ? "; the last " : "", age, age[0] ? " ago" : "");
	sheet_printf(sheet, LABEL_WIDTH, "", "%s, %s/s now",
		     put_share(share, sizeof(share), hits, misses),
		     format_rate(rate, sizeof(rate), direction->misses.rate));
}

static void draw_traffic(struct sheet *sheet, const struct model_binding *row)
{
	uint64_t hits =
		tally_since_zero(&row->to_peer.packets) + tally_since_zero(&row->to_client.packets);
	uint64_t misses =
		tally_since_zero(&row->to_peer.misses) + tally_since_zero(&row->to_client.misses);
	char share[64];

	sheet_heading(sheet, "Traffic on the fast path");
	draw_direction(sheet, "to peer", &row->to_peer);
	draw_direction(sheet, "to client", &row->to_client);
	if (hits + misses)
		sheet_pair(sheet, LABEL_WIDTH, "in all",
			   put_share(share, sizeof(share), hits, misses));
}

static void draw_packets(struct sheet *sheet, const struct model_binding *row)
{
	const struct view_context *context = sheet->context;
	const struct model *model = context->model;
	uint64_t oldest =
		model->packet_next > MODEL_PACKETS ? model->packet_next - MODEL_PACKETS : 1;
	int shown = 0;

	sheet_heading(sheet, "Its latest packets that were passed up");
	for (uint64_t id = model->packet_next; id-- > oldest && shown < PACKETS_SHOWN;) {
		const struct model_packet *packet = &model->packets[id % MODEL_PACKETS];
		char clock[FORMAT_TIME_SIZE];

		if (!explain_is_of(packet, row))
			continue;
		shown++;
		format_clock(clock, sizeof(clock), packet->time_ns, context->status->utc_offset_s);
		sheet_printf(sheet, LABEL_WIDTH, clock, "%s, %" PRIu32 " bytes: %s",
			     packet->has_channel ? "to the peer" : "to the client", packet->length,
			     label_packet(packet->type, packet->reason));
	}
	if (!shown)
		sheet_text(sheet, 2, "None that is still remembered.");
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	struct sheet sheet = { .context = context, .rect = rect, .top = top };
	const struct model_binding *row = subject_binding(context);

	if (!row) {
		sheet_text(&sheet, 2, "It has ended: expired, removed, or bound to another peer.");
		return sheet.lines;
	}
	draw_ends(&sheet, row);
	draw_life(&sheet, row);
	draw_traffic(&sheet, row);
	draw_packets(&sheet, row);
	return sheet.lines;
}

const struct page page_binding = {
	.name = "Binding",
	.has_address = true,
	.has_frame = true,
	.title = title,
	.draw = draw,
};
