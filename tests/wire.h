/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as the tests write and read them: network order, and the Internet checksum as a plain sum
 * over everything it covers (RFC 1071). Shares nothing with the program's own arithmetic.
 */
#ifndef FZBPF_TESTS_WIRE_H
#define FZBPF_TESTS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "../src/event.h"

#define OCTETS_MAX 16640

/* A frame; it starts two bytes before a multiple of four, as the kernel's do. */
struct octets {
	size_t length;
	uint8_t lead[2];
	uint8_t at[OCTETS_MAX];
};

uint16_t wire_get16(const uint8_t *at);
uint32_t wire_get32(const uint8_t *at);
void wire_put16(uint8_t *at, uint32_t value);
void wire_put32(uint8_t *at, uint32_t value);

/* Adds big-endian words; an odd last byte counts with a zero behind it. */
uint32_t wire_sum(const uint8_t *at, size_t length, uint32_t sum);
uint16_t wire_fold(uint32_t sum);

/* Of the pseudo-header for the IP header at `ip` (RFC 768, RFC 8200 section 8.1). */
uint32_t wire_pseudo_sum(const uint8_t *ip, size_t udp_length);

/* IPv4 addresses come out v4-mapped. The text must be an address. */
struct in6_addr wire_ip(const char *text);
struct endpoint wire_endpoint(const char *ip, uint16_t port);
bool wire_is_v4(const struct in6_addr *ip);
bool wire_same_endpoint(const struct endpoint *a, const struct endpoint *b);

/* Numbers that look random and are the same in each run with the same seed. */
struct noise {
	uint64_t state;
};

uint32_t noise_next(struct noise *noise);
uint32_t noise_below(struct noise *noise, uint32_t limit);

#endif
