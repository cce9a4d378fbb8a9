/* SPDX-License-Identifier: BSD-2-Clause */
/* A binary min-heap of deadlines that also knows where in the heap each id stands. */
#include "deadlines.h"

#include <stdlib.h>

struct deadline {
	int64_t when_ns;
	uint32_t id;
};

struct deadlines {
	uint32_t count;
	uint32_t capacity;
	uint32_t *place; /* of an id in the heap, plus one; 0 = it has no deadline */
	struct deadline *heap;
};

struct deadlines *deadlines_new(uint32_t capacity)
{
	struct deadlines *deadlines = calloc(1, sizeof(*deadlines));

	if (!deadlines)
		return NULL;
	deadlines->capacity = capacity;
	deadlines->place = calloc(capacity, sizeof(*deadlines->place));
	deadlines->heap = calloc(capacity, sizeof(*deadlines->heap));
	if (!deadlines->place || !deadlines->heap) {
		deadlines_free(deadlines);
		return NULL;
	}
	return deadlines;
}

void deadlines_free(struct deadlines *deadlines)
{
	if (!deadlines)
		return;
	free(deadlines->place);
	free(deadlines->heap);
	free(deadlines);
}

static void put(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
	deadlines->heap[at] = deadline;
	deadlines->place[deadline.id] = at + 1;
}

/* Fills the hole at `at` with `deadline`, after moving the hole to where it keeps the order. */
static void settle(struct deadlines *deadlines, uint32_t at, struct deadline deadline)
{
	struct deadline *heap = deadlines->heap;
	uint32_t child;

	while (at && heap[(at - 1) / 2].when_ns > deadline.when_ns) {
		put(deadlines, at, heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	while ((child = 2 * at + 1) < deadlines->count) {
		if (child + 1 < deadlines->count && heap[child + 1].when_ns < heap[child].when_ns)
			child++;
		if (heap[child].when_ns >= deadline.when_ns)
			break;
		put(deadlines, at, heap[child]);
		at = child;
	}
	put(deadlines, at, deadline);
}

void deadlines_set(struct deadlines *deadlines, uint32_t id, int64_t when_ns)
{
	if (id >= deadlines->capacity)
		return;
	if (!deadlines->place[id])
		deadlines->place[id] = ++deadlines->count;
	settle(deadlines, deadlines->place[id] - 1, (struct deadline){ when_ns, id });
}

void deadlines_clear(struct deadlines *deadlines, uint32_t id)
{
	uint32_t at;

	if (id >= deadlines->capacity || !deadlines->place[id])
		return;
	at = deadlines->place[id] - 1;
	deadlines->place[id] = 0;
	deadlines->count--;
	if (at < deadlines->count)
		settle(deadlines, at, deadlines->heap[deadlines->count]);
}

bool deadlines_take(struct deadlines *deadlines, int64_t now_ns, uint32_t *ret_id)
{
	uint32_t id;

	if (!deadlines->count || deadlines->heap[0].when_ns > now_ns)
		return false;
	id = deadlines->heap[0].id;
	deadlines_clear(deadlines, id);
	*ret_id = id;
	return true;
}

int64_t deadlines_next(const struct deadlines *deadlines)
{
	return deadlines->count ? deadlines->heap[0].when_ns : DEADLINES_NEVER;
}
