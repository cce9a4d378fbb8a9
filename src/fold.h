/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routers: many IPs that were witnessed with one MAC address become one row, with their sums. A
 * host with an IPv4 address and a few IPv6 addresses of its own subnets is not a router.
 */
#ifndef FZBPF_FOLD_H
#define FZBPF_FOLD_H

#include "model.h"

#define FOLD_MIN 3 /* so many IPv4 or so many foreign IPv6 addresses make a router */

struct fold_group {
	struct mac mac;
	uint32_t head;	  /* model row that stands for all: most likely the router's own address */
	uint32_t members; /* rows with this MAC */
	uint32_t ipv4, foreign_ipv6;
	uint32_t moves; /* most of any member */
	int64_t first_seen_ns, last_seen_ns;
	uint64_t hits, misses;
	double hit_rate, miss_rate;
};

struct fold;

struct fold *fold_new(void);
void fold_free(struct fold *fold);

/* Looks at the model anew. Fills `ret_rows`, which has room for MODEL_NEIGHBOURS, with the model
 * rows to show, in the model's order, and returns their number. */
size_t fold_update(struct fold *fold, const struct model *model, uint32_t *ret_rows);

/* The same without groups: a row for each neighbour. */
size_t fold_none(struct fold *fold, const struct model *model, uint32_t *ret_rows);

/* The group that the shown row stands for, or NULL for an ordinary row. */
const struct fold_group *fold_find(const struct fold *fold, uint32_t row);

#endif
