/* SPDX-License-Identifier: BSD-2-Clause */
/* The learned map of the model: witnessed, moved, wanted, hit, evicted, shared, the kernel's
 * opinion. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../src/model.h"
#include "model_events.h"

static const struct model_neighbour *find(const struct model *model, const char *ip)
{
	struct in6_addr key = event_ip(ip);

	return model_find_neighbour(model, &key, 0);
}

static bool mac_is(const struct mac *mac, uint8_t last)
{
	struct mac other = event_mac(last);

	return !memcmp(mac, &other, sizeof(other));
}

static const char *numbered_ip(char *buf, size_t size, unsigned int n)
{
	snprintf(buf, size, "fd00::%x:%x", n >> 16, n & 0xffff);
	return buf;
}

Test(model_neighbours, learned_refreshed_moved)
{
	struct model *model = event_model();
	const struct model_neighbour *row;

	event_learned(model, START + 1, "10.90.0.10", 0x10);
	row = find(model, "10.90.0.10");
	cr_assert_not_null(row);
	cr_expect(row->witnessed && !row->evicted && mac_is(&row->mac, 0x10));
	cr_expect_eq(row->source, RELAY_SOURCE_ARP);
	cr_expect_eq(row->first_seen_ns, START + 1);
	cr_expect_lt(row->hits.rate, 0, "not known yet");

	event_row(model, START + SECOND, "10.90.0.10", 0x10, START + 7);
	cr_expect_eq(row->last_seen_ns, START + 7);
	cr_expect_eq(row->first_seen_ns, START, "the earlier of the two");
	event_row(model, START + SECOND, "10.90.0.10", 0x10, START + 3);
	cr_expect_eq(row->last_seen_ns, START + 7, "never back");

	event_moved(model, START + 2 * SECOND, "10.90.0.10", 0x10, 0x99, 1);
	cr_expect(mac_is(&row->mac, 0x99) && mac_is(&row->previous, 0x10));
	cr_expect_eq(row->moves, 1);
	cr_expect_eq(row->last_moved_ns, START + 2 * SECOND);
	cr_expect_str_eq(event_last_line(model),
			 "10.90.0.10 moved from 02:00:00:00:00:10 to 02:00:00:00:00:99");
	cr_expect_eq(model->neighbour_count, 1);
	cr_expect_eq(model->wanted_count, 0);
	model_free(model);
}

Test(model_neighbours, a_snapshot_from_before_the_move_changes_nothing)
{
	struct model *model = event_model();

	event_learned(model, START, "10.90.0.10", 0x10);
	event_moved(model, START + SECOND, "10.90.0.10", 0x10, 0x99, 1);
	event_row(model, START + SECOND, "10.90.0.10", 0x10, START);
	cr_expect(mac_is(&find(model, "10.90.0.10")->mac, 0x99));
	event_row(model, START + 3 * SECOND, "10.90.0.10", 0x98, START + 3 * SECOND);
	cr_expect(mac_is(&find(model, "10.90.0.10")->mac, 0x98), "but one from after it does");
	cr_expect_eq(find(model, "10.90.0.10")->last_moved_ns, START + 3 * SECOND);
	model_free(model);
}

Test(model_neighbours, moves_survive_eviction)
{
	struct model *model = event_model();

	event_learned(model, START, "10.90.0.10", 0x10);
	event_moved(model, START + 1, "10.90.0.10", 0x10, 0x11, 1);
	event_moved(model, START + 2, "10.90.0.10", 0x11, 0x12, 2);
	event_learned(model, START + 3, "10.90.0.10", 0x13);
	cr_expect_eq(find(model, "10.90.0.10")->moves, 3, "learned anew elsewhere: a move, too");
	cr_expect(mac_is(&find(model, "10.90.0.10")->previous, 0x12));
	event_moved(model, START + 4, "10.90.0.10", 0x13, 0x14, 1);
	cr_expect_eq(find(model, "10.90.0.10")->moves, 4);
	model_free(model);
}

Test(model_neighbours, vlans_are_apart)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_MAC_LEARNED,
			       .time_ns = START,
			       .neighbour = { .ip = event_ip("10.90.0.10"), .mac = event_mac(1) } };
	struct in6_addr ip = event_ip("10.90.0.10");

	for (uint16_t vlan = 0; vlan < 3; vlan++) {
		event.neighbour.vlan = vlan;
		event.neighbour.mac = event_mac((uint8_t)vlan);
		model_ingest(model, &event);
	}
	cr_expect_eq(model->neighbour_count, 3);
	for (uint16_t vlan = 0; vlan < 3; vlan++)
		cr_expect(mac_is(&model_find_neighbour(model, &ip, vlan)->mac, (uint8_t)vlan));
	cr_expect_null(model_find_neighbour(model, &ip, 3));
	model_free(model);
}

/* ---- wanted ---------------------------------------------------------------------------------- */

Test(model_neighbours, wanted_though_its_packets_are_not_listed)
{
	struct model *model = event_model();

	model->unlisted = 1ULL << RELAY_REASON_NO_MAC;
	event_missed(model, START, "10.90.0.9");
	cr_expect_eq(model->wanted_count, 1);
	cr_expect_eq(model->packet_next, 1);
	model->unlisted = 0;
	event_missed(model, START, "10.90.0.9");
	cr_expect_eq(model->packet_next, 2);
	model_free(model);
}

/* On the TURN port channel data is nobody else's. */
Test(model_neighbours, unbound_channel_data_is_listed)
{
	struct model *model = event_model();

	model->unlisted = 1ULL << RELAY_REASON_NO_BINDING;
	event_no_binding(model, START, 50000, 0x4001);
	cr_expect_eq(model->packet_next, 1);
	model->lists_unbound = true;
	event_no_binding(model, START, 50000, 0);
	cr_expect_eq(model->packet_next, 1, "not from peers");
	event_no_binding(model, START, 50000, 0x4001);
	cr_expect_eq(model->packet_next, 2);
	model_free(model);
}

Test(model_neighbours, wanted_until_witnessed)
{
	struct model *model = event_model();
	const struct model_neighbour *row;

	for (int i = 0; i < 5; i++)
		event_missed(model, START + i * SECOND, "10.90.0.9");
	row = find(model, "10.90.0.9");
	cr_assert_not_null(row);
	cr_expect(!row->witnessed && mac_is(&row->mac, 0) == false);
	cr_expect_eq(row->first_missed_ns, START);
	cr_expect_eq(row->last_missed_ns, START + 4 * SECOND);
	cr_expect_eq(row->misses.total, 5);
	cr_expect_eq(model->wanted_count, 1);
	cr_expect_str_eq(model->journal[1].text, "10.90.0.9 is wanted, but was never witnessed");

	event_learned(model, START + 5 * SECOND, "10.90.0.9", 9);
	cr_expect(row->witnessed && mac_is(&row->mac, 9));
	cr_expect_eq(model->wanted_count, 0);
	cr_expect_eq(model->neighbour_count, 1);
	cr_expect_eq(row->misses.total, 5, "what was missed is not forgotten");

	event_missed(model, START + 99 * SECOND, "10.90.0.9");
	cr_expect_eq(row->first_missed_ns, START + 99 * SECOND, "a new beginning");
	model_free(model);
}

Test(model_neighbours, wanted_rows_are_bounded)
{
	struct model *model = event_model();
	char ip[64];

	for (unsigned int i = 0; i < 1024 + 100; i++)
		event_missed(model, START + i, numbered_ip(ip, sizeof(ip), i));
	cr_expect_eq(model->wanted_count, 1024);
	cr_expect_eq(model->neighbour_count, 1024);
	cr_expect_null(find(model, numbered_ip(ip, sizeof(ip), 99)),
		       "the one missed longest ago goes");
	cr_expect_not_null(find(model, numbered_ip(ip, sizeof(ip), 100)));
	model_free(model);
}

/* ---- hits and misses ------------------------------------------------------------------------- */

Test(model_neighbours, misses_are_exact_whatever_is_captured)
{
	static const struct {
		const char *name;
		int packets;	   /* captured */
		uint64_t sessions; /* counted */
		uint64_t expected;
	} rows[] = {
		{ "not captured", 0, 7, 7 }, { "some captured", 3, 7, 7 },
		{ "all captured", 7, 7, 7 }, { "captured since the snapshot", 9, 7, 9 },
		{ "no snapshot", 4, 0, 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *model = event_model();

		event_bound(model, START, 0, event_endpoint("10.90.0.10", 5000),
			    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
			    0x4000);
		for (int n = 0; n < rows[i].packets; n++)
			event_missed(model, START + n, "10.90.0.30");
		event_session(model, START + SECOND, 0, false, 0, rows[i].sessions);
		cr_expect_eq(find(model, "10.90.0.30")->misses.total, rows[i].expected, "%s",
			     rows[i].name);
		cr_expect_eq(model->wanted_count, 1);
		model_free(model);
	}
}

Test(model_neighbours, hits_go_to_the_destination_and_stay)
{
	struct model *model = event_model();
	struct endpoint client = event_endpoint("10.90.0.10", 5000);
	struct endpoint relayed = event_endpoint("10.90.0.20", 50000);
	struct endpoint peer = event_endpoint("10.90.0.30", 6000);

	event_learned(model, START, "10.90.0.10", 0x10);
	event_learned(model, START, "10.90.0.30", 0x30);
	event_bound(model, START, 0, client, relayed, peer, 0x4000);
	event_session(model, START + SECOND, 0, false, 100, 1);
	event_session(model, START + SECOND, 0, true, 90, 0);
	event_counters(model, START + SECOND);
	event_session(model, START + 2 * SECOND, 0, false, 150, 1);
	event_session(model, START + 2 * SECOND, 0, true, 100, 0);
	event_counters(model, START + 2 * SECOND);
	cr_expect_eq(find(model, "10.90.0.30")->hits.total, 150);
	cr_expect_eq(find(model, "10.90.0.30")->misses.total, 1);
	cr_expect_eq(find(model, "10.90.0.30")->hits.rate, 50);
	cr_expect_eq(find(model, "10.90.0.10")->hits.total, 100);

	event_unbound(model, START + 3 * SECOND, 0);
	cr_expect_eq(find(model, "10.90.0.30")->hits.total, 150, "the binding goes, the hits stay");
	event_bound(model, START + 4 * SECOND, 0, client, relayed, peer, 0x4000);
	event_session(model, START + 5 * SECOND, 0, false, 8, 0);
	cr_expect_eq(find(model, "10.90.0.30")->hits.total, 158, "counters of a slot begin again");
	event_counters(model, START + 5 * SECOND);
	event_counters(model, START + 6 * SECOND);
	cr_expect_eq(find(model, "10.90.0.30")->hits.rate, 0);
	model_free(model);
}

Test(model_neighbours, client_to_client_hits_the_other_client)
{
	struct model *model = event_model();
	struct endpoint one = event_endpoint("10.90.0.10", 5000),
			two = event_endpoint("10.90.0.11", 5001);
	struct endpoint at_one = event_endpoint("10.90.0.20", 50000),
			at_two = event_endpoint("10.90.0.20", 50002);

	event_learned(model, START, "10.90.0.10", 0x10);
	event_learned(model, START, "10.90.0.11", 0x11);
	event_bound(model, START, 0, one, at_one, at_two, 0x4000);
	event_bound(model, START, 1, two, at_two, at_one, 0x4000);
	event_session(model, START + SECOND, 0, false, 10, 0);
	event_session(model, START + SECOND, 1, false, 20, 0);
	cr_expect_eq(find(model, "10.90.0.11")->hits.total, 10);
	cr_expect_eq(find(model, "10.90.0.10")->hits.total, 20);
	cr_expect_null(find(model, "10.90.0.20"));

	event_unbound(model, START + SECOND, 1);
	event_learned(model, START, "10.90.0.20", 0x20);
	event_session(model, START + 2 * SECOND, 0, false, 15, 0);
	cr_expect_eq(find(model, "10.90.0.11")->hits.total, 10, "no longer a client of ours");
	model_free(model);
}

Test(model_neighbours, a_session_finds_its_destination_in_a_vlan)
{
	struct model *model = event_model();
	struct event event = {
		.type = EVENT_MAC_LEARNED,
		.time_ns = START,
		.neighbour = { .ip = event_ip("10.90.0.30"), .vlan = 7, .mac = event_mac(1) }
	};
	struct in6_addr ip = event.neighbour.ip;

	model_ingest(model, &event);
	event_bound(model, START, 0, event_endpoint("10.90.0.10", 5000),
		    event_endpoint("10.90.0.20", 50000), event_endpoint("10.90.0.30", 6000),
		    0x4000);
	event_session(model, START + SECOND, 0, false, 10, 0);
	cr_expect_eq(model_find_neighbour(model, &ip, 7)->hits.total, 10);
	cr_expect_eq(model->neighbour_count, 1);
	model_free(model);
}

/* ---- eviction -------------------------------------------------------------------------------- */

Test(model_neighbours, gone_from_the_table_after_two_turns)
{
	struct model *model = event_model();

	event_learned(model, START, "10.90.0.10", 0x10);
	event_learned(model, START, "10.90.0.11", 0x11);
	for (int i = 1; i <= 2 * RELAY_SLICES + 1; i++) {
		event_row(model, START + i * SECOND, "10.90.0.10", 0x10, START);
		event_counters(model, START + i * SECOND);
		cr_expect_not(find(model, "10.90.0.11")->evicted, "snapshot %d", i);
	}
	event_counters(model, START + 40 * SECOND);
	cr_expect(find(model, "10.90.0.11")->evicted);
	cr_expect_not(find(model, "10.90.0.10")->evicted);
	event_learned(model, START + 41 * SECOND, "10.90.0.11", 0x11);
	cr_expect_not(find(model, "10.90.0.11")->evicted);
	model_free(model);
}

Test(model_neighbours, lossy_snapshots_evict_nothing)
{
	struct model *model = event_model();
	struct event event = { .type = EVENT_COUNTERS };

	event_row(model, START, "10.90.0.10", 0x10, START);
	for (int i = 1; i < 100; i++) {
		event.time_ns = START + i * SECOND;
		event.counters.totals.lost++;
		model_ingest(model, &event);
	}
	cr_expect_not(find(model, "10.90.0.10")->evicted);
	model_free(model);
}

Test(model_neighbours, a_full_table_gives_the_least_useful_rows_away)
{
	struct model *model = event_model();
	char ip[64];

	event_row(model, START, "10.0.0.1", 1, START);
	for (int i = 1; i <= 40; i++)
		event_counters(model, START + i * SECOND);
	cr_assert(find(model, "10.0.0.1")->evicted);
	event_missed(model, START, "10.0.0.2");
	for (unsigned int i = 2; i < MODEL_NEIGHBOURS; i++)
		event_learned(model, START + i, numbered_ip(ip, sizeof(ip), i), (uint8_t)i);
	cr_assert_eq(model->neighbour_count, MODEL_NEIGHBOURS);

	event_row(model, START + 2 * SECOND, numbered_ip(ip, sizeof(ip), 2), 2, START + 2 * SECOND);
	event_learned(model, START + 3 * SECOND, "10.0.1.1", 1);
	cr_expect_null(find(model, "10.0.0.1"), "first what was evicted");
	cr_expect_not_null(find(model, "10.0.0.2"));
	event_learned(model, START + 3 * SECOND, "10.0.1.2", 1);
	cr_expect_null(find(model, "10.0.0.2"), "then what is only wanted");
	event_learned(model, START + 3 * SECOND, "10.0.1.3", 1);
	cr_expect_null(find(model, numbered_ip(ip, sizeof(ip), 3)),
		       "then what was seen longest ago");
	cr_expect_not_null(find(model, numbered_ip(ip, sizeof(ip), 2)), "which this was not");
	cr_expect_eq(model->neighbour_count, MODEL_NEIGHBOURS);
	cr_expect_eq(model->wanted_count, 0);

	for (unsigned int i = 0; i < 2 * MODEL_NEIGHBOURS; i++)
		event_learned(model, START + 4 * SECOND, numbered_ip(ip, sizeof(ip), 0x100000 + i),
			      1);
	for (unsigned int i = MODEL_NEIGHBOURS; i < 2 * MODEL_NEIGHBOURS; i++)
		cr_assert_not_null(find(model, numbered_ip(ip, sizeof(ip), 0x100000 + i)));
	model_free(model);
}

Test(model_neighbours, what_stays_is_found_after_others_were_given_away)
{
	struct model *model = event_model();
	char ip[64];

	for (unsigned int i = 0; i < MODEL_NEIGHBOURS; i++)
		event_learned(model, START + i, numbered_ip(ip, sizeof(ip), i), 1);
	for (unsigned int i = 0; i < MODEL_NEIGHBOURS; i += 2)
		event_row(model, START + SECOND, numbered_ip(ip, sizeof(ip), i), 1, START + SECOND);
	for (unsigned int i = 0; i < MODEL_NEIGHBOURS / 2; i++)
		event_learned(model, START + 2 * SECOND, numbered_ip(ip, sizeof(ip), 0x100000 + i),
			      1);
	for (unsigned int i = 0; i < MODEL_NEIGHBOURS; i++)
		cr_assert_eq(find(model, numbered_ip(ip, sizeof(ip), i)) != NULL, i % 2 == 0, "%u",
			     i);
	for (unsigned int i = 0; i < MODEL_NEIGHBOURS / 2; i++)
		cr_assert_not_null(find(model, numbered_ip(ip, sizeof(ip), 0x100000 + i)));
	model_free(model);
}

/* ---- shared ---------------------------------------------------------------------------------- */

Test(model_neighbours, shared_counts_the_ips_of_a_mac)
{
	struct model *model = event_model();

	event_learned(model, START, "10.90.0.10", 0x10);
	for (int i = 0; i < 50; i++) {
		char ip[32];

		snprintf(ip, sizeof(ip), "192.0.2.%d", i);
		event_learned(model, START, ip, 0xfe);
	}
	event_missed(model, START, "10.90.0.9");
	model_tick(model, START);
	cr_expect_eq(find(model, "10.90.0.10")->shared, 1);
	cr_expect_eq(find(model, "192.0.2.0")->shared, 50);
	cr_expect_eq(find(model, "192.0.2.49")->shared, 50);
	cr_expect_eq(find(model, "10.90.0.9")->shared, 0);
	event_moved(model, START + 1, "192.0.2.7", 0xfe, 0x10, 1);
	model_tick(model, START + 1);
	cr_expect_eq(find(model, "10.90.0.10")->shared, 2);
	cr_expect_eq(find(model, "192.0.2.7")->shared, 2);
	cr_expect_eq(find(model, "192.0.2.8")->shared, 49);
	model_free(model);
}

/* ---- the kernel ------------------------------------------------------------------------------ */

Test(model_neighbours, kernel_opinion)
{
	static const struct {
		const char *name;
		bool first; /* the kernel knows before we do */
		uint8_t ours;
		enum kernel_state said;
		uint8_t mac; /* 0 = none */
		enum kernel_state expected;
	} rows[] = {
		{ "same", false, 1, KERNEL_SAME, 1, KERNEL_SAME },
		{ "same, before we knew", true, 1, KERNEL_SAME, 1, KERNEL_SAME },
		{ "another", false, 1, KERNEL_SAME, 2, KERNEL_DIFFERENT },
		{ "another, before we knew", true, 1, KERNEL_SAME, 2, KERNEL_DIFFERENT },
		{ "asking", false, 1, KERNEL_INCOMPLETE, 0, KERNEL_INCOMPLETE },
		{ "in vain", true, 1, KERNEL_FAILED, 0, KERNEL_FAILED },
		{ "none", false, 1, KERNEL_NONE, 0, KERNEL_NONE },
	};
	struct in6_addr ip = event_ip("10.90.0.10");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *model = event_model();
		struct mac mac = event_mac(rows[i].mac);

		if (!rows[i].first)
			event_learned(model, START, "10.90.0.10", rows[i].ours);
		model_kernel_neighbour(model, &ip, rows[i].said, rows[i].mac ? &mac : NULL);
		if (rows[i].first)
			event_learned(model, START, "10.90.0.10", rows[i].ours);
		cr_expect_eq(find(model, "10.90.0.10")->kernel, rows[i].expected, "%s",
			     rows[i].name);

		event_moved(model, START + 1, "10.90.0.10", 1, 2, 1);
		if (rows[i].expected == KERNEL_DIFFERENT)
			cr_expect_eq(find(model, "10.90.0.10")->kernel, KERNEL_SAME,
				     "after the move");
		model_kernel_neighbour(model, &ip, KERNEL_NONE, NULL);
		cr_expect_eq(find(model, "10.90.0.10")->kernel, KERNEL_NONE);
		model_free(model);
	}
}

Test(model_neighbours, kernel_opinion_of_what_is_only_wanted)
{
	struct model *model = event_model();
	struct in6_addr ip = event_ip("10.90.0.9");

	model_kernel_neighbour(model, &ip, KERNEL_FAILED, NULL);
	event_missed(model, START, "10.90.0.9");
	cr_expect_eq(find(model, "10.90.0.9")->kernel, KERNEL_FAILED);
	model_free(model);
}

Test(model_neighbours, kernel_opinions_are_bounded_and_come_and_go)
{
	struct model *model = event_model();
	struct mac mac = event_mac(1);
	char text[64];

	for (unsigned int i = 0; i < 5000; i++) {
		struct in6_addr ip = event_ip(numbered_ip(text, sizeof(text), i));

		model_kernel_neighbour(model, &ip, KERNEL_SAME, &mac);
	}
	for (unsigned int i = 0; i < 5000; i += 2) {
		struct in6_addr ip = event_ip(numbered_ip(text, sizeof(text), i));

		model_kernel_neighbour(model, &ip, KERNEL_NONE, NULL);
	}
	for (unsigned int i = 0; i < 4096; i++) {
		event_learned(model, START, numbered_ip(text, sizeof(text), i), 1);
		cr_expect_eq(find(model, text)->kernel, i % 2 ? KERNEL_SAME : KERNEL_NONE, "%s",
			     text);
	}
	model_free(model);
}
