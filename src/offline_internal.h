/* SPDX-License-Identifier: BSD-2-Clause */
/* What offline.c and offline_judge.c share. */
#ifndef FZBPF_OFFLINE_INTERNAL_H
#define FZBPF_OFFLINE_INTERNAL_H

#include "offline.h"
#include "offline_neighbours.h"
#include "snoop.h"

#define FRAME_MAX RELAY_SNAPLEN_MAX

enum { TO_PEER, TO_CLIENT, DIRECTIONS };

struct session {
	struct relay_session_counters counters;
	int64_t last_used_ns;
};

struct offline {
	struct offline_setup setup;
	offline_emit_fn *emit;
	void *context;

	struct offline_host host; /* by the survey */
	bool has_captor;
	struct mac captor; /* who captured, if no MAC address of receivers is in the file */

	/* all below is since the reset */
	struct bindings *bindings;
	struct snoop *snoop;
	struct offline_neighbours *neighbours;
	struct session (*sessions)[DIRECTIONS]; /* by slot */
	uint32_t session_end;
	struct relay_counters totals;
	uint64_t entries; /* as the file counts them */
	int64_t now_ns, counted_ns;
	unsigned int slice;
	bool is_counted; /* by the file itself */

	/* what is being judged, aligned as the parser wants it */
	_Alignas(8) uint8_t room[2 + FRAME_MAX];
};

/* What the relay would do with a frame. */
struct judgement {
	enum relay_reason reason;	     /* RELAY_REASON_COUNT: relayed */
	const struct event_binding *binding; /* NULL = none */
	int direction;
	struct event_way way;
};

/* Takes in who a frame is from. */
void offline_learn(struct offline *offline, const struct offline_frame *frame, int64_t time_ns);

struct judgement offline_judge(const struct offline *offline, const struct offline_frame *frame);

#endif
