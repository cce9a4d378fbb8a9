/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything that is measured behind the wrapper: the yardsticks, the twelve paths, the reasons to
 * pass a frame up, and the ingredients of the price. */
#ifndef FZBPF_BENCH_CASES_H
#define FZBPF_BENCH_CASES_H

#include "harness.h"

#define CASES_MAX 64
#define CASES_FLOWS 1024
#define CASES_DATA 120 /* bytes of application data in a frame */

/* F and M of the ratios. One minimal relay, from channel data to plain UDP over IPv4, is the
 * measure of all paths: so each ratio can be told from the file of results, and a path that has
 * more to do has to show it. The minimal relays for other headers are measured beside it. */
#define CASES_FLOOR "floor4"
#define CASES_MINIMAL "minimal_c4_p4"

struct relay;

/* In this order on the list. */
enum cases_group { CASES_YARDSTICK, CASES_PATH, CASES_REASON, CASES_INGREDIENT };

/* Relays, told apart by what they know. */
enum host {
	HOST_USUAL,	/* all paths, all neighbours */
	HOST_FORGETFUL, /* c4-p4: neighbours are stale; c4-p6: they were never seen */
	HOST_CROWDED,	/* c4-p4, HOSTS_CROWD flows */
	HOST_AGELESS,	/* c4-p4, neighbours are never stale */
	HOST_COUNT
};

struct hosts {
	struct relay *relays[HOST_COUNT];
};

#define HOSTS_CROWD 10000

/* On failure `ret_error` says what failed; hosts_free() is due in any case. */
int hosts_load(struct hosts *hosts, char *ret_error, size_t size);
void hosts_free(struct hosts *hosts);

/* The program without an ingredient; variant.bpf.c says what each means. */
enum variant {
	VARIANT_LEARNING,
	VARIANT_AGEING,
	VARIANT_FLOW_CACHE,
	VARIANT_FLOW_COUNTERS,
	VARIANT_UNFINISHED_TEST,
	VARIANT_CHECKS,
	VARIANT_COUNT
};

struct bpf_object;

/* Shares the maps of `relay`, so it knows the same flows and counts in the same place. */
int variant_load(enum variant variant, const struct relay *relay, struct bpf_object **ret);

struct cases {
	struct bpf_object *variants[VARIANT_COUNT];
	struct harness *harness;
	const struct hosts *hosts;
	struct harness_case *list;
	unsigned int count;
};

int cases_new(struct cases *cases, struct harness *harness, const struct hosts *hosts);
void cases_free(struct cases *cases);

/* The next free case, for this relay, and the counter that it must step. */
struct harness_case *cases_add(struct cases *cases, enum cases_group group, const char *name,
			       const struct relay *relay, size_t counter);

/* Each adds its cases; -EPROTO: the last one added does not behave. */
int cases_add_yardsticks(struct cases *cases);
int cases_add_paths(struct cases *cases);
int cases_add_reasons(struct cases *cases);
int cases_add_ingredients(struct cases *cases);

/* A yardstick that does not do what the relay does, or NULL. */
const char *cases_wrong_yardstick(const struct cases *cases);

/* NULL: there is none of that name. */
struct harness_case *cases_find(const struct cases *cases, const char *name);

/* The zero. It differs by a nanosecond or two with the frames; one is as good as another. */
double cases_noop_ns(const struct cases *cases);

/* Label of a path or a reason. */
const char *cases_path(enum relay_path path);
const char *cases_reason(enum relay_reason reason);

#endif
