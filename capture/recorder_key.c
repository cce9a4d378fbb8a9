/* SPDX-License-Identifier: BSD-2-Clause */
/* A recording that a key starts and stops: it begins with what is on the screen already. */
#include "recorder.h"

static int save_past(struct recorder *recorder, const struct model *model)
{
	uint64_t id = model->packet_next > MODEL_PACKETS ? model->packet_next - MODEL_PACKETS : 1;
	const struct model_packet *packet;
	int error = 0;

	for (; id < model->packet_next && !error; id++) {
		packet = &model->packets[id % MODEL_PACKETS];
		error = recorder_take(recorder,
				      &(struct event){ .type = packet->type,
						       .time_ns = packet->time_ns,
						       .passed = {
							       .reason = packet->reason,
							       .length = packet->length,
							       .captured = packet->captured,
							       .frame = packet->frame,
							       .vlan = packet->vlan,
							       .has_channel = packet->has_channel,
							       .channel = packet->channel,
							       .has_missing = packet->has_missing,
							       .missing = packet->missing,
							       .way = packet->way,
						       } });
	}
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

int recorder_toggle_misses(struct recorder *recorder, const struct in6_addr *ip,
			   const struct model *model, int64_t now_ns, char *ret_text, size_t size)
{
	if (!recorder->writer) {
		recorder->misses_only = true;
		recorder->ip = *ip;
	}
	return recorder_toggle(recorder, model, now_ns, ret_text, size);
}
