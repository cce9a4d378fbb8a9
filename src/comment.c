/* SPDX-License-Identifier: BSD-2-Clause */
/* Packet comments, to text and back. */
#include "comment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "labels.h"
#include "scan.h"

#define COMMENT_TAG "fzbpf"

enum relay_class comment_class(const struct event *event, const struct model *model)
{
	const struct model_packet *newest =
		&model->packets[(model->packet_next - 1) % MODEL_PACKETS];

	if (model->packet_next > 0 && newest->time_ns == event->time_ns &&
	    newest->reason == event->passed.reason)
		return newest->class;
	return model->reasons[event->passed.reason].class;
}

static void __attribute__((format(printf, 3, 4)))
append(char *buf, size_t *used, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buf + *used, COMMENT_SIZE - *used, format, arguments);
	va_end(arguments);
	if (length > 0 && *used + (size_t)length < COMMENT_SIZE)
		*used += (size_t)length;
}

static void append_endpoint(char *buf, size_t *used, const char *key,
			    const struct endpoint *endpoint)
{
	char text[FORMAT_ENDPOINT_SIZE];

	append(buf, used, " %s=%s", key, format_endpoint(text, sizeof(text), endpoint));
}

static void append_verdict(char *buf, size_t *used, const struct event *event,
			   const struct model *model)
{
	const struct event_passed *passed = &event->passed;
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE];

	if (event->type == EVENT_SENT) {
		append(buf, used, COMMENT_TAG " verdict=sent");
		return;
	}
	if (event->type == EVENT_RELAYED) {
		append(buf, used, COMMENT_TAG " verdict=relayed path=%s next=%s next_mac=%s",
		       label_path(passed->way.path), format_ip(ip, sizeof(ip), &passed->way.dst.ip),
		       format_mac(mac, sizeof(mac), &passed->way.mac));
		return;
	}
	append(buf, used, COMMENT_TAG " reason=%s", label_reason(passed->reason));
	if (model)
		append(buf, used, " class=%s", label_class(comment_class(event, model)));
	if (passed->has_missing)
		append(buf, used, " missing=%s", format_ip(ip, sizeof(ip), &passed->missing));
}

size_t comment_format(char *buf, const struct event *event, const struct model *model)
{
	const struct event_passed *passed = &event->passed;
	const struct model_binding *binding;
	size_t used = 0;

	append_verdict(buf, &used, event, model);
	if (passed->has_channel)
		append(buf, &used, " channel=0x%04x", passed->channel);
	if (passed->vlan)
		append(buf, &used, " vlan=%u", passed->vlan);
	if (!model || !passed->has_slot || passed->slot >= MODEL_BINDINGS)
		return used;
	binding = &model->bindings[passed->slot];
	if (!binding->used)
		return used;
	append(buf, &used, " slot=%" PRIu32, passed->slot);
	append_endpoint(buf, &used, "client", &binding->client);
	append_endpoint(buf, &used, "server", &binding->server);
	append_endpoint(buf, &used, "relayed", &binding->relayed);
	append_endpoint(buf, &used, "peer", &binding->peer);
	return used;
}

static bool parse_reason(const char *value, enum relay_reason *ret_reason)
{
	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++)
		if (strcmp(value, label_reason(reason)) == 0) {
			*ret_reason = reason;
			return true;
		}
	return false;
}

static bool parse_path(const char *value, enum relay_path *ret_path)
{
	for (enum relay_path path = 0; path < RELAY_PATH_COUNT; path++)
		if (strcmp(value, label_path(path)) == 0) {
			*ret_path = path;
			return true;
		}
	return false;
}

static bool parse_verdict(const char *value, enum event_type *ret_type)
{
	*ret_type = strcmp(value, "sent") == 0 ? EVENT_SENT : EVENT_RELAYED;
	return *ret_type == EVENT_SENT || strcmp(value, "relayed") == 0;
}

enum { SAID_REASON = 1, SAID_VERDICT = 2, SAID_PATH = 4, SAID_NEXT = 8, SAID_NEXT_MAC = 16 };

/* Returns which of those without which there is no comment it is, 0 = none. */
static unsigned int take_word(const char *word, const char *value, struct event *event)
{
	struct event_passed *passed = &event->passed;
	uint64_t number;

	if (strcmp(word, "reason") == 0)
		return parse_reason(value, &passed->reason) ? SAID_REASON : 0;
	if (strcmp(word, "verdict") == 0)
		return parse_verdict(value, &event->type) ? SAID_VERDICT : 0;
	if (strcmp(word, "path") == 0)
		return parse_path(value, &passed->way.path) ? SAID_PATH : 0;
	if (strcmp(word, "next") == 0)
		return scan_ip(value, &passed->way.dst.ip) ? SAID_NEXT : 0;
	if (strcmp(word, "next_mac") == 0)
		return scan_mac(value, &passed->way.mac) ? SAID_NEXT_MAC : 0;
	if (strcmp(word, "missing") == 0)
		passed->has_missing = scan_ip(value, &passed->missing);
	else if (strcmp(word, "channel") == 0 && scan_number(value, UINT16_MAX, &number)) {
		passed->has_channel = true;
		passed->channel = (uint16_t)number;
	} else if (strcmp(word, "vlan") == 0 && scan_number(value, 4095, &number)) {
		passed->vlan = (uint16_t)number;
	} else if (strcmp(word, "slot") == 0 && scan_number(value, MODEL_BINDINGS - 1, &number)) {
		passed->has_slot = true;
		passed->slot = (uint32_t)number;
	}
	return 0;
}

static bool is_whole(const struct event *event, unsigned int said)
{
	switch (event->type) {
	case EVENT_SENT: return said == SAID_VERDICT;
	case EVENT_RELAYED: return said == (SAID_VERDICT | SAID_PATH | SAID_NEXT | SAID_NEXT_MAC);
	default: return said == SAID_REASON;
	}
}

int comment_parse(const char *text, size_t length, struct event *ret_event)
{
	struct event event = *ret_event;
	char copy[COMMENT_SIZE], *word, *equals, *rest = copy;
	unsigned int said = 0;

	event.type = EVENT_PASSED_UP;
	if (length >= sizeof(copy))
		return -ENOMSG;
	memcpy(copy, text, length);
	copy[length] = '\0';
	word = strsep(&rest, " ");
	if (strcmp(word, COMMENT_TAG) != 0)
		return -ENOMSG;
	while ((word = strsep(&rest, " "))) {
		equals = strchr(word, '=');
		if (!equals)
			continue;
		*equals = '\0';
		said |= take_word(word, equals + 1, &event);
	}
	if (!is_whole(&event, said))
		return -ENOMSG;
	*ret_event = event;
	return 0;
}
