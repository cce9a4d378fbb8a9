/* SPDX-License-Identifier: BSD-2-Clause */
/* The packets that were left to the TURN server and the kernel, newest first, each with its reason.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/explain.h"
#include "../src/format.h"
#include "../src/labels.h"
#include "../src/order.h"
#include "class.h"
#include "view.h"

#define DNS_PORT 53
#define NTP_PORT 123

static const struct table_column columns[] = {
	[PACKETS_BY_TIME] = { "Time", "time", 12, 12, 12, 3, .descending = true },
	[PACKETS_BY_FROM] = { "From", "from", 16, 12, 47, 0, .cut = TABLE_CUT_MIDDLE },
	[PACKETS_BY_FROM_MAC] = { "From MAC", "from MAC", 17, 17, 17, 9, .cut = TABLE_CUT_FRONT },
	[PACKETS_BY_TO] = { "To", "to", 15, 12, 47, 4, .cut = TABLE_CUT_MIDDLE },
	[PACKETS_BY_LENGTH] = { "Len", "length", 5, 4, 5, 5, .right = true, .descending = true },
	[PACKETS_BY_REASON] = { "Reason", "reason", 12, 10, 19, 0 },
	[PACKETS_BY_DETAIL] = { "Detail", "detail", 12, 9, 60, 0, .cut = TABLE_CUT_WORDS },
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) == PACKETS_BY_COUNT, "one for each order");

static size_t collect(struct pane *pane, const struct view_context *context)
{
	const struct model *model = context->model;
	uint64_t oldest =
		model->packet_next > MODEL_PACKETS ? model->packet_next - MODEL_PACKETS : 1;
	size_t count = 0;

	bool normal = context->status->show_normal || filter_names_class(context->filter);

	pane->hidden = pane->filtered = 0;
	for (uint64_t id = model->packet_next; id-- > oldest;) {
		uint32_t row = (uint32_t)(id % MODEL_PACKETS);

		if (!filter_takes_packet(context->filter, &model->packets[row]))
			pane->filtered++;
		else if (normal || model->packets[row].class != RELAY_CLASS_NORMAL ||
			 model->packets[row].type == EVENT_RELAYED)
			pane->fresh[count++] = row;
		else
			pane->hidden++;
	}
	return count;
}

static void sort(const struct pane *pane, const struct view_context *context, uint32_t *rows,
		 size_t count)
{
	order_packets(rows, count, context->model, (enum order_packets_by)pane->table.sort_column,
		      pane->table.descending);
}

static void key(const struct view_context *context, uint32_t row, struct table_key *ret)
{
	memcpy(ret->byte, &context->model->packets[row].id, sizeof(uint64_t));
}

/* The address or number that the reason is about. */
static void put_detail(const struct model_packet *row, struct table_cell *ret)
{
	char *at = ret->text, *end = ret->text + sizeof(ret->text);
	char ip[FORMAT_IP_SIZE];

	*at = '\0';
	if (row->type == EVENT_RELAYED)
		at += snprintf(at, (size_t)(end - at), "%s %s ",
			       format_ip(ip, sizeof(ip), &row->way.dst.ip),
			       label_path(row->way.path));
	if (row->has_missing)
		at += snprintf(at, (size_t)(end - at), "%s ",
			       format_ip(ip, sizeof(ip), &row->missing));
	if (row->has_channel)
		at += snprintf(at, (size_t)(end - at), "0x%04x ", row->channel);
	if (row->reason == RELAY_REASON_NO_BINDING && row->has_ports && !row->has_channel)
		at += snprintf(at, (size_t)(end - at), "port %u ", row->dst.port);
	if (row->has_ports && row->src.port == DNS_PORT)
		at += snprintf(at, (size_t)(end - at), "dns? ");
	if (row->has_ports && row->src.port == NTP_PORT)
		at += snprintf(at, (size_t)(end - at), "ntp? ");
	if (row->vlan)
		at += snprintf(at, (size_t)(end - at), "vlan %u ", row->vlan);
	if (at > ret->text)
		at[-1] = '\0';
}

static void cell(const struct pane *pane, const struct view_context *context, uint32_t number,
		 size_t column, struct table_cell *ret)
{
	const struct model_packet *row = &context->model->packets[number];

	(void)pane;
	switch (column) {
	case PACKETS_BY_TIME:
		format_clock(ret->text, sizeof(ret->text), row->time_ns,
			     context->status->utc_offset_s);
		break;
	case PACKETS_BY_FROM:
		format_end(ret->text, sizeof(ret->text), row->has_ip, row->has_ports, &row->src,
			   &row->src_mac);
		break;
	case PACKETS_BY_FROM_MAC: format_mac(ret->text, sizeof(ret->text), &row->src_mac); break;
	case PACKETS_BY_TO:
		format_end(ret->text, sizeof(ret->text), row->has_ip, row->has_ports, &row->dst,
			   &row->dst_mac);
		break;
	case PACKETS_BY_LENGTH:
		snprintf(ret->text, sizeof(ret->text), "%" PRIu32, row->length);
		break;
	case PACKETS_BY_REASON:
		snprintf(ret->text, sizeof(ret->text), "%s", label_packet(row->type, row->reason));
		ret->meaning = class_meaning(row->class);
		break;
	default: put_detail(row, ret); break;
	}
}

static void title(const struct pane *pane, const struct view_context *context, char *buf,
		  size_t size)
{
	char rate[FORMAT_NUMBER_SIZE];

	(void)pane;
	if (context->model->passed.rate >= 0)
		snprintf(buf, size, "%s/s",
			 format_rate(rate, sizeof(rate), context->model->passed.rate));
}

static void note(const struct pane *pane, const struct view_context *context, char *buf,
		 size_t size)
{
	if (context->status->show_normal)
		snprintf(buf, size, "all classes, a hides normal");
	else if (pane->hidden)
		snprintf(buf, size, "%zu normal hidden, a shows", pane->hidden);
}

/* The first reason that has packets which are not listed, as the filter and `normal` want it. */
static bool put_counted(const struct view_context *context, bool normal, char *buf, size_t size)
{
	const struct model *model = context->model;

	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		const struct model_reason *row = &model->reasons[i];
		const char *label = label_reason((enum relay_reason)i);

		if (!row->count.total || !(model->unlisted >> i & 1) ||
		    (!normal && row->class == RELAY_CLASS_NORMAL) ||
		    !filter_takes_reason(context->filter, (enum relay_reason)i, row->class))
			continue;
		snprintf(buf, size, "%s is only counted; --capture turn,%s lists it.", label,
			 label);
		return true;
	}
	return false;
}

static bool empty(const struct pane *pane, const struct view_context *context, int line, char *buf,
		  size_t size)
{
	if (line == 1 && put_counted(context, false, buf, size))
		return true;
	if (line)
		return false;
	if (pane->hidden)
		snprintf(buf, size, "Only normal packets are listed; a shows them.");
	else if (context->model->passed.total)
		snprintf(buf, size, "No packet that concerns TURN; the reasons count the others.");
	else
		snprintf(buf, size, "Nothing was passed up yet.");
	return true;
}

static void unmatched(const struct view_context *context, char *buf, size_t size)
{
	if (filter_names_class(context->filter))
		(void)put_counted(context, true, buf, size);
}

static void hint(const struct pane *pane, const struct view_context *context, uint32_t number,
		 char *meaning, char *next, size_t size)
{
	const struct model_packet *row = &context->model->packets[number];
	char ip[FORMAT_IP_SIZE];

	(void)pane;
	if (row->type == EVENT_RELAYED || row->type == EVENT_SENT) {
		explain_aside(row, meaning, size);
		snprintf(next, size, "%s", EXPLAIN_NOTHING_TO_DO);
		return;
	}
	if (row->has_missing)
		snprintf(meaning, size, "%s: %s, which is %s", label_reason(row->reason),
			 reason_means(row->reason), format_ip(ip, sizeof(ip), &row->missing));
	else
		snprintf(meaning, size, "%s: %s", label_reason(row->reason),
			 reason_means(row->reason));
	snprintf(next, size, "%s", reason_next_step(row->reason));
}

static const struct page *open_row(const struct view_context *context, uint32_t number,
				   struct subject *ret)
{
	ret->packet = context->model->packets[number];
	return &page_packet;
}

/* Whose MAC is missing; else the sender. */
static bool address(const struct view_context *context, uint32_t number, struct in6_addr *ret)
{
	const struct model_packet *row = &context->model->packets[number];

	*ret = row->has_missing ? row->missing : row->src.ip;
	return row->has_missing || row->has_ip;
}

const struct view view_passed = {
	.name = "Passed up",
	.help = "The last packets that the fast path left alone, newest first, with the reason. "
		"Detail: "
		"the address whose MAC is missing, the channel or the port. Packets of the normal "
		"class "
		"are hidden; a shows those that are captured (--capture).",
	.columns = columns,
	.column_count = PACKETS_BY_COUNT,
	.first_sort = PACKETS_BY_TIME,
	.capacity = MODEL_PACKETS,
	.follow_first = true,
	.collect = collect,
	.sort = sort,
	.cell = cell,
	.key = key,
	.title = title,
	.note = note,
	.empty = empty,
	.unmatched = unmatched,
	.hint = hint,
	.open = open_row,
	.address = address,
};
