/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for the benchmark, built header by header, with full checksums. */
#ifndef FZBPF_BENCH_FRAMES_H
#define FZBPF_BENCH_FRAMES_H

#include "../../src/event.h"
#include "bench_abi.h"

#define FRAME_MAX 2048

/* What comes in and what must leave. */
struct frame_flow {
	struct endpoint src, dst;
	struct endpoint out_src, out_dst;
	uint16_t channel, out_channel; /* 0 = plain UDP */
	struct mac src_mac, dst_mac;
};

/* Everything that a plain frame is not. */
struct frame_oddities {
	uint16_t tags[2];						/* VLAN ids, 0 = none */
	uint8_t ttl;							/* 0 = 64 */
	uint8_t protocol;						/* 0 = UDP */
	enum { SUM_FULL, SUM_NONE, SUM_UNFINISHED, SUM_AMBIGUOUS } sum; /* of the datagram */
};

struct frame_bytes {
	uint32_t length;
	uint8_t data[FRAME_MAX];
};

void frame_build(const struct frame_flow *flow, const struct frame_oddities *oddities,
		 uint32_t data_length, struct frame_bytes *ret);

/* The start of a frame, for the wrapper; zeros where it is shorter. */
struct bench_template frame_template(const struct frame_bytes *frame);

/* What the minimal relay needs to know of a flow. */
struct bench_key4 frame_key4(const struct frame_flow *flow);
struct bench_key6 frame_key6(const struct frame_flow *flow);
struct bench_out frame_out(const struct frame_flow *flow);

bool frame_is_v4(const struct endpoint *endpoint);

#endif
