/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Noise for the relay's host build. The first byte says what the noise is: a whole frame, or
 * changes to a good one, so that some of it gets behind the headers. The reference must agree with
 * the verdict and, if it is relayed, with every byte that leaves.
 */
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "host_relay.h"
#include "reference.h"

#define SPEC_BYTES 8

struct fuzz_relay {
	struct world world;
	struct host_relay host;
};

struct fuzz_state {
	bool ready;
	struct fuzz_relay native, generic;
};

static void prepare(struct fuzz_relay *relay, bool generic)
{
	world_init(&relay->world);
	relay->world.generic = generic;
	host_relay_init(&relay->world, &relay->host);
}

static void build_frame(const struct world *world, const uint8_t *data, size_t size,
			struct octets *ret)
{
	struct frame_spec spec;
	size_t i;

	world_frame(world, (enum relay_path)(data[0] % RELAY_PATH_COUNT), &spec);
	spec.size = data[1] & 0x80 ? 1300u + 4u * (data[1] & 0x7fu) : data[1];
	spec.sum = (enum packets_sum)(data[2] & 3);
	spec.tags = (data[2] >> 2 & 3) % 3;
	spec.tci[0] = data[2] & 0x10 ? WORLD_VLAN : WORLD_STRANGE_VLAN;
	spec.padding = data[2] >> 5 & 3;
	spec.padding_octet = data[3];
	spec.first_word = data[4] << 8 | data[5];
	spec.ttl = data[6];
	spec.trailer = data[7] & 0x3f;
	packets_build(&spec, ret);
	for (i = SPEC_BYTES; i + 1 < size; i += 2)
		ret->at[data[i] % ret->length] = data[i + 1];
}

static void check_frame(const struct fuzz_relay *relay, struct octets *in)
{
	enum relay_path expected_path = RELAY_PATH_COUNT, path = RELAY_PATH_COUNT;
	static struct octets expected, got;
	enum relay_reason expected_reason, reason;
	uint8_t *end = in->at + in->length;
	size_t left = sizeof(in->at) - in->length;

	ASAN_POISON_MEMORY_REGION(end, left);
	expected_reason = reference_relay(&relay->world, in, &expected, &expected_path);
	reason = host_relay_run(&relay->host, in, &got, &path);
	ASAN_UNPOISON_MEMORY_REGION(end, left);
	if (reason != expected_reason)
		abort();
	if (reason < RELAY_REASON_COUNT)
		return;
	if (path != expected_path || got.length != expected.length ||
	    memcmp(got.at, expected.at, got.length) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_state state;
	static struct octets in;
	const struct fuzz_relay *relay;

	if (!state.ready) {
		prepare(&state.native, false);
		prepare(&state.generic, true);
		state.ready = true;
	}
	if (!size || size > OCTETS_MAX)
		return 0;
	relay = data[0] & 0x40 ? &state.generic : &state.native;
	if (data[0] & 0x80) {
		in.length = size - 1;
		memcpy(in.at, data + 1, in.length);
	} else if (size >= SPEC_BYTES) {
		build_frame(&relay->world, data, size, &in);
	} else {
		return 0;
	}
	check_frame(relay, &in);
	return 0;
}
