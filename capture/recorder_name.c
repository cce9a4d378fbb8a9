/* SPDX-License-Identifier: BSD-2-Clause */
/* File names of recordings. */
#include "recorder_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../src/clock.h"
#include "../src/format.h"

static void tell_time(int64_t time_ns, struct tm *ret)
{
	time_t seconds = (time_t)(time_ns / CLOCK_SECOND_NS);

	if (!localtime_r(&seconds, ret))
		memset(ret, 0, sizeof(*ret));
}

void recorder_name_make_up(const struct recorder *recorder, const char *interface, int64_t now_ns,
			   char *buf, size_t size)
{
	const char *suffix = recorder->options.kind == WRITER_PCAPNG ? "pcapng" : "pcap";
	char stamp[32], ip[FORMAT_IP_SIZE];
	struct tm local;

	tell_time(now_ns, &local);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
	if (!recorder->misses_only) {
		snprintf(buf, size, "passed-%s-%s.%s", interface, stamp, suffix);
		return;
	}
	format_ip(ip, sizeof(ip), &recorder->ip);
	/* Colons mean a host to scp and rsync. */
	for (char *colon = strchr(ip, ':'); colon; colon = strchr(colon, ':'))
		*colon = '-';
	snprintf(buf, size, "misses-%s-%s-%s.%s", interface, ip, stamp, suffix);
}

static int count_digits(uint64_t number)
{
	int digits = 0;

	for (; number > 0; number /= 10)
		digits++;
	return digits;
}

int recorder_name_next(const struct recorder *recorder, char *buf, size_t size)
{
	const struct recorder_rotation *rotation = &recorder->rotation;
	int digits = rotation->bytes && rotation->files ? count_digits(rotation->files - 1) : 0;
	size_t used = strlen(recorder->pattern);
	struct tm local;

	if (recorder->is_dated) {
		tell_time(recorder->period_ns, &local);
		used = strftime(buf, size, recorder->pattern, &local);
		if (used == 0)
			return -ENAMETOOLONG;
	} else if (used < size) {
		memcpy(buf, recorder->pattern, used + 1);
	} else {
		return -ENAMETOOLONG;
	}
	if (!rotation->bytes || (recorder->number == 0 && digits == 0))
		return 0;
	return (size_t)snprintf(buf + used, size - used, "%0*" PRIu64, digits, recorder->number) <
			       size - used
		       ? 0
		       : -ENAMETOOLONG;
}
