/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comment on a packet in a capture: why it was passed up, in one fixed grammar, written and
 * read here:
 *
 *   comment = "fzbpf" *( SP key "=" value )        values hold no space
 *   keys    = reason class missing channel vlan slot client server relayed peer, in this order;
 *             reason and class always, missing with a miss, channel with channel data, vlan if
 *             tagged, the last five if the packet belongs to a binding
 *
 * Packets that were not passed up have, in place of the first three, verdict=relayed, path, next
 * and next_mac; or only verdict=sent.
 *
 * Addresses are IP or IP:PORT (IPv6 with a port in brackets), channels 0x4000. Readers skip keys
 * that they do not know.
 */
#ifndef FZBPF_COMMENT_H
#define FZBPF_COMMENT_H

#include "event.h"
#include "model.h"

#define COMMENT_SIZE 512

/* The class of a packet that the model has just taken in; of any other, that of its reason. */
enum relay_class comment_class(const struct event *event, const struct model *model);

/* Of a packet, into a buffer of COMMENT_SIZE. Returns the length. `model` may be NULL. */
size_t comment_format(char *buf, const struct event *event, const struct model *model);

/* Sets what the comment says, and the event's type; the rest is the frame's. -ENOMSG: not such a
 * comment. */
int comment_parse(const char *text, size_t length, struct event *ret_event);

#endif
