/* SPDX-License-Identifier: BSD-2-Clause */
/* The lists of the contract as tables. */
#include "labels.h"

#include <stddef.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define PICK(list, index) ((size_t)(index) < COUNT(list) ? (list)[index] : "?")

#define X(id, label, ...) label,
static const char *const reasons[] = { RELAY_REASONS(X) };
static const char *const paths[] = { RELAY_PATHS(X) };
static const char *const refusals[] = { RELAY_REFUSALS(X) };
static const char *const sources[] = { RELAY_SOURCES(X) };
#undef X

#define X(id, label, class, miss, means, next) means,
static const char *const meanings[] = { RELAY_REASONS(X) };
#undef X

#define X(id, label, class, miss, means, next) next,
static const char *const next_steps[] = { RELAY_REASONS(X) };
#undef X

#define X(id, label, class, miss, means, next) miss,
static const bool misses[] = { RELAY_REASONS(X) };
#undef X

static const char *const classes[] = {
	[RELAY_CLASS_NORMAL] = "normal",
	[RELAY_CLASS_WARMING] = "warming",
	[RELAY_CLASS_PROBLEM] = "problem",
};

const char *label_reason(enum relay_reason reason)
{
	return PICK(reasons, reason);
}

const char *label_path(enum relay_path path)
{
	return PICK(paths, path);
}

const char *label_refusal(enum relay_refusal refusal)
{
	return PICK(refusals, refusal);
}

const char *label_source(enum relay_source source)
{
	return PICK(sources, source);
}

const char *label_class(enum relay_class class)
{
	return PICK(classes, class);
}

const char *label_packet(enum event_type type, enum relay_reason reason)
{
	if (type == EVENT_RELAYED)
		return "relayed";
	return type == EVENT_SENT ? "sent" : label_reason(reason);
}

const char *reason_means(enum relay_reason reason)
{
	return PICK(meanings, reason);
}

const char *reason_next_step(enum relay_reason reason)
{
	return PICK(next_steps, reason);
}

bool reason_is_miss(enum relay_reason reason)
{
	return (size_t)reason < COUNT(misses) && misses[reason];
}
