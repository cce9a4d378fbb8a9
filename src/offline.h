/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relay that was not there: takes the packets of a capture in their order and emits what the
 * relay and its witnesses would have emitted. Of our own files, what they say is passed on instead.
 *
 * Who the relay is, is found out first (offline_survey): the host that sends STUN responses from
 * the TURN port, or else the one that something is sent to there. What it sent is witnessed as the
 * control tap does, all else is judged as received. A capture shows neither the interface's MTU
 * (the largest packet counts, at least 1500) nor what happened before it.
 */
#ifndef FZBPF_OFFLINE_H
#define FZBPF_OFFLINE_H

#include "bindings.h"
#include "offline_frame.h"
#include "offline_host.h"

struct offline;

struct offline_setup {
	struct offline_ports ports;
	uint32_t mac_ttl_s; /* 0 = never stale */
	uint32_t mac_entries;
	int64_t interval_ns; /* of the file's time, between counters */
	uint64_t capture;    /* bit per reason that is emitted, not only counted */
	bool relaying;
};

/* As far as a capture tells without a MAC address: by or from the host that captured. */
enum offline_way { OFFLINE_BY_ADDRESS, OFFLINE_RECEIVED, OFFLINE_SENT };

struct offline_packet {
	int64_t time_ns;
	const uint8_t *bytes;
	uint32_t captured, length;
	const char *comment; /* as our own files have it; may be NULL */
	size_t comment_length;
	uint64_t lost; /* before it */
	enum offline_way way;
};

typedef void offline_emit_fn(void *context, const struct event *event);

/* `emit` gets the same events as from a live interface. 0 or -ENOMEM. */
int offline_new(const struct offline_setup *setup, offline_emit_fn *emit, void *context,
		struct offline **ret);
void offline_free(struct offline *offline);

/* First all packets, once: nothing is emitted. */
void offline_survey(struct offline *offline, const struct offline_packet *packet);

/* What the file says itself, if it does. */
void offline_set_mac(struct offline *offline, const struct mac *mac);

void offline_add_address(struct offline *offline, const struct in6_addr *ip);

/* There are EVENT_COUNTERS in the file: beside them, only its packets are counted. */
void offline_set_counted(struct offline *offline);

/* Forgets everything but the survey. 0 or -ENOMEM. */
int offline_reset(struct offline *offline);

/* EVENT_ATTACHED, for a file that has none. `name` is the interface's, or the file's. */
void offline_attach(struct offline *offline, const char *name, int64_t time_ns);

/* A fixed binding; the unspecified server address becomes the relay's. -EADDRNOTAVAIL if that is
 * not known, -ENOSPC. */
int offline_bind(struct offline *offline, const struct event_binding *wanted, int64_t time_ns);

/* As the survey found it. */
const struct offline_host *offline_host(const struct offline *offline);

void offline_take_packet(struct offline *offline, const struct offline_packet *packet);
void offline_take_event(struct offline *offline, const struct event *event);

/* Emits a snapshot, as of the last packet or event. */
void offline_count(struct offline *offline);

#endif
