/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash chains over row numbers, in flat arrays. */
#include "index.h"

#include <string.h>

static uint64_t index_mix(uint64_t value)
{
	value ^= value >> 32;
	value *= 0x9e3779b97f4a7c15ULL;
	value ^= value >> 29;
	value *= 0xd1342543de82ef95ULL;
	return value ^ (value >> 32);
}

uint64_t index_hash(uint64_t seed, const struct in6_addr *ip, uint64_t rest)
{
	uint64_t halves[2];

	memcpy(halves, ip, sizeof(halves));
	return index_mix(index_mix(index_mix(seed ^ halves[0]) ^ halves[1]) ^ rest);
}

void index_add(const struct index *index, uint64_t hash, uint32_t row)
{
	uint32_t *head = &index->heads[hash & index->mask];

	index->next[row] = *head;
	*head = row + 1;
}

void index_remove(const struct index *index, uint64_t hash, uint32_t row)
{
	uint32_t *link = &index->heads[hash & index->mask];

	while (*link && *link != row + 1)
		link = &index->next[*link - 1];
	if (*link)
		*link = index->next[row];
}

uint32_t index_first(const struct index *index, uint64_t hash)
{
	return index->heads[hash & index->mask] - 1;
}

uint32_t index_next(const struct index *index, uint32_t row)
{
	return index->next[row] - 1;
}
