/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader's items to the offline relay. */
#include "replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/journal.h"

#define BINDINGS_MAX 256

struct replay {
	char *path;
	struct reader *reader;
	struct offline *offline;
	struct replay_position position;
	struct reader_head head; /* after all was read once */
	uint64_t skipped;
	bool has_attachment, has_counters;
	bool is_counted; /* to the end */
	bool is_damaged;
	bool has_next; /* `next` was read, and waits for its time */
	struct reader_item next;
	struct event next_event;			/* of a journal entry */
	struct journal_words words[EVENT_COUNTERS + 1]; /* by type: an attachment's must last */
	struct event_binding bindings[BINDINGS_MAX];
	size_t binding_count;
};

/* Reads on to an item that concerns us: 1, or 0 at the end. */
static int read_next(struct replay *replay)
{
	struct reader_item *item = &replay->next;
	struct journal_words words;
	struct event *event = &replay->next_event;
	int result;

	while ((result = reader_next(replay->reader, item)) == 1) {
		if (item->kind == READER_PACKET)
			return 1;
		if (journal_parse(item->text, item->text_length, &words, event) < 0)
			continue;
		/* Again, to where the words may stay. */
		(void)journal_parse(item->text, item->text_length, &replay->words[event->type],
				    event);
		item->time_ns = event->time_ns;
		return 1;
	}
	replay->is_damaged |= result < 0;
	return 0;
}

static void get_packet(const struct replay *replay, struct offline_packet *ret)
{
	const struct reader_item *item = &replay->next;

	*ret = (struct offline_packet){
		.time_ns = item->time_ns,
		.bytes = item->bytes,
		.captured = item->captured,
		.length = item->length,
		.comment = replay->head.is_ours ? item->text : NULL,
		.comment_length = item->text_length,
		.lost = item->lost,
		.way = item->way,
	};
}

static void survey_item(struct replay *replay)
{
	struct replay_position *position = &replay->position;
	struct offline_packet packet;

	if (position->items++ == 0 || replay->next.time_ns < position->first_ns)
		position->first_ns = replay->next.time_ns;
	if (replay->next.time_ns > position->last_ns)
		position->last_ns = replay->next.time_ns;
	if (replay->next.kind == READER_JOURNAL) {
		replay->has_attachment |= replay->next_event.type == EVENT_ATTACHED;
		replay->has_counters |= replay->next_event.type == EVENT_COUNTERS;
		replay->is_counted |= replay->next_event.type == EVENT_COUNTERS;
		return;
	}
	replay->is_counted = false;
	get_packet(replay, &packet);
	offline_survey(replay->offline, &packet);
}

static int survey(struct replay *replay)
{
	while (read_next(replay) == 1)
		survey_item(replay);
	replay->head = *reader_head(replay->reader);
	replay->skipped = reader_skipped(replay->reader);
	if (replay->head.has_mac)
		offline_set_mac(replay->offline, &replay->head.mac);
	if (!replay->head.is_ours)
		return replay_rewind(replay);
	for (size_t i = 0; i < replay->head.address_count; i++)
		offline_add_address(replay->offline, &replay->head.addresses[i].ip);
	if (replay->has_counters)
		offline_set_counted(replay->offline);
	return replay_rewind(replay);
}

int replay_open(const char *path, const struct offline_setup *setup, offline_emit_fn *emit,
		void *context, struct replay **ret, char *ret_error, size_t size)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	int err;

	snprintf(ret_error, size, "cannot read %s: out of memory", path);
	if (!replay)
		return -ENOMEM;
	replay->path = strdup(path);
	err = replay->path ? offline_new(setup, emit, context, &replay->offline) : -ENOMEM;
	if (!err)
		err = reader_open(path, &replay->reader, ret_error, size);
	if (!err)
		err = survey(replay);
	if (!err && replay->is_damaged && replay->position.items == 0) {
		snprintf(ret_error, size, "cannot read %s: it is damaged from the start", path);
		err = -EBADMSG;
	}
	if (err) {
		replay_close(replay);
		return err;
	}
	*ret = replay;
	return 0;
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	reader_close(replay->reader);
	offline_free(replay->offline);
	free(replay->path);
	free(replay);
}

int replay_rewind(struct replay *replay)
{
	int err = reader_rewind(replay->reader);

	if (!err)
		err = offline_reset(replay->offline);
	replay->position.item = 0;
	replay->position.now_ns = 0;
	replay->position.at_end = false;
	replay->has_next = false;
	return err;
}

int replay_bind(struct replay *replay, const struct event_binding *binding)
{
	if (replay->binding_count == BINDINGS_MAX)
		return -ENOSPC;
	replay->bindings[replay->binding_count++] = *binding;
	return 0;
}

static void begin(struct replay *replay)
{
	const char *name = replay->head.interface;
	const char *slash = strrchr(replay->path, '/');

	if (!*name)
		name = slash ? slash + 1 : replay->path;
	if (!replay->head.is_ours || !replay->has_attachment)
		offline_attach(replay->offline, name, replay->position.first_ns);
	for (size_t i = 0; i < replay->binding_count; i++)
		(void)offline_bind(replay->offline, &replay->bindings[i],
				   replay->position.first_ns);
}

static bool fetch(struct replay *replay)
{
	if (!replay->has_next)
		replay->has_next = read_next(replay) == 1;
	return replay->has_next;
}

bool replay_step(struct replay *replay)
{
	struct offline_packet packet;

	if (!fetch(replay)) {
		replay->position.at_end = true;
		return false;
	}
	if (replay->position.item++ == 0)
		begin(replay);
	replay->position.now_ns = replay->next.time_ns;
	replay->has_next = false;
	if (replay->next.kind == READER_PACKET) {
		get_packet(replay, &packet);
		offline_take_packet(replay->offline, &packet);
	} else if (replay->head.is_ours) {
		offline_take_event(replay->offline, &replay->next_event);
	}
	return true;
}

bool replay_until(struct replay *replay, int64_t time_ns, int max)
{
	for (int i = 0; i < max; i++) {
		if (fetch(replay) && replay->next.time_ns > time_ns)
			return false;
		if (!replay_step(replay))
			return false;
	}
	return true;
}

void replay_count(struct replay *replay)
{
	offline_count(replay->offline);
}

const struct reader_head *replay_head(const struct replay *replay)
{
	return &replay->head;
}

const struct offline_host *replay_host(const struct replay *replay)
{
	return offline_host(replay->offline);
}

void replay_position(const struct replay *replay, struct replay_position *ret)
{
	*ret = replay->position;
}

void replay_complaint(const struct replay *replay, char *ret_text, size_t size)
{
	const struct replay_position *position = &replay->position;

	*ret_text = '\0';
	if (replay->is_damaged)
		snprintf(ret_text, size, "%s is damaged or was cut off after %" PRIu64 " items",
			 replay->path, position->items);
	else if (reader_has_cooked(replay->reader))
		snprintf(ret_text, size,
			 "%s was captured on any interface: it does not say to which MAC address "
			 "a packet was sent, and all interfaces are taken as one; left out: "
			 "%" PRIu64 " packets of others than Ethernet",
			 replay->path, replay->skipped);
	else if (replay->skipped)
		snprintf(ret_text, size,
			 "%s: %" PRIu64
			 " packets of interfaces that are not Ethernet were left out",
			 replay->path, replay->skipped);
	else if (replay->head.is_ours && !replay->is_counted)
		snprintf(ret_text, size,
			 "%s was not finished: it has no counters %s, so what was relayed is not "
			 "known",
			 replay->path, replay->has_counters ? "at its end" : "at all");
}
