/* SPDX-License-Identifier: BSD-2-Clause */
/* STUN messages for tests, built or read from a capture, and a log of what came of them. */
#ifndef FZBPF_STUN_MESSAGES_H
#define FZBPF_STUN_MESSAGES_H

#include "../src/snoop.h"
#include "../src/stun.h"

#ifndef TESTS_DIR
#define TESTS_DIR "tests"
#endif

struct stun_bytes {
	size_t length;
	uint8_t data[512];
};

/* The transaction id is `transaction` twelve times. */
void stun_begin(struct stun_bytes *bytes, enum stun_class class, uint16_t method,
		uint8_t transaction);
void stun_add(struct stun_bytes *bytes, uint16_t type, const void *value, size_t length);
void stun_add_address(struct stun_bytes *bytes, uint16_t type, const struct endpoint *address);
void stun_add_number(struct stun_bytes *bytes, uint16_t type, uint32_t value);
void stun_add_channel(struct stun_bytes *bytes, uint16_t channel);
void stun_add_error(struct stun_bytes *bytes, unsigned int code);

/* "192.0.2.1:80" or "[2001:db8::1]:80"; anything else fails the test. */
struct endpoint endpoint_from(const char *text);
const char *endpoint_text(const struct endpoint *endpoint, char *buffer, size_t size);

/* The events of bindings in short, "; " between them: "+4001 RELAYED PEER", "~4001" for a refresh,
 * "-4001 WHY". `context` is a struct binding_log. */
struct binding_log {
	char text[4096];
};

void binding_log_event(void *context, const struct event *event);

/* Hands out every UDP datagram of tests/captures/NAME whose port is 3478 on one end and that is not
 * channel data; sent = from that port. Returns how many. */
size_t capture_replay(const char *name, void (*take)(void *context, const struct snoop_message *),
		      void *context);

#endif
