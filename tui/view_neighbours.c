/* SPDX-License-Identifier: BSD-2-Clause */
/* The learned IP -> MAC map, and the addresses that are wanted but were never seen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/format.h"
#include "../src/labels.h"
#include "../src/order.h"
#include "../src/vendor.h"
#include "view.h"

#define SECOND_NS INT64_C(1000000000)
#define NEW_NS (10 * SECOND_NS)
#define MOVED_NS (60 * SECOND_NS)
#define PATIENCE_NS (3 * SECOND_NS) /* an address that is wanted for longer is a problem */
#define NEARLY_FULL_PERCENT 80

static const struct table_column columns[] = {
	[NEIGHBOURS_BY_IP] = { "IP", "IP", 15, 13, 39, 0, .cut = TABLE_CUT_MIDDLE },
	[NEIGHBOURS_BY_MAC] = { "MAC", "MAC", 17, 5, 17, 0, .cut = TABLE_CUT_FRONT },
	[NEIGHBOURS_BY_VENDOR] = { "Vendor", "vendor", 7, 5, 9, 6 },
	[NEIGHBOURS_BY_SOURCE] = { "By", "what taught us", 3, 3, 3, 7 },
	[NEIGHBOURS_BY_FIRST] = { "First", "first seen", 5, 5, 5, 8, .right = true },
	[NEIGHBOURS_BY_AGE] = { "Age", "age", 4, 3, 4, 4, .right = true },
	[NEIGHBOURS_BY_HITS] = { "Hits", "hits", 5, 5, 5, 10, .right = true, .descending = true },
	[NEIGHBOURS_BY_HIT_RATE] = { "Hit/s", "hits/s", 5, 5, 5, 3, .right = true,
				     .descending = true },
	[NEIGHBOURS_BY_MISSES] = { "Misses", "misses", 6, 5, 6, 9, .right = true,
				   .descending = true },
	[NEIGHBOURS_BY_MISS_RATE] = { "Miss/s", "misses/s", 6, 6, 6, 0, .right = true,
				      .descending = true },
	[NEIGHBOURS_BY_KERNEL] = { "Kernel", "kernel", 6, 6, 6, 5, .descending = true },
	[NEIGHBOURS_BY_FLAGS] = { "Flags", "flags", 8, 5, 20, 0, .descending = true,
				  .cut = TABLE_CUT_WORDS },
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) == NEIGHBOURS_BY_COUNT, "one for each order");

static size_t collect(struct pane *pane, const struct view_context *context)
{
	const struct model *model = context->model;
	size_t all, count = 0;

	pane->filtered = 0;
	if (!context->filter->count)
		return fold_update(pane->fold, model, pane->fresh);
	/* who looks for an address means it, not the router it is behind */
	all = fold_none(pane->fold, model, pane->fresh);
	for (size_t i = 0; i < all; i++)
		if (filter_takes_neighbour(context->filter, &model->neighbours[pane->fresh[i]]))
			pane->fresh[count++] = pane->fresh[i];
	pane->filtered = all - count;
	return count;
}

static void sort(const struct pane *pane, const struct view_context *context, uint32_t *rows,
		 size_t count)
{
	order_neighbours(rows, count, context->model, pane->fold, context->vendors,
			 (enum order_neighbours_by)pane->table.sort_column, pane->table.descending);
}

static void key(const struct view_context *context, uint32_t row, struct table_key *ret)
{
	const struct model_neighbour *neighbour = &context->model->neighbours[row];

	_Static_assert(sizeof(neighbour->ip) + sizeof(neighbour->vlan) <= sizeof(*ret), "fits");
	memcpy(ret->byte, &neighbour->ip, sizeof(neighbour->ip));
	memcpy(ret->byte + sizeof(neighbour->ip), &neighbour->vlan, sizeof(neighbour->vlan));
}

static bool is_stale(const struct model *model, const struct model_neighbour *row)
{
	return model->mac_ttl_s && row->witnessed &&
	       model->now_ns - row->last_seen_ns > (int64_t)model->mac_ttl_s * SECOND_NS;
}

static bool is_long_wanted(const struct model *model, const struct model_neighbour *row)
{
	return !row->witnessed && model->now_ns - row->first_missed_ns > PATIENCE_NS;
}

static bool has_just_moved(const struct model *model, const struct model_neighbour *row)
{
	return row->last_moved_ns && model->now_ns - row->last_moved_ns < MOVED_NS;
}

/* The worst first, since the end may be cut. */
static void put_flags(const struct model *model, const struct model_neighbour *row,
		      const struct fold_group *group, struct table_cell *ret)
{
	uint32_t moves = group ? group->moves : row->moves;
	char *at = ret->text, *end = ret->text + sizeof(ret->text);

	*at = '\0';
	if (!row->witnessed) {
		at += snprintf(at, (size_t)(end - at), "NOMAC ");
		ret->meaning = is_long_wanted(model, row) ? MEANING_PROBLEM : MEANING_WARMING;
	}
	if (moves) {
		at += snprintf(at, (size_t)(end - at), "MOVE%" PRIu32 " ", moves);
		if (has_just_moved(model, row))
			ret->meaning = MEANING_WARMING;
	}
	if (group)
		at += snprintf(at, (size_t)(end - at), "GWx%" PRIu32 " ", group->members);
	if (row->evicted)
		at += snprintf(at, (size_t)(end - at), "EVICTED ");
	else if (is_stale(model, row))
		at += snprintf(at, (size_t)(end - at), "STALE ");
	if (row->vlan)
		at += snprintf(at, (size_t)(end - at), "VLAN%u ", row->vlan);
	if (row->witnessed && model->now_ns - row->first_seen_ns < NEW_NS)
		at += snprintf(at, (size_t)(end - at), "NEW ");
	if (at > ret->text)
		at[-1] = '\0';
}

static void put_kernel(const struct model *model, const struct model_neighbour *row,
		       struct table_cell *ret)
{
	static const char *const words[] = {
		[KERNEL_NONE] = "none",	     [KERNEL_SAME] = "same",
		[KERNEL_DIFFERENT] = "DIFF", [KERNEL_INCOMPLETE] = "asking",
		[KERNEL_FAILED] = "FAILED",
	};

	snprintf(ret->text, sizeof(ret->text), "%s", model->from_file ? "-" : words[row->kernel]);
	if (row->kernel == KERNEL_DIFFERENT || row->kernel == KERNEL_FAILED)
		ret->meaning = MEANING_WARMING;
}

static void put_age(const struct model *model, int64_t since_ns, struct table_cell *ret)
{
	if (since_ns)
		format_age(ret->text, sizeof(ret->text), model->now_ns - since_ns);
	else
		snprintf(ret->text, sizeof(ret->text), "-");
}

/* The middle of the row: numbers, of the row itself or of its group. */
static void put_number(const struct model *model, const struct model_neighbour *row,
		       const struct fold_group *group, size_t column, struct table_cell *ret)
{
	double misses = group ? group->miss_rate : row->misses.rate;

	switch (column) {
	case NEIGHBOURS_BY_FIRST:
		put_age(model, group ? group->first_seen_ns : row->first_seen_ns, ret);
		break;
	case NEIGHBOURS_BY_AGE:
		put_age(model, group ? group->last_seen_ns : row->last_seen_ns, ret);
		break;
	case NEIGHBOURS_BY_HITS:
		format_count(ret->text, sizeof(ret->text),
			     group ? group->hits : tally_since_zero(&row->hits));
		break;
	case NEIGHBOURS_BY_HIT_RATE:
		format_rate(ret->text, sizeof(ret->text), group ? group->hit_rate : row->hits.rate);
		break;
	case NEIGHBOURS_BY_MISSES:
		format_count(ret->text, sizeof(ret->text),
			     group ? group->misses : tally_since_zero(&row->misses));
		break;
	default:
		format_rate(ret->text, sizeof(ret->text), misses);
		if (misses > 0)
			ret->meaning = MEANING_WARMING;
		break;
	}
}

static void cell(const struct pane *pane, const struct view_context *context, uint32_t number,
		 size_t column, struct table_cell *ret)
{
	const struct model_neighbour *row = &context->model->neighbours[number];
	const struct fold_group *group = fold_find(pane->fold, number);
	const char *name = names_find(context->names, &row->ip);
	const char *vendor = name	      ? name
			     : row->witnessed ? vendors_name(context->vendors, &row->mac)
					      : "";

	switch (column) {
	case NEIGHBOURS_BY_IP: format_ip(ret->text, sizeof(ret->text), &row->ip); break;
	case NEIGHBOURS_BY_MAC:
		if (row->witnessed)
			format_mac(ret->text, sizeof(ret->text), &row->mac);
		else
			snprintf(ret->text, sizeof(ret->text), "-");
		break;
	case NEIGHBOURS_BY_VENDOR:
		snprintf(ret->text, sizeof(ret->text), "%s", vendor[0] ? vendor : "-");
		break;
	case NEIGHBOURS_BY_SOURCE:
		snprintf(ret->text, sizeof(ret->text), "%s",
			 row->witnessed ? label_source(row->source) : "-");
		break;
	case NEIGHBOURS_BY_KERNEL: put_kernel(context->model, row, ret); break;
	case NEIGHBOURS_BY_FLAGS: put_flags(context->model, row, group, ret); break;
	default: put_number(context->model, row, group, column, ret); break;
	}
}

static void title(const struct pane *pane, const struct view_context *context, char *buf,
		  size_t size)
{
	const struct model *model = context->model;
	int length = snprintf(buf, size, "%" PRIu64, model->entries);

	(void)pane;
	if (model->mac_entries)
		length += snprintf(buf + length, size - (size_t)length, " of %" PRIu32,
				   model->mac_entries);
	if (model->mac_entries &&
	    model->entries * 100 >= (uint64_t)model->mac_entries * NEARLY_FULL_PERCENT)
		length += snprintf(buf + length, size - (size_t)length, ", NEARLY FULL");
	if (model->wanted_count)
		length += snprintf(buf + length, size - (size_t)length, ", %zu wanted",
				   model->wanted_count);
	if (model->evicted)
		snprintf(buf + length, size - (size_t)length, ", %" PRIu64 " evicted",
			 model->evicted);
}

/* The state of what has to work before a first neighbour can appear, one line each. */
static void put_check(const struct model *model, int check, char *buf, size_t size)
{
	char ip[FORMAT_IP_SIZE] = "this host";

	if (model->own_count)
		format_ip(ip, sizeof(ip), &model->own[0]);
	switch (check) {
	case 0:
		if (model->link == LINK_UP && !model->detached)
			snprintf(buf, size,
				 "  ok   link is up, program %" PRIu32 " runs in %s mode",
				 model->program_id, model->mode ? model->mode : "?");
		else
			snprintf(buf, size, "  !!   %s",
				 model->detached	    ? "the program was detached"
				 : model->link == LINK_GONE ? "the interface is gone"
							    : "the link is down");
		break;
	case 1:
		snprintf(buf, size, "  ok   TURN port %u, relay ports %u-%u", model->turn_port,
			 model->relay_port_min, model->relay_port_max);
		break;
	case 2:
		if (model->seen.total)
			snprintf(buf, size, "  ok   frames arrive: %" PRIu64 " so far",
				 model->seen.total);
		else
			snprintf(buf, size, "  ??   no frame yet: cable, switch, other namespace?");
		break;
	default:
		snprintf(buf, size,
			 "  ??   no channel data to port %u: is the client pointed at %s?",
			 model->turn_port, ip);
		break;
	}
}

static bool empty_of_file(const struct model *model, int line, char *buf, size_t size)
{
	if (line == 0)
		snprintf(buf, size, "No host has been seen in the file up to here.");
	else if (line == 2)
		put_check(model, 1, buf, size);
	else if (line == 4)
		snprintf(buf, size, "Space plays on, . plays one packet or event.");
	return line < 5;
}

static bool empty(const struct pane *pane, const struct view_context *context, int line, char *buf,
		  size_t size)
{
	const struct model *model = context->model;
	char age[FORMAT_NUMBER_SIZE], name[sizeof(model->interface)];

	(void)pane;
	buf[0] = '\0';
	if (model->from_file)
		return empty_of_file(model, line, buf, size);
	switch (line) {
	case 0:
		format_age(age, sizeof(age), model->now_ns - model->attached_ns);
		snprintf(buf, size, "Attached and listening on %s for %s. %s",
			 format_safe(name, sizeof(name), model->interface), age,
			 model->seen.total ? "No host has been seen yet."
					   : "Nothing has arrived yet.");
		return true;
	case 1:
	case 6: return true;
	case 2:
	case 3:
	case 4:
	case 5: put_check(model, line - 2, buf, size); return true;
	case 7:
		snprintf(buf, size,
			 "A neighbour appears once a host sends this machine an IP packet or ARP.");
		return true;
	default: return false;
	}
}

static void hint_wanted(const struct model *model, const struct model_neighbour *row, char *meaning,
			char *next, size_t size)
{
	char ip[FORMAT_IP_SIZE], age[FORMAT_NUMBER_SIZE], count[FORMAT_NUMBER_SIZE];

	snprintf(meaning, size, "%s: wanted by %s frames in %s, never seen",
		 format_ip(ip, sizeof(ip), &row->ip),
		 format_grouped(count, sizeof(count), row->misses.total),
		 format_age(age, sizeof(age), model->now_ns - row->first_missed_ns));
	if (row->kernel == KERNEL_FAILED)
		snprintf(
			next, size,
			"the kernel asks in vain: is the host down, or in another VLAN or subnet?");
	else
		snprintf(next, size, "ping %s from this host; its answer teaches the map", ip);
}

static void hint(const struct pane *pane, const struct view_context *context, uint32_t number,
		 char *meaning, char *next, size_t size)
{
	const struct model *model = context->model;
	const struct model_neighbour *row = &model->neighbours[number];
	const struct fold_group *group = fold_find(pane->fold, number);
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE], other[FORMAT_MAC_SIZE];
	char age[FORMAT_NUMBER_SIZE], hits[FORMAT_NUMBER_SIZE];

	format_ip(ip, sizeof(ip), &row->ip);
	format_mac(mac, sizeof(mac), &row->mac);
	if (!row->witnessed) {
		hint_wanted(model, row, meaning, next, size);
	} else if (has_just_moved(model, row)) {
		snprintf(meaning, size, "%s: moved from %s to %s %s ago", ip,
			 format_mac(other, sizeof(other), &row->previous), mac,
			 format_age(age, sizeof(age), model->now_ns - row->last_moved_ns));
		snprintf(next, size, "fail-over or a new card? else two hosts use %s", ip);
	} else if (row->kernel == KERNEL_DIFFERENT) {
		snprintf(meaning, size, "%s: witnessed with %s, the kernel says %s", ip, mac,
			 format_mac(other, sizeof(other), &row->kernel_mac));
		snprintf(next, size, "ip neigh show to %s; two hosts may use it", ip);
	} else if (group) {
		snprintf(meaning, size, "%s: a router; %" PRIu32 " addresses come from %s", ip,
			 group->members, mac);
	} else {
		snprintf(meaning, size, "%s is at %s, learned from %s %s ago, %s hits", ip, mac,
			 label_source(row->source),
			 format_age(age, sizeof(age), model->now_ns - row->first_seen_ns),
			 format_grouped(hits, sizeof(hits), row->hits.total));
	}
}

static const struct page *open_row(const struct view_context *context, uint32_t number,
				   struct subject *ret)
{
	ret->ip = context->model->neighbours[number].ip;
	ret->vlan = context->model->neighbours[number].vlan;
	return &page_neighbour;
}

static bool address(const struct view_context *context, uint32_t number, struct in6_addr *ret)
{
	*ret = context->model->neighbours[number].ip;
	return true;
}

const struct view view_neighbours = {
	.name = "Neighbours",
	.help = "Which MAC address was witnessed for which IP: frames are relayed to these only. "
		"By: what taught us, an ip packet, arp or ndp. Hit: a frame relayed to it. Miss: a "
		"frame that would have been, had the MAC been "
		"known. Kernel: what this host's own neighbour table says. Flags: NOMAC wanted but "
		"never seen; MOVEn changed its MAC n times; GWxN a router, N addresses in one row; "
		"STALE not witnessed for --mac-ttl seconds; EVICTED no longer in the program's "
		"table; "
		"VLANn; NEW.",
	.columns = columns,
	.column_count = NEIGHBOURS_BY_COUNT,
	.first_sort = NEIGHBOURS_BY_MISS_RATE,
	.capacity = MODEL_NEIGHBOURS,
	.folds = true,
	.collect = collect,
	.sort = sort,
	.cell = cell,
	.key = key,
	.title = title,
	.empty = empty,
	.hint = hint,
	.open = open_row,
	.address = address,
};
