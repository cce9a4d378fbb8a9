/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames taken apart: whole, truncated, broken. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/dissect.h"
#include "fixture.h"

#define TURN_PORT 3478

/* 02:..:01 > 02:..:03, 10.89.7.1:50000 > 10.89.7.3:3478, channel 0x4001, 8 bytes. */
static struct model_packet channel_data(void)
{
	struct model_packet packet = {
		.src = fixture_endpoint("10.89.7.1", 50000),
		.dst = fixture_endpoint("10.89.7.3", TURN_PORT),
		.src_mac = fixture_mac(1),
		.dst_mac = fixture_mac(3),
		.channel = 0x4001,
	};

	fixture_frame(&packet, 8);
	return packet;
}

static const char *text_of(const struct dissection *frame, const char *label)
{
	for (size_t i = 0; i < frame->count; i++)
		if (!strcmp(frame->lines[i].label, label))
			return frame->lines[i].text;
	return "";
}

Test(dissect, channel_data)
{
	struct model_packet packet = channel_data();
	struct dissection frame;

	dissect(packet.frame, packet.captured, packet.length, TURN_PORT, &frame);
	cr_expect(frame.has_ethernet && frame.has_ip && frame.has_udp && frame.has_channel);
	cr_expect(dissect_ip_is_sound(&frame));
	cr_expect_eq(frame.channel, 0x4001);
	cr_expect_eq(frame.payload, 42);
	cr_expect_str_eq(text_of(&frame, "Ethernet"),
			 "02:89:00:00:00:01 > 02:89:00:00:00:03, type 0x0800 IPv4");
	cr_expect_str_eq(text_of(&frame, "IPv4"),
			 "10.89.7.1 > 10.89.7.3, TTL 64, length 40, TOS 0x00, id 0x1a2b, DF, UDP");
	cr_expect_str_eq(text_of(&frame, "UDP"), "50000 > 3478, length 20, checksum 0x9abc");
	cr_expect_str_eq(text_of(&frame, "ChannelData"),
			 "channel 0x4001, length 8, 8 bytes follow");
	cr_expect_str_eq(text_of(&frame, "data"), "8 bytes");
}

Test(dissect, two_vlan_tags)
{
	struct model_packet packet = channel_data();
	struct dissection frame;
	uint8_t tagged[80];

	memcpy(tagged, packet.frame, 12);
	memcpy(tagged + 12, "\x88\xa8\x20\x05\x81\x00\x00\x07", 8);
	memcpy(tagged + 20, packet.frame + 12, packet.captured - 12);
	dissect(tagged, packet.captured + 8, packet.length + 8, TURN_PORT, &frame);
	cr_expect_eq(frame.l3, 22);
	cr_expect(frame.has_channel);
	cr_expect_str_eq(text_of(&frame, "VLAN"), "id 5, priority 1, type 0x8100 VLAN");
}

Test(dissect, arp)
{
	static const uint8_t request[] =
		"\xff\xff\xff\xff\xff\xff\x02\x89\0\0\0\x03\x08\x06\0\x01\x08\0\x06\x04\0\x01"
		"\x02\x89\0\0\0\x03\x0a\x59\x07\x03\0\0\0\0\0\0\x0a\x59\x07\x09";
	struct dissection frame;

	dissect(request, 42, 42, TURN_PORT, &frame);
	cr_expect_str_eq(text_of(&frame, "ARP"),
			 "request: who has 10.89.7.9? tell 10.89.7.3 at 02:89:00:00:00:03");
	dissect(request, 41, 42, TURN_PORT, &frame);
	cr_expect_str_eq(text_of(&frame, "ARP"), "");
}

Test(dissect, every_truncation)
{
	struct model_packet packet = channel_data();
	struct dissection frame;

	for (size_t captured = 0; captured <= packet.captured; captured++) {
		uint8_t *exact = malloc(captured + !captured);

		memcpy(exact, packet.frame, captured);
		dissect(exact, captured, packet.length, TURN_PORT, &frame);
		cr_expect_eq(frame.has_ethernet, captured >= 14);
		cr_expect_eq(frame.has_ip, captured >= 34);
		cr_expect_eq(frame.has_udp, captured >= 42);
		cr_expect_eq(frame.has_channel, captured >= 46);
		for (size_t i = 0; i < frame.count; i++)
			cr_expect_leq(frame.lines[i].offset, captured);
		free(exact);
	}
}

/* Calls `what` with every frame of a classic capture file. */
static void each_frame(const char *name, void (*what)(const uint8_t *frame, size_t length))
{
	char path[256];
	uint8_t header[24], frame[65536];
	uint32_t record[4];
	FILE *file;

	snprintf(path, sizeof(path), "%s/captures/%s.pcap", TESTS_DIR, name);
	file = fopen(path, "r");
	cr_assert(file, "cannot open %s", path);
	cr_assert_eq(fread(header, sizeof(header), 1, file), 1);
	while (fread(record, sizeof(record), 1, file) == 1) {
		cr_assert_leq(record[2], sizeof(frame));
		cr_assert_eq(fread(frame, 1, record[2], file), record[2]);
		what(frame, record[2]);
	}
	fclose(file);
}

static size_t frames, channels, messages;

static void take_whole(const uint8_t *frame, size_t length)
{
	struct dissection seen;

	dissect(frame, length, (uint32_t)length, TURN_PORT, &seen);
	frames++;
	channels += seen.has_channel;
	messages += seen.has_stun;
	for (size_t i = 0; i < seen.count; i++)
		cr_expect_neq(seen.lines[i].label[0], '.', "%s", seen.lines[i].text);
}

/* Broken copies, each in memory of just its size. */
static void take_broken(const uint8_t *frame, size_t length)
{
	struct dissection seen;

	for (size_t i = 0; i < length && i < 120; i++) {
		uint8_t *copy = malloc(length - i);

		memcpy(copy, frame, length - i);
		copy[(i * 31) % (length - i)] ^= (uint8_t)(0x55 + i);
		copy[(i * 7 + 14) % (length - i)] = 0xff;
		dissect(copy, length - i, (uint32_t)length, TURN_PORT, &seen);
		free(copy);
	}
}

Test(dissect, captured_sessions)
{
	static const char *const names[] = { "v4", "v6", "v4-client-v6-peer", "v4-padded" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		each_frame(names[i], take_whole);
		each_frame(names[i], take_broken);
	}
	cr_expect_gt(frames, 100);
	cr_expect_gt(channels, 10);
	cr_expect_gt(messages, 10);
}
