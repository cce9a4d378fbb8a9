/* SPDX-License-Identifier: BSD-2-Clause */
/* Batch lines as JSON Lines; names and kinds of the fields are an interface. */
#include "batch_line.h"

#include "format.h"
#include "json.h"
#include "labels.h"

/* NULL as null: text that an event need not have. */
static void put_text(struct json *json, const char *key, const char *text)
{
	if (text)
		json_string(json, key, text);
	else
		json_null(json, key);
}

static void put_ip(struct json *json, const char *key, const struct in6_addr *ip)
{
	char text[FORMAT_IP_SIZE];

	json_string(json, key, format_ip(text, sizeof(text), ip));
}

static void put_mac(struct json *json, const char *key, const struct mac *mac)
{
	char text[FORMAT_MAC_SIZE];

	json_string(json, key, format_mac(text, sizeof(text), mac));
}

static void put_endpoint(struct json *json, const char *key, const struct endpoint *endpoint)
{
	char text[FORMAT_ENDPOINT_SIZE];

	json_string(json, key, format_endpoint(text, sizeof(text), endpoint));
}

/* Seconds left, to the millisecond; null = for good. */
static void put_expiry(struct json *json, bool fixed, int64_t expires_ns, int64_t now_ns)
{
	int64_t left_ms = (expires_ns - now_ns) / 1000000;

	if (fixed)
		json_null(json, "expires_in");
	else
		json_seconds(json, "expires_in", left_ms > 0 ? left_ms * 1000000 : 0);
}

static void put_attachment(struct json *json, const struct event_attachment *attachment,
			   const struct model *model)
{
	json_string(json, "interface", attachment->interface);
	json_u64(json, "ifindex", (uint64_t)attachment->ifindex);
	put_text(json, "mode", attachment->mode);
	json_u64(json, "program_id", attachment->program_id);
	put_mac(json, "mac", &attachment->mac);
	json_array(json, "addresses");
	for (size_t i = 0; i < model->own_count && i < MODEL_OWN_ADDRESSES; i++)
		put_ip(json, NULL, &model->own[i]);
	json_array_end(json);
	put_text(json, "reason", attachment->reason);
}

static void put_neighbour(struct json *json, const struct event_neighbour *neighbour, bool moved)
{
	put_ip(json, "ip", &neighbour->ip);
	put_mac(json, "mac", &neighbour->mac);
	if (moved)
		put_mac(json, "previous_mac", &neighbour->previous);
	json_u64(json, "vlan", neighbour->vlan);
	json_string(json, "source", label_source(neighbour->source));
}

static void put_binding(struct json *json, const struct event *event)
{
	const struct event_binding *binding = &event->binding;

	put_endpoint(json, "client", &binding->client);
	json_u64(json, "channel", binding->channel);
	put_endpoint(json, "relayed", &binding->relayed);
	put_endpoint(json, "peer", &binding->peer);
	put_endpoint(json, "server", &binding->server);
	put_expiry(json, binding->fixed, binding->expires_ns, event->time_ns);
	put_text(json, "why", binding->why);
}

static void put_passed_end(struct json *json, const char *key, const struct event_passed *passed,
			   const struct endpoint *end)
{
	if (passed->has_ports)
		put_endpoint(json, key, end);
	else if (passed->has_ip)
		put_ip(json, key, &end->ip);
	else
		json_null(json, key);
}

static void put_packet(struct json *json, const struct event_passed *passed)
{
	put_passed_end(json, "src", passed, &passed->src);
	put_passed_end(json, "dst", passed, &passed->dst);
	put_mac(json, "src_mac", &passed->src_mac);
	put_mac(json, "dst_mac", &passed->dst_mac);
	json_u64(json, "length", passed->length);
	if (passed->has_missing)
		put_ip(json, "missing_ip", &passed->missing);
	if (passed->has_channel)
		json_u64(json, "channel", passed->channel);
}

static void put_passed(struct json *json, const struct event_passed *passed, enum relay_class class)
{
	json_string(json, "reason", label_reason(passed->reason));
	json_string(json, "class", label_class(class));
	put_packet(json, passed);
}

static void put_relayed(struct json *json, const struct event_passed *passed)
{
	json_string(json, "path", label_path(passed->way.path));
	put_packet(json, passed);
	put_ip(json, "next_ip", &passed->way.dst.ip);
	put_mac(json, "next_mac", &passed->way.mac);
}

static void put_counters(struct json *json, const struct batch_line *line)
{
	const struct event_counters *counters = &line->event->counters;
	const struct relay_counters *totals = &counters->totals;

	json_u64(json, "seen", line->totals.seen);
	json_u64(json, "relayed", line->totals.relayed);
	json_u64(json, "misses", line->totals.misses);
	json_object(json, "passed");
	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++)
		json_u64(json, label_reason(reason), totals->passed[reason]);
	json_object_end(json);
	json_object(json, "paths");
	for (enum relay_path path = 0; path < RELAY_PATH_COUNT; path++)
		json_u64(json, label_path(path), totals->paths[path]);
	json_object_end(json);
	json_u64(json, "relayed_bytes", totals->relayed_bytes);
	json_u64(json, "learned", counters->entries);
	json_object(json, "learn_refused");
	for (enum relay_refusal refusal = 0; refusal < RELAY_REFUSAL_COUNT; refusal++)
		json_u64(json, label_refusal(refusal), totals->refused[refusal]);
	json_object_end(json);
	json_u64(json, "checksum_repaired", totals->checksum_repaired);
	json_u64(json, "lost", totals->lost);
	json_seconds(json, "interval", line->interval_ns);
}

static void begin_line(struct json *json, FILE *out, const struct batch_line *line)
{
	char time[FORMAT_TIME_SIZE];

	json_begin(json, out);
	json_string(json, "time", format_rfc3339(time, sizeof(time), line->time_ns));
	json_string(json, "severity", line->severity);
	json_string(json, "message", line->message);
	json_string(json, "event", line->name);
}

int batch_write_json(FILE *out, const struct batch_line *line)
{
	const struct event *event = line->event;
	struct json json;

	begin_line(&json, out, line);
	switch (event->type) {
	case EVENT_ATTACHED:
	case EVENT_DETACHED: put_attachment(&json, &event->attachment, line->model); break;
	case EVENT_MAC_LEARNED:
	case EVENT_MAC_MOVED:
		put_neighbour(&json, &event->neighbour, event->type == EVENT_MAC_MOVED);
		break;
	case EVENT_BINDING_ADDED:
	case EVENT_BINDING_REFRESHED:
	case EVENT_BINDING_REMOVED: put_binding(&json, event); break;
	case EVENT_PASSED_UP: put_passed(&json, &event->passed, line->class); break;
	case EVENT_RELAYED: put_relayed(&json, &event->passed); break;
	case EVENT_SENT: put_packet(&json, &event->passed); break;
	case EVENT_COUNTERS: put_counters(&json, line); break;
	case EVENT_NEIGHBOUR:
	case EVENT_SESSION: break;
	}
	return json_end(&json);
}

static void put_neighbour_row(struct json *json, const struct model_neighbour *row, int64_t now_ns)
{
	int64_t age_ns = now_ns - row->last_seen_ns;

	json_object(json, NULL);
	put_ip(json, "ip", &row->ip);
	if (row->witnessed) {
		put_mac(json, "mac", &row->mac);
		json_u64(json, "vlan", row->vlan);
		json_u64(json, "age", age_ns > 0 ? (uint64_t)age_ns / 1000000000 : 0);
	} else {
		json_null(json, "mac");
		json_u64(json, "vlan", row->vlan);
		json_null(json, "age");
	}
	json_u64(json, "moves", row->moves);
	json_u64(json, "hits", row->hits.total);
	json_u64(json, "misses", row->misses.total);
	json_object_end(json);
}

int batch_write_json_neighbours(FILE *out, const struct batch_line *line)
{
	struct json json;

	begin_line(&json, out, line);
	json_array(&json, "neighbors");
	for (size_t i = 0; i < line->model->neighbour_count; i++)
		if (batch_lists_neighbour(&line->model->neighbours[i]))
			put_neighbour_row(&json, &line->model->neighbours[i], line->time_ns);
	json_array_end(&json);
	return json_end(&json);
}

static void put_direction(struct json *json, const char *key, const struct model_direction *way)
{
	json_object(json, key);
	json_u64(json, "packets", way->packets.total);
	json_u64(json, "bytes", way->bytes.total);
	json_u64(json, "misses", way->misses.total);
	json_object_end(json);
}

static void put_binding_row(struct json *json, const struct model_binding *row, int64_t now_ns)
{
	json_object(json, NULL);
	put_endpoint(json, "client", &row->client);
	json_u64(json, "channel", row->channel);
	put_endpoint(json, "relayed", &row->relayed);
	put_endpoint(json, "peer", &row->peer);
	put_endpoint(json, "server", &row->server);
	put_expiry(json, row->fixed, row->expires_ns, now_ns);
	put_direction(json, "to_peer", &row->to_peer);
	put_direction(json, "to_client", &row->to_client);
	json_object_end(json);
}

int batch_write_json_bindings(FILE *out, const struct batch_line *line)
{
	struct json json;

	begin_line(&json, out, line);
	json_array(&json, "bindings");
	for (size_t i = 0; i < line->model->binding_end; i++)
		if (line->model->bindings[i].used)
			put_binding_row(&json, &line->model->bindings[i], line->time_ns);
	json_array_end(&json);
	return json_end(&json);
}
