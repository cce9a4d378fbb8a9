/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control tap: what clients say to the TURN server on an interface, and what the server says
 * back, as messages for the snooper. It listens only; nothing is taken from anyone.
 */
#ifndef FZBPF_TAP_H
#define FZBPF_TAP_H

#include "../src/snoop.h"

/* Requests come in, responses go out; each has its own handle, which is how they are told apart. */
enum tap_side { TAP_RECEIVED, TAP_SENT, TAP_SIDES };

struct tap;

typedef void tap_message_fn(void *context, const struct snoop_message *message);

/*
 * `message` is called by tap_drain. -EPERM: not permitted; -ENODEV: no such interface; -ENETDOWN:
 * it is down; -EMEDIUMTYPE: not Ethernet; -EINVAL or another: refused. The text says what to do.
 */
int tap_open(const char *interface, uint16_t turn_port, tap_message_fn *message, void *context,
	     struct tap **ret_tap, char *ret_error, size_t error_size);
void tap_close(struct tap *tap);

/* Readable when tap_drain has something to do; both are non-blocking and belong to the tap. */
void tap_fds(const struct tap *tap, int ret_fds[TAP_SIDES]);

/* Takes at most `max` datagrams. Returns how many; -ENETDOWN: the interface is gone or went down,
 * -EIO: anything else. */
int tap_drain(struct tap *tap, enum tap_side side, int max);

/* Datagrams the kernel had no room for, both sides together. */
uint64_t tap_dropped(struct tap *tap);

/*
 * Hands out the messages in one datagram. It is more than one if receive or send offload merged
 * several datagrams of one flow: all are then of the first one's size, the last may be shorter.
 */
void tap_split(const struct snoop_message *datagram, size_t captured, tap_message_fn *message,
	       void *context);

#endif
