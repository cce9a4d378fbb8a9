/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of captures on "any" (Linux cooked, LINKTYPE_LINUX_SLL and _SLL2): who sent them is in
 * there, and whether they came in or went out, but not to which MAC address they went. They become
 * Ethernet frames, where what is not known is made up as told below.
 */
#ifndef FZBPF_COOKED_H
#define FZBPF_COOKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../src/offline.h"

#define COOKED_ETHERNET 1
#define COOKED_SLL 113
#define COOKED_SLL2 276

#define COOKED_FRAME_MAX (RELAY_SNAPLEN_MAX + 14)

static inline bool cooked_knows(int link)
{
	return link == COOKED_ETHERNET || link == COOKED_SLL || link == COOKED_SLL2;
}

/*
 * Multicasts go to the broadcast address, what was for others to 02:00:00:00:00:00, and where the
 * way tells, the destination is zero.
 * False: cut off, or of an interface that is not Ethernet, as the loopback.
 */
bool cooked_to_ethernet(int link, const uint8_t *bytes, uint32_t captured,
			uint8_t ret_frame[COOKED_FRAME_MAX], uint32_t *ret_captured,
			enum offline_way *ret_way);

#endif
