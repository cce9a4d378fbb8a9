/* SPDX-License-Identifier: BSD-2-Clause */
/* The independent relay of the tests. It is slow, and it takes a frame apart before it decides. */
#include "reference.h"

#include <string.h>

#define RELAYED RELAY_REASON_COUNT
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define MAGIC_COOKIE 0x2112a442
#define VLANS_MAX 2
#define SUM_GOOD 0xffff

struct dissected {
	const uint8_t *frame;
	size_t length;
	size_t ip_at, udp_at, data_at;
	size_t ip_length; /* header and everything in it */
	size_t datagram, data;
	bool is_v4, is_channel;
	uint16_t vlan, channel;
	struct endpoint src, dst;
};

struct outcome {
	struct endpoint src, dst;
	uint16_t channel; /* 0 = plain */
	enum relay_path path;
};

static enum relay_reason take_ethernet(struct dissected *it, uint16_t *ret_ethertype)
{
	size_t at = 12;
	int tags;

	if (it->length < 14)
		return RELAY_REASON_TOO_SHORT;
	for (tags = 0; tags < VLANS_MAX; tags++, at += 4) {
		uint16_t type = wire_get16(it->frame + at);

		if (type != 0x8100 && type != 0x88a8)
			break;
		if (it->length < at + 6)
			return RELAY_REASON_TOO_SHORT;
		if (!tags)
			it->vlan = wire_get16(it->frame + at + 2) & 0xfff;
	}
	*ret_ethertype = wire_get16(it->frame + at);
	it->ip_at = at + 2;
	return RELAYED;
}

static struct in6_addr mapped(const uint8_t *ip)
{
	struct in6_addr address = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(address.s6_addr + 12, ip, 4);
	return address;
}

static bool is_for(const struct world *world, const struct dissected *it)
{
	return !memcmp(it->frame, world->own.octet, 6);
}

static enum relay_reason take_ipv4(const struct world *world, struct dissected *it)
{
	const uint8_t *ip = it->frame + it->ip_at;
	size_t header, left = it->length - it->ip_at;

	if (left < 20)
		return RELAY_REASON_TOO_SHORT;
	header = 4 * (size_t)(ip[0] & 15);
	it->ip_length = wire_get16(ip + 2);
	if (ip[0] >> 4 != 4 || header < 20 || it->ip_length < header || it->ip_length > left)
		return RELAY_REASON_BAD_HEADER;
	if (!is_for(world, it))
		return RELAY_REASON_NOT_FOR_US;
	if (ip[9] != IPPROTO_UDP)
		return RELAY_REASON_NOT_UDP;
	if (wire_get16(ip + 6) & 0x3fff)
		return RELAY_REASON_FRAGMENT;
	if (header > 20)
		return RELAY_REASON_IP_OPTIONS;
	it->is_v4 = true;
	it->src.ip = mapped(ip + 12);
	it->dst.ip = mapped(ip + 16);
	it->udp_at = it->ip_at + 20;
	return RELAYED;
}

static enum relay_reason take_ipv6(const struct world *world, struct dissected *it)
{
	const uint8_t *ip = it->frame + it->ip_at;
	size_t left = it->length - it->ip_at;

	if (left < 40)
		return RELAY_REASON_TOO_SHORT;
	it->ip_length = 40 + (size_t)wire_get16(ip + 4);
	memcpy(&it->src.ip, ip + 8, 16);
	memcpy(&it->dst.ip, ip + 24, 16);
	if (ip[0] >> 4 != 6 || wire_is_v4(&it->src.ip) || it->ip_length > left)
		return RELAY_REASON_BAD_HEADER;
	if (!is_for(world, it))
		return RELAY_REASON_NOT_FOR_US;
	switch (ip[6]) {
	case IPPROTO_UDP: break;
	case IPPROTO_FRAGMENT: return RELAY_REASON_FRAGMENT;
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_AH:
	case IPPROTO_MH: return RELAY_REASON_EXT_HEADER;
	default: return RELAY_REASON_NOT_UDP;
	}
	it->udp_at = it->ip_at + 40;
	return RELAYED;
}

/* RFC 8656 section 12.4. */
static enum relay_reason take_channel_data(struct dissected *it)
{
	const uint8_t *message = it->frame + it->udp_at + 8;
	size_t left = it->datagram - 8;

	if (left < 4)
		return RELAY_REASON_NOT_TURN;
	if (message[0] >> 6 == 1) {
		it->is_channel = true;
		it->channel = wire_get16(message);
		it->data = wire_get16(message + 2);
		it->data_at += 4;
		return it->data + 4 <= left && left <= it->data + 4 + 3
			       ? RELAYED
			       : RELAY_REASON_BAD_CHANNEL_LENGTH;
	}
	return message[0] >> 6 == 0 && left >= 8 && wire_get32(message + 4) == MAGIC_COOKIE
		       ? RELAY_REASON_CONTROL
		       : RELAY_REASON_NOT_TURN;
}

static enum relay_reason take_udp(const struct world *world, struct dissected *it)
{
	const uint8_t *udp = it->frame + it->udp_at;
	size_t room = it->ip_at + it->ip_length - it->udp_at;

	if (room < 8)
		return RELAY_REASON_BAD_HEADER;
	it->src.port = wire_get16(udp);
	it->dst.port = wire_get16(udp + 2);
	it->datagram = wire_get16(udp + 4);
	if (it->datagram != room)
		return RELAY_REASON_BAD_HEADER;
	it->data_at = it->udp_at + 8;
	it->data = it->datagram - 8;
	if (it->dst.port == world->turn_port)
		return take_channel_data(it);
	if (it->dst.port >= world->relay_port_min && it->dst.port <= world->relay_port_max)
		return RELAYED;
	return RELAY_REASON_NOT_TURN;
}

static enum relay_reason dissect(const struct world *world, struct dissected *it)
{
	enum relay_reason reason;
	uint16_t ethertype = 0;

	reason = take_ethernet(it, &ethertype);
	if (reason != RELAYED)
		return reason;
	if (ethertype == ETHERTYPE_IPV4)
		reason = take_ipv4(world, it);
	else if (ethertype == ETHERTYPE_IPV6)
		reason = take_ipv6(world, it);
	else
		return ethertype == ETHERTYPE_ARP ? RELAY_REASON_ARP : RELAY_REASON_NOT_IP;
	return reason == RELAYED ? take_udp(world, it) : reason;
}

/* "c4-p6" and the like, looked up by its name. */
static enum relay_path path_called(char in, bool in_is_v4, char out, bool out_is_v4)
{
	char name[] = { in, in_is_v4 ? '4' : '6', '-', out, out_is_v4 ? '4' : '6', 0 };
	enum relay_path path;

	for (path = 0; path < RELAY_PATH_COUNT; path++)
		if (!strcmp(name, world_path_name(path)))
			break;
	return path;
}

static const struct event_binding *find_counterpart(const struct world *world,
						    const struct event_binding *binding)
{
	size_t i;

	for (i = 0; i < WORLD_BINDINGS; i++)
		if (wire_same_endpoint(&world->bindings[i].relayed, &binding->peer) &&
		    wire_same_endpoint(&world->bindings[i].peer, &binding->relayed))
			return &world->bindings[i];
	return NULL;
}

static enum relay_reason from_client(const struct world *world, const struct event_binding *binding,
				     struct outcome *ret)
{
	const struct event_binding *other = find_counterpart(world, binding);
	bool in_is_v4 = wire_is_v4(&binding->client.ip);

	if (other) {
		ret->src = other->server;
		ret->dst = other->client;
		ret->channel = other->channel;
		ret->path = path_called('c', in_is_v4, 'c', wire_is_v4(&other->client.ip));
		return RELAYED;
	}
	if (world_is_own(world, &binding->peer.ip))
		return RELAY_REASON_NO_BINDING;
	ret->src = binding->relayed;
	ret->dst = binding->peer;
	ret->channel = 0;
	ret->path = path_called('c', in_is_v4, 'p', wire_is_v4(&binding->peer.ip));
	return RELAYED;
}

static enum relay_reason find_outcome(const struct world *world, const struct dissected *it,
				      struct outcome *ret)
{
	const struct event_binding *binding;
	size_t i;

	for (i = 0; i < WORLD_BINDINGS; i++) {
		binding = &world->bindings[i];
		if (it->is_channel) {
			if (it->channel == binding->channel &&
			    wire_same_endpoint(&it->src, &binding->client) &&
			    wire_same_endpoint(&it->dst, &binding->server))
				return from_client(world, binding, ret);
		} else if (wire_same_endpoint(&it->src, &binding->peer) &&
			   wire_same_endpoint(&it->dst, &binding->relayed)) {
			ret->src = binding->server;
			ret->dst = binding->client;
			ret->channel = binding->channel;
			ret->path = path_called('p', it->is_v4, 'c', wire_is_v4(&ret->dst.ip));
			return RELAYED;
		}
	}
	return RELAY_REASON_NO_BINDING;
}

static uint8_t hops_left(const struct dissected *it)
{
	return it->frame[it->ip_at + (it->is_v4 ? 8 : 7)];
}

static uint8_t traffic_class(const struct dissected *it)
{
	const uint8_t *ip = it->frame + it->ip_at;

	return it->is_v4 ? ip[1] : (uint8_t)(wire_get16(ip) >> 4);
}

static uint16_t udp_sum_field(const struct dissected *it)
{
	return wire_get16(it->frame + it->udp_at + 6);
}

/* Over pseudo-header and datagram; SUM_GOOD if nothing happened to it. */
static uint16_t udp_sum_over_all(const struct dissected *it)
{
	return wire_fold(wire_sum(it->frame + it->udp_at, it->datagram,
				  wire_pseudo_sum(it->frame + it->ip_at, it->datagram)));
}

static bool is_unfinished(const struct dissected *it)
{
	return udp_sum_field(it) &&
	       udp_sum_field(it) == wire_fold(wire_pseudo_sum(it->frame + it->ip_at, it->datagram));
}

/* What the field must be so that the sum over all is what it was on the way in: a good frame leaves
 * good, and one that was damaged before it came cannot leave as if it were good. */
static uint16_t sum_field_for(uint32_t rest, uint16_t over_all)
{
	return (uint16_t)(0xffff ^ wire_fold(rest + (0xffffu ^ over_all)));
}

static void put_ipv4(uint8_t *ip, const struct dissected *it, const struct outcome *out,
		     size_t length)
{
	const uint8_t *old = it->frame + it->ip_at;
	uint16_t over_all = SUM_GOOD;

	ip[0] = 0x45;
	ip[1] = traffic_class(it);
	wire_put16(ip + 2, (uint32_t)length);
	wire_put16(ip + 4, it->is_v4 ? wire_get16(old + 4) : 0);
	wire_put16(ip + 6, it->is_v4 ? wire_get16(old + 6) : 0x4000u);
	ip[8] = (uint8_t)(hops_left(it) - 1);
	ip[9] = IPPROTO_UDP;
	wire_put16(ip + 10, 0);
	memcpy(ip + 12, out->src.ip.s6_addr + 12, 4);
	memcpy(ip + 16, out->dst.ip.s6_addr + 12, 4);
	if (it->is_v4)
		over_all = wire_fold(wire_sum(old, 20, 0));
	wire_put16(ip + 10, sum_field_for(wire_sum(ip, 20, 0), over_all));
}

static void put_ipv6(uint8_t *ip, const struct dissected *it, const struct outcome *out,
		     size_t length)
{
	uint32_t flow_label = it->is_v4 ? 0 : wire_get32(it->frame + it->ip_at) & 0xfffff;

	wire_put32(ip, 6u << 28 | (uint32_t)traffic_class(it) << 20 | flow_label);
	wire_put16(ip + 4, (uint32_t)length - 40);
	ip[6] = IPPROTO_UDP;
	ip[7] = (uint8_t)(hops_left(it) - 1);
	memcpy(ip + 8, &out->src.ip, 16);
	memcpy(ip + 24, &out->dst.ip, 16);
}

static void put_udp_sum(const struct world *world, const struct dissected *it, uint8_t *ip,
			uint8_t *udp, size_t datagram)
{
	uint32_t pseudo = wire_pseudo_sum(ip, datagram);
	uint16_t over_all = is_unfinished(it) ? SUM_GOOD : udp_sum_over_all(it), field;

	if (!udp_sum_field(it))
		return;
	if (is_unfinished(it) && world->generic) {
		wire_put16(udp + 6, wire_fold(pseudo));
		return;
	}
	field = sum_field_for(wire_sum(udp, datagram, pseudo), over_all);
	wire_put16(udp + 6, field ? field : 0xffff);
}

static void build(const struct world *world, const struct dissected *it, const struct outcome *out,
		  const struct mac *next, struct octets *ret)
{
	bool is_v4 = wire_is_v4(&out->dst.ip);
	size_t datagram = 8 + (out->channel ? 4u : 0u) + it->data;
	uint8_t *ip = ret->at + it->ip_at;
	uint8_t *udp = ip + (is_v4 ? 20 : 40);
	uint8_t *at = udp + 8;

	memcpy(ret->at, next->octet, 6);
	memcpy(ret->at + 6, it->frame, 6);
	memcpy(ret->at + 12, it->frame + 12, it->ip_at - 14);
	wire_put16(ip - 2, is_v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	if (is_v4)
		put_ipv4(ip, it, out, 20 + datagram);
	else
		put_ipv6(ip, it, out, 40 + datagram);
	wire_put16(udp, out->src.port);
	wire_put16(udp + 2, out->dst.port);
	wire_put16(udp + 4, (uint32_t)datagram);
	wire_put16(udp + 6, 0);
	if (out->channel) {
		wire_put16(at, out->channel);
		wire_put16(at + 2, (uint32_t)it->data);
		at += 4;
	}
	memcpy(at, it->frame + it->data_at, it->data);
	put_udp_sum(world, it, ip, udp, datagram);
	ret->length = (size_t)(udp + datagram - ret->at);
}

bool reference_is_plain(const struct world *world, const struct octets *in)
{
	struct dissected it = { .frame = in->at, .length = in->length };
	const struct mac *from;

	if (dissect(world, &it) != RELAYED || it.ip_at != 14 || it.ip_at + it.ip_length < it.length)
		return false;
	from = world_mac(world, &it.src.ip, 0);
	return from && !memcmp(from->octet, in->at + 6, sizeof(from->octet)) &&
	       it.data_at + it.data == it.length && it.length >= it.udp_at + 12 &&
	       !is_unfinished(&it);
}

enum relay_reason reference_relay(const struct world *world, const struct octets *in,
				  struct octets *ret, enum relay_path *ret_path)
{
	struct dissected it = { .frame = in->at, .length = in->length };
	enum relay_reason reason = dissect(world, &it);
	struct outcome out = { 0 };
	const struct mac *next;
	size_t length;

	if (reason == RELAYED)
		reason = find_outcome(world, &it, &out);
	if (reason != RELAYED)
		return reason;
	if (hops_left(&it) <= 1)
		return RELAY_REASON_TTL;
	if (!udp_sum_field(&it) && !(it.is_v4 && wire_is_v4(&out.dst.ip)))
		return RELAY_REASON_NO_CHECKSUM;
	length = (wire_is_v4(&out.dst.ip) ? 20u : 40u) + 8 + (out.channel ? 4u : 0u) + it.data;
	if (length > world->mtu)
		return RELAY_REASON_TOO_BIG;
	if (it.is_v4 && !wire_is_v4(&out.dst.ip) &&
	    wire_fold(wire_sum(in->at + it.ip_at, 20, 0)) != SUM_GOOD)
		return RELAY_REASON_BAD_HEADER;
	next = world_mac(world, &out.dst.ip, it.vlan);
	if (!next)
		return RELAY_REASON_NO_MAC;
	if (!world->relaying)
		return RELAY_REASON_OBSERVING;
	if (world->generic && is_unfinished(&it) && udp_sum_over_all(&it) == SUM_GOOD)
		return RELAY_REASON_UNFINISHED;
	build(world, &it, &out, next, ret);
	*ret_path = out.path;
	return RELAYED;
}
