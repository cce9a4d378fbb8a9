/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of deadlines against a plain search. */
#include "../src/deadlines.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define IDS 64

static uint32_t find_earliest(const int64_t *when)
{
	uint32_t id, best = 0;

	for (id = 1; id < IDS; id++)
		if (when[id] < when[best])
			best = id;
	return best;
}

Test(deadlines, agrees_with_a_plain_search)
{
	struct deadlines *deadlines = deadlines_new(IDS);
	unsigned short seed[3] = { 4, 5, 6 };
	int64_t when[IDS];
	uint32_t id;
	int round;

	for (id = 0; id < IDS; id++)
		when[id] = DEADLINES_NEVER;
	for (round = 0; round < 50000; round++) {
		id = (uint32_t)nrand48(seed) % IDS;
		switch (nrand48(seed) % 4) {
		case 0:
			when[id] = DEADLINES_NEVER;
			deadlines_clear(deadlines, id);
			break;
		case 1:
			if (!deadlines_take(deadlines, DEADLINES_NEVER - 1, &id))
				break;
			cr_assert_eq(when[id], when[find_earliest(when)]);
			when[id] = DEADLINES_NEVER;
			break;
		default: when[id] = nrand48(seed) % 1000; deadlines_set(deadlines, id, when[id]);
		}
		cr_assert_eq(deadlines_next(deadlines), when[find_earliest(when)]);
	}
	deadlines_free(deadlines);
}

Test(deadlines, nothing_is_taken_before_its_time)
{
	struct deadlines *deadlines = deadlines_new(2);
	uint32_t id = 7;

	deadlines_set(deadlines, 1, 10);
	deadlines_set(deadlines, 2, 5); /* beyond the capacity */
	cr_assert_not(deadlines_take(deadlines, 9, &id));
	cr_assert_eq(id, 7);
	cr_assert(deadlines_take(deadlines, 10, &id));
	cr_assert_eq(id, 1);
	cr_assert_eq(deadlines_next(deadlines), DEADLINES_NEVER);
	deadlines_free(deadlines);
	deadlines_free(NULL);
}
