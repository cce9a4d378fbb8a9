/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The allocations that are known now: for a client and the server address it uses, one relayed
 * address per family, each with its own end of life and the bindings that live through it.
 */
#ifndef FZBPF_ALLOCATIONS_H
#define FZBPF_ALLOCATIONS_H

#include "bindings.h"
#include "stun.h"

#define ALLOCATIONS_MAX 16384

struct allocations;
struct allocation;

/* What an Allocate success response says; `relayed` as it is seen on the wire. */
struct allocation_grant {
	struct endpoint client, server;
	uint8_t transaction[STUN_TRANSACTION_LENGTH];
	bool has_relayed[STUN_FAMILY_COUNT];
	struct endpoint relayed[STUN_FAMILY_COUNT];
	int64_t expires_ns;
};

/* Removes bindings through `bindings`, which must live longer; NULL = no memory. */
struct allocations *allocations_new(struct bindings *bindings);
void allocations_free(struct allocations *allocations);

/*
 * A grant that repeats the transaction that made the allocation only sets its end anew. Any other
 * one proves that what was there before is gone on the server, which would have refused it
 * otherwise (437, RFC 8656 section 7.2): the older allocation of this client, and the one of
 * another client that holds one of these relayed addresses ("replaced").
 * -ENOSPC or -ENOMEM: no room, counted.
 */
int allocations_grant(struct allocations *allocations, const struct allocation_grant *grant,
		      int64_t now_ns);

/* NULL if there is none. Valid until the next change. */
struct allocation *allocations_find(const struct allocations *allocations,
				    const struct endpoint *client, const struct endpoint *server);

/* When it was made: what was answered before then, spoke of an earlier one. */
int64_t allocations_granted_ns(const struct allocation *allocation);

/* NULL if the allocation has none of this family. */
const struct endpoint *allocations_relayed(const struct allocation *allocation,
					   enum stun_family family);
struct bindings_group *allocations_group(struct allocation *allocation, enum stun_family family);

void allocations_extend(struct allocations *allocations, struct allocation *allocation,
			enum stun_family family, int64_t expires_ns);

/* Ends it for one family; with the last one the allocation itself is gone. Bindings go with it. */
void allocations_end_family(struct allocations *allocations, struct allocation *allocation,
			    enum stun_family family, const char *why, int64_t now_ns);
void allocations_end(struct allocations *allocations, struct allocation *allocation,
		     const char *why, int64_t now_ns);

/* Ends what has expired. */
void allocations_expire(struct allocations *allocations, int64_t now_ns);

/* INT64_MAX if nothing will. */
int64_t allocations_next_expiry(const struct allocations *allocations);

size_t allocations_count(const struct allocations *allocations);

/* How many allocations found no room. */
uint64_t allocations_overflows(const struct allocations *allocations);

#endif
