// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * Looks up neighbours of which user space knows all MACs while it deletes and makes others, and
 * lingers between the look-up and the read: how often does an element lend another key's MAC, and
 * how often does the tag not tell?
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "../bpf/neighbour.h"

#define KEYS 64
#define LINGER_MAX 1024

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct relay_neighbour_key);
	__type(value, struct relay_neighbour);
} neighbours SEC(".maps");

/* The MAC of key n carries n in its octets 1, 2 and again, turned round, in 5. */
struct relay_neighbour_key keys[KEYS];

__u32 rounds, linger;
__u64 absent, right, foreign, deceived, torn;

static __always_inline void judge(__u32 i, const struct relay_neighbour_key *key, __u64 word)
{
	__u32 owner = word >> 8 & 0xff, check = word >> 40 & 0xff;

	if ((owner ^ check) != 0xff)
		torn++;
	else if (owner == i)
		right++;
	else if (neighbour_matches(word, neighbour_hash(key)))
		deceived++;
	else
		foreign++;
}

static long look_up(__u32 round, void *unused __attribute__((unused)))
{
	__u32 i = round & (KEYS - 1), step;
	struct relay_neighbour *known = bpf_map_lookup_elem(&neighbours, &keys[i]);

	if (!known) {
		absent++;
		return 0;
	}
	for (step = 0; step < LINGER_MAX && step < linger; step++)
		bpf_jiffies64();
	judge(i, &keys[i], *(volatile __u64 *)&known->word);
	return 0;
}

SEC("xdp")
int recycle(struct xdp_md *context __attribute__((unused)))
{
	bpf_loop(rounds, look_up, NULL, 0);
	return XDP_PASS;
}
