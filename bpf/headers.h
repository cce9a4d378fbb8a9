/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes and bits of the headers that the relay reads and writes. */
#ifndef FZBPF_HEADERS_H
#define FZBPF_HEADERS_H

#define VLAN_ID_MASK 0x0fff

#define IPV4_HEADER 20u
#define IPV4_VERSION_IHL 0x45 /* without options */
#define IPV4_DONT_FRAGMENT 0x4000u
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET_MASK 0x1fff
#define IPV6_HEADER 40u
#define UDP_HEADER 8u

/* RFC 8656 section 12.4 and 12.5. */
#define CHANNEL_HEADER 4u
#define CHANNEL_PADDING_MAX 3u
#define CHANNEL_MIN 0x4000
#define CHANNEL_MAX 0x7fff

#endif
