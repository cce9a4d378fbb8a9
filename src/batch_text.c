/* SPDX-License-Identifier: BSD-2-Clause */
/* Batch lines for people: a clock, a word, aligned, then what it is about. */
#include "batch_line.h"

#include <errno.h>
#include <inttypes.h>

#include "format.h"
#include "labels.h"

#define WORD_WIDTH 11	/* of "mac learned" */
#define REASON_WIDTH 18 /* of "bad-channel-length" */
#define IP_WIDTH 15	/* of IPv4; longer ones push the rest */

static void put_start(FILE *out, int64_t time_ns, int utc_offset_s, const char *word)
{
	char clock[FORMAT_TIME_SIZE];

	fprintf(out, "%s %-*s ", format_clock(clock, sizeof(clock), time_ns, utc_offset_s),
		WORD_WIDTH, word);
}

/* Text that came from outside, or through somebody who got it there. */
static void put_safe(FILE *out, const char *before, const char *text)
{
	char safe[256];

	if (text && *text)
		fprintf(out, "%s%s", before, format_safe(safe, sizeof(safe), text));
}

static void put_attachment(FILE *out, const struct event_attachment *attachment,
			   const struct model *model)
{
	char mac[FORMAT_MAC_SIZE], ip[FORMAT_IP_SIZE];

	put_safe(out, "", attachment->interface);
	put_safe(out, " mode ", attachment->mode);
	fprintf(out, " program %" PRIu32 " mac %s", attachment->program_id,
		format_mac(mac, sizeof(mac), &attachment->mac));
	for (size_t i = 0; i < model->own_count && i < MODEL_OWN_ADDRESSES; i++)
		fprintf(out, "%s%s", i ? "," : " addresses ",
			format_ip(ip, sizeof(ip), &model->own[i]));
	put_safe(out, ": ", attachment->reason);
}

static void put_neighbour(FILE *out, const struct event_neighbour *neighbour, bool moved)
{
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE], previous[FORMAT_MAC_SIZE];

	fprintf(out, "%-*s %s", IP_WIDTH, format_ip(ip, sizeof(ip), &neighbour->ip),
		format_mac(mac, sizeof(mac), &neighbour->mac));
	if (moved)
		fprintf(out, " was %s moves %" PRIu32,
			format_mac(previous, sizeof(previous), &neighbour->previous),
			neighbour->moves);
	if (neighbour->vlan)
		fprintf(out, " vlan %u", neighbour->vlan);
	fprintf(out, " source %s", label_source(neighbour->source));
}

static void put_binding(FILE *out, const struct endpoint *client, uint16_t channel,
			const struct endpoint *relayed, const struct endpoint *peer)
{
	char a[FORMAT_ENDPOINT_SIZE], b[FORMAT_ENDPOINT_SIZE], c[FORMAT_ENDPOINT_SIZE];

	fprintf(out, "client %s channel 0x%04x relayed %s peer %s",
		format_endpoint(a, sizeof(a), client), channel,
		format_endpoint(b, sizeof(b), relayed), format_endpoint(c, sizeof(c), peer));
}

static void put_expiry(FILE *out, bool fixed, int64_t expires_ns, int64_t now_ns)
{
	int64_t left_ns = expires_ns - now_ns;

	if (fixed)
		fputs(" fixed", out);
	else
		fprintf(out, " expires %" PRId64 "s",
			left_ns > 0 ? (left_ns + 500000000) / 1000000000 : 0);
}

static void put_binding_event(FILE *out, const struct event *event)
{
	const struct event_binding *binding = &event->binding;

	put_binding(out, &binding->client, binding->channel, &binding->relayed, &binding->peer);
	if (event->type != EVENT_BINDING_REMOVED)
		put_expiry(out, binding->fixed, binding->expires_ns, event->time_ns);
	put_safe(out, ": ", binding->why);
}

static void put_packet(FILE *out, const struct event_passed *passed, const char *label)
{
	char from[FORMAT_ENDPOINT_SIZE], to[FORMAT_ENDPOINT_SIZE];

	format_end(from, sizeof(from), passed->has_ip, passed->has_ports, &passed->src,
		   &passed->src_mac);
	format_end(to, sizeof(to), passed->has_ip, passed->has_ports, &passed->dst,
		   &passed->dst_mac);
	fprintf(out, "%-*s %s > %s len %" PRIu32, REASON_WIDTH, label, from, to, passed->length);
	if (passed->vlan)
		fprintf(out, " vlan %u", passed->vlan);
	if (passed->has_channel)
		fprintf(out, " channel 0x%04x", passed->channel);
}

static void put_passed(FILE *out, const struct event_passed *passed, enum relay_class class)
{
	char missing[FORMAT_IP_SIZE];

	put_packet(out, passed, label_reason(passed->reason));
	if (passed->has_missing)
		fprintf(out, " missing %s", format_ip(missing, sizeof(missing), &passed->missing));
	if (class == RELAY_CLASS_PROBLEM)
		fprintf(out, "; next: %s", reason_next_step(passed->reason));
}

static void put_relayed(FILE *out, const struct event_passed *passed)
{
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE];

	put_packet(out, passed, label_path(passed->way.path));
	fprintf(out, " next %s at %s", format_ip(ip, sizeof(ip), &passed->way.dst.ip),
		format_mac(mac, sizeof(mac), &passed->way.mac));
}

static void put_counters(FILE *out, const struct batch_line *line)
{
	const struct relay_counters *totals = &line->event->counters.totals;

	fprintf(out,
		"seen %" PRIu64 " relayed %" PRIu64 " misses %" PRIu64 " passed %" PRIu64
		" bytes %" PRIu64 " learned %" PRIu64 " lost %" PRIu64,
		line->totals.seen, line->totals.relayed, line->totals.misses, line->totals.passed,
		(uint64_t)totals->relayed_bytes, line->event->counters.entries,
		(uint64_t)totals->lost);
	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++)
		if (totals->passed[reason])
			fprintf(out, " %s %" PRIu64, label_reason(reason),
				(uint64_t)totals->passed[reason]);
}

static void put_event(FILE *out, const struct batch_line *line, int utc_offset_s)
{
	const struct event *event = line->event;
	static const char *const words[] = {
		[EVENT_ATTACHED] = "attached",	     [EVENT_DETACHED] = "detached",
		[EVENT_MAC_LEARNED] = "mac learned", [EVENT_MAC_MOVED] = "mac moved",
		[EVENT_BINDING_ADDED] = "bound",     [EVENT_BINDING_REFRESHED] = "refreshed",
		[EVENT_BINDING_REMOVED] = "unbound", [EVENT_PASSED_UP] = "passed up",
		[EVENT_RELAYED] = "relayed",	     [EVENT_SENT] = "sent",
		[EVENT_COUNTERS] = "counters",
	};

	put_start(out, line->time_ns, utc_offset_s, words[event->type]);
	switch (event->type) {
	case EVENT_ATTACHED:
	case EVENT_DETACHED: put_attachment(out, &event->attachment, line->model); break;
	case EVENT_MAC_LEARNED:
	case EVENT_MAC_MOVED:
		put_neighbour(out, &event->neighbour, event->type == EVENT_MAC_MOVED);
		break;
	case EVENT_BINDING_ADDED:
	case EVENT_BINDING_REFRESHED:
	case EVENT_BINDING_REMOVED: put_binding_event(out, event); break;
	case EVENT_PASSED_UP: put_passed(out, &event->passed, line->class); break;
	case EVENT_RELAYED: put_relayed(out, &event->passed); break;
	case EVENT_SENT: put_packet(out, &event->passed, "-"); break;
	case EVENT_COUNTERS: put_counters(out, line); break;
	case EVENT_NEIGHBOUR:
	case EVENT_SESSION: break;
	}
	fputc('\n', out);
}

static void begin_lines(FILE *out)
{
	clearerr(out);
	errno = 0;
}

static int end_lines(FILE *out)
{
	if (ferror(out) | fflush(out))
		return errno ? -errno : -EIO;
	return 0;
}

int batch_write_text(FILE *out, const struct batch_line *line, int utc_offset_s)
{
	begin_lines(out);
	put_event(out, line, utc_offset_s);
	return end_lines(out);
}

static void put_neighbour_row(FILE *out, const struct model_neighbour *row, int64_t now_ns)
{
	char ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE], age[FORMAT_NUMBER_SIZE];

	fprintf(out, "%-*s ", IP_WIDTH, format_ip(ip, sizeof(ip), &row->ip));
	if (row->witnessed)
		fprintf(out, "%s age %s", format_mac(mac, sizeof(mac), &row->mac),
			format_age(age, sizeof(age), now_ns - row->last_seen_ns));
	else
		fputs("wanted, but never seen", out);
	if (row->vlan)
		fprintf(out, " vlan %u", row->vlan);
	fprintf(out, " moves %" PRIu32 " hits %" PRIu64 " misses %" PRIu64 "\n", row->moves,
		row->hits.total, row->misses.total);
}

int batch_write_text_neighbours(FILE *out, const struct batch_line *line, int utc_offset_s)
{
	begin_lines(out);
	put_start(out, line->time_ns, utc_offset_s, "neighbors");
	fprintf(out, "%s\n", line->message);
	for (size_t i = 0; i < line->model->neighbour_count; i++) {
		if (!batch_lists_neighbour(&line->model->neighbours[i]))
			continue;
		put_start(out, line->time_ns, utc_offset_s, "neighbor");
		put_neighbour_row(out, &line->model->neighbours[i], line->time_ns);
	}
	return end_lines(out);
}

static void put_direction(FILE *out, const char *name, const struct model_direction *way)
{
	fprintf(out, " %s packets %" PRIu64 " bytes %" PRIu64 " misses %" PRIu64, name,
		way->packets.total, way->bytes.total, way->misses.total);
}

int batch_write_text_bindings(FILE *out, const struct batch_line *line, int utc_offset_s)
{
	begin_lines(out);
	put_start(out, line->time_ns, utc_offset_s, "bindings");
	fprintf(out, "%s\n", line->message);
	for (size_t i = 0; i < line->model->binding_end; i++) {
		const struct model_binding *row = &line->model->bindings[i];

		if (!row->used)
			continue;
		put_start(out, line->time_ns, utc_offset_s, "binding");
		put_binding(out, &row->client, row->channel, &row->relayed, &row->peer);
		put_expiry(out, row->fixed, row->expires_ns, line->time_ns);
		put_direction(out, "to peer", &row->to_peer);
		put_direction(out, "to client", &row->to_client);
		fputc('\n', out);
	}
	return end_lines(out);
}
