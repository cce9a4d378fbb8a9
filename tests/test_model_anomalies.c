/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model says is wrong, in which order, and what to do next. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../src/model.h"
#include "model_events.h"

static void nothing(struct model *model)
{
	event_learned(model, START, "10.90.0.10", 0x10);
}

static void gone(struct model *model)
{
	model->link = LINK_GONE;
	model->detached = true;
}

static void detached(struct model *model)
{
	model->detached = true;
}

static void down(struct model *model)
{
	model->link = LINK_DOWN;
}

static void lost(struct model *model)
{
	model->lost.total = 1204;
}

static void wanted(struct model *model)
{
	for (int i = 0; i < 340; i++)
		event_missed(model, START + i, "10.90.0.9");
	event_missed(model, START, "10.90.0.8");
}

static void wanted_failed(struct model *model)
{
	struct in6_addr ip = event_ip("10.90.0.9");

	wanted(model);
	model_kernel_neighbour(model, &ip, KERNEL_FAILED, NULL);
}

static void wanted_asking(struct model *model)
{
	struct in6_addr ip = event_ip("10.90.0.9");

	wanted(model);
	model_kernel_neighbour(model, &ip, KERNEL_INCOMPLETE, NULL);
}

static void wanted_known(struct model *model)
{
	struct in6_addr ip = event_ip("10.90.0.9");
	struct mac mac = event_mac(9);

	wanted(model);
	model_kernel_neighbour(model, &ip, KERNEL_SAME, &mac);
}

static void wanted_three(struct model *model)
{
	for (int i = 0; i < 9; i++) {
		event_missed(model, START, "fd90::7");
		event_missed(model, START, "fd90::8");
		event_missed(model, START, "fd90::9");
	}
	event_missed(model, START, "fd90::8");
}

static void warming(struct model *model)
{
	event_missed(model, START, "10.90.0.9");
	event_missed(model, START, "10.90.0.9");
}

static void wanted_then_seen(struct model *model)
{
	wanted(model);
	event_learned(model, START + SECOND, "10.90.0.9", 9);
}

static void moved(struct model *model)
{
	event_learned(model, START, "10.90.0.30", 0x02);
	event_moved(model, START + SECOND, "10.90.0.30", 0x02, 0x09, 1);
}

static void moved_often(struct model *model)
{
	moved(model);
	event_moved(model, START + SECOND, "10.90.0.30", 0x09, 0x02, 2);
	event_moved(model, START + SECOND, "10.90.0.30", 0x02, 0x09, 3);
}

static void moved_long_ago(struct model *model)
{
	event_learned(model, START - 120 * SECOND, "10.90.0.30", 0x02);
	event_moved(model, START - 100 * SECOND, "10.90.0.30", 0x02, 0x09, 1);
}

static void count_reason(struct model *model, enum relay_reason reason)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = START };

	model_ingest(model, &event);
	event.time_ns += SECOND;
	event.counters.totals.passed[reason] = 12;
	model_ingest(model, &event);
}

static void too_big(struct model *model)
{
	count_reason(model, RELAY_REASON_TOO_BIG);
}

static void internal(struct model *model)
{
	count_reason(model, RELAY_REASON_INTERNAL);
}

static void normal(struct model *model)
{
	count_reason(model, RELAY_REASON_ARP);
}

static void send_to_peer(struct model *model, uint64_t each)
{
	event_bound(model, START - 20 * SECOND, 0, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    0x4000);
	for (int i = 1; i < 10; i++)
		event_session(model, START - (10 - i) * SECOND, 0, false, each * (uint64_t)i, 0);
}

static void one_way(struct model *model)
{
	send_to_peer(model, 10);
}

static void one_way_few(struct model *model)
{
	send_to_peer(model, 1);
}

static void unbound(struct model *model)
{
	for (int i = 0; i < 7; i++)
		event_no_binding(model, START + i * SECOND, 5000, 0x4000);
	model_tick(model, START + 6 * SECOND);
}

static void full(struct model *model)
{
	model->mac_entries = 1000;
	model->entries = 800;
}

static void not_full(struct model *model)
{
	model->mac_entries = 1000;
	model->entries = 799;
}

static void evicted(struct model *model)
{
	model->mac_entries = 1000;
	model->evicted = 3;
}

static void repaired(struct model *model)
{
	model->repaired.total = 1;
}

static void unknown(struct model *model)
{
	model->unknown_allocations = 2;
	model->unknown_allocation_ns = START;
}

static const struct {
	const char *name;
	void (*make)(struct model *model);
	size_t count;
	const char *text, *next; /* of the worst */
} rows[] = {
	{ "all is well", nothing, 0, "", "" },
	{ "gone", gone, 1, "eth0 was removed",
	  "press q, and start again when the interface is back" },
	{ "detached", detached, 1, "the program was taken off eth0: nothing is relayed",
	  "see who did it: bpftool net show dev eth0; then start again" },
	{ "down", down, 1, "eth0 is down: nothing can arrive",
	  "ip link set eth0 up, or look at the cable or switch" },
	{ "lost", lost, 1, "1,204 records lost: packets are missing here, counters are exact",
	  "capture fewer reasons (--capture misses) or bytes (-s 128)" },
	{ "wanted", wanted, 1, "10.90.0.9 wanted by 340 packets, never seen",
	  "ping 10.90.0.9 from this host; its answer teaches the map" },
	{ "wanted, kernel failed", wanted_failed, 1, "10.90.0.9 wanted by 340 packets, never seen",
	  "the kernel asked in vain: is 10.90.0.9 up, in this subnet and VLAN?" },
	{ "wanted, kernel asks", wanted_asking, 1, "10.90.0.9 wanted by 340 packets, never seen",
	  "the kernel is asking for it now; if it gets no answer, 10.90.0.9 is not there" },
	{ "wanted, kernel knows", wanted_known, 1, "10.90.0.9 wanted by 340 packets, never seen",
	  "the kernel knows its MAC: ping 10.90.0.9, its answer teaches the map" },
	{ "wanted, three", wanted_three, 2, "fd90::8 wanted by 10 packets, never seen",
	  "ping fd90::8 from this host; its answer teaches the map" },
	{ "warming", warming, 0, "", "" },
	{ "wanted, then seen", wanted_then_seen, 0, "", "" },
	{ "moved", moved, 1, "10.90.0.30 moved from :02 to :09",
	  "nothing, if a host or a fail-over address moved on purpose" },
	{ "moved often", moved_often, 1,
	  "10.90.0.30 moved 3x, last from :02 to :09: duplicate address?",
	  "see how many answer: arping -I eth0 10.90.0.30" },
	{ "moved long ago", moved_long_ago, 0, "", "" },
	{ "a problem", too_big, 1,
	  "too-big 12/s, 12 in all: the relayed packet would exceed the interface's MTU",
	  "make the sender's packets smaller, or raise the MTU" },
	{ "a bug", internal, 1,
	  "internal 12/s, 12 in all: a check that cannot fail failed after the frame was changed: "
	  "dropped",
	  "report it as a bug, with a capture" },
	{ "normal", normal, 0, "", "" },
	{ "one way", one_way, 1,
	  "10.90.0.10:5000 channel 0x4000: nothing ever came from the peer 10.90.0.30:6000",
	  "does it send? tcpdump -ni eth0 udp and src host 10.90.0.30" },
	{ "one way, a few packets", one_way_few, 0, "", "" },
	{ "unbound", unbound, 1,
	  "10.90.0.10:5000 channel 0x4000: no binding is known; no-binding -/s",
	  "bound before the start? restart the client, or give --binding" },
	{ "full", full, 1, "the neighbour table is 80% full",
	  "start with a larger table: --mac-entries 2000" },
	{ "nearly full", not_full, 0, "", "" },
	{ "evicted", evicted, 1, "3 neighbours evicted, for lack of room",
	  "start with a larger table: --mac-entries 2000" },
	{ "repaired", repaired, 1, "1 checksum finished that senders left to their card",
	  "all is well; to spare the work, on the senders: ethtool -K INTERFACE tx off" },
	{ "unknown allocation", unknown, 1,
	  "2 channel binds for an allocation made before the start",
	  "restart the client, so that its allocation is witnessed" },
};

Test(model_anomalies, each)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *model = event_model();
		struct model_anomaly found[8] = { 0 };
		size_t count;

		rows[i].make(model);
		model_tick(model, START + SECOND);
		count = model_anomalies(model, found, 8);
		cr_expect_eq(count, rows[i].count, "%s: %zu", rows[i].name, count);
		cr_expect_str_eq(found[0].text, rows[i].text, "%s: %s", rows[i].name,
				 found[0].text);
		cr_expect_str_eq(found[0].next, rows[i].next, "%s: %s", rows[i].name,
				 found[0].next);
		model_free(model);
	}
}

Test(model_anomalies, they_end)
{
	static void (*const makers[])(struct model * model) = { wanted, moved, too_big, unknown };

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		struct model *model = event_model();
		struct model_anomaly found[8];

		makers[i](model);
		model_tick(model, START + 1000 * SECOND);
		cr_expect_eq(model_anomalies(model, found, 8), 0, "%zu", i);
		model_free(model);
	}
}

Test(model_anomalies, zero_acknowledges_what_was_lost_and_repaired)
{
	struct model *model = event_model();
	struct model_anomaly found[4];

	lost(model);
	repaired(model);
	cr_expect_eq(model_anomalies(model, found, 4), 2);
	model_zero(model);
	cr_expect_eq(model_anomalies(model, found, 4), 0);
	model_free(model);
}

Test(model_anomalies, worst_first_and_no_more_than_fit)
{
	struct model *model = event_model();
	struct model_anomaly all[20], found[21];
	size_t count;

	too_big(model);
	repaired(model);
	evicted(model);
	one_way(model);
	wanted(model);
	moved_often(model);
	down(model);
	lost(model);
	unknown(model);
	model_tick(model, START + SECOND);
	count = model_anomalies(model, all, 20);
	cr_assert_eq(count, 9);
	for (size_t i = 1; i < count; i++)
		cr_expect_geq(all[i - 1].severity, all[i].severity);
	cr_expect(strstr(all[0].text, "is down"));
	cr_expect(strstr(all[1].text, "lost"));
	cr_expect(strstr(all[2].text, "never seen"));
	for (size_t max = 0; max <= count; max++) {
		memset(found, 'x', sizeof(found));
		cr_expect_eq(model_anomalies(model, found, max), max);
		for (size_t i = 0; i < max; i++)
			cr_expect_str_eq(found[i].text, all[i].text);
		cr_expect_eq(found[max].text[0], 'x', "nothing is written behind the end");
	}
	model_free(model);
}
