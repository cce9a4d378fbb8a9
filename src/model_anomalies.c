/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong, worst first, each with the next step; read off the public part of the model. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "labels.h"
#include "model.h"

#define SECOND_NS 1000000000LL
#define MOVED_NS (60 * SECOND_NS)      /* a move is news for so long */
#define MOVED_OFTEN 3		       /* moves that make one suspect two hosts */
#define WANTED_NS (60 * SECOND_NS)     /* an IP is wanted for so long after its last miss */
#define WANTED_WARM_NS (2 * SECOND_NS) /* misses are warming up within that time ... */
#define WANTED_WARM_PACKETS 3	       /* ... and up to that many */
#define UNKNOWN_NS (600 * SECOND_NS)   /* a channel's lifetime, RFC 8656 section 12 */
#define UNBOUND_NS (15 * SECOND_NS)    /* a client is told for so long after its last packet */
#define ONE_WAY_PACKETS 10
#define FILL_PERCENT 80

enum severity {
	SEVERITY_INFO = 10,
	SEVERITY_RARE = 20,
	SEVERITY_EVICTED = 30,
	SEVERITY_FILL = 35,
	SEVERITY_ONE_WAY = 40,
	SEVERITY_UNKNOWN = 45,
	SEVERITY_MOVED = 50,
	SEVERITY_REASON = 60,
	SEVERITY_MOVED_OFTEN = 65,
	SEVERITY_WANTED = 70,
	SEVERITY_UNBOUND = 75,
	SEVERITY_LOST = 80,
	SEVERITY_INTERNAL = 85,
	SEVERITY_DOWN = 90,
	SEVERITY_DETACHED = 95,
	SEVERITY_GONE = 100,
};

struct list {
	struct model_anomaly *rows;
	size_t count, max;
};

/* Room for one more in its place, among equals behind; NULL when there are enough that are worse.
 */
static struct model_anomaly *list_add(struct list *list, int severity)
{
	size_t at = list->count;

	while (at && list->rows[at - 1].severity < severity)
		at--;
	if (at == list->max)
		return NULL;
	if (list->count < list->max)
		list->count++;
	memmove(&list->rows[at + 1], &list->rows[at], (list->count - at - 1) * sizeof(*list->rows));
	memset(&list->rows[at], 0, sizeof(*list->rows));
	list->rows[at].severity = severity;
	return &list->rows[at];
}

__attribute__((format(printf, 4, 5))) static void add(struct list *list, int severity,
						      const char *next, const char *format, ...)
{
	struct model_anomaly *anomaly = list_add(list, severity);
	va_list arguments;

	if (!anomaly)
		return;
	va_start(arguments, format);
	vsnprintf(anomaly->text, sizeof(anomaly->text), format, arguments);
	va_end(arguments);
	snprintf(anomaly->next, sizeof(anomaly->next), "%s", next);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* ---- the interface --------------------------------------------------------------------------- */

static void add_interface(struct list *list, const struct model *model)
{
	char next[sizeof(list->rows->next)], lost[FORMAT_NUMBER_SIZE];

	if (model->link == LINK_GONE) {
		add(list, SEVERITY_GONE, "press q, and start again when the interface is back",
		    "%s was removed", model->interface);
	} else if (model->detached) {
		snprintf(next, sizeof(next),
			 "see who did it: bpftool net show dev %s; then start again",
			 model->interface);
		add(list, SEVERITY_DETACHED, next,
		    "the program was taken off %s: nothing is relayed", model->interface);
	}
	if (model->link == LINK_DOWN) {
		snprintf(next, sizeof(next), "ip link set %s up, or look at the cable or switch",
			 model->interface);
		add(list, SEVERITY_DOWN, next, "%s is down: nothing can arrive", model->interface);
	}
	if (model->lost.total > model->lost.at_zero) {
		format_grouped(lost, sizeof(lost), model->lost.total - model->lost.at_zero);
		add(list, SEVERITY_LOST,
		    "capture fewer reasons (--capture misses) or bytes (-s 128)",
		    "%s records lost: packets are missing here, counters are exact", lost);
	}
}

/* ---- neighbours ------------------------------------------------------------------------------ */

static bool is_wanted(const struct model *model, const struct model_neighbour *row)
{
	return !row->witnessed && model->now_ns - row->last_missed_ns < WANTED_NS &&
	       (row->misses.total > WANTED_WARM_PACKETS ||
		row->last_missed_ns - row->first_missed_ns > WANTED_WARM_NS);
}

static bool is_moved(const struct model *model, const struct model_neighbour *row)
{
	return row->last_moved_ns && model->now_ns - row->last_moved_ns < MOVED_NS;
}

static void wanted_next(char *buf, size_t size, const struct model_neighbour *row, const char *ip)
{
	switch (row->kernel) {
	case KERNEL_FAILED:
		snprintf(buf, size, "the kernel asked in vain: is %s up, in this subnet and VLAN?",
			 ip);
		break;
	case KERNEL_INCOMPLETE:
		snprintf(buf, size,
			 "the kernel is asking for it now; if it gets no answer, %s is not there",
			 ip);
		break;
	case KERNEL_SAME:
	case KERNEL_DIFFERENT:
		snprintf(buf, size, "the kernel knows its MAC: ping %s, its answer teaches the map",
			 ip);
		break;
	case KERNEL_NONE:
		snprintf(buf, size, "ping %s from this host; its answer teaches the map", ip);
		break;
	}
}

static void add_wanted(struct list *list, const struct model_neighbour *worst, size_t count)
{
	char ip[FORMAT_IP_SIZE], misses[FORMAT_NUMBER_SIZE], next[sizeof(list->rows->next)];

	if (!worst)
		return;
	format_ip(ip, sizeof(ip), &worst->ip);
	format_grouped(misses, sizeof(misses), worst->misses.total);
	wanted_next(next, sizeof(next), worst, ip);
	add(list, SEVERITY_WANTED, next, "%s wanted by %s packet%s, never seen", ip, misses,
	    plural(worst->misses.total));
	if (count > 1)
		add(list, SEVERITY_WANTED, "they are the rows without a MAC in the neighbours pane",
		    "%zu more IP%s wanted, never seen", count - 1, plural(count - 1));
}

/* "from :02 to :09" when only the last octets differ, as on one's own desk. */
static void moved_macs(char *buf, size_t size, const struct model_neighbour *row)
{
	char from[FORMAT_MAC_SIZE], to[FORMAT_MAC_SIZE];
	size_t skip = memcmp(&row->previous, &row->mac, 5) ? 0 : 14;

	format_mac(from, sizeof(from), &row->previous);
	format_mac(to, sizeof(to), &row->mac);
	snprintf(buf, size, "from %s to %s", from + skip, to + skip);
}

static void add_moved(struct list *list, const struct model *model,
		      const struct model_neighbour *worst, size_t count)
{
	char ip[FORMAT_IP_SIZE], macs[64], next[sizeof(list->rows->next)];

	if (!worst)
		return;
	format_ip(ip, sizeof(ip), &worst->ip);
	moved_macs(macs, sizeof(macs), worst);
	if (worst->moves >= MOVED_OFTEN) {
		snprintf(next, sizeof(next), "see how many answer: arping -I %s %s",
			 model->interface, ip);
		add(list, SEVERITY_MOVED_OFTEN, next, "%s moved %ux, last %s: duplicate address?",
		    ip, worst->moves, macs);
	} else {
		add(list, SEVERITY_MOVED,
		    "nothing, if a host or a fail-over address moved on purpose", "%s moved %s", ip,
		    macs);
	}
	if (count > 1)
		add(list, SEVERITY_MOVED, "sort the neighbours pane by flags to see them",
		    "%zu more IP%s moved lately", count - 1, plural(count - 1));
}

static void add_neighbours(struct list *list, const struct model *model, bool *ret_wanted)
{
	const struct model_neighbour *wanted = NULL, *moved = NULL;
	size_t wanted_count = 0, moved_count = 0;

	for (size_t n = 0; n < model->neighbour_count; n++) {
		const struct model_neighbour *row = &model->neighbours[n];

		if (is_wanted(model, row)) {
			wanted_count++;
			if (!wanted || row->misses.total > wanted->misses.total)
				wanted = row;
		} else if (is_moved(model, row)) {
			moved_count++;
			if (!moved || row->moves > moved->moves)
				moved = row;
		}
	}
	add_wanted(list, wanted, wanted_count);
	add_moved(list, model, moved, moved_count);
	*ret_wanted = wanted != NULL;
}

static void add_table(struct list *list, const struct model *model)
{
	char next[sizeof(list->rows->next)], evicted[FORMAT_NUMBER_SIZE];

	if (!model->mac_entries)
		return;
	snprintf(next, sizeof(next), "start with a larger table: --mac-entries %llu",
		 2ULL * model->mac_entries);
	if (model->entries * 100 >= (uint64_t)model->mac_entries * FILL_PERCENT)
		add(list, SEVERITY_FILL, next, "the neighbour table is %u%% full",
		    (unsigned int)(model->entries * 100 / model->mac_entries));
	if (model->evicted)
		add(list, SEVERITY_EVICTED, next, "%s neighbour%s evicted, for lack of room",
		    format_grouped(evicted, sizeof(evicted), model->evicted),
		    plural(model->evicted));
}

/* ---- reasons --------------------------------------------------------------------------------- */

static int reason_severity(enum relay_reason reason)
{
	if (reason == RELAY_REASON_INTERNAL)
		return SEVERITY_INTERNAL;
	return reason == RELAY_REASON_UNFINISHED ? SEVERITY_RARE : SEVERITY_REASON;
}

/* It is bound, since the server takes it, but that was before us. */
static void add_unbound(struct list *list, const struct model *model)
{
	const struct tally *count = &model->reasons[RELAY_REASON_NO_BINDING].count;
	char client[FORMAT_ENDPOINT_SIZE], rate[FORMAT_NUMBER_SIZE];

	add(list, count->rate > model->misses.rate ? SEVERITY_UNBOUND : SEVERITY_REASON,
	    "bound before the start? restart the client, or give --binding",
	    "%s channel 0x%04x: no binding is known; %s %s/s",
	    format_endpoint(client, sizeof(client), &model->unbound_client), model->unbound_channel,
	    label_reason(RELAY_REASON_NO_BINDING), format_rate(rate, sizeof(rate), count->rate));
}

static void add_reasons(struct list *list, const struct model *model, bool wanted)
{
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		const struct model_reason *row = &model->reasons[i];
		enum relay_reason reason = (enum relay_reason)i;
		char rate[FORMAT_NUMBER_SIZE], total[FORMAT_NUMBER_SIZE];

		if (!row->since_ns || row->class != RELAY_CLASS_PROBLEM)
			continue;
		if (reason == RELAY_REASON_NO_MAC && wanted)
			continue;
		if (reason == RELAY_REASON_NO_BINDING && model->unbound_client.port &&
		    model->now_ns - model->unbound_ns < UNBOUND_NS) {
			add_unbound(list, model);
			continue;
		}
		add(list, reason_severity(reason), reason_next_step(reason),
		    "%s %s/s, %s in all: %s", label_reason(reason),
		    format_rate(rate, sizeof(rate), row->count.rate),
		    format_count(total, sizeof(total), row->count.total), reason_means(reason));
	}
	if (model->repaired.total > model->repaired.at_zero) {
		char total[FORMAT_NUMBER_SIZE];

		format_grouped(total, sizeof(total),
			       model->repaired.total - model->repaired.at_zero);
		add(list, SEVERITY_INFO,
		    "all is well; to spare the work, on the senders: ethtool -K INTERFACE tx off",
		    "%s checksum%s finished that senders left to their card", total,
		    plural(model->repaired.total - model->repaired.at_zero));
	}
}

/* ---- bindings -------------------------------------------------------------------------------- */

static uint64_t binding_packets(const struct model_binding *binding)
{
	return binding->to_peer.packets.total + binding->to_client.packets.total;
}

static void add_one_way(struct list *list, const struct model *model,
			const struct model_binding *worst, size_t count)
{
	bool answered = worst->to_peer.packets.total && worst->to_client.packets.total;
	bool to_peer = worst->to_peer.last_used_ns >= worst->to_client.last_used_ns;
	const struct endpoint *silent = to_peer ? &worst->peer : &worst->client;
	char client[FORMAT_ENDPOINT_SIZE], text[FORMAT_ENDPOINT_SIZE], ip[FORMAT_IP_SIZE];
	char next[sizeof(list->rows->next)], more[32] = "";

	format_ip(ip, sizeof(ip), &silent->ip);
	snprintf(next, sizeof(next), "does it send? tcpdump -ni %s udp and src host %s",
		 model->interface, ip);
	if (count > 1)
		snprintf(more, sizeof(more), ", and %zu more", count - 1);
	add(list, SEVERITY_ONE_WAY, next, "%s channel 0x%04x: nothing %s from %s %s%s",
	    format_endpoint(client, sizeof(client), &worst->client), worst->channel,
	    answered ? "any more" : "ever came", to_peer ? "the peer" : "the client",
	    to_peer ? format_endpoint(text, sizeof(text), &worst->peer) : "", more);
}

static void add_bindings(struct list *list, const struct model *model)
{
	const struct model_binding *worst = NULL;
	size_t count = 0;

	for (size_t slot = 0; slot < model->binding_end; slot++) {
		const struct model_binding *binding = &model->bindings[slot];

		if (!binding->used || binding->state != BINDING_ONE_WAY ||
		    binding_packets(binding) < ONE_WAY_PACKETS)
			continue;
		count++;
		if (!worst || binding_packets(binding) > binding_packets(worst))
			worst = binding;
	}
	if (worst)
		add_one_way(list, model, worst, count);
	if (model->unknown_allocations && model->now_ns - model->unknown_allocation_ns < UNKNOWN_NS)
		add(list, SEVERITY_UNKNOWN,
		    "restart the client, so that its allocation is witnessed",
		    "%llu channel bind%s for an allocation made before the start",
		    (unsigned long long)model->unknown_allocations,
		    plural(model->unknown_allocations));
}

size_t model_anomalies(const struct model *model, struct model_anomaly *ret, size_t max)
{
	struct list list = { ret, 0, max };
	bool wanted = false;

	add_interface(&list, model);
	add_neighbours(&list, model, &wanted);
	add_reasons(&list, model, wanted);
	add_bindings(&list, model);
	add_table(&list, model);
	return list.count;
}
