/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Noise for the decoder and the snooper. The input is a row of records: a byte of flags, a byte of
 * time, a byte of length, and that many bytes of message; what every message needs is filled in, so
 * that the noise gets behind the header.
 */
#include <stdlib.h>
#include <string.h>

#include "../src/snoop.h"
#include "../src/stun.h"

#define SENT 1
#define OTHER_CLIENT 2
#define RAW 4

struct fuzz_state {
	struct bindings *bindings;
	struct snoop *snoop;
	unsigned int inputs;
	int64_t now_ns;
	size_t live;
};

static void check_event(void *context, const struct event *event)
{
	struct fuzz_state *state = context;

	if (event->type == EVENT_BINDING_ADDED)
		state->live++;
	if (event->type == EVENT_BINDING_REMOVED)
		state->live--;
	if (event->binding.channel < STUN_CHANNEL_MIN || event->binding.channel > STUN_CHANNEL_MAX)
		abort();
}

static void fuzz_message(struct snoop *snoop, uint8_t flags, const uint8_t *bytes, size_t length,
			 int64_t now_ns)
{
	static const uint8_t header[8] = { 0, 0, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
	struct endpoint client = { .ip.s6_addr = { [10] = 0xff, [11] = 0xff, 10 }, .port = 4000 };
	struct endpoint server = client;
	struct snoop_message message = { .time_ns = now_ns, .sent = flags & SENT };
	uint8_t copy[256];

	client.ip.s6_addr[15] = flags & OTHER_CLIENT;
	server.port = 3478;
	memcpy(copy, bytes, length);
	if (!(flags & RAW) && length >= STUN_HEADER_LENGTH) {
		length &= ~(size_t)3;
		memcpy(copy + 4, header + 4, 4);
		copy[0] &= 0x3f;
		copy[2] = 0;
		copy[3] = (uint8_t)(length - STUN_HEADER_LENGTH);
		/* Few transaction ids, so that some meet. */
		memset(copy + 9, 0, STUN_TRANSACTION_LENGTH - 1);
	}
	message.src = message.sent ? server : client;
	message.dst = message.sent ? client : server;
	message.payload = copy;
	message.length = length;
	snoop_ingest(snoop, &message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Making the tables costs a hundred times as much as an input, so they serve for some. */
static void renew(struct fuzz_state *state)
{
	snoop_free(state->snoop);
	bindings_free(state->bindings);
	*state = (struct fuzz_state){ .inputs = 1 };
	state->bindings = bindings_new(check_event, state);
	state->snoop = snoop_new(state->bindings, 3478);
	if (!state->bindings || !state->snoop)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_state state;
	struct stun_message stun;
	size_t length;

	if (state.inputs++ % 512 == 0)
		renew(&state);
	(void)stun_decode(data, size, &stun);
	while (size >= 3) {
		length = data[2] <= size - 3 ? data[2] : size - 3;
		state.now_ns += data[1] * 1000000000LL;
		fuzz_message(state.snoop, data[0], data + 3, length, state.now_ns);
		if (state.live != bindings_count(state.bindings))
			abort();
		data += 3 + length;
		size -= 3 + length;
	}
	/* Whatever there is, ends; and what waits for its counterpart is too old for the next
	 * input. */
	snoop_tick(state.snoop, INT64_MAX);
	if (state.live)
		abort();
	state.now_ns += 60 * 1000000000LL;
	return 0;
}
