/* SPDX-License-Identifier: BSD-2-Clause */
/* Between a MAC address as events have it and the word that the XDP program compares. */
#ifndef FZBPF_MAC_H
#define FZBPF_MAC_H

#include <string.h>

#include "../src/event.h"
#include "neighbour.h"

static inline uint64_t mac_word(const struct mac *mac)
{
	uint16_t aligned[3];

	memcpy(aligned, mac->octet, sizeof(aligned));
	return mac_load(aligned);
}

/* Whatever else is in the word is left out. */
static inline struct mac mac_of(uint64_t word)
{
	struct mac mac;
	uint16_t aligned[3] = { little16(word), little16(word >> 16), little16(word >> 32) };

	memcpy(mac.octet, aligned, sizeof(mac.octet));
	return mac;
}

#endif
