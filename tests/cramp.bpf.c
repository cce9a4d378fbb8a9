// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * A driver that leaves no room in front of its frames: uses up the room, puts the frame back to
 * where it then starts, and calls the program under test.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define STEP 4
#define STEPS 128
#define FRAME_MAX 2048

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u32 spare; /* bytes to leave, a multiple of STEP */

static __u8 copy[FRAME_MAX];

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} tested SEC(".maps");

SEC("xdp.frags")
int cramp(struct xdp_md *context)
{
	__u32 length = bpf_xdp_get_buff_len(context);
	__u32 last = length - 1;
	int taken = 0, i;

	barrier_var(last); /* Linux 6.1 learns nothing from length != 0 */
	if (last >= FRAME_MAX || bpf_xdp_load_bytes(context, 0, copy, last + 1))
		return XDP_ABORTED;
	for (i = 0; i < STEPS && !bpf_xdp_adjust_head(context, -STEP); i++)
		taken += STEP;
	if (bpf_xdp_adjust_head(context, spare) ||
	    bpf_xdp_adjust_tail(context, (int)spare - taken) ||
	    bpf_xdp_store_bytes(context, 0, copy, last + 1))
		return XDP_ABORTED;
	bpf_tail_call(context, &tested, 0);
	return XDP_ABORTED;
}
