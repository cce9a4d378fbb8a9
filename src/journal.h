/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of state as entries of systemd's journal export format, for capture files: written and
 * read here. One FIELD=value a line: __REALTIME_TIMESTAMP (microseconds), PRIORITY, MESSAGE,
 * SYSLOG_IDENTIFIER, FZBPF_EVENT, FZBPF_TIME (nanoseconds), and what the event has.
 */
#ifndef FZBPF_JOURNAL_H
#define FZBPF_JOURNAL_H

#include "event.h"

#define JOURNAL_SIZE 4096
#define JOURNAL_WORDS 128

/* Where the strings of a parsed event are; they change with the next one. */
struct journal_words {
	char text[JOURNAL_WORDS];
};

/* Whether such events have entries: attached, detached, learned, moved, bound, refreshed, unbound;
 * and the counters, of all and of one direction of a binding. */
bool journal_has(enum event_type type);

/* Into a buffer of JOURNAL_SIZE; returns the length. The event must be one of those. */
size_t journal_format(char *buf, const struct event *event);

/* -ENOMSG: not an entry of ours, or a field that the event needs is missing or unreadable. */
int journal_parse(const char *text, size_t length, struct journal_words *words,
		  struct event *ret_event);

#endif
