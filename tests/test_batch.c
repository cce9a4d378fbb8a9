/* SPDX-License-Identifier: BSD-2-Clause */
/* Batch output as JSON Lines: the fields of every line, and its sums. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch_bench.h"
#include "json_reader.h"

/* What every line has, as strings. */
static void expect_head(const char *line)
{
	char value[512], raw[16];

	cr_assert(json_is_valid(line), "%s", line);
	cr_assert(json_get(line, "time", value, sizeof(value)));
	cr_expect_eq(strlen(value), 30, "%s", value);
	cr_expect_eq(value[29], 'Z');
	cr_assert(json_get(line, "severity", value, sizeof(value)));
	snprintf(raw, sizeof(raw), " %s ", value);
	cr_expect(strstr(" DEBUG INFO WARN ERROR ", raw), "%s", value);
	cr_assert(json_get(line, "message", value, sizeof(value)));
	cr_expect(strlen(value) > 5 && strcmp(value, "null") != 0, "%s", value);
	cr_expect(json_get(line, "event", value, sizeof(value)));
}

static void expect_value(const char *line, const char *path, const char *expected)
{
	char value[512];

	cr_assert(json_get(line, path, value, sizeof(value)), "%s in %s", path, line);
	cr_expect_str_eq(value, expected, "%s: %s", path, value);
}

static void expect_fields(const char *line, const char *const fields[][2], size_t count)
{
	expect_head(line);
	for (size_t i = 0; i < count; i++)
		expect_value(line, fields[i][0], fields[i][1]);
}

#define EXPECT_FIELDS(line, ...)                                                 \
	do {                                                                     \
		static const char *const fields[][2] = { __VA_ARGS__ };          \
		expect_fields(line, fields, sizeof(fields) / sizeof(fields[0])); \
	} while (0)

Test(batch, attached_and_detached)
{
	struct event event = batch_bench_attachment(EVENT_ATTACHED);
	struct batch_bench bench;
	char *line;

	batch_bench_open(&bench, true, false);
	bench.model->own[0] = batch_bench_ip("10.90.0.20");
	bench.model->own[1] = batch_bench_ip("fd90::20");
	bench.model->own_count = 2;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	event.type = EVENT_DETACHED;
	event.attachment.mode = event.attachment.reason = NULL;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	batch_ending(bench.batch);
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);

	line = batch_bench_line(&bench, 0);
	EXPECT_FIELDS(line, { "time", "2024-05-06T07:08:09.123456789Z" }, { "severity", "INFO" },
		      { "message", "attached to eth0 in generic mode as program 42: veth" },
		      { "event", "attached" }, { "interface", "eth0" }, { "ifindex", "7" },
		      { "mode", "generic" }, { "program_id", "42" }, { "mac", "02:ab:00:00:00:20" },
		      { "addresses/0", "10.90.0.20" }, { "addresses/1", "fd90::20" },
		      { "reason", "veth" });
	free(line);
	line = batch_bench_line(&bench, 1);
	EXPECT_FIELDS(line, { "event", "detached" }, { "severity", "WARN" }, { "reason", "null" });
	free(line);
	line = batch_bench_line(&bench, 2);
	EXPECT_FIELDS(line, { "event", "detached" }, { "severity", "INFO" });
	free(line);
	batch_bench_close(&bench);
}

Test(batch, addresses_learned_and_moved)
{
	struct event learned = batch_bench_neighbour(EVENT_MAC_LEARNED);
	struct event moved = batch_bench_neighbour(EVENT_MAC_MOVED);
	struct batch_bench bench;
	char *line, value[8];

	batch_bench_open(&bench, true, false);
	cr_expect_eq(batch_event(bench.batch, &learned, bench.model), 0);
	cr_expect_eq(batch_event(bench.batch, &moved, bench.model), 0);
	line = batch_bench_line(&bench, 0);
	EXPECT_FIELDS(line, { "event", "mac_learned" }, { "ip", "10.90.0.30" },
		      { "mac", "02:ab:00:00:00:30" }, { "vlan", "5" }, { "source", "arp" });
	cr_expect_not(json_get(line, "previous_mac", value, sizeof(value)));
	free(line);
	line = batch_bench_line(&bench, 1);
	EXPECT_FIELDS(line, { "event", "mac_moved" }, { "severity", "WARN" },
		      { "previous_mac", "02:ab:00:00:00:31" }, { "source", "arp" });
	cr_expect(strstr(line, "two hosts"));
	free(line);
	batch_bench_close(&bench);
}

Test(batch, bindings_come_and_go)
{
	static const char *const names[] = { "binding_added", "binding_refreshed",
					     "binding_removed" };
	struct event event;
	struct batch_bench bench;
	char *line;

	batch_bench_open(&bench, true, false);
	for (int i = 0; i < 3; i++) {
		event = batch_bench_binding(EVENT_BINDING_ADDED + i);
		cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
		line = batch_bench_line(&bench, (size_t)i);
		EXPECT_FIELDS(line, { "client", "[fd90::10]:50000" }, { "channel", "16385" },
			      { "relayed", "10.90.0.20:49152" }, { "peer", "10.90.0.30:3480" },
			      { "server", "[fd90::20]:3478" }, { "expires_in", "600" },
			      { "why", "channel-bind" });
		expect_value(line, "event", names[i]);
		free(line);
	}
	event.binding.fixed = true;
	batch_event(bench.batch, &event, bench.model);
	event.binding.fixed = false;
	event.binding.expires_ns = NOON_NS - SECOND_NS;
	batch_event(bench.batch, &event, bench.model);
	line = batch_bench_line(&bench, 3);
	expect_value(line, "expires_in", "null");
	free(line);
	line = batch_bench_line(&bench, 4);
	expect_value(line, "expires_in", "0");
	free(line);
	batch_bench_close(&bench);
}

Test(batch, passed_up_in_each_class)
{
	static const struct {
		enum relay_reason reason;
		enum relay_class class;
		const char *class_name, *severity;
	} rows[] = {
		{ RELAY_REASON_CONTROL, RELAY_CLASS_NORMAL, "normal", "DEBUG" },
		{ RELAY_REASON_NO_MAC, RELAY_CLASS_WARMING, "warming", "INFO" },
		{ RELAY_REASON_NO_MAC, RELAY_CLASS_PROBLEM, "problem", "WARN" },
		{ RELAY_REASON_INTERNAL, RELAY_CLASS_PROBLEM, "problem", "ERROR" },
	};
	struct event event = batch_bench_miss();
	struct batch_bench bench;
	char *line;

	batch_bench_open(&bench, true, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		event.passed.reason = rows[i].reason;
		batch_bench_set_class(bench.model, &event, rows[i].class);
		cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
		line = batch_bench_line(&bench, i);
		EXPECT_FIELDS(line, { "event", "passed_up" }, { "src", "10.90.0.10:50000" },
			      { "dst", "10.90.0.20:3478" }, { "src_mac", "02:ab:00:00:00:10" },
			      { "dst_mac", "02:ab:00:00:00:20" }, { "length", "54" },
			      { "missing_ip", "10.90.0.30" }, { "channel", "16385" });
		expect_value(line, "class", rows[i].class_name);
		expect_value(line, "severity", rows[i].severity);
		free(line);
	}
	batch_bench_close(&bench);
}

Test(batch, packets_of_a_file)
{
	struct event event = { .type = EVENT_RELAYED,
			       .time_ns = NOON_NS,
			       .passed = { .reason = RELAY_REASON_COUNT,
					   .length = 60,
					   .has_ip = true,
					   .src.ip = batch_bench_ip("10.0.0.1"),
					   .dst.ip = batch_bench_ip("10.0.0.2"),
					   .has_channel = true,
					   .channel = 0x4001,
					   .way = { .path = RELAY_PATH_C4_P6,
						    .dst.ip = batch_bench_ip("fd90::1"),
						    .mac = { { 2, 0, 0, 0, 0, 9 } } } } };
	struct batch_bench bench;
	char *line;

	batch_bench_open(&bench, true, false);
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	event.type = EVENT_SENT;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	line = batch_bench_line(&bench, 0);
	EXPECT_FIELDS(line, { "event", "relayed" }, { "severity", "DEBUG" }, { "path", "c4-p6" },
		      { "src", "10.0.0.1" }, { "dst", "10.0.0.2" }, { "length", "60" },
		      { "channel", "16385" }, { "next_ip", "fd90::1" },
		      { "next_mac", "02:00:00:00:00:09" });
	free(line);
	line = batch_bench_line(&bench, 1);
	EXPECT_FIELDS(line, { "event", "sent" }, { "severity", "DEBUG" }, { "dst", "10.0.0.2" });
	free(line);
	batch_bench_close(&bench);
}

/* Without the packet in the model, the class is that of the reason as a whole. */
Test(batch, passed_up_with_little_known)
{
	struct event event = { .type = EVENT_PASSED_UP, .time_ns = NOON_NS };
	struct batch_bench bench;
	char *line, value[8];

	batch_bench_open(&bench, true, false);
	event.passed.reason = RELAY_REASON_TOO_SHORT;
	event.passed.length = 14;
	bench.model->reasons[RELAY_REASON_TOO_SHORT].class = RELAY_CLASS_PROBLEM;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	event.passed.has_ip = true;
	event.passed.src.ip = batch_bench_ip("fd90::1");
	event.passed.dst.ip = batch_bench_ip("10.0.0.1");
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	line = batch_bench_line(&bench, 0);
	EXPECT_FIELDS(line, { "reason", "too-short" }, { "class", "problem" }, { "src", "null" },
		      { "dst", "null" }, { "src_mac", "00:00:00:00:00:00" }, { "length", "14" });
	cr_expect_not(json_get(line, "missing_ip", value, sizeof(value)));
	cr_expect_not(json_get(line, "channel", value, sizeof(value)));
	free(line);
	line = batch_bench_line(&bench, 1);
	EXPECT_FIELDS(line, { "src", "fd90::1" }, { "dst", "10.0.0.1" });
	free(line);
	batch_bench_close(&bench);
}

static unsigned long long number_at(const char *line, const char *path)
{
	char value[32];

	cr_assert(json_get(line, path, value, sizeof(value)), "%s", path);
	return strtoull(value, NULL, 10);
}

Test(batch, counters_have_every_name_and_add_up)
{
	struct event attached = batch_bench_attachment(EVENT_ATTACHED);
	struct event event = batch_bench_counters();
	unsigned long long passed = 0, paths = 0;
	struct batch_bench bench;
	char *line;

	batch_bench_open(&bench, true, false);
	cr_expect_eq(batch_event(bench.batch, &attached, bench.model), 0);
	event.time_ns += 500000000;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	event.time_ns += SECOND_NS;
	event.counters.totals.lost = 5;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	event.time_ns -= 10 * SECOND_NS; /* the clock was set back */
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);

	line = batch_bench_line(&bench, 1);
	EXPECT_FIELDS(line, { "event", "counters" }, { "severity", "INFO" },
		      { "relayed_bytes", "987654321" }, { "learned", "12" },
		      { "checksum_repaired", "3" }, { "lost", "0" }, { "interval", "0.5" },
		      { "passed/not-ip", "0" });
#define X(id, label, class, miss, means, next) passed += number_at(line, "passed/" label);
	RELAY_REASONS(X)
#undef X
#define X(id, label) paths += number_at(line, "paths/" label);
	RELAY_PATHS(X)
#undef X
#define X(id, label) \
	cr_expect_eq(number_at(line, "learn_refused/" label), 100 + RELAY_REFUSAL_##id);
	RELAY_REFUSALS(X)
#undef X
	cr_expect_eq(number_at(line, "relayed"), paths);
	cr_expect_eq(number_at(line, "seen"), paths + passed);
	cr_expect_eq(number_at(line, "misses"),
		     (unsigned int)RELAY_REASON_NO_MAC + RELAY_REASON_STALE_MAC);
	free(line);
	line = batch_bench_line(&bench, 2);
	EXPECT_FIELDS(line, { "severity", "WARN" }, { "lost", "5" }, { "interval", "1" });
	free(line);
	line = batch_bench_line(&bench, 3);
	EXPECT_FIELDS(line, { "severity", "INFO" }, { "interval", "0" });
	free(line);
	batch_bench_close(&bench);
}

Test(batch, tables)
{
	struct batch_bench bench;
	char *line, value[8];

	batch_bench_open(&bench, true, false);
	cr_expect_eq(batch_tables(bench.batch, bench.model, NOON_NS), 0);
	batch_bench_fill_tables(bench.model);
	cr_expect_eq(batch_tables(bench.batch, bench.model, NOON_NS), 0);
	line = batch_bench_line(&bench, 0);
	EXPECT_FIELDS(line, { "event", "neighbors" }, { "neighbors", "[]" });
	free(line);
	line = batch_bench_line(&bench, 1);
	EXPECT_FIELDS(line, { "event", "bindings" }, { "bindings", "[]" });
	free(line);
	line = batch_bench_line(&bench, 2);
	EXPECT_FIELDS(line, { "event", "neighbors" }, { "neighbors/0/ip", "10.90.0.30" },
		      { "neighbors/0/mac", "02:ab:00:00:00:30" }, { "neighbors/0/vlan", "5" },
		      { "neighbors/0/age", "3" }, { "neighbors/0/moves", "2" },
		      { "neighbors/0/hits", "100" }, { "neighbors/0/misses", "1" },
		      { "neighbors/1/ip", "10.90.0.99" }, { "neighbors/1/mac", "null" },
		      { "neighbors/1/misses", "7" });
	cr_expect_not(json_get(line, "neighbors/2", value, sizeof(value)), "evicted");
	free(line);
	line = batch_bench_line(&bench, 3);
	EXPECT_FIELDS(line, { "event", "bindings" }, { "bindings/0/client", "10.90.0.10:50000" },
		      { "bindings/0/channel", "16385" }, { "bindings/0/expires_in", "1.5" },
		      { "bindings/0/to_peer/packets", "10" },
		      { "bindings/0/to_peer/bytes", "1000" }, { "bindings/0/to_peer/misses", "1" },
		      { "bindings/0/to_client/packets", "9" },
		      { "bindings/0/to_client/misses", "0" });
	free(line);
	batch_bench_close(&bench);
}

Test(batch, snapshot_rows_have_no_line)
{
	struct event event = { .type = EVENT_SESSION, .time_ns = NOON_NS };
	struct batch_bench bench;

	batch_bench_open(&bench, true, false);
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	event.type = EVENT_NEIGHBOUR;
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	fflush(bench.out);
	cr_expect_eq(bench.size, 0);
	batch_bench_close(&bench);
}

/* The jq line of the relay's own log guide. */
Test(batch, log_guide_prints_a_readable_log)
{
	char path[] = "/tmp/fzbpf-batch-XXXXXX", command[256], line[1024];
	size_t lines = 0;
	struct batch_bench bench;
	FILE *file, *jq;

	batch_bench_open(&bench, true, false);
	batch_bench_write_everything(&bench);
	file = fdopen(mkstemp(path), "w");
	cr_assert(file);
	fwrite(bench.text, 1, bench.size, file);
	fclose(file);
	snprintf(command, sizeof(command), "jq -r '\"\\(.time) \\(.severity) \\(.message)\"' %s",
		 path);
	jq = popen(command, "r");
	cr_assert(jq);
	while (fgets(line, sizeof(line), jq)) {
		cr_expect_eq(strncmp(line, "2024-05-06T07:08:09.123456789Z ", 31), 0, "%s", line);
		cr_expect_null(strstr(line, "null"), "%s", line);
		lines++;
	}
	cr_expect_eq(pclose(jq), 0);
	cr_expect_eq(lines, 11);
	unlink(path);
	batch_bench_close(&bench);
}
