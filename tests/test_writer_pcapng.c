/* SPDX-License-Identifier: BSD-2-Clause */
/* pcapng files: what they say, as tshark and tcpdump read it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture_bench.h"
#include "model_events.h"

TestSuite(writer_pcapng, .init = capture_enter_folder, .fini = capture_leave_folder);

/* What a command prints, trailing newline included. */
static void run(const char *command, char *ret, size_t size)
{
	FILE *pipe = popen(command, "r");
	size_t length;

	cr_assert(pipe);
	length = fread(ret, 1, size - 1, pipe);
	ret[length] = '\0';
	cr_expect_eq(pclose(pipe), 0, "%s: %s", command, ret);
}

static void bind_channel(struct model *model, struct event *event)
{
	*event = (struct event){
		.type = EVENT_BINDING_ADDED,
		.time_ns = CAPTURE_BASE_NS,
		.binding = { .slot = 3,
			     .client = event_endpoint("10.90.0.10", 50000),
			     .server = event_endpoint("10.90.0.20", 3478),
			     .relayed = event_endpoint("fd90::20", 50001),
			     .peer = event_endpoint("fd90::30", 7000),
			     .channel = 0x4001,
			     .expires_ns = CAPTURE_BASE_NS + 600000000000,
			     .why = "channel-bind" },
	};
	model_ingest(model, event);
}

static void write_session(const char *filter)
{
	struct interface_address addresses[2] = { { .ip = event_ip("10.90.0.20"), .prefix = 24 },
						  { .ip = event_ip("fd90::20"), .prefix = 64 } };
	struct names names = { .count = 2,
			       .rows = { { event_ip("10.90.0.10"), "alice" },
					 { event_ip("fd90::30"), "echo.peer" } } };
	struct model *model = event_model();
	struct writer *writer = capture_open(
		(struct writer_options){ .path = "a.pcapng",
					 .kind = WRITER_PCAPNG,
					 .filter = filter,
					 .model = model,
					 .lost = 10,
					 .origin = { .interface = "eth0",
						     .driver = "veth",
						     .command = "fzbpf-top -w a.pcapng eth0",
						     .mac = event_mac(0x20),
						     .addresses = addresses,
						     .address_count = 2,
						     .names = &names } });
	struct event bound, packet;

	bind_channel(model, &bound);
	cr_expect_eq(writer_write(writer, &bound), 0);
	packet = capture_packet(3478, 43, 60, 0);
	packet.passed.reason = RELAY_REASON_NO_MAC;
	packet.passed.has_missing = packet.passed.has_channel = packet.passed.has_slot = true;
	packet.passed.missing = event_ip("fd90::30");
	packet.passed.channel = 0x4001;
	packet.passed.slot = 3;
	packet.passed.vlan = 7;
	model_ingest(model, &packet);
	cr_expect_eq(writer_write(writer, &packet), 0);
	writer_lost(writer, 14);
	packet = capture_packet(3478, 42, 42, 1);
	packet.passed.reason = RELAY_REASON_CONTROL;
	model_ingest(model, &packet);
	cr_expect_eq(writer_write(writer, &packet), 0);
	packet = capture_packet(53, 42, 42, 2);
	packet.passed.reason = RELAY_REASON_NO_BINDING;
	cr_expect_eq(writer_write(writer, &packet), 0);
	capture_close(writer, 0);
	model_free(model);
}

Test(writer_pcapng, tshark_reads_comments_verdicts_loss_and_events)
{
	char text[16384];

	write_session(NULL);
	run("tshark -n -r a.pcapng -T fields -e frame.time_epoch -e frame.len -e frame.cap_len "
	    "-e frame.interface_name -e frame.comment 2>&1 | grep -v '^Running'",
	    text, sizeof(text));
	cr_expect(strstr(text, "1714979289.123456789\t60\t43\teth0\tfzbpf reason=no-mac "
			       "class=warming missing=fd90::30 channel=0x4001 vlan=7 slot=3 "
			       "client=10.90.0.10:50000 server=10.90.0.20:3478 "
			       "relayed=[fd90::20]:50001 peer=[fd90::30]:7000\n"),
		  "%s", text);
	cr_expect(strstr(text, "\t42\t42\teth0\tfzbpf reason=control class=normal\n"), "%s", text);
	run("tshark -n -r a.pcapng -V 2>&1", text, sizeof(text));
	cr_expect(strstr(text, "eBPF XDP: XDP_PASS (2)"), "%s", text);
	cr_expect(strstr(text, "Message: bound channel 0x4001"), "%s", text);
	cr_expect(strstr(text, "Drop Count: 4"), "%s", text);
	run("capinfos -M a.pcapng 2>&1", text, sizeof(text));
	cr_expect(strstr(text, "written by: fzbpf-top -w a.pcapng eth0"), "%s", text);
	cr_expect(strstr(text, "Number of packets:   3"), "%s", text);
	cr_expect(strstr(text, "Description = XDP hook, driver veth"), "%s", text);
}

Test(writer_pcapng, tshark_knows_hosts_and_addresses)
{
	char text[16384];

	write_session(NULL);
	run("tshark -N m -r a.pcapng -q -z hosts 2>&1", text, sizeof(text));
	cr_expect(strstr(text, "10.90.0.10\talice\n"), "%s", text);
	cr_expect(strstr(text, "fd90::30\techo.peer\n"), "%s", text);
	run("tshark -r a.pcapng -X read_format:'MIME Files Format' -V 2>&1", text, sizeof(text));
	cr_expect(strstr(text, "IPv4: 10.90.0.20"), "%s", text);
	cr_expect(strstr(text, "IPv6: fd90::20"), "%s", text);
}

Test(writer_pcapng, tcpdump_reads_the_packets)
{
	char text[4096];

	write_session("udp port 3478");
	run("tcpdump -n -r a.pcapng 2>/dev/null | wc -l", text, sizeof(text));
	cr_expect_str_eq(text, "2\n");
	cr_expect_eq(capture_count("a.pcapng"), 2);
}

/* Every block is whole, and its two lengths agree, at any size of frame. */
Test(writer_pcapng, whole_blocks_at_any_time)
{
	struct writer *writer =
		capture_open((struct writer_options){ .path = "b.pcapng", .kind = WRITER_PCAPNG });

	cr_expect_eq(capture_count("b.pcapng"), 0);
	for (uint64_t i = 0; i < 600; i++) {
		uint32_t captured = i % 100 ? (uint32_t)(i * 7) : CAPTURE_FRAME_MAX;
		struct event event = capture_packet(3478, captured, captured, i);

		cr_assert_eq(writer_write(writer, &event), 0);
		if (i % 97 == 0) {
			cr_expect_eq(writer_flush(writer), 0);
			cr_expect_eq(capture_count("b.pcapng"), i + 1);
		}
	}
	cr_expect_eq(capture_close(writer, 0).written, 600);
	cr_expect_eq(capture_count("b.pcapng"), 600);
}
