/* SPDX-License-Identifier: BSD-2-Clause */
/* The snooper on recorded sessions, on forged ones, and on many clients over time. */
#include "../src/snoop.h"

#include <criterion/criterion.h>

#include "../src/stun.h"
#include "stun_messages.h"

#define SECOND 1000000000LL

/* As tshark reads them: relayed address, the two channels, and that they go at the end. */
static const struct {
	const char *name, *log;
} sessions[] = {
	{ "v4.pcap",
	  "+42d8 10.90.0.20:54277 10.90.0.30:3481; ~42d8; +5246 10.90.0.20:54277 10.90.0.30:3480; "
	  "~5246; ~5246; -42d8 allocation deleted; -5246 allocation deleted" },
	{ "v6.pcap",
	  "+5715 [fd90::20]:51416 [fd90::30]:3481; ~5715; +59c9 [fd90::20]:51416 [fd90::30]:3480; "
	  "~59c9; ~59c9; -5715 allocation deleted; -59c9 allocation deleted" },
	{ "v4-client-v6-peer.pcap",
	  "+4e3e [fd90::20]:53404 [fd90::30]:3481; ~4e3e; +5f8c [fd90::20]:53404 [fd90::30]:3480; "
	  "~5f8c; ~5f8c; -4e3e allocation deleted; -5f8c allocation deleted" },
	{ "v4-padded.pcap",
	  "+66fc 10.90.0.20:60938 10.90.0.30:3481; ~66fc; +637b 10.90.0.20:60938 10.90.0.30:3480; "
	  "~637b; ~637b; -66fc allocation deleted; -637b allocation deleted" },
};

/* The tap has a handle for each direction, so one may run ahead of the other. */
enum pass { ALL, REQUESTS, RESPONSES };

struct player {
	struct snoop *snoop;
	enum pass pass;
	bool forged; /* from the wrong side */
};

static void ingest(void *context, const struct snoop_message *message)
{
	const struct player *player = context;
	struct snoop_message played = *message;

	if (player->pass != ALL && message->sent != (player->pass == RESPONSES))
		return;
	played.sent = message->sent != player->forged;
	snoop_ingest(player->snoop, &played);
}

Test(snoop_sessions, are_followed)
{
	struct snoop_stats stats;
	size_t i;

	for (i = 0; i < sizeof(sessions) / sizeof(*sessions); i++) {
		struct binding_log log = { "" };
		struct bindings *bindings = bindings_new(binding_log_event, &log);
		struct player player = { .snoop = snoop_new(bindings, 3478) };

		cr_assert_eq(capture_replay(sessions[i].name, ingest, &player), 28);
		cr_expect_str_eq(log.text, sessions[i].log, "%s:\n%s", sessions[i].name, log.text);
		snoop_get_stats(player.snoop, &stats);
		cr_expect_eq(stats.requests, 14);
		cr_expect_eq(stats.successes, 12);
		cr_expect_eq(stats.errors, 2);
		cr_expect_eq(stats.ignored + stats.malformed, 0);
		/* uclient leaves the allocation of its first, unused socket to expire. */
		cr_expect_eq(stats.allocations, 1);
		snoop_free(player.snoop);
		bindings_free(bindings);
	}
}

Test(snoop_sessions, are_followed_when_all_requests_come_first)
{
	size_t i;

	for (i = 0; i < sizeof(sessions) / sizeof(*sessions); i++) {
		struct binding_log log = { "" };
		struct bindings *bindings = bindings_new(binding_log_event, &log);
		struct player player = { .snoop = snoop_new(bindings, 3478), .pass = REQUESTS };

		capture_replay(sessions[i].name, ingest, &player);
		player.pass = RESPONSES;
		capture_replay(sessions[i].name, ingest, &player);
		cr_expect_str_eq(log.text, sessions[i].log, "%s:\n%s", sessions[i].name, log.text);
		snoop_free(player.snoop);
		bindings_free(bindings);
	}
}

Test(snoop_sessions, of_others_are_not_believed)
{
	struct binding_log log = { "" };
	struct bindings *bindings = bindings_new(binding_log_event, &log);
	struct player player = { .snoop = snoop_new(bindings, 3478), .forged = true };
	struct snoop_stats stats;

	capture_replay("v4.pcap", ingest, &player);
	snoop_get_stats(player.snoop, &stats);
	cr_assert_str_eq(log.text, "");
	cr_assert_eq(stats.ignored, 28);
	cr_assert_eq(stats.allocations, 0);
	snoop_free(player.snoop);
	bindings_free(bindings);
}

static void count_event(void *context, const struct event *event)
{
	size_t *counts = context;

	counts[event->type]++;
}

enum many { MANY_ALLOCATED, MANY_ASK, MANY_BOUND };

/* Each client has its own address, relayed port and channel; `what` of client `n`. */
static void many_exchange(struct snoop *snoop, unsigned int n, enum many what, int64_t now_ns)
{
	struct endpoint client = endpoint_from("10.1.0.0:4000");
	struct endpoint relayed = endpoint_from("10.0.0.20:50000");
	struct endpoint peer = endpoint_from("10.0.0.30:7");
	struct endpoint server = endpoint_from("10.0.0.20:3478");
	bool response = what != MANY_ASK;
	struct stun_bytes bytes;
	struct snoop_message message = { .time_ns = now_ns, .sent = response };

	client.ip.s6_addr[14] = (uint8_t)(n >> 8);
	client.ip.s6_addr[15] = (uint8_t)n;
	relayed.port = (uint16_t)(49152 + n);
	if (what == MANY_ALLOCATED) {
		stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE, 1);
		stun_add_address(&bytes, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &relayed);
		stun_add_number(&bytes, STUN_ATTRIBUTE_LIFETIME, 3600);
	} else if (what == MANY_ASK) {
		stun_begin(&bytes, STUN_CLASS_REQUEST, STUN_METHOD_CHANNEL_BIND, 2);
		stun_add_channel(&bytes, 0x4001);
		stun_add_address(&bytes, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &peer);
	} else {
		stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_CHANNEL_BIND, 2);
	}
	message.src = response ? server : client;
	message.dst = response ? client : server;
	message.payload = bytes.data;
	message.length = bytes.length;
	snoop_ingest(snoop, &message);
}

Test(snoop_sessions, serves_ten_thousand_clients_over_time)
{
	size_t counts[EVENT_COUNTERS + 1] = { 0 };
	struct bindings *bindings = bindings_new(count_event, counts);
	struct snoop *snoop = snoop_new(bindings, 3478);
	const unsigned int clients = 10000;
	struct snoop_stats stats;
	unsigned int n;

	for (n = 0; n < clients; n++) {
		many_exchange(snoop, n, MANY_ALLOCATED, n * 1000);
		many_exchange(snoop, n, MANY_ASK, n * 1000);
		many_exchange(snoop, n, MANY_BOUND, n * 1000);
	}
	cr_assert_eq(bindings_count(bindings), clients);
	cr_assert_eq(snoop_next_expiry(snoop), 600 * SECOND);
	/* Every other one binds again, after which only these stay, and in the end none. */
	for (n = 0; n < clients; n += 2) {
		many_exchange(snoop, n, MANY_ASK, 300 * SECOND);
		many_exchange(snoop, n, MANY_BOUND, 300 * SECOND);
	}
	snoop_tick(snoop, 600 * SECOND + clients * 1000);
	cr_assert_eq(bindings_count(bindings), clients / 2);
	snoop_tick(snoop, 900 * SECOND);
	cr_assert_eq(bindings_count(bindings), 0);
	snoop_get_stats(snoop, &stats);
	cr_assert_eq(stats.allocations, clients);
	snoop_tick(snoop, 3601 * SECOND);
	snoop_get_stats(snoop, &stats);
	cr_assert_eq(stats.allocations, 0);
	cr_assert_eq(snoop_next_expiry(snoop), INT64_MAX);
	cr_assert_eq(counts[EVENT_BINDING_ADDED], clients);
	cr_assert_eq(counts[EVENT_BINDING_REFRESHED], clients / 2);
	cr_assert_eq(counts[EVENT_BINDING_REMOVED], clients);
	snoop_free(snoop);
	bindings_free(bindings);
}

Test(snoop_sessions, bounds_what_it_keeps)
{
	size_t counts[EVENT_COUNTERS + 1] = { 0 };
	struct bindings *bindings = bindings_new(count_event, counts);
	struct snoop *snoop = snoop_new(bindings, 3478);
	struct snoop_stats stats;
	unsigned int n;

	for (n = 0; n < 20000; n++)
		many_exchange(snoop, n, MANY_ALLOCATED, 1);
	for (n = 0; n < 20000; n++)
		many_exchange(snoop, n, MANY_ASK, 2);
	snoop_get_stats(snoop, &stats);
	cr_assert_eq(stats.allocations, 16384);
	cr_assert_eq(stats.allocations_overflowed, 20000 - 16384);
	cr_assert_eq(stats.transactions_evicted, 20000 - 4096);
	cr_assert_eq(bindings_count(bindings), 0);
	snoop_free(snoop);
	bindings_free(bindings);
	snoop_free(NULL);
	bindings_free(NULL);
}
