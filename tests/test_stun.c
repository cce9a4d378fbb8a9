/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder against real messages, against every truncation of them, and against lies. */
#include "../src/stun.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stun_messages.h"

#define CAPTURES 4
#define KINDS 10

static const char *const captures[CAPTURES] = { "v4.pcap", "v6.pcap", "v4-client-v6-peer.pcap",
						"v4-padded.pcap" };

/* Of each capture, as tshark counts them: each of the four sessions was the same exchange. */
static const struct {
	enum stun_class class;
	uint16_t method;
	size_t count;
} expected[KINDS] = {
	{ STUN_CLASS_REQUEST, STUN_METHOD_ALLOCATE, 4 },
	{ STUN_CLASS_ERROR, STUN_METHOD_ALLOCATE, 2 },
	{ STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE, 2 },
	{ STUN_CLASS_REQUEST, STUN_METHOD_REFRESH, 4 },
	{ STUN_CLASS_SUCCESS, STUN_METHOD_REFRESH, 4 },
	{ STUN_CLASS_REQUEST, STUN_METHOD_CHANNEL_BIND, 5 },
	{ STUN_CLASS_SUCCESS, STUN_METHOD_CHANNEL_BIND, 5 },
	{ STUN_CLASS_REQUEST, STUN_METHOD_CREATE_PERMISSION, 1 },
	{ STUN_CLASS_SUCCESS, STUN_METHOD_CREATE_PERMISSION, 1 },
	{ STUN_CLASS_INDICATION, STUN_METHOD_SEND, 0 },
};

struct counts {
	size_t kinds[KINDS];
	size_t errors_401;
};

static void count_message(void *context, const struct snoop_message *message)
{
	struct counts *counts = context;
	struct stun_message stun;
	size_t i;

	cr_assert_eq(stun_decode(message->payload, message->length, &stun), 0);
	for (i = 0; i < KINDS; i++)
		if (expected[i].class == stun.class && expected[i].method == stun.method)
			counts->kinds[i]++;
	counts->errors_401 += stun.error == 401;
}

Test(stun, decodes_every_control_message_of_the_captures)
{
	size_t i, kind;

	for (i = 0; i < CAPTURES; i++) {
		struct counts counts = { 0 };

		cr_assert_eq(capture_replay(captures[i], count_message, &counts), 28, "%s",
			     captures[i]);
		for (kind = 0; kind < KINDS; kind++)
			cr_assert_eq(counts.kinds[kind], expected[kind].count, "%s: %s %s: %zu",
				     captures[i], stun_method_name(expected[kind].method),
				     stun_class_name(expected[kind].class), counts.kinds[kind]);
		cr_assert_eq(counts.errors_401, 2);
	}
}

static void truncate_message(void *context, const struct snoop_message *message)
{
	struct stun_message stun, untouched;
	size_t length;

	(void)context;
	memset(&untouched, 0x5a, sizeof(untouched));
	for (length = 0; length < message->length; length++) {
		/* On the heap, so that a read behind the end is seen by the sanitizers. */
		uint8_t *copy = malloc(length ? length : 1);

		cr_assert_not_null(copy);
		memcpy(copy, message->payload, length);
		stun = untouched;
		cr_assert_eq(stun_decode(copy, length, &stun), -EBADMSG);
		cr_assert_arr_eq(&stun, &untouched, sizeof(stun));
		/* A header that fits what is left does not help the attribute that was cut. */
		if (length >= STUN_HEADER_LENGTH) {
			copy[2] = (uint8_t)((length - STUN_HEADER_LENGTH) >> 8);
			copy[3] = (uint8_t)(length - STUN_HEADER_LENGTH);
			(void)stun_decode(copy, length, &stun);
		}
		free(copy);
	}
}

Test(stun, refuses_messages_cut_at_any_length)
{
	size_t i;

	for (i = 0; i < CAPTURES; i++)
		capture_replay(captures[i], truncate_message, NULL);
}

Test(stun, finds_addresses_of_both_families)
{
	struct endpoint v4 = endpoint_from("192.0.2.7:50001");
	struct endpoint v6 = endpoint_from("[2001:db8::7]:50002");
	struct endpoint mapped = endpoint_from("198.51.100.1:9");
	struct stun_message stun;
	struct stun_bytes bytes;
	char text[64];

	stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE, 0xa7);
	stun_add_address(&bytes, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &v6);
	stun_add_address(&bytes, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &v4);
	stun_add_address(&bytes, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &mapped);
	stun_add_number(&bytes, STUN_ATTRIBUTE_LIFETIME, 0xfffffff0);
	cr_assert_eq(stun_decode(bytes.data, bytes.length, &stun), 0);
	cr_assert(stun.has_relayed[STUN_FAMILY_V4] && stun.has_relayed[STUN_FAMILY_V6]);
	cr_assert_str_eq(endpoint_text(&stun.relayed[STUN_FAMILY_V4], text, sizeof(text)),
			 "192.0.2.7:50001");
	cr_assert_str_eq(endpoint_text(&stun.relayed[STUN_FAMILY_V6], text, sizeof(text)),
			 "[2001:db8::7]:50002");
	cr_assert(stun.has_mapped);
	cr_assert_str_eq(endpoint_text(&stun.mapped, text, sizeof(text)), "198.51.100.1:9");
	cr_assert_eq(stun.lifetime, 0xfffffff0);
	cr_assert_eq(stun.peer_count, 0);
}

Test(stun, decodes_a_dual_allocation_that_was_half_refused)
{
	struct endpoint v4 = endpoint_from("192.0.2.7:50001");
	struct stun_message stun;
	struct stun_bytes bytes;

	stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE, 1);
	stun_add_address(&bytes, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &v4);
	/* IPv6, 440 (Address Family not Supported) */
	stun_add_number(&bytes, STUN_ATTRIBUTE_ADDRESS_ERROR_CODE, 0x02000428);
	cr_assert_eq(stun_decode(bytes.data, bytes.length, &stun), 0);
	cr_assert_eq(stun.address_error, 440);
	cr_assert_eq(stun.address_error_family, STUN_FAMILY_V6);
	cr_assert_not(stun.has_relayed[STUN_FAMILY_V6]);
}

Test(stun, takes_the_first_of_repeated_attributes_and_none_behind_the_integrity)
{
	static const uint8_t hmac[20];
	struct stun_message stun;
	struct stun_bytes bytes;

	stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_REFRESH, 1);
	stun_add_number(&bytes, STUN_ATTRIBUTE_LIFETIME, 5);
	stun_add_number(&bytes, STUN_ATTRIBUTE_LIFETIME, 6);
	stun_add(&bytes, STUN_ATTRIBUTE_MESSAGE_INTEGRITY, hmac, sizeof(hmac));
	stun_add_channel(&bytes, 0x4000);
	cr_assert_eq(stun_decode(bytes.data, bytes.length, &stun), 0);
	cr_assert_eq(stun.lifetime, 5);
	cr_assert_not(stun.has_channel);
}

/* One attribute, raw, and whether a message that consists of it is accepted. */
static const struct {
	const char *name;
	bool good;
	uint8_t length;
	uint8_t wire[28];
} attributes[] = {
	{ "no attribute", true, 0, { 0 } },
	{ "half an attribute header", false, 2, { 0x00, 0x0d } },
	{ "lifetime", true, 8, { 0x00, 0x0d, 0, 4, 0, 0, 2, 88 } },
	{ "lifetime of length 3", false, 8, { 0x00, 0x0d, 0, 3, 0, 0, 2, 88 } },
	{ "lifetime of length 8", false, 12, { 0x00, 0x0d, 0, 8, 0, 0, 2, 88 } },
	{ "lifetime of length 0", false, 4, { 0x00, 0x0d, 0, 0 } },
	{ "length one beyond the end", false, 8, { 0x80, 0x22, 0, 5, 1, 2, 3, 4 } },
	{ "length far beyond the end", false, 8, { 0x80, 0x22, 0xff, 0xff, 1, 2, 3, 4 } },
	{ "padding beyond the end", false, 8, { 0x80, 0x22, 0, 6, 1, 2, 3, 4 } },
	{ "unknown, empty", true, 4, { 0x7f, 0x22, 0, 0 } },
	{ "unknown, padded", true, 8, { 0x7f, 0x22, 0, 1, 9 } },
	{ "channel of length 2", false, 8, { 0x00, 0x0c, 0, 2, 0x40, 0 } },
	{ "address", true, 12, { 0x00, 0x12, 0, 8, 0, 1, 1, 2, 3, 4, 5, 6 } },
	{ "address without family", false, 12, { 0x00, 0x12, 0, 8, 0, 0, 1, 2, 3, 4, 5, 6 } },
	{ "address of family 3", false, 12, { 0x00, 0x12, 0, 8, 0, 3, 1, 2, 3, 4, 5, 6 } },
	{ "IPv6 address of length 8", false, 12, { 0x00, 0x12, 0, 8, 0, 2, 1, 2, 3, 4, 5, 6 } },
	{ "IPv4 address of length 20", false, 24, { 0x00, 0x12, 0, 20, 0, 1 } },
	{ "address of length 3", false, 8, { 0x00, 0x12, 0, 3, 0, 1, 1 } },
	{ "error", true, 8, { 0x00, 0x09, 0, 4, 0, 0, 4, 37 } },
	{ "error of length 3", false, 8, { 0x00, 0x09, 0, 3, 0, 0, 4 } },
	{ "error 200", false, 8, { 0x00, 0x09, 0, 4, 0, 0, 2, 0 } },
	{ "error 4:100", false, 8, { 0x00, 0x09, 0, 4, 0, 0, 4, 100 } },
	{ "family 3", false, 8, { 0x00, 0x17, 0, 4, 3 } },
	/* 0x2112a442 0xa7... XORed with this is ::ffff:1.2.3.4 */
	{ "IPv4-mapped relayed address", false, 24, { 0x00, 0x16, 0,	20,   0,    2,
						      1,    2,	  0x21, 0x12, 0xa4, 0x42,
						      0xa7, 0xa7, 0xa7, 0xa7, 0xa7, 0xa7,
						      0x58, 0x58, 0xa6, 0xa5, 0xa4, 0xa3 } },
};

Test(stun, believes_no_length)
{
	size_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		struct stun_message stun;
		struct stun_bytes bytes;
		size_t length;
		int err;

		stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE, 0xa7);
		memcpy(bytes.data + bytes.length, attributes[i].wire, attributes[i].length);
		length = bytes.length + attributes[i].length;
		bytes.data[3] = attributes[i].length;
		err = stun_decode(bytes.data, length, &stun);
		cr_assert_eq(err, attributes[i].good ? 0 : -EBADMSG, "%s: %d", attributes[i].name,
			     err);
	}
}

Test(stun, knows_what_is_no_stun)
{
	struct stun_bytes good, bad;
	struct stun_message stun;

	stun_begin(&good, STUN_CLASS_REQUEST, STUN_METHOD_BINDING, 1);
	cr_assert_eq(stun_decode(good.data, good.length, &stun), 0);
	cr_assert(stun_has_header(good.data, good.length));

	bad = good;
	bad.data[0] |= 0x40;
	cr_expect_eq(stun_decode(bad.data, bad.length, &stun), -EBADMSG, "channel data");
	bad = good;
	bad.data[7] ^= 1;
	cr_expect_eq(stun_decode(bad.data, bad.length, &stun), -EBADMSG, "cookie");
	bad = good;
	bad.data[3] = 2;
	cr_expect_eq(stun_decode(bad.data, 22, &stun), -EBADMSG, "not a multiple of four");
	cr_expect_eq(stun_decode(good.data, 24, &stun), -EBADMSG, "more than the header says");
}

Test(stun, survives_noise)
{
	unsigned short seed[3] = { 1, 2, 3 };
	struct stun_message stun;
	int round;
	size_t i;

	for (round = 0; round < 20000; round++) {
		struct stun_bytes bytes;
		size_t length = (size_t)nrand48(seed) % 200 / 4 * 4;

		stun_begin(&bytes, STUN_CLASS_REQUEST, STUN_METHOD_BINDING, 1);
		for (i = 0; i < length; i++)
			bytes.data[STUN_HEADER_LENGTH + i] =
				(uint8_t)(nrand48(seed) % (i % 4 < 3 && round % 2 ? 32 : 256));
		bytes.data[1] = (uint8_t)nrand48(seed);
		bytes.data[3] = (uint8_t)length;
		(void)stun_decode(bytes.data, STUN_HEADER_LENGTH + length, &stun);
	}
}

Test(stun, has_names)
{
	cr_expect_str_eq(stun_method_name(STUN_METHOD_CHANNEL_BIND), "ChannelBind");
	cr_expect_str_eq(stun_method_name(0xfff), "unknown");
	cr_expect_str_eq(stun_class_name(STUN_CLASS_SUCCESS), "success response");
	cr_expect_str_eq(stun_attribute_name(STUN_ATTRIBUTE_LIFETIME), "LIFETIME");
	cr_expect_str_eq(stun_attribute_name(0x7f22), "unknown");
}
