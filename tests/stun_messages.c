/* SPDX-License-Identifier: BSD-2-Clause */
/* The builder of STUN messages and the reader of captures that several tests share. */
#include "stun_messages.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../capture/frame.h"

static void write16(uint8_t *to, unsigned int value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

void stun_begin(struct stun_bytes *bytes, enum stun_class class, uint16_t method,
		uint8_t transaction)
{
	unsigned int type = (method & 0xfu) | (method & 0x70u) << 1 | (method & 0xf80u) << 2 |
			    (class & 1u) << 4 | (class & 2u) << 7;

	memset(bytes, 0, sizeof(*bytes));
	write16(bytes->data, type);
	write16(bytes->data + 4, STUN_MAGIC_COOKIE >> 16);
	write16(bytes->data + 6, STUN_MAGIC_COOKIE & 0xffff);
	memset(bytes->data + 8, transaction, STUN_TRANSACTION_LENGTH);
	bytes->length = STUN_HEADER_LENGTH;
}

void stun_add(struct stun_bytes *bytes, uint16_t type, const void *value, size_t length)
{
	uint8_t *at = bytes->data + bytes->length;

	cr_assert_lt(bytes->length + 4 + length + 3, sizeof(bytes->data));
	write16(at, type);
	write16(at + 2, (unsigned int)length);
	if (length)
		memcpy(at + 4, value, length);
	bytes->length += 4 + ((length + 3) & ~(size_t)3);
	write16(bytes->data + 2, (unsigned int)(bytes->length - STUN_HEADER_LENGTH));
}

void stun_add_address(struct stun_bytes *bytes, uint16_t type, const struct endpoint *address)
{
	bool v4 = IN6_IS_ADDR_V4MAPPED(&address->ip);
	uint8_t value[20] = { 0, v4 ? 1 : 2 };
	size_t i, size = v4 ? 4 : 16;

	write16(value + 2, address->port ^ STUN_MAGIC_COOKIE >> 16);
	for (i = 0; i < size; i++)
		value[4 + i] = address->ip.s6_addr[16 - size + i] ^ bytes->data[4 + i];
	stun_add(bytes, type, value, 4 + size);
}

void stun_add_number(struct stun_bytes *bytes, uint16_t type, uint32_t value)
{
	uint8_t wire[4];

	write16(wire, value >> 16);
	write16(wire + 2, value & 0xffff);
	stun_add(bytes, type, wire, sizeof(wire));
}

void stun_add_channel(struct stun_bytes *bytes, uint16_t channel)
{
	stun_add_number(bytes, STUN_ATTRIBUTE_CHANNEL_NUMBER, (uint32_t)channel << 16);
}

void stun_add_error(struct stun_bytes *bytes, unsigned int code)
{
	stun_add_number(bytes, STUN_ATTRIBUTE_ERROR_CODE, code / 100 << 8 | code % 100);
}

struct endpoint endpoint_from(const char *text)
{
	struct endpoint endpoint = { 0 };
	const char *colon = strrchr(text, ':');
	char ip[64];

	cr_assert_not_null(colon, "%s", text);
	if (*text == '[')
		snprintf(ip, sizeof(ip), "%.*s", (int)(colon - text - 2), text + 1);
	else
		snprintf(ip, sizeof(ip), "::ffff:%.*s", (int)(colon - text), text);
	cr_assert_eq(inet_pton(AF_INET6, ip, &endpoint.ip), 1, "%s", text);
	endpoint.port = (uint16_t)atoi(colon + 1);
	return endpoint;
}

const char *endpoint_text(const struct endpoint *endpoint, char *buffer, size_t size)
{
	char ip[INET6_ADDRSTRLEN];

	if (IN6_IS_ADDR_V4MAPPED(&endpoint->ip)) {
		inet_ntop(AF_INET, endpoint->ip.s6_addr + 12, ip, sizeof(ip));
		snprintf(buffer, size, "%s:%u", ip, endpoint->port);
	} else {
		inet_ntop(AF_INET6, &endpoint->ip, ip, sizeof(ip));
		snprintf(buffer, size, "[%s]:%u", ip, endpoint->port);
	}
	return buffer;
}

void binding_log_event(void *context, const struct event *event)
{
	struct binding_log *log = context;
	const struct event_binding *binding = &event->binding;
	size_t used = strlen(log->text);
	char relayed[64], peer[64];

	if (used)
		used += (size_t)snprintf(log->text + used, sizeof(log->text) - used, "; ");
	cr_assert_lt(used + 160, sizeof(log->text));
	if (event->type == EVENT_BINDING_ADDED)
		sprintf(log->text + used, "+%x %s %s", binding->channel,
			endpoint_text(&binding->relayed, relayed, sizeof(relayed)),
			endpoint_text(&binding->peer, peer, sizeof(peer)));
	else if (event->type == EVENT_BINDING_REFRESHED)
		sprintf(log->text + used, "~%x", binding->channel);
	else
		sprintf(log->text + used, "-%x %s", binding->channel, binding->why);
}

size_t capture_replay(const char *name, void (*take)(void *context, const struct snoop_message *),
		      void *context)
{
	char path[256], error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	size_t count = 0;
	pcap_t *pcap;

	snprintf(path, sizeof(path), TESTS_DIR "/captures/%s", name);
	pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	cr_assert_not_null(pcap, "%s", error);
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		struct snoop_message message = { 0 };
		struct frame_udp udp;

		if (frame_find_udp(bytes, header->caplen, &udp) || udp.captured != udp.length)
			continue;
		if ((udp.src.port != 3478 && udp.dst.port != 3478) || !udp.length ||
		    udp.payload[0] & 0xc0)
			continue;
		message.time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
		message.sent = udp.src.port == 3478;
		message.src = udp.src;
		message.dst = udp.dst;
		message.payload = udp.payload;
		message.length = udp.length;
		take(context, &message);
		count++;
	}
	pcap_close(pcap);
	return count;
}
