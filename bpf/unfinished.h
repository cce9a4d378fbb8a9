/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames whose UDP checksum the sender left to its card: usual between veth pairs, bridges and VMs,
 * where no card follows.
 *
 * Native mode loses the mark, so the sum is finished here, over the payload. Generic mode keeps the
 * mark in the socket buffer, together with the place of the UDP header, counted from the start of
 * the buffer: whoever finishes the sum will write there. So the UDP header must stay where it is:
 * the payload is moved instead, and the tail of the frame.
 */
#ifndef FZBPF_UNFINISHED_H
#define FZBPF_UNFINISHED_H

#include "relay_maps.h"
#include "rewrite.h"

/* bpf_csum_diff() takes this much at most on kernels before 6.13. */
#define SUM_STEP 512

/* Sum of the first `size` bytes of the scratch room. */
static __always_inline __u16 scratch_sum(struct scratch *room, __u32 size)
{
	__u32 offset, step, sum = 0;
	__s64 part;
	int i;

	/* An odd last byte counts with a zero behind it, and the helper wants multiples of four. */
	if (size > SCRATCH_SIZE - 4)
		return 0;
	room->bytes[size] = 0;
	room->bytes[size + 1] = 0;
	room->bytes[size + 2] = 0;
	size = (size + 3) & ~3u;
	for (i = 0; i < SCRATCH_SIZE / SUM_STEP; i++) {
		offset = i * SUM_STEP;
		if (offset >= size)
			break;
		step = size - offset;
		if (step > SUM_STEP)
			step = SUM_STEP;
		part = bpf_csum_diff(NULL, 0, (__be32 *)(room->bytes + offset), step, sum);
		if (part < 0)
			return 0;
		sum = part;
	}
	return sum_fold(sum);
}

/*
 * Reads the UDP datagram into the scratch room and gives its sum, the unfinished checksum field
 * included, which is what the sender's card would have summed up. Negative: it does not fit.
 */
__noinline int unfinished_sum(struct xdp_md *context, struct scratch *room, __u32 offset,
			      __u32 length)
{
	if (!room || length < UDP_HEADER)
		return -1;
	barrier_var(length); /* one comparison for both bounds would hide them from the verifier */
	if (length > SCRATCH_SIZE - 4 || bpf_xdp_load_bytes(context, offset, room->bytes, length))
		return -1;
	return scratch_sum(room, length);
}

/* Puts the application data of the datagram in the scratch room at its new place in the frame. The
 * caller has made the room. */
__noinline int unfinished_move(struct xdp_md *context, struct scratch *room, __u32 from_channel,
			       __u32 to, __u32 length)
{
	__u32 from = from_channel ? UDP_HEADER + CHANNEL_HEADER : UDP_HEADER;
	__u32 last = length - 1;

	if (!length)
		return 0;
	if (!room || last >= SCRATCH_SIZE - UDP_HEADER - CHANNEL_HEADER)
		return -1;
	barrier_var(last); /* Linux 6.1 learns nothing from length != 0 */
	return bpf_xdp_store_bytes(context, to, room->bytes + from, last + 1);
}

#endif
