/* SPDX-License-Identifier: BSD-2-Clause */
/* A frame tried on the program's host build, with the model in place of its maps. */
#include <string.h>

#include "clock.h"
#include "explain.h"
#include "offline_rewrite.h"
#include "trial.h"

static const struct model_binding *find_binding(const struct model *model,
						const struct offline_frame *frame)
{
	struct model_packet packet = {
		.has_ports = true,
		.has_channel = frame->is_channel,
		.channel = frame->channel,
		.src = frame->src,
		.dst = frame->dst,
	};
	bool to_client;

	return explain_binding(model, &packet, &to_client);
}

/* The binding whose client is this one's peer, each being the other's. */
static const struct model_binding *find_other(const struct model *model,
					      const struct model_binding *binding)
{
	struct offline_frame answer = { .src = binding->relayed, .dst = binding->peer };

	return find_binding(model, &answer);
}

static struct event_binding binding_of(const struct model_binding *row)
{
	return (struct event_binding){ .client = row->client,
				       .server = row->server,
				       .relayed = row->relayed,
				       .peer = row->peer,
				       .channel = row->channel };
}

static bool is_own(const struct model *model, const struct in6_addr *ip)
{
	for (size_t i = 0; i < model->own_count; i++)
		if (IN6_ARE_ADDR_EQUAL(&model->own[i], ip))
			return true;
	return false;
}

static bool find_way(const struct model *model, const struct offline_frame *frame,
		     struct event_way *ret)
{
	const struct model_binding *row = find_binding(model, frame), *other_row;
	struct event_binding binding, other;

	if (!row)
		return false;
	other_row = frame->is_channel ? find_other(model, row) : NULL;
	if (frame->is_channel && !other_row && is_own(model, &row->peer.ip))
		return false;
	binding = binding_of(row);
	if (other_row)
		other = binding_of(other_row);
	*ret = offline_way(frame, &binding, other_row ? &other : NULL);
	return true;
}

static bool find_next_hop(const struct model *model, const struct offline_frame *frame,
			  struct event_way *way)
{
	const struct model_neighbour *row = model_find_neighbour(model, &way->dst.ip, frame->vlan);
	int64_t ttl_ns = model->mac_ttl_s * CLOCK_SECOND_NS;

	if (!row || !row->witnessed || row->evicted ||
	    (ttl_ns && model->now_ns - row->last_seen_ns > ttl_ns))
		return false;
	way->mac = row->mac;
	return model->relaying;
}

static bool rewrite(const struct model *model, const struct event_way *way, const uint8_t *aligned,
		    size_t length, uint8_t *ret_frame, size_t *ret_length)
{
	const struct offline_ports ports = { model->turn_port, model->relay_port_min,
					     model->relay_port_max };

	return offline_rewrite(aligned, (uint32_t)length, &ports, &model->mac, way, ret_frame,
			       ret_length) == RELAY_REASON_COUNT;
}

bool trial_by_model(const struct model *model, const uint8_t *bytes, size_t length,
		    uint8_t *ret_frame, size_t *ret_length)
{
	const struct offline_ports ports = { model->turn_port, model->relay_port_min,
					     model->relay_port_max };
	_Alignas(8) uint8_t room[2 + TRIAL_SIZE];
	struct event_way way = { 0 };
	struct offline_frame frame;

	if (length > TRIAL_SIZE)
		return false;
	memcpy(room + 2, bytes, length);
	offline_frame_read(room + 2, (uint32_t)length, (uint32_t)length, &ports, &model->mac,
			   &frame);
	return frame.reason == RELAY_REASON_COUNT && find_way(model, &frame, &way) &&
	       offline_frame_check(&frame, &way.dst.ip, way.channel, model->mtu) ==
		       RELAY_REASON_COUNT &&
	       find_next_hop(model, &frame, &way) &&
	       rewrite(model, &way, room + 2, length, ret_frame, ret_length);
}

bool trial_as_it_was(const struct model *model, const struct event_way *way,
		     const struct trial_frame *before, struct trial_frame *ret_after)
{
	_Alignas(8) uint8_t room[2 + TRIAL_SIZE];

	*ret_after = (struct trial_frame){ 0 };
	if (!way->src.port || before->length + OFFLINE_GROWTH_MAX > sizeof(ret_after->bytes))
		return false;
	memcpy(room + 2, before->bytes, before->length);
	return rewrite(model, way, room + 2, before->length, ret_after->bytes, &ret_after->length);
}
