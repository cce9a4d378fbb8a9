/* SPDX-License-Identifier: BSD-2-Clause */
/* Thousands of frames that nobody thought of; FZBPF_SEED repeats a run that failed. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agreement.h"

#define FRAMES_A_PATH 2500

static uint32_t choose_seed(void)
{
	const char *given = getenv("FZBPF_SEED");

	return given ? (uint32_t)strtoul(given, NULL, 0) : (uint32_t)time(NULL);
}

static size_t random_size(struct noise *noise, uint32_t mtu)
{
	switch (noise_below(noise, 4)) {
	case 0: return noise_below(noise, 8);
	case 1: return mtu - noise_below(noise, 100);
	default: return noise_below(noise, mtu);
	}
}

static void random_frame(struct noise *noise, const struct world *world, enum relay_path path,
			 struct frame_spec *spec)
{
	static const uint16_t vlans[] = { 0, WORLD_VLAN };
	const uint16_t vlan = vlans[noise_below(noise, 2)];

	world_frame(world, path, spec);
	spec->tags = vlan ? (uint8_t)(1 + noise_below(noise, 2)) : 0;
	spec->tci[0] = (uint16_t)(noise_below(noise, 16) << 12 | vlan);
	spec->tci[1] = (uint16_t)noise_next(noise);
	spec->from = *world_mac(world, &spec->src.ip, vlan);
	spec->ttl = (uint8_t)noise_next(noise);
	spec->tos = (uint8_t)noise_next(noise);
	spec->id = (uint16_t)noise_next(noise);
	spec->fragment = (uint16_t)(noise_below(noise, 4) << 14);
	spec->flow_label = noise_below(noise, 1 << 20);
	spec->size = random_size(noise, world->mtu);
	spec->seed = noise_next(noise);
	spec->first_word = (int)noise_below(noise, 1 << 16);
	if (spec->channel && !noise_below(noise, 3)) {
		spec->padding = (uint8_t)noise_below(noise, 5);
		spec->padding_octet = (uint8_t)noise_next(noise);
	}
	if (spec->size < 1400)
		spec->trailer = noise_below(noise, 3) ? 0 : noise_below(noise, 60);
	spec->sum = (enum packets_sum)noise_below(noise, PACKETS_SUM_WRONG + 1);
}

/* Bytes turn, the end is cut off; the sender is nobody, so that nothing wrong is learned from it.
 */
static void damage(struct noise *noise, struct octets *frame)
{
	static const struct mac nobody;
	uint32_t count = 1 + noise_below(noise, 3);

	memcpy(frame->at + 6, nobody.octet, 6);
	while (count--)
		frame->at[12 + noise_below(noise, 70) % (frame->length - 12)] =
			(uint8_t)noise_next(noise);
	if (!noise_below(noise, 4))
		frame->length = 14 + noise_below(noise, (uint32_t)frame->length - 14);
}

static void check_random(bool generic, uint32_t mtu, unsigned int frames)
{
	const uint32_t seed = choose_seed();
	struct noise noise = { .state = (uint64_t)seed + 1 };
	unsigned int i, relayed = 0, checked = 0;
	struct agreement agreement;
	struct frame_spec spec;
	struct octets in, out;
	enum relay_path path;
	struct world world;
	char what[80];

	world_init(&world);
	world.generic = generic;
	world.mtu = mtu;
	agreement_open(&world, &agreement);
	for (path = 0; path < RELAY_PATH_COUNT; path++)
		for (i = 0; i < frames; i++, checked++) {
			snprintf(what, sizeof(what), "FZBPF_SEED=%u: %s, frame %u", seed,
				 world_path_name(path), i);
			random_frame(&noise, &world, path, &spec);
			packets_build(&spec, &in);
			if (!noise_below(&noise, 4))
				damage(&noise, &in);
			if (agreement_check(&agreement, &in, what, &out) == RELAY_REASON_COUNT)
				relayed++;
		}
	cr_assert(relayed > checked / 3, "%u of %u", relayed, checked);
	agreement_close(&agreement);
}

Test(xdp_random, native)
{
	check_random(false, 1500, FRAMES_A_PATH);
}

Test(xdp_random, generic)
{
	check_random(true, 1500, FRAMES_A_PATH);
}

Test(xdp_random, jumbo)
{
	check_random(false, 9000, FRAMES_A_PATH / 5);
	check_random(true, 9000, FRAMES_A_PATH / 5);
}
