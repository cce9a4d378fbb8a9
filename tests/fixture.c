/* SPDX-License-Identifier: BSD-2-Clause */
/* Models filled by hand. */
#include "fixture.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "../src/model_internal.h"

struct in6_addr fixture_ip(const char *text)
{
	struct in6_addr ip = { 0 };
	char mapped[64];

	if (inet_pton(AF_INET6, text, &ip) == 1)
		return ip;
	snprintf(mapped, sizeof(mapped), "::ffff:%s", text);
	inet_pton(AF_INET6, mapped, &ip);
	return ip;
}

struct endpoint fixture_endpoint(const char *ip, uint16_t port)
{
	return (struct endpoint){ .ip = fixture_ip(ip), .port = port };
}

struct mac fixture_mac(uint8_t last)
{
	return (struct mac){ { 0x02, 0x89, 0x00, 0x00, 0x00, last } };
}

struct tally fixture_tally(uint64_t total, double rate)
{
	return (struct tally){ .total = total, .rate = rate };
}

struct model *fixture_idle(void)
{
	struct model *model = model_new(FIXTURE_NOW);

	if (!model)
		return NULL;
	snprintf(model->interface, sizeof(model->interface), "eth0");
	model->ifindex = 2;
	model->mode = "native";
	model->mode_reason = "the driver can";
	model->program_id = 1324;
	model->relaying = true;
	model->mac = fixture_mac(3);
	model->own[0] = fixture_ip("10.89.7.3");
	model->own[1] = fixture_ip("fd89::3");
	model->own_count = 2;
	model->mtu = 1500;
	model->link = LINK_UP;
	model->speed_mbit = 1000;
	model->turn_port = 3478;
	model->relay_port_min = 49152;
	model->relay_port_max = 65535;
	model->mac_entries = 65536;
	model->mac_ttl_s = 300;
	model->attached_ns = FIXTURE_NOW - 14 * FIXTURE_SECOND;
	model->last_counters_ns = FIXTURE_NOW;
	model->interval_s = 1;
	model->seen = model->relayed = model->relayed_bytes = fixture_tally(0, 0);
	model->misses = model->passed = model->repaired = model->lost = fixture_tally(0, 0);
	model->turn = model->bound = model->resolved = fixture_tally(0, 0);
	for (int i = 0; i < RELAY_REASON_COUNT; i++)
		model->reasons[i].count = fixture_tally(0, 0);
	return model;
}

struct model_neighbour *fixture_neighbour(struct model *model, const char *ip, uint8_t last_octet)
{
	struct in6_addr address = fixture_ip(ip);
	struct model_neighbour *row = model_row_new(model_private(model), &address, 0,
						    last_octet ? ROW_WITNESSED : ROW_WANTED);

	row->witnessed = last_octet;
	row->hits = row->misses = fixture_tally(0, 0);
	if (!last_octet) {
		row->first_missed_ns = FIXTURE_NOW - 38 * FIXTURE_SECOND;
		row->last_missed_ns = FIXTURE_NOW;
		return row;
	}
	model->entries++;
	row->mac = fixture_mac(last_octet);
	row->source = RELAY_SOURCE_ARP;
	row->first_seen_ns = FIXTURE_NOW - 251 * FIXTURE_SECOND;
	row->last_seen_ns = FIXTURE_NOW;
	row->shared = 1;
	return row;
}

struct model_binding *fixture_binding(struct model *model, uint16_t channel,
				      const struct endpoint *client, const struct endpoint *peer)
{
	struct model_binding *row = &model->bindings[model->binding_end];

	memset(row, 0, sizeof(*row));
	row->slot = (uint32_t)model->binding_end++;
	model->binding_count++;
	row->used = true;
	row->channel = channel;
	row->client = *client;
	row->peer = *peer;
	row->server = fixture_endpoint("10.89.7.3", 3478);
	row->relayed = fixture_endpoint("10.89.7.3", (uint16_t)(49160 + row->slot));
	row->bound_ns = FIXTURE_NOW - 190 * FIXTURE_SECOND;
	row->expires_ns = FIXTURE_NOW + 410 * FIXTURE_SECOND;
	return row;
}

struct model_packet *fixture_packet(struct model *model, enum relay_reason reason,
				    enum relay_class class, const struct endpoint *src,
				    const struct endpoint *dst)
{
	uint64_t id = model->packet_next++;
	struct model_packet *row = &model->packets[id % MODEL_PACKETS];

	memset(row, 0, sizeof(*row));
	row->id = id;
	row->time_ns = FIXTURE_NOW - (int64_t)(100 - id) * FIXTURE_SECOND / 10;
	row->reason = reason;
	row->class = class;
	row->length = 54;
	row->has_ip = row->has_ports = true;
	row->src = *src;
	row->dst = *dst;
	row->src_mac = fixture_mac(1);
	row->dst_mac = fixture_mac(3);
	return row;
}

static uint8_t *put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

void fixture_frame(struct model_packet *packet, uint16_t data)
{
	static const uint8_t ip[] = { 0x45, 0x00, 0, 0, 0x1a, 0x2b, 0x40, 0x00, 64, 17, 0, 0 };
	uint8_t *at = packet->frame;

	memcpy(at, &packet->dst_mac, 6);
	memcpy(at + 6, &packet->src_mac, 6);
	at = put16(at + 12, 0x0800);
	memcpy(at, ip, sizeof(ip));
	put16(at + 2, 20U + 8 + 4 + data);
	at += sizeof(ip);
	memcpy(at, packet->src.ip.s6_addr + 12, 4);
	memcpy(at + 4, packet->dst.ip.s6_addr + 12, 4);
	at = put16(at + 8, packet->src.port);
	at = put16(at, packet->dst.port);
	at = put16(at, 8U + 4 + data);
	at = put16(at, 0x9abc);
	at = put16(at, packet->channel);
	at = put16(at, data);
	for (uint16_t i = 0; i < data; i++)
		*at++ = (uint8_t)('a' + i % 26);
	packet->captured = (uint32_t)(at - packet->frame);
	packet->length = packet->captured;
}

static void fill_totals(struct model *model)
{
	model->attached_ns = FIXTURE_NOW - 252 * FIXTURE_SECOND;
	model->seen = fixture_tally(3121000, 12386);
	model->relayed = fixture_tally(2998000, 11900);
	model->relayed_bytes = fixture_tally(2470000000, 9800000);
	model->misses = fixture_tally(340, 9);
	model->passed = fixture_tally(123000, 486);
	model->turn = fixture_tally(3001000, 12300);
	model->bound = fixture_tally(2998400, 11909);
	model->resolved = fixture_tally(2998000, 11900);
}

static void fill_reason(struct model *model, enum relay_reason reason, enum relay_class class,
			uint64_t total, double rate)
{
	struct model_reason *row = &model->reasons[reason];

	row->count = fixture_tally(total, rate);
	row->class = class;
	row->since_ns = FIXTURE_NOW - 38 * FIXTURE_SECOND;
	row->last_ns = FIXTURE_NOW;
	for (uint32_t i = 0; i < MODEL_HISTORY; i++)
		row->history[i] = (uint32_t)(rate * i / MODEL_HISTORY);
}

static void fill_reasons(struct model *model)
{
	fill_reason(model, RELAY_REASON_NO_MAC, RELAY_CLASS_PROBLEM, 340, 9);
	fill_reason(model, RELAY_REASON_NO_BINDING, RELAY_CLASS_WARMING, 61, 2);
	fill_reason(model, RELAY_REASON_FRAGMENT, RELAY_CLASS_PROBLEM, 12, 0);
	fill_reason(model, RELAY_REASON_CONTROL, RELAY_CLASS_NORMAL, 118, 3);
	fill_reason(model, RELAY_REASON_NOT_TURN, RELAY_CLASS_NORMAL, 98123, 470);
	fill_reason(model, RELAY_REASON_ARP, RELAY_CLASS_NORMAL, 505, 2);
}

static void fill_router(struct model *model)
{
	for (int i = 0; i < 41; i++) {
		struct model_neighbour *row;
		char ip[32];

		snprintf(ip, sizeof(ip), i ? "198.51.100.%d" : "10.89.7.254", i);
		row = fixture_neighbour(model, ip, 0xfe);
		row->mac = (struct mac){ { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 } };
		row->shared = 41;
		row->last_seen_ns -= 3 * FIXTURE_SECOND;
		row->source = i ? RELAY_SOURCE_IP : RELAY_SOURCE_ARP;
		row->kernel = i ? KERNEL_NONE : KERNEL_SAME;
	}
}

static void fill_neighbours(struct model *model, const char *client, const char *peer,
			    const char *silent)
{
	struct model_neighbour *row = fixture_neighbour(model, client, 1);

	row->hits = fixture_tally(1500000, 6000);
	row->kernel = KERNEL_SAME;
	row = fixture_neighbour(model, peer, 9);
	row->hits = fixture_tally(1400000, 5900);
	row->last_seen_ns -= FIXTURE_SECOND;
	row->kernel = KERNEL_DIFFERENT;
	row->kernel_mac = row->previous = fixture_mac(2);
	row->moves = 3;
	row->last_moved_ns = FIXTURE_NOW - 14 * FIXTURE_SECOND;
	for (uint8_t i = 0; i < 3; i++)
		model->moved[model->move_next++] = (struct model_move){
			.time_ns = FIXTURE_NOW - (54 - 20 * i) * FIXTURE_SECOND,
			.ip = row->ip,
			.from = fixture_mac(i % 2 ? 9 : 2),
			.to = fixture_mac(i % 2 ? 2 : 9),
		};
	row = fixture_neighbour(model, silent, 0);
	row->misses = fixture_tally(340, 9);
	row->kernel = KERNEL_FAILED;
}

static void fill_bindings(struct model *model, const struct endpoint *client,
			  const struct endpoint *peer, const struct endpoint *silent)
{
	struct model_binding *row = fixture_binding(model, 0x4000, client, peer);

	row->to_peer.packets = fixture_tally(1500000, 5900);
	row->to_client.packets = fixture_tally(1400000, 5800);
	row->first_hit_ns = row->bound_ns + FIXTURE_SECOND / 5;
	row->state = BINDING_BOTH_WAYS;
	row = fixture_binding(model, 0x4001, client, silent);
	row->to_peer.packets = row->to_client.packets = fixture_tally(0, 0);
	row->to_peer.misses = fixture_tally(340, 9);
	row->state = BINDING_NO_MAC;
	row->state_since_ns = FIXTURE_NOW - 38 * FIXTURE_SECOND;
	row = fixture_binding(model, 0x4000, peer, client);
	row->to_peer.packets = row->to_client.packets = fixture_tally(0, 0);
	row->first_hit_ns = row->bound_ns + 9 * FIXTURE_SECOND / 10;
	row->expires_ns = FIXTURE_NOW + 31 * FIXTURE_SECOND;
	row->state = BINDING_EXPIRING;
}

static void fill_packets(struct model *model, const struct endpoint *client,
			 const struct endpoint *server, const struct in6_addr *missing)
{
	struct endpoint dns = fixture_endpoint("10.89.7.254", 53);
	struct endpoint unbound = *server;
	struct model_packet *row;

	unbound.port = 49199;
	row = fixture_packet(model, RELAY_REASON_NO_BINDING, RELAY_CLASS_WARMING, &dns, &unbound);
	row->length = 88;
	for (int i = 0; i < 20; i++)
		fixture_packet(model, RELAY_REASON_CONTROL, RELAY_CLASS_NORMAL, client, server);
	for (int i = 0; i < 60; i++) {
		row = fixture_packet(model, RELAY_REASON_NO_MAC, RELAY_CLASS_PROBLEM, client,
				     server);
		row->has_channel = row->has_missing = true;
		row->channel = 0x4001;
		row->missing = *missing;
		if (IN6_IS_ADDR_V4MAPPED(missing))
			fixture_frame(row, 8);
	}
	row = fixture_packet(model, RELAY_REASON_FRAGMENT, RELAY_CLASS_PROBLEM, client, server);
	row->has_ports = false;
	row->length = 1514;
}

static struct model *fill(const char *client_ip, const char *peer_ip, const char *silent_ip,
			  const char *server_ip)
{
	struct model *model = fixture_idle();
	struct endpoint client = fixture_endpoint(client_ip, 50000);
	struct endpoint peer = fixture_endpoint(peer_ip, 6000);
	struct endpoint silent = fixture_endpoint(silent_ip, 6000);
	struct endpoint server = fixture_endpoint(server_ip, 3478);

	if (!model)
		return NULL;
	fill_totals(model);
	fill_reasons(model);
	fill_neighbours(model, client_ip, peer_ip, silent_ip);
	fill_router(model);
	fill_bindings(model, &client, &peer, &silent);
	fill_packets(model, &client, &server, &silent.ip);
	return model;
}

struct model *fixture_warm(void)
{
	return fill("10.89.7.1", "10.89.7.2", "10.89.7.9", "10.89.7.3");
}

struct model *fixture_ipv6(void)
{
	return fill(
		"2001:db8:1234:5678:9abc:def0:1234:5671", "2001:db8:1234:5678:9abc:def0:1234:5672",
		"2001:db8:1234:5678:9abc:def0:1234:5679", "2001:db8:1234:5678:9abc:def0:1234:5673");
}
