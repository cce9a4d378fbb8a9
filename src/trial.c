/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames to try, and layers compared. */
#include "trial.h"

#include <errno.h>
#include <string.h>

#include "explain.h"

#define DATA "fzbpf-top"
#define DATA_LENGTH (sizeof(DATA) - 1)
#define TTL 64
#define PROTOCOL_UDP 17

int trial_of_packet(const struct model_packet *packet, struct trial_frame *ret)
{
	if (!packet->captured)
		return -ENODATA;
	if (packet->length > sizeof(ret->bytes) || packet->captured > packet->length)
		return -EMSGSIZE;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->bytes, packet->frame, packet->captured);
	ret->length = packet->length;
	ret->made_up = packet->length - packet->captured;
	return 0;
}

/* ---- a made-up frame ------------------------------------------------------------------------- */

static uint8_t *put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint32_t sum(uint32_t before, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		before += (uint32_t)bytes[i] << (i % 2 ? 0 : 8);
	return before;
}

static uint16_t finish(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

static uint8_t *put_ip(uint8_t *at, const struct endpoint *from, const struct endpoint *to,
		       size_t payload)
{
	if (!IN6_IS_ADDR_V4MAPPED(&from->ip)) {
		at[0] = 0x60;
		put16(at + 4, payload);
		at[6] = PROTOCOL_UDP;
		at[7] = TTL;
		memcpy(at + 8, &from->ip, 16);
		memcpy(at + 24, &to->ip, 16);
		return at + 40;
	}
	at[0] = 0x45;
	put16(at + 2, 20 + payload);
	put16(at + 6, 0x4000);
	at[8] = TTL;
	at[9] = PROTOCOL_UDP;
	memcpy(at + 12, from->ip.s6_addr + 12, 4);
	memcpy(at + 16, to->ip.s6_addr + 12, 4);
	put16(at + 10, finish(sum(0, at, 20)));
	return at + 20;
}

static uint8_t *put_udp(uint8_t *at, const struct endpoint *from, const struct endpoint *to,
			uint16_t channel)
{
	size_t length = 8 + (channel ? 4U : 0U) + DATA_LENGTH;
	uint8_t *udp = at;
	uint32_t total;
	uint16_t check;

	at = put16(at, from->port);
	at = put16(at, to->port);
	at = put16(at, length) + 2;
	if (channel) {
		at = put16(at, channel);
		at = put16(at, DATA_LENGTH);
	}
	memcpy(at, DATA, DATA_LENGTH);
	/* the constant prefix of v4-mapped addresses, twice, adds nothing: 0xffff + 0xffff */
	total = sum(PROTOCOL_UDP + (uint32_t)length, from->ip.s6_addr, 16);
	total = sum(total, to->ip.s6_addr, 16);
	check = finish(sum(total, udp, length));
	put16(udp + 6, check ? check : 0xffff);
	return at + DATA_LENGTH;
}

int trial_of_binding(const struct model *model, const struct model_binding *binding, bool to_client,
		     struct trial_frame *ret)
{
	const struct endpoint *from = to_client ? &binding->peer : &binding->client;
	const struct endpoint *to = to_client ? &binding->relayed : &binding->server;
	uint16_t channel = to_client ? 0 : binding->channel;
	const struct model_neighbour *row = model_find_neighbour(model, &from->ip, 0);
	bool ipv4 = IN6_IS_ADDR_V4MAPPED(&from->ip);
	uint8_t *at = ret->bytes;

	memset(ret, 0, sizeof(*ret));
	memcpy(at, &model->mac, sizeof(model->mac));
	if (row && row->witnessed)
		memcpy(at + 6, &row->mac, sizeof(row->mac));
	else
		at[6] = 0x02;
	at = put16(at + 12, ipv4 ? 0x0800 : 0x86dd);
	at = put_ip(at, from, to, 8 + (channel ? 4U : 0U) + DATA_LENGTH);
	at = put_udp(at, from, to, channel);
	ret->length = (size_t)(at - ret->bytes);
	return 0;
}

/* ---- differences ----------------------------------------------------------------------------- */

static const struct dissect_line *same_layer(const struct dissection *frame,
					     const struct dissect_line *layer)
{
	for (size_t i = 0; i < frame->count; i++)
		if (!strcmp(frame->lines[i].label, layer->label))
			return &frame->lines[i];
	return NULL;
}

void trial_changes(const struct trial_frame *frame, const struct trial_frame *other,
		   uint16_t turn_port, bool ret_changed[TRIAL_SIZE])
{
	struct dissection here, there;

	memset(ret_changed, 0, TRIAL_SIZE * sizeof(*ret_changed));
	dissect(frame->bytes, frame->length, (uint32_t)frame->length, turn_port, &here);
	dissect(other->bytes, other->length, (uint32_t)other->length, turn_port, &there);
	for (size_t i = 0; i < here.count; i++) {
		const struct dissect_line *line = &here.lines[i];
		const struct dissect_line *match = same_layer(&there, line);

		for (size_t n = 0; n < line->length && line->offset + n < frame->length; n++)
			ret_changed[line->offset + n] =
				!match || n >= match->length ||
				match->offset + n >= other->length ||
				frame->bytes[line->offset + n] != other->bytes[match->offset + n];
	}
}
