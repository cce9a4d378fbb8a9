/* SPDX-License-Identifier: BSD-2-Clause */
/* What a frame of a capture teaches: the same as it would teach the XDP program. */
#include <criterion/criterion.h>
#include <string.h>

#include "../src/offline_frame.h"
#include "packets.h"
#include "world.h"

#define ADVERTISEMENT_SIZE 86

static const struct offline_ports ports = { 3478, 49152, 65535 };
static const struct mac own = { { 2, 0, 0, 0, 0, 1 } };

/* For fd00::5, or the target that is put in its place. */
static const uint8_t advertisement[ADVERTISEMENT_SIZE] = {
	0x33, 0x33, 0, 0, 0,  1,    2,	      0,    0,	      0,    0, 5,	 0x86, 0xdd, 0x60,
	0,    0,    0, 0, 32, 58,   255,      0xfd, [37] = 5, 0xff, 2, [53] = 1, 136,  0,    0,
	0,    0x20, 0, 0, 0,  0xfd, [77] = 5, 2,    1,	      2,    0, 0,	 0,    0,    5,
};

static size_t read_pairs(const uint8_t *bytes, uint32_t length, uint32_t captured,
			 struct offline_pair ret[OFFLINE_PAIRS])
{
	_Alignas(8) uint8_t room[2 + ADVERTISEMENT_SIZE];
	struct offline_frame frame;

	memcpy(room + 2, bytes, captured);
	offline_frame_read(room + 2, captured, length, &ports, &own, &frame);
	return offline_frame_pairs(&frame, ret);
}

Test(offline_frame, advertisements)
{
	static const struct in6_addr mapped = { .s6_addr = { [10] = 0xff, 0xff, 10, 0, 0, 5 } };
	struct offline_pair pairs[OFFLINE_PAIRS];
	uint8_t frame[ADVERTISEMENT_SIZE];

	memcpy(frame, advertisement, sizeof(frame));
	cr_assert_eq(read_pairs(frame, sizeof(frame), sizeof(frame), pairs), 1);
	cr_expect_eq(pairs[0].source, RELAY_SOURCE_NDP);
	cr_expect_eq(memcmp(&pairs[0].ip, frame + 62, 16), 0);
	cr_expect_eq(memcmp(&pairs[0].mac, frame + 6, 6), 0);
	for (uint32_t cut = 0; cut < sizeof(frame); cut++)
		cr_expect_eq(read_pairs(frame, sizeof(frame), cut, pairs), 0, "%u", cut);

	memcpy(frame + 62, &mapped, sizeof(mapped));
	cr_expect_eq(read_pairs(frame, sizeof(frame), sizeof(frame), pairs), 0,
		     "IPv4 is not for IPv6 to tell");
	memcpy(frame, advertisement, sizeof(frame));
	frame[21] = 254;
	cr_expect_eq(read_pairs(frame, sizeof(frame), sizeof(frame), pairs), 0,
		     "from behind a router");
}

/* IPv6 could not carry a wrong IPv4 header checksum on. */
Test(offline_frame, wrong_header_checksum)
{
	struct in6_addr peers[] = { wire_ip("10.90.0.30"), wire_ip("fd90::30") };
	struct offline_frame frame;
	struct frame_spec spec;
	struct octets bytes;
	struct world world;
	size_t i;
	int wrong;

	world_init(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &bytes);
	for (wrong = 0; wrong < 2; wrong++) {
		bytes.at[packets_ip_offset(&spec) + 10] ^= (uint8_t)(0x5a * wrong);
		offline_frame_read(bytes.at, (uint32_t)bytes.length, (uint32_t)bytes.length, &ports,
				   &world.own, &frame);
		for (i = 0; i < 2; i++)
			cr_expect_eq(offline_frame_check(&frame, &peers[i], 0, 1500),
				     wrong && i ? RELAY_REASON_BAD_HEADER : RELAY_REASON_COUNT,
				     "%d, %zu", wrong, i);
	}
}
