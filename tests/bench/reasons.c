/* SPDX-License-Identifier: BSD-2-Clause */
/* For every reason to pass a frame up, frames that have it. */
#include "cases.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stddef.h>
#include <string.h>

#include "../../bpf/relay_handle.h"
#include "network.h"
#include "relay.skel.h"

#define IP4 ETH_HLEN
#define UDP4 (IP4 + 20)
#define DATA4 (UDP4 + 8)
#define IP6 ETH_HLEN
#define CRAMPED_HEADROOM 8
#define CRAMPED_DATA 400

/* How a reason is provoked: a usual frame of the path, changed at one place. */
struct provocation {
	enum relay_reason reason;
	enum relay_path path;
	uint32_t at; /* 0 = nothing is written */
	uint16_t word;
	uint16_t data_length; /* 0 = the usual */
	uint16_t cut;	      /* 0 = the whole frame, else its length */
	struct frame_oddities oddities;
};

#define ON(reason_id, path_id) .reason = RELAY_REASON_##reason_id, .path = RELAY_PATH_##path_id

static const struct provocation provocations[] = {
	{ ON(NOT_IP, C4_P4), .at = 12, .word = ETH_P_LLDP },
	{ ON(ARP, C4_P4), .at = 12, .word = ETH_P_ARP },
	{ ON(NOT_UDP, C4_P4), .oddities.protocol = IPPROTO_TCP },
	{ ON(TOO_SHORT, C6_P6), .cut = 40 },
	{ ON(BAD_HEADER, C4_P4), .at = IP4 + 2, .word = 1400 },
	{ ON(IP_OPTIONS, C4_P4), .at = IP4, .word = 0x4600 },
	{ ON(EXT_HEADER, C6_P6), .oddities.protocol = IPPROTO_DSTOPTS },
	{ ON(FRAGMENT, C4_P4), .at = IP4 + 6, .word = 0x2000 },
	{ ON(NOT_FOR_US, C4_P4), .at = 4, .word = 0x4444 },
	{ ON(NOT_TURN, C4_P4), .at = UDP4 + 2, .word = 53 },
	{ ON(CONTROL, C4_P4), .at = DATA4, .word = 0x0016 },
	{ ON(BAD_CHANNEL_LENGTH, C4_P4), .at = DATA4 + 2, .word = 1400 },
	{ ON(NO_BINDING, C4_P4), .at = DATA4, .word = 0x5555 },
	{ ON(NO_MAC, C4_P6) },
	{ ON(STALE_MAC, C4_P4) },
	{ ON(NO_CHECKSUM, C4_P6), .oddities.sum = SUM_NONE },
	{ ON(UNFINISHED, C4_P4), .oddities.sum = SUM_AMBIGUOUS },
	{ ON(TTL, C4_P4), .oddities.ttl = 1 },
	{ ON(TOO_BIG, C4_P6), .data_length = 1460 },
	{ ON(NO_HEADROOM, C4_P6), .data_length = CRAMPED_DATA },
	{ ON(OBSERVING, C4_P4) },
};

const char *cases_reason(enum relay_reason reason)
{
	static const char *const labels[] = {
#define X(id, label, ...) [RELAY_REASON_##id] = label,
		RELAY_REASONS(X)
#undef X
	};

	return labels[reason];
}

/* STUN needs its cookie as well. */
static void put_cookie(uint8_t *at)
{
	static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };

	memcpy(at, cookie, sizeof(cookie));
}

static void put_arp(uint8_t *at, const struct frame_flow *flow)
{
	static const uint8_t request[] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	memcpy(at, request, sizeof(request));
	memcpy(at + 8, flow->src_mac.octet, ETH_ALEN);
	memcpy(at + 14, flow->src.ip.s6_addr + 12, 4);
}

static void provoke(void *context, uint32_t i, struct frame_bytes *ret)
{
	const struct provocation *how = context;
	uint16_t word = htons(how->word);
	struct frame_flow flow;

	network_flow(how->path, i, &flow);
	frame_build(&flow, &how->oddities, how->data_length ? how->data_length : CASES_DATA, ret);
	if (how->at)
		memcpy(ret->data + how->at, &word, sizeof(word));
	if (how->reason == RELAY_REASON_NO_HEADROOM)
		memset(ret->data + BENCH_RESTORED, 0, ret->length - BENCH_RESTORED);
	if (how->cut)
		ret->length = how->cut;
	if (how->reason == RELAY_REASON_CONTROL)
		put_cookie(ret->data + DATA4 + 4);
	if (how->reason == RELAY_REASON_ARP)
		put_arp(ret->data + ETH_HLEN, &flow);
}

static void observe(void *context, bool begin)
{
	struct relay *relay = context;

	relay->bpf->bss->live.relaying = !begin;
}

static void be_generic(void *context, bool begin)
{
	struct relay *relay = context;

	relay->bpf->bss->live.generic = begin;
}

int cases_add_reasons(struct cases *cases)
{
	const struct hosts *hosts = cases->hosts;
	int error = 0;
	size_t i;

	for (i = 0; i < sizeof(provocations) / sizeof(*provocations) && !error; i++) {
		struct provocation how = provocations[i];
		bool forgets =
			how.reason == RELAY_REASON_NO_MAC || how.reason == RELAY_REASON_STALE_MAC;
		struct relay *relay =
			forgets ? hosts->relays[HOST_FORGETFUL] : hosts->relays[HOST_USUAL];
		struct harness_case *added =
			cases_add(cases, CASES_REASON, cases_reason(how.reason), relay,
				  offsetof(struct relay_counters, passed[how.reason]));

		added->verdict = XDP_PASS;
		added->context = relay;
		if (how.reason == RELAY_REASON_OBSERVING)
			added->arrange = observe;
		if (how.reason == RELAY_REASON_UNFINISHED)
			added->arrange = be_generic;
		error = harness_feed(added, how.cut ? 1 : CASES_FLOWS, provoke, &how);
		if (how.reason == RELAY_REASON_NO_HEADROOM)
			harness_cramp(added, CRAMPED_HEADROOM);
	}
	return error;
}
