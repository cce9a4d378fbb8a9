/* SPDX-License-Identifier: BSD-2-Clause */
/* The wall clock, for those who hand time on as an argument. */
#ifndef FZBPF_CLOCK_H
#define FZBPF_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND_NS 1000000000LL

static inline int64_t clock_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND_NS + now.tv_nsec;
}

/* Seconds east of UTC where the user is, at that moment. */
static inline int clock_utc_offset(int64_t now_ns)
{
	time_t now = (time_t)(now_ns / CLOCK_SECOND_NS);
	struct tm local;

	return localtime_r(&now, &local) ? (int)local.tm_gmtoff : 0;
}

#endif
