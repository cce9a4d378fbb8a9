/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is on the tests' LAN, and who has bound what. */
#include "world.h"

#include <string.h>

#define TURN_PORT 3478

/* By slot: 0-3 have a peer outside, 4-9 are pairs of clients of this relay. */
static const struct {
	const char *client;
	uint16_t client_port;
	const char *server;
	uint16_t channel;
	const char *relayed;
	uint16_t relayed_port;
	const char *peer;
	uint16_t peer_port;
} bindings[WORLD_BINDINGS] = {
	{ "10.90.0.10", 40000, "10.90.0.20", 0x4000, "10.90.0.20", 50000, "10.90.0.30", 7000 },
	{ "10.90.0.10", 40000, "10.90.0.20", 0x4001, "fd90::20", 50001, "fd90::30", 7001 },
	{ "fd90::10", 40002, "fd90::20", 0x7ffe, "10.90.0.20", 50002, "10.90.0.30", 7002 },
	{ "fd90::10", 40003, "fd90::20", 0x7fff, "fd90::20", 50003, "fd90::30", 7003 },
	{ "10.90.0.10", 40004, "10.90.0.20", 0x4004, "10.90.0.20", 50004, "10.90.0.20", 50005 },
	{ "10.90.0.11", 40005, "10.90.0.20", 0x4005, "10.90.0.20", 50005, "10.90.0.20", 50004 },
	{ "10.90.0.10", 40006, "10.90.0.20", 0x4006, "10.90.0.20", 50006, "10.90.0.20", 50007 },
	{ "fd90::11", 40007, "fd90::20", 0x4007, "10.90.0.20", 50007, "10.90.0.20", 50006 },
	{ "fd90::10", 40008, "fd90::20", 0x4008, "fd90::20", 65535, "fd90::20", 49152 },
	{ "fd90::11", 40009, "fd90::20", 0x4009, "fd90::20", 49152, "fd90::20", 65535 },
};

static const char *const hosts[] = { "10.90.0.10", "10.90.0.11", "10.90.0.30",
				     "fd90::10",   "fd90::11",	 "fd90::30" };

/* Which binding's frame takes a path, and whether it is its client that sends. */
static const struct {
	size_t slot;
	bool from_client;
} ways[RELAY_PATH_COUNT] = {
	[RELAY_PATH_C4_P4] = { 0, true },  [RELAY_PATH_C4_P6] = { 1, true },
	[RELAY_PATH_C6_P4] = { 2, true },  [RELAY_PATH_C6_P6] = { 3, true },
	[RELAY_PATH_P4_C4] = { 0, false }, [RELAY_PATH_P4_C6] = { 2, false },
	[RELAY_PATH_P6_C4] = { 1, false }, [RELAY_PATH_P6_C6] = { 3, false },
	[RELAY_PATH_C4_C4] = { 4, true },  [RELAY_PATH_C4_C6] = { 6, true },
	[RELAY_PATH_C6_C4] = { 7, true },  [RELAY_PATH_C6_C6] = { 8, true },
};

void world_init(struct world *ret)
{
	static const uint16_t vlans[] = { 0, WORLD_VLAN };
	struct world world = {
		.own = { { 0x02, 0, 0, 0, 0, 0x20 } },
		.own_ips = { wire_ip("10.90.0.20"), wire_ip("fd90::20") },
		.turn_port = TURN_PORT,
		.relay_port_min = 49152,
		.relay_port_max = 65535,
		.mtu = 1500,
		.relaying = true,
	};
	size_t i, vlan;

	for (i = 0; i < WORLD_BINDINGS; i++) {
		struct event_binding *binding = &world.bindings[i];

		binding->slot = (uint32_t)i;
		binding->client = wire_endpoint(bindings[i].client, bindings[i].client_port);
		binding->server = wire_endpoint(bindings[i].server, TURN_PORT);
		binding->relayed = wire_endpoint(bindings[i].relayed, bindings[i].relayed_port);
		binding->peer = wire_endpoint(bindings[i].peer, bindings[i].peer_port);
		binding->channel = bindings[i].channel;
		binding->fixed = true;
	}
	for (vlan = 0; vlan < 2; vlan++)
		for (i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
			struct world_host host = {
				.ip = wire_ip(hosts[i]),
				.vlan = vlans[vlan],
				.mac = { { 0x02, 0xaa, 0xbb, (uint8_t)vlans[vlan], 0xcc,
					   (uint8_t)(0x80 + i) } },
			};

			world.hosts[world.host_count++] = host;
		}
	*ret = world;
}

void world_frame(const struct world *world, enum relay_path path, struct frame_spec *ret)
{
	const struct event_binding *binding = &world->bindings[ways[path].slot];
	const struct mac *from;

	packets_default(ret);
	if (ways[path].from_client) {
		ret->src = binding->client;
		ret->dst = binding->server;
		ret->channel = binding->channel;
	} else {
		ret->src = binding->peer;
		ret->dst = binding->relayed;
	}
	ret->to = world->own;
	from = world_mac(world, &ret->src.ip, 0);
	if (from)
		ret->from = *from;
}

const struct mac *world_mac(const struct world *world, const struct in6_addr *ip, uint16_t vlan)
{
	size_t i;

	for (i = 0; i < world->host_count; i++)
		if (world->hosts[i].vlan == vlan && !memcmp(&world->hosts[i].ip, ip, sizeof(*ip)))
			return &world->hosts[i].mac;
	return NULL;
}

bool world_is_own(const struct world *world, const struct in6_addr *ip)
{
	return !memcmp(&world->own_ips[0], ip, sizeof(*ip)) ||
	       !memcmp(&world->own_ips[1], ip, sizeof(*ip));
}

void world_forget(struct world *world, const struct in6_addr *ip)
{
	size_t i;

	for (i = 0; i < world->host_count; i++)
		if (!memcmp(&world->hosts[i].ip, ip, sizeof(*ip)))
			world->hosts[i--] = world->hosts[--world->host_count];
}

const char *world_path_name(enum relay_path path)
{
	static const char *const names[] = {
#define X(id, label) label,
		RELAY_PATHS(X)
#undef X
	};

	return path < RELAY_PATH_COUNT ? names[path] : "no path";
}

const char *world_reason_name(enum relay_reason reason)
{
	static const char *const names[] = {
#define X(id, label, class, miss, means, next) label,
		RELAY_REASONS(X)
#undef X
	};

	return reason < RELAY_REASON_COUNT ? names[reason] : "relayed";
}
