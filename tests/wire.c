/* SPDX-License-Identifier: BSD-2-Clause */
/* Network order, Internet checksums and addresses for the tests. */
#include "wire.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(struct octets, at) % 4 == 2, "as the kernel's NET_IP_ALIGN");

uint16_t wire_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t wire_get32(const uint8_t *at)
{
	return (uint32_t)wire_get16(at) << 16 | wire_get16(at + 2);
}

void wire_put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void wire_put32(uint8_t *at, uint32_t value)
{
	wire_put16(at, value >> 16);
	wire_put16(at + 2, value);
}

uint32_t wire_sum(const uint8_t *at, size_t length, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += wire_get16(at + i);
	if (length & 1)
		sum += (uint32_t)at[length - 1] << 8;
	return sum;
}

uint16_t wire_fold(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint32_t wire_pseudo_sum(const uint8_t *ip, size_t udp_length)
{
	uint32_t sum = IPPROTO_UDP + (uint32_t)udp_length;

	return ip[0] >> 4 == 4 ? wire_sum(ip + 12, 8, sum) : wire_sum(ip + 8, 32, sum);
}

struct in6_addr wire_ip(const char *text)
{
	struct in6_addr ip = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (strchr(text, ':')) {
		if (inet_pton(AF_INET6, text, &ip) != 1)
			abort();
	} else if (inet_pton(AF_INET, text, ip.s6_addr + 12) != 1) {
		abort();
	}
	return ip;
}

struct endpoint wire_endpoint(const char *ip, uint16_t port)
{
	struct endpoint endpoint = { .ip = wire_ip(ip), .port = port };

	return endpoint;
}

bool wire_is_v4(const struct in6_addr *ip)
{
	return IN6_IS_ADDR_V4MAPPED(ip);
}

bool wire_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !memcmp(&a->ip, &b->ip, sizeof(a->ip));
}

/* xorshift64* by Marsaglia and Vigna; the seed must not be zero. */
uint32_t noise_next(struct noise *noise)
{
	noise->state ^= noise->state >> 12;
	noise->state ^= noise->state << 25;
	noise->state ^= noise->state >> 27;
	return (uint32_t)(noise->state * 0x2545f4914f6cdd1dULL >> 32);
}

uint32_t noise_below(struct noise *noise, uint32_t limit)
{
	return noise_next(noise) % limit;
}
