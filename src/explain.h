/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a frame was passed up, step by step: the checks of the program in its order, each with the
 * value seen and its outcome, the map entries that were used, and what to do next. The recorded
 * reason says where the frame stopped; the values are read again from its bytes and the model.
 */
#ifndef FZBPF_EXPLAIN_H
#define FZBPF_EXPLAIN_H

#include "dissect.h"
#include "model.h"

#define EXPLAIN_CHECKS 24
#define EXPLAIN_MARKS 2
#define EXPLAIN_TEXT 160

enum explain_result { EXPLAIN_OK, EXPLAIN_NOT, EXPLAIN_NOT_REACHED };

struct explain_mark {
	uint16_t offset, length; /* bytes of the frame; length 0 = none */
};

struct explain_check {
	enum explain_result result;
	const char *question;
	char value[EXPLAIN_TEXT]; /* "" if not reached */
};

struct explain {
	size_t count;
	struct explain_check checks[EXPLAIN_CHECKS];
	struct explain_mark marks[EXPLAIN_MARKS]; /* the bytes that decided */
	size_t stopped; /* index of the check that failed; `count` = none */
	char verdict[EXPLAIN_TEXT];
	char next[EXPLAIN_TEXT];
	/* What the maps hold now; "" if the frame did not come that far. */
	char binding[EXPLAIN_TEXT];
	char neighbour[EXPLAIN_TEXT];
};

/* `frame` is the dissection of the packet's bytes. */
void explain_packet(const struct model *model, const struct model_packet *packet,
		    const struct dissection *frame, struct explain *ret);

#define EXPLAIN_NOTHING_TO_DO "nothing to do"

/* What became of a packet of a capture file that was not passed up. */
void explain_aside(const struct model_packet *packet, char *buf, size_t size);

/* The binding that the packet belongs to, as far as the model knows it now; NULL = none. */
const struct model_binding *explain_binding(const struct model *model,
					    const struct model_packet *packet, bool *ret_to_client);
bool explain_is_of(const struct model_packet *packet, const struct model_binding *binding);
/* Where the binding's frames go that way: another client of this host, if the peer is one. */
const struct in6_addr *explain_next_hop(const struct model *model,
					const struct model_binding *binding, bool to_client);
/* "10.0.0.1:50000 0x4001 > 10.0.0.3:49161 > 10.0.0.9:6000, 410 s left" */
void explain_put_binding(const struct model *model, const struct model_binding *binding, char *buf,
			 size_t size);
/* "10.89.7.9 was never witnessed; the kernel asked in vain" */
void explain_neighbour(const struct model *model, const struct in6_addr *ip, uint16_t vlan,
		       char *buf, size_t size);

#endif
