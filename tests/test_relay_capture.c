/* SPDX-License-Identifier: BSD-2-Clause */
/* Passed-up frames as they come out of the ring: which, how much of them, and what is said of them.
 */
#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "program.h"

/* As `--capture turn` has it, data-plane.md section 8. */
#define DEFAULT_MASK                                                              \
	(1ULL << RELAY_REASON_CONTROL | 1ULL << RELAY_REASON_BAD_CHANNEL_LENGTH | \
	 1ULL << RELAY_REASON_NO_MAC | 1ULL << RELAY_REASON_STALE_MAC |           \
	 1ULL << RELAY_REASON_NO_CHECKSUM | 1ULL << RELAY_REASON_TTL |            \
	 1ULL << RELAY_REASON_TOO_BIG | 1ULL << RELAY_REASON_NO_HEADROOM |        \
	 1ULL << RELAY_REASON_FRAGMENT | 1ULL << RELAY_REASON_IP_OPTIONS)

/* What is zero stays as the path has it. */
struct sample {
	enum relay_reason reason;
	enum relay_path path;
	uint8_t protocol, options, ttl, tags;
	uint16_t dst_port, fragment, ethertype, channel, channel_length;
	bool foreign;
};

static const struct sample samples[] = {
	{ .reason = RELAY_REASON_NOT_IP, .ethertype = 0x88cc },
	{ .reason = RELAY_REASON_ARP, .ethertype = 0x0806 },
	{ .reason = RELAY_REASON_NOT_UDP, .protocol = IPPROTO_TCP },
	{ .reason = RELAY_REASON_IP_OPTIONS, .options = 1 },
	{ .reason = RELAY_REASON_FRAGMENT, .fragment = 0x2000 },
	{ .reason = RELAY_REASON_NOT_FOR_US, .foreign = true },
	{ .reason = RELAY_REASON_NOT_TURN, .dst_port = 53 },
	{ .reason = RELAY_REASON_BAD_CHANNEL_LENGTH, .channel_length = 999 },
	{ .reason = RELAY_REASON_NO_BINDING, .channel = 0x4abc },
	{ .reason = RELAY_REASON_NO_MAC, .tags = 1 },
	{ .reason = RELAY_REASON_NO_MAC, .tags = 1, .path = RELAY_PATH_P6_C4 },
	{ .reason = RELAY_REASON_TTL, .ttl = 1 },
	{ .reason = RELAY_REASON_TTL, .ttl = 1, .path = RELAY_PATH_C6_P4 },
	{ .reason = RELAY_REASON_TTL, .ttl = 1, .path = RELAY_PATH_P6_C6 },
};

#define SAMPLES (sizeof(samples) / sizeof(*samples))

static void build_sample(const struct world *world, const struct sample *sample,
			 struct frame_spec *spec, struct octets *ret)
{
	static const struct mac nobody;

	world_frame(world, sample->path, spec);
	spec->from = nobody;
	if (sample->protocol)
		spec->protocol = sample->protocol;
	if (sample->ttl)
		spec->ttl = sample->ttl;
	spec->options = sample->options;
	spec->fragment = sample->fragment;
	spec->tags = sample->tags;
	spec->tci[0] = WORLD_STRANGE_VLAN;
	if (sample->dst_port)
		spec->dst.port = sample->dst_port;
	if (sample->channel)
		spec->channel = sample->channel;
	if (sample->channel_length)
		spec->channel_length = sample->channel_length;
	if (sample->foreign)
		spec->to.octet[5]++;
	packets_build(spec, ret);
	if (sample->ethertype)
		wire_put16(ret->at + 12, sample->ethertype);
}

/* Runs it and returns how many records came of it. */
static size_t records_of(struct program *program, const struct octets *in, enum relay_reason wanted)
{
	enum relay_reason reason;
	enum relay_path path;
	struct octets out;

	program_forget_events(program);
	reason = program_relay(program, in, &out, &path);
	cr_assert_eq(reason, wanted, "%s, not %s", world_reason_name(reason),
		     world_reason_name(wanted));
	program_drain(program);
	return program->event_count;
}

Test(relay_capture, only_the_reasons_asked_for)
{
	struct frame_spec spec;
	struct program *program;
	struct world world;
	struct octets in;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < SAMPLES; i++) {
		build_sample(&world, &samples[i], &spec, &in);
		relay_set_capture(program->relay, 1ULL << samples[i].reason, 64);
		cr_assert_eq(records_of(program, &in, samples[i].reason), 1, "%s",
			     world_reason_name(samples[i].reason));
		cr_assert_eq(program->events[0].type, EVENT_PASSED_UP);
		cr_assert_eq(program->events[0].passed.reason, samples[i].reason);
		relay_set_capture(program->relay, ~(1ULL << samples[i].reason), 64);
		cr_assert_eq(records_of(program, &in, samples[i].reason), 0, "%s",
			     world_reason_name(samples[i].reason));
		relay_set_capture(program->relay, 0, 64);
		cr_assert_eq(records_of(program, &in, samples[i].reason), 0);
	}
	/* What is relayed is never captured. */
	relay_set_capture(program->relay, UINT64_MAX, 64);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &in);
	cr_assert_eq(records_of(program, &in, RELAY_REASON_COUNT), 0);
	program_close(program);
}

static void check_said(const struct sample *sample, const struct frame_spec *spec,
		       const struct octets *in, const struct event *event)
{
	const struct event_passed *passed = &event->passed;
	const char *name = world_reason_name(sample->reason);
	bool is_ip = !sample->ethertype;
	bool is_bound = sample->reason == RELAY_REASON_NO_MAC || sample->reason == RELAY_REASON_TTL;
	bool has_channel = is_bound || sample->reason == RELAY_REASON_BAD_CHANNEL_LENGTH ||
			   sample->reason == RELAY_REASON_NO_BINDING;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	cr_assert(event->time_ns / 1000000000 >= now.tv_sec - 2 &&
			  event->time_ns / 1000000000 <= now.tv_sec,
		  "%s", name);
	cr_assert_eq(passed->length, in->length, "%s", name);
	cr_assert(!memcmp(&passed->src_mac, in->at + 6, 6) && !memcmp(&passed->dst_mac, in->at, 6),
		  "%s", name);
	cr_assert_eq(passed->has_ip, is_ip, "%s", name);
	cr_assert_eq(passed->has_ports, is_ip, "%s", name);
	if (is_ip) {
		cr_assert(wire_same_endpoint(&passed->src, &spec->src), "%s", name);
		cr_assert(wire_same_endpoint(&passed->dst, &spec->dst), "%s", name);
	}
	cr_assert_eq(passed->vlan, spec->tags ? spec->tci[0] : 0, "%s", name);
	cr_assert_eq(passed->has_channel, has_channel && spec->channel, "%s", name);
	if (passed->has_channel)
		cr_assert_eq(passed->channel, spec->channel, "%s", name);
	cr_assert_eq(passed->has_slot, is_bound, "%s", name);
	cr_assert_eq(passed->has_missing, sample->reason == RELAY_REASON_NO_MAC, "%s", name);
}

Test(relay_capture, says_what_it_knows)
{
	static const struct {
		enum relay_path path;
		uint32_t slot;
		const char *missing;
	} bound[] = { { RELAY_PATH_C4_P4, 0, "10.90.0.30" },
		      { RELAY_PATH_P6_C4, 1, "10.90.0.10" },
		      { RELAY_PATH_C6_P4, 2, "10.90.0.30" },
		      { RELAY_PATH_P6_C6, 3, "fd90::10" } };
	struct frame_spec spec;
	struct program *program;
	struct world world;
	struct octets in;
	size_t i, j;

	world_init(&world);
	program = program_in(&world);
	relay_set_capture(program->relay, UINT64_MAX, RELAY_SNAPLEN_MAX);
	for (i = 0; i < SAMPLES; i++) {
		const struct event_passed *passed = &program->events[0].passed;

		build_sample(&world, &samples[i], &spec, &in);
		cr_assert_eq(records_of(program, &in, samples[i].reason), 1);
		check_said(&samples[i], &spec, &in, &program->events[0]);
		cr_assert_eq(program->captured.length, in.length);
		cr_assert(!memcmp(program->captured.at, in.at, in.length));
		for (j = 0; j < 4 && passed->has_slot; j++) {
			struct in6_addr missing = wire_ip(bound[j].missing);

			if (bound[j].path != samples[i].path)
				continue;
			cr_assert_eq(passed->slot, bound[j].slot);
			if (passed->has_missing)
				cr_assert(!memcmp(&passed->missing, &missing, sizeof(missing)));
		}
	}
	program_close(program);
}

/* Around every size of record, for frames in one piece and in several. */
Test(relay_capture, keeps_no_more_than_the_snap_length)
{
	static const size_t sizes[] = { 0,    80,   81,	  82,	470,   471,
					1200, 2000, 2010, 8000, 10150, 16000 };
	static const uint32_t snaplens[] = { 0,	   1,	  14,	 54,	127,   128,
					     129,  511,	  512,	 513,	2047,  2048,
					     2049, 10239, 10240, 10241, 16000, RELAY_SNAPLEN_MAX };
	struct frame_spec spec;
	struct program *program;
	struct world world;
	struct octets in;
	size_t i, j, expected;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (j = 0; j < sizeof(snaplens) / sizeof(*snaplens); j++) {
			world_frame(&world, RELAY_PATH_C4_P4, &spec);
			spec.ttl = 1;
			spec.size = sizes[i];
			packets_build(&spec, &in);
			relay_set_capture(program->relay, UINT64_MAX, snaplens[j]);
			cr_assert_eq(records_of(program, &in, RELAY_REASON_TTL), 1,
				     "%zu bytes, snap length %u", in.length, snaplens[j]);
			expected = in.length < snaplens[j] ? in.length : snaplens[j];
			cr_assert_eq(program->events[0].passed.length, in.length);
			cr_assert_eq(program->captured.length, expected,
				     "%zu bytes, snap length %u: %zu", in.length, snaplens[j],
				     program->captured.length);
			cr_assert(!memcmp(program->captured.at, in.at, expected));
		}
	program_close(program);
}

static const struct {
	const char *name;
	enum relay_reason reason;
	bool is_v4;
	uint8_t options, extension;
	uint16_t fragment, port;
	bool captured; /* by default */
} concerns[] = {
	{ "first fragment to TURN", RELAY_REASON_FRAGMENT, true, 0, 0, 0x2000, 3478, true },
	{ "first fragment to a relay port", RELAY_REASON_FRAGMENT, true, 0, 0, 0x2000, 50000,
	  true },
	{ "first fragment to DNS", RELAY_REASON_FRAGMENT, true, 0, 0, 0x2000, 53, false },
	{ "first fragment with options to TURN", RELAY_REASON_FRAGMENT, true, 2, 0, 0x2000, 3478,
	  true },
	{ "later fragment", RELAY_REASON_FRAGMENT, true, 0, 0, 0x0010, 53, true },
	{ "options to TURN", RELAY_REASON_IP_OPTIONS, true, 1, 0, 0, 3478, true },
	{ "options to a relay port", RELAY_REASON_IP_OPTIONS, true, 10, 0, 0, 65535, true },
	{ "options to DNS", RELAY_REASON_IP_OPTIONS, true, 1, 0, 0, 53, false },
	{ "first fragment to TURN", RELAY_REASON_FRAGMENT, false, 0, 44, 1, 3478, true },
	{ "first fragment to DNS", RELAY_REASON_FRAGMENT, false, 0, 44, 1, 53, false },
	{ "later fragment", RELAY_REASON_FRAGMENT, false, 0, 44, 8, 53, true },
};

Test(relay_capture, fragments_and_options_by_default_towards_the_relay_only)
{
	struct frame_spec spec;
	struct program *program;
	struct world world;
	struct octets in;
	size_t i;

	world_init(&world);
	program = program_in(&world);
	for (i = 0; i < sizeof(concerns) / sizeof(*concerns); i++) {
		world_frame(&world, concerns[i].is_v4 ? RELAY_PATH_P4_C4 : RELAY_PATH_P6_C6, &spec);
		spec.options = concerns[i].options;
		if (concerns[i].extension)
			spec.extensions[0] = concerns[i].extension;
		spec.fragment = concerns[i].fragment;
		spec.dst.port = concerns[i].port;
		packets_build(&spec, &in);
		relay_set_capture(program->relay, DEFAULT_MASK, 128);
		cr_assert_eq(records_of(program, &in, concerns[i].reason), concerns[i].captured,
			     "%s", concerns[i].name);
		relay_set_capture(program->relay, DEFAULT_MASK | 1ULL << RELAY_REASON_NOT_TURN,
				  128);
		cr_assert_eq(records_of(program, &in, concerns[i].reason), 1, "%s",
			     concerns[i].name);
	}
	program_close(program);
}
