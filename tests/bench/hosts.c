/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads relays, binds flows, and lets them witness the hosts. */
#include "cases.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/relay.h"
#include "network.h"

#define TTL_S 300
#define STALE_AFTER_S 1

static void ignore(void *context, const struct event *event)
{
	(void)context;
	(void)event;
}

static int load(uint32_t mac_ttl_s, struct relay **ret, char *ret_error, size_t size)
{
	struct relay_setup setup = {
		.turn_port = 3478,
		.relay_port_min = 49152,
		.relay_port_max = 65535,
		.mac_ttl_s = mac_ttl_s,
		.mac_entries = 65536,
		.snaplen = 2048,
		.relaying = true,
	};
	int error = relay_load(&setup, ignore, NULL, ret, ret_error, size);

	if (error)
		return error;
	relay_set_mac(*ret, &network_relay_mac);
	relay_set_mtu(*ret, 1500);
	return 0;
}

static void feed(const struct relay *relay, const struct frame_flow *flow)
{
	struct frame_oddities none = {};
	struct frame_bytes in, out;
	uint32_t verdict;

	frame_build(flow, &none, CASES_DATA, &in);
	harness_run_once(relay_program_fd(relay), &in, &out, &verdict);
}

/* Both ends of each flow say something, so that the relay knows where they are. */
static void introduce(const struct relay *relay, enum relay_path path, uint32_t flows)
{
	struct frame_flow flow;
	uint32_t i;

	for (i = 0; i < flows; i++) {
		network_way_back(path, i, &flow);
		feed(relay, &flow);
		network_flow(path, i, &flow);
		feed(relay, &flow);
	}
}

static int load_usual(struct hosts *hosts, char *ret_error, size_t size)
{
	int error = load(TTL_S, &hosts->relays[HOST_USUAL], ret_error, size), slot = 0;
	enum relay_path path;

	for (path = 0; path < RELAY_PATH_COUNT && !error; path++) {
		if (path >= RELAY_PATH_P4_C4 && path < RELAY_PATH_C4_C4)
			continue; /* the ways back of those before */
		slot = network_bind(hosts->relays[HOST_USUAL], path, CASES_FLOWS, slot);
		if (slot < 0)
			return slot;
		introduce(hosts->relays[HOST_USUAL], path, CASES_FLOWS);
	}
	return error;
}

static int load_forgetful(struct hosts *hosts, char *ret_error, size_t size)
{
	int error = load(STALE_AFTER_S, &hosts->relays[HOST_FORGETFUL], ret_error, size), slot;

	if (error)
		return error;
	slot = network_bind(hosts->relays[HOST_FORGETFUL], RELAY_PATH_C4_P4, CASES_FLOWS, 0);
	if (slot >= 0)
		slot = network_bind(hosts->relays[HOST_FORGETFUL], RELAY_PATH_C4_P6, CASES_FLOWS,
				    slot);
	if (slot < 0)
		return slot;
	introduce(hosts->relays[HOST_FORGETFUL], RELAY_PATH_C4_P4, CASES_FLOWS);
	sleep(STALE_AFTER_S + 1);
	return 0;
}

static int load_one_path(struct relay **ret, uint32_t mac_ttl_s, uint32_t flows, char *ret_error,
			 size_t size)
{
	int error = load(mac_ttl_s, ret, ret_error, size), slot;

	if (error)
		return error;
	slot = network_bind(*ret, RELAY_PATH_C4_P4, flows, 0);
	if (slot < 0)
		return slot;
	introduce(*ret, RELAY_PATH_C4_P4, flows);
	return 0;
}

int hosts_load(struct hosts *hosts, char *ret_error, size_t size)
{
	int error;

	memset(hosts, 0, sizeof(*hosts));
	error = load_usual(hosts, ret_error, size);
	if (!error)
		error = load_forgetful(hosts, ret_error, size);
	if (!error)
		error = load_one_path(&hosts->relays[HOST_CROWDED], TTL_S, HOSTS_CROWD, ret_error,
				      size);
	if (!error)
		error = load_one_path(&hosts->relays[HOST_AGELESS], 0, CASES_FLOWS, ret_error,
				      size);
	return error;
}

void hosts_free(struct hosts *hosts)
{
	int i;

	for (i = 0; i < HOST_COUNT; i++)
		relay_free(hosts->relays[i]);
}
