/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts whose traffic the benchmark relays. */
#include "network.h"

#include <string.h>

#include "../../bpf/relay.h"

#define TURN_PORT 3478
#define PEER_PORT 3480
#define CLIENT_PORT 50000
#define FIRST_RELAYED_PORT 49152
#define CHANNEL 0x4001

enum role { RELAY_HOST, CLIENT, OTHER_CLIENT, PEER };

const struct mac network_relay_mac = { { 0x02, 0, 0, 0, 0, 0x01 } };

/* Everything that distinguishes a host: what it is, for which pair of families, its number. */
static struct endpoint host(enum role role, bool v4, unsigned int pair, uint32_t i, uint16_t port)
{
	struct endpoint endpoint = { .port = port };
	uint8_t *ip = endpoint.ip.s6_addr;

	if (v4) {
		ip[10] = ip[11] = 0xff;
		ip[12] = 10;
	} else {
		ip[0] = 0xfd;
	}
	ip[13] = (uint8_t)(16 * role + pair + 1);
	ip[14] = (uint8_t)(i >> 8);
	ip[15] = (uint8_t)i;
	return endpoint;
}

static struct mac mac_of(enum role role, unsigned int pair, uint32_t i)
{
	return (struct mac){ { 0x02, 0x01, (uint8_t)role, (uint8_t)pair, (uint8_t)(i >> 8),
			       (uint8_t)i } };
}

struct ends {
	bool v4[2];	   /* family of the client, of the far end */
	unsigned int pair; /* of families, 4 more for client to client */
	bool is_forward, has_two_clients;
};

/* A path from a peer is the way back of the path to it; a path between clients has its own. */
static struct ends ends_of(enum relay_path path)
{
	unsigned int in = (unsigned int)path >> 1 & 1, out = (unsigned int)path & 1;
	struct ends ends = {
		.is_forward = path < RELAY_PATH_P4_C4 || path >= RELAY_PATH_C4_C4,
		.has_two_clients = path >= RELAY_PATH_C4_C4,
	};

	ends.v4[0] = !(ends.is_forward ? in : out);
	ends.v4[1] = !(ends.is_forward ? out : in);
	ends.pair = 2u * !ends.v4[0] + !ends.v4[1] + 4u * ends.has_two_clients;
	return ends;
}

/* Both bindings of a flow between clients; the first alone if the far end is a peer. Between
 * clients both relayed addresses are IPv4. */
static void bindings_of(enum relay_path path, uint32_t i, struct event_binding ret[2])
{
	struct ends ends = ends_of(path);
	bool between_v4 = ends.has_two_clients || ends.v4[1];
	uint16_t port = (uint16_t)(FIRST_RELAYED_PORT + i);
	uint16_t channel = (uint16_t)(CHANNEL + i % 16);

	memset(ret, 0, 2 * sizeof(*ret));
	ret[0].client = host(CLIENT, ends.v4[0], ends.pair, i, CLIENT_PORT);
	ret[0].server = host(RELAY_HOST, ends.v4[0], 0, 1, TURN_PORT);
	ret[0].relayed = host(RELAY_HOST, between_v4, ends.pair, 2, port);
	ret[0].peer = ends.has_two_clients ? host(RELAY_HOST, between_v4, ends.pair, 3, port)
					   : host(PEER, between_v4, ends.pair, i, PEER_PORT);
	ret[0].channel = channel;
	ret[1].client = host(OTHER_CLIENT, ends.v4[1], ends.pair, i, CLIENT_PORT);
	ret[1].server = host(RELAY_HOST, ends.v4[1], 0, 1, TURN_PORT);
	ret[1].relayed = ret[0].peer;
	ret[1].peer = ret[0].relayed;
	ret[1].channel = (uint16_t)(channel + 16);
}

static void flow_forward(const struct ends *ends, uint32_t i, const struct event_binding *bound,
			 struct frame_flow *ret)
{
	ret->src = bound[0].client;
	ret->dst = bound[0].server;
	ret->channel = bound[0].channel;
	ret->src_mac = mac_of(CLIENT, ends->pair, i);
	if (ends->has_two_clients) {
		ret->out_src = bound[1].server;
		ret->out_dst = bound[1].client;
		ret->out_channel = bound[1].channel;
	} else {
		ret->out_src = bound[0].relayed;
		ret->out_dst = bound[0].peer;
	}
}

void network_flow(enum relay_path path, uint32_t i, struct frame_flow *ret)
{
	struct ends ends = ends_of(path);
	struct event_binding bound[2];

	bindings_of(path, i, bound);
	memset(ret, 0, sizeof(*ret));
	ret->dst_mac = network_relay_mac;
	if (ends.is_forward) {
		flow_forward(&ends, i, bound, ret);
		return;
	}
	ret->src = bound[0].peer;
	ret->dst = bound[0].relayed;
	ret->out_src = bound[0].server;
	ret->out_dst = bound[0].client;
	ret->out_channel = bound[0].channel;
	ret->src_mac = mac_of(PEER, ends.pair, i);
}

void network_way_back(enum relay_path path, uint32_t i, struct frame_flow *ret)
{
	struct ends ends = ends_of(path);
	struct frame_flow there;

	network_flow(path, i, &there);
	memset(ret, 0, sizeof(*ret));
	ret->dst_mac = network_relay_mac;
	ret->src = there.out_dst;
	ret->out_src = there.dst;
	ret->out_dst = there.src;
	ret->out_channel = there.channel;
	ret->dst = there.out_src;
	ret->channel = there.out_channel;
	ret->src_mac = mac_of(ends.has_two_clients ? OTHER_CLIENT
			      : ends.is_forward	   ? PEER
						   : CLIENT,
			      ends.pair, i);
}

int network_bind(struct relay *relay, enum relay_path path, uint32_t flows, int slot)
{
	struct event event = { .type = EVENT_BINDING_ADDED };
	struct event_binding bound[2];
	uint32_t i;
	int half, halves = ends_of(path).has_two_clients ? 2 : 1, error = 0;

	/* So that a binding whose far end is another client's waits for the other's. */
	bindings_of(path, 0, bound);
	for (half = 0; half < halves && !error; half++)
		error = relay_add_own_address(relay, &bound[half].relayed.ip, false);
	for (i = 0; i < flows && !error; i++) {
		bindings_of(path, i, bound);
		for (half = 0; half < halves && !error; half++) {
			event.binding = bound[half];
			event.binding.slot = (uint32_t)slot++;
			event.binding.fixed = true;
			error = relay_apply_binding(relay, &event);
		}
	}
	return error ? error : slot;
}
