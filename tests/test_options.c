/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: every option, every refusal, and help that lists what is parsed. */
#include "../src/options.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../src/option_table.h"

#define WORDS_MAX 80
#define BINDING "client=10.0.0.1:50000,channel=0x4000,relayed=10.0.0.2:50001,peer=10.0.0.3:9"

/* Each test is a process of its own. */
static struct options options;
static const struct options *const parsed = &options;
static char error[OPTIONS_ERROR_SIZE];
static char words[2 * OPTIONS_FILTER_SIZE];

/* `line` is split at '|', so that words may hold spaces; they are valid until the next call. */
static int parse(const char *line)
{
	char *argv[WORDS_MAX + 2] = { (char *)"fzbpf-top" };
	char *word, *rest = words;
	int argc = 1;

	cr_assert_lt((size_t)snprintf(words, sizeof(words), "%s", line), sizeof(words));
	error[0] = '\0';
	while (*line && (word = strsep(&rest, "|")) && argc <= WORDS_MAX)
		argv[argc++] = word;
	return options_parse(argc, argv, &options, error, sizeof(error));
}

Test(options, defaults)
{
	cr_assert_eq(parse("eth0"), 0, "%s", error);
	cr_expect_str_eq(parsed->interface, "eth0");
	cr_expect_str_eq(parsed->filter, "");
	cr_expect_eq(parsed->request, OPTIONS_RUN);
	cr_expect_eq(parsed->mode, OPTIONS_MODE_AUTO);
	cr_expect_eq(parsed->turn_port, 3478);
	cr_expect_eq(parsed->relay_port_min, 49152);
	cr_expect_eq(parsed->relay_port_max, 65535);
	cr_expect_eq(parsed->mac_ttl_s, 300);
	cr_expect_eq(parsed->mac_entries, 65536);
	cr_expect_eq(parsed->snaplen, RELAY_SNAPLEN_MAX);
	cr_expect_eq(parsed->delay_s, 1.0);
	cr_expect_eq(parsed->count, 0);
	cr_expect_eq(parsed->duration_s, 0.0);
	cr_expect_null(parsed->write_file);
	cr_expect(!parsed->batch && !parsed->json && !parsed->no_relay && !parsed->force);
	cr_expect(parsed->capture & (1ULL << RELAY_REASON_NO_MAC));
	cr_expect(parsed->capture & (1ULL << RELAY_REASON_CONTROL));
	cr_expect_not(parsed->capture & (1ULL << RELAY_REASON_NOT_UDP));
}

Test(options, everything_at_once)
{
	cr_assert_eq(
		parse("--mode|generic|--no-relay|--force|--turn-port|3479|--relay-ports|50000-"
		      "50010|"
		      "--mac-ttl|0|--mac-entries|1024|-w|out.pcap|--overwrite|--capture|"
		      "misses,control|-s|128|-c|7|--duration|2.5|-b|--json|-d|0.1|-n|--color|never|"
		      "--ascii|-q|-v|-v|eth0|udp|port 53"),
		0, "%s", error);
	cr_expect_eq(parsed->mode, OPTIONS_MODE_GENERIC);
	cr_expect(parsed->no_relay && parsed->force && parsed->overwrite && parsed->batch);
	cr_expect(parsed->json && parsed->numeric && parsed->ascii && parsed->quiet);
	cr_expect_eq(parsed->turn_port, 3479);
	cr_expect_eq(parsed->relay_port_min, 50000);
	cr_expect_eq(parsed->relay_port_max, 50010);
	cr_expect_eq(parsed->mac_ttl_s, 0);
	cr_expect_eq(parsed->mac_entries, 1024);
	cr_expect_str_eq(parsed->write_file, "out.pcap");
	cr_expect_eq(parsed->capture, (1ULL << RELAY_REASON_NO_MAC) |
					      (1ULL << RELAY_REASON_STALE_MAC) |
					      (1ULL << RELAY_REASON_CONTROL));
	cr_expect_eq(parsed->snaplen, 128);
	cr_expect_eq(parsed->count, 7);
	cr_expect_eq(parsed->duration_s, 2.5);
	cr_expect_eq(parsed->delay_s, 0.1);
	cr_expect_eq(parsed->color, OPTIONS_COLOR_NEVER);
	cr_expect_eq(parsed->verbose, 2);
	cr_expect_str_eq(parsed->interface, "eth0");
	cr_expect_str_eq(parsed->filter, "udp port 53");
}

Test(options, words)
{
	static const struct {
		const char *line, *interface, *filter;
	} rows[] = {
		{ "-i|eth0", "eth0", "" },
		{ "-i|eth0|udp|or|arp", "eth0", "udp or arp" },
		{ "--interface=eth0|arp", "eth0", "arp" },
		{ "eth0|-b|arp", "eth0", "arp" },
		{ "eth0|--|-b", "eth0", "-b" },
		{ "a-name-that-no-interface-can-have", "a-name-that-no-interface-can-have", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert_eq(parse(rows[i].line), 0, "%s: %s", rows[i].line, error);
		cr_expect_str_eq(parsed->interface, rows[i].interface, "%s", rows[i].line);
		cr_expect_str_eq(parsed->filter, rows[i].filter, "%s", rows[i].line);
	}
}

Test(options, implied)
{
	cr_assert_eq(parse("--json|eth0"), 0);
	cr_expect(parsed->batch);
	cr_assert_eq(parse("-w|-|eth0"), 0);
	cr_expect(parsed->batch);
	cr_assert_eq(parse("-s|0|eth0"), 0);
	cr_expect_eq(parsed->snaplen, RELAY_SNAPLEN_MAX);
	cr_assert_eq(parse("-s|262144|eth0"), 0);
	cr_expect_eq(parsed->snaplen, RELAY_SNAPLEN_MAX);
	cr_assert_eq(parse("--capture|all|eth0"), 0);
	cr_expect_eq(parsed->capture, (1ULL << RELAY_REASON_COUNT) - 1);
}

Test(options, a_screen_needs_the_misses)
{
	const uint64_t ttl = 1ULL << RELAY_REASON_TTL;
	const uint64_t misses = 1ULL << RELAY_REASON_NO_MAC | 1ULL << RELAY_REASON_STALE_MAC;

	cr_assert_eq(parse("--capture|ttl|eth0"), 0);
	cr_expect_eq(parsed->capture, ttl);
	cr_expect_not(options_capture_turn(parsed));
	cr_expect_eq(options_kernel_capture(parsed, -1), ttl | misses);
	cr_expect_eq(options_kernel_capture(parsed, 20001), ttl | misses);
	cr_expect_eq(options_kernel_capture(parsed, 20000),
		     ttl | misses | 1ULL << RELAY_REASON_NO_BINDING);
	cr_assert_eq(parse("--batch|--capture|ttl|eth0"), 0);
	cr_expect_eq(options_kernel_capture(parsed, 0), ttl);
}

Test(options, requests_need_no_interface)
{
	cr_expect_eq(parse("-h"), 0);
	cr_expect_eq(parsed->request, OPTIONS_HELP);
	cr_expect_eq(parse("--help|--nonsense"), 0);
	cr_expect_eq(parsed->request, OPTIONS_HELP);
	cr_expect_eq(parse("-V"), 0);
	cr_expect_eq(parsed->request, OPTIONS_VERSION);
	cr_expect_eq(parse("-D"), 0);
	cr_expect_eq(parsed->request, OPTIONS_LIST_INTERFACES);
}

/* Each refusal names the culprit. */
Test(options, refusals)
{
	static const struct {
		const char *line;
		int err;
		const char *says;
	} rows[] = {
		{ "", -EINVAL, "fzbpf-top INTERFACE" },
		{ "-b", -EINVAL, "fzbpf-top -D" },
		{ "-i|", -EINVAL, "--interface" },
		{ "--nonsense|eth0", -EINVAL, "'--nonsense'" },
		{ "-x|eth0", -EINVAL, "'-x'" },
		{ "eth0|-w", -EINVAL, "--write needs FILE" },
		{ "eth0|-c", -EINVAL, "-c needs N" },
		{ "eth0|--json=yes", -EINVAL, "--json takes no value" },
		{ "eth0|-w|", -EINVAL, "--write" },
		{ "eth0|--mode|skb", -EINVAL, "auto, native and generic" },
		{ "eth0|--color|red", -EINVAL, "'red'" },
		{ "eth0|--turn-port|0", -EINVAL, "--turn-port" },
		{ "eth0|--turn-port|65536", -EINVAL, "1 to 65535" },
		{ "eth0|--turn-port|3478x", -EINVAL, "'3478x'" },
		{ "eth0|--turn-port|-1", -EINVAL, "'-1'" },
		{ "eth0|--turn-port| 1", -EINVAL, "' 1'" },
		{ "eth0|--relay-ports|60000-50000", -EINVAL, "--relay-ports" },
		{ "eth0|--relay-ports|1-", -EINVAL, "--relay-ports" },
		{ "eth0|--relay-ports|-5", -EINVAL, "--relay-ports" },
		{ "eth0|--relay-ports|1-65536", -EINVAL, "--relay-ports" },
		{ "eth0|--relay-ports|111111111111-2", -EINVAL, "--relay-ports" },
		{ "eth0|--mac-ttl|99999999999999999999", -EINVAL, "--mac-ttl" },
		{ "eth0|--mac-entries|1", -EINVAL, "--mac-entries" },
		{ "eth0|--capture|", -EINVAL, "--capture" },
		{ "eth0|--capture|turn,nonsense", -EINVAL, "'nonsense'" },
		{ "eth0|--capture|turn,", -EINVAL, "''" },
		{ "eth0|-c|0", -EINVAL, "-c" },
		{ "eth0|-s|262145", -EINVAL, "--snaplen" },
		{ "eth0|--duration|nan", -EINVAL, "--duration" },
		{ "eth0|--duration|inf", -EINVAL, "--duration" },
		{ "eth0|--duration|1e3", -EINVAL, "--duration" },
		{ "eth0|--duration|.", -EINVAL, "--duration" },
		{ "eth0|-d|0.05", -EINVAL, "0.1 to 60" },
		{ "eth0|-d|61", -EINVAL, "0.1 to 60" },
		{ "eth0|-d|1.2.3", -EINVAL, "--delay" },
		{ "eth0|--json|-w|-", -EINVAL, "standard output" },
		{ "eth0|-C|1", -EINVAL, "-w FILE" },
		{ "eth0|-G|1|-w|-", -EINVAL, "-w FILE" },
		{ "eth0|-W|1|-w|f", -EINVAL, "-W needs" },
		{ "eth0|--name|10.0.0.1", -EINVAL, "IP=LABEL" },
		{ "eth0|--name|alice=10.0.0.1", -EINVAL, "IP=LABEL" },
		{ "eth0|--name|10.0.0.1=", -EINVAL, "is no label" },
		{ "eth0|--name|10.0.0.1=a b", -EINVAL, "'a b'" },
		{ "eth0|--name|10.0.0.1=a|--name|10.0.0.1=b", -EINVAL, "10.0.0.1 is given twice" },
		{ "-i|eth0|-r|f", -EINVAL, "exclude" },
		{ "eth0|-w|f.pcap|-G|1|-W|5", -EINVAL, "%H%M%S" },
		{ "-r|f.pcap|-w|f.pcap", -EINVAL, "same file" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(parse(rows[i].line), rows[i].err, "%s", rows[i].line);
		cr_expect(strstr(error, rows[i].says), "%s: %s", rows[i].line, error);
	}
}

Test(options, capture_files)
{
	static const struct {
		const char *line, *file;
		bool pcapng, batch;
	} rows[] = {
		{ "eth0|-w|f.pcap", "f.pcap", false, false },
		{ "eth0|-w|f.pcapng", "f.pcapng", true, false },
		{ "eth0|-w|pcapng", "pcapng", false, false },
		{ "eth0|-w|-", "-", false, true },
		{ "eth0|-w|-.pcapng", "-", true, true },
		{ "eth0|-w|f%H.pcapng|-G|3600|-W|5", "f%H.pcapng", true, false },
		{ "eth0|-w|f.pcap|-C|1|-W|5", "f.pcap", false, false },
		{ "-r|g.pcap|-w|f.pcapng", "f.pcapng", true, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(parse(rows[i].line), 0, "%s: %s", rows[i].line, error);
		cr_expect_str_eq(options.write_file, rows[i].file);
		cr_expect_eq(options.write_pcapng, rows[i].pcapng, "%s", rows[i].line);
		cr_expect_eq(options.batch, rows[i].batch, "%s", rows[i].line);
	}
}

Test(options, names)
{
	char line[16384] = "eth0", label[NAMES_LABEL_SIZE + 1] = "";
	struct in6_addr ip = { .s6_addr = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 } };

	cr_assert_eq(parse("eth0|--name|10.0.0.1=alice|--name|fd00::1=echo.peer_2-b"), 0, "%s",
		     error);
	cr_expect_str_eq(names_find(&parsed->names, &ip), "alice");
	ip.s6_addr[15] = 2;
	cr_expect_null(names_find(&parsed->names, &ip));
	cr_expect_eq(parsed->names.count, 2);
	memset(label, 'x', NAMES_LABEL_SIZE);
	snprintf(line, sizeof(line), "eth0|--name|10.0.0.1=%s", label);
	cr_expect_eq(parse(line), -EINVAL);
	snprintf(line, sizeof(line), "eth0|--name|10.0.0.1=%s", label + 1);
	cr_expect_eq(parse(line), 0, "%s", error);
}

Test(options, a_filter_that_is_too_long)
{
	char line[OPTIONS_FILTER_SIZE + 64] = "eth0|";

	memset(line + 5, 'x', OPTIONS_FILTER_SIZE - 1);
	cr_assert_eq(parse(line), 0, "%s", error);
	cr_expect_eq(strlen(parsed->filter), OPTIONS_FILTER_SIZE - 1);
	line[5 + OPTIONS_FILTER_SIZE - 1] = 'x';
	cr_expect_eq(parse(line), -EINVAL);
}

static void expect_endpoint(const struct endpoint *endpoint, const char *ip, uint16_t port)
{
	struct in6_addr expected;

	cr_assert_eq(inet_pton(AF_INET6, ip, &expected), 1);
	cr_expect(IN6_ARE_ADDR_EQUAL(&endpoint->ip, &expected), "%s", ip);
	cr_expect_eq(endpoint->port, port);
}

Test(options, bindings)
{
	cr_assert_eq(parse("eth0|--binding|" BINDING "|--turn-port|3479"), 0, "%s", error);
	cr_assert_eq(parsed->binding_count, 1);
	cr_expect_eq(parsed->bindings[0].channel, 0x4000);
	expect_endpoint(&parsed->bindings[0].client, "::ffff:10.0.0.1", 50000);
	expect_endpoint(&parsed->bindings[0].relayed, "::ffff:10.0.0.2", 50001);
	expect_endpoint(&parsed->bindings[0].peer, "::ffff:10.0.0.3", 9);
	expect_endpoint(&parsed->bindings[0].server, "::", 3479);

	cr_assert_eq(
		parse("eth0|--binding|peer=10.0.0.3:9,client=[fd00::1]:5,server=[fd00::2]:3478,"
		      "channel=16385,relayed=10.0.0.2:50001|--binding|" BINDING),
		-EINVAL);
	cr_expect(strstr(error, "numbers 1 and 2"), "%s", error);
	cr_assert_eq(
		parse("eth0|--binding|peer=[fd00::3]:9,client=[fd00::1]:5,server=[fd00::2]:3478,"
		      "channel=16385,relayed=[fd00::2]:50001|--binding|" BINDING),
		0, "%s", error);
	cr_assert_eq(parsed->binding_count, 2);
	expect_endpoint(&parsed->bindings[0].server, "fd00::2", 3478);
	expect_endpoint(&parsed->bindings[0].peer, "fd00::3", 9);
}

Test(options, binding_refusals)
{
	static const struct {
		const char *spec, *says;
	} rows[] = {
		{ "", "cannot read ''" },
		{ "nonsense", "cannot read 'nonsense'" },
		{ "colour=red", "cannot read" },
		{ "client", "cannot read" },
		{ BINDING ",", "cannot read ''" },
		{ BINDING ",channel=0x4001", "given twice" },
		{ "client=10.0.0.1:5,channel=0x4000,relayed=10.0.0.2:50001", "peer is missing" },
		{ "channel=0x4000,relayed=10.0.0.2:50001,peer=10.0.0.3:9", "client is missing" },
		{ "channel=0x3fff", "channel" },
		{ "channel=0x8000", "channel" },
		{ "channel=", "channel" },
		{ "client=10.0.0.1", "IP:PORT" },
		{ "client=10.0.0.1:", "IP:PORT" },
		{ "client=10.0.0.1:0", "IP:PORT" },
		{ "client=10.0.0.1:65536", "IP:PORT" },
		{ "client=10.0.0.256:1", "IP:PORT" },
		{ "client=fd00::1:5", "IP:PORT" },
		{ "client=[fd00::1]", "IP:PORT" },
		{ "client=[fd00::1", "IP:PORT" },
		{ "client=[10.0.0.1]:5", "IP:PORT" },
		{ "client=[fd00::1]5", "IP:PORT" },
		{ "client=host:5", "IP:PORT" },
		{ "client=[ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff]:1",
		  "IP:PORT" },
		{ "client=0.0.0.0:5", "one host" },
		{ "client=224.0.0.1:5", "one host" },
		{ "client=255.255.255.255:5", "one host" },
		{ "client=[::]:5", "one host" },
		{ "client=[ff02::1]:5", "one host" },
		{ "client=10.0.0.1:5,channel=0x4000,relayed=10.0.0.2:50001,peer=[fd00::3]:9",
		  "relayed and peer" },
		{ BINDING ",server=[fd00::2]:3478", "server and client" },
		{ BINDING ",server=10.0.0.2:3479", "--turn-port 3479" },
		{ "client=10.0.0.1:5,channel=0x4000,relayed=10.0.0.2:5000,peer=10.0.0.3:9",
		  "--relay-ports" },
	};
	char line[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), "eth0|--binding|%s", rows[i].spec);
		cr_expect_eq(parse(line), -EINVAL, "%s", rows[i].spec);
		cr_expect(strstr(error, rows[i].says), "%s: %s", rows[i].spec, error);
	}
}

Test(options, too_many_bindings)
{
	static char specs[OPTIONS_BINDINGS + 1][96];
	char *argv[OPTIONS_BINDINGS + 4] = { (char *)"fzbpf-top", (char *)"eth0" };
	int argc = 2;

	for (int i = 0; i <= OPTIONS_BINDINGS; i++) {
		snprintf(specs[i], sizeof(specs[i]),
			 "--binding=client=10.0.0.1:5,channel=%d,relayed=10.0.0.2:%d,"
			 "peer=10.0.0.3:9",
			 0x4000 + i, 50000 + i);
		argv[argc++] = specs[i];
	}
	cr_expect_eq(options_parse(argc - 1, argv, &options, error, sizeof(error)), 0, "%s", error);
	cr_expect_eq(options.binding_count, OPTIONS_BINDINGS);
	cr_expect_eq(options_parse(argc, argv, &options, error, sizeof(error)), -EINVAL);
	cr_expect(strstr(error, "at most"), "%s", error);
}

Test(options, errors_fit_any_buffer)
{
	char *argv[] = { (char *)"fzbpf-top", (char *)"--nonsense", NULL };
	char small[8];

	for (size_t size = 1; size <= sizeof(small); size++) {
		memset(small, 'x', sizeof(small));
		cr_expect_eq(options_parse(2, argv, &options, small, size), -EINVAL);
		cr_expect_lt(strlen(small), size);
	}
}

Test(options, help_lists_every_option_reason_and_status)
{
	char *text = NULL, name[OPTION_NAME_SIZE];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	options_print_help(out);
	options_print_version(out);
	fclose(out);
	for (size_t i = 0; option_row(i); i++)
		cr_expect(strstr(text, option_row_name(option_row(i), name, sizeof(name))), "%s",
			  name);
#define X(id, label, class, miss, means, next) cr_expect(strstr(text, label), "%s", label);
	RELAY_REASONS(X)
#undef X
#define X(id, number, means) cr_expect(strstr(text, means), "%s", means);
	EXIT_STATUSES(X)
#undef X
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		cr_expect_leq(strcspn(line, "\n"), 80, "%.90s", line);
	free(text);
}
