/* SPDX-License-Identifier: BSD-2-Clause */
/* Capture files and streams that fail, anywhere: whole records only, told once. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture_bench.h"

TestSuite(writer_failures, .init = capture_enter_folder, .fini = capture_leave_folder);

/* Writes `count` packets of 100 bytes and expects the error to be told once. */
static struct writer_summary write_until_error(struct writer *writer, int expected, uint64_t count)
{
	int failures = 0;

	for (uint64_t i = 0; i < count; i++) {
		struct event event = capture_packet(3478, 100, 100, i);
		int err = writer_write(writer, &event);

		if (i % 7 == 6 && err == 0)
			err = writer_flush(writer);
		cr_expect(err == 0 || err == expected, "%d", err);
		failures += err != 0;
	}
	cr_expect_eq(failures, 1);
	cr_expect_eq(writer_error(writer, capture_error, sizeof(capture_error)), expected);
	cr_expect(strlen(capture_error) > 0);
	return capture_close(writer, expected);
}

/* A file size limit hits at any byte of a record, and needs no privileges. */
Test(writer_failures, no_half_records_wherever_it_fails)
{
	struct rlimit limit = { 0, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t size = CAPTURE_HEADER_SIZE; size < 1200; size += 13) {
		struct writer_summary summary;
		struct writer *writer;

		limit.rlim_cur = size;
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
		writer = capture_open(
			(struct writer_options){ .path = "l.pcap", .overwrite = true });
		summary = write_until_error(writer, -EFBIG, 40);
		cr_expect_eq(summary.written,
			     (size - CAPTURE_HEADER_SIZE) / (100 + CAPTURE_RECORD_SIZE));
		cr_expect_eq(summary.written + summary.unwritten, 40);
		cr_expect_eq(summary.bytes,
			     CAPTURE_HEADER_SIZE + summary.written * (100 + CAPTURE_RECORD_SIZE));
		cr_expect_eq(capture_file_size("l.pcap"), (long)summary.bytes);
		cr_expect_eq(capture_count("l.pcap"), summary.written);
	}
	/* Not even room for the file's head: no file. */
	unlink("l.pcap");
	limit.rlim_cur = CAPTURE_HEADER_SIZE - 1;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_eq(capture_try((struct writer_options){ .path = "l.pcap" }), -EFBIG);
	cr_expect_eq(capture_file_size("l.pcap"), -1);
}

Test(writer_failures, full_disk)
{
	struct writer_summary summary;

	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
		cr_skip_test("needs a mount namespace of its own");
	cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mkdir("small", 0700), 0);
	cr_assert_eq(mount("none", "small", "tmpfs", 0, "size=64k"), 0);
	summary = write_until_error(capture_open((struct writer_options){ .path = "small/a.pcap" }),
				    -ENOSPC, 2000);
	cr_expect(strstr(capture_error, "small/a.pcap") && strstr(capture_error, "make room"), "%s",
		  capture_error);
	cr_expect_gt(summary.written, 400);
	cr_expect_eq(summary.written + summary.unwritten, 2000);
	cr_expect_eq(capture_count("small/a.pcap"), summary.written);
	umount("small");
}

/* Runs with standard output replaced by `fd`, which is closed. */
static struct writer *open_on_stdout(int fd, int expected)
{
	struct writer_options options = { .path = "-" };
	struct writer *writer = NULL;
	int saved = dup(STDOUT_FILENO);

	cr_assert(fd >= 0 && saved >= 0);
	dup2(fd, STDOUT_FILENO);
	close(fd);
	cr_expect_eq(writer_open(&options, &writer, capture_error, sizeof(capture_error)), expected,
		     "%s", capture_error);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	return writer;
}

Test(writer_failures, standard_output_is_a_file_with_something_in_it)
{
	struct event event = capture_packet(3478, 100, 100, 0);
	struct rlimit limit = { 8 + CAPTURE_HEADER_SIZE + 150, RLIM_INFINITY };
	struct writer *writer;
	char start[8];
	FILE *file;

	capture_make_file("out", "12345678");
	writer = open_on_stdout(open("out", O_WRONLY | O_APPEND), 0);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_eq(writer_write(writer, &event), 0);
	cr_expect_eq(writer_write(writer, &event), 0);
	cr_expect_eq(writer_flush(writer), -EFBIG);
	cr_expect_eq(writer_flush(writer), 0);
	cr_expect_eq(capture_close(writer, -EFBIG).written, 1);
	cr_expect_eq(capture_file_size("out"), 8 + CAPTURE_HEADER_SIZE + CAPTURE_RECORD_SIZE + 100);
	file = fopen("out", "r");
	cr_expect_eq(fread(start, 1, sizeof(start), file), sizeof(start));
	cr_expect_eq(memcmp(start, "12345678", 8), 0);
	fclose(file);
}

Test(writer_failures, standard_output_is_full)
{
	open_on_stdout(open("/dev/full", O_WRONLY), -ENOSPC);
	cr_expect(strstr(capture_error, "standard output"), "%s", capture_error);
}

/* A slow reader, a pipe that does not block: everything arrives. */
Test(writer_failures, pipe_that_is_full_now_and_then)
{
	struct writer *writer;
	int ends[2];
	pid_t child;

	cr_assert_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		char *const arguments[] = { (char *)"cat", NULL };
		int out = open("piped.pcap", O_WRONLY | O_CREAT, 0600);

		dup2(ends[0], STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		close(ends[1]);
		execvp("cat", arguments);
		_exit(127);
	}
	close(ends[0]);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	writer = open_on_stdout(ends[1], 0);
	for (uint64_t i = 0; i < 2000; i++) {
		struct event event = capture_packet(3478, 1000, 1000, i);

		cr_assert_eq(writer_write(writer, &event), 0);
	}
	capture_close(writer, 0);
	cr_expect_eq(waitpid(child, NULL, 0), child);
	cr_expect_eq(capture_count("piped.pcap"), 2000);
}

Test(writer_failures, pipe_without_reader)
{
	struct writer_summary summary;
	struct writer *writer;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	writer = open_on_stdout(ends[1], 0);
	close(ends[0]);
	summary = write_until_error(writer, -EPIPE, 20);
	cr_expect(strstr(capture_error, "reader has gone"), "%s", capture_error);
	cr_expect_eq(summary.written, 0);
	cr_expect_eq(summary.unwritten, 20);
}
