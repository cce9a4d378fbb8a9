/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads the program without one of its ingredients. */
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "../../bpf/relay_handle.h"
#include "relay.skel.h"

/* In the order of the enum. */
static const char *const objects[] = {
	"build/variant_learning.bpf.o",	       "build/variant_ageing.bpf.o",
	"build/variant_flow_cache.bpf.o",      "build/variant_flow_counters.bpf.o",
	"build/variant_unfinished_test.bpf.o", "build/variant_checks.bpf.o",
};

/* Options are constants, so they are copied; the long way has to be the variant's own. */
static int share_map(struct bpf_map *map, const struct relay_bpf *bpf)
{
	const char *name = bpf_map__name(map);
	const struct bpf_map *shared = bpf_object__find_map_by_name(bpf->obj, name);

	if (!strcmp(name, "long_way"))
		return 0;
	if (!shared || bpf_map__value_size(shared) != bpf_map__value_size(map))
		return -EINVAL;
	if (!strcmp(name, bpf_map__name(bpf->maps.rodata)))
		return bpf_map__set_initial_value(map, bpf->rodata, bpf_map__value_size(map));
	return bpf_map__reuse_fd(map, bpf_map__fd(shared));
}

int variant_load(enum variant variant, const struct relay *relay, struct bpf_object **ret)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "relay_bpf");
	struct bpf_object *object = bpf_object__open_file(objects[variant], &opts);
	struct bpf_map *map;
	int error = 0;

	if (!object)
		return -errno;
	bpf_object__for_each_map(map, object) if (!error) error = share_map(map, relay->bpf);
	if (!error)
		error = bpf_object__load(object);
	if (error)
		bpf_object__close(object);
	else
		*ret = object;
	return error;
}
