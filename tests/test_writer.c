/* SPDX-License-Identifier: BSD-2-Clause */
/* Capture files: what is written is read back by others, and harms nothing that was there. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture_bench.h"

TestSuite(writer, .init = capture_enter_folder, .fini = capture_leave_folder);

Test(writer, what_is_written_is_read_back)
{
	static const struct {
		uint32_t captured, length, snaplen, kept;
	} rows[] = {
		{ 42, 42, 0, 42 },
		{ 60, 1514, 0, 60 },
		{ 1514, 1514, 128, 128 },
		{ 128, 128, 128, 128 },
		{ 129, 129, 128, 128 },
		{ 0, 42, 0, 0 },
		{ CAPTURE_FRAME_MAX, CAPTURE_FRAME_MAX, 0, CAPTURE_FRAME_MAX },
		{ 60, 42, 0, 60 }, /* contradicts itself: readers want length >= kept */
	};
	char text[PCAP_ERRBUF_SIZE], path[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event event = capture_packet(3478, rows[i].captured, rows[i].length, i);
		uint32_t length = rows[i].length > rows[i].kept ? rows[i].length : rows[i].kept;
		struct pcap_pkthdr *header;
		struct writer *writer;
		const u_char *bytes;
		pcap_t *pcap;

		snprintf(path, sizeof(path), "%zu.pcap", i);
		writer = capture_open(
			(struct writer_options){ .path = path, .snaplen = rows[i].snaplen });
		cr_expect_eq(writer_write(writer, &event), 0);
		capture_close(writer, 0);
		pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO,
							       text);
		cr_assert(pcap, "%s", text);
		cr_expect_eq(pcap_datalink(pcap), DLT_EN10MB);
		cr_expect_eq(pcap_snapshot(pcap),
			     (int)(rows[i].snaplen ? rows[i].snaplen : RELAY_SNAPLEN_MAX));
		cr_assert_eq(pcap_next_ex(pcap, &header, &bytes), 1, "row %zu", i);
		cr_expect_eq(header->caplen, rows[i].kept, "row %zu", i);
		cr_expect_eq(header->len, length, "row %zu", i);
		cr_expect_eq(header->ts.tv_sec, event.time_ns / 1000000000);
		cr_expect_eq(header->ts.tv_usec, event.time_ns % 1000000000, "nanoseconds");
		cr_expect_eq(memcmp(bytes, capture_frame, rows[i].kept), 0, "row %zu", i);
		pcap_close(pcap);
	}
}

Test(writer, many_records)
{
	struct writer *writer = capture_open((struct writer_options){ .path = "many.pcap" });
	struct writer_summary summary;
	uint64_t bytes = CAPTURE_HEADER_SIZE;

	for (uint64_t i = 0; i < 5000; i++) {
		uint32_t captured = i % 50 ? (uint32_t)(42 + i % 1400) : CAPTURE_FRAME_MAX;
		struct event event = capture_packet(3478, captured, captured, i);

		cr_assert_eq(writer_write(writer, &event), 0);
		bytes += CAPTURE_RECORD_SIZE + captured;
	}
	writer_lost(writer, 3);
	writer_lost(writer, 5);
	summary = capture_close(writer, 0);
	cr_expect_eq(summary.written, 5000);
	cr_expect_eq(summary.bytes, bytes);
	cr_expect_eq(summary.lost, 5);
	cr_expect_eq(summary.filtered, 0);
	cr_expect_eq(summary.unwritten, 0);
	cr_expect_eq(capture_file_size("many.pcap"), (long)bytes);
	cr_expect_eq(capture_count("many.pcap"), 5000);
}

/* Valid before the first packet, and up to the last flush while it is open. */
Test(writer, file_is_whole_at_any_time)
{
	struct writer *writer = capture_open((struct writer_options){ .path = "a.pcap" });
	struct event event = capture_packet(3478, 100, 100, 0);
	struct event other = { .type = EVENT_COUNTERS };

	cr_expect_eq(capture_count("a.pcap"), 0);
	cr_expect_eq(writer_write(writer, &event), 0);
	cr_expect_eq(writer_write(writer, &other), 0);
	cr_expect_eq(writer_flush(writer), 0);
	cr_expect_eq(writer_flush(writer), 0);
	cr_expect_eq(capture_count("a.pcap"), 1);
	cr_expect_eq(capture_close(writer, 0).written, 1);
	cr_expect_eq(writer_close(NULL, NULL, capture_error, sizeof(capture_error)), 0);
}

Test(writer, filter)
{
	struct writer *writer = capture_open((struct writer_options){
		.path = "f.pcap", .filter = "udp dst port 3478 and len <= 100" });
	struct writer_summary summary;

	for (uint64_t i = 0; i < 10; i++) {
		struct event event = capture_packet(i % 2 ? 3478 : 53, 60, i == 9 ? 101 : 100, i);

		cr_expect_eq(writer_write(writer, &event), 0);
	}
	summary = capture_close(writer, 0);
	cr_expect_eq(summary.written, 4);
	cr_expect_eq(summary.filtered, 6);
	cr_expect_eq(capture_count("f.pcap"), 4);
}

Test(writer, filter_refused)
{
	cr_expect_eq(writer_check_filter("udp port 3478", capture_error, sizeof(capture_error)), 0);
	cr_expect_eq(writer_check_filter("", capture_error, sizeof(capture_error)), 0);
	cr_expect_eq(writer_check_filter("udp prot 3478", capture_error, sizeof(capture_error)),
		     -EINVAL);
	cr_expect(strstr(capture_error, "'udp prot 3478'") && strstr(capture_error, "syntax"), "%s",
		  capture_error);
	cr_expect_eq(capture_try((struct writer_options){ .path = "x.pcap", .filter = "udp prot" }),
		     -EINVAL);
	cr_expect_eq(capture_file_size("x.pcap"), -1, "nothing is made for a filter that fails");
}

/* With and without overwrite: what is not a plain file of one name stays as it is. */
Test(writer, files_that_are_left_alone)
{
	static const struct {
		const char *path;
		int err, err_overwrite;
		const char *says;
	} rows[] = {
		{ "old", -EEXIST, 0, "--overwrite" },
		{ "link", -ELOOP, -ELOOP, "symbolic link" },
		{ "dangling", -ELOOP, -ELOOP, "symbolic link" },
		{ "hard", -EEXIST, -EMLINK, "--overwrite" },
		{ "fifo", -EMEDIUMTYPE, -EMEDIUMTYPE, "not a regular file" },
		{ "dir", -EMEDIUMTYPE, -EMEDIUMTYPE, "not a regular file" },
		{ "/dev/full", -EMEDIUMTYPE, -EMEDIUMTYPE, "not a regular file" },
		{ "/dev/null", -EMEDIUMTYPE, -EMEDIUMTYPE, "not a regular file" },
		{ "nowhere/x", -ENOENT, -ENOENT, "folder" },
		{ "target/x", -ENOTDIR, -ENOTDIR, "target/x" },
	};

	capture_make_file("old", "precious");
	capture_make_file("target", "precious");
	capture_make_file("hard", "precious");
	cr_assert_eq(symlink("target", "link"), 0);
	cr_assert_eq(symlink("missing", "dangling"), 0);
	cr_assert_eq(link("hard", "harder"), 0);
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	cr_assert_eq(mkdir("dir", 0700), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct writer_options options = { .path = rows[i].path };

		cr_expect_eq(capture_try(options), rows[i].err, "%s: %s", rows[i].path,
			     capture_error);
		cr_expect(strstr(capture_error, rows[i].says) &&
				  strstr(capture_error, rows[i].path),
			  "%s", capture_error);
		if (i == 0)
			cr_expect_eq(capture_file_size("old"), 8);
		options.overwrite = true;
		cr_expect_eq(capture_try(options), rows[i].err_overwrite, "%s: %s", rows[i].path,
			     capture_error);
	}
	cr_expect_eq(capture_count("old"), 0, "overwritten");
	cr_expect_eq(capture_file_size("old"), CAPTURE_HEADER_SIZE);
	cr_expect_eq(capture_file_size("target"), 8);
	cr_expect_eq(capture_file_size("hard"), 8);
	cr_expect_eq(capture_file_size("missing"), -1);
}

Test(writer, owner_and_mode)
{
	struct stat status;

	if (geteuid() != 0)
		cr_skip_test("only root can give files away");
	cr_expect_eq(capture_try((struct writer_options){
			     .path = "mine.pcap", .has_owner = true, .uid = 1234, .gid = 5678 }),
		     0);
	cr_assert_eq(stat("mine.pcap", &status), 0);
	cr_expect_eq(status.st_uid, 1234);
	cr_expect_eq(status.st_gid, 5678);
	cr_expect_eq(status.st_mode & 0777, 0600);
	/* A file that was there stays whose it was. */
	cr_expect_eq(capture_try((struct writer_options){ .path = "mine.pcap",
							  .overwrite = true,
							  .has_owner = true,
							  .uid = 1,
							  .gid = 1 }),
		     0);
	cr_assert_eq(stat("mine.pcap", &status), 0);
	cr_expect_eq(status.st_uid, 1234);
}

/* Lines that the command prints; it must end well. */
static size_t count_lines(const char *command)
{
	FILE *lines = popen(command, "r");
	char line[512];
	size_t count = 0;

	cr_assert(lines);
	while (fgets(line, sizeof(line), lines))
		count++;
	cr_expect_eq(pclose(lines), 0, "%s", command);
	return count;
}

Test(writer, others_read_it_without_a_complaint)
{
	struct writer *writer =
		capture_open((struct writer_options){ .path = "t.pcap", .snaplen = 80 });

	for (uint64_t i = 0; i < 20; i++) {
		struct event event =
			capture_packet(3478, 42 + (uint32_t)i * 10, 42 + (uint32_t)i * 10, i);

		cr_assert_eq(writer_write(writer, &event), 0);
	}
	capture_close(writer, 0);
	cr_expect_eq(count_lines("tcpdump -nr t.pcap 2>tcpdump.err"), 20);
	cr_expect_eq(count_lines("grep -v '^reading from file' tcpdump.err; true"), 0);
	cr_expect_eq(count_lines("tshark -nr t.pcap 2>tshark.err"), 20);
	cr_expect_eq(count_lines("grep -v '^Running as user' tshark.err; true"), 0);
	cr_expect_eq(count_lines("tshark -nr t.pcap -Y 'frame.cap_len == 80 and frame.len > 80' "
				 "-T fields -e frame.time_epoch 2>/dev/null | grep '[1-9]$'"),
		     15);
}
