/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting, feeding and stopping a capture file. */
#include "recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../src/format.h"

static void make_up_path(char *path, size_t size, const char *interface, int64_t now_ns)
{
	time_t now = (time_t)(now_ns / 1000000000);
	char stamp[32];
	struct tm local;

	localtime_r(&now, &local);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &local);
	snprintf(path, size, "passed-%s-%s.pcap", interface, stamp);
}

int recorder_start(struct recorder *recorder, const char *path, const char *interface,
		   int64_t now_ns, char *ret_error, size_t size)
{
	struct writer_options options = recorder->options;
	int error;

	if (path)
		snprintf(recorder->path, sizeof(recorder->path), "%s", path);
	else
		make_up_path(recorder->path, sizeof(recorder->path), interface, now_ns);
	options.path = path ? path : recorder->path;
	error = writer_open(&options, &recorder->writer, ret_error, size);
	if (error) {
		recorder->writer = NULL;
		return error;
	}
	recorder->started_ns = now_ns;
	recorder->failed = false;
	return 0;
}

static int save_past(struct recorder *recorder, const struct model *model)
{
	uint64_t id = model->packet_next > MODEL_PACKETS ? model->packet_next - MODEL_PACKETS : 1;
	const struct model_packet *packet;
	int error = 0;

	for (; id < model->packet_next && !error; id++) {
		packet = &model->packets[id % MODEL_PACKETS];
		error = recorder_take(recorder,
				      &(struct event){ .type = EVENT_PASSED_UP,
						       .time_ns = packet->time_ns,
						       .passed = {
							       .reason = packet->reason,
							       .length = packet->length,
							       .captured = packet->captured,
							       .frame = packet->frame,
						       } });
	}
	return error;
}

int recorder_take(struct recorder *recorder, const struct event *event)
{
	if (!recorder->writer || recorder->failed)
		return 0;
	if (event->type == EVENT_COUNTERS)
		writer_lost(recorder->writer, event->counters.totals.lost);
	if (event->type != EVENT_PASSED_UP || recorder_is_full(recorder))
		return 0;
	return writer_write(recorder->writer, event);
}

int recorder_flush(struct recorder *recorder)
{
	return recorder->writer && !recorder->failed ? writer_flush(recorder->writer) : 0;
}

bool recorder_is_full(const struct recorder *recorder)
{
	struct writer_summary summary;

	if (!recorder->limit || !recorder->writer)
		return false;
	writer_summary(recorder->writer, &summary);
	return summary.written >= recorder->limit;
}

const char *recorder_status(const struct recorder *recorder, int64_t now_ns, char *buf, size_t size)
{
	int64_t seconds = (now_ns - recorder->started_ns) / 1000000000;
	struct writer_summary summary;
	char bytes[FORMAT_NUMBER_SIZE];

	if (!recorder->writer)
		return NULL;
	writer_summary(recorder->writer, &summary);
	snprintf(buf, size, "%s  %" PRIu64 " packets  %s  %02d:%02d:%02d", recorder->path,
		 summary.written, format_bytes(bytes, sizeof(bytes), summary.bytes),
		 (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
	return buf;
}

int recorder_stop(struct recorder *recorder, char *ret_text, size_t size)
{
	struct writer_summary summary;
	char reason[WRITER_ERROR_SIZE];
	int error;

	*ret_text = '\0';
	if (!recorder->writer)
		return 0;
	error = writer_close(recorder->writer, &summary, reason, sizeof(reason));
	recorder->writer = NULL;
	if (error)
		snprintf(ret_text, size, "%s", reason);
	else
		snprintf(ret_text, size, "%s: %" PRIu64 " packets, %" PRIu64 " lost%s",
			 recorder->path, summary.written, summary.lost,
			 summary.filtered ? ", the others filtered out" : "");
	return error;
}

int recorder_toggle(struct recorder *recorder, const struct model *model, int64_t now_ns,
		    char *ret_text, size_t size)
{
	int error;

	if (recorder->writer) {
		recorder_stop(recorder, ret_text, size);
		return 0;
	}
	if (recorder_start(recorder, NULL, model->interface, now_ns, ret_text, size))
		return 0;
	*ret_text = '\0';
	error = save_past(recorder, model);
	return error ? error : recorder_flush(recorder);
}
