/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds the frames that the tests send: one struct says what a frame is, down to its faults. */
#ifndef FZBPF_TESTS_PACKETS_H
#define FZBPF_TESTS_PACKETS_H

#include "wire.h"

enum packets_sum {
	PACKETS_SUM_RIGHT,
	PACKETS_SUM_ZERO,	/* none */
	PACKETS_SUM_UNFINISHED, /* only the pseudo-header's, as checksum offload leaves it */
	PACKETS_SUM_WRONG,
};

#define PACKETS_DATA_UNFORCED (-1)

struct frame_spec {
	struct mac to, from;
	uint8_t tags;	 /* VLAN tags: 0 to 3, the outer of two is 802.1ad */
	uint16_t tci[3]; /* outer first */
	struct endpoint src, dst;
	uint8_t ttl, tos;
	uint16_t id, fragment; /* IPv4; `fragment` is flags and offset */
	uint8_t options;       /* IPv4 header options, in words of 4 bytes */
	uint32_t flow_label;   /* IPv6 */
	uint8_t extensions[2]; /* IPv6: up to two headers of 8 bytes, 0xff = none */
	uint8_t protocol;      /* what the IP header calls the datagram */
	uint16_t channel;      /* 0 = plain UDP */
	int channel_length;    /* lie in the ChannelData header, or PACKETS_DATA_UNFORCED */
	size_t size;	       /* of the application data */
	uint32_t seed;	       /* of its content */
	int first_word;	       /* first two bytes of it, if not negative */
	uint8_t padding;       /* bytes behind it, in the datagram */
	uint8_t padding_octet; /* what they are */
	size_t trailer;	       /* bytes behind the IP packet */
	enum packets_sum sum;
};

/* A spec that is a good frame once addresses and size are filled in. */
void packets_default(struct frame_spec *ret);

void packets_build(const struct frame_spec *spec, struct octets *ret);

/* Offsets in what packets_build made. */
size_t packets_ip_offset(const struct frame_spec *spec);
size_t packets_udp_offset(const struct frame_spec *spec);

/* `operation`: 1 = request, 2 = reply. */
struct arp_spec {
	struct mac to, from; /* of the frame */
	uint16_t vlan;
	uint16_t operation;
	struct mac sender_mac, target_mac;
	struct in6_addr sender_ip, target_ip; /* v4-mapped */
};

void packets_arp(const struct arp_spec *spec, struct octets *ret);

#define PACKETS_ND_ROUTER_SOLICITATION 133
#define PACKETS_ND_ROUTER_ADVERTISEMENT 134
#define PACKETS_ND_SOLICITATION 135
#define PACKETS_ND_ADVERTISEMENT 136

struct nd_spec {
	struct mac to, from;
	uint8_t type;
	uint8_t hop_limit;
	struct in6_addr src, dst, target;
	uint8_t option; /* 1 = source, 2 = target link-layer address, 0 = no option */
	struct mac option_mac;
	bool behind_another; /* an option of another kind comes first */
};

void packets_nd(const struct nd_spec *spec, struct octets *ret);

#endif
