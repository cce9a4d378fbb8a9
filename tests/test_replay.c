/* SPDX-License-Identifier: BSD-2-Clause */
/* Saved captures: real ones of strangers, and our own, there and back. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../capture/playback.h"
#include "../src/comment.h"
#include "capture_bench.h"
#include "model_events.h"

TestSuite(replay, .init = capture_enter_folder, .fini = capture_leave_folder);

#define EVENTS_MAX 512

/* What was emitted: types, reasons of packets, and the last of everything. */
struct taken {
	struct replay *replay;
	struct model *model;
	struct writer *writer;
	size_t count, types[EVENT_COUNTERS + 1];
	uint64_t passed[RELAY_REASON_COUNT];
	size_t bound;	/* packets with a binding, */
	uint64_t slots; /* and the sum of their slots */
	struct relay_counters totals;
	struct {
		enum event_type type;
		int64_t time_ns;
		enum relay_reason reason;
		struct in6_addr missing;
	} events[EVENTS_MAX];
};

static void take_event(void *context, const struct event *event)
{
	struct taken *taken = context;

	taken->types[event->type]++;
	if (taken->model)
		model_ingest(taken->model, event);
	if (taken->writer)
		cr_expect_eq(writer_write(taken->writer, event), 0);
	if (event->type == EVENT_COUNTERS)
		taken->totals = event->counters.totals;
	if (event->type == EVENT_PASSED_UP)
		taken->passed[event->passed.reason]++;
	if (event_is_packet(event->type) && event->passed.has_slot) {
		taken->bound++;
		taken->slots += event->passed.slot;
	}
	if (event->type == EVENT_NEIGHBOUR || event->type == EVENT_SESSION ||
	    event->type == EVENT_COUNTERS || taken->count == EVENTS_MAX)
		return;
	taken->events[taken->count].type = event->type;
	taken->events[taken->count].time_ns = event->time_ns;
	if (event->type == EVENT_PASSED_UP) {
		taken->events[taken->count].reason = event->passed.reason;
		taken->events[taken->count].missing = event->passed.missing;
	}
	taken->count++;
}

static int open_file(const char *path, struct taken *taken)
{
	static const struct offline_setup setup = {
		.ports = { 3478, 49152, 65535 },
		.mac_ttl_s = 300,
		.mac_entries = 65536,
		.interval_ns = 1000000000,
		.capture = ~0ULL,
		.relaying = true,
	};

	return replay_open(path, &setup, take_event, taken, &taken->replay, capture_error,
			   sizeof(capture_error));
}

static void play(const char *path, struct taken *taken)
{
	cr_assert_eq(open_file(path, taken), 0, "%s", capture_error);
	while (replay_step(taken->replay))
		continue;
	replay_count(taken->replay);
}

/* The tests' own folder is elsewhere. */
static const char *capture_path(const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s/captures/%s.pcap", getenv("TESTS_HOME"), name);
	return buf;
}

static uint64_t packets(const char *path)
{
	FILE *file = fopen(path, "r");
	uint32_t header[4];
	uint64_t count = 0;

	fseek(file, CAPTURE_HEADER_SIZE, SEEK_SET);
	for (; fread(header, sizeof(header), 1, file) == 1; count++)
		fseek(file, header[2], SEEK_CUR);
	fclose(file);
	return count;
}

static void find_home(void)
{
	char path[1024];

	cr_assert(realpath(TESTS_DIR, path));
	setenv("TESTS_HOME", path, 1);
	capture_enter_folder();
}

TestSuite(replay_real, .init = find_home, .fini = capture_leave_folder);

Test(replay_real, what_the_relay_would_have_done)
{
	static const struct {
		const char *name;
		enum relay_path out, back;
		size_t learned;
	} rows[] = {
		{ "v4", RELAY_PATH_C4_P4, RELAY_PATH_P4_C4, 2 },
		{ "v6", RELAY_PATH_C6_P6, RELAY_PATH_P6_C6, 3 },
		{ "v4-client-v6-peer", RELAY_PATH_C4_P6, RELAY_PATH_P6_C4, 3 },
		{ "v4-padded", RELAY_PATH_C4_P4, RELAY_PATH_P4_C4, 3 },
	};
	char path[1100];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct taken taken = { 0 };

		play(capture_path(rows[i].name, path, sizeof(path)), &taken);
		cr_expect_eq(taken.totals.paths[rows[i].out], 9, "%s", path);
		cr_expect_eq(taken.totals.paths[rows[i].back], 10, "%s", path);
		cr_expect_eq(taken.passed[RELAY_REASON_NO_MAC], 1, "the first to the peer");
		cr_expect_eq(taken.passed[RELAY_REASON_CONTROL], 14);
		cr_expect_eq(taken.types[EVENT_RELAYED], 19, "each has its own line");
		cr_expect_eq(taken.types[EVENT_PASSED_UP] + taken.types[EVENT_RELAYED] +
				     taken.types[EVENT_SENT],
			     packets(path), "%s", path);
		cr_expect_eq(taken.types[EVENT_BINDING_ADDED], 2);
		cr_expect_eq(taken.types[EVENT_BINDING_REFRESHED], 3);
		cr_expect_eq(taken.types[EVENT_BINDING_REMOVED], 2);
		cr_expect_eq(taken.types[EVENT_MAC_LEARNED], rows[i].learned, "%s", path);
		for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++)
			cr_expect_eq(taken.totals.passed[reason], taken.passed[reason]);
		replay_close(taken.replay);
	}
}

/* A frame as the relay's host has it on "any": without the receiver's MAC address. */
static size_t cook(const uint8_t *frame, size_t length, int link, const uint8_t *own,
		   uint8_t *ret_cooked)
{
	size_t header = link == 113 ? 16 : 20;
	uint8_t *type = ret_cooked + (link == 113 ? 1 : 10);

	memset(ret_cooked, 0, header);
	*type = memcmp(frame + 6, own, 6) == 0 ? 4
		: memcmp(frame, own, 6) == 0   ? 0
		: frame[0] == 0xff	       ? 1
		: frame[0] & 1		       ? 2
					       : 3;
	ret_cooked[link == 113 ? 3 : 9] = 1; /* ARPHRD_ETHER */
	ret_cooked[link == 113 ? 5 : 11] = 6;
	memcpy(ret_cooked + (link == 113 ? 6 : 12), frame + 6, 6);
	memcpy(ret_cooked + (link == 113 ? 14 : 0), frame + 12, 2);
	memcpy(ret_cooked + header, frame + 14, length - 14);
	return header + length - 14;
}

/* And a packet of the loopback interface behind it, which is left out. */
static void cook_file(const char *path, int link, const uint8_t *own, const char *to)
{
	static const uint8_t loopback[32] = { [3] = 0x03, [2] = 0x03, [8] = 0x03, [9] = 0x04 };
	FILE *in = fopen(path, "r"), *out = fopen(to, "w");
	uint8_t header[CAPTURE_HEADER_SIZE], frame[4096], cooked[4096];
	uint32_t record[4], last[4] = { 0 };

	cr_assert_eq(fread(header, sizeof(header), 1, in), 1);
	header[20] = (uint8_t)link;
	header[21] = (uint8_t)(link >> 8);
	fwrite(header, sizeof(header), 1, out);
	while (fread(record, sizeof(record), 1, in) == 1) {
		cr_assert_eq(fread(frame, record[2], 1, in), 1);
		record[2] = (uint32_t)cook(frame, record[2], link, own, cooked);
		record[3] = record[2];
		fwrite(record, sizeof(record), 1, out);
		fwrite(cooked, record[2], 1, out);
		memcpy(last, record, sizeof(last));
	}
	last[2] = last[3] = sizeof(loopback);
	fwrite(last, sizeof(last), 1, out);
	fwrite(loopback, sizeof(loopback), 1, out);
	fclose(in);
	fclose(out);
}

Test(replay_real, captured_on_any)
{
	static const char *const names[] = { "v4", "v6", "v4-client-v6-peer" };
	static const int links[] = { 113, 276 };
	char path[1100], text[512];

	for (size_t i = 0; i < 6; i++) {
		struct taken ethernet = { 0 }, cooked = { 0 };

		play(capture_path(names[i / 2], path, sizeof(path)), &ethernet);
		cook_file(path, links[i % 2], replay_host(ethernet.replay)->mac.octet, "any.pcap");
		play("any.pcap", &cooked);
		cr_expect_eq(memcmp(&cooked.totals, &ethernet.totals, sizeof(cooked.totals)), 0,
			     "%s", path);
		cr_expect_eq(cooked.types[EVENT_SENT], ethernet.types[EVENT_SENT]);
		cr_expect_eq(cooked.count, ethernet.count);
		replay_complaint(cooked.replay, text, sizeof(text));
		cr_expect(strstr(text, "any interface"), "%s", text);
		replay_close(ethernet.replay);
		replay_close(cooked.replay);
	}
}

/* IPv6 could not carry a wrong header checksum on. */
Test(replay_real, a_wrong_ip_checksum)
{
	struct taken wrong = { 0 };
	char path[1100], command[1200];
	uint32_t record[4];
	uint8_t frame[64];
	long at = CAPTURE_HEADER_SIZE;
	FILE *file;

	snprintf(command, sizeof(command), "cp %s wrong.pcap",
		 capture_path("v4-client-v6-peer", path, sizeof(path)));
	cr_assert_eq(system(command), 0);
	file = fopen("wrong.pcap", "r+");
	for (; !fseek(file, at, SEEK_SET) && fread(record, sizeof(record), 1, file) == 1;
	     at += (long)(sizeof(record) + record[2])) {
		if (record[2] < sizeof(frame) || fread(frame, sizeof(frame), 1, file) != 1 ||
		    frame[12] != 8 || frame[13] != 0)
			continue;
		frame[24] ^= 1;
		fseek(file, at + (long)sizeof(record) + 24, SEEK_SET);
		fwrite(&frame[24], 1, 1, file);
	}
	fclose(file);
	play("wrong.pcap", &wrong);
	cr_expect_eq(wrong.passed[RELAY_REASON_BAD_HEADER], 10, "all from the client");
	cr_expect_eq(wrong.totals.paths[RELAY_PATH_C4_P6], 0);
	cr_expect_eq(wrong.totals.paths[RELAY_PATH_P6_C4], 10);
	replay_close(wrong.replay);
}

/* As pcapng with our comments and events, and read back: the same story. */
Test(replay_real, there_and_back)
{
	struct taken first = { 0 }, second = { 0 };
	char path[1100], text[256];

	first.model = event_model();
	first.writer = capture_open((struct writer_options){
		.path = "a.pcapng", .kind = WRITER_PCAPNG, .model = first.model });
	play(capture_path("v4-client-v6-peer", path, sizeof(path)), &first);
	capture_close(first.writer, 0);
	play("a.pcapng", &second);
	cr_assert_eq(second.count, first.count);
	cr_expect_eq(memcmp(second.events, first.events, first.count * sizeof(first.events[0])), 0);
	cr_expect_eq(memcmp(&second.totals, &first.totals, sizeof(first.totals)), 0);
	cr_expect_eq(second.types[EVENT_RELAYED], first.types[EVENT_RELAYED]);
	cr_expect_eq(second.types[EVENT_SENT], first.types[EVENT_SENT]);
	cr_expect_eq(first.bound, 20);
	cr_expect_eq(second.bound, first.bound);
	cr_expect_eq(second.slots, first.slots, "of the same bindings");
	replay_complaint(second.replay, text, sizeof(text));
	cr_expect_str_eq(text, "");
	replay_close(first.replay);
	replay_close(second.replay);
	model_free(first.model);
}

Test(replay_real, on_and_back)
{
	struct taken taken = { 0 };
	struct replay_position position;
	struct playback playback = { 0 };
	struct relay_counters totals;
	char path[1100], text[64];
	size_t all;

	cr_assert_eq(open_file(capture_path("v4", path, sizeof(path)), &taken), 0);
	playback.replay = taken.replay;
	playback_all(&playback);
	cr_expect_eq(taken.count, 0, "nothing is told before it is played");
	while (playback_work(&playback, 7))
		continue;
	all = taken.count;
	totals = taken.totals;
	cr_expect_eq(totals.paths[RELAY_PATH_C4_P4], 9);
	replay_position(taken.replay, &position);
	cr_expect_eq(position.at_end, true);
	cr_expect_eq(position.item, position.items);
	cr_expect_str_eq(playback_status(&playback, text, sizeof(text)),
			 "FILE 00:00:05 / 00:00:05  end");

	cr_expect(playback_jump(&playback, -3000000000), "rewound");
	taken.count = 0;
	while (playback_work(&playback, 7))
		continue;
	cr_expect(taken.count > 0 && taken.count < all, "%zu of %zu", taken.count, all);
	cr_expect_str_eq(playback_status(&playback, text, sizeof(text)),
			 "FILE 00:00:02 / 00:00:05  paused");
	replay_position(taken.replay, &position);
	cr_expect_leq(position.now_ns, playback.until_ns);

	cr_expect_not(playback_toggle(&playback, 1000));
	playback_tick(&playback, 1000 + 1000000000);
	while (playback_work(&playback, 7))
		continue;
	cr_expect_str_eq(playback_status(&playback, text, sizeof(text)),
			 "FILE 00:00:03 / 00:00:05  playing");
	cr_expect_not(playback_jump(&playback, 60000000000));
	while (playback_work(&playback, 7))
		continue;
	cr_expect_eq(taken.count, all);
	cr_expect_eq(memcmp(&totals, &taken.totals, sizeof(totals)), 0);
	cr_expect(playback_jump(&playback, -60000000000));
	taken.count = 0;
	while (playback_work(&playback, 7))
		continue;
	cr_expect_gt(taken.count, 0, "the first is shown");
	cr_expect_lt(taken.count, 5);
	playback_all(&playback);
	while (playback_work(&playback, 7))
		continue;
	cr_expect(playback_toggle(&playback, 0), "from the start");
	taken.count = 0;
	playback_step(&playback);
	cr_expect_gt(taken.count, 0);
	replay_close(taken.replay);
}

/* As after a crash: what is there is counted, and what is not known is said. */
Test(replay_real, without_the_last_counters)
{
	struct taken first = { 0 }, second = { 0 };
	struct event counters = { .type = EVENT_COUNTERS, .time_ns = 1 };
	char path[1100], text[512];

	first.model = event_model();
	first.writer = capture_open((struct writer_options){
		.path = "a.pcapng", .kind = WRITER_PCAPNG, .model = first.model });
	cr_assert_eq(writer_write(first.writer, &counters), 0);
	cr_assert_eq(open_file(capture_path("v4", path, sizeof(path)), &first), 0);
	for (int i = 0; i < 20; i++)
		cr_assert(replay_step(first.replay));
	capture_close(first.writer, 0);
	play("a.pcapng", &second);
	cr_expect_gt(first.passed[RELAY_REASON_CONTROL], 5);
	cr_expect_eq(second.totals.passed[RELAY_REASON_CONTROL],
		     first.passed[RELAY_REASON_CONTROL]);
	replay_complaint(second.replay, text, sizeof(text));
	cr_expect(strstr(text, "no counters at its end"), "%s", text);
	replay_close(first.replay);
	replay_close(second.replay);
	model_free(first.model);
}

/* Cut off anywhere: what is whole is played, and it is said. */
Test(replay_real, cut_off)
{
	struct taken taken = { 0 };
	char path[1100], text[512], *bytes;
	FILE *file;
	long size;

	taken.model = event_model();
	taken.writer = capture_open((struct writer_options){
		.path = "a.pcapng", .kind = WRITER_PCAPNG, .model = taken.model });
	play(capture_path("v4", path, sizeof(path)), &taken);
	capture_close(taken.writer, 0);
	replay_close(taken.replay);
	model_free(taken.model);
	size = capture_file_size("a.pcapng");
	bytes = malloc((size_t)size);
	file = fopen("a.pcapng", "r");
	cr_assert_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
	fclose(file);
	for (long cut = 0; cut < size; cut += 61) {
		struct taken part = { 0 };

		file = fopen("cut.pcapng", "w");
		cr_assert_eq(fwrite(bytes, 1, (size_t)cut, file), (size_t)cut);
		fclose(file);
		if (open_file("cut.pcapng", &part) < 0)
			continue;
		while (replay_step(part.replay))
			continue;
		replay_complaint(part.replay, text, sizeof(text));
		cr_expect_leq(part.count, taken.count);
		if (part.count > 0 && cut % 4)
			cr_expect(strstr(text, "cut off"), "%ld: %s", cut, text);
		replay_close(part.replay);
	}
	free(bytes);
}

Test(replay, refused)
{
	static const struct {
		const char *path, *says;
		int err;
	} rows[] = {
		{ "nowhere", "No such file", -ENOENT },
		{ "text", "cannot read text", -EBADMSG },
		{ "empty", "cannot read empty", -EBADMSG },
		{ "raw", "not Ethernet", -EMEDIUMTYPE },
		{ "raw", "tcpdump -i INTERFACE", -EMEDIUMTYPE },
	};
	static const unsigned char raw[24] = { 0xd4, 0xc3, 0xb2, 0xa1,	   2,
					       0,    4,	   0,	 [17] = 1, [20] = 101 };
	struct taken taken = { 0 };
	FILE *file;

	capture_make_file("text", "this is no capture at all, but long enough to be one");
	capture_make_file("empty", "");
	file = fopen("raw", "w");
	fwrite(raw, 1, sizeof(raw), file);
	fclose(file);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(open_file(rows[i].path, &taken), rows[i].err, "%s: %s", rows[i].path,
			     capture_error);
		cr_expect(strstr(capture_error, rows[i].says), "%s", capture_error);
	}
}

/* Of the other byte order, microseconds, with a block that nobody knows and an odd frame. */
Test(replay, foreign_byte_order)
{
	static const uint8_t file_bytes[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 0,    0,    0,	  28,	0x1a, 0x2b, 0x3c, 0x4d, 0,    1,
		0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,	  0,	0,    28,
		0,    0,    0,	  1,	0,    0,    0,	  20,	0,    1,    0,	  0,	0,    0,
		0,    0,    0,	  0,	0,    20,   0,	  0,	0x0b, 0xad, 0,	  0,	0,    16,
		1,    2,    3,	  4,	0,    0,    0,	  16,	0,    0,    0,	  6,	0,    0,
		0,    48,   0,	  0,	0,    0,    0,	  6,	0x17, 0xc5, 0x1f, 0x50, 0x9d, 0x00,
		0,    0,    0,	  15,	0,    0,    0,	  15,	2,    0,    0,	  0,	0,    1,
		2,    0,    0,	  0,	0,    2,    0x88, 0xcc, 9,    0,    0,	  0,	0,    48,
	};
	struct taken taken = { 0 };
	struct replay_position position;
	FILE *file = fopen("big", "w");

	fwrite(file_bytes, 1, sizeof(file_bytes), file);
	fclose(file);
	play("big", &taken);
	replay_position(taken.replay, &position);
	cr_expect_eq(position.items, 1);
	cr_expect_eq(position.first_ns, (0x617c51f509d00LL) * 1000);
	cr_expect_eq(taken.passed[RELAY_REASON_NOT_IP], 1);
	replay_close(taken.replay);
}
