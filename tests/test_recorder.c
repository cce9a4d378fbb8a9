/* SPDX-License-Identifier: BSD-2-Clause */
/* Recordings: file names and rotation as tcpdump has them, misses of one address, counts. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../capture/recorder.h"
#include "capture_bench.h"
#include "model_events.h"

TestSuite(recorder, .init = capture_enter_folder, .fini = capture_leave_folder);

static struct recorder recorder;

static int start(const char *path, int64_t now_ns)
{
	return recorder_start(&recorder, path, "eth0", now_ns, capture_error,
			      sizeof(capture_error));
}

static int take(uint64_t number, uint32_t size)
{
	struct event event = capture_packet(3478, size, size, number);

	return recorder_take(&recorder, &event);
}

static void stop(int expected, const char *says)
{
	char text[WRITER_ERROR_SIZE];

	cr_expect_eq(recorder_stop(&recorder, text, sizeof(text)), expected, "%s", text);
	cr_expect(strstr(text, says), "%s", text);
}

/* A file is full when it is larger than -C before the next packet. */
Test(recorder, by_size)
{
	recorder.rotation.bytes = 3000;
	cr_assert_eq(start("a.pcap", 0), 0);
	for (uint64_t i = 0; i < 10; i++)
		cr_expect_eq(take(i, 1000), 0);
	stop(0, "a.pcap3 and 3 files before it: 10 packets, 0 lost");
	cr_expect_eq(capture_count("a.pcap"), 3);
	cr_expect_eq(capture_count("a.pcap1"), 3);
	cr_expect_eq(capture_count("a.pcap2"), 3);
	cr_expect_eq(capture_count("a.pcap3"), 1);
}

Test(recorder, ring)
{
	recorder.rotation.bytes = 500;
	recorder.rotation.files = 11;
	capture_make_file("a.pcap10", "not ours");
	cr_assert_eq(start("a.pcap", 0), 0);
	for (uint64_t i = 0; i < 10; i++)
		cr_expect_eq(take(i, 1000), 0);
	cr_expect_eq(take(10, 1000), -EEXIST, "nothing of others is overwritten");
	stop(-EEXIST, "a.pcap10 exists");
	unlink("a.pcap10");
	for (uint64_t i = 0; i < 10; i++) {
		char path[16];

		snprintf(path, sizeof(path), "a.pcap%02d", (int)i);
		cr_expect_eq(capture_count(path), 1, "%s", path);
		unlink(path);
	}
	cr_assert_eq(start("a.pcap", 0), 0);
	for (uint64_t i = 0; i < 13; i++)
		cr_expect_eq(take(i, i < 11 ? 1000 : 500), 0);
	stop(0, "13 packets");
	cr_expect_eq(capture_file_size("a.pcap00"), 24 + 16 + 500, "the third time round");
	cr_expect_eq(capture_file_size("a.pcap10"), 24 + 16 + 1000);
	cr_expect_eq(capture_file_size("a.pcap11"), -1);
}

Test(recorder, by_time)
{
	struct event tick = { .type = EVENT_COUNTERS };

	setenv("TZ", "UTC", 1);
	recorder.rotation.seconds = 3;
	recorder.rotation.files = 2;
	cr_assert_eq(start("a-%M%S.pcap", CAPTURE_BASE_NS), 0);
	for (uint64_t i = 0; i < 5; i++)
		cr_expect_eq(take(i, 100), 0);
	cr_expect_not(recorder_is_full(&recorder));
	cr_expect_eq(capture_count("a-0809.pcap"), 3);
	tick.time_ns = CAPTURE_BASE_NS + 7000000000;
	cr_expect_eq(recorder_take(&recorder, &tick), 0, "also without packets");
	cr_expect(recorder_is_full(&recorder));
	cr_expect_eq(take(9, 100), 0);
	stop(0, "a-0812.pcap and 1 files before it: 5 packets");
	cr_expect_eq(capture_count("a-0812.pcap"), 2);
	stop(0, "");
}

/* Names with a date that comes again: nothing is overwritten. */
Test(recorder, by_time_same_name)
{
	recorder.rotation.seconds = 1;
	cr_assert_eq(start("a-%Y.pcap", CAPTURE_BASE_NS), 0);
	cr_expect_eq(take(0, 100), 0);
	cr_expect_eq(take(2, 100), -EEXIST);
	stop(-EEXIST, "exists already");
	cr_expect_eq(capture_count("a-2024.pcap"), 1);
}

Test(recorder, by_time_and_size)
{
	setenv("TZ", "UTC", 1);
	recorder.rotation.seconds = 3;
	recorder.rotation.bytes = 1000;
	cr_assert_eq(start("a-%S.pcap", CAPTURE_BASE_NS), 0);
	for (uint64_t i = 0; i < 5; i++)
		cr_expect_eq(take(i, 600), 0);
	stop(0, "5 packets");
	cr_expect_eq(capture_count("a-09.pcap"), 2);
	cr_expect_eq(capture_count("a-09.pcap1"), 1);
	cr_expect_eq(capture_count("a-12.pcap"), 2);
}

Test(recorder, lost_and_limit_over_files)
{
	struct event counters = { .type = EVENT_COUNTERS, .time_ns = CAPTURE_BASE_NS };

	counters.counters.totals.lost = 7;
	cr_expect_eq(recorder_take(&recorder, &counters), 0, "before it began: not its loss");
	recorder.rotation.bytes = 500;
	recorder.limit = 4;
	cr_assert_eq(start("a.pcap", 0), 0);
	for (uint64_t i = 0; i < 6; i++) {
		cr_expect_eq(recorder_is_full(&recorder), i >= 4);
		cr_expect_eq(take(i, 1000), 0);
		counters.counters.totals.lost++;
		cr_expect_eq(recorder_take(&recorder, &counters), 0);
	}
	stop(0, "4 packets, 6 lost");
	recorder.limit = 0;
}

Test(recorder, lost_are_packets_of_its_reasons)
{
	struct event counters = { .type = EVENT_COUNTERS, .time_ns = CAPTURE_BASE_NS };
	struct relay_counters *totals = &counters.counters.totals;

	recorder.reasons = 1 << RELAY_REASON_TTL | 1 << RELAY_REASON_NO_MAC;
	cr_assert_eq(start("a.pcap", 0), 0);
	totals->unrecorded[RELAY_REASON_TTL] = 3;
	totals->unrecorded[RELAY_REASON_NO_MAC] = 4;
	totals->unrecorded[RELAY_REASON_ARP] = 100;
	totals->lost = 107 + 50;
	cr_expect_eq(recorder_take(&recorder, &counters), 0);
	stop(0, "0 packets, 7 lost");
	recorder.reasons = 0;
}

Test(recorder, misses_of_one_address)
{
	struct model *model = event_model();
	struct in6_addr ip = event_ip("fd90::30");
	struct event packet = capture_packet(3478, 60, 60, 0);
	char text[WRITER_ERROR_SIZE];

	recorder.options.kind = WRITER_PCAPNG;
	recorder.options.model = model;
	packet.passed.reason = RELAY_REASON_NO_MAC;
	packet.passed.has_missing = true;
	packet.passed.missing = ip;
	model_ingest(model, &packet);
	setenv("TZ", "UTC", 1);
	cr_expect_eq(
		recorder_toggle_misses(&recorder, &ip, model, CAPTURE_BASE_NS, text, sizeof(text)),
		0);
	cr_expect_str_eq(text, "");
	cr_expect_str_eq(recorder.path, "misses-eth0-fd90--30-20240506-070809.pcapng");
	cr_expect_eq(recorder_take(&recorder, &packet), 0);
	packet.passed.missing = event_ip("10.90.0.30");
	cr_expect_eq(recorder_take(&recorder, &packet), 0, "of another");
	packet.passed.has_missing = false;
	cr_expect_eq(recorder_take(&recorder, &packet), 0, "no miss");
	cr_expect_eq(
		recorder_toggle_misses(&recorder, &ip, model, CAPTURE_BASE_NS, text, sizeof(text)),
		0);
	cr_expect(strstr(text, ": 2 packets"), "%s", text);
	cr_expect_eq(capture_count(recorder.path), 2);
	model_free(model);
}

/* A reader that does not read: the program goes on, what found no room is counted. */
Test(recorder, stalled_reader)
{
	int ends[2], saved = dup(STDOUT_FILENO);
	struct writer_summary summary;
	char text[WRITER_ERROR_SIZE];

	cr_assert_eq(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	cr_expect_eq(start("-", 0), 0, "%s", capture_error);
	dup2(saved, STDOUT_FILENO);
	close(ends[1]);
	for (uint64_t i = 0; i < 2000; i++)
		cr_expect_eq(take(i, 1000), 0);
	cr_expect_eq(recorder_flush(&recorder), 0);
	writer_summary(recorder.writer, &summary);
	cr_expect_gt(summary.stalled, 1000);
	cr_expect_eq(summary.stalled + summary.written, 2000);
	cr_expect_eq(recorder_stop(&recorder, text, sizeof(text)), -ETIMEDOUT);
	cr_expect(strstr(text, "does not read"), "%s", text);
	close(ends[0]);
}
