/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng (draft-ietf-opsawg-pcapng), with nanoseconds: a comment on each packet, its verdict and
 * the loss before it, changes of state as journal blocks between the packets, totals at the end.
 */
#include "writer_format.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "../src/comment.h"
#include "../src/journal.h"
#include "pcapng.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

#define XDP_VERDICT_PASS 2
#define XDP_VERDICT_DROP 1
#define XDP_VERDICT_TX 3
#define TEXT_MAX 1024

struct pcapng_state {
	uint32_t snaplen;
	const struct model *model;
	int64_t first_ns, last_ns; /* of the packets */
	size_t used;
	unsigned char block[RELAY_SNAPLEN_MAX + WRITER_FORMAT_EXTRA];
};

/* ---- one block, in memory -------------------------------------------------------------------- */

static void put(struct pcapng_state *state, const void *bytes, size_t length)
{
	static const unsigned char zeros[4];
	size_t padding = -length & 3;

	/* Cannot happen: each text is bounded, and so is the frame. */
	if (state->used + length + padding + 8 > sizeof(state->block))
		return;
	if (length)
		memcpy(state->block + state->used, bytes, length);
	memcpy(state->block + state->used + length, zeros, padding);
	state->used += length + padding;
}

static void put32(struct pcapng_state *state, uint32_t number)
{
	put(state, &number, sizeof(number));
}

static void put_time(struct pcapng_state *state, int64_t time_ns)
{
	put32(state, (uint32_t)((uint64_t)time_ns >> 32));
	put32(state, (uint32_t)time_ns);
}

static void put_option(struct pcapng_state *state, uint16_t code, const void *value, size_t length)
{
	put32(state, (uint32_t)code | (uint32_t)length << 16);
	put(state, value, length);
}

static void put_text(struct pcapng_state *state, uint16_t code, const char *text)
{
	if (text && *text)
		put_option(state, code, text, strlen(text));
}

static void put_count(struct pcapng_state *state, uint16_t code, uint64_t count)
{
	put_option(state, code, &count, sizeof(count));
}

static void put_time_option(struct pcapng_state *state, uint16_t code, int64_t time_ns)
{
	uint32_t halves[2] = { (uint32_t)((uint64_t)time_ns >> 32), (uint32_t)time_ns };

	put_option(state, code, halves, sizeof(halves));
}

static void begin(struct pcapng_state *state, uint32_t type)
{
	state->used = 0;
	put32(state, type);
	put32(state, 0);
}

static void end(struct pcapng_state *state, FILE *out)
{
	uint32_t length = (uint32_t)state->used + 4;

	put32(state, length);
	memcpy(state->block + 4, &length, sizeof(length));
	fwrite(state->block, 1, state->used, out);
}

/* ---- the pieces ------------------------------------------------------------------------------ */

static void put_section(struct pcapng_state *state, FILE *out, const struct writer_origin *origin)
{
	uint64_t unknown_length = ~0ULL;
	struct utsname system;
	char text[TEXT_MAX];

	begin(state, PCAPNG_SECTION);
	put32(state, PCAPNG_MAGIC);
	put32(state, 1); /* version 1.0 */
	put(state, &unknown_length, sizeof(unknown_length));
	if (uname(&system) == 0) {
		put_text(state, PCAPNG_SECTION_HARDWARE, system.machine);
		snprintf(text, sizeof(text), "%s %s", system.sysname, system.release);
		put_text(state, PCAPNG_SECTION_OS, text);
	}
	put_text(state, PCAPNG_SECTION_APPLICATION, PCAPNG_APPLICATION " " VERSION);
	if (origin->command) {
		snprintf(text, sizeof(text), "packets passed up by the relay; written by: %s",
			 origin->command);
		put_text(state, PCAPNG_COMMENT, text);
	}
	put32(state, PCAPNG_END);
	end(state, out);
}

static void put_address(struct pcapng_state *state, const struct interface_address *address)
{
	uint8_t value[17];
	unsigned int prefix = address->prefix < 32 ? address->prefix : 32;
	uint32_t mask;

	memcpy(value, &address->ip, 16);
	value[16] = address->prefix;
	if (!IN6_IS_ADDR_V4MAPPED(&address->ip)) {
		put_option(state, PCAPNG_INTERFACE_IPV6, value, sizeof(value));
		return;
	}
	mask = htonl(prefix ? ~0U << (32 - prefix) : 0);
	memcpy(value, &address->ip.s6_addr[12], 4);
	memcpy(value + 4, &mask, sizeof(mask));
	put_option(state, PCAPNG_INTERFACE_IPV4, value, 8);
}

static void put_interface(struct pcapng_state *state, FILE *out,
			  const struct writer_options *options)
{
	static const struct mac unknown;
	const struct writer_origin *origin = &options->origin;
	char text[TEXT_MAX];
	uint8_t nanoseconds = 9;

	begin(state, PCAPNG_INTERFACE);
	put32(state, PCAPNG_ETHERNET);
	put32(state, options->snaplen);
	put_text(state, PCAPNG_INTERFACE_NAME, origin->interface);
	if (origin->driver && *origin->driver) {
		snprintf(text, sizeof(text), "XDP hook, driver %s", origin->driver);
		put_text(state, PCAPNG_INTERFACE_DESCRIPTION, text);
	}
	for (size_t i = 0; i < origin->address_count; i++)
		put_address(state, &origin->addresses[i]);
	if (memcmp(&origin->mac, &unknown, sizeof(unknown)) != 0)
		put_option(state, PCAPNG_INTERFACE_MAC, origin->mac.octet,
			   sizeof(origin->mac.octet));
	put_option(state, PCAPNG_INTERFACE_RESOLUTION, &nanoseconds, 1);
	if (options->filter && *options->filter) {
		text[0] = 0; /* a filter as libpcap takes it */
		snprintf(text + 1, sizeof(text) - 1, "%s", options->filter);
		put_option(state, PCAPNG_INTERFACE_FILTER, text, 1 + strlen(text + 1));
	}
	put32(state, PCAPNG_END);
	end(state, out);
}

static void put_name(struct pcapng_state *state, const struct name *name)
{
	bool is_v4 = IN6_IS_ADDR_V4MAPPED(&name->ip);
	size_t size = is_v4 ? 4 : 16, label = strlen(name->label) + 1;
	uint8_t record[sizeof(name->ip) + NAMES_LABEL_SIZE];

	memcpy(record, &name->ip.s6_addr[sizeof(name->ip) - size], size);
	memcpy(record + size, name->label, label);
	put_option(state, is_v4 ? PCAPNG_NAME_IPV4 : PCAPNG_NAME_IPV6, record, size + label);
}

static void put_names(struct pcapng_state *state, FILE *out, const struct names *names)
{
	if (!names || !names->count)
		return;
	begin(state, PCAPNG_NAMES);
	for (size_t i = 0; i < names->count; i++)
		put_name(state, &names->rows[i]);
	put32(state, PCAPNG_NAME_END);
	end(state, out);
}

static int pcapng_open(FILE *out, const struct writer_options *options, void **ret_state)
{
	struct pcapng_state *state = calloc(1, sizeof(*state));

	if (!state)
		return -ENOMEM;
	state->snaplen = options->snaplen;
	state->model = options->model;
	put_section(state, out, &options->origin);
	put_interface(state, out, options);
	put_names(state, out, options->origin.names);
	*ret_state = state;
	return 0;
}

static uint64_t verdict_of(const struct event *event)
{
	if (event->type == EVENT_RELAYED)
		return XDP_VERDICT_TX;
	return event->passed.reason == RELAY_REASON_INTERNAL ? XDP_VERDICT_DROP : XDP_VERDICT_PASS;
}

static void pcapng_record(void *opaque, FILE *out, const struct event *event, uint64_t lost)
{
	struct pcapng_state *state = opaque;
	const struct event_passed *passed = &event->passed;
	uint32_t kept = passed->captured < state->snaplen ? passed->captured : state->snaplen;
	uint8_t verdict[9] = { PCAPNG_VERDICT_XDP };
	uint64_t value = verdict_of(event);
	char comment[COMMENT_SIZE];

	memcpy(verdict + 1, &value, sizeof(value));
	if (!state->first_ns)
		state->first_ns = event->time_ns;
	state->last_ns = event->time_ns;
	begin(state, PCAPNG_PACKET);
	put32(state, 0);
	put_time(state, event->time_ns);
	put32(state, kept);
	put32(state, passed->length > kept ? passed->length : kept);
	put(state, passed->frame, kept);
	comment_format(comment, event, state->model);
	put_text(state, PCAPNG_COMMENT, comment);
	if (lost)
		put_count(state, PCAPNG_PACKET_LOST, lost);
	if (event->type != EVENT_SENT)
		put_option(state, PCAPNG_PACKET_VERDICT, verdict, sizeof(verdict));
	put32(state, PCAPNG_END);
	end(state, out);
}

static bool pcapng_event(void *opaque, FILE *out, const struct event *event)
{
	struct pcapng_state *state = opaque;
	char entry[JOURNAL_SIZE];

	if (!journal_has(event->type))
		return false;
	begin(state, PCAPNG_JOURNAL);
	put(state, entry, journal_format(entry, event));
	end(state, out);
	return true;
}

static void pcapng_totals(void *opaque, FILE *out, const struct writer_summary *summary)
{
	struct pcapng_state *state = opaque;
	uint64_t lost = summary->lost + summary->stalled;

	begin(state, PCAPNG_STATISTICS);
	put32(state, 0);
	put_time(state, state->last_ns);
	if (state->first_ns) {
		put_time_option(state, PCAPNG_STATISTICS_START, state->first_ns);
		put_time_option(state, PCAPNG_STATISTICS_END, state->last_ns);
	}
	put_count(state, PCAPNG_STATISTICS_RECEIVED,
		  summary->written + summary->filtered + summary->unwritten + lost);
	put_count(state, PCAPNG_STATISTICS_DROPPED, lost);
	put_count(state, PCAPNG_STATISTICS_ACCEPTED, summary->written);
	put32(state, PCAPNG_END);
	end(state, out);
}

static void pcapng_close(void *opaque, FILE *out)
{
	fclose(out);
	free(opaque);
}

const struct writer_format writer_format_pcapng = {
	.name = "pcapng",
	.open = pcapng_open,
	.record = pcapng_record,
	.event = pcapng_event,
	.totals = pcapng_totals,
	.close = pcapng_close,
};
