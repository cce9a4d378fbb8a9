/* SPDX-License-Identifier: BSD-2-Clause */
/* The channel bindings: who relays to whom, in both directions, and for how long. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/explain.h"
#include "../src/format.h"
#include "../src/order.h"
#include "view.h"

#define SECOND_NS INT64_C(1000000000)

static const struct table_column columns[] = {
	[BINDINGS_BY_CLIENT] = { "Client", "client", 17, 12, 47, 0, .cut = TABLE_CUT_MIDDLE },
	[BINDINGS_BY_CHANNEL] = { "Chan", "channel", 6, 6, 6, 4 },
	[BINDINGS_BY_RELAYED] = { "Relay", "relayed port", 5, 5, 5, 7, .right = true },
	[BINDINGS_BY_PEER] = { "Peer", "peer", 17, 12, 47, 0, .cut = TABLE_CUT_MIDDLE },
	[BINDINGS_BY_OUT] = { "out/s", "out/s", 5, 5, 5, 2, .right = true, .descending = true },
	[BINDINGS_BY_IN] = { "in/s", "in/s", 5, 5, 5, 1, .right = true, .descending = true },
	[BINDINGS_BY_EXPIRY] = { "Exp", "expiry", 5, 5, 5, 6, .right = true },
	[BINDINGS_BY_FIRST_HIT] = { "1stHit", "time to first hit", 6, 6, 6, 8, .right = true,
				    .descending = true },
	[BINDINGS_BY_STATE] = { "State", "state", 9, 9, 14, 0, .descending = true,
				.cut = TABLE_CUT_WORDS },
};

_Static_assert(sizeof(columns) / sizeof(columns[0]) == BINDINGS_BY_COUNT, "one for each order");

static size_t collect(struct pane *pane, const struct view_context *context)
{
	const struct model *model = context->model;
	size_t count = 0;

	pane->filtered = 0;
	for (uint32_t slot = 0; slot < model->binding_end && slot < MODEL_BINDINGS; slot++) {
		if (!model->bindings[slot].used)
			continue;
		if (filter_takes_binding(context->filter, &model->bindings[slot]))
			pane->fresh[count++] = slot;
		else
			pane->filtered++;
	}
	return count;
}

static void sort(const struct pane *pane, const struct view_context *context, uint32_t *rows,
		 size_t count)
{
	order_bindings(rows, count, context->model, (enum order_bindings_by)pane->table.sort_column,
		       pane->table.descending);
}

/* The client and its channel, not the slot: a new binding in the same slot is another row. */
static void key(const struct view_context *context, uint32_t row, struct table_key *ret)
{
	const struct model_binding *binding = &context->model->bindings[row];
	uint16_t rest[2] = { binding->client.port, binding->channel };

	_Static_assert(sizeof(binding->client.ip) + sizeof(rest) <= sizeof(*ret), "fits");
	memcpy(ret->byte, &binding->client.ip, sizeof(binding->client.ip));
	memcpy(ret->byte + sizeof(binding->client.ip), rest, sizeof(rest));
}

/* Towards whom it flows, if only one way. */
static bool is_only_out(const struct model_binding *row)
{
	return row->to_peer.last_used_ns >= row->to_client.last_used_ns;
}

void view_binding_state(const struct model *model, const struct model_binding *row,
			struct table_cell *ret)
{
	char age[FORMAT_NUMBER_SIZE];
	const char *word = "";

	switch (row->state) {
	case BINDING_IDLE: word = "idle"; break;
	case BINDING_BOTH_WAYS: word = "both ways"; break;
	case BINDING_ONE_WAY:
		word = !is_only_out(row)	      ? "IN ONLY"
		       : row->to_client.packets.total ? "OUT ONLY"
						      : "NO ANSWER";
		ret->meaning = MEANING_WARMING;
		break;
	case BINDING_NO_MAC:
		word = "NO MAC";
		ret->meaning = MEANING_PROBLEM;
		break;
	case BINDING_EXPIRING:
		word = "EXPIRING";
		ret->meaning = MEANING_WARMING;
		break;
	}
	if ((row->state == BINDING_NO_MAC || row->state == BINDING_ONE_WAY) && row->state_since_ns)
		snprintf(ret->text, sizeof(ret->text), "%s %s", word,
			 format_age(age, sizeof(age), model->now_ns - row->state_since_ns));
	else
		snprintf(ret->text, sizeof(ret->text), "%s", word);
}

static int64_t seconds_left(const struct model *model, const struct model_binding *row)
{
	int64_t left = (row->expires_ns - model->now_ns) / SECOND_NS;

	return left > 0 ? left : 0;
}

static void cell(const struct pane *pane, const struct view_context *context, uint32_t number,
		 size_t column, struct table_cell *ret)
{
	const struct model_binding *row = &context->model->bindings[number];
	size_t size = sizeof(ret->text);

	(void)pane;
	switch (column) {
	case BINDINGS_BY_CLIENT: format_endpoint(ret->text, size, &row->client); break;
	case BINDINGS_BY_CHANNEL: snprintf(ret->text, size, "0x%04x", row->channel); break;
	case BINDINGS_BY_RELAYED: snprintf(ret->text, size, "%u", row->relayed.port); break;
	case BINDINGS_BY_PEER: format_endpoint(ret->text, size, &row->peer); break;
	case BINDINGS_BY_OUT: format_rate(ret->text, size, row->to_peer.packets.rate); break;
	case BINDINGS_BY_IN: format_rate(ret->text, size, row->to_client.packets.rate); break;
	case BINDINGS_BY_EXPIRY:
		if (row->fixed)
			snprintf(ret->text, size, "fixed");
		else
			snprintf(ret->text, size, "%" PRId64, seconds_left(context->model, row));
		break;
	case BINDINGS_BY_FIRST_HIT:
		if (row->first_hit_ns)
			format_latency(ret->text, size, row->first_hit_ns - row->bound_ns);
		else
			snprintf(ret->text, size, "never");
		break;
	default: view_binding_state(context->model, row, ret); break;
	}
}

static void title(const struct pane *pane, const struct view_context *context, char *buf,
		  size_t size)
{
	(void)pane;
	snprintf(buf, size, "%zu", context->model->binding_count);
}

static bool empty(const struct pane *pane, const struct view_context *context, int line, char *buf,
		  size_t size)
{
	const struct model *model = context->model;
	uint64_t control = model->reasons[RELAY_REASON_CONTROL].count.total;

	(void)pane;
	if (line == 0) {
		snprintf(buf, size, "%s",
			 model->bindings_ended
				 ? "No binding is left; ! tells when the last ones ended."
				 : "No binding is known yet: waiting for a client's ChannelBind.");
		return true;
	}
	if (line > 1)
		return false;
	if (control)
		snprintf(buf, size,
			 "  ok   clients talk to the TURN server: %" PRIu64 " control messages",
			 control);
	else
		snprintf(buf, size, "  ??   no control message on port %u%s", model->turn_port,
			 model->from_file ? " in the file up to here"
					  : ": is a TURN server running here?");
	return true;
}

static void hint(const struct pane *pane, const struct view_context *context, uint32_t number,
		 char *meaning, char *next, size_t size)
{
	const struct model_binding *row = &context->model->bindings[number];
	char client[FORMAT_ENDPOINT_SIZE], relayed[FORMAT_ENDPOINT_SIZE],
		peer[FORMAT_ENDPOINT_SIZE];
	char lost[FORMAT_IP_SIZE];
	bool to_client = row->to_client.misses.rate > row->to_peer.misses.rate;

	(void)pane;
	format_endpoint(client, sizeof(client), &row->client);
	format_endpoint(peer, sizeof(peer), &row->peer);
	snprintf(meaning, size, "%s channel 0x%04x > %s > %s", client, row->channel,
		 format_endpoint(relayed, sizeof(relayed), &row->relayed), peer);
	switch (row->state) {
	case BINDING_NO_MAC:
		format_ip(lost, sizeof(lost), to_client ? &row->client.ip : &row->peer.ip);
		snprintf(next, size, "the MAC of %s is not known: ping it from this host", lost);
		break;
	case BINDING_ONE_WAY:
		if (is_only_out(row))
			snprintf(next, size, "nothing comes back: does %s listen and answer?",
				 peer);
		else
			snprintf(next, size, "the client sends nothing: does it use the channel?");
		break;
	case BINDING_EXPIRING:
		snprintf(next, size, "the client has %" PRId64 "s left to bind the channel again",
			 seconds_left(context->model, row));
		break;
	case BINDING_IDLE: snprintf(next, size, "no data seen yet"); break;
	case BINDING_BOTH_WAYS: break;
	}
}

static const struct page *open_row(const struct view_context *context, uint32_t number,
				   struct subject *ret)
{
	ret->client = context->model->bindings[number].client;
	ret->channel = context->model->bindings[number].channel;
	return &page_binding;
}

/* The end whose MAC is missing, if one is; else the peer. */
static bool address(const struct view_context *context, uint32_t number, struct in6_addr *ret)
{
	const struct model_binding *row = &context->model->bindings[number];
	bool to_client = row->to_client.misses.rate > row->to_peer.misses.rate;

	*ret = *explain_next_hop(context->model, row, to_client);
	return true;
}

const struct view view_bindings = {
	.name = "Bindings",
	.help = "Each client and channel with the peer behind it, as witnessed between the clients "
		"and the TURN server on this host, or given by --binding. out/s to the peer, in/s "
		"to "
		"the client, through the fast path. Exp: seconds until it ends unless the client "
		"binds "
		"again. 1stHit: time from the binding to the first relayed frame.",
	.columns = columns,
	.column_count = BINDINGS_BY_COUNT,
	.first_sort = BINDINGS_BY_STATE,
	.capacity = MODEL_BINDINGS,
	.collect = collect,
	.sort = sort,
	.cell = cell,
	.key = key,
	.title = title,
	.empty = empty,
	.hint = hint,
	.open = open_row,
	.address = address,
};
