/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can happen, as everyone behind the border sees it: checked, typed, in host order. The ring
 * (bpf/relay.c), the snooper and main.c make events; the model, the capture file and the batch
 * output take them, in that order. Pointers in an event are valid only during the call.
 */
#ifndef FZBPF_EVENT_H
#define FZBPF_EVENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/relay_abi.h"

/* IPv4 is v4-mapped (::ffff:a.b.c.d); the port is in host order. */
struct endpoint {
	struct in6_addr ip;
	uint16_t port;
};

struct mac {
	uint8_t octet[6];
};

enum event_type {
	EVENT_ATTACHED,
	EVENT_DETACHED,
	EVENT_MAC_LEARNED,
	EVENT_MAC_MOVED,
	EVENT_NEIGHBOUR, /* state of one entry of the kernel program's table, from a snapshot */
	EVENT_BINDING_ADDED,
	EVENT_BINDING_REFRESHED,
	EVENT_BINDING_REMOVED,
	EVENT_PASSED_UP,
	EVENT_RELAYED,	/* a packet of a capture file that the relay would have sent on */
	EVENT_SENT,	/* a packet of a capture file that the relay's own host sent */
	EVENT_SESSION,	/* counters of one direction of one binding, from a snapshot */
	EVENT_COUNTERS, /* ends a snapshot */
};

struct event_attachment {
	char interface[16];
	int ifindex;
	const char *mode;   /* "native" or "generic" */
	const char *reason; /* why this mode; or, detached, why */
	uint32_t program_id;
	struct mac mac;
};

struct event_neighbour {
	struct in6_addr ip;
	uint16_t vlan;
	struct mac mac;
	bool has_previous;
	struct mac previous;
	enum relay_source source;
	uint32_t moves;
	int64_t first_seen_ns; /* wall clock */
	int64_t last_seen_ns;
};

/* A binding's identity is its slot: small, dense, given by src/bindings.c. */
struct event_binding {
	uint32_t slot;
	struct endpoint client;
	struct endpoint server;
	struct endpoint relayed;
	struct endpoint peer;
	uint16_t channel;
	bool fixed;	    /* by --binding: does not expire */
	int64_t expires_ns; /* wall clock; meaningless if fixed */
	const char *why;    /* "channel-bind", "option", "expired", "allocation deleted", ... */
};

/* How a relayed frame goes on. */
struct event_way {
	enum relay_path path;
	struct endpoint src, dst; /* ports 0: only to whom is known */
	uint16_t channel;	  /* 0 = plain UDP, if the ports are known */
	struct mac mac;		  /* of `dst` */
};

/* A packet: of EVENT_PASSED_UP, EVENT_RELAYED, EVENT_SENT. */
struct event_passed {
	enum relay_reason reason; /* RELAY_REASON_COUNT unless it was passed up */
	uint32_t length;	  /* of the frame as it arrived */
	uint32_t captured;	  /* bytes at `frame` */
	const uint8_t *frame;
	bool has_channel, has_missing, has_slot;
	uint16_t channel;
	uint16_t vlan;
	struct in6_addr missing; /* the next hop whose MAC is not known or stale */
	struct event_way way;	 /* of EVENT_RELAYED */
	uint32_t slot;		 /* of the binding it belongs to */
	/* decoded from the frame as far as it goes; zero where it does not */
	struct mac src_mac, dst_mac;
	bool has_ip, has_ports;
	struct endpoint src, dst;
};

struct event_session {
	uint32_t slot;
	bool to_client; /* else to the peer */
	struct relay_session_counters counters;
	int64_t last_used_ns; /* wall clock, 0 = never */
};

struct event_counters {
	struct relay_counters totals; /* since attaching */
	uint64_t entries;	      /* in the neighbour table now */
};

struct event {
	enum event_type type;
	int64_t time_ns; /* wall clock (CLOCK_REALTIME) */
	union {
		struct event_attachment attachment;
		struct event_neighbour neighbour;
		struct event_binding binding;
		struct event_passed passed;
		struct event_session session;
		struct event_counters counters;
	};
};

static inline bool event_is_packet(enum event_type type)
{
	return type == EVENT_PASSED_UP || type == EVENT_RELAYED || type == EVENT_SENT;
}

#endif
