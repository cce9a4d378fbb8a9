/* SPDX-License-Identifier: BSD-2-Clause */
/* What a capture file says beside the packets: comments and journal entries, there and back. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "../src/comment.h"
#include "../src/journal.h"
#include "../src/scan.h"
#include "model_events.h"

#define NOW 1714979289123456789LL

static const struct event events[] = {
	{ EVENT_ATTACHED,
	  NOW,
	  { .attachment = { "eth0",
			    7,
			    "generic",
			    "veth: \"tx\"",
			    42,
			    { { 2, 0, 0, 0, 0, 1 } } } } },
	{ EVENT_DETACHED,
	  NOW,
	  { .attachment = { "e=h 0", 7, "native", "asked to end", 1, { { 0 } } } } },
	{ EVENT_MAC_LEARNED,
	  NOW,
	  { .neighbour = { .ip.s6_addr = { 0xfd, 0x90, [15] = 0x30 },
			   .vlan = 4095,
			   .mac = { { 2, 0xab, 0, 0, 0, 0x30 } },
			   .source = RELAY_SOURCE_NDP,
			   .first_seen_ns = NOW - 5,
			   .last_seen_ns = NOW } } },
	{ EVENT_MAC_MOVED,
	  NOW,
	  { .neighbour = { .ip.s6_addr = { [10] = 0xff, [11] = 0xff, 10, 90, 0, 30 },
			   .mac = { { 2, 0, 0, 0, 0, 0x30 } },
			   .has_previous = true,
			   .previous = { { 2, 0, 0, 0, 0, 0x31 } },
			   .moves = UINT32_MAX,
			   .first_seen_ns = 1,
			   .last_seen_ns = NOW } } },
	{ EVENT_BINDING_ADDED,
	  NOW,
	  { .binding = { .slot = MODEL_BINDINGS - 1,
			 .client = { { .s6_addr = { [10] = 0xff, [11] = 0xff, 10, 1, 2, 3 } }, 1 },
			 .server = { { .s6_addr = { [10] = 0xff, [11] = 0xff, 10, 1, 2, 4 } },
				     3478 },
			 .relayed = { { .s6_addr = { 0xfd, [15] = 1 } }, 65535 },
			 .peer = { { .s6_addr = { 0xfd, [15] = 2 } }, 7 },
			 .channel = 0x7fff,
			 .expires_ns = NOW + 600,
			 .why = "channel-bind" } } },
	{ EVENT_BINDING_REFRESHED, NOW, { .binding = { .fixed = true, .why = "option" } } },
	{ EVENT_BINDING_REMOVED, NOW, { .binding = { .why = "" } } },
	{ EVENT_SESSION,
	  NOW,
	  { .session = { .slot = 7,
			 .to_client = true,
			 .counters = { .packets = 10, .bytes = UINT64_MAX, .misses = 1 },
			 .last_used_ns = NOW } } },
	{ EVENT_COUNTERS, NOW, { .counters = { .entries = 3 } } },
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

/* Strings are pointed to, so they are compared by a second text. */
Test(journal, there_and_back)
{
	for (size_t i = 0; i < EVENTS; i++) {
		char text[JOURNAL_SIZE], again[JOURNAL_SIZE];
		size_t length = journal_format(text, &events[i]);
		struct journal_words words;
		struct event event;

		cr_assert(journal_has(events[i].type));
		cr_assert_eq(journal_parse(text, length, &words, &event), 0, "%s", text);
		cr_expect_eq(event.type, events[i].type);
		cr_expect_eq(journal_format(again, &event), length);
		cr_expect_eq(memcmp(text, again, length), 0, "%s\n%s", text, again);
	}
	cr_expect_not(journal_has(EVENT_PASSED_UP));
	cr_expect_not(journal_has(EVENT_NEIGHBOUR));
}

/* Each number finds its place again, even if all of them are as long as they can be. */
Test(journal, counters)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = NOW }, again;
	__u64 *numbers = (__u64 *)&event.counters.totals;
	struct journal_words words;
	char text[JOURNAL_SIZE];
	size_t length;

	for (size_t i = 0; i < sizeof(event.counters.totals) / sizeof(*numbers); i++)
		numbers[i] = UINT64_MAX - i;
	event.counters.entries = UINT64_MAX;
	length = journal_format(text, &event);
	cr_assert_eq(journal_parse(text, length, &words, &again), 0, "%s", text);
	cr_expect_eq(memcmp(&again.counters, &event.counters, sizeof(event.counters)), 0);
}

/* Cut off anywhere, and with any byte changed: read or refused, nothing else. */
Test(journal, hostile)
{
	for (size_t i = 0; i < EVENTS; i++) {
		char text[JOURNAL_SIZE];
		size_t length = journal_format(text, &events[i]);
		struct journal_words words;
		struct event event;

		for (size_t cut = 0; cut < length - 1; cut++)
			if (journal_parse(text, cut, &words, &event) == 0)
				cr_expect_not_null(memchr(text + cut, '\n', length - cut));
		for (size_t at = 0; at < length; at++) {
			char was = text[at];

			for (int value = 0; value < 256; value += 5) {
				text[at] = (char)value;
				if (journal_parse(text, length, &words, &event) == 0 &&
				    event.type >= EVENT_BINDING_ADDED &&
				    event.type <= EVENT_BINDING_REMOVED)
					cr_expect_lt(event.binding.slot, MODEL_BINDINGS);
			}
			text[at] = was;
		}
	}
}

Test(journal, refused)
{
	static const char *const rows[] = {
		"",
		"MESSAGE=of another program\n",
		"FZBPF_EVENT=mac_learned\nFZBPF_TIME=1\n",
		"FZBPF_EVENT=passed_up\nFZBPF_TIME=1\n",
		"FZBPF_TIME=1\nFZBPF_EVENT=\n",
	};
	struct journal_words words;
	struct event event;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(journal_parse(rows[i], strlen(rows[i]), &words, &event), -ENOMSG, "%s",
			     rows[i]);
}

Test(comment, there_and_back)
{
	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++) {
		struct event event = { .type = EVENT_PASSED_UP }, again = { 0 };
		const struct event_passed *passed = &again.passed;
		char text[COMMENT_SIZE];
		size_t length;

		event.passed.reason = reason;
		event.passed.has_channel = reason % 2;
		event.passed.channel = event.passed.has_channel ? 0x4fff : 0;
		event.passed.has_missing = reason % 3;
		if (event.passed.has_missing)
			event.passed.missing = event_ip(reason % 4 ? "10.90.0.30" : "fd90::30");
		event.passed.vlan = (uint16_t)(reason % 5);
		length = comment_format(text, &event, NULL);
		cr_expect_eq(length, strlen(text));
		cr_expect_eq(comment_parse(text, length, &again), 0, "%s", text);
		cr_expect_eq(passed->reason, event.passed.reason, "%s", text);
		cr_expect_eq(passed->has_channel, event.passed.has_channel, "%s", text);
		cr_expect_eq(passed->channel, event.passed.channel, "%s", text);
		cr_expect_eq(passed->has_missing, event.passed.has_missing, "%s", text);
		cr_expect(IN6_ARE_ADDR_EQUAL(&passed->missing, &event.passed.missing), "%s", text);
		cr_expect_eq(passed->vlan, event.passed.vlan, "%s", text);
	}
}

Test(comment, other_verdicts)
{
	struct event relayed = { .type = EVENT_RELAYED,
				 .passed = { .reason = RELAY_REASON_COUNT,
					     .way = { .path = RELAY_PATH_C4_P6,
						      .dst.ip = event_ip("fd90::30"),
						      .mac = event_mac(0x30) },
					     .vlan = 7 } };
	struct event sent = { .type = EVENT_SENT, .passed = { .reason = RELAY_REASON_COUNT } };
	struct event again = { 0 };
	char text[COMMENT_SIZE];

	comment_format(text, &relayed, NULL);
	cr_expect_str_eq(text, "fzbpf verdict=relayed path=c4-p6 next=fd90::30 "
			       "next_mac=02:00:00:00:00:30 vlan=7");
	cr_expect_eq(comment_parse(text, strlen(text), &again), 0);
	cr_expect_eq(again.type, EVENT_RELAYED);
	cr_expect_eq(again.passed.way.path, RELAY_PATH_C4_P6);
	cr_expect_eq(memcmp(&again.passed.way.mac, &relayed.passed.way.mac, 6), 0);
	cr_expect(IN6_ARE_ADDR_EQUAL(&again.passed.way.dst.ip, &relayed.passed.way.dst.ip));
	comment_format(text, &sent, NULL);
	cr_expect_str_eq(text, "fzbpf verdict=sent");
	cr_expect_eq(comment_parse(text, strlen(text), &again), 0);
	cr_expect_eq(again.type, EVENT_SENT);
}

Test(comment, refused)
{
	static const char *const rows[] = {
		"",
		"fzbpf",
		"fzbpf reason=",
		"fzbpf reason=nonsense",
		"someone's comment",
		"fzbpfreason=control",
		"fzbpf class=normal",
		" fzbpf reason=control",
		"fzbpf verdict=relayed",
		"fzbpf verdict=relayed path=c4-p4 next=10.0.0.1",
		"fzbpf verdict=relayed path=c5-p4 next=10.0.0.1 next_mac=02:00:00:00:00:01",
		"fzbpf verdict=sent reason=control",
		"fzbpf verdict=lost",
	};
	struct event event = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(comment_parse(rows[i], strlen(rows[i]), &event), -ENOMSG, "%s",
			     rows[i]);
	cr_expect_eq(comment_parse("fzbpf reason=control new=1 x", 28, &event), 0);
	cr_expect_eq(event.type, EVENT_PASSED_UP);
	cr_expect_eq(event.passed.reason, RELAY_REASON_CONTROL);
}

Test(scan, endpoints)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{ "10.0.0.1:1", true },
		{ "[fd00::1]:65535", true },
		{ "10.0.0.1:0", true },
		{ "10.0.0.1", false },
		{ "10.0.0.1:", false },
		{ "10.0.0.1:65536", false },
		{ "fd00::1:1", false },
		{ "[fd00::1]", false },
		{ "[fd00::1]1", false },
		{ "[10.0.0.1]:1", false },
		{ "", false },
		{ ":", false },
		{ "[]:1", false },
		{ "10.0.0.1:1 ", false },
		{ "10.0.0.1:-1", false },
	};
	struct endpoint endpoint;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(scan_endpoint(rows[i].text, &endpoint), rows[i].ok, "%s",
			     rows[i].text);
}

Test(scan, macs)
{
	static const char *const rows[] = { "",
					    "02:00:00:00:00",
					    "02:00:00:00:00:0",
					    "02:00:00:00:00:001",
					    "02-00-00-00-00-01",
					    "02:00:00:00:00:0G" };
	struct mac mac = { { 0 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_not(scan_mac(rows[i], &mac), "%s", rows[i]);
	cr_expect(scan_mac("02:ab:0c:00:00:f1", &mac));
	cr_expect_eq(memcmp(mac.octet, "\x02\xab\x0c\x00\x00\xf1", 6), 0);
}
