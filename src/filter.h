/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The filter typed on the screen: words that all have to match. `key:value` asks one thing of a
 * row, and nothing of rows that know no such thing (reason: says nothing about neighbours); any
 * other word is looked for in all of a row's text. Values match from their beginning, so a filter
 * works while it is typed; case does not matter.
 */
#ifndef FZBPF_FILTER_H
#define FZBPF_FILTER_H

#include "model.h"

#define FILTER_SIZE 80 /* of the text */
#define FILTER_WORDS 8

/* X(ID, key, what it asks for) */
#define FILTER_KEYS(X)                                                          \
	X(IP, "ip", "an address (ip:10.0.0.) or a network (ip:10.0.0.0/24)")    \
	X(MAC, "mac", "a part of a MAC address")                                \
	X(CHAN, "chan", "a channel number (chan:4001)")                         \
	X(REASON, "reason", "a reason, of packets and reasons")                 \
	X(CLASS, "class", "normal, warming or problem, of packets and reasons") \
	X(STATE, "state", "both, one, nomac, idle, expiring; moved, same, diff, failed, ...")

enum filter_key {
	FILTER_TEXT,
#define X(id, key, help) FILTER_##id,
	FILTER_KEYS(X)
#undef X
};

struct filter_word {
	enum filter_key key;
	char text[FILTER_SIZE];
	bool has_network;
	struct in6_addr network;
	unsigned int prefix;
};

/* Zero is a filter that lets everything pass. */
struct filter {
	size_t count;
	struct filter_word words[FILTER_WORDS];
};

/* -EINVAL: a key that there is not; what can be understood is in `ret` nevertheless. */
int filter_parse(const char *text, struct filter *ret);

bool filter_takes_neighbour(const struct filter *filter, const struct model_neighbour *row);
bool filter_takes_binding(const struct filter *filter, const struct model_binding *row);
bool filter_takes_packet(const struct filter *filter, const struct model_packet *row);
bool filter_takes_reason(const struct filter *filter, enum relay_reason reason,
			 enum relay_class class);

/* Does it ask for a reason or a class? Then packets of the normal class are meant too. */
bool filter_names_class(const struct filter *filter);

#endif
