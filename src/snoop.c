/* SPDX-License-Identifier: BSD-2-Clause */
/* The snooper's rules: what each control message means for allocations and bindings. */
#include "snoop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "model.h"
#include "stun.h"
#include "transactions.h"

#define SECOND_NS 1000000000LL

/* The server does not know the allocation that the client speaks of (RFC 8656 section 5). */
#define ERROR_ALLOCATION_MISMATCH 437

struct snoop {
	struct bindings *bindings;
	struct allocations *allocations;
	struct transactions *transactions;
	uint16_t turn_port;
	size_t own_count;
	struct in6_addr own[MODEL_OWN_ADDRESSES];
	struct snoop_stats stats;
};

/* A control message with its ends by role. */
struct exchange {
	const struct endpoint *client, *server;
	const struct stun_message *stun;
	int64_t time_ns;
};

struct snoop *snoop_new(struct bindings *bindings, uint16_t turn_port)
{
	struct snoop *snoop = calloc(1, sizeof(*snoop));

	if (!snoop)
		return NULL;
	snoop->bindings = bindings;
	snoop->turn_port = turn_port;
	snoop->allocations = allocations_new(bindings);
	snoop->transactions = transactions_new();
	if (!snoop->allocations || !snoop->transactions) {
		snoop_free(snoop);
		return NULL;
	}
	return snoop;
}

void snoop_free(struct snoop *snoop)
{
	if (!snoop)
		return;
	allocations_free(snoop->allocations);
	transactions_free(snoop->transactions);
	free(snoop);
}

void snoop_set_own_addresses(struct snoop *snoop, const struct in6_addr *own, size_t count)
{
	if (count > MODEL_OWN_ADDRESSES)
		count = MODEL_OWN_ADDRESSES;
	if (count)
		memcpy(snoop->own, own, count * sizeof(*own));
	snoop->own_count = count;
}

/* Timestamps may come from a file, lifetimes come from the wire. */
static int64_t later(int64_t time_ns, int64_t by_ns)
{
	return time_ns > INT64_MAX - by_ns ? INT64_MAX : time_ns + by_ns;
}

static bool is_own(const struct snoop *snoop, const struct in6_addr *ip)
{
	size_t i;

	for (i = 0; i < snoop->own_count; i++)
		if (IN6_ARE_ADDR_EQUAL(&snoop->own[i], ip))
			return true;
	return false;
}

/*
 * The relayed address as it is on the wire. One that is not ours was announced by a server behind a
 * 1:1 NAT: it becomes the address the client reached, or if that is of the other family, our first.
 */
static struct endpoint localize(const struct snoop *snoop, const struct endpoint *server,
				const struct endpoint *announced)
{
	struct endpoint local = *announced;
	size_t i;

	if (!snoop->own_count || is_own(snoop, &announced->ip))
		return local;
	if (stun_family_of(server) == stun_family_of(announced)) {
		local.ip = server->ip;
		return local;
	}
	for (i = 0; i < snoop->own_count; i++) {
		struct endpoint own = { .ip = snoop->own[i], .port = announced->port };

		if (stun_family_of(&own) == stun_family_of(announced) &&
		    !IN6_IS_ADDR_LINKLOCAL(&own.ip))
			return own;
	}
	return local;
}

static void count_unknown(struct snoop *snoop, const struct endpoint *client)
{
	snoop->stats.unknown_allocation++;
	snoop->stats.unknown_client = *client;
}

/*
 * The allocation that a pair speaks of. A response that waited for its request may have been
 * overtaken by a new allocation for the same 5-tuple, which it says nothing about.
 */
static struct allocation *find_allocation(const struct snoop *snoop,
					  const struct exchange *exchange,
					  const struct transaction *pair)
{
	struct allocation *allocation =
		allocations_find(snoop->allocations, exchange->client, exchange->server);

	if (allocation && pair->answered_ns < allocations_granted_ns(allocation))
		return NULL;
	return allocation;
}

static void ingest_allocated(struct snoop *snoop, const struct exchange *exchange)
{
	const struct stun_message *stun = exchange->stun;
	struct allocation_grant grant = {
		.client = *exchange->client,
		.server = *exchange->server,
	};
	uint32_t lifetime = stun->has_lifetime ? stun->lifetime : SNOOP_DEFAULT_LIFETIME_S;
	int family;

	if (!stun->has_relayed[STUN_FAMILY_V4] && !stun->has_relayed[STUN_FAMILY_V6])
		return;
	memcpy(grant.transaction, stun->transaction, sizeof(grant.transaction));
	for (family = 0; family < STUN_FAMILY_COUNT; family++) {
		grant.has_relayed[family] = stun->has_relayed[family];
		grant.relayed[family] = localize(snoop, exchange->server, &stun->relayed[family]);
	}
	grant.expires_ns = later(exchange->time_ns, lifetime * SECOND_NS);
	/* The table counts what it has no room for. */
	(void)allocations_grant(snoop->allocations, &grant, exchange->time_ns);
}

/* RFC 8656 section 12.2; the request says what was bound, the response that it was. */
static void bind_channel(struct snoop *snoop, const struct exchange *exchange,
			 const struct transaction *pair)
{
	const struct stun_message *request = &pair->request;
	struct event_binding wanted = {
		.client = *exchange->client,
		.server = *exchange->server,
		.peer = request->peer,
		.channel = request->channel,
		.expires_ns = later(pair->answered_ns, BINDINGS_LIFETIME_NS),
		.why = "channel-bind",
	};
	enum stun_family family = stun_family_of(&request->peer);
	const struct endpoint *relayed;
	struct allocation *allocation;

	if (!request->has_channel || request->peer_count != 1 ||
	    request->channel < STUN_CHANNEL_MIN || request->channel > STUN_CHANNEL_MAX)
		return;
	allocation = find_allocation(snoop, exchange, pair);
	relayed = allocation ? allocations_relayed(allocation, family) : NULL;
	if (!relayed) {
		count_unknown(snoop, exchange->client);
		return;
	}
	wanted.relayed = *relayed;
	/* The table counts what it has no room for. */
	(void)bindings_bind(snoop->bindings, &wanted, allocations_group(allocation, family),
			    exchange->time_ns);
}

/*
 * RFC 8656 section 8: a refresh concerns the family it names, or all there are; the lifetime that
 * counts is the server's.
 */
static void refresh_allocation(struct snoop *snoop, const struct exchange *exchange,
			       const struct transaction *pair)
{
	const struct stun_message *response = &pair->response;
	struct allocation *allocation = find_allocation(snoop, exchange, pair);
	int64_t expires_ns;
	int family;

	if (!allocation || !response->has_lifetime)
		return;
	expires_ns = later(pair->answered_ns, response->lifetime * SECOND_NS);
	if (!response->lifetime && !pair->request.has_requested_family) {
		allocations_end(snoop->allocations, allocation, "allocation deleted",
				exchange->time_ns);
		return;
	}
	for (family = 0; family < STUN_FAMILY_COUNT; family++) {
		if (pair->request.has_requested_family &&
		    pair->request.requested_family != (enum stun_family)family)
			continue;
		if (!response->lifetime)
			allocations_end_family(snoop->allocations, allocation,
					       (enum stun_family)family, "allocation deleted",
					       exchange->time_ns);
		else
			allocations_extend(snoop->allocations, allocation, (enum stun_family)family,
					   expires_ns);
	}
}

static void apply(struct snoop *snoop, const struct exchange *exchange,
		  const struct transaction *pair)
{
	if (exchange->stun->method == STUN_METHOD_CHANNEL_BIND)
		bind_channel(snoop, exchange, pair);
	else
		refresh_allocation(snoop, exchange, pair);
}

static void ingest_request(struct snoop *snoop, const struct exchange *exchange)
{
	struct transaction_key key =
		transactions_key(exchange->client, exchange->server, exchange->stun);
	struct transaction pair;
	int err;

	snoop->stats.requests++;
	if (exchange->stun->method != STUN_METHOD_CHANNEL_BIND &&
	    exchange->stun->method != STUN_METHOD_REFRESH)
		return;
	err = transactions_request(snoop->transactions, &key, exchange->stun, exchange->time_ns,
				   &pair);
	if (!err)
		apply(snoop, exchange, &pair);
	else if (err == -EBADMSG)
		snoop->stats.contradicted++;
}

/* What waits for its request: with one relayed address, a refresh can concern nothing else. */
static bool needs_request(const struct exchange *exchange, const struct allocation *allocation)
{
	return exchange->stun->method == STUN_METHOD_CHANNEL_BIND ||
	       (allocations_relayed(allocation, STUN_FAMILY_V4) &&
		allocations_relayed(allocation, STUN_FAMILY_V6));
}

static void ingest_success(struct snoop *snoop, const struct exchange *exchange)
{
	const struct stun_message *stun = exchange->stun;
	struct transaction_key key = transactions_key(exchange->client, exchange->server, stun);
	struct allocation *allocation;
	struct transaction pair;
	int err;

	snoop->stats.successes++;
	if (stun->method == STUN_METHOD_ALLOCATE)
		ingest_allocated(snoop, exchange);
	if (stun->method != STUN_METHOD_CHANNEL_BIND && stun->method != STUN_METHOD_REFRESH)
		return;
	allocation = allocations_find(snoop->allocations, exchange->client, exchange->server);
	if (!allocation) {
		/* One that has just been deleted is no loss. */
		if (!stun->has_lifetime || stun->lifetime)
			count_unknown(snoop, exchange->client);
		return;
	}
	err = transactions_response(snoop->transactions, &key, stun, exchange->time_ns, &pair);
	if (err == -EAGAIN && !needs_request(exchange, allocation)) {
		pair = (struct transaction){ .response = *stun, .answered_ns = exchange->time_ns };
		err = 0;
	}
	if (!err)
		apply(snoop, exchange, &pair);
}

static void ingest_error(struct snoop *snoop, const struct exchange *exchange)
{
	struct allocation *allocation;

	snoop->stats.errors++;
	/* To an Allocate it says the opposite: there is one already (RFC 8656 section 7.2). */
	if (exchange->stun->error != ERROR_ALLOCATION_MISMATCH ||
	    exchange->stun->method == STUN_METHOD_ALLOCATE)
		return;
	allocation = allocations_find(snoop->allocations, exchange->client, exchange->server);
	if (allocation)
		allocations_end(snoop->allocations, allocation, "allocation mismatch",
				exchange->time_ns);
}

/* Only what this host sent is its server's word: nobody on the LAN can forge that. */
static void ingest_response(struct snoop *snoop, const struct exchange *exchange)
{
	if (exchange->stun->class == STUN_CLASS_SUCCESS)
		ingest_success(snoop, exchange);
	else
		ingest_error(snoop, exchange);
}

void snoop_ingest(struct snoop *snoop, const struct snoop_message *message)
{
	struct exchange exchange = { .time_ns = message->time_ns };
	struct stun_message stun;
	bool is_response;

	snoop->stats.messages++;
	if (stun_decode(message->payload, message->length, &stun)) {
		snoop->stats.malformed++;
		return;
	}
	is_response = stun.class == STUN_CLASS_SUCCESS || stun.class == STUN_CLASS_ERROR;
	exchange.stun = &stun;
	exchange.client = is_response ? &message->dst : &message->src;
	exchange.server = is_response ? &message->src : &message->dst;
	if (stun.class == STUN_CLASS_INDICATION || message->sent != is_response ||
	    exchange.server->port != snoop->turn_port) {
		snoop->stats.ignored++;
		return;
	}
	snoop_tick(snoop, message->time_ns);
	if (is_response)
		ingest_response(snoop, &exchange);
	else
		ingest_request(snoop, &exchange);
}

void snoop_tick(struct snoop *snoop, int64_t now_ns)
{
	allocations_expire(snoop->allocations, now_ns);
	bindings_expire(snoop->bindings, now_ns);
}

int64_t snoop_next_expiry(const struct snoop *snoop)
{
	int64_t allocation_ns = allocations_next_expiry(snoop->allocations);
	int64_t binding_ns = bindings_next_expiry(snoop->bindings);

	return allocation_ns < binding_ns ? allocation_ns : binding_ns;
}

void snoop_get_stats(const struct snoop *snoop, struct snoop_stats *ret_stats)
{
	*ret_stats = snoop->stats;
	ret_stats->transactions_evicted = transactions_evicted(snoop->transactions);
	ret_stats->allocations_overflowed = allocations_overflows(snoop->allocations);
	ret_stats->bindings_overflowed = bindings_overflows(snoop->bindings);
	ret_stats->allocations = allocations_count(snoop->allocations);
}
