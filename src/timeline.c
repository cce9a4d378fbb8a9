/* SPDX-License-Identifier: BSD-2-Clause */
/* Times are moved by less than what separates the sources; more means that the clock was set. */
#include "timeline.h"

#define CLOCK_SET_NS 1000000000LL

void timeline_saw(struct timeline *timeline, int64_t time_ns)
{
	if (time_ns > timeline->last_ns || timeline->last_ns - time_ns > CLOCK_SET_NS)
		timeline->last_ns = time_ns;
}

void timeline_drained(struct timeline *timeline, int64_t began_ns, bool all)
{
	timeline->drained_ns = all ? began_ns : timeline->last_ns;
}

int64_t timeline_place(const struct timeline *timeline, int64_t time_ns)
{
	int64_t placed = time_ns < timeline->drained_ns ? time_ns : timeline->drained_ns;

	if (placed < timeline->last_ns)
		placed = timeline->last_ns;
	return placed - time_ns > CLOCK_SET_NS || time_ns - placed > CLOCK_SET_NS ? time_ns
										  : placed;
}
