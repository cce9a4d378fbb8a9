/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds an interface's XDP hook, and how to take it from them when the user says so. */
#include "relay.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int query_program(int ifindex, uint32_t *ret_id, const char **ret_mode, uint32_t *ret_flags)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int error = bpf_xdp_query(ifindex, 0, &query);

	if (error)
		return error;
	if (query.drv_prog_id) {
		*ret_id = query.drv_prog_id;
		*ret_mode = "native";
		*ret_flags = XDP_FLAGS_DRV_MODE;
	} else if (query.skb_prog_id) {
		*ret_id = query.skb_prog_id;
		*ret_mode = "generic";
		*ret_flags = XDP_FLAGS_SKB_MODE;
	} else if (query.hw_prog_id) {
		*ret_id = query.hw_prog_id;
		*ret_mode = "offloaded";
		*ret_flags = XDP_FLAGS_HW_MODE;
	} else {
		return -ENOENT;
	}
	return 0;
}

int relay_find_holder(int ifindex, struct relay_holder *ret)
{
	struct relay_holder holder = {};
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info), flags;
	int error = query_program(ifindex, &holder.id, &holder.mode, &flags);
	int fd;
	size_t i;

	if (error)
		return error;
	/* It may be gone by now, or not ours to look at: the id alone is still worth something. */
	fd = bpf_prog_get_fd_by_id(holder.id);
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size)) {
		snprintf(holder.name, sizeof(holder.name), "%s", info.name);
		for (i = 0; i < sizeof(info.tag); i++)
			snprintf(holder.tag + 2 * i, 3, "%02x", info.tag[i]);
	}
	if (fd >= 0)
		close(fd);
	*ret = holder;
	return 0;
}

/* Detaches the BPF link that holds the interface, if it is a link that does. */
static int evict_link(int ifindex, uint32_t program)
{
	uint32_t id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = {};
		uint32_t size = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);
		int error = -ENOENT;

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && info.type == BPF_LINK_TYPE_XDP &&
		    info.xdp.ifindex == (uint32_t)ifindex && info.prog_id == program)
			error = bpf_link_detach(fd);
		close(fd);
		if (error != -ENOENT)
			return error;
	}
	return -ENOENT;
}

int relay_evict(int ifindex)
{
	const char *mode;
	uint32_t id, flags;
	int error = query_program(ifindex, &id, &mode, &flags);

	if (error)
		return error == -ENOENT ? 0 : error;
	error = evict_link(ifindex, id);
	if (error != -ENOENT)
		return error;
	return bpf_xdp_detach(ifindex, flags, NULL);
}
