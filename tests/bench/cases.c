/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of cases, and those on it that are relayed. */
#include "cases.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "../../bpf/relay_handle.h"
#include "network.h"
#include "relay.skel.h"

int cases_new(struct cases *cases, struct harness *harness, const struct hosts *hosts)
{
	*cases = (struct cases){
		.harness = harness,
		.hosts = hosts,
		.list = calloc(CASES_MAX, sizeof(*cases->list)),
	};
	return cases->list ? 0 : -ENOMEM;
}

void cases_free(struct cases *cases)
{
	unsigned int i;

	for (i = 0; i < cases->count; i++)
		harness_case_done(&cases->list[i]);
	for (i = 0; i < VARIANT_COUNT; i++)
		bpf_object__close(cases->variants[i]);
	free(cases->list);
}

struct harness_case *cases_add(struct cases *cases, enum cases_group group, const char *name,
			       const struct relay *relay, size_t counter)
{
	struct harness_case *added = &cases->list[cases->count++];

	*added = (struct harness_case){
		.name = name,
		.group = group,
		.program = relay_program_fd(relay),
		.verdict = XDP_TX,
		.counters = bpf_map__fd(relay->bpf->maps.frame_counters),
		.counter = counter,
	};
	return added;
}

struct harness_case *cases_find(const struct cases *cases, const char *name)
{
	unsigned int i;

	for (i = 0; i < cases->count; i++)
		if (!strcmp(cases->list[i].name, name))
			return &cases->list[i];
	return NULL;
}

double cases_noop_ns(const struct cases *cases)
{
	const struct harness_case *minimal = cases_find(cases, CASES_MINIMAL);

	return harness_spread(minimal->zero, minimal->rounds).median;
}

const char *cases_path(enum relay_path path)
{
	static const char *const labels[] = {
#define X(id, label) [RELAY_PATH_##id] = label,
		RELAY_PATHS(X)
#undef X
	};

	return labels[path];
}

static void path_frame(void *context, uint32_t i, struct frame_bytes *ret)
{
	const enum relay_path *path = context;
	struct frame_oddities none = {};
	struct frame_flow flow;

	network_flow(*path, i, &flow);
	frame_build(&flow, &none, CASES_DATA, ret);
}

static int add_yardstick(struct cases *cases, const char *name, enum relay_path path)
{
	struct harness_case *added = &cases->list[cases->count++];

	*added = (struct harness_case){
		.name = name,
		.group = CASES_YARDSTICK,
		.program = harness_yardstick(cases->harness, name),
		.verdict = XDP_TX,
		.counters = -1,
	};
	return harness_feed(added, CASES_FLOWS, path_frame, &path);
}

/* A minimal relay is for one path. */
static const struct {
	const char *name;
	enum relay_path path;
} minimal[] = {
	{ CASES_MINIMAL, RELAY_PATH_C4_P4 },
	{ "minimal_p4_c4", RELAY_PATH_P4_C4 },
	{ "minimal_c6_p6", RELAY_PATH_C6_P6 },
	{ "minimal_p6_c6", RELAY_PATH_P6_C6 },
};

/* The same frames as the paths of the relay get. */
int cases_add_yardsticks(struct cases *cases)
{
	struct frame_flow flow;
	size_t i;
	uint32_t n;
	int error = add_yardstick(cases, CASES_FLOOR, RELAY_PATH_C4_P4);

	if (!error)
		error = add_yardstick(cases, "floor6", RELAY_PATH_C6_P6);
	for (i = 0; i < sizeof(minimal) / sizeof(*minimal) && !error; i++) {
		for (n = 0; n < CASES_FLOWS && !error; n++) {
			network_flow(minimal[i].path, n, &flow);
			error = harness_add_flow(cases->harness, &flow);
		}
		if (!error)
			error = add_yardstick(cases, minimal[i].name, minimal[i].path);
	}
	return error;
}

int cases_add_paths(struct cases *cases)
{
	enum relay_path path;
	int error = 0;

	for (path = 0; path < RELAY_PATH_COUNT && !error; path++)
		error = harness_feed(cases_add(cases, CASES_PATH, cases_path(path),
					       cases->hosts->relays[HOST_USUAL],
					       offsetof(struct relay_counters, paths[path])),
				     CASES_FLOWS, path_frame, &path);
	return error;
}

/* Behind the Ethernet header, what a minimal relay sends must be what the relay sends. */
const char *cases_wrong_yardstick(const struct cases *cases)
{
	const struct harness_case *yardstick, *path;
	size_t i;

	for (i = 0; i < sizeof(minimal) / sizeof(*minimal); i++) {
		yardstick = cases_find(cases, minimal[i].name);
		path = cases_find(cases, cases_path(minimal[i].path));
		if (yardstick->last.length != path->last.length ||
		    memcmp(yardstick->last.data + ETH_HLEN, path->last.data + ETH_HLEN,
			   path->last.length - ETH_HLEN) != 0)
			return yardstick->name;
	}
	return NULL;
}
