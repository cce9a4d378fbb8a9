/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting, feeding, rotating and stopping capture files. */
#include "recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/clock.h"
#include "../src/format.h"
#include "recorder_name.h"

#define KNOWN_MAX 256 /* bindings, and neighbours, that a file begins with */
#define COUNTERS_EVERY_NS (10 * CLOCK_SECOND_NS)

/* ---- what belongs into the file -------------------------------------------------------------- */

static bool concerns_ip(const struct recorder *recorder, const struct event *event)
{
	const struct in6_addr *ip = &recorder->ip;

	switch (event->type) {
	case EVENT_RELAYED:
	case EVENT_SENT: return false;
	case EVENT_PASSED_UP:
		return event->passed.has_missing && IN6_ARE_ADDR_EQUAL(&event->passed.missing, ip);
	case EVENT_MAC_LEARNED:
	case EVENT_MAC_MOVED: return IN6_ARE_ADDR_EQUAL(&event->neighbour.ip, ip);
	case EVENT_BINDING_ADDED:
	case EVENT_BINDING_REFRESHED:
	case EVENT_BINDING_REMOVED:
		return IN6_ARE_ADDR_EQUAL(&event->binding.client.ip, ip) ||
		       IN6_ARE_ADDR_EQUAL(&event->binding.peer.ip, ip);
	default: return true;
	}
}

static int write_event(struct recorder *recorder, const struct event *event)
{
	return recorder->misses_only && !concerns_ip(recorder, event)
		       ? 0
		       : writer_write(recorder->writer, event);
}

static int write_attachment(struct recorder *recorder, const struct model *model, int64_t now_ns)
{
	struct event event = { .type = EVENT_ATTACHED, .time_ns = now_ns };

	if (!model->attached_ns)
		return 0;
	memcpy(event.attachment.interface, model->interface, sizeof(model->interface));
	event.attachment.ifindex = model->ifindex;
	event.attachment.mode = model->mode;
	event.attachment.reason = model->mode_reason;
	event.attachment.program_id = model->program_id;
	event.attachment.mac = model->mac;
	return write_event(recorder, &event);
}

static int write_neighbours(struct recorder *recorder, const struct model *model, int64_t now_ns)
{
	size_t written = 0;
	int error = 0;

	for (size_t i = 0; i < model->neighbour_count && written < KNOWN_MAX && !error; i++) {
		const struct model_neighbour *row = &model->neighbours[i];

		if (!row->witnessed || row->evicted)
			continue;
		written++;
		error = write_event(recorder,
				    &(struct event){ .type = EVENT_MAC_LEARNED,
						     .time_ns = now_ns,
						     .neighbour = {
							     .ip = row->ip,
							     .vlan = row->vlan,
							     .mac = row->mac,
							     .source = row->source,
							     .moves = row->moves,
							     .first_seen_ns = row->first_seen_ns,
							     .last_seen_ns = row->last_seen_ns,
						     } });
	}
	return error;
}

static int write_bindings(struct recorder *recorder, const struct model *model, int64_t now_ns)
{
	size_t written = 0;
	int error = 0;

	for (size_t i = 0; i < model->binding_end && written < KNOWN_MAX && !error; i++) {
		const struct model_binding *row = &model->bindings[i];

		if (!row->used)
			continue;
		written++;
		error = write_event(recorder,
				    &(struct event){ .type = EVENT_BINDING_ADDED,
						     .time_ns = now_ns,
						     .binding = {
							     .slot = row->slot,
							     .client = row->client,
							     .server = row->server,
							     .relayed = row->relayed,
							     .peer = row->peer,
							     .channel = row->channel,
							     .fixed = row->fixed,
							     .expires_ns = row->expires_ns,
							     .why = "known when the file began",
						     } });
	}
	return error;
}

/* ---- counters -------------------------------------------------------------------------------- */

static int write_direction(struct recorder *recorder, const struct model_binding *row,
			   bool to_client, int64_t now_ns)
{
	const struct model_direction *way = to_client ? &row->to_client : &row->to_peer;
	struct event event = { .type = EVENT_SESSION,
			       .time_ns = now_ns,
			       .session = { .slot = row->slot,
					    .to_client = to_client,
					    .counters = { .packets = way->packets.total,
							  .bytes = way->bytes.total,
							  .misses = way->misses.total },
					    .last_used_ns = way->last_used_ns } };

	return way->packets.total || way->misses.total ? write_event(recorder, &event) : 0;
}

static int write_binding_counters(struct recorder *recorder, const struct model_binding *row,
				  int64_t now_ns)
{
	int error = write_direction(recorder, row, false, now_ns);

	return error ? error : write_direction(recorder, row, true, now_ns);
}

/* What the relay did with the packets that are not in the file. */
static int write_counters(struct recorder *recorder)
{
	const struct model *model = recorder->options.model;
	size_t written = 0;
	int error = 0;

	if (recorder->told || !recorder->counters.type || recorder->options.kind != WRITER_PCAPNG)
		return 0;
	for (size_t i = 0; model && i < model->binding_end && written < KNOWN_MAX && !error; i++) {
		if (!model->bindings[i].used)
			continue;
		written++;
		error = write_binding_counters(recorder, &model->bindings[i],
					       recorder->counters.time_ns);
	}
	if (!error)
		error = write_event(recorder, &recorder->counters);
	recorder->told = true;
	recorder->told_ns = recorder->counters.time_ns;
	return error;
}

/* Others are lost too: packets that are not asked for, what was learned. */
static uint64_t lost_of(const struct recorder *recorder, const struct relay_counters *totals)
{
	uint64_t lost = 0;

	if (!recorder->reasons)
		return totals->lost;
	for (int reason = 0; reason < RELAY_REASON_COUNT; reason++)
		if (recorder->reasons >> reason & 1)
			lost += totals->unrecorded[reason];
	return lost;
}

static void take_counters(struct recorder *recorder, const struct event *event)
{
	const struct relay_counters *totals = &event->counters.totals;

	recorder->lost = lost_of(recorder, totals);
	recorder->told = recorder->told &&
			 memcmp(totals, &recorder->counters.counters.totals, sizeof(*totals)) == 0;
	recorder->counters = *event;
}

/* Of a binding that has just gone, as the model still remembers. */
static int write_farewell(struct recorder *recorder, const struct event *event)
{
	const struct model *model = recorder->options.model;
	const struct model_binding *row;

	if (!model || event->binding.slot >= MODEL_BINDINGS)
		return 0;
	row = &model->bindings[event->binding.slot];
	if (row->used || row->client.port != event->binding.client.port ||
	    !IN6_ARE_ADDR_EQUAL(&row->client.ip, &event->binding.client.ip))
		return 0;
	return write_binding_counters(recorder, row, event->time_ns);
}

/* ---- what a file begins with ----------------------------------------------------------------- */

/* So that each file can be understood by itself. */
static int write_known(struct recorder *recorder, int64_t now_ns)
{
	const struct model *model = recorder->options.model;
	int error;

	if (!model || recorder->options.kind != WRITER_PCAPNG)
		return 0;
	error = write_attachment(recorder, model, now_ns);
	if (!error)
		error = write_neighbours(recorder, model, now_ns);
	if (!error)
		error = write_bindings(recorder, model, now_ns);
	return error ? error : write_counters(recorder);
}

/* ---- files ----------------------------------------------------------------------------------- */

static int open_file(struct recorder *recorder, char *ret_error, size_t size)
{
	struct writer_options options = recorder->options;
	int error = recorder_name_next(recorder, recorder->path, sizeof(recorder->path));

	if (error) {
		snprintf(ret_error, size, "%s: the name is too long, or its date is empty",
			 recorder->pattern);
		return error;
	}
	options.path = recorder->path;
	options.lost = recorder->lost;
	options.overwrite |= recorder->is_ring;
	error = writer_open(&options, &recorder->writer, ret_error, size);
	if (error)
		recorder->writer = NULL;
	else
		recorder->files++;
	recorder->told = false;
	recorder->told_ns = 0;
	return error;
}

static void add_up(struct writer_summary *sum, const struct writer_summary *summary)
{
	sum->written += summary->written;
	sum->filtered += summary->filtered;
	sum->unwritten += summary->unwritten;
	sum->stalled += summary->stalled;
	sum->lost += summary->lost;
	sum->bytes += summary->bytes;
}

static struct writer_summary total_of(const struct recorder *recorder)
{
	struct writer_summary sum = recorder->before, summary;

	if (recorder->writer) {
		writer_summary(recorder->writer, &summary);
		add_up(&sum, &summary);
	}
	return sum;
}

static int close_file(struct recorder *recorder, char *ret_error, size_t size)
{
	struct writer_summary summary = { 0 };
	int error;

	/* If that fails, so does the closing. */
	(void)write_counters(recorder);
	error = writer_close(recorder->writer, &summary, ret_error, size);

	recorder->writer = NULL;
	add_up(&recorder->before, &summary);
	return error;
}

/* Sets what the next file's name is made of; false: it is time for none. */
static bool turn_page(struct recorder *recorder, int64_t now_ns)
{
	const struct recorder_rotation *rotation = &recorder->rotation;

	if (recorder->is_dated &&
	    now_ns - recorder->period_ns >= (int64_t)rotation->seconds * CLOCK_SECOND_NS) {
		recorder->period_ns = now_ns;
		recorder->periods++;
		recorder->number = 0;
		recorder->is_ring = false;
		recorder->is_complete =
			rotation->files && !rotation->bytes && recorder->periods >= rotation->files;
		return true;
	}
	if (!rotation->bytes || writer_size(recorder->writer) <= rotation->bytes)
		return false;
	recorder->number++;
	if (rotation->files && recorder->number >= rotation->files) {
		recorder->number = 0;
		recorder->is_ring = true;
	}
	return true;
}

static int rotate(struct recorder *recorder, int64_t now_ns)
{
	int error;

	if (recorder->is_complete || !turn_page(recorder, now_ns))
		return 0;
	error = close_file(recorder, recorder->error_text, sizeof(recorder->error_text));
	if (!error && !recorder->is_complete)
		error = open_file(recorder, recorder->error_text, sizeof(recorder->error_text));
	if (!error && recorder->writer)
		error = write_known(recorder, now_ns);
	if (!recorder->writer)
		recorder->error = error;
	return error;
}

/* ---- life ------------------------------------------------------------------------------------ */

int recorder_start(struct recorder *recorder, const char *path, const char *interface,
		   int64_t now_ns, char *ret_error, size_t size)
{
	int error;

	if (path)
		snprintf(recorder->pattern, sizeof(recorder->pattern), "%s", path);
	else
		recorder_name_make_up(recorder, interface, now_ns, recorder->pattern,
				      sizeof(recorder->pattern));
	recorder->is_dated = path && recorder->rotation.seconds;
	recorder->is_ring = recorder->is_complete = recorder->failed = false;
	recorder->number = recorder->periods = recorder->files = 0;
	recorder->before = (struct writer_summary){ 0 };
	recorder->started_ns = recorder->period_ns = now_ns;
	recorder->error = 0;
	error = open_file(recorder, ret_error, size);
	if (!error && write_known(recorder, now_ns))
		error = close_file(recorder, ret_error, size);
	return error;
}

/* The counters now and then, and before the end. */
static int write_in_turn(struct recorder *recorder, const struct event *event)
{
	int error = 0;

	switch (event->type) {
	case EVENT_SESSION: return 0;
	case EVENT_COUNTERS:
		return event->time_ns - recorder->told_ns >= COUNTERS_EVERY_NS
			       ? write_counters(recorder)
			       : 0;
	case EVENT_DETACHED: error = write_counters(recorder); break;
	case EVENT_BINDING_REMOVED: error = write_farewell(recorder, event); break;
	default: break;
	}
	return error ? error : write_event(recorder, event);
}

int recorder_take(struct recorder *recorder, const struct event *event)
{
	int error;

	if (event->type == EVENT_COUNTERS)
		take_counters(recorder, event);
	if (!recorder->writer || recorder->failed)
		return 0;
	if (event->type == EVENT_COUNTERS)
		writer_lost(recorder->writer, recorder->lost);
	if (event_is_packet(event->type) && recorder_is_full(recorder))
		return 0;
	error = rotate(recorder, event->time_ns);
	return error || !recorder->writer ? error : write_in_turn(recorder, event);
}

int recorder_flush(struct recorder *recorder)
{
	return recorder->writer && !recorder->failed ? writer_flush(recorder->writer) : 0;
}

bool recorder_is_full(const struct recorder *recorder)
{
	return recorder->is_complete || (recorder->limit && recorder->writer &&
					 total_of(recorder).written >= recorder->limit);
}

const char *recorder_status(const struct recorder *recorder, int64_t now_ns, char *buf, size_t size)
{
	struct writer_summary sum = total_of(recorder);
	char bytes[FORMAT_NUMBER_SIZE], duration[FORMAT_NUMBER_SIZE];

	if (!recorder->writer)
		return NULL;
	snprintf(buf, size, "%s  %" PRIu64 " packets  %s  %s", recorder->path, sum.written,
		 format_bytes(bytes, sizeof(bytes), sum.bytes),
		 format_duration(duration, sizeof(duration), now_ns - recorder->started_ns));
	return buf;
}

static void describe(const struct recorder *recorder, char *ret_text, size_t size)
{
	const struct writer_summary *sum = &recorder->before;
	char stalled[64] = "", files[64] = "";

	if (sum->stalled)
		snprintf(stalled, sizeof(stalled), ", %" PRIu64 " not taken by the reader",
			 sum->stalled);
	if (recorder->files > 1)
		snprintf(files, sizeof(files), " and %" PRIu64 " files before it",
			 recorder->files - 1);
	snprintf(ret_text, size, "%s%s: %" PRIu64 " packets, %" PRIu64 " lost%s%s",
		 strcmp(recorder->path, "-") == 0 ? "standard output" : recorder->path, files,
		 sum->written, sum->lost, stalled,
		 sum->filtered ? ", the others filtered out" : "");
}

int recorder_stop(struct recorder *recorder, char *ret_text, size_t size)
{
	int error = recorder->error;

	*ret_text = '\0';
	if (!recorder->writer && !error && !recorder->is_complete)
		return 0;
	if (error)
		snprintf(ret_text, size, "%s", recorder->error_text);
	else if (recorder->writer)
		error = close_file(recorder, ret_text, size);
	if (!error)
		describe(recorder, ret_text, size);
	recorder->error = 0;
	recorder->is_complete = false;
	return error;
}
