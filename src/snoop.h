/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The snooper: learns from what clients and the TURN server on this host say to each other which
 * allocations and channel bindings exist (data-plane: bindings are witnessed, never configured).
 */
#ifndef FZBPF_SNOOP_H
#define FZBPF_SNOOP_H

#include "bindings.h"

/* What a client is told when it asks for nothing else (RFC 8656 section 3.2). */
#define SNOOP_DEFAULT_LIFETIME_S 600

struct snoop;

/* One UDP datagram that may be STUN. */
struct snoop_message {
	int64_t time_ns; /* wall clock */
	bool sent;	 /* by this host; else it was received */
	struct endpoint src, dst;
	const uint8_t *payload;
	size_t length;
};

struct snoop_stats {
	uint64_t messages;
	uint64_t malformed; /* not STUN, or with a wrong length somewhere */
	uint64_t ignored;  /* indications; not of our server: a response received, a request sent */
	uint64_t requests; /* of clients */
	uint64_t successes; /* responses that this host sent */
	uint64_t errors;
	uint64_t contradicted; /* requests under a transaction id that stands for another one */
	uint64_t
		unknown_allocation; /* successes for an allocation that was made before we looked */
	struct endpoint unknown_client; /* of the last of these; its port is 0 if there was none */
	uint64_t transactions_evicted;
	uint64_t allocations_overflowed;
	uint64_t bindings_overflowed;
	size_t allocations; /* now */
};

/* `bindings` stays the caller's and must live longer. NULL = no memory. */
struct snoop *snoop_new(struct bindings *bindings, uint16_t turn_port);
void snoop_free(struct snoop *snoop);

/*
 * This host's addresses, v4-mapped; the first MODEL_OWN_ADDRESSES count. A server behind a 1:1 NAT
 * announces relayed addresses that are none of them; what arrives here then carries our own.
 */
void snoop_set_own_addresses(struct snoop *snoop, const struct in6_addr *own, size_t count);

void snoop_ingest(struct snoop *snoop, const struct snoop_message *message);

/* Moves time on: what has expired goes, the caller's bindings included. Cheap if that is nothing.
 */
void snoop_tick(struct snoop *snoop, int64_t now_ns);

/* When snoop_tick will next have something to do; INT64_MAX = never. */
int64_t snoop_next_expiry(const struct snoop *snoop);

void snoop_get_stats(const struct snoop *snoop, struct snoop_stats *ret_stats);

#endif
