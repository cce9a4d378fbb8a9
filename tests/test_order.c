/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of rows, and which of them are folded into a router's. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../src/order.h"
#include "../src/vendor.h"
#include "fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A router with 41 addresses, 10.89.7.1 (row 0), 10.89.7.2 (row 1), wanted 10.89.7.9 (row 2). */
static struct model *model;
static struct fold *fold;
static uint32_t rows[MODEL_NEIGHBOURS];
static size_t count;

static void set_up(void)
{
	model = fixture_warm();
	fold = fold_new();
	cr_assert(model && fold);
	count = fold_update(fold, model, rows);
}

static void tear_down(void)
{
	fold_free(fold);
	model_free(model);
}

TestSuite(order, .init = set_up, .fini = tear_down);

static void expect_rows(const char *what, const uint32_t *wanted, size_t wanted_count)
{
	cr_assert_eq(count, wanted_count, "%s", what);
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(rows[i], wanted[i], "%s: position %zu has row %u, not %u", what, i,
			     rows[i], wanted[i]);
}

Test(order, neighbours_by_every_column)
{
	static const struct {
		enum order_neighbours_by column;
		bool descending;
		uint32_t wanted[4]; /* the one that was never seen is always first */
	} cases[] = {
		{ NEIGHBOURS_BY_IP, false, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_IP, true, { 2, 3, 1, 0 } },
		{ NEIGHBOURS_BY_MAC, false, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_VENDOR, false, { 2, 3, 0, 1 } },
		{ NEIGHBOURS_BY_AGE, false, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_AGE, true, { 2, 3, 1, 0 } },
		{ NEIGHBOURS_BY_FIRST, true, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_HITS, true, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_HIT_RATE, false, { 2, 3, 1, 0 } },
		{ NEIGHBOURS_BY_MISSES, true, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_MISS_RATE, true, { 2, 0, 1, 3 } },
		{ NEIGHBOURS_BY_KERNEL, true, { 2, 1, 0, 3 } },
		{ NEIGHBOURS_BY_FLAGS, true, { 2, 1, 3, 0 } },
	};

	struct vendors *vendors = vendors_new("/nonexistent");

	for (size_t i = 0; i < COUNT(cases); i++) {
		char what[40];

		snprintf(what, sizeof(what), "column %d %s", cases[i].column,
			 cases[i].descending ? "descending" : "ascending");
		order_neighbours(rows, count, model, fold, vendors, cases[i].column,
				 cases[i].descending);
		expect_rows(what, cases[i].wanted, COUNT(cases[i].wanted));
	}
	vendors_free(vendors);
}

Test(order, does_not_depend_on_the_order_before)
{
	uint32_t backwards[MODEL_NEIGHBOURS];

	count = model->neighbour_count;
	for (uint32_t i = 0; i < count; i++) {
		rows[i] = i;
		backwards[count - 1 - i] = i;
	}
	for (int column = 0; column < NEIGHBOURS_BY_COUNT; column++) {
		order_neighbours(rows, count, model, fold, NULL, (enum order_neighbours_by)column,
				 true);
		order_neighbours(backwards, count, model, fold, NULL,
				 (enum order_neighbours_by)column, true);
		cr_expect_arr_eq(rows, backwards, count * sizeof(*rows), "column %d", column);
	}
}

Test(order, rates_that_are_not_known_are_below_zero)
{
	model->neighbours[0].hits.rate = -1;
	model->neighbours[3].hits.rate = 0;
	order_neighbours(rows, count, model, fold, NULL, NEIGHBOURS_BY_HIT_RATE, false);
	expect_rows("unknown first", (uint32_t[]){ 2, 0, 3, 1 }, 4);
}

Test(order, bindings_by_every_column)
{
	static const struct {
		enum order_bindings_by column;
		bool descending;
		uint32_t wanted[3];
	} cases[] = {
		{ BINDINGS_BY_CLIENT, false, { 0, 1, 2 } },
		{ BINDINGS_BY_CHANNEL, false, { 0, 2, 1 } },
		{ BINDINGS_BY_RELAYED, true, { 2, 1, 0 } },
		{ BINDINGS_BY_PEER, false, { 2, 0, 1 } },
		{ BINDINGS_BY_OUT, true, { 0, 1, 2 } },
		{ BINDINGS_BY_IN, false, { 1, 2, 0 } },
		{ BINDINGS_BY_EXPIRY, false, { 2, 0, 1 } },
		{ BINDINGS_BY_FIRST_HIT, true, { 1, 2, 0 } },
		{ BINDINGS_BY_STATE, true, { 1, 2, 0 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char what[40];

		for (uint32_t slot = 0; slot < 3; slot++)
			rows[slot] = 2 - slot;
		count = 3;
		snprintf(what, sizeof(what), "column %d", cases[i].column);
		order_bindings(rows, count, model, cases[i].column, cases[i].descending);
		expect_rows(what, cases[i].wanted, COUNT(cases[i].wanted));
	}
}

Test(order, packets_newest_first_among_equals)
{
	count = 80;
	for (uint32_t i = 0; i < count; i++)
		rows[i] = i + 1;
	order_packets(rows, count, model, PACKETS_BY_TIME, true);
	cr_expect_eq(rows[0], 80);
	cr_expect_eq(rows[79], 1);
	order_packets(rows, count, model, PACKETS_BY_REASON, true);
	for (size_t i = 1; i < count; i++) {
		const struct model_packet *above = &model->packets[rows[i - 1]];
		const struct model_packet *below = &model->packets[rows[i]];

		cr_expect(above->reason > below->reason ||
			  (above->reason == below->reason && above->id > below->id));
	}
	for (int column = 0; column < PACKETS_BY_COUNT; column++)
		order_packets(rows, count, model, (enum order_packets_by)column, false);
}

Test(order, reasons_problems_first_and_unheard_of_ones_last)
{
	count = RELAY_REASON_COUNT;
	for (uint32_t i = 0; i < count; i++)
		rows[i] = i;
	order_reasons(rows, count, model, REASONS_BY_CLASS, true);
	cr_expect_eq(rows[0], RELAY_REASON_NO_MAC);
	cr_expect_eq(rows[1], RELAY_REASON_FRAGMENT);
	cr_expect_eq(rows[2], RELAY_REASON_NO_BINDING);
	cr_expect_eq(rows[3], RELAY_REASON_NOT_TURN);
	cr_expect_eq(rows[6], RELAY_REASON_NOT_IP);
	cr_expect_eq(rows[count - 1], RELAY_REASON_INTERNAL);
	order_reasons(rows, count, model, REASONS_BY_RATE, true);
	cr_expect_eq(rows[0], RELAY_REASON_NOT_TURN);
	order_reasons(rows, count, model, REASONS_BY_REASON, false);
	cr_expect_eq(rows[0], 0);
}

Test(order, empty_tables)
{
	order_neighbours(rows, 0, model, fold, NULL, NEIGHBOURS_BY_IP, false);
	order_bindings(rows, 0, model, BINDINGS_BY_STATE, true);
	order_packets(rows, 0, model, PACKETS_BY_TIME, true);
	order_reasons(rows, 0, model, REASONS_BY_CLASS, true);
}

TestSuite(fold, .init = set_up, .fini = tear_down);

Test(fold, router_is_one_row_with_its_own_address)
{
	const struct fold_group *group;

	cr_assert_eq(count, 4);
	cr_expect_eq(rows[3], 3, "the address that ARP taught stands for all");
	group = fold_find(fold, 3);
	cr_assert(group);
	cr_expect_eq(group->members, 41);
	cr_expect_null(fold_find(fold, 0));
}

Test(fold, sums_its_members)
{
	for (size_t row = 3; row < model->neighbour_count; row++) {
		model->neighbours[row].hits = fixture_tally(10, 2);
		model->neighbours[row].misses = fixture_tally(5, -1);
		model->neighbours[row].misses.at_zero = 4;
	}
	model->neighbours[7].last_seen_ns = FIXTURE_NOW;
	fold_update(fold, model, rows);
	cr_expect_eq(fold_find(fold, 3)->hits, 410);
	cr_expect_eq(fold_find(fold, 3)->misses, 41);
	cr_expect_eq(fold_find(fold, 3)->hit_rate, 82);
	cr_expect_eq(fold_find(fold, 3)->miss_rate, 0, "unknown rates add nothing");
	cr_expect_eq(fold_find(fold, 3)->last_seen_ns, FIXTURE_NOW);
}

Test(fold, host_with_addresses_of_both_families_is_no_router)
{
	static const char *const ips[] = { "10.89.7.50", "fd89::50", "fe80::50", "fd89::51",
					   "fd89::52" };
	size_t before = count;

	for (size_t i = 0; i < COUNT(ips); i++)
		fixture_neighbour(model, ips[i], 0x50)->shared = COUNT(ips);
	count = fold_update(fold, model, rows);
	cr_expect_eq(count, before + COUNT(ips));
}

Test(fold, foreign_ipv6_addresses_make_a_router)
{
	static const char *const ips[] = { "fe80::60", "2001:db8:1::1", "2001:db8:2::1",
					   "2001:db8:3::1" };
	size_t before = count;

	for (size_t i = 0; i < COUNT(ips); i++)
		fixture_neighbour(model, ips[i], 0x60)->shared = COUNT(ips);
	count = fold_update(fold, model, rows);
	cr_expect_eq(count, before + 1);
}

Test(fold, a_full_table_of_groups)
{
	model->neighbour_count = 0;
	for (uint32_t i = 0; i < MODEL_NEIGHBOURS; i++) {
		struct model_neighbour *row = fixture_neighbour(model, "10.0.0.0", 1);

		row->ip.s6_addr[14] = (uint8_t)(i >> 8);
		row->ip.s6_addr[15] = (uint8_t)i;
		row->mac.octet[3] = (uint8_t)(i / 3 >> 16);
		row->mac.octet[4] = (uint8_t)(i / 3 >> 8);
		row->mac.octet[5] = (uint8_t)(i / 3);
		row->shared = 3;
	}
	count = fold_update(fold, model, rows);
	cr_expect_eq(count, MODEL_NEIGHBOURS / 3 + MODEL_NEIGHBOURS % 3);
	model->neighbour_count = 0;
	cr_expect_eq(fold_update(fold, model, rows), 0);
}

Test(vendor, names)
{
	static const struct {
		struct mac mac;
		const char *name;
	} cases[] = {
		{ { { 0x52, 0x54, 0x00, 1, 2, 3 } }, "QEMU" },
		{ { { 0x02, 0x42, 0x0a, 1, 2, 3 } }, "Docker" },
		{ { { 0x02, 0x89, 0x00, 1, 2, 3 } }, "local" },
		{ { { 0x00, 0x0c, 0x29, 1, 2, 3 } }, "VMware" },
		{ { { 0x00, 0x11, 0x22, 1, 2, 3 } }, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_str_eq(vendor_name(&cases[i].mac), cases[i].name);
}

Test(vendor, list)
{
	static const struct {
		struct mac mac;
		const char *name;
	} cases[] = {
		{ { { 0x00, 0x22, 0x72, 1, 2, 3 } }, "American" },
		{ { { 0x00, 0xd0, 0xef, 1, 2, 3 } }, "IGT" },
		{ { { 0x08, 0x61, 0x95, 1, 2, 3 } }, "Rockwell" },
		{ { { 0xf4, 0xbd, 0x9e, 1, 2, 3 } }, "Cisco" },
		{ { { 0x58, 0x85, 0xe9, 1, 2, 3 } }, "Real?me" },
		{ { { 0x98, 0x76, 0x54, 1, 2, 3 } }, "" },
		{ { { 0x52, 0x54, 0x00, 1, 2, 3 } }, "QEMU" },
		{ { { 0x02, 0x89, 0x00, 1, 2, 3 } }, "local" },
	};
	char path[] = "/tmp/vendors-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct vendors *vendors;

	fputs("Registry,Assignment,Organization Name,Organization Address\n"
	      "MA-L,002272,American Micro-Fuel Device Corp.,2181 Buchanan Loop\n"
	      "MA-L,086195,Rockwell Automation,1 Allen-Bradley Dr.\n"
	      "MA-L,F4BD9E,\"Cisco Systems, Inc\",80 West Tasman Drive\n"
	      "MA-L,00D0EF,IGT,9295 PROTOTYPE DRIVE\n"
	      "MA-L,broken\n\nMA-L,987654,\n"
	      "MA-L,5885E9,Real\033me Chongqing,nowhere\n",
	      file);
	fclose(file);
	vendors = vendors_new(path);
	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_str_eq(vendors_name(vendors, &cases[i].mac), cases[i].name);
	cr_expect_str_eq(vendors_name(NULL, &cases[6].mac), "", "names are off");
	vendors_free(vendors);
	unlink(path);
	vendors = vendors_new("/nonexistent");
	cr_expect_str_eq(vendors_name(vendors, &cases[0].mac), "");
	vendors_free(vendors);
}
