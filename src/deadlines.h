/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of many numbered things falls due next: a binary heap, so that asking costs nothing and a
 * change costs little however many there are.
 */
#ifndef FZBPF_DEADLINES_H
#define FZBPF_DEADLINES_H

#include <stdbool.h>
#include <stdint.h>

#define DEADLINES_NEVER INT64_MAX

struct deadlines;

/* For ids below `capacity`; NULL = no memory. */
struct deadlines *deadlines_new(uint32_t capacity);
void deadlines_free(struct deadlines *deadlines);

/* Gives `id` a deadline, or another one. */
void deadlines_set(struct deadlines *deadlines, uint32_t id, int64_t when_ns);
void deadlines_clear(struct deadlines *deadlines, uint32_t id);

/* Takes out one id whose deadline is `now_ns` or earlier, the earliest first; false = there is
 * none. */
bool deadlines_take(struct deadlines *deadlines, int64_t now_ns, uint32_t *ret_id);

/* DEADLINES_NEVER if none is set. */
int64_t deadlines_next(const struct deadlines *deadlines);

#endif
