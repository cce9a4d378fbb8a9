/* SPDX-License-Identifier: BSD-2-Clause */
/* The snooper's rules as little scripts of messages and what they do to the bindings. */
#include "../src/snoop.h"

#include <criterion/criterion.h>
#include <string.h>

#include "../src/stun.h"
#include "stun_messages.h"

#define SECOND 1000000000LL
#define MAX_STEPS 16

#define SERVER "10.0.0.20:3478"
#define R4 "10.0.0.20:50000"
#define R4_OTHER "10.0.0.20:50001"
#define R6 "[fd00::20]:50000"
#define P4 "10.0.0.30:7"
#define P6 "[fd00::30]:7"

enum act {
	END,
	ALLOCATED,   /* success response; relayed, relayed6, lifetime (-1 = not there) */
	ASK_BIND,    /* request; channel, peer */
	BOUND,	     /* success response */
	ASK_REFRESH, /* request; family 0, 4, 6 */
	REFRESHED,   /* success response; lifetime */
	REFUSED,     /* error response to `method`; error */
	WAIT,	     /* seconds */
};

/* A line of a script. `client`: 0 or 1; `id`: transaction. */
struct step {
	enum act act;
	unsigned int client, id, channel, family, error, seconds;
	int lifetime;
	uint16_t method;
	bool forged; /* comes from the wrong side */
	const char *relayed, *relayed6, *peer;
};

struct stage {
	struct bindings *bindings;
	struct snoop *snoop;
	int64_t now_ns;
	struct binding_log log;
};

static void stage_open(struct stage *stage)
{
	static const char *const own[] = { "10.0.0.20:0", "[fe80::20]:0", "[fd00::20]:0" };
	struct in6_addr ips[3];
	size_t i;

	memset(stage, 0, sizeof(*stage));
	stage->now_ns = 1700000000 * SECOND;
	stage->bindings = bindings_new(binding_log_event, &stage->log);
	stage->snoop = snoop_new(stage->bindings, 3478);
	cr_assert(stage->bindings && stage->snoop);
	for (i = 0; i < 3; i++)
		ips[i] = endpoint_from(own[i]).ip;
	snoop_set_own_addresses(stage->snoop, ips, 3);
}

static void stage_close(struct stage *stage)
{
	snoop_free(stage->snoop);
	bindings_free(stage->bindings);
}

static struct endpoint client_of(const struct step *step)
{
	return endpoint_from(step->client ? "10.0.0.11:4000" : "10.0.0.10:4000");
}

static void send_bytes(struct stage *stage, const struct step *step, const struct stun_bytes *bytes,
		       bool response)
{
	struct snoop_message message = {
		.time_ns = stage->now_ns,
		.sent = response != step->forged,
		.src = response ? endpoint_from(SERVER) : client_of(step),
		.dst = response ? client_of(step) : endpoint_from(SERVER),
		.payload = bytes->data,
		.length = bytes->length,
	};

	snoop_ingest(stage->snoop, &message);
}

static void add_address(struct stun_bytes *bytes, uint16_t type, const char *text)
{
	struct endpoint address;

	if (!text)
		return;
	address = endpoint_from(text);
	stun_add_address(bytes, type, &address);
}

static void add_lifetime(struct stun_bytes *bytes, int lifetime)
{
	if (lifetime >= 0)
		stun_add_number(bytes, STUN_ATTRIBUTE_LIFETIME, (uint32_t)lifetime);
}

static void play(struct stage *stage, const struct step *step)
{
	uint8_t id = (uint8_t)step->id;
	struct stun_bytes bytes;

	stage->now_ns += 1000000;
	switch (step->act) {
	case ALLOCATED:
		stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_ALLOCATE, id);
		add_address(&bytes, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, step->relayed);
		add_address(&bytes, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, step->relayed6);
		add_lifetime(&bytes, step->lifetime);
		break;
	case ASK_BIND:
		stun_begin(&bytes, STUN_CLASS_REQUEST, STUN_METHOD_CHANNEL_BIND, id);
		stun_add_channel(&bytes, (uint16_t)step->channel);
		add_address(&bytes, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, step->peer);
		break;
	case BOUND: stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_CHANNEL_BIND, id); break;
	case ASK_REFRESH:
		stun_begin(&bytes, STUN_CLASS_REQUEST, STUN_METHOD_REFRESH, id);
		if (step->family)
			stun_add_number(&bytes, STUN_ATTRIBUTE_REQUESTED_ADDRESS_FAMILY,
					step->family == 4 ? 0x01000000 : 0x02000000);
		break;
	case REFRESHED:
		stun_begin(&bytes, STUN_CLASS_SUCCESS, STUN_METHOD_REFRESH, id);
		add_lifetime(&bytes, step->lifetime);
		break;
	case REFUSED:
		stun_begin(&bytes, STUN_CLASS_ERROR, step->method, id);
		stun_add_error(&bytes, step->error);
		break;
	default:
		stage->now_ns += step->seconds * SECOND;
		snoop_tick(stage->snoop, stage->now_ns);
		return;
	}
	send_bytes(stage, step, &bytes, step->act != ASK_BIND && step->act != ASK_REFRESH);
}

#define ALLOCATE_V4                                                \
	{                                                          \
		ALLOCATED, .id = 1, .relayed = R4, .lifetime = 600 \
	}
#define ALLOCATE_DUAL                                                              \
	{                                                                          \
		ALLOCATED, .id = 1, .relayed = R4, .relayed6 = R6, .lifetime = 600 \
	}
#define BIND(n, ch, to)                                   \
	{ ASK_BIND, .id = n, .channel = ch, .peer = to }, \
	{                                                 \
		BOUND, .id = n                            \
	}

static const struct {
	const char *name;
	const char *log;
	struct step steps[MAX_STEPS];
} scripts[] = {
	{ "bound", "+4001 " R4 " " P4, { ALLOCATE_V4, BIND(2, 0x4001, P4) } },
	{ "the response is seen first",
	  "+4001 " R4 " " P4,
	  { ALLOCATE_V4,
	    { BOUND, .id = 2 },
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 } } },
	{ "no response",
	  "",
	  { ALLOCATE_V4, { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 } } },
	{ "refused",
	  "",
	  { ALLOCATE_V4,
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 },
	    { REFUSED, .id = 2, .method = STUN_METHOD_CHANNEL_BIND, .error = 403 } } },
	{ "a response under another transaction id",
	  "",
	  { ALLOCATE_V4,
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 },
	    { BOUND, .id = 3 } } },
	{ "a response to another client",
	  "",
	  { ALLOCATE_V4,
	    { ALLOCATED, .client = 1, .id = 9, .relayed = R4_OTHER, .lifetime = 600 },
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 },
	    { BOUND, .client = 1, .id = 2 } } },
	{ "the first response is lost, the retransmission is answered again",
	  "+4001 " R4 " " P4 "; ~4001",
	  { ALLOCATE_V4, BIND(2, 0x4001, P4), BIND(2, 0x4001, P4) } },
	{ "refreshed in time",
	  "+4001 " R4 " " P4 "; ~4001",
	  { { ALLOCATED, .id = 1, .relayed = R4, .lifetime = 3600 },
	    BIND(2, 0x4001, P4),
	    { WAIT, .seconds = 599 },
	    BIND(3, 0x4001, P4),
	    { WAIT, .seconds = 599 } } },
	{ "expired",
	  "+4001 " R4 " " P4 "; -4001 expired",
	  { { ALLOCATED, .id = 1, .relayed = R4, .lifetime = 3600 },
	    BIND(2, 0x4001, P4),
	    { WAIT, .seconds = 600 } } },
	{ "re-bound to another peer",
	  "+4001 " R4 " " P4 "; -4001 re-bound; +4001 " R4 " 10.0.0.31:7",
	  { ALLOCATE_V4, BIND(2, 0x4001, P4), BIND(3, 0x4001, "10.0.0.31:7") } },
	{ "re-bound to another channel",
	  "+4001 " R4 " " P4 "; -4001 re-bound; +4002 " R4 " " P4,
	  { ALLOCATE_V4, BIND(2, 0x4001, P4), BIND(3, 0x4002, P4) } },
	{ "channel out of range", "", { ALLOCATE_V4, BIND(2, 0x3fff, P4), BIND(3, 0x8000, P4) } },
	{ "no peer", "", { ALLOCATE_V4, BIND(2, 0x4001, NULL) } },
	{ "a peer of the other family", "", { ALLOCATE_V4, BIND(2, 0x4001, P6) } },
	{ "allocation deleted",
	  "+4001 " R4 " " P4 "; -4001 allocation deleted",
	  { ALLOCATE_V4, BIND(2, 0x4001, P4), { ASK_REFRESH, .id = 3 }, { REFRESHED, .id = 3 } } },
	{ "allocation deleted, the request was not seen",
	  "+4001 " R4 " " P4 "; -4001 allocation deleted",
	  { ALLOCATE_V4, BIND(2, 0x4001, P4), { REFRESHED, .id = 3 } } },
	{ "a late request does not delete the next allocation",
	  "+4001 " R4 " " P4 "; -4001 allocation deleted; +4001 " R4_OTHER " " P4,
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { REFRESHED, .id = 3 },
	    { ALLOCATED, .id = 4, .relayed = R4_OTHER, .lifetime = 600 },
	    { ASK_REFRESH, .id = 3 },
	    BIND(5, 0x4001, P4) } },
	{ "allocation expired",
	  "+4001 " R4 " " P4 "; -4001 allocation expired",
	  { { ALLOCATED, .id = 1, .relayed = R4, .lifetime = 60 },
	    BIND(2, 0x4001, P4),
	    { WAIT, .seconds = 60 } } },
	{ "an Allocate response without a lifetime means ten minutes",
	  "+4001 " R4 " " P4 "; ~4001; -4001 allocation expired",
	  { { ALLOCATED, .id = 1, .relayed = R4, .lifetime = -1 },
	    BIND(2, 0x4001, P4),
	    { WAIT, .seconds = 100 },
	    BIND(3, 0x4001, P4),
	    { WAIT, .seconds = 500 } } },
	{ "the server grants less than was there",
	  "+4001 " R4 " " P4 "; -4001 allocation expired",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { ASK_REFRESH, .id = 3 },
	    { REFRESHED, .id = 3, .lifetime = 30 },
	    { WAIT, .seconds = 30 } } },
	{ "the server grants more",
	  "+4001 " R4 " " P4 "; ~4001",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { ASK_REFRESH, .id = 3 },
	    { REFRESHED, .id = 3, .lifetime = 3600 },
	    { WAIT, .seconds = 500 },
	    BIND(4, 0x4001, P4),
	    { WAIT, .seconds = 599 } } },
	{ "the longest lifetime there is",
	  "+4001 " R4 " " P4 "; -4001 expired",
	  { { ALLOCATED, .id = 1, .relayed = R4, .lifetime = 0x7fffffff },
	    BIND(2, 0x4001, P4),
	    { WAIT, .seconds = 600 } } },
	{ "replaced by a new allocation",
	  "+4001 " R4 " " P4 "; -4001 replaced",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { ALLOCATED, .id = 3, .relayed = R4_OTHER, .lifetime = 600 } } },
	{ "replaced by a new allocation that got the same address",
	  "+4001 " R4 " " P4 "; -4001 replaced",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { ALLOCATED, .id = 3, .relayed = R4, .lifetime = 600 } } },
	{ "the Allocate response is only repeated",
	  "+4001 " R4 " " P4 "; ~4001",
	  { ALLOCATE_V4, BIND(2, 0x4001, P4), ALLOCATE_V4, BIND(3, 0x4001, P4) } },
	{ "another client gets the relayed address",
	  "+4001 " R4 " " P4 "; -4001 replaced",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { ALLOCATED, .client = 1, .id = 3, .relayed = R4, .lifetime = 600 } } },
	{ "dual: each peer through its family",
	  "+4001 " R4 " " P4 "; +4002 " R6 " " P6,
	  { ALLOCATE_DUAL, BIND(2, 0x4001, P4), BIND(3, 0x4002, P6) } },
	{ "dual: one family deleted",
	  "+4001 " R4 " " P4 "; +4002 " R6 " " P6 "; -4001 allocation deleted; ~4002",
	  { ALLOCATE_DUAL,
	    BIND(2, 0x4001, P4),
	    BIND(3, 0x4002, P6),
	    { ASK_REFRESH, .id = 4, .family = 4 },
	    { REFRESHED, .id = 4 },
	    BIND(5, 0x4002, P6),
	    BIND(6, 0x4001, P4) } },
	{ "dual: one family deleted, the response is seen first",
	  "+4001 " R4 " " P4 "; +4002 " R6 " " P6 "; -4002 allocation deleted; ~4001",
	  { ALLOCATE_DUAL,
	    BIND(2, 0x4001, P4),
	    BIND(3, 0x4002, P6),
	    { REFRESHED, .id = 4 },
	    { ASK_REFRESH, .id = 4, .family = 6 },
	    BIND(5, 0x4001, P4) } },
	{ "dual: one family extended",
	  "+4001 " R4 " " P4 "; +4002 " R6 " " P6 "; ~4001; ~4002; -4001 allocation expired",
	  { ALLOCATE_DUAL,
	    BIND(2, 0x4001, P4),
	    BIND(3, 0x4002, P6),
	    { WAIT, .seconds = 300 },
	    { ASK_REFRESH, .id = 4, .family = 6 },
	    { REFRESHED, .id = 4, .lifetime = 600 },
	    BIND(5, 0x4001, P4),
	    BIND(6, 0x4002, P6),
	    { WAIT, .seconds = 300 } } },
	{ "dual: both deleted at once",
	  "+4001 " R4 " " P4 "; +4002 " R6 " " P6
	  "; -4001 allocation deleted; -4002 allocation deleted",
	  { ALLOCATE_DUAL,
	    BIND(2, 0x4001, P4),
	    BIND(3, 0x4002, P6),
	    { ASK_REFRESH, .id = 4 },
	    { REFRESHED, .id = 4 } } },
	{ "the server forgot the allocation",
	  "+4001 " R4 " " P4 "; -4001 allocation mismatch",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { REFUSED, .id = 3, .method = STUN_METHOD_REFRESH, .error = 437 },
	    BIND(4, 0x4001, P4) } },
	{ "437 to an Allocate says that it exists",
	  "+4001 " R4 " " P4 "; ~4001",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { REFUSED, .id = 3, .method = STUN_METHOD_ALLOCATE, .error = 437 },
	    BIND(4, 0x4001, P4) } },
	{ "another error leaves everything as it is",
	  "+4001 " R4 " " P4 "; ~4001",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { REFUSED, .id = 3, .method = STUN_METHOD_REFRESH, .error = 438 },
	    BIND(4, 0x4001, P4) } },
	{ "behind a 1:1 NAT",
	  "+4001 " R4 " " P4,
	  { { ALLOCATED, .id = 1, .relayed = "203.0.113.5:50000", .lifetime = 600 },
	    BIND(2, 0x4001, P4) } },
	{ "behind a 1:1 NAT, the other family",
	  "+4001 " R6 " " P6,
	  { { ALLOCATED, .id = 1, .relayed6 = "[2001:db8::5]:50000", .lifetime = 600 },
	    BIND(2, 0x4001, P6) } },
	{ "the allocation was never seen", "", { BIND(2, 0x4001, P4) } },
	{ "a forged allocation",
	  "",
	  { { ALLOCATED, .id = 1, .relayed = R4, .lifetime = 600, .forged = true },
	    BIND(2, 0x4001, P4) } },
	{ "a forged ChannelBind response",
	  "",
	  { ALLOCATE_V4,
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 },
	    { BOUND, .id = 2, .forged = true } } },
	{ "forged deletions",
	  "+4001 " R4 " " P4 "; ~4001",
	  { ALLOCATE_V4,
	    BIND(2, 0x4001, P4),
	    { ASK_REFRESH, .id = 3 },
	    { REFRESHED, .id = 3, .forged = true },
	    { REFUSED, .id = 3, .method = STUN_METHOD_REFRESH, .error = 437, .forged = true },
	    BIND(4, 0x4001, P4) } },
	{ "a request that this host sent to a server elsewhere",
	  "",
	  { ALLOCATE_V4,
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4, .forged = true },
	    { BOUND, .id = 2 } } },
	{ "a forged request with another peer",
	  "",
	  { ALLOCATE_V4,
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = P4 },
	    { ASK_BIND, .id = 2, .channel = 0x4001, .peer = "10.0.0.66:7" },
	    { BOUND, .id = 2 } } },
};

Test(snoop, keeps_every_rule)
{
	size_t i, step;

	for (i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		struct stage stage;

		stage_open(&stage);
		for (step = 0; step < MAX_STEPS && scripts[i].steps[step].act != END; step++)
			play(&stage, &scripts[i].steps[step]);
		cr_expect_str_eq(stage.log.text, scripts[i].log, "%s:\n%s", scripts[i].name,
				 stage.log.text);
		stage_close(&stage);
	}
}

Test(snoop, tells_which_client_it_does_not_know)
{
	static const struct step steps[] = {
		BIND(2, 0x4001, P4),
		{ REFRESHED, .client = 1, .id = 3, .lifetime = 600 },
		{ REFRESHED, .client = 0, .id = 4 },
	};
	struct snoop_stats stats;
	struct stage stage;
	char text[64];
	size_t i;

	stage_open(&stage);
	snoop_get_stats(stage.snoop, &stats);
	cr_assert_eq(stats.unknown_client.port, 0);
	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		play(&stage, &steps[i]);
	snoop_get_stats(stage.snoop, &stats);
	cr_assert_eq(stats.unknown_allocation, 2, "a deletion is no loss");
	cr_assert_str_eq(endpoint_text(&stats.unknown_client, text, sizeof(text)),
			 "10.0.0.11:4000");
	cr_assert_eq(stats.requests, 1);
	cr_assert_eq(stats.successes, 3);
	stage_close(&stage);
}
