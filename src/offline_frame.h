/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame of a capture file as the relay would see it: the host build of what the XDP program does
 * before it looks anything up (bpf/classify.h) and of what it checks before it relays
 * (bpf/rewrite.h), for frames that a capture may have cut.
 */
#ifndef FZBPF_OFFLINE_FRAME_H
#define FZBPF_OFFLINE_FRAME_H

#include "event.h"

#define OFFLINE_PAIRS 2

struct offline_ports {
	uint16_t turn_port, relay_port_min, relay_port_max;
};

struct offline_frame {
	enum relay_reason reason; /* RELAY_REASON_COUNT: what remains is to look it up */
	bool is_channel, is_peer;
	bool concerns_relay;
	bool has_ip, has_ports, is_udp, has_checksum;
	uint8_t version, ttl;
	uint16_t ethertype, vlan, channel;
	uint16_t data_length; /* without ChannelData header and padding */
	struct mac src_mac, dst_mac;
	struct endpoint src, dst;
	uint32_t ip_length;
	const uint8_t *network; /* from the IP header, or ARP, to where the capture ends */
	const uint8_t *payload; /* of UDP */
	uint16_t payload_length;
	const uint8_t *end;
};

/* A pair of addresses that the frame's sender shows. */
struct offline_pair {
	struct in6_addr ip;
	struct mac mac;
	enum relay_source source;
};

/*
 * `bytes` must lie two bytes before a multiple of four and stay while the result is used; `length`
 * is that of the frame as it was sent. `own` is the MAC of the relay.
 */
void offline_frame_read(const uint8_t *bytes, uint32_t captured, uint32_t length,
			const struct offline_ports *ports, const struct mac *own,
			struct offline_frame *ret);

/* Bytes of the UDP payload that are there. */
size_t offline_frame_payload_size(const struct offline_frame *frame);

/* Whether the payload is STUN, and if so whether a response. */
bool offline_frame_is_stun(const struct offline_frame *frame, bool *ret_response);

/* What forbids to relay it to `next`, with ChannelData if `channel`; RELAY_REASON_COUNT = nothing.
 */
enum relay_reason offline_frame_check(const struct offline_frame *frame,
				      const struct in6_addr *next, uint16_t channel, uint32_t mtu);

/* What can be learned from it, in that order. Returns how many. */
size_t offline_frame_pairs(const struct offline_frame *frame,
			   struct offline_pair ret[OFFLINE_PAIRS]);

/* Whether the IP and MAC may be learned at all. */
enum relay_refusal offline_frame_refuse(const struct offline_pair *pair, const struct mac *own);

#endif
