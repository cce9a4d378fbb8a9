/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of flows that go the short way, each not quite like the ones before it: none may take it
 * that the long way would treat in another way. */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <string.h>

#include "program.h"
#include "reference.h"

#define TRAILER_MAX 20
#define LENGTH_OFF 5u /* either way */

static void frame_of(const struct world *world, enum relay_path path, size_t size,
		     struct octets *ret)
{
	struct frame_spec spec;

	world_frame(world, path, &spec);
	spec.size = size;
	packets_build(&spec, ret);
}

/* The short way alone takes what is plain, makes the reference's frame of it, and nothing else. */
static void check_alone(struct program *program, const struct world *world, const struct octets *in,
			const char *what, size_t at)
{
	enum relay_path path = RELAY_PATH_COUNT, expected_path = RELAY_PATH_COUNT;
	struct octets out, expected;
	bool wanted = reference_relay(world, in, &expected, &expected_path) == RELAY_REASON_COUNT &&
		      reference_is_plain(world, in);
	bool taken = program_relay_hot(program, in, &out, &path);

	if (wanted && !taken) {
		/* Forgotten, or a change has made another flow of it. */
		program_heat(program, in, what);
		taken = program_relay_hot(program, in, &out, &path);
	}
	cr_assert_eq(taken, wanted, "%s, %zu: %s", what, at, taken ? "taken" : "left");
	if (!taken)
		return;
	cr_assert_eq(path, expected_path, "%s, %zu", what, at);
	cr_assert(out.length == expected.length && !memcmp(out.at, expected.at, out.length),
		  "%s, %zu: another frame", what, at);
}

Test(xdp_hot, every_bit_of_the_headers)
{
	struct octets good, in;
	struct program *program;
	struct world world;
	enum relay_path path;
	size_t bit, headers;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		frame_of(&world, path, 40, &good);
		headers = good.length - 40;
		program_heat(program, &good, world_path_name(path));
		for (bit = 0; bit < 8 * headers; bit++) {
			/* So that what is wrong is not merely forgotten. */
			if (bit % 64 == 0)
				program_heat(program, &good, world_path_name(path));
			in = good;
			in.at[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
			check_alone(program, &world, &in, world_path_name(path), bit);
		}
	}
	program_close(program);
}

/* Lengths that fit each other but not the frame, and a frame that does not fit them. */
Test(xdp_hot, every_length)
{
	struct octets good, in;
	struct frame_spec spec;
	struct program *program;
	struct world world;
	enum relay_path path;
	size_t whole;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		frame_of(&world, path, 21, &good);
		program_heat(program, &good, world_path_name(path));
		in = good;
		whole = in.length;
		memset(in.at + whole, 0, TRAILER_MAX);
		for (in.length = 14; in.length < whole + TRAILER_MAX; in.length++)
			check_alone(program, &world, &in, "cut or filled up", in.length);
		world_frame(&world, path, &spec);
		for (spec.size = 0; spec.size < 24; spec.size++) {
			packets_build(&spec, &in);
			check_alone(program, &world, &in, "data", spec.size);
		}
		for (spec.padding = 1; spec.channel && spec.padding < 4; spec.padding++) {
			packets_build(&spec, &in);
			check_alone(program, &world, &in, "padding", spec.padding);
		}
	}
	program_close(program);
}

/* A length that says less than there is, in one place only or in two. */
Test(xdp_hot, lengths_that_disagree)
{
	struct octets good, in;
	struct frame_spec spec;
	struct program *program;
	struct world world;
	enum relay_path path;
	uint8_t *ip_length, *udp_length;
	uint32_t ip_by, udp_by;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		world_frame(&world, path, &spec);
		packets_build(&spec, &good);
		program_heat(program, &good, world_path_name(path));
		for (ip_by = 0; ip_by <= 2 * LENGTH_OFF; ip_by++)
			for (udp_by = 0; udp_by <= 2 * LENGTH_OFF; udp_by++) {
				in = good;
				ip_length = in.at + packets_ip_offset(&spec) +
					    (wire_is_v4(&spec.src.ip) ? 2 : 4);
				udp_length = in.at + packets_udp_offset(&spec) + 4;
				wire_put16(ip_length, wire_get16(ip_length) + ip_by - LENGTH_OFF);
				wire_put16(udp_length,
					   wire_get16(udp_length) + udp_by - LENGTH_OFF);
				check_alone(program, &world, &in, world_path_name(path), udp_by);
			}
	}
	program_close(program);
}

static const enum packets_sum sums[] = { PACKETS_SUM_ZERO, PACKETS_SUM_WRONG,
					 PACKETS_SUM_UNFINISHED };

Test(xdp_hot, other_checksums)
{
	struct octets good, in;
	struct frame_spec spec;
	struct program *program;
	struct world world;
	enum relay_path path;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (path = 0; path < RELAY_PATH_COUNT; path++) {
		frame_of(&world, path, 160, &good);
		program_heat(program, &good, world_path_name(path));
		for (i = 0; i < sizeof(sums) / sizeof(*sums); i++) {
			world_frame(&world, path, &spec);
			spec.sum = sums[i];
			packets_build(&spec, &in);
			check_alone(program, &world, &in, world_path_name(path), i);
		}
	}
	program_close(program);
}
