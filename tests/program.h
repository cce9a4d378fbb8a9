/* SPDX-License-Identifier: BSD-2-Clause */
/* The XDP program in the kernel, run frame by frame by BPF_PROG_TEST_RUN. Needs root. */
#ifndef FZBPF_TESTS_PROGRAM_H
#define FZBPF_TESTS_PROGRAM_H

#include "../bpf/relay.h"
#include "world.h"

#define PROGRAM_EVENTS 512

/* A captured frame in an event points nowhere; the first bytes of the last one are kept here. */
struct program {
	struct relay *relay;
	struct relay_bpf *short_way;	     /* made when program_relay_hot() is first called */
	struct event events[PROGRAM_EVENTS]; /* the first ones since program_forget_events */
	size_t event_count;		     /* all of them */
	size_t type_counts[EVENT_COUNTERS + 1];
	struct event_counters last_counters;
	struct octets captured;
};

void program_setup(const struct world *world, struct relay_setup *ret);

/* Aborts the test if the program cannot be loaded. */
void program_open(const struct relay_setup *setup, struct program **ret);
void program_close(struct program *program);

/* Binds and teaches it everything in the world; counters are zero afterwards, the ring is empty. */
void program_enter(struct program *program, const struct world *world);

/* Everybody is where the world has them, as if never seen before; counters and ring as above. */
void program_restore_neighbours(struct program *program, const struct world *world);

/* program_setup, program_open, program_enter. */
struct program *program_in(const struct world *world);

void program_bind(struct program *program, const struct event_binding *binding);
void program_unbind(struct program *program, uint32_t slot);

/* Teaches by the host's ARP reply or neighbour advertisement. */
void program_teach(struct program *program, const struct world *world, const struct in6_addr *ip,
		   uint16_t vlan, const struct mac *mac);

/* The XDP verdict and what became of the frame. */
int program_run(const struct program *program, const struct octets *in, struct octets *ret);

/* The same with no more than `room` bytes, a multiple of four, in front of the frame. */
int program_run_cramped(const struct program *program, const struct octets *in, uint32_t room,
			struct octets *ret);

/* Runs a frame that is passed up `count` times. */
void program_repeat(const struct program *program, const struct octets *in, int count);

/*
 * Runs the frame and holds the program to its rules: one counter moved, by one; the verdict is that
 * counter's; a passed-up frame is the frame that arrived. RELAY_REASON_COUNT: relayed.
 */
enum relay_reason program_relay(struct program *program, const struct octets *in,
				struct octets *ret, enum relay_path *ret_path);

/* The same with no way but the short one. False: the frame would have gone the long way. */
bool program_relay_hot(struct program *program, const struct octets *in, struct octets *ret,
		       enum relay_path *ret_path);

/* Runs the frame until its flow goes the short way: what is known of its ends is good for a second.
 * It must be relayed each time. */
void program_heat(struct program *program, const struct octets *in, const char *what);

/* Sums over all CPUs, straight from the map. */
void program_counters(const struct program *program, struct relay_counters *ret);
void program_zero_counters(struct program *program);
void program_session_counters(const struct program *program, uint32_t slot, bool to_client,
			      struct relay_session_counters *ret);

/* -ENOENT: not known. */
int program_neighbour(const struct program *program, const struct in6_addr *ip, uint16_t vlan,
		      struct relay_neighbour *ret);
bool program_knows(const struct program *program, const struct in6_addr *ip, uint16_t vlan,
		   const struct mac *mac);

/* Makes it seem that the neighbour was last witnessed that long ago. */
void program_age_neighbour(struct program *program, const struct in6_addr *ip, uint16_t vlan,
			   int64_t seconds, int64_t jiffies);
void program_empty_neighbours(struct program *program);

/* Empties the ring into program->events. */
void program_drain(struct program *program);
void program_forget_events(struct program *program);

#endif
