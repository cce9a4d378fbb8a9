/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands behind a struct model: indexes, earlier totals, runs of reasons. Only model*.c see
 * it. It is as flat as the model, so that both are copied the same way.
 */
#ifndef FZBPF_MODEL_INTERNAL_H
#define FZBPF_MODEL_INTERNAL_H

#include "index.h"
#include "model.h"

#define SECOND_NS 1000000000LL

#define MODEL_WANTED 1024   /* rows of IPs that were never witnessed */
#define MODEL_OPINIONS 4096 /* neighbours of the kernel */
#define MODEL_VLANS 16	    /* different VLAN ids that are searched for a session's destination */
#define MODEL_RUNS 1024	    /* flows whose misses may turn from warming to problem */
#define MODEL_QUIET_NS (30 * SECOND_NS) /* a reason that did not occur for so long is over */

/* Neighbour rows by how soon they are given away when the table is full. */
enum row_list { ROW_EVICTED, ROW_WANTED, ROW_WITNESSED, ROW_LIST_COUNT };

/* Private part of a neighbour row. */
struct row_state {
	uint32_t older, newer; /* in its list, row number plus one, 0 = end */
	uint8_t list;	       /* enum row_list */
	bool settled;	       /* no hits and misses since rates were computed as 0 */
	uint32_t same_mac;     /* first row that has its MAC */
	uint32_t refreshed;    /* number of the snapshot that last had it */
	uint32_t moves_before; /* of earlier lives of the entry in the program's table */
	uint64_t misses_by_packet, misses_by_session;
	uint64_t hits_then, misses_then; /* totals when rates were last computed */
};

/* Private part of one direction of a binding. */
struct direction_state {
	struct relay_session_counters last; /* the event before */
	uint64_t packets_then, bytes_then, misses_then;
	int64_t active_since_ns; /* no pause longer than BINDING_PAUSE_NS since */
	int64_t missed_ns;	 /* when its last frames missed, 0 = they did not */
	uint16_t vlan;		 /* as of a packet that missed */
};

/* An IP or a flow whose frames are passed up again and again for one reason. */
struct model_run {
	enum relay_reason reason;
	struct in6_addr ip;
	uint16_t port, channel, vlan;
	bool problem;
	uint32_t count; /* 0 = vacant */
	int64_t since_ns, last_ns;
};

struct kernel_opinion {
	struct in6_addr ip;
	enum kernel_state state; /* KERNEL_NONE = vacant */
	bool has_mac;
	struct mac mac;
};

struct model_private {
	struct model model; /* first: a struct model * is a struct model_private * */

	uint64_t seed; /* of the hashes */
	uint32_t snapshots;
	bool has_neighbour_events, has_counters;
	bool shared_dirty;
	int64_t shared_ns; /* when it was counted last */
	bool detached_then;
	enum model_link link_then;
	uint32_t learned_in_second; /* journalled or not, in the second `learned_second` */
	int64_t learned_second;
	int64_t plain_no_binding_ns; /* last passed-up no-binding without a channel */
	int64_t reason_packet_ns[RELAY_REASON_COUNT];
	bool reason_is_problem[RELAY_REASON_COUNT]; /* as journalled */
	size_t vlan_count;
	uint16_t vlans[MODEL_VLANS];
	uint32_t oldest[ROW_LIST_COUNT], newest[ROW_LIST_COUNT];
	size_t opinion_count;
	struct kernel_opinion opinions[MODEL_OPINIONS];
	struct model_run runs[MODEL_RUNS];
	uint32_t opinion_heads[MODEL_OPINIONS], opinion_next[MODEL_OPINIONS];
	uint32_t relayed_heads[MODEL_BINDINGS], relayed_next[MODEL_BINDINGS];
	uint32_t row_heads[2 * MODEL_NEIGHBOURS];

	/* for rows in use only; what is above is copied whole */
	uint32_t row_next[MODEL_NEIGHBOURS];
	struct row_state rows[MODEL_NEIGHBOURS];
	struct direction_state directions[MODEL_BINDINGS][2]; /* to the peer, to the client */

	/* scratch, never copied */
	uint32_t mac_heads[2 * MODEL_NEIGHBOURS], mac_next[MODEL_NEIGHBOURS];
};

static inline struct model_private *model_private(struct model *model)
{
	return (struct model_private *)model;
}

/* ---- model.c */
__attribute__((format(printf, 4, 5))) void model_journal(struct model *model, int64_t time_ns,
							 bool problem, const char *format, ...);

/* ---- model_rows.c: finding, making and reusing neighbour rows */
struct model_neighbour *model_row_find(struct model_private *priv, const struct in6_addr *ip,
				       uint16_t vlan);
/* The row of an IP whose VLAN is not known, the one seen last if there are several. */
struct model_neighbour *model_row_find_ip(struct model_private *priv, const struct in6_addr *ip);
/* A row that is not there yet, at the cost of the least useful one when there is no room. */
struct model_neighbour *model_row_new(struct model_private *priv, const struct in6_addr *ip,
				      uint16_t vlan, enum row_list list);
/* Makes it the newest of a list. */
void model_row_move(struct model_private *priv, struct model_neighbour *row, enum row_list list);
struct row_state *model_row_state(struct model_private *priv, const struct model_neighbour *row);

/* ---- model_neighbours.c: what events say about them */
void model_neighbour_event(struct model *model, const struct event *event);
void model_neighbour_missed(struct model *model, const struct in6_addr *ip, uint16_t vlan,
			    int64_t time_ns);
/* More packets and misses of a session that leads to `ip`. */
void model_neighbour_session(struct model *model, const struct in6_addr *ip, uint16_t vlan,
			     uint64_t packets, uint64_t misses, int64_t time_ns);
/* At the end of a snapshot; `lossy`: records of it may be missing. */
void model_neighbours_counted(struct model *model, double interval_s, bool lossy);
void model_neighbours_zero(struct model *model);
/* Rates are not known any more: nothing is counted. */
void model_neighbours_forget(struct model *model);
/* Counts anew how many IPs share a MAC, if that may have changed. */
void model_neighbours_share(struct model *model);

/* ---- model_kernel.c: the kernel's opinion */
void model_kernel_apply(struct model_private *priv, struct model_neighbour *row);

/* ---- model_bindings.c */
void model_binding_event(struct model *model, const struct event *event);
void model_session_event(struct model *model, const struct event *event);
/* The VLAN of a binding's destination, as a packet that missed shows it. */
void model_binding_vlan(struct model *model, const struct event_passed *passed);
void model_bindings_counted(struct model *model, double interval_s);
void model_bindings_tick(struct model *model);
void model_bindings_zero(struct model *model);
void model_bindings_forget(struct model *model);

/* ---- model_reasons.c: passed-up packets, and when a reason becomes a problem */
void model_packet_event(struct model *model, const struct event *event);
/* Frames were passed up for this reason, the last of them at `time_ns`. */
void model_reason_seen(struct model *model, enum relay_reason reason, int64_t time_ns);
/* The next hop was witnessed, the channel was bound: what was passed up for it is over. */
void model_runs_resolved(struct model *model, const struct in6_addr *next_hop, uint16_t vlan);
void model_runs_bound(struct model *model, const struct endpoint *client, uint16_t channel);
void model_reasons_tick(struct model *model);

/* ---- model_counters.c: totals, rates, stations */
void model_counters_init(struct model *model);
void model_counters_event(struct model *model, const struct event *event);
void model_counters_zero(struct model *model);
void model_counters_forget(struct model *model);
/*
 * A rate from two totals. interval_s > 0: known; 0: too short to tell, the old rate stays; < 0: not
 * known.
 */
double model_rate(double old, uint64_t then, uint64_t now, double interval_s);
/* The rate of something new: nothing, or not known as long as no interval was measured. */
double model_rate_at_birth(const struct model *model);

#endif
