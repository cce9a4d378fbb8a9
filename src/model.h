/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything we know, for the screen and for batch output: tables with fixed capacities, without
 * pointers, so that a copy of a struct model is a frozen picture. Events change it; views read it.
 * Time is always an argument, in nanoseconds of wall clock.
 */
#ifndef FZBPF_MODEL_H
#define FZBPF_MODEL_H

#include "event.h"

#define MODEL_NEIGHBOURS 65536
#define MODEL_BINDINGS 16384
#define MODEL_PACKETS 512
#define MODEL_PACKET_BYTES 256
#define MODEL_JOURNAL 256
#define MODEL_MOVES 256
#define MODEL_OWN_ADDRESSES 16
#define MODEL_HISTORY 30

/* A total with its rate over the last interval, in units a second; negative = not known yet. */
struct tally {
	uint64_t total;
	uint64_t at_zero; /* total when the user last pressed z */
	double rate;
};

enum kernel_state {
	KERNEL_NONE,	   /* no entry in the kernel's neighbour table */
	KERNEL_SAME,	   /* it has our MAC */
	KERNEL_DIFFERENT,  /* it has another MAC */
	KERNEL_INCOMPLETE, /* it is asking */
	KERNEL_FAILED,	   /* it asked in vain */
};

struct model_neighbour {
	struct in6_addr ip;
	uint16_t vlan;
	bool witnessed; /* false: wanted by misses, but never seen; then mac is zero */
	bool evicted;	/* no longer in the program's table */
	struct mac mac;
	struct mac previous; /* before the last move */
	enum relay_source source;
	uint32_t moves;
	int64_t first_seen_ns, last_seen_ns;	 /* 0 = never */
	int64_t last_moved_ns;			 /* 0 = never */
	int64_t first_missed_ns, last_missed_ns; /* 0 = never */
	struct tally hits;			 /* frames relayed to it */
	struct tally misses;
	enum kernel_state kernel;
	struct mac kernel_mac;
	uint32_t shared; /* how many witnessed IPs have this MAC, itself included */
};

enum binding_state {
	BINDING_IDLE, /* nothing seen yet */
	BINDING_BOTH_WAYS,
	BINDING_ONE_WAY,  /* packets to the peer only or to the client only, for some seconds */
	BINDING_NO_MAC,	  /* the last frames missed */
	BINDING_EXPIRING, /* less than 60 s left */
};

struct model_direction {
	struct tally packets, bytes, misses;
	int64_t last_used_ns; /* 0 = never */
};

struct model_binding {
	uint32_t slot;
	bool used;
	bool fixed;
	uint16_t channel;
	struct endpoint client, server, relayed, peer;
	int64_t bound_ns, expires_ns;
	int64_t first_hit_ns; /* 0 = none yet */
	struct model_direction to_peer, to_client;
	enum binding_state state;
	int64_t state_since_ns;
};

/*
 * Packets that were passed up; of a capture file, also those that were relayed or sent. When the
 * ring is full, those take the place of one another, so that the passed-up ones stay.
 */
struct model_packet {
	uint64_t id; /* 1, 2, 3, ... in order of arrival */
	int64_t time_ns;
	enum event_type type;
	enum relay_reason reason; /* RELAY_REASON_COUNT unless it was passed up */
	enum relay_class class;
	uint32_t length, captured; /* captured: bytes held here, at most MODEL_PACKET_BYTES */
	bool has_ip, has_ports, has_channel, has_missing;
	uint16_t channel, vlan;
	struct mac src_mac, dst_mac;
	struct endpoint src, dst;
	struct in6_addr missing;
	struct event_way way; /* if it was relayed */
	uint8_t frame[MODEL_PACKET_BYTES];
};

struct model_reason {
	struct tally count;
	enum relay_class class; /* as of now: warming becomes a problem when it lasts */
	int64_t since_ns;	/* when the present run of it began; 0 = none */
	int64_t last_ns;
	uint32_t history[MODEL_HISTORY]; /* a cell per refresh, newest last */
};

/* Things worth a line of their own, newest last in a ring: learned, moved, bound, expired, ... */
struct model_journal_entry {
	int64_t time_ns;
	bool problem;
	char text[116];
};

/* An IP that changed its MAC. */
struct model_move {
	int64_t time_ns;
	struct in6_addr ip;
	uint16_t vlan;
	struct mac from, to;
};

enum model_link { LINK_UP, LINK_DOWN, LINK_GONE };

struct model {
	/* identity */
	char interface[16];
	int ifindex;
	const char *mode; /* "native", "generic"; static strings */
	const char *mode_reason;
	const char *driver_hint; /* "" or a static string */
	char driver[32];
	uint32_t program_id;
	bool relaying;
	bool from_file; /* what the kernel says of its neighbours is not known then */
	bool detached;	/* somebody took the program away */
	struct mac mac;
	struct in6_addr own[MODEL_OWN_ADDRESSES];
	size_t own_count;
	uint32_t mtu;
	enum model_link link;
	int64_t link_changed_ns;
	uint32_t speed_mbit; /* 0 = not known */
	uint16_t turn_port, relay_port_min, relay_port_max;
	uint32_t mac_entries, mac_ttl_s;
	int64_t attached_ns, now_ns, last_counters_ns;
	double interval_s; /* between the last two counters */

	/* totals */
	struct tally seen, relayed, relayed_bytes, misses, passed, repaired, lost;
	struct tally turn, bound, resolved; /* stations of the path before `relayed` ("sent") */
	struct tally paths[RELAY_PATH_COUNT];
	struct model_reason reasons[RELAY_REASON_COUNT];
	uint64_t refused[RELAY_REFUSAL_COUNT];
	uint64_t entries, evicted, moves;
	/* channel binds seen for allocations made before us; main.c writes both */
	uint64_t unknown_allocations;
	int64_t unknown_allocation_ns; /* when the last one was seen; 0 = never */

	/* the last client whose channel data has had no binding for too long; port 0 = none */
	struct endpoint unbound_client;
	uint16_t unbound_channel;
	int64_t unbound_ns; /* when it was seen last */

	uint64_t move_next; /* move n is at [n % MODEL_MOVES] */
	struct model_move moved[MODEL_MOVES];

	/* rows 0 .. count - 1 are in use; order is that of arrival */
	size_t neighbour_count;
	size_t wanted_count; /* how many of them are not witnessed */
	struct model_neighbour neighbours[MODEL_NEIGHBOURS];

	size_t binding_count; /* how many are used */
	uint64_t bindings_ended;
	size_t binding_end;			       /* slots below this may be used */
	struct model_binding bindings[MODEL_BINDINGS]; /* by slot */

	/* bit per reason: packets that come for what they tell of neighbours, but are not listed */
	uint64_t unlisted;
	bool lists_unbound;   /* nevertheless, channel data without a binding is */
	uint64_t packet_next; /* id of the next packet; packet id n is at [n % MODEL_PACKETS] */
	struct model_packet packets[MODEL_PACKETS];

	uint64_t journal_next;
	struct model_journal_entry journal[MODEL_JOURNAL];
};

/* An empty model at `now_ns`; heap, about 20 MB of which only what is used is touched. NULL = no
 * memory. */
struct model *model_new(int64_t now_ns);
void model_free(struct model *model);

/* Takes in one event. Events that find a table full are dropped, counted nowhere else: tables are
 * as large as what fills them. */
void model_ingest(struct model *model, const struct event *event);

/* What netlink says. `mac` NULL: the kernel has no address for it. */
void model_kernel_neighbour(struct model *model, const struct in6_addr *ip, enum kernel_state state,
			    const struct mac *mac);

/* Moves time on: ages, binding states, classes that turn from warming to problem. */
void model_tick(struct model *model, int64_t now_ns);

/* Sets the zero line of all totals to now. */
void model_zero(struct model *model);

/* A copy to look at while the original goes on: only rows in use are copied. */
void model_copy(struct model *to, const struct model *from);

/* Whether a packet that was passed up is listed. */
bool model_lists(const struct model *model, const struct event_passed *passed);

const struct model_neighbour *model_find_neighbour(const struct model *model,
						   const struct in6_addr *ip, uint16_t vlan);

/* The worst things first; returns how many were written to `ret`, at most `max`. */
struct model_anomaly {
	int severity;	/* higher is worse */
	char text[160]; /* what */
	char next[120]; /* what to do */
};
size_t model_anomalies(const struct model *model, struct model_anomaly *ret, size_t max);

#endif
