/* SPDX-License-Identifier: BSD-2-Clause */
/* Batch output into memory, and one event of each kind. */
#include "batch_bench.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

void batch_bench_open(struct batch_bench *bench, bool json, bool quiet)
{
	struct batch_options options = { .json = json, .quiet = quiet };

	memset(bench, 0, sizeof(*bench));
	bench->out = open_memstream(&bench->text, &bench->size);
	bench->model = calloc(1, sizeof(*bench->model));
	cr_assert(bench->out && bench->model);
	cr_assert_eq(batch_open(bench->out, &options, &bench->batch), 0);
}

void batch_bench_close(struct batch_bench *bench)
{
	batch_close(bench->batch);
	fclose(bench->out);
	free(bench->text);
	free(bench->model);
}

char *batch_bench_line(const struct batch_bench *bench, size_t index)
{
	const char *line = bench->text;

	while (index-- > 0) {
		line = strchr(line, '\n');
		cr_assert(line);
		line++;
	}
	cr_assert(strchr(line, '\n'));
	return strndup(line, strcspn(line, "\n"));
}

struct in6_addr batch_bench_ip(const char *text)
{
	struct in6_addr address;
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	cr_assert_eq(inet_pton(AF_INET6, mapped, &address), 1);
	return address;
}

static struct endpoint endpoint(const char *text, uint16_t port)
{
	return (struct endpoint){ .ip = batch_bench_ip(text), .port = port };
}

static struct mac mac(uint8_t last)
{
	return (struct mac){ { 0x02, 0xab, 0, 0, 0, last } };
}

struct event batch_bench_attachment(enum event_type type)
{
	struct event event = { .type = type, .time_ns = NOON_NS };

	strcpy(event.attachment.interface, "eth0");
	event.attachment.ifindex = 7;
	event.attachment.mode = "generic";
	event.attachment.reason = "veth";
	event.attachment.program_id = 42;
	event.attachment.mac = mac(0x20);
	return event;
}

struct event batch_bench_neighbour(enum event_type type)
{
	struct event event = { .type = type, .time_ns = NOON_NS };

	event.neighbour.ip = batch_bench_ip("10.90.0.30");
	event.neighbour.vlan = 5;
	event.neighbour.mac = mac(0x30);
	event.neighbour.has_previous = type == EVENT_MAC_MOVED;
	event.neighbour.previous = mac(0x31);
	event.neighbour.source = RELAY_SOURCE_ARP;
	event.neighbour.moves = 4;
	return event;
}

struct event batch_bench_binding(enum event_type type)
{
	struct event event = { .type = type, .time_ns = NOON_NS };

	event.binding.client = endpoint("fd90::10", 50000);
	event.binding.server = endpoint("fd90::20", 3478);
	event.binding.relayed = endpoint("10.90.0.20", 49152);
	event.binding.peer = endpoint("10.90.0.30", 3480);
	event.binding.channel = 0x4001;
	event.binding.expires_ns = NOON_NS + 600 * SECOND_NS;
	event.binding.why = "channel-bind";
	return event;
}

struct event batch_bench_miss(void)
{
	struct event event = { .type = EVENT_PASSED_UP, .time_ns = NOON_NS };

	event.passed.reason = RELAY_REASON_NO_MAC;
	event.passed.length = 54;
	event.passed.has_ip = event.passed.has_ports = true;
	event.passed.src = endpoint("10.90.0.10", 50000);
	event.passed.dst = endpoint("10.90.0.20", 3478);
	event.passed.src_mac = mac(0x10);
	event.passed.dst_mac = mac(0x20);
	event.passed.has_missing = true;
	event.passed.missing = batch_bench_ip("10.90.0.30");
	event.passed.has_channel = true;
	event.passed.channel = 0x4001;
	return event;
}

struct event batch_bench_counters(void)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = NOON_NS };
	struct relay_counters *totals = &event.counters.totals;

	for (unsigned int i = 0; i < RELAY_REASON_COUNT; i++)
		totals->passed[i] = i;
	totals->passed[RELAY_REASON_NOT_IP] = 0;
	for (unsigned int i = 0; i < RELAY_PATH_COUNT; i++)
		totals->paths[i] = 1000 + i;
	for (unsigned int i = 0; i < RELAY_REFUSAL_COUNT; i++)
		totals->refused[i] = 100 + i;
	totals->relayed_bytes = 987654321;
	totals->checksum_repaired = 3;
	event.counters.entries = 12;
	return event;
}

void batch_bench_set_class(struct model *model, const struct event *event, enum relay_class class)
{
	struct model_packet *packet = &model->packets[model->packet_next++ % MODEL_PACKETS];

	packet->time_ns = event->time_ns;
	packet->reason = event->passed.reason;
	packet->class = class;
}

void batch_bench_fill_tables(struct model *model)
{
	struct model_neighbour *rows = model->neighbours;
	struct model_binding *binding = &model->bindings[3];

	rows[0].ip = batch_bench_ip("10.90.0.30");
	rows[0].witnessed = true;
	rows[0].mac = mac(0x30);
	rows[0].vlan = 5;
	rows[0].last_seen_ns = NOON_NS - 3 * SECOND_NS;
	rows[0].moves = 2;
	rows[0].hits.total = 100;
	rows[0].misses.total = 1;
	rows[1].ip = batch_bench_ip("10.90.0.99");
	rows[1].misses.total = 7;
	rows[2].ip = batch_bench_ip("10.90.0.98");
	rows[2].witnessed = rows[2].evicted = true;
	model->neighbour_count = 3;

	binding->used = true;
	binding->channel = 0x4001;
	binding->client = endpoint("10.90.0.10", 50000);
	binding->server = endpoint("10.90.0.20", 3478);
	binding->relayed = endpoint("10.90.0.20", 49152);
	binding->peer = endpoint("10.90.0.30", 3480);
	binding->expires_ns = NOON_NS + 1500000000;
	binding->to_peer.packets.total = 10;
	binding->to_peer.bytes.total = 1000;
	binding->to_peer.misses.total = 1;
	binding->to_client.packets.total = 9;
	model->binding_count = 1;
	model->binding_end = 5;
}

void batch_bench_write_everything(struct batch_bench *bench)
{
	struct event events[] = {
		batch_bench_attachment(EVENT_ATTACHED),
		batch_bench_neighbour(EVENT_MAC_LEARNED),
		batch_bench_neighbour(EVENT_MAC_MOVED),
		batch_bench_binding(EVENT_BINDING_ADDED),
		batch_bench_binding(EVENT_BINDING_REFRESHED),
		batch_bench_binding(EVENT_BINDING_REMOVED),
		batch_bench_miss(),
		batch_bench_attachment(EVENT_DETACHED),
		batch_bench_counters(),
	};

	/* Names and texts that want to harm a terminal. */
	memcpy(events[0].attachment.interface, "e\x1b[2J\n\"\\\xff", 9);
	events[0].attachment.reason = "\x1b]0;title\a \xc3";
	events[3].binding.why = "\x9b"
				"31m";
	batch_bench_fill_tables(bench->model);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		cr_assert_eq(batch_event(bench->batch, &events[i], bench->model), 0);
	cr_assert_eq(batch_tables(bench->batch, bench->model, NOON_NS), 0);
}
