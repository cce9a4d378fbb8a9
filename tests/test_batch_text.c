/* SPDX-License-Identifier: BSD-2-Clause */
/* Batch output as text, and what holds for both kinds: no harm to terminals, errors that stay. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch_bench.h"

static void expect_only_printable(const char *text)
{
	for (; *text; text++)
		cr_assert(*text == '\n' || (*text >= 0x20 && *text < 0x7f), "%02x",
			  (unsigned char)*text);
}

Test(batch_text, hostile_names_do_no_harm)
{
	struct batch_bench bench;

	for (int json = 0; json < 2; json++) {
		batch_bench_open(&bench, json, false);
		batch_bench_write_everything(&bench);
		expect_only_printable(bench.text);
		batch_bench_close(&bench);
	}
}

Test(batch_text, text)
{
	static const char *const expected[] = {
		"07:08:09.123 attached    e?[2J?\"\\? mode generic program 42 mac "
		"02:ab:00:00:00:20: "
		"?]0;title? ?",
		"07:08:09.123 mac learned 10.90.0.30      02:ab:00:00:00:30 vlan 5 source arp",
		"07:08:09.123 mac moved   10.90.0.30      02:ab:00:00:00:30 was 02:ab:00:00:00:31 "
		"moves 4 vlan 5 source arp",
		"07:08:09.123 bound       client [fd90::10]:50000 channel 0x4001 relayed "
		"10.90.0.20:49152 peer 10.90.0.30:3480 expires 600s: ?31m",
		"07:08:09.123 refreshed   client [fd90::10]:50000 channel 0x4001 relayed "
		"10.90.0.20:49152 peer 10.90.0.30:3480 expires 600s: channel-bind",
		"07:08:09.123 unbound     client [fd90::10]:50000 channel 0x4001 relayed "
		"10.90.0.20:49152 peer 10.90.0.30:3480: channel-bind",
		"07:08:09.123 passed up   no-mac             10.90.0.10:50000 > 10.90.0.20:3478 "
		"len 54 "
		"channel 0x4001 missing 10.90.0.30",
		"07:08:09.123 detached    eth0 mode generic program 42 mac 02:ab:00:00:00:20: veth",
		NULL, /* counters, below */
		"07:08:09.123 neighbors   addresses learned: 1; wanted, but never seen: 1",
		"07:08:09.123 neighbor    10.90.0.30      02:ab:00:00:00:30 age 3s vlan 5 moves 2 "
		"hits "
		"100 misses 1",
		"07:08:09.123 neighbor    10.90.0.99      wanted, but never seen moves 0 hits 0 "
		"misses 7",
		"07:08:09.123 bindings    bindings: 1",
		"07:08:09.123 binding     client 10.90.0.10:50000 channel 0x4001 relayed "
		"10.90.0.20:49152 peer 10.90.0.30:3480 expires 2s to peer packets 10 bytes 1000 "
		"misses 1 "
		"to client packets 9 bytes 0 misses 0",
	};
	struct batch_bench bench;
	char *line;

	batch_bench_open(&bench, false, false);
	bench.model->reasons[RELAY_REASON_NO_MAC].class = RELAY_CLASS_WARMING;
	batch_bench_write_everything(&bench);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		line = batch_bench_line(&bench, i);
		if (expected[i])
			cr_expect_str_eq(line, expected[i], "%s", line);
		else
			cr_expect(strstr(line, "counters    seen ") && strstr(line, " no-mac "),
				  "%s", line);
		free(line);
	}
	batch_bench_close(&bench);
}

Test(batch_text, text_names_the_next_step_for_problems)
{
	struct event event = batch_bench_miss();
	struct batch_bench bench;

	batch_bench_open(&bench, false, false);
	batch_bench_set_class(bench.model, &event, RELAY_CLASS_PROBLEM);
	cr_expect_eq(batch_event(bench.batch, &event, bench.model), 0);
	cr_expect(strstr(bench.text, "; next: ping the address"), "%s", bench.text);
	batch_bench_close(&bench);
}

Test(batch_text, quiet_is_for_text)
{
	struct event learned = batch_bench_neighbour(EVENT_MAC_LEARNED),
		     missed = batch_bench_miss();
	struct event moved = batch_bench_neighbour(EVENT_MAC_MOVED);
	struct batch_bench bench;

	for (int json = 0; json < 2; json++) {
		batch_bench_open(&bench, json, true);
		cr_expect_eq(batch_event(bench.batch, &learned, bench.model), 0);
		cr_expect_eq(batch_event(bench.batch, &missed, bench.model), 0);
		fflush(bench.out);
		cr_expect_eq(bench.size > 0, json == 1);
		cr_expect_eq(batch_event(bench.batch, &moved, bench.model), 0);
		cr_expect_gt(bench.size, 0);
		batch_bench_close(&bench);
	}
}

Test(batch_text, write_errors_stay)
{
	struct event event = batch_bench_miss();
	struct model *model = calloc(1, sizeof(*model));

	signal(SIGPIPE, SIG_IGN);
	for (int json = 0; json < 2; json++) {
		struct batch_options options = { .json = json };
		struct batch *batch;
		FILE *full = fopen("/dev/full", "w");
		int ends[2];

		cr_assert(model && full);
		cr_assert_eq(batch_open(full, &options, &batch), 0);
		cr_expect_eq(batch_event(batch, &event, model), -ENOSPC);
		cr_expect_eq(batch_event(batch, &event, model), -ENOSPC);
		cr_expect_eq(batch_tables(batch, model, NOON_NS), -ENOSPC);
		batch_close(batch);
		fclose(full);

		cr_assert_eq(pipe(ends), 0);
		close(ends[0]);
		full = fdopen(ends[1], "w");
		cr_assert_eq(batch_open(full, &options, &batch), 0);
		cr_expect_eq(batch_tables(batch, model, NOON_NS), -EPIPE);
		batch_close(batch);
		fclose(full);
	}
	free(model);
}
