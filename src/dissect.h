/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame taken apart for people to read: a line for each layer and each STUN attribute, with the
 * bytes it comes from, and the numbers on which the relay decides. Any bytes will do; what is not
 * there is left out.
 */
#ifndef FZBPF_DISSECT_H
#define FZBPF_DISSECT_H

#include "event.h"

#define DISSECT_LINES 40
#define DISSECT_TEXT 120

struct dissect_line {
	bool inner; /* a part of the line above */
	uint16_t offset, length;
	char label[28];
	char text[DISSECT_TEXT];
};

struct dissection {
	size_t count;
	struct dissect_line lines[DISSECT_LINES];

	uint32_t length; /* of the frame as it arrived */
	/* Each is true only if the bytes are there; those below it are zero if not. */
	bool has_ethernet, has_ip, has_udp, has_channel, has_stun;
	uint16_t ethertype;	  /* of the innermost tag */
	uint16_t l3, l4, payload; /* offsets */
	uint8_t version, ip_header, protocol, ttl;
	uint32_t ip_length; /* header included */
	uint16_t fragment;  /* IPv4: flags and offset */
	uint16_t udp_length, udp_check, src_port, dst_port;
	uint16_t channel, channel_length;
};

/* `captured` bytes of a frame that was `length` long. */
void dissect(const uint8_t *frame, size_t captured, uint32_t length, uint16_t turn_port,
	     struct dissection *ret);

/* Do version, header length and total length agree with each other and with the frame? */
bool dissect_ip_is_sound(const struct dissection *frame);

#endif
