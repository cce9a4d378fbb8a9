/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The handle of the XDP program: load, attach, feed with bindings, drain. What comes out of the
 * ring is checked here, once, and leaves as events. Functions return 0 or a negative errno.
 */
#ifndef FZBPF_RELAY_H
#define FZBPF_RELAY_H

#include "../src/event.h"

#define RELAY_ERROR_SIZE 4096

struct relay;

struct relay_setup {
	uint16_t turn_port, relay_port_min, relay_port_max;
	uint32_t mac_ttl_s; /* 0 = never stale */
	uint32_t mac_entries;
	uint32_t snaplen;
	uint64_t capture; /* bit per reason */
	bool relaying;
};

enum relay_mode { RELAY_AUTO, RELAY_NATIVE, RELAY_GENERIC };

/* What holds the interface's XDP hook. */
struct relay_holder {
	uint32_t id;
	char name[16];
	char tag[17];
	const char *mode; /* "native", "generic", "offloaded" */
};

typedef void relay_event_fn(void *context, const struct event *event);

/*
 * Loads the program; nothing is attached yet. -EPERM: not permitted; -EOPNOTSUPP: the kernel lacks
 * a feature; any other: the kernel refuses the program, `ret_error` then ends with the verifier's
 * log. `emit` is called from relay_drain only.
 */
int relay_load(const struct relay_setup *setup, relay_event_fn *emit, void *context,
	       struct relay **ret, char *ret_error, size_t size);

/* Detaches, unloads. NULL is nothing. The kernel does the same when the process ends anyhow. */
void relay_free(struct relay *relay);

/* -ENOENT: nobody. */
int relay_find_holder(int ifindex, struct relay_holder *ret);

/* Takes the holder's program off the interface. */
int relay_evict(int ifindex);

/*
 * By a BPF link, so that it cannot outlive the process. RELAY_AUTO: generic on veth, else native,
 * else generic; `ret_mode` is what it came to and `ret_reason` why, a static string. -EBUSY or
 * -EEXIST: somebody holds the hook.
 */
int relay_attach(struct relay *relay, int ifindex, bool is_veth, enum relay_mode wanted,
		 enum relay_mode *ret_mode, const char **ret_reason);

/* Returns when no frame is in the program any more. */
void relay_detach(struct relay *relay);

uint32_t relay_program_id(const struct relay *relay);

/* For BPF_PROG_TEST_RUN. */
int relay_program_fd(const struct relay *relay);

/*
 * For relay_try: loads a second instance that shares the maps of the first, but learns, counts and
 * keeps nothing. Needs the same privileges as relay_load. RELAY_TRY_ROOM is what a frame may grow.
 */
int relay_prepare_try(struct relay *relay);

#define RELAY_TRY_ROOM 24

enum relay_verdict { RELAY_PASS, RELAY_TX, RELAY_DROP };

/*
 * What the program would do with this frame now, and what would leave: `ret_frame` has room for
 * `length` + RELAY_TRY_ROOM bytes. -EOPNOTSUPP: not prepared; -EINVAL: shorter than a header.
 */
int relay_try(struct relay *relay, const uint8_t *frame, size_t length, uint8_t *ret_frame,
	      size_t *ret_length, enum relay_verdict *ret_verdict);

/* Everything below changes what the running program does. */
void relay_set_mac(struct relay *relay, const struct mac *mac);
void relay_set_mtu(struct relay *relay, uint32_t mtu);
void relay_set_capture(struct relay *relay, uint64_t mask, uint32_t snaplen);

/* An address that must never be learned, and no longer is if it was. `broadcast`: a subnet's. */
int relay_add_own_address(struct relay *relay, const struct in6_addr *ip, bool broadcast);
int relay_remove_own_address(struct relay *relay, const struct in6_addr *ip);

/* EVENT_BINDING_ADDED, _REFRESHED or _REMOVED; others are ignored. The last counters of one that
 * ends are emitted at once: no snapshot will have them. -ENOSPC: the maps are full. */
int relay_apply_binding(struct relay *relay, const struct event *event);

/* Readable only when the ring fills up between two ticks; drain it on a timer as well. */
int relay_fd(const struct relay *relay);

/* Emits at most `max` records' events. Returns how many records were taken: `max` = there may be
 * more. */
int relay_drain(struct relay *relay, int max);

/* Writes neighbours, sessions and counters into the ring, for the next drain to find. -EAGAIN: the
 * ring is too full, drain it first. */
int relay_snapshot(struct relay *relay);

#endif
