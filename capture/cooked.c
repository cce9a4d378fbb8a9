/* SPDX-License-Identifier: BSD-2-Clause */
/* Both headers have the same fields in different places. */
#include "cooked.h"

#include <net/if_arp.h>
#include <string.h>

#define ETHERNET_HEADER 14
#define SLL_HEADER 16
#define SLL2_HEADER 20

/* Packet types, as in <linux/if_packet.h>. */
enum { TO_HOST, TO_ALL, TO_GROUP, TO_OTHERS, OUTGOING };

struct cooked {
	uint16_t type, hardware, address_length;
	const uint8_t *address, *protocol;
	uint32_t header;
};

static uint16_t load16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static struct cooked read_header(int link, const uint8_t *bytes)
{
	if (link == COOKED_SLL)
		return (struct cooked){ .type = load16(bytes),
					.hardware = load16(bytes + 2),
					.address_length = load16(bytes + 4),
					.address = bytes + 6,
					.protocol = bytes + 14,
					.header = SLL_HEADER };
	return (struct cooked){ .type = bytes[10],
				.hardware = load16(bytes + 8),
				.address_length = bytes[11],
				.address = bytes + 12,
				.protocol = bytes,
				.header = SLL2_HEADER };
}

bool cooked_to_ethernet(int link, const uint8_t *bytes, uint32_t captured,
			uint8_t ret_frame[COOKED_FRAME_MAX], uint32_t *ret_captured,
			enum offline_way *ret_way)
{
	uint32_t payload;
	struct cooked cooked;

	if (captured < SLL2_HEADER)
		return false;
	cooked = read_header(link, bytes);
	if (cooked.hardware != ARPHRD_ETHER || cooked.address_length != 6)
		return false;
	payload = captured - cooked.header;
	if (payload > RELAY_SNAPLEN_MAX)
		payload = RELAY_SNAPLEN_MAX;
	memset(ret_frame, 0, 6);
	if (cooked.type == TO_ALL || cooked.type == TO_GROUP)
		memset(ret_frame, 0xff, 6);
	else if (cooked.type == TO_OTHERS)
		ret_frame[0] = 2;
	memcpy(ret_frame + 6, cooked.address, 6);
	memcpy(ret_frame + 12, cooked.protocol, 2);
	memcpy(ret_frame + ETHERNET_HEADER, bytes + cooked.header, payload);
	*ret_captured = ETHERNET_HEADER + payload;
	*ret_way = cooked.type == TO_HOST    ? OFFLINE_RECEIVED
		   : cooked.type == OUTGOING ? OFFLINE_SENT
					     : OFFLINE_BY_ADDRESS;
	return true;
}
