/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, times and addresses as text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../src/format.h"
#include "fixture.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define S INT64_C(1000000000)

Test(format, addresses)
{
	static const struct {
		const char *ip, *text, *endpoint;
	} rows[] = {
		{ "10.0.0.1", "10.0.0.1", "10.0.0.1:3478" },
		{ "255.255.255.255", "255.255.255.255", "255.255.255.255:3478" },
		{ "fd00::1", "fd00::1", "[fd00::1]:3478" },
		{ "::", "::", "[::]:3478" },
		{ "2001:db8:1234:5678:9abc:def0:1234:5678",
		  "2001:db8:1234:5678:9abc:def0:1234:5678",
		  "[2001:db8:1234:5678:9abc:def0:1234:5678]:3478" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endpoint endpoint = fixture_endpoint(rows[i].ip, 3478);
		char buf[FORMAT_ENDPOINT_SIZE];

		cr_expect_str_eq(format_ip(buf, FORMAT_IP_SIZE, &endpoint.ip), rows[i].text);
		cr_expect_str_eq(format_endpoint(buf, sizeof(buf), &endpoint), rows[i].endpoint);
	}
}

Test(format, mac)
{
	struct mac mac = { { 0x02, 0xAB, 0x00, 0x0f, 0xff, 0x10 } };
	char buf[FORMAT_MAC_SIZE];

	cr_expect_str_eq(format_mac(buf, sizeof(buf), &mac), "02:ab:00:0f:ff:10");
}

Test(format, longest_texts_fit_their_sizes)
{
	struct endpoint endpoint = { .port = 65535 };
	char ip[FORMAT_IP_SIZE], text[FORMAT_ENDPOINT_SIZE], number[FORMAT_NUMBER_SIZE];

	memset(&endpoint.ip, 0xee, sizeof(endpoint.ip));
	cr_expect_eq(strlen(format_ip(ip, sizeof(ip), &endpoint.ip)), 39);
	cr_expect_eq(strlen(format_endpoint(text, sizeof(text), &endpoint)), 47);
	cr_expect_str_eq(format_grouped(number, sizeof(number), UINT64_MAX),
			 "18,446,744,073,709,551,615");
	cr_expect_str_eq(format_duration(number, sizeof(number), INT64_MAX), "106751d 23:47:16");
}

Test(format, too_small_buffers_are_cut_not_overrun)
{
	struct in6_addr ip = fixture_ip("10.20.30.40");

	for (size_t size = 1; size < 8; size++) {
		char buf[9];

		memset(buf, '#', sizeof(buf));
		format_ip(buf, size, &ip);
		cr_expect_eq(strlen(buf), size - 1);
		cr_expect_eq(buf[size], '#');
		memset(buf, '#', sizeof(buf));
		format_grouped(buf, size, 1234567);
		cr_expect_lt(strlen(buf), size);
		cr_expect_eq(buf[size], '#');
		memset(buf, '#', sizeof(buf));
		format_safe(buf, size, "abcdefghi");
		cr_expect_eq(strlen(buf), size - 1);
		cr_expect_eq(buf[size], '#');
	}
}

Test(format, count)
{
	static const struct {
		uint64_t count;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 9999, "9999" },
		{ 10000, "10.0k" },
		{ 12399, "12.3k" },
		{ 99999, "99.9k" },
		{ 100000, "100k" },
		{ 999999, "999k" },
		{ 1000000, "1.0M" },
		{ 5990000, "5.9M" },
		{ 1234000000, "1.2G" },
		{ UINT64_MAX, "18.4E" },
	};
	char buf[FORMAT_NUMBER_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_expect_str_eq(format_count(buf, sizeof(buf), rows[i].count), rows[i].text);
		cr_expect_leq(strlen(buf), 5);
	}
}

Test(format, rate)
{
	static const struct {
		double rate;
		const char *text;
	} rows[] = {
		{ -1, "-" },	   { 0, "0" },	       { 0.0001, "0.1" }, { 0.5, "0.5" },
		{ 3, "3" },	   { 0.998, "1" },     { 1.04, "1" },	  { 1.06, "1.1" },
		{ 9.94, "9.9" },   { 9.96, "10" },     { 485.6, "486" },  { 12386, "12.3k" },
		{ 1e30, "18.4E" }, { 0.0 / 0.0, "-" },
	};
	char buf[FORMAT_NUMBER_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_str_eq(format_rate(buf, sizeof(buf), rows[i].rate), rows[i].text);
}

Test(format, bytes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 68123, "68 kB" },
		{ 9850000, "9.8 MB" },
		{ 999999999, "999 MB" },
		{ UINT64_MAX, "18 EB" },
	};
	char buf[FORMAT_NUMBER_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_str_eq(format_bytes(buf, sizeof(buf), rows[i].bytes), rows[i].text);
}

Test(format, percent)
{
	static const struct {
		double part, whole;
		const char *text;
	} rows[] = {
		{ 0, 0, "-" },	       { -1, 5, "-" },	     { 0, 5, "0%" },
		{ 1, 100000, "0.1%" }, { 96, 100, "96.0%" }, { 99999, 100000, "99.9%" },
		{ 100, 100, "100%" },  { 101, 100, "100%" },
	};
	char buf[FORMAT_NUMBER_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_expect_str_eq(format_percent(buf, sizeof(buf), rows[i].part, rows[i].whole),
				 rows[i].text);
}

Test(format, times)
{
	static const struct {
		int64_t ns;
		const char *age, *duration, *latency;
	} rows[] = {
		{ -5 * S, "0s", "00:00:00", "<1ms" },
		{ 0, "0s", "00:00:00", "<1ms" },
		{ S / 5, "0s", "00:00:00", "200ms" },
		{ S * 19 / 10, "1s", "00:00:01", "1.9s" },
		{ 59 * S, "59s", "00:00:59", "59s" },
		{ 252 * S, "4m", "00:04:12", "4m" },
		{ 7200 * S, "2h", "02:00:00", "2h" },
		{ 86399 * S, "23h", "23:59:59", "23h" },
		{ 100 * 3600 * S, "4d", "4d 04:00:00", "4d" },
	};
	char buf[FORMAT_NUMBER_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_expect_str_eq(format_age(buf, sizeof(buf), rows[i].ns), rows[i].age);
		cr_expect_str_eq(format_duration(buf, sizeof(buf), rows[i].ns), rows[i].duration);
		cr_expect_str_eq(format_latency(buf, sizeof(buf), rows[i].ns), rows[i].latency);
	}
}

Test(format, wall_clock)
{
	static const struct {
		int64_t ns;
		int offset_s;
		const char *clock, *rfc3339;
	} rows[] = {
		{ 0, 0, "00:00:00.000", "1970-01-01T00:00:00.000000000Z" },
		{ FIXTURE_NOW, 0, "17:17:43.250", "2024-05-06T17:17:43.250000000Z" },
		{ FIXTURE_NOW + 1, 7200, "19:17:43.250", "2024-05-06T17:17:43.250000001Z" },
		{ FIXTURE_NOW, -18 * 3600, "23:17:43.250", "2024-05-06T17:17:43.250000000Z" },
		{ -1, 0, "23:59:59.999", "1969-12-31T23:59:59.999999999Z" },
	};
	char buf[FORMAT_TIME_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_expect_str_eq(format_clock(buf, sizeof(buf), rows[i].ns, rows[i].offset_s),
				 rows[i].clock);
		cr_expect_str_eq(format_rfc3339(buf, sizeof(buf), rows[i].ns), rows[i].rfc3339);
	}
}

Test(format, cut_middle)
{
	static const struct {
		const char *text;
		size_t width;
		const char *cut;
	} rows[] = {
		{ "10.0.0.1", 8, "10.0.0.1" },
		{ "2001:db8:1234:5678:9abc:def0:1234:5678", 17, "2001:..:1234:5678" },
		{ "[fd00:1:2:3::5678]:3478", 15, "[fd0..678]:3478" },
		{ "abcdef", 3, "..f" },
		{ "abcdef", 2, ".." },
		{ "abcdef", 1, "." },
		{ "abcdef", 0, "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];

		snprintf(buf, sizeof(buf), "%s", rows[i].text);
		cr_expect_str_eq(format_cut_middle(buf, rows[i].width), rows[i].cut);
	}
}

Test(format, safe)
{
	char buf[32];

	cr_expect_str_eq(format_safe(buf, sizeof(buf), "eth0\x1b[2J\n\xc3\xa9\x7f~"),
			 "eth0?[2J????~");
}
