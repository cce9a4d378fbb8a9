/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, times and addresses as text. */
#include "format.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define S_PER_DAY 86400

/* Division that rounds towards minus infinity, so that times before 1970 work too. */
static int64_t floor_div(int64_t value, int64_t by)
{
	int64_t quotient = value / by;

	return value % by < 0 ? quotient - 1 : quotient;
}

char *format_ip(char *buf, size_t size, const struct in6_addr *ip)
{
	char text[FORMAT_IP_SIZE] = "";

	if (IN6_IS_ADDR_V4MAPPED(ip))
		inet_ntop(AF_INET, &ip->s6_addr[12], text, sizeof(text));
	else
		inet_ntop(AF_INET6, ip, text, sizeof(text));
	snprintf(buf, size, "%s", text);
	return buf;
}

char *format_endpoint(char *buf, size_t size, const struct endpoint *endpoint)
{
	char ip[FORMAT_IP_SIZE];
	bool mapped = IN6_IS_ADDR_V4MAPPED(&endpoint->ip);

	format_ip(ip, sizeof(ip), &endpoint->ip);
	snprintf(buf, size, mapped ? "%s:%u" : "[%s]:%u", ip, endpoint->port);
	return buf;
}

char *format_mac(char *buf, size_t size, const struct mac *mac)
{
	const uint8_t *octet = mac->octet;

	snprintf(buf, size, "%02x:%02x:%02x:%02x:%02x:%02x", octet[0], octet[1], octet[2], octet[3],
		 octet[4], octet[5]);
	return buf;
}

char *format_end(char *buf, size_t size, bool has_ip, bool has_port,
		 const struct endpoint *endpoint, const struct mac *mac)
{
	if (!has_ip)
		return format_mac(buf, size, mac);
	return has_port ? format_endpoint(buf, size, endpoint)
			: format_ip(buf, size, &endpoint->ip);
}

char *format_cut_middle(char *text, size_t width)
{
	size_t length = strlen(text), head, tail;

	if (length <= width)
		return text;
	if (width <= 2) {
		memset(text, '.', width);
		text[width] = '\0';
		return text;
	}
	head = (width - 2) / 3;
	tail = width - 2 - head;
	memcpy(text + head, "..", 2);
	memmove(text + head + 2, text + length - tail, tail + 1);
	return text;
}

/* Rounds down, so that 999,999 is 999k and never 1000k. */
char *format_count(char *buf, size_t size, uint64_t count)
{
	static const char units[] = "kMGTPE";
	uint64_t scale = 1000;
	size_t unit = 0;

	if (count < 10000) {
		snprintf(buf, size, "%" PRIu64, count);
		return buf;
	}
	while (count / scale >= 1000 && unit + 1 < sizeof(units) - 1) {
		scale *= 1000;
		unit++;
	}
	if (count / scale < 100)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "%c", count / scale,
			 count % scale / (scale / 10), units[unit]);
	else
		snprintf(buf, size, "%" PRIu64 "%c", count / scale, units[unit]);
	return buf;
}

char *format_rate(char *buf, size_t size, double rate)
{
	unsigned int tenths;

	if (!(rate >= 0)) {
		snprintf(buf, size, "-");
		return buf;
	}
	tenths = rate < 9.95 ? (unsigned int)(rate * 10 + 0.5) : 0;
	/* something that happens must not read as nothing */
	if (rate > 0 && rate < 0.1)
		tenths = 1;
	if (tenths % 10) {
		snprintf(buf, size, "%u.%u", tenths / 10, tenths % 10);
		return buf;
	}
	return format_count(buf, size, rate >= 1e19 ? UINT64_MAX : (uint64_t)(rate + 0.5));
}

char *format_grouped(char *buf, size_t size, uint64_t count)
{
	char plain[24];
	size_t length, at = 0;

	snprintf(plain, sizeof(plain), "%" PRIu64, count);
	length = strlen(plain);
	for (size_t i = 0; i < length && at + 1 < size; i++) {
		if (i && (length - i) % 3 == 0 && at + 2 < size)
			buf[at++] = ',';
		buf[at++] = plain[i];
	}
	if (size)
		buf[at] = '\0';
	return buf;
}

char *format_bytes(char *buf, size_t size, uint64_t bytes)
{
	static const char units[] = "kMGTPE";
	uint64_t scale = 1000;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(buf, size, "%" PRIu64 " B", bytes);
		return buf;
	}
	while (bytes / scale >= 1000 && unit + 1 < sizeof(units) - 1) {
		scale *= 1000;
		unit++;
	}
	if (bytes / scale < 10)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " %cB", bytes / scale,
			 bytes % scale / (scale / 10), units[unit]);
	else
		snprintf(buf, size, "%" PRIu64 " %cB", bytes / scale, units[unit]);
	return buf;
}

char *format_percent(char *buf, size_t size, double part, double whole)
{
	double percent;

	if (!(whole > 0) || part < 0) {
		snprintf(buf, size, "-");
		return buf;
	}
	percent = 100 * part / whole;
	if (part >= whole)
		snprintf(buf, size, "100%%");
	else if (percent > 99.9)
		snprintf(buf, size, "99.9%%");
	else if (percent == 0)
		snprintf(buf, size, "0%%");
	else
		snprintf(buf, size, "%.1f%%", percent < 0.1 ? 0.1 : percent);
	return buf;
}

char *format_age(char *buf, size_t size, int64_t ns)
{
	int64_t seconds = ns < 0 ? 0 : ns / NS_PER_S;

	if (seconds < 60)
		snprintf(buf, size, "%" PRId64 "s", seconds);
	else if (seconds < 3600)
		snprintf(buf, size, "%" PRId64 "m", seconds / 60);
	else if (seconds < S_PER_DAY)
		snprintf(buf, size, "%" PRId64 "h", seconds / 3600);
	else
		snprintf(buf, size, "%" PRId64 "d", seconds / S_PER_DAY);
	return buf;
}

char *format_duration(char *buf, size_t size, int64_t ns)
{
	int64_t seconds = ns < 0 ? 0 : ns / NS_PER_S;
	int64_t hours = seconds / 3600;
	int minutes = (int)(seconds / 60 % 60), rest = (int)(seconds % 60);

	if (hours < 100)
		snprintf(buf, size, "%02d:%02d:%02d", (int)hours, minutes, rest);
	else
		snprintf(buf, size, "%" PRId64 "d %02d:%02d:%02d", hours / 24, (int)(hours % 24),
			 minutes, rest);
	return buf;
}

char *format_latency(char *buf, size_t size, int64_t ns)
{
	if (ns < NS_PER_MS)
		snprintf(buf, size, "<1ms");
	else if (ns < NS_PER_S)
		snprintf(buf, size, "%" PRId64 "ms", ns / NS_PER_MS);
	else if (ns < 10 * NS_PER_S)
		snprintf(buf, size, "%" PRId64 ".%" PRId64 "s", ns / NS_PER_S,
			 ns % NS_PER_S / (NS_PER_S / 10));
	else
		format_age(buf, size, ns);
	return buf;
}

char *format_clock(char *buf, size_t size, int64_t time_ns, int utc_offset_s)
{
	int64_t ms = floor_div(time_ns, NS_PER_MS);
	char seconds[FORMAT_TIME_SIZE];

	format_clock_seconds(seconds, sizeof(seconds), time_ns, utc_offset_s);
	snprintf(buf, size, "%s.%03d", seconds, (int)(ms - floor_div(ms, 1000) * 1000));
	return buf;
}

char *format_clock_seconds(char *buf, size_t size, int64_t time_ns, int utc_offset_s)
{
	int64_t seconds = floor_div(time_ns, NS_PER_S) + utc_offset_s;
	int day = (int)(seconds - floor_div(seconds, S_PER_DAY) * S_PER_DAY);

	snprintf(buf, size, "%02d:%02d:%02d", day / 3600, day / 60 % 60, day % 60);
	return buf;
}

char *format_rfc3339(char *buf, size_t size, int64_t time_ns)
{
	time_t seconds = (time_t)floor_div(time_ns, NS_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(time_ns - seconds * NS_PER_S));
	return buf;
}

char *format_safe(char *buf, size_t size, const char *text)
{
	size_t at = 0;

	if (!size)
		return buf;
	for (; text[at] && at + 1 < size; at++)
		buf[at] = text[at] >= ' ' && text[at] <= '~' ? text[at] : '?';
	buf[at] = '\0';
	return buf;
}
