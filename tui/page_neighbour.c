/* SPDX-License-Identifier: BSD-2-Clause */
/* A neighbour's story: since when and from what it is known, moves, misses, and who needs it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/explain.h"
#include "../src/format.h"
#include "../src/labels.h"
#include "../src/vendor.h"
#include "explanation.h"
#include "sheet.h"

#define LABEL_WIDTH 12
#define MOVES_SHOWN 8
#define BINDINGS_SHOWN 8
#define EVENTS_SHOWN 8
#define RELAYED_KNOWN 64

static const struct model_neighbour *subject_row(const struct view_context *context)
{
	return model_find_neighbour(context->model, &context->subject->ip, context->subject->vlan);
}

static void title(const struct view_context *context, char *buf, size_t size)
{
	char ip[FORMAT_IP_SIZE];

	format_ip(ip, sizeof(ip), &context->subject->ip);
	if (context->subject->vlan)
		snprintf(buf, size, "%s, VLAN %u", ip, context->subject->vlan);
	else
		snprintf(buf, size, "%s", ip);
}

/* "17:13:32, 4m ago" */
static const char *put_moment(const struct view_context *context, int64_t time_ns, char *buf,
			      size_t size)
{
	char clock[FORMAT_TIME_SIZE], age[FORMAT_NUMBER_SIZE];

	snprintf(buf, size, "%s, %s ago",
		 format_clock_seconds(clock, sizeof(clock), time_ns, context->status->utc_offset_s),
		 format_age(age, sizeof(age), context->model->now_ns - time_ns));
	return buf;
}

static void draw_name(struct sheet *sheet, const struct in6_addr *ip)
{
	const char *name = names_find(sheet->context->names, ip);

	if (name)
		sheet_pair(sheet, LABEL_WIDTH, "name", name);
}

static void draw_witnessed(struct sheet *sheet, const struct model_neighbour *row)
{
	const struct view_context *context = sheet->context;
	char mac[FORMAT_MAC_SIZE], moment[FORMAT_TIME_SIZE * 2];
	const char *vendor = vendors_name(context->vendors, &row->mac);

	sheet_printf(sheet, LABEL_WIDTH, "MAC", "%s%s%s", format_mac(mac, sizeof(mac), &row->mac),
		     vendor[0] ? ", " : "", vendor);
	if (row->shared > 1)
		sheet_printf(sheet, LABEL_WIDTH, "shared",
			     "%" PRIu32 " addresses come from this MAC", row->shared);
	sheet_printf(sheet, LABEL_WIDTH, "first seen", "%s, from %s",
		     put_moment(context, row->first_seen_ns, moment, sizeof(moment)),
		     row->source == RELAY_SOURCE_IP    ? "an IP packet it sent"
		     : row->source == RELAY_SOURCE_ARP ? "its ARP"
						       : "its neighbour discovery");
	sheet_printf(sheet, LABEL_WIDTH, "last seen", "%s%s",
		     put_moment(context, row->last_seen_ns, moment, sizeof(moment)),
		     row->evicted ? "; evicted from the program's table since" : "");
}

static void draw_traffic(struct sheet *sheet, const struct model_neighbour *row)
{
	char hits[FORMAT_NUMBER_SIZE], rate[FORMAT_NUMBER_SIZE], moment[FORMAT_TIME_SIZE * 2];

	sheet_printf(sheet, LABEL_WIDTH, "hits", "%s frames relayed to it, %s/s now",
		     format_grouped(hits, sizeof(hits), tally_since_zero(&row->hits)),
		     format_rate(rate, sizeof(rate), row->hits.rate));
	sheet_printf(sheet, LABEL_WIDTH, "misses", "%s frames, %s/s now%s%s",
		     format_grouped(hits, sizeof(hits), tally_since_zero(&row->misses)),
		     format_rate(rate, sizeof(rate), row->misses.rate),
		     row->last_missed_ns ? "; the last at " : "",
		     row->last_missed_ns ? put_moment(sheet->context, row->last_missed_ns, moment,
						      sizeof(moment))
					 : "");
}

static void draw_kernel(struct sheet *sheet, const struct model_neighbour *row)
{
	char mac[FORMAT_MAC_SIZE];

	format_mac(mac, sizeof(mac), &row->kernel_mac);
	switch (row->kernel) {
	case KERNEL_NONE:
		sheet_pair(sheet, LABEL_WIDTH, "kernel", "has no entry in its neighbour table");
		break;
	case KERNEL_SAME: sheet_pair(sheet, LABEL_WIDTH, "kernel", "same MAC"); break;
	case KERNEL_DIFFERENT:
		sheet_printf(sheet, LABEL_WIDTH, "kernel", "DIFFERENT: it has %s", mac);
		break;
	case KERNEL_INCOMPLETE: sheet_pair(sheet, LABEL_WIDTH, "kernel", "is asking"); break;
	case KERNEL_FAILED:
		sheet_pair(sheet, LABEL_WIDTH, "kernel", "FAILED: it asked and got no answer");
		break;
	}
}

static void draw_moves(struct sheet *sheet, const struct model_neighbour *row)
{
	const struct model *model = sheet->context->model;
	uint64_t oldest = model->move_next > MODEL_MOVES ? model->move_next - MODEL_MOVES : 0;
	char from[FORMAT_MAC_SIZE], to[FORMAT_MAC_SIZE], moment[FORMAT_TIME_SIZE * 2];
	int shown = 0;

	if (!row->moves)
		return;
	sheet_heading(sheet, "Moves, the last first");
	for (uint64_t n = model->move_next; n-- > oldest && shown < MOVES_SHOWN;) {
		const struct model_move *move = &model->moved[n % MODEL_MOVES];

		if (move->vlan != row->vlan || memcmp(&move->ip, &row->ip, sizeof(row->ip)))
			continue;
		shown++;
		sheet_printf(sheet, 0, "", "%s: from %s to %s",
			     put_moment(sheet->context, move->time_ns, moment, sizeof(moment)),
			     format_mac(from, sizeof(from), &move->from),
			     format_mac(to, sizeof(to), &move->to));
	}
	if (!shown)
		sheet_printf(sheet, 0, "", "%s: from %s to %s",
			     put_moment(sheet->context, row->last_moved_ns, moment, sizeof(moment)),
			     format_mac(from, sizeof(from), &row->previous),
			     format_mac(to, sizeof(to), &row->mac));
	if (row->moves > (uint32_t)shown)
		sheet_printf(sheet, 0, "", "%" PRIu32 " in all", row->moves);
}

/* The relayed addresses of a client: others reach it by them. */
static size_t relayed_of(const struct model *model, const struct in6_addr *ip,
			 const struct endpoint *ret[RELAYED_KNOWN])
{
	size_t count = 0;

	for (size_t slot = 0; slot < model->binding_end && count < RELAYED_KNOWN; slot++)
		if (model->bindings[slot].used &&
		    !memcmp(&model->bindings[slot].client.ip, ip, sizeof(*ip)))
			ret[count++] = &model->bindings[slot].relayed;
	return count;
}

static bool is_peer(const struct model_binding *row, const struct in6_addr *ip,
		    const struct endpoint *const relayed[RELAYED_KNOWN], size_t count)
{
	if (!memcmp(&row->peer.ip, ip, sizeof(*ip)))
		return true;
	for (size_t i = 0; i < count; i++)
		if (row->peer.port == relayed[i]->port &&
		    !memcmp(&row->peer.ip, &relayed[i]->ip, sizeof(row->peer.ip)))
			return true;
	return false;
}

static void draw_bindings(struct sheet *sheet, const struct in6_addr *ip)
{
	const struct model *model = sheet->context->model;
	const struct endpoint *relayed[RELAYED_KNOWN];
	size_t found = 0, count = relayed_of(model, ip, relayed);

	sheet_heading(sheet, "Bindings that lead to it");
	for (size_t slot = 0; slot < model->binding_end; slot++) {
		const struct model_binding *row = &model->bindings[slot];
		char client[FORMAT_ENDPOINT_SIZE], peer[FORMAT_ENDPOINT_SIZE];
		bool out;

		if (!row->used)
			continue;
		out = is_peer(row, ip, relayed, count);
		if (!out && memcmp(&row->client.ip, ip, sizeof(*ip)))
			continue;
		if (found++ >= BINDINGS_SHOWN)
			continue;
		sheet_printf(sheet, LABEL_WIDTH, out ? "as peer" : "as client", "%s 0x%04x > %s",
			     format_endpoint(client, sizeof(client), &row->client), row->channel,
			     format_endpoint(peer, sizeof(peer), &row->peer));
	}
	if (found > BINDINGS_SHOWN)
		sheet_printf(sheet, 0, "", "and %zu more", found - BINDINGS_SHOWN);
	if (!found)
		sheet_text(sheet, 2, "None.");
}

static const struct model_packet *latest_miss(const struct model *model, const struct in6_addr *ip,
					      uint16_t vlan)
{
	uint64_t oldest =
		model->packet_next > MODEL_PACKETS ? model->packet_next - MODEL_PACKETS : 1;

	for (uint64_t id = model->packet_next; id-- > oldest;) {
		const struct model_packet *packet = &model->packets[id % MODEL_PACKETS];

		if (packet->has_missing && packet->vlan == vlan &&
		    !memcmp(&packet->missing, ip, sizeof(*ip)))
			return packet;
	}
	return NULL;
}

static void draw_latest_miss(struct sheet *sheet)
{
	const struct view_context *context = sheet->context;
	const struct model_packet *packet =
		latest_miss(context->model, &context->subject->ip, context->subject->vlan);
	char heading[FORMAT_TIME_SIZE * 2 + 32], moment[FORMAT_TIME_SIZE * 2];
	struct dissection frame;
	struct explain explain;

	if (!packet)
		return;
	snprintf(heading, sizeof(heading), "Its latest miss, %s",
		 put_moment(context, packet->time_ns, moment, sizeof(moment)));
	sheet_heading(sheet, heading);
	dissect(packet->frame, packet->captured, packet->length, context->model->turn_port, &frame);
	explain_packet(context->model, packet, &frame, &explain);
	explanation_verdict(sheet, &explain, packet->class);
	explanation_checks(sheet, &explain);
}

/* An address in a text, not the beginning of a longer one. */
static bool mentions(const char *text, const char *ip)
{
	size_t length = strlen(ip);

	for (const char *at = strstr(text, ip); at; at = strstr(at + 1, ip))
		if ((at == text || at[-1] == ' ' || at[-1] == '[') &&
		    strchr(" ,.:;]", at[length]) && !(at[length] == '.' && at[length + 1]))
			return true;
	return false;
}

static void draw_events(struct sheet *sheet, const char *ip)
{
	const struct model *model = sheet->context->model;
	uint64_t oldest =
		model->journal_next > MODEL_JOURNAL ? model->journal_next - MODEL_JOURNAL : 0;
	int shown = 0;

	for (uint64_t n = model->journal_next; n-- > oldest && shown < EVENTS_SHOWN;) {
		const struct model_journal_entry *entry = &model->journal[n % MODEL_JOURNAL];
		char clock[FORMAT_TIME_SIZE];

		if (!mentions(entry->text, ip))
			continue;
		if (!shown++)
			sheet_heading(sheet, "Events, the last first");
		format_clock_seconds(clock, sizeof(clock), entry->time_ns,
				     sheet->context->status->utc_offset_s);
		sheet_pair(sheet, LABEL_WIDTH, clock, entry->text);
	}
}

static int draw(const struct view_context *context, const struct rect *rect, int top)
{
	struct sheet sheet = { .context = context, .rect = rect, .top = top };
	const struct model_neighbour *row = subject_row(context);
	char ip[FORMAT_IP_SIZE];

	if (!row) {
		sheet_text(&sheet, 2, "It is no longer known.");
		return sheet.lines;
	}
	draw_name(&sheet, &row->ip);
	if (row->witnessed) {
		draw_witnessed(&sheet, row);
	} else {
		sheet_pair(&sheet, LABEL_WIDTH, "MAC",
			   "wanted, but never witnessed: it sent nothing to this host yet");
	}
	draw_traffic(&sheet, row);
	draw_kernel(&sheet, row);
	draw_moves(&sheet, row);
	draw_bindings(&sheet, &row->ip);
	draw_latest_miss(&sheet);
	draw_events(&sheet, format_ip(ip, sizeof(ip), &row->ip));
	return sheet.lines;
}

const struct page page_neighbour = {
	.name = "Neighbour",
	.has_address = true,
	.title = title,
	.draw = draw,
};
