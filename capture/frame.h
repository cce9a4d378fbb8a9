/* SPDX-License-Identifier: BSD-2-Clause */
/* From an Ethernet frame down to its UDP payload, with every bound checked. */
#ifndef FZBPF_FRAME_H
#define FZBPF_FRAME_H

#include "../src/event.h"

struct frame_udp {
	struct endpoint src, dst;
	const uint8_t *payload;
	size_t length;	 /* by the UDP header */
	size_t captured; /* bytes at `payload`; less than `length` if the capture cut it */
};

/*
 * Up to two VLAN tags, IPv4 (options allowed) or IPv6 without extension headers, not fragmented.
 * -ENOMSG: not such a frame; -EBADMSG: its lengths contradict each other or it ends too early.
 */
int frame_find_udp(const uint8_t *frame, size_t captured, struct frame_udp *ret_udp);

#endif
