/* SPDX-License-Identifier: BSD-2-Clause */
/* The sentence that a person reads about an event, and how serious it is. */
#include "batch_line.h"

#include <inttypes.h>
#include <stdarg.h>

#include "format.h"
#include "labels.h"

#define MOVES_SUSPICIOUS 3 /* a host moves once; two hosts with one address move it to and fro */

/* A sentence put together piece by piece; what does not fit is cut. */
struct sentence {
	char *text;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3)))
say(struct sentence *sentence, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(sentence->text + sentence->used, sentence->size - sentence->used, format,
			   arguments);
	va_end(arguments);
	if (length > 0)
		sentence->used += (size_t)length;
	if (sentence->used >= sentence->size)
		sentence->used = sentence->size - 1;
}

static void say_attachment(struct sentence *sentence, const struct event_attachment *attachment,
			   bool attached)
{
	char name[sizeof(attachment->interface)];

	format_safe(name, sizeof(name), attachment->interface);
	if (attached)
		say(sentence, "attached to %s in %s mode as program %" PRIu32, name,
		    attachment->mode ? attachment->mode : "unknown", attachment->program_id);
	else
		say(sentence, "detached from %s", name);
	if (attachment->reason && *attachment->reason)
		say(sentence, ": %s", attachment->reason);
}

static void say_neighbour(struct sentence *sentence, const struct event_neighbour *neighbour,
			  bool moved)
{
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE], previous[FORMAT_MAC_SIZE];

	format_ip(ip, sizeof(ip), &neighbour->ip);
	format_mac(mac, sizeof(mac), &neighbour->mac);
	format_mac(previous, sizeof(previous), &neighbour->previous);
	if (moved)
		say(sentence, "%s moved from %s to %s", ip, previous, mac);
	else
		say(sentence, "learned that %s is at %s", ip, mac);
	if (neighbour->vlan)
		say(sentence, " in VLAN %u", neighbour->vlan);
	say(sentence, ", seen in %s", label_source(neighbour->source));
	if (moved && neighbour->moves >= MOVES_SUSPICIOUS)
		say(sentence, ", move %" PRIu32 "; next: look for two hosts with this address",
		    neighbour->moves);
}

static void say_binding(struct sentence *sentence, const struct event *event, const char *verb)
{
	const struct event_binding *binding = &event->binding;
	char client[FORMAT_ENDPOINT_SIZE], relayed[FORMAT_ENDPOINT_SIZE];
	char peer[FORMAT_ENDPOINT_SIZE];

	say(sentence, "%s channel 0x%04x of client %s to peer %s through %s", verb,
	    binding->channel, format_endpoint(client, sizeof(client), &binding->client),
	    format_endpoint(peer, sizeof(peer), &binding->peer),
	    format_endpoint(relayed, sizeof(relayed), &binding->relayed));
	if (event->type != EVENT_BINDING_REMOVED && binding->fixed)
		say(sentence, " for good");
	else if (event->type != EVENT_BINDING_REMOVED && binding->expires_ns > event->time_ns)
		say(sentence, " for %" PRId64 " s",
		    (binding->expires_ns - event->time_ns + 500000000) / 1000000000);
	if (binding->why && *binding->why)
		say(sentence, ": %s", binding->why);
}

static void say_packet(struct sentence *sentence, const struct event_passed *passed,
		       const char *verb)
{
	char from[FORMAT_ENDPOINT_SIZE], to[FORMAT_ENDPOINT_SIZE];

	format_end(from, sizeof(from), passed->has_ip, passed->has_ports, &passed->src,
		   &passed->src_mac);
	format_end(to, sizeof(to), passed->has_ip, passed->has_ports, &passed->dst,
		   &passed->dst_mac);
	say(sentence, "%s %s > %s, %" PRIu32 " bytes", verb, from, to, passed->length);
	if (passed->has_channel)
		say(sentence, ", channel 0x%04x", passed->channel);
}

static void say_passed(struct sentence *sentence, const struct event_passed *passed,
		       enum relay_class class)
{
	char missing[FORMAT_IP_SIZE];

	say_packet(sentence, passed, "passed up");
	say(sentence, ": %s, %s", label_reason(passed->reason), reason_means(passed->reason));
	if (passed->has_missing)
		say(sentence, " (%s)", format_ip(missing, sizeof(missing), &passed->missing));
	if (class != RELAY_CLASS_NORMAL)
		say(sentence, "; next: %s", reason_next_step(passed->reason));
}

static void say_relayed(struct sentence *sentence, const struct event_passed *passed)
{
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE];

	say_packet(sentence, passed, "would have relayed");
	say(sentence, ": %s, to %s at %s", label_path(passed->way.path),
	    format_ip(ip, sizeof(ip), &passed->way.dst.ip),
	    format_mac(mac, sizeof(mac), &passed->way.mac));
}

static void say_counters(struct sentence *sentence, const struct batch_line *line)
{
	const struct event_counters *counters = &line->event->counters;
	char percent[FORMAT_NUMBER_SIZE];

	say(sentence,
	    "seen %" PRIu64 ", relayed %" PRIu64 " (%s), passed up %" PRIu64
	    ", of them misses %" PRIu64 ", addresses learned %" PRIu64 ", records lost %" PRIu64,
	    line->totals.seen, line->totals.relayed,
	    format_percent(percent, sizeof(percent), (double)line->totals.relayed,
			   (double)line->totals.seen),
	    line->totals.passed, line->totals.misses, counters->entries,
	    (uint64_t)counters->totals.lost);
}

/* Only in capture files. */
static void say_session(struct sentence *sentence, const struct event_session *session)
{
	say(sentence,
	    "binding %" PRIu32 " to the %s: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64
	    " misses",
	    session->slot, session->to_client ? "client" : "peer",
	    (uint64_t)session->counters.packets, (uint64_t)session->counters.bytes,
	    (uint64_t)session->counters.misses);
}

static const char *passed_severity(enum relay_reason reason, enum relay_class class)
{
	if (reason == RELAY_REASON_INTERNAL)
		return "ERROR";
	if (class == RELAY_CLASS_NORMAL)
		return "DEBUG";
	return class == RELAY_CLASS_WARMING ? "INFO" : "WARN";
}

void batch_describe(struct batch_line *line)
{
	struct sentence sentence = { line->message, sizeof(line->message), 0 };
	const struct event *event = line->event;
	static const char *const names[] = {
		[EVENT_ATTACHED] = "attached",
		[EVENT_DETACHED] = "detached",
		[EVENT_MAC_LEARNED] = "mac_learned",
		[EVENT_MAC_MOVED] = "mac_moved",
		[EVENT_BINDING_ADDED] = "binding_added",
		[EVENT_BINDING_REFRESHED] = "binding_refreshed",
		[EVENT_BINDING_REMOVED] = "binding_removed",
		[EVENT_PASSED_UP] = "passed_up",
		[EVENT_RELAYED] = "relayed",
		[EVENT_SENT] = "sent",
		[EVENT_SESSION] = "session",
		[EVENT_COUNTERS] = "counters",
	};

	line->name = names[event->type];
	line->severity = "INFO";
	switch (event->type) {
	case EVENT_ATTACHED:
	case EVENT_DETACHED:
		say_attachment(&sentence, &event->attachment, event->type == EVENT_ATTACHED);
		break;
	case EVENT_MAC_LEARNED: say_neighbour(&sentence, &event->neighbour, false); break;
	case EVENT_MAC_MOVED:
		line->severity = "WARN";
		say_neighbour(&sentence, &event->neighbour, true);
		break;
	case EVENT_BINDING_ADDED: say_binding(&sentence, event, "bound"); break;
	case EVENT_BINDING_REFRESHED: say_binding(&sentence, event, "refreshed"); break;
	case EVENT_BINDING_REMOVED: say_binding(&sentence, event, "removed"); break;
	case EVENT_PASSED_UP:
		line->severity = passed_severity(event->passed.reason, line->class);
		say_passed(&sentence, &event->passed, line->class);
		break;
	case EVENT_RELAYED:
		line->severity = "DEBUG";
		say_relayed(&sentence, &event->passed);
		break;
	case EVENT_SENT:
		line->severity = "DEBUG";
		say_packet(&sentence, &event->passed, "the relay's host sent");
		break;
	case EVENT_COUNTERS: say_counters(&sentence, line); break;
	case EVENT_SESSION: say_session(&sentence, &event->session); break;
	case EVENT_NEIGHBOUR: break;
	}
}

bool batch_lists_neighbour(const struct model_neighbour *row)
{
	return !row->evicted;
}

void batch_describe_neighbours(struct batch_line *line)
{
	struct sentence sentence = { line->message, sizeof(line->message), 0 };
	size_t learned = 0, wanted = 0;

	for (size_t i = 0; i < line->model->neighbour_count; i++) {
		const struct model_neighbour *row = &line->model->neighbours[i];

		learned += row->witnessed && batch_lists_neighbour(row);
		wanted += !row->witnessed && batch_lists_neighbour(row);
	}
	line->name = "neighbors";
	line->severity = "INFO";
	say(&sentence, "addresses learned: %zu; wanted, but never seen: %zu", learned, wanted);
}

void batch_describe_bindings(struct batch_line *line)
{
	struct sentence sentence = { line->message, sizeof(line->message), 0 };

	line->name = "bindings";
	line->severity = "INFO";
	say(&sentence, "bindings: %zu", line->model->binding_count);
}
