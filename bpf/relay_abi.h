/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract between the XDP program and user space: keys, values, ring records, and every list
 * that both sides must agree on. Fields typed __be16/__be32 are in wire order, all others in host
 * order. IPv4 addresses are stored as v4-mapped IPv6 (::ffff:a.b.c.d), so there is one code path.
 */
#ifndef FZBPF_RELAY_ABI_H
#define FZBPF_RELAY_ABI_H

#include <linux/types.h>

/*
 * Why a frame was passed up: X(ID, label, class, is a miss, what it means, what to do next).
 * The first test that fails names the reason. The labels are an interface (JSON, filters,
 * captures). Class: NORMAL is expected traffic, WARMING is expected for the first seconds, PROBLEM
 * is neither.
 */
#define RELAY_REASONS(X)                                                                         \
	X(NOT_IP, "not-ip", NORMAL, 0, "neither IPv4, IPv6 nor ARP (LLDP, STP and the like)",    \
	  "nothing to do")                                                                       \
	X(ARP, "arp", NORMAL, 0, "address resolution; learned from, then handed to the kernel",  \
	  "nothing to do")                                                                       \
	X(NOT_UDP, "not-udp", NORMAL, 0,                                                         \
	  "TCP, ICMP or another protocol that TURN over UDP does not use", "nothing to do")      \
	X(TOO_SHORT, "too-short", PROBLEM, 0, "the frame ends before its headers do",            \
	  "capture at the sender; something cuts frames on the way")                             \
	X(BAD_HEADER, "bad-header", PROBLEM, 0,                                                  \
	  "IP version, header length or lengths contradict each other",                          \
	  "look at the frame's IP and UDP lengths; the sender builds it wrong")                  \
	X(IP_OPTIONS, "ip-options", PROBLEM, 0,                                                  \
	  "UDP over IPv4 with header options; the server relays it",                             \
	  "find out why the sender sets IP options")                                             \
	X(EXT_HEADER, "ext-header", PROBLEM, 0,                                                  \
	  "IPv6 with an extension header; the server relays it",                                 \
	  "find out why the sender adds extension headers")                                      \
	X(FRAGMENT, "fragment", PROBLEM, 0,                                                      \
	  "an IP fragment; the kernel puts it together for the server",                          \
	  "make the sender's packets smaller than the path MTU")                                 \
	X(NOT_FOR_US, "not-for-us", NORMAL, 0,                                                   \
	  "not sent to this interface's own unicast MAC address", "nothing to do")               \
	X(NOT_TURN, "not-turn", NORMAL, 0,                                                       \
	  "UDP that is neither for the TURN port nor for the relay ports",                       \
	  "nothing to do; for another port use --turn-port or --relay-ports")                    \
	X(CONTROL, "control", NORMAL, 0,                                                         \
	  "a STUN/TURN control message; the TURN server answers it", "nothing to do")            \
	X(BAD_CHANNEL_LENGTH, "bad-channel-length", PROBLEM, 0,                                  \
	  "the ChannelData length and the UDP length contradict each other",                     \
	  "compare the two lengths in the frame; the client builds it wrong")                    \
	X(NO_BINDING, "no-binding", WARMING, 0, "no channel binding is known for it",            \
	  "reconnect the client if it is older than this program, or give --binding")            \
	X(NO_MAC, "no-mac", WARMING, 1,                                                          \
	  "bound, but the MAC address of the next hop was never witnessed",                      \
	  "ping the address from this host; its answer teaches the map")                         \
	X(STALE_MAC, "stale-mac", WARMING, 1,                                                    \
	  "bound, but the next hop was not witnessed for --mac-ttl seconds",                     \
	  "nothing, if it stops: the kernel asks and the answer refreshes the map")              \
	X(NO_CHECKSUM, "no-checksum", PROBLEM, 0, "no UDP checksum, and IPv6 needs one",         \
	  "make the sender compute UDP checksums")                                               \
	X(UNFINISHED, "unfinished-checksum", PROBLEM, 0,                                         \
	  "generic mode cannot tell whether the sender's checksum offload finished the sum",     \
	  "nothing, if rare; else on the sender: ethtool -K INTERFACE tx off")                   \
	X(TTL, "ttl", PROBLEM, 0, "TTL or hop limit is used up",                                 \
	  "look for a routing loop, or a sender with TTL 1")                                     \
	X(TOO_BIG, "too-big", PROBLEM, 0, "the relayed packet would exceed the interface's MTU", \
	  "make the sender's packets smaller, or raise the MTU")                                 \
	X(NO_HEADROOM, "no-headroom", PROBLEM, 0, "the driver left no room to move the header",  \
	  "try --mode generic")                                                                  \
	X(OBSERVING, "observing", NORMAL, 0,                                                     \
	  "would have been relayed, but relaying is switched off", "run without --no-relay")     \
	X(INTERNAL, "internal", PROBLEM, 0,                                                      \
	  "a check that cannot fail failed after the frame was changed: dropped",                \
	  "report it as a bug, with a capture")

enum relay_class { RELAY_CLASS_NORMAL, RELAY_CLASS_WARMING, RELAY_CLASS_PROBLEM };

enum relay_reason {
#define X(id, label, class, miss, means, next) RELAY_REASON_##id,
	RELAY_REASONS(X)
#undef X
		RELAY_REASON_COUNT
};

/* In-out, in the order of enum relay_path: c = channel data from or to a client, p = plain UDP from
 * or to a peer, 4/6 = the IP family. */
#define RELAY_PATHS(X)    \
	X(C4_P4, "c4-p4") \
	X(C4_P6, "c4-p6") \
	X(C6_P4, "c6-p4") \
	X(C6_P6, "c6-p6") \
	X(P4_C4, "p4-c4") \
	X(P4_C6, "p4-c6") \
	X(P6_C4, "p6-c4") \
	X(P6_C6, "p6-c6") \
	X(C4_C4, "c4-c4") \
	X(C4_C6, "c4-c6") \
	X(C6_C4, "c6-c4") \
	X(C6_C6, "c6-c6")

enum relay_path {
#define X(id, label) RELAY_PATH_##id,
	RELAY_PATHS(X)
#undef X
		RELAY_PATH_COUNT
};

/* What the bits of a path say. */
enum relay_path_bits {
	RELAY_PATH_TO_V6 = 1,
	RELAY_PATH_FROM_V6 = 2,
	RELAY_PATH_FROM_PEER = 4,
};

/* Why a witnessed IP -> MAC pair was not learned. */
#define RELAY_REFUSALS(X)                   \
	X(MULTICAST_MAC, "multicast-mac")   \
	X(BROADCAST_MAC, "broadcast-mac")   \
	X(ZERO_MAC, "zero-mac")             \
	X(OWN_MAC, "own-mac")               \
	X(OWN_IP, "own-ip")                 \
	X(MULTICAST_IP, "multicast-ip")     \
	X(BROADCAST_IP, "broadcast-ip")     \
	X(LOOPBACK_IP, "loopback-ip")       \
	X(UNSPECIFIED_IP, "unspecified-ip") \
	X(TABLE_FULL, "table-full")

enum relay_refusal {
#define X(id, label) RELAY_REFUSAL_##id,
	RELAY_REFUSALS(X)
#undef X
		RELAY_REFUSAL_COUNT
};

/* What taught us a pair. */
#define RELAY_SOURCES(X) \
	X(IP, "ip")      \
	X(ARP, "arp")    \
	X(NDP, "ndp")

enum relay_source {
#define X(id, label) RELAY_SOURCE_##id,
	RELAY_SOURCES(X)
#undef X
		RELAY_SOURCE_COUNT
};

/* ---- maps ------------------------------------------------------------------------------------ */

struct relay_neighbour_key {
	__be32 ip[4];
	__u16 vlan; /* outer VLAN id, 0 = untagged */
	__u16 pad;
};

/*
 * `word` alone decides where a frame goes: MAC in bits 0-47, first octet lowest; bit 48 set =
 * valid; 15 bits of tag, derived from the key, above. It is written and read with one aligned
 * access, so an element that the LRU recycles under a reader cannot lend it another host's MAC. See
 * neighbour.h.
 */
struct relay_neighbour {
	__u64 word;
	__u64 previous; /* the word before the last move, 0 = never moved */
	__u64 first;	/* jiffies */
	__u64 stamp;	/* jiffies when last witnessed, at most a second late */
	__u32 moves;
	__u32 source; /* enum relay_source of the first witness */
};

enum relay_own_kind { RELAY_OWN_ADDRESS = 1, RELAY_OWN_BROADCAST = 2 };

/* An incoming flow: channel data is told by its channel number, peer data by its relayed port. */
struct relay_flow_key {
	__be32 remote[4];
	__be32 local[4];
	__be16 remote_port;
	__be16 channel_or_port;
};

#define RELAY_NEVER (~0ULL)

/*
 * One direction of a binding: what the frame of a flow becomes. Binding n owns sessions 2n (to the
 * peer) and 2n + 1 (to the client). User space writes everything but the witness fields before it
 * publishes the index in a flow map, afterwards only `expires`, in one store.
 */
struct relay_session {
	struct relay_flow_key
		key; /* the flow it belongs to: a recycled flow-map element is told by it */
	__be16 src_port;
	__be16 dst_port;
	__be32 src[4];
	__be32 dst[4];
	__be16 channel; /* 0 = plain UDP */
	__u8 path;	/* enum relay_path */
	__u8 pad0;
	__u16 pseudo;  /* folded sum of the incoming pseudo-header without the length */
	__u16 l4_step; /* all that changes the UDP checksum, but the ChannelData length */
	__u64 expires; /* jiffies; 0 = vacant, RELAY_NEVER = fixed */
	__u16 l3_step; /* all that changes an IPv4 header's checksum, or from IPv6 its constant part
			*/
	__u16 pad1;
	__u16 sender_slot; /* generation slots, see neighbour.h */
	__u16 next_slot;
	__u32 sender_until; /* low jiffies until which the two words below may be trusted */
	__u32 next_until;
	__u32 pad2[2];
	__u64 sender; /* MAC witnessed for the flow's source, with its slot's generation */
	__u64 next;   /* MAC of the next hop, with its slot's generation */
};

struct relay_session_counters {
	__u64 packets;
	__u64 bytes;	 /* application data: without the ChannelData header */
	__u64 misses;	 /* */
	__u64 last_used; /* jiffies, 0 = never */
};

struct relay_counters {
	__u64 passed[RELAY_REASON_COUNT];
	__u64 paths[RELAY_PATH_COUNT];
	__u64 refused[RELAY_REFUSAL_COUNT];
	__u64 relayed_bytes; /* as in relay_session_counters */
	__u64 checksum_repaired;
	__u64 inserted; /* new entries made in the neighbour table: minus those in it = evicted */
	__u64 moved;
	__u64 lost; /* records that found the ring full: of frames, and of what was learned */
	__u64 unrecorded[RELAY_REASON_COUNT]; /* the frames among them */
};

/* Fixed before load. */
struct relay_options {
	__u32 hz;
	__u32 mac_ttl; /* jiffies, 0 = never stale */
	__u16 turn_port;
	__u16 relay_port_min;
	__u16 relay_port_max;
	__u16 trial; /* a second instance that only answers: it learns, counts and keeps nothing */
};

/* Changed by user space while the program runs; each field is one store. */
struct relay_live {
	__u64 mac;	      /* the interface's own, as in relay_neighbour.word */
	__u64 capture;	      /* bit per reason: passed-up frames that go into the ring */
	__u32 mtu;	      /* */
	__u32 snaplen;	      /* bytes of a frame put into the ring */
	__u32 relaying;	      /* 0 = observe only */
	__u32 generic;	      /* attached in generic (SKB) mode */
	__u32 wakeup_at;      /* bytes in the ring from which the reader is woken, once */
	__u32 wakeup_pending; /* set by the program, cleared by the reader */
};

/* Power of two; each slot is bumped when an IP that hashes to it is learned or moves. */
#define RELAY_GENERATIONS 4096

/* ---- ring records ---------------------------------------------------------------------------- */

enum relay_record_type {
	RELAY_RECORD_LEARNED = 1, /* struct relay_record_neighbour */
	RELAY_RECORD_MOVED,	  /* struct relay_record_neighbour */
	RELAY_RECORD_NEIGHBOUR,	  /* struct relay_record_neighbour, of a snapshot */
	RELAY_RECORD_PASSED,	  /* struct relay_record_passed */
	RELAY_RECORD_SESSIONS,	  /* struct relay_record_sessions, of a snapshot */
	RELAY_RECORD_COUNTERS,	  /* struct relay_record_counters, ends a snapshot */
};

struct relay_record {
	__u32 type;
	__u32 pad;
	__u64 time; /* CLOCK_MONOTONIC, ns */
};

struct relay_record_neighbour {
	struct relay_record head;
	__be32 ip[4];
	__u64 word;
	__u64 previous;
	__u64 first_age; /* jiffies since first witnessed */
	__u64 age;	 /* jiffies since last witnessed */
	__u32 moves;
	__u16 vlan;
	__u8 source; /* enum relay_source */
	__u8 pad;
};

enum relay_passed_flags {
	RELAY_PASSED_CHANNEL = 1, /* `channel` is set */
	RELAY_PASSED_MISSING = 2, /* `missing` is set */
	RELAY_PASSED_SESSION = 4, /* `session` is set */
};

struct relay_record_passed {
	struct relay_record head;
	__be32 missing[4]; /* the next hop whose MAC is not known or stale */
	__u32 session;	   /* index */
	__u32 length;	   /* of the frame as it arrived */
	__u32 captured;	   /* bytes of it below */
	__u16 channel;
	__u16 vlan;
	__u8 reason; /* enum relay_reason */
	__u8 flags;
	__u8 frame[]; /* at 2 modulo 4, as the headers in it want */
};

/* Room for a frame in a passed record is one of these, since the verifier wants constants. */
#define RELAY_SNAP_SIZES(X) X(128) X(512) X(2048) X(10240) X(66048)
#define RELAY_SNAPLEN_MAX 66048

#define RELAY_SESSIONS_PER_RECORD 32

struct relay_record_sessions {
	struct relay_record head;
	__u64 jiffies;
	__u32 first; /* session index of the first row */
	__u32 count;
	struct relay_session_counters rows[RELAY_SESSIONS_PER_RECORD];
};

struct relay_record_counters {
	struct relay_record head;
	__u64 jiffies;
	__u64 entries; /* in the neighbour table now */
	struct relay_counters totals;
};

/* Argument of the snapshot program. */
struct relay_snapshot {
	__u64 since;	/* jiffies: neighbours witnessed since then are written ... */
	__u32 slice;	/* ... and those of this slice of the table, so that all are, in turn */
	__u32 sessions; /* indices below this are written, if used since `since` */
	__u64 jiffies;	/* out */
	__u64 time;	/* out: CLOCK_MONOTONIC, ns, at the same moment */
};

#define RELAY_SLICES 16

_Static_assert(sizeof(struct relay_neighbour_key) == 20, "hashed: no hidden padding");
_Static_assert(sizeof(struct relay_neighbour) == 40, "layout");
_Static_assert(sizeof(struct relay_flow_key) == 36, "hashed: no hidden padding");
_Static_assert(sizeof(struct relay_session) == 128, "two cache lines");
_Static_assert(__builtin_offsetof(struct relay_session, src) == 40, "layout");
_Static_assert(__builtin_offsetof(struct relay_session, expires) == 80, "one aligned store");
_Static_assert(__builtin_offsetof(struct relay_session, sender) == 112, "one aligned store");
_Static_assert(sizeof(struct relay_session_counters) == 32, "layout");
_Static_assert(sizeof(struct relay_counters) == 8 * (2 * 22 + 12 + 10 + 5), "layout");
_Static_assert(sizeof(struct relay_options) == 16, "layout");
_Static_assert(sizeof(struct relay_live) == 40, "layout");
_Static_assert(sizeof(struct relay_record) == 16, "layout");
_Static_assert(sizeof(struct relay_record_neighbour) == 72, "layout");
_Static_assert(__builtin_offsetof(struct relay_record_passed, frame) == 50, "layout");
_Static_assert(sizeof(struct relay_record_sessions) == 32 + 32 * 32, "layout");
_Static_assert(sizeof(struct relay_record_counters) == 32 + sizeof(struct relay_counters),
	       "layout");
_Static_assert(sizeof(struct relay_snapshot) == 32, "layout");
_Static_assert(RELAY_REASON_COUNT <= 64, "the capture mask has 64 bits");

#endif
