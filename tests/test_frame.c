/* SPDX-License-Identifier: BSD-2-Clause */
/* The way down from a frame to its UDP payload, and the messages in what offloads have merged. */
#include "../capture/frame.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../capture/tap.h"
#include "stun_messages.h"

#define PAYLOAD 5

struct frame_case {
	const char *name;
	int family, tags;
	unsigned int options;	 /* words of IPv4 options */
	int at, value, expected; /* byte `at` behind the tags becomes `value`; at 0: none */
};

static const struct frame_case cases[] = {
	{ "IPv4", 4, 0, 0, 0, 0, 0 },
	{ "IPv6", 6, 0, 0, 0, 0, 0 },
	{ "IPv4, one tag", 4, 1, 0, 0, 0, 0 },
	{ "IPv6, two tags", 6, 2, 0, 0, 0, 0 },
	{ "three tags", 4, 3, 0, 0, 0, -ENOMSG },
	{ "IPv4 options", 4, 0, 2, 0, 0, 0 },
	{ "ARP", 4, 0, 0, 13, 0x06, -ENOMSG },
	{ "IPv4 that says it is IPv6", 4, 0, 0, 14, 0x65, -EBADMSG },
	{ "IHL 4", 4, 0, 0, 14, 0x44, -EBADMSG },
	{ "IHL 15", 4, 0, 0, 14, 0x4f, -EBADMSG },
	{ "TCP", 4, 0, 0, 23, 6, -ENOMSG },
	{ "more fragments", 4, 0, 0, 20, 0x20, -ENOMSG },
	{ "fragment offset", 4, 0, 0, 21, 1, -ENOMSG },
	{ "do not fragment", 4, 0, 0, 20, 0x40, 0 },
	{ "total length below the header", 4, 0, 0, 17, 19, -EBADMSG },
	{ "total length below the UDP length", 4, 0, 0, 17, 32, -EBADMSG },
	{ "UDP length 7", 4, 0, 0, 39, 7, -EBADMSG },
	{ "UDP length beyond", 4, 0, 0, 39, 14, -EBADMSG },
	{ "UDP length shorter", 4, 0, 0, 39, 12, 0 },
	{ "IPv6 that says it is IPv4", 6, 0, 0, 14, 0x40, -EBADMSG },
	{ "IPv6 extension header", 6, 0, 0, 20, 0, -ENOMSG },
	{ "IPv6 payload length below UDP", 6, 0, 0, 19, 7, -EBADMSG },
};

static size_t build(const struct frame_case *row, uint8_t *frame)
{
	size_t ip = 14 + 4 * (size_t)row->tags, udp, header;
	int tag;

	memset(frame, 0, 128);
	for (tag = 0; tag < row->tags; tag++)
		memcpy(frame + 12 + 4 * tag, "\x81\x00\x00\x05", 4);
	memcpy(frame + ip - 2, row->family == 4 ? "\x08\x00" : "\x86\xdd", 2);
	header = row->family == 4 ? 20 + 4 * row->options : 40;
	udp = ip + header;
	if (row->family == 4) {
		frame[ip] = (uint8_t)(0x40 | header / 4);
		frame[ip + 3] = (uint8_t)(header + 8 + PAYLOAD);
		frame[ip + 9] = 17;
		memcpy(frame + ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	} else {
		frame[ip] = 0x60;
		frame[ip + 5] = 8 + PAYLOAD;
		frame[ip + 6] = 17;
		frame[ip + 8] = 0xfd;
		frame[ip + 24] = 0xfe;
	}
	memcpy(frame + udp, "\x10\x00\x0d\x96\x00\x0d\x00\x00hello", 8 + PAYLOAD);
	if (row->at)
		frame[row->at + 4 * row->tags] = (uint8_t)row->value;
	return udp + 8 + PAYLOAD;
}

Test(frame, finds_the_payload_or_says_why_not)
{
	uint8_t frame[128];
	size_t i, length;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct frame_udp udp;
		int err;

		length = build(&cases[i], frame);
		err = frame_find_udp(frame, length, &udp);
		cr_expect_eq(err, cases[i].expected, "%s: %d", cases[i].name, err);
		if (err)
			continue;
		cr_expect_eq(udp.src.port, 0x1000, "%s", cases[i].name);
		cr_expect_eq(udp.dst.port, 3478, "%s", cases[i].name);
		cr_expect_eq(memcmp(udp.payload, "hello", udp.length), 0, "%s", cases[i].name);
		cr_expect_eq(IN6_IS_ADDR_V4MAPPED(&udp.src.ip), cases[i].family == 4);
	}
}

Test(frame, reads_nothing_behind_the_end)
{
	uint8_t frame[128];
	size_t i, length, full;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		full = build(&cases[i], frame);
		for (length = 0; length < full; length++) {
			struct frame_udp udp;
			uint8_t *copy = malloc(length ? length : 1);

			cr_assert_not_null(copy);
			memcpy(copy, frame, length);
			if (!frame_find_udp(copy, length, &udp)) {
				cr_expect_leq(udp.captured, udp.length);
				cr_expect_eq(udp.payload + udp.captured <= copy + length, 1);
			}
			free(copy);
		}
	}
}

struct lengths {
	size_t count;
	size_t length[8];
};

static void note_length(void *context, const struct snoop_message *message)
{
	struct lengths *lengths = context;

	cr_assert_lt(lengths->count, 8);
	lengths->length[lengths->count++] = message->length;
}

/* Sizes of the messages in a datagram and what comes out of it; the number is a plain tail. */
static const struct {
	const char *name;
	size_t messages, tail, cut; /* cut: bytes not captured */
	struct lengths expected;
} merges[] = {
	{ "one", 1, 0, 0, { 1, { 28 } } },
	{ "three merged", 3, 0, 0, { 3, { 28, 28, 28 } } },
	{ "the last one shorter", 2, 20, 0, { 3, { 28, 28, 20 } } },
	{ "the last one cut by the capture", 3, 0, 1, { 2, { 28, 28 } } },
	{ "a single one cut by the capture", 1, 0, 8, { 0, { 0 } } },
	{ "noise", 0, 60, 0, { 1, { 60 } } },
	{ "nothing", 0, 0, 0, { 0, { 0 } } },
};

Test(tap, takes_apart_what_offloads_have_merged)
{
	struct stun_bytes bytes;
	size_t i, n;

	stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_REFRESH, 1);
	stun_add_number(&bytes, STUN_ATTRIBUTE_LIFETIME, 600);
	for (i = 0; i < sizeof(merges) / sizeof(*merges); i++) {
		uint8_t datagram[256] = { 0 };
		struct snoop_message message = { .payload = datagram };
		struct lengths lengths = { 0 };

		for (n = 0; n < merges[i].messages; n++)
			memcpy(datagram + n * bytes.length, bytes.data, bytes.length);
		message.length = merges[i].messages * bytes.length + merges[i].tail;
		tap_split(&message, message.length - merges[i].cut, note_length, &lengths);
		cr_expect_eq(lengths.count, merges[i].expected.count, "%s: %zu", merges[i].name,
			     lengths.count);
		for (n = 0; n < lengths.count; n++)
			cr_expect_eq(lengths.length[n], merges[i].expected.length[n], "%s",
				     merges[i].name);
	}
}

Test(tap, says_what_is_wrong_with_an_interface)
{
	struct tap *tap = NULL;
	char error[200] = "";

	cr_assert_lt(tap_open("no-such-if", 3478, note_length, NULL, &tap, error, sizeof(error)),
		     0);
	cr_assert_null(tap);
	cr_assert_not_null(strstr(error, "no-such-if"), "%s", error);
	tap_close(NULL);
}
