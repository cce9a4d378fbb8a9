/* SPDX-License-Identifier: BSD-2-Clause */
/* What the benchmark's BPF programs and the benchmark itself agree on. */
#ifndef FZBPF_BENCH_ABI_H
#define FZBPF_BENCH_ABI_H

#include <linux/types.h>

#define BENCH_FLOWS_MAX 16384

/* The lab's hosts: 10.90.0.30, and the last bytes of 02:90:00:00:00:xx. */
#define BENCH_LAN_PEER 0x0a5a001e
#define BENCH_LAN_RELAY_MAC 0x20
#define BENCH_LAN_PEER_MAC 0x30

/* The longest headers of a frame: two VLAN tags, IPv6, UDP, ChannelData; and some data. */
#define BENCH_RESTORED 80

struct bench_template {
	__u64 words[BENCH_RESTORED / 8]; /* how the frame begins */
};

/* Describes the frames that are fed in turn. They all have one length, so that nothing else
 * differs between them. */
struct bench_plan {
	__u32 flows;	/* how many templates */
	__u32 length;	/* of each frame; shorter than BENCH_RESTORED: nothing is restored */
	__u32 restores; /* 0 = broken on purpose: each frame is what the last run made of it */
};

/* The minimal relay's flow and what it becomes. IPv4 addresses fill the first word only. */
struct bench_key4 {
	__be32 remote;
	__be16 remote_port;
	__be16 channel_or_port;
};

struct bench_key6 {
	__be32 remote[4];
	__be16 remote_port;
	__be16 channel_or_port;
};

struct bench_out {
	__be32 src[4];
	__be32 dst[4];
	__be16 src_port;
	__be16 dst_port;
	__be16 channel;
	__u16 l3_delta; /* one's complement sums to add to the checksums */
	__u16 l4_delta;
	__u16 pad;
};

_Static_assert(sizeof(struct bench_key4) == 8, "hashed: no hidden padding");
_Static_assert(sizeof(struct bench_key6) == 20, "hashed: no hidden padding");

#endif
