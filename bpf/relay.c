/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of the XDP program as user space sees it: load, attach, configure, feed with bindings.
 */
#include "relay.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "mac.h"
#include "relay.skel.h"
#include "relay_handle.h"
#include "sessions.h"

#define BINDINGS 16384 /* capacity of the flow maps; MODEL_BINDINGS is as large */
#define RING_SIZE (16u << 20)
#define VERIFIER_LOG_SIZE (1u << 20)
#define VERIFIER_LOG_SHOWN 3000

/* The kernel's tick is nowhere to be read, but its coarse clock advances once a tick. */
static uint32_t ticks_a_second(void)
{
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || tick.tv_sec || !tick.tv_nsec)
		return 100;
	return (uint32_t)((1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
}

static int configure(struct relay *relay, const struct relay_setup *setup)
{
	struct relay_bpf *bpf = relay->bpf;
	uint64_t ttl = (uint64_t)setup->mac_ttl_s * relay->hz;

	bpf->rodata->options.hz = relay->hz;
	bpf->rodata->options.mac_ttl = ttl > INT32_MAX ? INT32_MAX : (uint32_t)ttl;
	bpf->rodata->options.turn_port = setup->turn_port;
	bpf->rodata->options.relay_port_min = setup->relay_port_min;
	bpf->rodata->options.relay_port_max = setup->relay_port_max;
	bpf->rodata->cpu_count = (uint32_t)libbpf_num_possible_cpus();
	bpf->bss->live.capture = setup->capture;
	bpf->bss->live.snaplen = setup->snaplen;
	bpf->bss->live.relaying = setup->relaying;
	bpf->bss->live.mtu = UINT32_MAX;
	bpf->bss->live.wakeup_at = RING_SIZE / 4;
	return bpf_map__set_max_entries(bpf->maps.neighbours, setup->mac_entries) ?:
	       bpf_map__set_max_entries(bpf->maps.to_peer, BINDINGS) ?:
	       bpf_map__set_max_entries(bpf->maps.to_client, BINDINGS) ?:
	       bpf_map__set_max_entries(bpf->maps.sessions, 2 * BINDINGS) ?:
	       bpf_map__set_max_entries(bpf->maps.session_counters, 2 * BINDINGS) ?:
	       bpf_map__set_max_entries(bpf->maps.ring, RING_SIZE);
}

static int connect_maps(struct relay *relay, const struct relay_setup *setup)
{
	struct sessions_maps maps = {
		.sessions = bpf_map__fd(relay->bpf->maps.sessions),
		.counters = bpf_map__fd(relay->bpf->maps.session_counters),
		.to_peer = bpf_map__fd(relay->bpf->maps.to_peer),
		.to_client = bpf_map__fd(relay->bpf->maps.to_client),
		.bindings = BINDINGS,
		.turn_port = setup->turn_port,
	};
	int error = sessions_new(&maps, &relay->sessions);

	if (error)
		return error;
	relay->ring = ring_buffer__new(bpf_map__fd(relay->bpf->maps.ring), relay_take_record, relay,
				       NULL);
	return relay->ring ? 0 : -errno;
}

static void describe_failure(int error, const char *log, char *ret_error, size_t size)
{
	size_t length = strlen(log);
	const char *shown = log;

	if (error == -EPERM) {
		snprintf(ret_error, size, "may not load BPF programs: %s", strerror(-error));
		return;
	}
	if (length > VERIFIER_LOG_SHOWN) {
		shown = strchr(log + length - VERIFIER_LOG_SHOWN, '\n');
		shown = shown ? shown + 1 : log;
	}
	snprintf(ret_error, size, "the kernel refused the XDP program: %s%s%s", strerror(-error),
		 *shown ? "; the verifier's log ends with\n" : "", shown);
}

int relay_load(const struct relay_setup *setup, relay_event_fn *emit, void *context,
	       struct relay **ret, char *ret_error, size_t size)
{
	struct relay *relay = calloc(1, sizeof(*relay));
	char *log = calloc(1, VERIFIER_LOG_SIZE);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log,
		    .kernel_log_size = VERIFIER_LOG_SIZE);
	int error = -ENOMEM;

	if (!relay || !log)
		goto out;
	relay->emit = emit;
	relay->context = context;
	relay->link_fd = -1;
	relay->hz = ticks_a_second();
	relay->bpf = relay_bpf__open_opts(&opts);
	error = relay->bpf ? configure(relay, setup) : -errno;
	if (!error)
		error = relay_bpf__load(relay->bpf);
	if (!error)
		error = connect_maps(relay, setup);
	/* For the clocks: jiffies are only known to the kernel. */
	if (!error)
		error = relay_snapshot(relay);
	if (!error) {
		*ret = relay;
		relay = NULL;
	}
out:
	if (error)
		describe_failure(error, log ? log : "", ret_error, size);
	free(log);
	relay_free(relay);
	return error;
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	relay_detach(relay);
	ring_buffer__free(relay->ring);
	sessions_free(relay->sessions);
	relay_bpf__destroy(relay->trial);
	relay_bpf__destroy(relay->bpf);
	free(relay);
}

uint32_t relay_program_id(const struct relay *relay)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(relay_program_fd(relay), &info, &size))
		return 0;
	return info.id;
}

int relay_program_fd(const struct relay *relay)
{
	return bpf_program__fd(relay->bpf->progs.relay_xdp);
}

static int create_link(struct relay *relay, int ifindex, enum relay_mode mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts,
		    .flags = mode == RELAY_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);

	/* Before the first frame comes. */
	relay->bpf->bss->live.generic = mode == RELAY_GENERIC;
	relay->link_fd = bpf_link_create(relay_program_fd(relay), ifindex, BPF_XDP, &opts);
	return relay->link_fd < 0 ? relay->link_fd : 0;
}

int relay_attach(struct relay *relay, int ifindex, bool is_veth, enum relay_mode wanted,
		 enum relay_mode *ret_mode, const char **ret_reason)
{
	int error;

	*ret_mode = wanted;
	*ret_reason = "as asked for with --mode";
	if (wanted == RELAY_AUTO) {
		*ret_mode = is_veth ? RELAY_GENERIC : RELAY_NATIVE;
		*ret_reason =
			is_veth ? "on veth, native frames arrive only if the other end has an "
				  "XDP program too"
				: "the driver supports it";
	}
	error = create_link(relay, ifindex, *ret_mode);
	if (!error || error == -EBUSY || error == -EEXIST || wanted != RELAY_AUTO ||
	    *ret_mode == RELAY_GENERIC)
		return error;
	*ret_mode = RELAY_GENERIC;
	*ret_reason = "the driver refused native mode";
	return create_link(relay, ifindex, *ret_mode);
}

void relay_detach(struct relay *relay)
{
	/* Closing the link might leave the rest to a worker; detaching does it at once. */
	if (relay->link_fd < 0)
		return;
	bpf_link_detach(relay->link_fd);
	close(relay->link_fd);
	relay->link_fd = -1;
}

void relay_set_mac(struct relay *relay, const struct mac *mac)
{
	__atomic_store_n(&relay->bpf->bss->live.mac, mac_word(mac), __ATOMIC_RELAXED);
}

void relay_set_mtu(struct relay *relay, uint32_t mtu)
{
	__atomic_store_n(&relay->bpf->bss->live.mtu, mtu, __ATOMIC_RELAXED);
}

void relay_set_capture(struct relay *relay, uint64_t mask, uint32_t snaplen)
{
	__atomic_store_n(&relay->bpf->bss->live.snaplen, snaplen, __ATOMIC_RELAXED);
	__atomic_store_n(&relay->bpf->bss->live.capture, mask, __ATOMIC_RELAXED);
}

/* Whoever carries the MAC of this IP must look it up again. */
static void forget_neighbour(struct relay *relay, const struct in6_addr *ip)
{
	struct relay_neighbour_key key = {};

	memcpy(key.ip, ip, sizeof(key.ip));
	bpf_map__delete_elem(relay->bpf->maps.neighbours, &key, sizeof(key), 0);
	__atomic_fetch_add(&relay->bpf->bss->generations[neighbour_slot(neighbour_hash(&key))], 1,
			   __ATOMIC_RELEASE);
}

int relay_add_own_address(struct relay *relay, const struct in6_addr *ip, bool broadcast)
{
	uint32_t kind = broadcast ? RELAY_OWN_BROADCAST : RELAY_OWN_ADDRESS;
	int error = bpf_map__update_elem(relay->bpf->maps.own_addresses, ip, sizeof(*ip), &kind,
					 sizeof(kind), BPF_ANY);

	if (error)
		return error;
	forget_neighbour(relay, ip);
	return broadcast ? 0 : sessions_add_own(relay->sessions, ip);
}

int relay_remove_own_address(struct relay *relay, const struct in6_addr *ip)
{
	int error = bpf_map__delete_elem(relay->bpf->maps.own_addresses, ip, sizeof(*ip), 0);

	sessions_remove_own(relay->sessions, ip);
	return error == -ENOENT ? 0 : error;
}

int relay_apply_binding(struct relay *relay, const struct event *event)
{
	const struct event_binding *binding = &event->binding;
	uint64_t expires =
		binding->fixed ? RELAY_NEVER : relay_jiffies_at(relay, binding->expires_ns);

	switch (event->type) {
	case EVENT_BINDING_ADDED: return sessions_bind(relay->sessions, binding, expires);
	case EVENT_BINDING_REFRESHED:
		sessions_extend(relay->sessions, binding->slot, expires);
		return 0;
	case EVENT_BINDING_REMOVED:
		sessions_unbind(relay->sessions, binding->slot);
		relay_emit_sessions(relay, binding->slot, event->time_ns);
		return 0;
	default: return 0;
	}
}

int relay_fd(const struct relay *relay)
{
	return ring_buffer__epoll_fd(relay->ring);
}
