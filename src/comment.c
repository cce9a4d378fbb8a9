/* SPDX-License-Identifier: BSD-2-Clause */
/* Packet comments, to text and back. */
#include "comment.h"

#include <errno.h>
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

size_t comment_format(char *buf, const struct event *event, const struct model *model)
{
	const struct event_passed *passed = &event->passed;
	const struct model_binding *binding;
	char ip[FORMAT_IP_SIZE];
	size_t used = 0;

	append(buf, &used, COMMENT_TAG " reason=%s", label_reason(passed->reason));
	if (model)
		append(buf, &used, " class=%s", label_class(comment_class(event, model)));
	if (passed->has_missing)
		append(buf, &used, " missing=%s", format_ip(ip, sizeof(ip), &passed->missing));
	if (passed->has_channel)
		append(buf, &used, " channel=0x%04x", passed->channel);
	if (passed->vlan)
		append(buf, &used, " vlan=%u", passed->vlan);
	if (!model || !passed->has_slot || passed->slot >= MODEL_BINDINGS)
		return used;
	binding = &model->bindings[passed->slot];
	if (!binding->used)
		return used;
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

/* Returns whether it is the reason, without which there is no comment. */
static bool take_word(const char *word, const char *value, struct event_passed *passed)
{
	uint64_t number;

	if (strcmp(word, "reason") == 0)
		return parse_reason(value, &passed->reason);
	if (strcmp(word, "missing") == 0)
		passed->has_missing = scan_ip(value, &passed->missing);
	else if (strcmp(word, "channel") == 0 && scan_number(value, UINT16_MAX, &number)) {
		passed->has_channel = true;
		passed->channel = (uint16_t)number;
	} else if (strcmp(word, "vlan") == 0 && scan_number(value, 4095, &number))
		passed->vlan = (uint16_t)number;
	return false;
}

int comment_parse(const char *text, size_t length, struct event_passed *ret_passed)
{
	struct event_passed passed = *ret_passed;
	char copy[COMMENT_SIZE], *word, *equals, *rest = copy;
	bool has_reason = false;

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
		has_reason |= take_word(word, equals + 1, &passed);
	}
	if (!has_reason)
		return -ENOMSG;
	*ret_passed = passed;
	return 0;
}
