/* SPDX-License-Identifier: BSD-2-Clause */
/* What is found out here finds its place among the kernel's records. */
#include <criterion/criterion.h>

#include "../src/timeline.h"

#define SECOND 1000000000LL
#define NOW (1000 * SECOND)

static struct timeline drained(int64_t last_ns, int64_t began_ns, bool all)
{
	struct timeline timeline = { 0 };

	timeline_saw(&timeline, last_ns);
	timeline_drained(&timeline, began_ns, all);
	return timeline;
}

Test(timeline, places_between_what_was_read_and_what_was_not)
{
	static const struct {
		const char *what;
		int64_t last, began;
		bool all;
		int64_t time, placed;
	} rows[] = {
		{ "as it is, if nothing is in the way", NOW - 5, NOW, true, NOW - 2, NOW - 2 },
		{ "a record was read that is later", NOW - 1, NOW, true, NOW - 3, NOW - 1 },
		{ "a record may come that is earlier", NOW - 5, NOW, true, NOW + 3, NOW },
		{ "a record came while reading", NOW + 2, NOW, true, NOW + 1, NOW + 2 },
		{ "not all records were read", NOW - 9, NOW, false, NOW - 2, NOW - 9 },
		{ "the clock was set back", NOW, NOW, true, NOW - 3600 * SECOND,
		  NOW - 3600 * SECOND },
		{ "the clock was set forth", NOW, NOW, true, NOW + 3600 * SECOND,
		  NOW + 3600 * SECOND },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct timeline timeline = drained(rows[i].last, rows[i].began, rows[i].all);

		cr_expect_eq(timeline_place(&timeline, rows[i].time), rows[i].placed, "%s",
			     rows[i].what);
	}
}

Test(timeline, follows_the_latest)
{
	struct timeline timeline = { 0 };

	timeline_saw(&timeline, NOW);
	timeline_saw(&timeline, NOW - 5);
	cr_expect_eq(timeline.last_ns, NOW);
	timeline_saw(&timeline, NOW - 2 * SECOND);
	cr_expect_eq(timeline.last_ns, NOW - 2 * SECOND, "a clock that was set back is followed");
}

/* Nothing was read yet: --binding, right after attaching. */
Test(timeline, begins_with_the_first_event)
{
	struct timeline timeline = { 0 };

	timeline_saw(&timeline, NOW);
	cr_expect_eq(timeline_place(&timeline, NOW + 7), NOW);
}
