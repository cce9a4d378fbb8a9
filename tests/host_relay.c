/* SPDX-License-Identifier: BSD-2-Clause */
/* What relay.bpf.c does, around the same pure headers. */
#include "host_relay.h"

#include <arpa/inet.h>
#include <string.h>

#include "../bpf/classify.h"
#include "../bpf/mac.h"
#include "../bpf/rewrite.h"
#include "../bpf/session.h"

static __u32 frame_length(const struct frame *frame)
{
	return (__u32)((char *)frame->end - (char *)frame->data);
}

static void set_flow(struct relay_flow_key *key, const struct endpoint *remote,
		     const struct endpoint *local, uint16_t channel_or_port)
{
	memcpy(key->remote, &remote->ip, sizeof(key->remote));
	memcpy(key->local, &local->ip, sizeof(key->local));
	key->remote_port = htons(remote->port);
	key->channel_or_port = htons(channel_or_port);
}

static void set_way_out(struct relay_session *session, const struct endpoint *src,
			const struct endpoint *dst, uint16_t channel)
{
	memcpy(session->src, &src->ip, sizeof(session->src));
	memcpy(session->dst, &dst->ip, sizeof(session->dst));
	session->src_port = htons(src->port);
	session->dst_port = htons(dst->port);
	session->channel = htons(channel);
}

static enum relay_path path_between(enum relay_path first, const struct endpoint *in,
				    const struct endpoint *out)
{
	return first + (wire_is_v4(&in->ip) ? 0u : 2u) + (wire_is_v4(&out->ip) ? 0u : 1u);
}

static void add_session(struct host_relay *relay, size_t index, bool to_client,
			const struct relay_session *wanted, uint16_t local_port)
{
	struct host_session *added = &relay->sessions[index];

	added->used = true;
	added->to_client = to_client;
	added->session = *wanted;
	session_prepare(&added->session, htons(local_port));
}

static void add_forward(struct host_relay *relay, const struct world *world,
			const struct event_binding *binding)
{
	const struct event_binding *other = NULL;
	struct relay_session session = { 0 };
	size_t i;

	for (i = 0; i < WORLD_BINDINGS; i++)
		if (wire_same_endpoint(&world->bindings[i].relayed, &binding->peer) &&
		    wire_same_endpoint(&world->bindings[i].peer, &binding->relayed))
			other = &world->bindings[i];
	if (!other && world_is_own(world, &binding->peer.ip))
		return;
	set_flow(&session.key, &binding->client, &binding->server, binding->channel);
	if (other) {
		session.path =
			(__u8)path_between(RELAY_PATH_C4_C4, &binding->client, &other->client);
		set_way_out(&session, &other->server, &other->client, other->channel);
	} else {
		session.path =
			(__u8)path_between(RELAY_PATH_C4_P4, &binding->client, &binding->peer);
		set_way_out(&session, &binding->relayed, &binding->peer, 0);
	}
	add_session(relay, 2 * (size_t)(binding - world->bindings), false, &session,
		    world->turn_port);
}

static void add_binding(struct host_relay *relay, const struct world *world,
			const struct event_binding *binding)
{
	struct relay_session session = {
		.path = (__u8)path_between(RELAY_PATH_P4_C4, &binding->peer, &binding->client),
	};

	set_flow(&session.key, &binding->peer, &binding->relayed, binding->relayed.port);
	set_way_out(&session, &binding->server, &binding->client, binding->channel);
	add_session(relay, 2 * (size_t)(binding - world->bindings) + 1, true, &session,
		    binding->relayed.port);
	add_forward(relay, world, binding);
}

void host_relay_init(const struct world *world, struct host_relay *ret)
{
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->options.turn_port = world->turn_port;
	ret->options.relay_port_min = world->relay_port_min;
	ret->options.relay_port_max = world->relay_port_max;
	ret->own_mac = mac_word(&world->own);
	ret->mtu = world->mtu;
	ret->generic = world->generic;
	ret->relaying = world->relaying;
	for (i = 0; i < WORLD_BINDINGS; i++)
		add_binding(ret, world, &world->bindings[i]);
	for (i = 0; i < world->host_count; i++) {
		struct host_neighbour *added = &ret->neighbours[ret->neighbour_count++];

		memcpy(added->key.ip, &world->hosts[i].ip, sizeof(added->key.ip));
		added->key.vlan = world->hosts[i].vlan;
		added->word =
			neighbour_word(mac_word(&world->hosts[i].mac), neighbour_hash(&added->key));
	}
}

static const struct relay_session *find_session(const struct host_relay *relay,
						const struct packet *packet,
						const struct relay_flow_key *flow)
{
	size_t i;

	for (i = 0; i < HOST_SESSIONS; i++)
		if (relay->sessions[i].used &&
		    relay->sessions[i].to_client == (packet->kind == PACKET_PEER) &&
		    !memcmp(&relay->sessions[i].session.key, flow, sizeof(*flow)))
			return &relay->sessions[i].session;
	return NULL;
}

static uint64_t find_next_hop(const struct host_relay *relay, const struct relay_session *session,
			      const struct packet *packet)
{
	struct relay_neighbour_key key = { .vlan = packet->vlan };
	size_t i;

	address_copy(key.ip, session->dst);
	for (i = 0; i < relay->neighbour_count; i++)
		if (!memcmp(&relay->neighbours[i].key, &key, sizeof(key)))
			return neighbour_matches(relay->neighbours[i].word, neighbour_hash(&key))
				       ? relay->neighbours[i].word
				       : 0;
	return 0;
}

/* Sum of words in memory order, of bytes that follow `before` others. */
static uint16_t sum_bytes(const uint8_t *at, size_t length, size_t before)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < length; i++)
		sum += wire16((before + i) & 1 ? at[i] : (unsigned int)at[i] << 8);
	return sum_fold(sum);
}

/* Sets the outgoing checksum, or says that it cannot be known. */
static enum relay_reason finish_checksum(const struct host_relay *relay, const struct octets *in,
					 const struct packet *packet,
					 const struct relay_session *session,
					 struct rewrite *rewrite)
{
	const uint8_t *udp = in->at + packet->l3 + (rewrite->old_is_v4 ? IPV4_HEADER : IPV6_HEADER);
	size_t padding = packet->udp_length - UDP_HEADER - packet->data_length -
			 (packet->kind == PACKET_CHANNEL ? CHANNEL_HEADER : 0);
	uint16_t pad_sum =
		sum_bytes(udp + packet->udp_length - padding, padding, packet->data_length);
	bool in_place = false;
	uint16_t check = packet->udp_check, sum;

	if (check && checksum_is_unfinished(packet, session)) {
		sum = sum_bytes(udp, packet->udp_length, 0);
		if (relay->generic) {
			if (sum_fold((__u32)sum + check) == 0xffff)
				return RELAY_REASON_UNFINISHED;
			in_place = true;
		} else {
			check = checksum_udp((__u16)sum_negate(sum));
		}
	}
	if (padding)
		rewrite_cut((uint16_t)padding, pad_sum, rewrite, &check);
	if (in_place)
		rewrite->udp_check = rewrite_unfinished(session, rewrite);
	else if (packet->udp_check)
		rewrite->udp_check = rewrite_udp_check(packet, session, check);
	return RELAY_GO_ON;
}

static enum relay_reason relay_packet(const struct host_relay *relay, const struct octets *in,
				      const struct packet *packet,
				      const struct relay_session *session, struct octets *ret)
{
	struct rewrite rewrite = { 0 };
	enum relay_reason reason;
	uint64_t next;

	rewrite_plan(packet, session, session->path, &rewrite);
	reason = rewrite_check(packet, &rewrite, relay->mtu);
	if (reason != RELAY_GO_ON)
		return reason;
	if (rewrite_hides_error(packet, session, &rewrite))
		return RELAY_REASON_BAD_HEADER;
	next = find_next_hop(relay, session, packet);
	if (!next)
		return RELAY_REASON_NO_MAC;
	if (!relay->relaying)
		return RELAY_REASON_OBSERVING;
	reason = finish_checksum(relay, in, packet, session, &rewrite);
	if (reason != RELAY_GO_ON)
		return reason;
	ret->length = packet->l3 + rewrite.new_length;
	memcpy(ret->at + packet->l3 + rewrite.new_headers,
	       in->at + packet->l3 + rewrite.old_headers, packet->data_length);
	return rewrite_headers(ret->at, ret->at + ret->length, packet, session, &rewrite, next)
		       ? RELAY_REASON_INTERNAL
		       : RELAY_GO_ON;
}

enum relay_reason host_relay_run(const struct host_relay *relay, const struct octets *in,
				 struct octets *ret, enum relay_path *ret_path)
{
	struct frame frame = {
		.data = (void *)in->at,
		.end = (void *)(in->at + in->length),
	};
	const struct relay_session *session;
	struct relay_flow_key flow = { 0 };
	struct packet packet = { 0 };
	enum relay_reason reason =
		classify(&relay->options, &frame, relay->own_mac, &packet, &flow);

	if (reason != RELAY_GO_ON)
		return reason;
	session = find_session(relay, &packet, &flow);
	if (!session)
		return RELAY_REASON_NO_BINDING;
	reason = relay_packet(relay, in, &packet, session, ret);
	if (reason == RELAY_GO_ON)
		*ret_path = session->path;
	return reason;
}
