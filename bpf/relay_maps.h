/* SPDX-License-Identifier: BSD-2-Clause */
/* The maps and global variables of the XDP program. Sizes marked 1 are set before load. */
#ifndef FZBPF_RELAY_MAPS_H
#define FZBPF_RELAY_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "relay_abi.h"

const volatile struct relay_options options;
struct relay_live live;

/* Bumped when an IP that hashes to the slot is learned or moves, so that a session that carries the
 * MACs of both its ends need not look them up: it only compares. */
__u32 generations[RELAY_GENERATIONS];

/*
 * Pairs of IP and MAC that were found in the table less than a second ago, by a digest of both and
 * of the generation: what a host sends is looked up once a second, not once a frame. The younger
 * pair takes the place of the older.
 */
struct witness {
	__u64 pair;
	__u64 until; /* jiffies */
};

#define WITNESSES 4096 /* a power of two */

static struct witness witnesses[WITNESSES];

/* The learned IP -> MAC map. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct relay_neighbour_key);
	__type(value, struct relay_neighbour);
} neighbours SEC(".maps");

/* Addresses that are never learned: this host's own, and the broadcast addresses of its subnets. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __be32[4]);
	__type(value, __u32); /* enum relay_own_kind */
} own_addresses SEC(".maps");

/* From a flow to the index of its session. Two maps, since channel numbers and ports overlap. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct relay_flow_key);
	__type(value, __u32);
} to_peer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct relay_flow_key);
	__type(value, __u32);
} to_client SEC(".maps");

/* An array, not values of the flow maps: its elements stay where they are, so the program can keep
 * a flow's MACs in them and user space can extend one in place, through the shared mapping. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct relay_session);
} sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct relay_session_counters);
} session_counters SEC(".maps");

/* One element: what became of every frame. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct relay_counters);
} frame_counters SEC(".maps");

/* Room to finish a checksum that the sender left to its card: a UDP datagram. */
#define SCRATCH_SIZE 16384

struct scratch {
	__u8 bytes[SCRATCH_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1);
} ring SEC(".maps");

#endif
