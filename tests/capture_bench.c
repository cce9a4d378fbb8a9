/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets, writers and folders for the tests of capture files. */
#include "capture_bench.h"

#include <criterion/criterion.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/fzbpf-writer-XXXXXX";
char capture_error[WRITER_ERROR_SIZE];
uint8_t capture_frame[CAPTURE_FRAME_MAX];

void capture_enter_folder(void)
{
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	for (size_t i = 0; i < sizeof(capture_frame); i++)
		capture_frame[i] = (uint8_t)(i * 7);
}

void capture_leave_folder(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect_eq(system(command), 0);
}

/* An IPv4 UDP frame from port 50000 to `port`, cut or padded to `captured`. */
struct event capture_packet(uint16_t port, uint32_t captured, uint32_t length, uint64_t number)
{
	static const uint8_t head[42] = {
		0x02, 0,  0,  0,  0, 0x20, 0x02, 0,    0,  0,  0,    0x10, 0x08, 0x00,
		0x45, 0,  0,  28, 0, 0,	   0,	 0,    64, 17, 0x26, 0x19, 10,	 90,
		0,    10, 10, 90, 0, 20,   0xc3, 0x50, 0,  0,  0,    8,	   0,	 0,
	};
	struct event event = { .type = EVENT_PASSED_UP,
			       .time_ns = CAPTURE_BASE_NS + (int64_t)number * 1000000007 };

	memcpy(capture_frame, head, sizeof(head));
	capture_frame[36] = (uint8_t)(port >> 8);
	capture_frame[37] = (uint8_t)port;
	event.passed.frame = capture_frame;
	event.passed.captured = captured;
	event.passed.length = length;
	return event;
}

struct writer *capture_open(struct writer_options options)
{
	struct writer *writer = NULL;

	cr_assert_eq(writer_open(&options, &writer, capture_error, sizeof(capture_error)), 0, "%s",
		     capture_error);
	return writer;
}

struct writer_summary capture_close(struct writer *writer, int expected)
{
	struct writer_summary summary;

	cr_expect_eq(writer_close(writer, &summary, capture_error, sizeof(capture_error)), expected,
		     "%s", capture_error);
	cr_expect_eq(capture_error[0] == '\0', expected == 0, "%s", capture_error);
	return summary;
}

int capture_try(struct writer_options options)
{
	struct writer *writer = NULL;
	int err = writer_open(&options, &writer, capture_error, sizeof(capture_error));

	if (err == 0)
		writer_close(writer, NULL, capture_error, sizeof(capture_error));
	return err;
}

/* Packets in the file; fails the test if it is not a pcap file of whole records. */
uint64_t capture_count(const char *path)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	uint64_t count = 0;
	int result;

	cr_assert(pcap, "%s", text);
	while ((result = pcap_next_ex(pcap, &header, &bytes)) == 1)
		count++;
	cr_expect_eq(result, PCAP_ERROR_BREAK, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return count;
}

void capture_make_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert(file);
	fputs(text, file);
	fclose(file);
}

long capture_file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (long)status.st_size : -1;
}
