/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of capture files share. Each test is a process of its own, in a folder of its own.
 */
#ifndef FZBPF_CAPTURE_BENCH_H
#define FZBPF_CAPTURE_BENCH_H

#include <stdint.h>

#include "../capture/writer.h"

#define CAPTURE_BASE_NS 1714979289123456789LL
#define CAPTURE_FRAME_MAX RELAY_SNAPLEN_MAX
#define CAPTURE_HEADER_SIZE 24 /* of a pcap file */
#define CAPTURE_RECORD_SIZE 16 /* of a record's header */

extern char capture_error[WRITER_ERROR_SIZE]; /* of the last writer opened or closed */
extern uint8_t capture_frame[CAPTURE_FRAME_MAX];

void capture_enter_folder(void);
void capture_leave_folder(void);

/* An IPv4 UDP frame from port 50000 to `port`, cut or padded to `captured`. */
struct event capture_packet(uint16_t port, uint32_t captured, uint32_t length, uint64_t number);

struct writer *capture_open(struct writer_options options);
struct writer_summary capture_close(struct writer *writer, int expected);
/* Opens, and closes if that was possible. */
int capture_try(struct writer_options options);

/* Packets in the file; fails the test if it is not a pcap file of whole records. */
uint64_t capture_count(const char *path);
void capture_make_file(const char *path, const char *text);
long capture_file_size(const char *path); /* -1 = no file */

#endif
