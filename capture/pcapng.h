/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of the pcapng format (draft-ietf-opsawg-pcapng) that the writer and the reader use. */
#ifndef FZBPF_PCAPNG_H
#define FZBPF_PCAPNG_H

/* How our own files name who wrote them. */
#define PCAPNG_APPLICATION "fzbpf-top"

#define PCAPNG_MAGIC 0x1a2b3c4d /* read back swapped, the file is of the other byte order */
#define PCAPNG_ETHERNET 1	/* link type */

enum pcapng_block {
	PCAPNG_INTERFACE = 1,
	PCAPNG_SIMPLE_PACKET = 3,
	PCAPNG_NAMES = 4,
	PCAPNG_STATISTICS = 5,
	PCAPNG_PACKET = 6,
	PCAPNG_JOURNAL = 9,
	PCAPNG_SECTION = 0x0a0d0d0a,
};

enum pcapng_option {
	PCAPNG_END = 0,
	PCAPNG_COMMENT = 1,
	PCAPNG_SECTION_HARDWARE = 2,
	PCAPNG_SECTION_OS = 3,
	PCAPNG_SECTION_APPLICATION = 4,
	PCAPNG_INTERFACE_NAME = 2,
	PCAPNG_INTERFACE_DESCRIPTION = 3,
	PCAPNG_INTERFACE_IPV4 = 4, /* with netmask */
	PCAPNG_INTERFACE_IPV6 = 5, /* with prefix length */
	PCAPNG_INTERFACE_MAC = 6,
	PCAPNG_INTERFACE_RESOLUTION = 9,
	PCAPNG_INTERFACE_FILTER = 11,
	PCAPNG_PACKET_LOST = 4,
	PCAPNG_PACKET_VERDICT = 7,
	PCAPNG_STATISTICS_START = 2,
	PCAPNG_STATISTICS_END = 3,
	PCAPNG_STATISTICS_RECEIVED = 4,
	PCAPNG_STATISTICS_DROPPED = 5,
	PCAPNG_STATISTICS_ACCEPTED = 6,
};

/* Records of PCAPNG_NAMES: an address, then labels, each with its zero. */
enum pcapng_name { PCAPNG_NAME_END = 0, PCAPNG_NAME_IPV4 = 1, PCAPNG_NAME_IPV6 = 2 };

#define PCAPNG_VERDICT_XDP 2 /* first byte of the verdict: an eBPF XDP program's */

#endif
