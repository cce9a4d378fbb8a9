/* SPDX-License-Identifier: BSD-2-Clause */
/* Models filled by hand, the same every time, for tests of what is shown. */
#ifndef FZBPF_TEST_FIXTURE_H
#define FZBPF_TEST_FIXTURE_H

#include "../src/model.h"

#define FIXTURE_NOW INT64_C(1715015863250000000) /* 2024-05-06 17:17:43.25 UTC */
#define FIXTURE_SECOND INT64_C(1000000000)

struct in6_addr fixture_ip(const char *text);
struct endpoint fixture_endpoint(const char *ip, uint16_t port);
/* 02:89:00:00:00:last */
struct mac fixture_mac(uint8_t last);
struct tally fixture_tally(uint64_t total, double rate);

/* Attached 14 seconds ago, nothing has arrived; free with model_free. */
struct model *fixture_idle(void);
/* Four minutes later: two hosts relayed, one that nobody answers for, one that moved, a router. */
struct model *fixture_warm(void);
/* The same with long IPv6 addresses. */
struct model *fixture_ipv6(void);

struct model_neighbour *fixture_neighbour(struct model *model, const char *ip, uint8_t last_octet);
struct model_binding *fixture_binding(struct model *model, uint16_t channel,
				      const struct endpoint *client, const struct endpoint *peer);
struct model_packet *fixture_packet(struct model *model, enum relay_reason reason,
				    enum relay_class class, const struct endpoint *src,
				    const struct endpoint *dst);
/* Gives the packet, between IPv4 addresses, bytes: ChannelData of its channel with `data` bytes. */
void fixture_frame(struct model_packet *packet, uint16_t data);

#endif
