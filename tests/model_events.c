/* SPDX-License-Identifier: BSD-2-Clause */
/* Short ways to say an event to a model, for its tests. */
#include "model_events.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct in6_addr event_ip(const char *text)
{
	struct in6_addr ip = { 0 };
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	inet_pton(AF_INET6, mapped, &ip);
	return ip;
}

struct endpoint event_endpoint(const char *ip, uint16_t port)
{
	return (struct endpoint){ event_ip(ip), port };
}

struct mac event_mac(uint8_t last)
{
	return (struct mac){ { 2, 0, 0, 0, 0, last } };
}

struct model *event_model(void)
{
	struct model *model = model_new(START);
	struct event event = { .type = EVENT_ATTACHED,
			       .time_ns = START,
			       .attachment = { .interface = "eth0",
					       .ifindex = 7,
					       .mode = "generic",
					       .reason = "veth",
					       .program_id = 42,
					       .mac = event_mac(0x20) } };

	model_ingest(model, &event);
	return model;
}

static void neighbour(struct model *model, enum event_type type, int64_t at_ns,
		      const struct event_neighbour *row)
{
	struct event event = { .type = type, .time_ns = at_ns, .neighbour = *row };

	model_ingest(model, &event);
}

void event_learned(struct model *model, int64_t at_ns, const char *ip, uint8_t mac)
{
	struct event_neighbour row = { .ip = event_ip(ip),
				       .mac = event_mac(mac),
				       .source = RELAY_SOURCE_ARP,
				       .first_seen_ns = at_ns,
				       .last_seen_ns = at_ns };

	neighbour(model, EVENT_MAC_LEARNED, at_ns, &row);
}

void event_moved(struct model *model, int64_t at_ns, const char *ip, uint8_t from, uint8_t to,
		 uint32_t moves)
{
	struct event_neighbour row = { .ip = event_ip(ip),
				       .mac = event_mac(to),
				       .has_previous = true,
				       .previous = event_mac(from),
				       .moves = moves,
				       .first_seen_ns = at_ns,
				       .last_seen_ns = at_ns };

	neighbour(model, EVENT_MAC_MOVED, at_ns, &row);
}

void event_row(struct model *model, int64_t at_ns, const char *ip, uint8_t mac, int64_t seen_ns)
{
	struct event_neighbour row = { .ip = event_ip(ip),
				       .mac = event_mac(mac),
				       .first_seen_ns = START,
				       .last_seen_ns = seen_ns };

	neighbour(model, EVENT_NEIGHBOUR, at_ns, &row);
}

void event_missed(struct model *model, int64_t at_ns, const char *ip)
{
	struct event event = { .type = EVENT_PASSED_UP,
			       .time_ns = at_ns,
			       .passed = { .reason = RELAY_REASON_NO_MAC,
					   .has_missing = true,
					   .missing = event_ip(ip) } };

	model_ingest(model, &event);
}

void event_no_binding(struct model *model, int64_t at_ns, uint16_t source_port, uint16_t channel)
{
	struct event event = { .type = EVENT_PASSED_UP,
			       .time_ns = at_ns,
			       .passed = { .reason = RELAY_REASON_NO_BINDING,
					   .has_channel = channel != 0,
					   .channel = channel,
					   .has_ip = true,
					   .has_ports = true,
					   .src = event_endpoint("10.90.0.10", source_port) } };

	model_ingest(model, &event);
}

void event_bound(struct model *model, int64_t at_ns, uint32_t slot, struct endpoint client,
		 struct endpoint relayed, struct endpoint peer, uint16_t channel)
{
	struct event event = { .type = EVENT_BINDING_ADDED,
			       .time_ns = at_ns,
			       .binding = { .slot = slot,
					    .client = client,
					    .relayed = relayed,
					    .peer = peer,
					    .channel = channel,
					    .expires_ns = at_ns + 600 * SECOND,
					    .why = "channel-bind" } };

	model_ingest(model, &event);
}

void event_unbound(struct model *model, int64_t at_ns, uint32_t slot)
{
	struct event event = { .type = EVENT_BINDING_REMOVED,
			       .time_ns = at_ns,
			       .binding = { .slot = slot, .why = "expired" } };

	model_ingest(model, &event);
}

void event_session(struct model *model, int64_t at_ns, uint32_t slot, bool to_client,
		   uint64_t packets, uint64_t misses)
{
	struct event event = { .type = EVENT_SESSION,
			       .time_ns = at_ns,
			       .session = { .slot = slot,
					    .to_client = to_client,
					    .counters = { .packets = packets,
							  .bytes = 100 * packets,
							  .misses = misses },
					    .last_used_ns = packets ? at_ns : 0 } };

	model_ingest(model, &event);
}

void event_counters(struct model *model, int64_t at_ns)
{
	struct event event = { .type = EVENT_COUNTERS, .time_ns = at_ns };

	model_ingest(model, &event);
}

const char *event_last_line(const struct model *model)
{
	return model->journal_next ? model->journal[(model->journal_next - 1) % MODEL_JOURNAL].text
				   : "";
}
