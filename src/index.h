/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hash chains over row numbers of a table that somebody else owns. They live in flat arrays of
 * numbers, so that they are copied with the table and stay valid in the copy.
 */
#ifndef FZBPF_INDEX_H
#define FZBPF_INDEX_H

#include <netinet/in.h>
#include <stdint.h>

/* Arrays of zeros are empty chains: what they hold is the row number plus one. */
struct index {
	uint32_t *heads; /* mask + 1 of them */
	uint32_t mask;	 /* a power of two less one */
	uint32_t *next;	 /* one for each row */
};

#define INDEX_END UINT32_MAX

uint64_t index_hash(uint64_t seed, const struct in6_addr *ip, uint64_t rest);

void index_add(const struct index *index, uint64_t hash, uint32_t row);
void index_remove(const struct index *index, uint64_t hash, uint32_t row);

/* The rows whose hash may be this one: the first, and the one after `row`, or INDEX_END. */
uint32_t index_first(const struct index *index, uint64_t hash);
uint32_t index_next(const struct index *index, uint32_t row);

#endif
