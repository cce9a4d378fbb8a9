/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers, times and addresses as text, for the screen and for batch output. Every function writes
 * into the caller's buffer, always ends it with a zero byte, and returns it, so that a call can be
 * an argument of printf. What does not fit is cut.
 */
#ifndef FZBPF_FORMAT_H
#define FZBPF_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

/* Buffer sizes that are always enough. */
#define FORMAT_IP_SIZE 46	/* 39 characters of IPv6 at most */
#define FORMAT_ENDPOINT_SIZE 54 /* brackets and port added */
#define FORMAT_MAC_SIZE 18
#define FORMAT_NUMBER_SIZE 28 /* any count, rate, size, percentage, age or duration */
#define FORMAT_TIME_SIZE 40   /* any wall-clock time */

/* 10.0.0.1 for v4-mapped addresses, else RFC 5952 text. */
char *format_ip(char *buf, size_t size, const struct in6_addr *ip);
/* 10.0.0.1:3478, [fd00::1]:3478 */
char *format_endpoint(char *buf, size_t size, const struct endpoint *endpoint);
/* Lower case with colons. */
char *format_mac(char *buf, size_t size, const struct mac *mac);
/* One end of a frame: as much as is known of it, port, IP or only the MAC. */
char *format_end(char *buf, size_t size, bool has_ip, bool has_port,
		 const struct endpoint *endpoint, const struct mac *mac);

/* Shortens text to `width` characters by replacing its middle with "..", in place; the tail, which
 * tells hosts of one subnet apart, keeps two thirds. */
char *format_cut_middle(char *text, size_t width);

/* 0 .. 9999 as they are, then 12.4k, 5.9M, 1.2G: five characters at most. */
char *format_count(char *buf, size_t size, uint64_t count);
/* The same for a rate a second; "-" while not known (negative), one decimal below 10 unless whole.
 */
char *format_rate(char *buf, size_t size, double rate);
/* 1,204,117 */
char *format_grouped(char *buf, size_t size, uint64_t count);
/* 68 kB, 9.8 MB; powers of 1000. */
char *format_bytes(char *buf, size_t size, uint64_t bytes);
/* 96%, 99.9%; never 100% unless part == whole; "-" if whole is 0. */
char *format_percent(char *buf, size_t size, double part, double whole);

/* 0s, 59s, 4m, 2h, 3d: rounded down, three or four characters; negative counts as 0. */
char *format_age(char *buf, size_t size, int64_t ns);
/* 00:04:12, from 100 hours on 5d 03:00:00 */
char *format_duration(char *buf, size_t size, int64_t ns);
/* 0.2s, 15ms, 3m: for how long something took. */
char *format_latency(char *buf, size_t size, int64_t ns);

/* HH:MM:SS.mmm of local time; the caller knows the offset from UTC in seconds. */
char *format_clock(char *buf, size_t size, int64_t time_ns, int utc_offset_s);
/* HH:MM:SS, likewise. */
char *format_clock_seconds(char *buf, size_t size, int64_t time_ns, int utc_offset_s);
/* 2024-05-06T07:08:09.123456789Z */
char *format_rfc3339(char *buf, size_t size, int64_t time_ns);

/* Copies text from outside with every control and non-ASCII byte replaced by '?'. */
char *format_safe(char *buf, size_t size, const char *text);

#endif
