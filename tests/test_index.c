/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash chains over row numbers. */
#include <criterion/criterion.h>
#include <stdbool.h>

#include "../src/index.h"
#include "model_events.h"

#define ROWS 64

static bool holds(const struct index *index, uint64_t hash, uint32_t row)
{
	uint32_t n = index_first(index, hash);

	while (n != INDEX_END && n != row)
		n = index_next(index, n);
	return n == row;
}

/* Two heads only, so that every chain is long. */
Test(index, rows_are_found_until_removed)
{
	uint32_t heads[2] = { 0 }, next[ROWS];
	struct index index = { heads, 1, next };

	cr_expect_eq(index_first(&index, 0), INDEX_END);
	for (uint32_t row = 0; row < ROWS; row++)
		index_add(&index, row / 2, row);
	for (uint32_t row = 0; row < ROWS; row += 3)
		index_remove(&index, row / 2, row);
	index_remove(&index, 0, 0);
	for (uint32_t row = 0; row < ROWS; row++)
		cr_expect_eq(holds(&index, row / 2, row), row % 3 != 0, "row %u", row);
	for (uint32_t row = 0; row < ROWS; row += 3)
		index_add(&index, row / 2, row);
	for (uint32_t row = 0; row < ROWS; row++)
		cr_expect(holds(&index, row / 2, row), "row %u", row);
}

Test(index, hash_depends_on_everything)
{
	struct in6_addr one = event_ip("10.90.0.1"), two = event_ip("10.90.0.2");
	uint64_t hash = index_hash(1, &one, 3);

	cr_expect_eq(index_hash(1, &one, 3), hash);
	cr_expect_neq(index_hash(2, &one, 3), hash);
	cr_expect_neq(index_hash(1, &two, 3), hash);
	cr_expect_neq(index_hash(1, &one, 4), hash);
}
