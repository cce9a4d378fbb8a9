/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile capture files: whatever they say, the reader, the entries and comments in them, the
 * offline relay and the model behind it must bear it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../capture/pcapng_reader.h"
#include "../src/journal.h"
#include "../src/model.h"
#include "../src/offline.h"

struct fuzz_state {
	struct model *model;
	struct offline *offline;
	unsigned int inputs;
	struct journal_words words;
};

static void check_event(void *context, const struct event *event)
{
	struct fuzz_state *state = context;

	if (event->type == EVENT_PASSED_UP && (event->passed.reason >= RELAY_REASON_COUNT ||
					       event->passed.captured > event->passed.length))
		abort();
	if (event->type == EVENT_RELAYED && event->passed.way.path >= RELAY_PATH_COUNT)
		abort();
	model_ingest(state->model, event);
	if (event->type == EVENT_COUNTERS)
		model_tick(state->model, event->time_ns);
}

/* Making the tables costs a hundred times as much as an input, so they serve for some. */
static void renew(struct fuzz_state *state)
{
	static const struct offline_setup setup = {
		.ports = { 3478, 49152, 65535 },
		.mac_ttl_s = 300,
		.mac_entries = 64,
		.interval_ns = 1000000000,
		.capture = ~0ULL,
		.relaying = true,
	};

	offline_free(state->offline);
	model_free(state->model);
	*state = (struct fuzz_state){ .inputs = 1 };
	state->model = model_new(0);
	if (!state->model || offline_new(&setup, check_event, state, &state->offline) < 0)
		abort();
}

static void take_item(struct fuzz_state *state, const struct reader_item *item, int pass)
{
	struct offline_packet packet = {
		.time_ns = item->time_ns,
		.bytes = item->bytes,
		.captured = item->captured,
		.length = item->length,
		.comment = item->text,
		.comment_length = item->text_length,
		.lost = item->lost,
	};
	struct event event;

	if (item->kind == READER_JOURNAL) {
		if (journal_parse(item->text, item->text_length, &state->words, &event) == 0 &&
		    pass)
			offline_take_event(state->offline, &event);
	} else if (pass) {
		offline_take_packet(state->offline, &packet);
	} else {
		offline_survey(state->offline, &packet);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_state state;

	if (state.inputs++ % 256 == 0)
		renew(&state);
	if (size == 0)
		return 0;
	for (int pass = 0; pass < 2; pass++) {
		FILE *file = fmemopen((void *)data, size, "r");
		struct pcapng_reader *reader = file ? pcapng_reader_new(file) : NULL;
		struct reader_item item;

		if (!reader)
			abort();
		while (pcapng_reader_next(reader, &item) == 1)
			take_item(&state, &item, pass);
		pcapng_reader_free(reader);
		fclose(file);
	}
	offline_count(state.offline);
	return 0;
}
