/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of transactions in the order in which they were first seen, with an index by key. */
#include "transactions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An entry that finds no memory is not in the table, instead of ending the program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct entry {
	struct transaction_key key;
	int64_t seen_ns;
	bool has_request, has_response;
	bool answered;	/* this request has had its response; the next one needs its own */
	bool ambiguous; /* see transactions.h */
	struct transaction pair;
	UT_hash_handle hh;
};

struct transactions {
	struct entry *index;
	uint64_t evicted;
	uint32_t first, count;
	struct entry ring[TRANSACTIONS_MAX];
};

struct transactions *transactions_new(void)
{
	return calloc(1, sizeof(struct transactions));
}

void transactions_free(struct transactions *transactions)
{
	if (!transactions)
		return;
	HASH_CLEAR(hh, transactions->index);
	free(transactions);
}

struct transaction_key transactions_key(const struct endpoint *client,
					const struct endpoint *server,
					const struct stun_message *message)
{
	struct transaction_key key = {
		.client = client->ip,
		.server = server->ip,
		.client_port = client->port,
		.server_port = server->port,
		.method = message->method,
	};

	memcpy(key.id, message->transaction, sizeof(key.id));
	return key;
}

static void drop_oldest(struct transactions *transactions)
{
	struct entry *oldest = &transactions->ring[transactions->first];

	if (oldest->hh.tbl)
		HASH_DEL(transactions->index, oldest);
	transactions->first = (transactions->first + 1) % TRANSACTIONS_MAX;
	transactions->count--;
}

static void drop_aged(struct transactions *transactions, int64_t now_ns)
{
	while (transactions->count) {
		int64_t seen_ns = transactions->ring[transactions->first].seen_ns;

		if (now_ns < seen_ns || now_ns - seen_ns < TRANSACTIONS_AGE_NS)
			return;
		drop_oldest(transactions);
	}
}

static struct entry *find_or_add(struct transactions *transactions,
				 const struct transaction_key *key, int64_t now_ns)
{
	struct entry *entry;
	uint32_t at;

	drop_aged(transactions, now_ns);
	HASH_FIND(hh, transactions->index, key, sizeof(*key), entry);
	if (entry)
		return entry;
	if (transactions->count == TRANSACTIONS_MAX) {
		drop_oldest(transactions);
		transactions->evicted++;
	}
	at = (transactions->first + transactions->count) % TRANSACTIONS_MAX;
	entry = &transactions->ring[at];
	memset(entry, 0, sizeof(*entry));
	entry->key = *key;
	entry->seen_ns = now_ns;
	transactions->count++;
	HASH_ADD(hh, transactions->index, key, sizeof(entry->key), entry);
	return entry;
}

static bool same_request(const struct stun_message *a, const struct stun_message *b)
{
	return a->has_channel == b->has_channel && a->channel == b->channel &&
	       a->peer_count == b->peer_count && a->peer.port == b->peer.port &&
	       IN6_ARE_ADDR_EQUAL(&a->peer.ip, &b->peer.ip) &&
	       a->has_requested_family == b->has_requested_family &&
	       a->requested_family == b->requested_family && a->has_lifetime == b->has_lifetime &&
	       a->lifetime == b->lifetime;
}

static int complete(struct entry *entry, struct transaction *ret_pair)
{
	if (!entry->has_request || !entry->has_response)
		return -EAGAIN;
	entry->answered = true;
	entry->has_response = false;
	*ret_pair = entry->pair;
	return 0;
}

int transactions_request(struct transactions *transactions, const struct transaction_key *key,
			 const struct stun_message *request, int64_t now_ns,
			 struct transaction *ret_pair)
{
	struct entry *entry = find_or_add(transactions, key, now_ns);

	if (entry->has_request && !entry->answered && !same_request(&entry->pair.request, request))
		entry->ambiguous = true;
	if (entry->ambiguous)
		return -EBADMSG;
	entry->has_request = true;
	entry->answered = false;
	entry->pair.request = *request;
	return complete(entry, ret_pair);
}

int transactions_response(struct transactions *transactions, const struct transaction_key *key,
			  const struct stun_message *response, int64_t now_ns,
			  struct transaction *ret_pair)
{
	struct entry *entry = find_or_add(transactions, key, now_ns);

	if (entry->ambiguous)
		return -EBADMSG;
	entry->has_response = true;
	entry->pair.response = *response;
	entry->pair.answered_ns = now_ns;
	return complete(entry, ret_pair);
}

size_t transactions_count(const struct transactions *transactions)
{
	return transactions->count;
}

uint64_t transactions_evicted(const struct transactions *transactions)
{
	return transactions->evicted;
}
