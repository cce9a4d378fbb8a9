/* SPDX-License-Identifier: BSD-2-Clause */
/* Journal entries from one table of fields, which serves both directions. */
#include "journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "batch_line.h"
#include "format.h"
#include "labels.h"
#include "model.h"
#include "scan.h"

#define LIST_SIZE 1024

#define IDENTIFIER "fzbpf-top"

#define ON(type) (1u << (type))
#define ATTACHMENTS (ON(EVENT_ATTACHED) | ON(EVENT_DETACHED))
#define NEIGHBOURS (ON(EVENT_MAC_LEARNED) | ON(EVENT_MAC_MOVED))
#define BINDINGS (ON(EVENT_BINDING_ADDED) | ON(EVENT_BINDING_REFRESHED) | ON(EVENT_BINDING_REMOVED))
#define COUNTERS (ON(EVENT_SESSION) | ON(EVENT_COUNTERS))

enum kind {
	KIND_IP,
	KIND_MAC,
	KIND_ENDPOINT,
	KIND_U16,
	KIND_CHANNEL,
	KIND_U32,
	KIND_SLOT,
	KIND_IFINDEX,
	KIND_TIME,
	KIND_EXPIRY,
	KIND_SOURCE,
	KIND_INTERFACE,
	KIND_MODE,
	KIND_WORDS,
	KIND_BOOL,
	KIND_U64,
	KIND_PASSED, /* lists of label=number, without those that are zero */
	KIND_PATHS,
	KIND_REFUSED,
};

struct field {
	unsigned int on; /* a bit per event type that has it */
	const char *name;
	enum kind kind;
	size_t offset; /* in struct event */
};

#define FIELD(on, name, kind, member)                                   \
	{                                                               \
		on, "FZBPF_" name, kind, offsetof(struct event, member) \
	}

/* clang-format off */
static const struct field fields[] = {
	FIELD(ATTACHMENTS, "INTERFACE", KIND_INTERFACE, attachment.interface),
	FIELD(ATTACHMENTS, "IFINDEX", KIND_IFINDEX, attachment.ifindex),
	FIELD(ATTACHMENTS, "MODE", KIND_MODE, attachment.mode),
	FIELD(ATTACHMENTS, "PROGRAM_ID", KIND_U32, attachment.program_id),
	FIELD(ATTACHMENTS, "MAC", KIND_MAC, attachment.mac),
	FIELD(ATTACHMENTS, "REASON", KIND_WORDS, attachment.reason),
	FIELD(NEIGHBOURS, "IP", KIND_IP, neighbour.ip),
	FIELD(NEIGHBOURS, "MAC", KIND_MAC, neighbour.mac),
	FIELD(ON(EVENT_MAC_MOVED), "PREVIOUS_MAC", KIND_MAC, neighbour.previous),
	FIELD(NEIGHBOURS, "VLAN", KIND_U16, neighbour.vlan),
	FIELD(NEIGHBOURS, "SOURCE", KIND_SOURCE, neighbour.source),
	FIELD(NEIGHBOURS, "MOVES", KIND_U32, neighbour.moves),
	FIELD(NEIGHBOURS, "FIRST_SEEN", KIND_TIME, neighbour.first_seen_ns),
	FIELD(BINDINGS, "SLOT", KIND_SLOT, binding.slot),
	FIELD(BINDINGS, "CLIENT", KIND_ENDPOINT, binding.client),
	FIELD(BINDINGS, "CHANNEL", KIND_CHANNEL, binding.channel),
	FIELD(BINDINGS, "SERVER", KIND_ENDPOINT, binding.server),
	FIELD(BINDINGS, "RELAYED", KIND_ENDPOINT, binding.relayed),
	FIELD(BINDINGS, "PEER", KIND_ENDPOINT, binding.peer),
	FIELD(BINDINGS, "EXPIRES", KIND_EXPIRY, binding.expires_ns),
	FIELD(BINDINGS, "WHY", KIND_WORDS, binding.why),
	FIELD(ON(EVENT_SESSION), "SLOT", KIND_SLOT, session.slot),
	FIELD(ON(EVENT_SESSION), "TO_CLIENT", KIND_BOOL, session.to_client),
	FIELD(ON(EVENT_SESSION), "PACKETS", KIND_U64, session.counters.packets),
	FIELD(ON(EVENT_SESSION), "BYTES", KIND_U64, session.counters.bytes),
	FIELD(ON(EVENT_SESSION), "MISSES", KIND_U64, session.counters.misses),
	FIELD(ON(EVENT_SESSION), "LAST_USED", KIND_TIME, session.last_used_ns),
	FIELD(ON(EVENT_COUNTERS), "PASSED", KIND_PASSED, counters.totals.passed),
	FIELD(ON(EVENT_COUNTERS), "PATHS", KIND_PATHS, counters.totals.paths),
	FIELD(ON(EVENT_COUNTERS), "LEARN_REFUSED", KIND_REFUSED, counters.totals.refused),
	FIELD(ON(EVENT_COUNTERS), "RELAYED_BYTES", KIND_U64, counters.totals.relayed_bytes),
	FIELD(ON(EVENT_COUNTERS), "CHECKSUM_REPAIRED", KIND_U64, counters.totals.checksum_repaired),
	FIELD(ON(EVENT_COUNTERS), "INSERTED", KIND_U64, counters.totals.inserted),
	FIELD(ON(EVENT_COUNTERS), "MOVED", KIND_U64, counters.totals.moved),
	FIELD(ON(EVENT_COUNTERS), "LOST", KIND_U64, counters.totals.lost),
	FIELD(ON(EVENT_COUNTERS), "UNRECORDED", KIND_PASSED, counters.totals.unrecorded),
	FIELD(ON(EVENT_COUNTERS), "LEARNED", KIND_U64, counters.entries),
};
/* clang-format on */

#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

_Static_assert(sizeof(fields) / sizeof(fields[0]) <= 64, "a bit for each");

static const char *const modes[] = { "native", "generic", "offline", "unknown" };

bool journal_has(enum event_type type)
{
	return (ON(type) & (ATTACHMENTS | NEIGHBOURS | BINDINGS | COUNTERS)) != 0;
}

/* ---- to text --------------------------------------------------------------------------------- */

struct entry {
	char *text;
	size_t used;
};

static void __attribute__((format(printf, 2, 3))) put(struct entry *entry, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length =
		vsnprintf(entry->text + entry->used, JOURNAL_SIZE - entry->used, format, arguments);
	va_end(arguments);
	if (length > 0 && entry->used + (size_t)length < JOURNAL_SIZE)
		entry->used += (size_t)length;
}

static size_t list_length(enum kind kind)
{
	if (kind == KIND_PASSED)
		return RELAY_REASON_COUNT;
	return kind == KIND_PATHS ? (size_t)RELAY_PATH_COUNT : (size_t)RELAY_REFUSAL_COUNT;
}

static const char *list_label(enum kind kind, size_t i)
{
	if (kind == KIND_PASSED)
		return label_reason((enum relay_reason)i);
	return kind == KIND_PATHS ? label_path((enum relay_path)i)
				  : label_refusal((enum relay_refusal)i);
}

static const char *format_list(enum kind kind, const __u64 *counts, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < list_length(kind) && used < size; i++)
		if (counts[i])
			used += (size_t)snprintf(buf + used, size - used, "%s%s=%" PRIu64,
						 used ? " " : "", list_label(kind, i),
						 (uint64_t)counts[i]);
	return buf;
}

/* A line must stay one: names of interfaces may hold anything but a slash. */
static const char *format_value(const struct field *field, const struct event *event, char *buf,
				size_t size)
{
	const void *at = (const char *)event + field->offset;

	switch (field->kind) {
	case KIND_IP: return format_ip(buf, size, at);
	case KIND_MAC: return format_mac(buf, size, at);
	case KIND_ENDPOINT: return format_endpoint(buf, size, at);
	case KIND_U16: snprintf(buf, size, "%u", *(const uint16_t *)at); return buf;
	case KIND_CHANNEL: snprintf(buf, size, "0x%04x", *(const uint16_t *)at); return buf;
	case KIND_U32:
	case KIND_SLOT: snprintf(buf, size, "%" PRIu32, *(const uint32_t *)at); return buf;
	case KIND_IFINDEX: snprintf(buf, size, "%d", *(const int *)at); return buf;
	case KIND_EXPIRY:
		if (event->binding.fixed)
			return "never";
		/* fall through */
	case KIND_TIME: snprintf(buf, size, "%" PRId64, *(const int64_t *)at); return buf;
	case KIND_SOURCE: return label_source(*(const enum relay_source *)at);
	case KIND_INTERFACE: return format_safe(buf, size, at);
	case KIND_MODE:
	case KIND_WORDS:
		return *(const char *const *)at ? format_safe(buf, size, *(const char *const *)at)
						: "";
	case KIND_BOOL: return *(const bool *)at ? "1" : "0";
	case KIND_U64: snprintf(buf, size, "%" PRIu64, (uint64_t) * (const __u64 *)at); return buf;
	case KIND_PASSED:
	case KIND_PATHS:
	case KIND_REFUSED: return format_list(field->kind, at, buf, size);
	}
	return "";
}

size_t journal_format(char *buf, const struct event *event)
{
	struct batch_line line = { .event = event, .time_ns = event->time_ns };
	struct entry entry = { .text = buf };
	char value[LIST_SIZE];

	if (event->type == EVENT_COUNTERS)
		line.totals = batch_sum_totals(&event->counters.totals);
	batch_describe(&line);
	put(&entry, "__REALTIME_TIMESTAMP=%" PRId64 "\n", event->time_ns / 1000);
	/* As syslog counts: 4 = warning, 6 = information. */
	put(&entry, "PRIORITY=%d\n", strcmp(line.severity, "WARN") == 0 ? 4 : 6);
	put(&entry, "SYSLOG_IDENTIFIER=" IDENTIFIER "\nMESSAGE=%s\n", line.message);
	put(&entry, "FZBPF_EVENT=%s\nFZBPF_TIME=%" PRId64 "\n", line.name, event->time_ns);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (fields[i].on & ON(event->type))
			put(&entry, "%s=%s\n", fields[i].name,
			    format_value(&fields[i], event, value, sizeof(value)));
	return entry.used;
}

/* ---- from text ------------------------------------------------------------------------------- */

struct parse {
	struct event event;
	struct journal_words *words;
	bool has_type, has_time;
	uint64_t seen; /* a bit per field */
};

static bool parse_u16(const char *value, uint64_t max, uint16_t *ret)
{
	uint64_t number;
	bool ok = scan_number(value, max, &number);

	if (ok)
		*ret = (uint16_t)number;
	return ok;
}

static bool parse_u32(const char *value, uint64_t max, uint32_t *ret)
{
	uint64_t number;
	bool ok = scan_number(value, max, &number);

	if (ok)
		*ret = (uint32_t)number;
	return ok;
}

static bool parse_time(const char *value, int64_t *ret)
{
	uint64_t number;
	bool ok = scan_number(value, INT64_MAX, &number);

	if (ok)
		*ret = (int64_t)number;
	return ok;
}

static bool parse_source(const char *value, enum relay_source *ret)
{
	for (enum relay_source source = 0; source < RELAY_SOURCE_COUNT; source++)
		if (strcmp(value, label_source(source)) == 0) {
			*ret = source;
			return true;
		}
	return false;
}

static bool parse_mode(const char *value, const char **ret)
{
	size_t last = sizeof(modes) / sizeof(modes[0]) - 1, i = 0;

	while (i < last && strcmp(value, modes[i]) != 0)
		i++;
	*ret = modes[i];
	return true;
}

static bool parse_u64(const char *value, __u64 *ret)
{
	uint64_t number;
	bool ok = scan_number(value, UINT64_MAX, &number);

	if (ok)
		*ret = number;
	return ok;
}

/* Labels of other versions are left out. */
static bool parse_list(enum kind kind, const char *value, __u64 *counts)
{
	char copy[LIST_SIZE], *word, *equals, *rest = copy;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", value) >= sizeof(copy))
		return false;
	while (*value && (word = strsep(&rest, " "))) {
		equals = strchr(word, '=');
		if (!equals)
			return false;
		*equals = '\0';
		for (size_t i = 0; i < list_length(kind); i++)
			if (strcmp(word, list_label(kind, i)) == 0 &&
			    !parse_u64(equals + 1, &counts[i]))
				return false;
	}
	return true;
}

static bool parse_bool(const char *value, bool *ret)
{
	*ret = strcmp(value, "1") == 0;
	return *ret || strcmp(value, "0") == 0;
}

static bool parse_value(const struct field *field, const char *value, struct parse *parse)
{
	void *at = (char *)&parse->event + field->offset;

	switch (field->kind) {
	case KIND_IP: return scan_ip(value, at);
	case KIND_MAC: return scan_mac(value, at);
	case KIND_ENDPOINT: return scan_endpoint(value, at);
	case KIND_U16: return parse_u16(value, 4095, at);
	case KIND_CHANNEL: return parse_u16(value, UINT16_MAX, at);
	case KIND_U32: return parse_u32(value, UINT32_MAX, at);
	case KIND_SLOT: return parse_u32(value, MODEL_BINDINGS - 1, at);
	case KIND_IFINDEX: return parse_u32(value, INT32_MAX, at);
	case KIND_TIME: return parse_time(value, at);
	case KIND_EXPIRY:
		parse->event.binding.fixed = strcmp(value, "never") == 0;
		return parse->event.binding.fixed || parse_time(value, at);
	case KIND_SOURCE: return parse_source(value, at);
	case KIND_INTERFACE:
		format_safe(at, sizeof(parse->event.attachment.interface), value);
		return true;
	case KIND_MODE: return parse_mode(value, at);
	case KIND_WORDS:
		*(const char **)at =
			format_safe(parse->words->text, sizeof(parse->words->text), value);
		return true;
	case KIND_BOOL: return parse_bool(value, at);
	case KIND_U64: return parse_u64(value, at);
	case KIND_PASSED:
	case KIND_PATHS:
	case KIND_REFUSED: return parse_list(field->kind, value, at);
	}
	return false;
}

static bool parse_type(const char *value, enum event_type *ret_type)
{
	for (enum event_type type = 0; type <= EVENT_COUNTERS; type++) {
		struct event event = { .type = type };
		struct batch_line line = { .event = &event };

		if (!journal_has(type))
			continue;
		batch_describe(&line);
		if (strcmp(value, line.name) == 0) {
			*ret_type = type;
			return true;
		}
	}
	return false;
}

/* The type comes before the fields, as it is written. */
static bool parse_line(char *line, struct parse *parse)
{
	char *value = strchr(line, '=');

	if (!value)
		return true;
	*value++ = '\0';
	if (strcmp(line, "FZBPF_EVENT") == 0)
		return parse->has_type = parse_type(value, &parse->event.type);
	if (strcmp(line, "FZBPF_TIME") == 0)
		return parse->has_time = parse_time(value, &parse->event.time_ns);
	for (size_t i = 0; i < FIELD_COUNT && parse->has_type; i++)
		if (fields[i].on & ON(parse->event.type) && strcmp(line, fields[i].name) == 0) {
			parse->seen |= UINT64_C(1) << i;
			return parse_value(&fields[i], value, parse);
		}
	return true;
}

static uint64_t needed(enum event_type type)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (fields[i].on & ON(type))
			mask |= UINT64_C(1) << i;
	return mask;
}

int journal_parse(const char *text, size_t length, struct journal_words *words,
		  struct event *ret_event)
{
	struct parse parse = { .words = words };
	char copy[JOURNAL_SIZE + 1], *line, *rest = copy;

	if (length > JOURNAL_SIZE || memchr(text, '\0', length))
		return -ENOMSG;
	memcpy(copy, text, length);
	copy[length] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (!parse_line(line, &parse))
			return -ENOMSG;
	if (!parse.has_type || !parse.has_time || parse.seen != needed(parse.event.type))
		return -ENOMSG;
	if (ON(parse.event.type) & NEIGHBOURS) {
		parse.event.neighbour.last_seen_ns = parse.event.time_ns;
		parse.event.neighbour.has_previous = parse.event.type == EVENT_MAC_MOVED;
	}
	*ret_event = parse.event;
	return 0;
}
