/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests and success responses that wait for each other. They come from two capture handles, so
 * either may be first. A ring: the oldest makes room, and each is forgotten after a minute.
 */
#ifndef FZBPF_TRANSACTIONS_H
#define FZBPF_TRANSACTIONS_H

#include "stun.h"

#define TRANSACTIONS_MAX 4096
#define TRANSACTIONS_AGE_NS (60 * 1000000000LL)

struct transactions;

/* Hashed as bytes; the ports are in host order. */
struct transaction_key {
	struct in6_addr client, server;
	uint16_t client_port, server_port;
	uint16_t method;
	uint8_t id[STUN_TRANSACTION_LENGTH];
	uint16_t pad;
};

_Static_assert(sizeof(struct transaction_key) == 52, "hashed: no hidden padding");

/* A pair that is complete, by value. */
struct transaction {
	struct stun_message request;
	struct stun_message response;
	int64_t answered_ns; /* when the response was sent */
};

struct transactions *transactions_new(void);
void transactions_free(struct transactions *transactions);

struct transaction_key transactions_key(const struct endpoint *client,
					const struct endpoint *server,
					const struct stun_message *message);

/*
 * 0 and the pair, if the message completes one; -EAGAIN if its counterpart is not there yet.
 * -EBADMSG: another request with this key is still unanswered and asks for something else. One of
 * them is forged, and nobody can tell which one the server answers: nothing comes of either.
 */
int transactions_request(struct transactions *transactions, const struct transaction_key *key,
			 const struct stun_message *request, int64_t now_ns,
			 struct transaction *ret_pair);
int transactions_response(struct transactions *transactions, const struct transaction_key *key,
			  const struct stun_message *response, int64_t now_ns,
			  struct transaction *ret_pair);

size_t transactions_count(const struct transactions *transactions);

/* How many were pushed out before their minute was over. */
uint64_t transactions_evicted(const struct transactions *transactions);

#endif
