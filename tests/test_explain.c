/* SPDX-License-Identifier: BSD-2-Clause */
/* Every reason explained: which check it stopped at, and what was seen there. */
#include <criterion/criterion.h>
#include <string.h>

#include "../src/explain.h"
#include "../src/labels.h"
#include "fixture.h"

static struct model *model;

static void fill(void)
{
	model = fixture_warm();
}

static void clear(void)
{
	model_free(model);
}

TestSuite(explain, .init = fill, .fini = clear);

static struct model_packet channel_data(enum relay_reason reason, uint16_t channel)
{
	struct model_packet packet = {
		.time_ns = FIXTURE_NOW - FIXTURE_SECOND,
		.reason = reason,
		.has_ip = true,
		.has_ports = true,
		.has_channel = true,
		.channel = channel,
		.src = fixture_endpoint("10.89.7.1", 50000),
		.dst = fixture_endpoint("10.89.7.3", 3478),
		.src_mac = fixture_mac(1),
		.dst_mac = fixture_mac(3),
	};

	fixture_frame(&packet, 8);
	return packet;
}

static void explain(const struct model_packet *packet, struct explain *ret)
{
	struct dissection frame;

	dissect(packet->frame, packet->captured, packet->length, model->turn_port, &frame);
	explain_packet(model, packet, &frame, ret);
}

/* The one check that failed; all before it are fine, all behind it were not reached. */
static const struct explain_check *failed_check(const struct explain *explain)
{
	const struct explain_check *failed = NULL;

	for (size_t i = 0; i < explain->count; i++) {
		const struct explain_check *check = &explain->checks[i];

		if (failed)
			cr_expect_eq(check->result, EXPLAIN_NOT_REACHED);
		else if (check->result == EXPLAIN_NOT)
			failed = check;
		else
			cr_expect_eq(check->result, EXPLAIN_OK);
	}
	return failed;
}

static const struct {
	enum relay_reason reason;
	size_t offset; /* of a byte to change first */
	uint8_t value;
	const char *question, *seen;
	size_t mark; /* first byte that decided */
} cases[] = {
	{ RELAY_REASON_TOO_SHORT, 0, 2, "headers are whole", "54 bytes", 0 },
	{ RELAY_REASON_NOT_IP, 12, 0x99, "IPv4 or IPv6", "type 0x9900", 12 },
	{ RELAY_REASON_BAD_HEADER, 17, 99, "IP header is sound", "length 99 in a frame of 54", 14 },
	{ RELAY_REASON_BAD_HEADER, 39, 99, "UDP length is sound", "UDP length 99, IP payload 20",
	  38 },
	{ RELAY_REASON_NOT_FOR_US, 0, 2, "sent to our MAC", "ours is 02:89:00:00:00:03", 0 },
	{ RELAY_REASON_NOT_UDP, 23, 6, "UDP", "protocol 6", 23 },
	{ RELAY_REASON_FRAGMENT, 20, 0x20, "not a fragment", "more follow", 20 },
	{ RELAY_REASON_IP_OPTIONS, 14, 0x46, "no IP options", "header of 24 bytes", 14 },
	{ RELAY_REASON_CONTROL, 42, 0, "channel data", "neither", 42 },
	{ RELAY_REASON_NOT_TURN, 42, 0x90, "channel data", "neither", 42 },
	{ RELAY_REASON_BAD_CHANNEL_LENGTH, 45, 99, "channel length fits",
	  "length 99, but 8 bytes follow", 44 },
	{ RELAY_REASON_TTL, 22, 1, "TTL or hop limit > 1", "1", 22 },
	{ RELAY_REASON_NO_CHECKSUM, 40, 0, "checksum if IPv6 is on", "0x00bc", 40 },
	{ RELAY_REASON_TOO_BIG, 0, 2, "result fits the MTU", "MTU 1500", 16 },
	{ RELAY_REASON_OBSERVING, 0, 2, "relaying is on", "--no-relay", 0 },
	{ RELAY_REASON_UNFINISHED, 0, 2, "checksum is told apart", "0x9abc", 40 },
	{ RELAY_REASON_NO_HEADROOM, 0, 2, "room for the header", "native mode", 0 },
	{ RELAY_REASON_INTERNAL, 0, 2, "room for the header", "native mode", 0 },
};

Test(explain, reasons)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model_packet packet = channel_data(cases[i].reason, 0x4000);
		const struct explain_check *failed;
		struct explain seen;

		packet.frame[cases[i].offset] = cases[i].value;
		packet.has_channel = packet.frame[42] == 0x40;
		explain(&packet, &seen);
		failed = failed_check(&seen);
		cr_assert(failed, "%s", label_reason(cases[i].reason));
		cr_expect_str_eq(failed->question, cases[i].question);
		cr_expect(strstr(failed->value, cases[i].seen), "%s: %s",
			  label_reason(cases[i].reason), failed->value);
		if (cases[i].mark)
			cr_expect_eq(seen.marks[0].offset, cases[i].mark, "%s",
				     label_reason(cases[i].reason));
		cr_expect(strstr(seen.verdict, label_reason(cases[i].reason)));
		cr_expect(seen.next[0]);
	}
}

Test(explain, every_reason_has_a_check_without_any_bytes)
{
	for (int reason = 0; reason < RELAY_REASON_COUNT; reason++) {
		struct model_packet packet = { .reason = (enum relay_reason)reason };
		struct explain seen;

		/* for IPv6 packets */
		if (reason == RELAY_REASON_EXT_HEADER) {
			packet.has_ip = true;
			packet.src = fixture_endpoint("fd00::1", 0);
		}
		if (reason == RELAY_REASON_BAD_CHANNEL_LENGTH || reason == RELAY_REASON_CONTROL) {
			packet.has_ports = true;
			packet.dst.port = model->turn_port;
		}
		explain(&packet, &seen);
		cr_expect(failed_check(&seen), "%s", label_reason((enum relay_reason)reason));
	}
}

Test(explain, miss)
{
	struct model_packet packet = channel_data(RELAY_REASON_NO_MAC, 0x4001);
	const struct explain_check *failed;
	struct explain seen;

	packet.has_missing = true;
	packet.missing = fixture_ip("10.89.7.9");
	explain(&packet, &seen);
	failed = failed_check(&seen);
	cr_assert(failed);
	cr_expect_str_eq(failed->question, "MAC of the next hop");
	cr_expect_str_eq(failed->value, "10.89.7.9 was never witnessed; the kernel asked in vain");
	cr_expect_str_eq(seen.binding,
			 "10.89.7.1:50000 0x4001 > 10.89.7.3:49161 > 10.89.7.9:6000, 410 s left");
	cr_expect_str_eq(seen.neighbour, failed->value);
	cr_expect(strstr(seen.next, "is 10.89.7.9 up"));
}

Test(explain, miss_that_is_over)
{
	struct model_packet packet = channel_data(RELAY_REASON_NO_MAC, 0x4000);
	const struct explain_check *failed;
	struct explain seen;

	packet.has_missing = true;
	packet.missing = fixture_ip("10.89.7.200");
	model_ingest(model, &(struct event){ .type = EVENT_MAC_LEARNED,
					     .time_ns = FIXTURE_NOW,
					     .neighbour = { .ip = packet.missing,
							    .mac = fixture_mac(200),
							    .first_seen_ns = FIXTURE_NOW,
							    .last_seen_ns = FIXTURE_NOW } });
	explain(&packet, &seen);
	failed = failed_check(&seen);
	cr_assert(failed);
	cr_expect_str_eq(failed->value, "10.89.7.200: unknown then; its MAC has been seen since");
	cr_expect(strstr(seen.next, "nothing"));
}

Test(explain, no_binding)
{
	struct model_packet packet = channel_data(RELAY_REASON_NO_BINDING, 0x4fff);
	struct explain seen;

	explain(&packet, &seen);
	cr_expect_str_eq(failed_check(&seen)->value, "none for channel 0x4fff of 10.89.7.1:50000");
	packet = channel_data(RELAY_REASON_NO_BINDING, 0x4001);
	model->bindings[1].bound_ns = packet.time_ns + FIXTURE_SECOND / 4;
	explain(&packet, &seen);
	cr_expect_str_eq(failed_check(&seen)->value, "none then; bound 250 ms later");
	packet.has_channel = false;
	packet.src = fixture_endpoint("10.89.7.254", 53);
	packet.dst.port = 49199;
	explain(&packet, &seen);
	cr_expect_str_eq(failed_check(&seen)->value, "none for 10.89.7.254:53 at port 49199");
}

Test(explain, next_hop_behind_an_own_relayed_address)
{
	struct model_binding *binding = &model->bindings[0];
	struct in6_addr other = fixture_ip("10.89.7.2");

	cr_expect_eq(explain_next_hop(model, binding, false), &binding->peer.ip);
	cr_expect_eq(explain_next_hop(model, binding, true), &binding->client.ip);
	binding->peer = model->bindings[2].relayed;
	cr_expect_arr_eq(explain_next_hop(model, binding, false), &other, sizeof(other));
}

/* Of a capture file: all checks passed, or none was made. */
Test(explain, packets_that_were_not_passed_up)
{
	struct model_packet packet = channel_data(RELAY_REASON_COUNT, 0x4000);
	struct explain said;

	packet.type = EVENT_RELAYED;
	packet.way = (struct event_way){ .path = RELAY_PATH_C4_P4,
					 .dst = fixture_endpoint("10.89.7.2", 0),
					 .mac = fixture_mac(9) };
	explain(&packet, &said);
	cr_expect_null(failed_check(&said));
	cr_expect_gt(said.count, 10);
	cr_expect(strstr(said.verdict, "c4-p4, to 10.89.7.2 at 02:89:00:00:00:09"), "%s",
		  said.verdict);
	packet.type = EVENT_SENT;
	explain(&packet, &said);
	cr_expect_eq(said.count, 0);
	cr_expect(strstr(said.verdict, "sent by the relay's own host"), "%s", said.verdict);
}
