/* SPDX-License-Identifier: BSD-2-Clause */
/* As much of a TURN client as a load generator needs: one allocation, one channel, no credentials.
 */
#include "turn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define COOKIE 0x2112a442u
#define HEADER 20
#define TRIES 40

/* RFC 8489 section 5, RFC 8656 section 18. */
enum { ALLOCATE = 0x003, CHANNEL_BIND = 0x009, SUCCESS = 0x100 };
enum { CHANNEL_NUMBER = 0x000c, XOR_PEER_ADDRESS = 0x0012, REQUESTED_TRANSPORT = 0x0019 };

struct message {
	size_t length;
	uint8_t bytes[128];
};

static void put16(struct message *message, uint32_t value)
{
	message->bytes[message->length++] = (uint8_t)(value >> 8);
	message->bytes[message->length++] = (uint8_t)value;
}

static void put32(struct message *message, uint32_t value)
{
	put16(message, value >> 16);
	put16(message, value);
}

static void begin(struct message *message, uint16_t method)
{
	message->length = 0;
	put16(message, method);
	put16(message, 0);
	put32(message, COOKIE);
	/* The transaction id; one request at a time needs no better one. */
	put32(message, 0);
	put32(message, 0);
	put32(message, method);
}

/* Sends until the response comes; UDP may lose either. */
static int exchange(int fd, struct message *request)
{
	uint8_t response[512];
	uint16_t type;
	ssize_t got;
	int i;

	request->bytes[3] = (uint8_t)(request->length - HEADER);
	for (i = 0; i < TRIES; i++) {
		if (send(fd, request->bytes, request->length, 0) < 0)
			return -errno;
		got = recv(fd, response, sizeof(response), 0);
		if (got < HEADER || memcmp(response + 8, request->bytes + 8, 12) != 0)
			continue;
		type = (uint16_t)(response[0] << 8 | response[1]);
		return type == (SUCCESS | request->bytes[1]) ? 0 : -EPROTO;
	}
	return -ETIMEDOUT;
}

int turn_bind_channel(int fd, const struct sockaddr_in *peer, uint16_t channel)
{
	struct message message;
	int error;

	begin(&message, ALLOCATE);
	put16(&message, REQUESTED_TRANSPORT);
	put16(&message, 4);
	put32(&message, (uint32_t)IPPROTO_UDP << 24);
	error = exchange(fd, &message);
	if (error)
		return error;

	begin(&message, CHANNEL_BIND);
	put16(&message, CHANNEL_NUMBER);
	put16(&message, 4);
	put32(&message, (uint32_t)channel << 16);
	put16(&message, XOR_PEER_ADDRESS);
	put16(&message, 8);
	put16(&message, 1); /* IPv4 */
	put16(&message, ntohs(peer->sin_port) ^ COOKIE >> 16);
	put32(&message, ntohl(peer->sin_addr.s_addr) ^ COOKIE);
	return exchange(fd, &message);
}
