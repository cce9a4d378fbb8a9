/* SPDX-License-Identifier: BSD-2-Clause */
/* The map entries behind a packet, as the model knows them now, in words. */
#include "explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format.h"

#define SECOND_NS INT64_C(1000000000)

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && !memcmp(&a->ip, &b->ip, sizeof(a->ip));
}

bool explain_is_of(const struct model_packet *packet, const struct model_binding *binding)
{
	if (!packet->has_ports)
		return false;
	if (packet->has_channel)
		return binding->channel == packet->channel &&
		       same_endpoint(&binding->client, &packet->src) &&
		       same_endpoint(&binding->server, &packet->dst);
	return same_endpoint(&binding->peer, &packet->src) &&
	       same_endpoint(&binding->relayed, &packet->dst);
}

const struct model_binding *explain_binding(const struct model *model,
					    const struct model_packet *packet, bool *ret_to_client)
{
	*ret_to_client = !packet->has_channel;
	for (size_t slot = 0; slot < model->binding_end; slot++)
		if (model->bindings[slot].used && explain_is_of(packet, &model->bindings[slot]))
			return &model->bindings[slot];
	return NULL;
}

const struct in6_addr *explain_next_hop(const struct model *model,
					const struct model_binding *binding, bool to_client)
{
	if (to_client)
		return &binding->client.ip;
	for (size_t slot = 0; slot < model->binding_end; slot++)
		if (model->bindings[slot].used &&
		    same_endpoint(&model->bindings[slot].relayed, &binding->peer))
			return &model->bindings[slot].client.ip;
	return &binding->peer.ip;
}

static const char *kernel_says(enum kernel_state kernel)
{
	switch (kernel) {
	case KERNEL_NONE: return "the kernel does not know it either";
	case KERNEL_SAME: return "the kernel agrees";
	case KERNEL_DIFFERENT: return "the kernel has another MAC";
	case KERNEL_INCOMPLETE: return "the kernel is asking";
	case KERNEL_FAILED: return "the kernel asked in vain";
	}
	return "";
}

void explain_neighbour(const struct model *model, const struct in6_addr *ip, uint16_t vlan,
		       char *buf, size_t size)
{
	const struct model_neighbour *row = model_find_neighbour(model, ip, vlan);
	char text[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE], age[FORMAT_NUMBER_SIZE];
	char kernel[48] = "";

	format_ip(text, sizeof(text), ip);
	if (row && !model->from_file)
		snprintf(kernel, sizeof(kernel), "; %s", kernel_says(row->kernel));
	if (!row)
		snprintf(buf, size, "%s is not in the map", text);
	else if (!row->witnessed)
		snprintf(buf, size, "%s was never witnessed%s", text, kernel);
	else
		snprintf(buf, size, "%s is at %s, witnessed %s ago%s%s", text,
			 format_mac(mac, sizeof(mac), &row->mac),
			 format_age(age, sizeof(age), model->now_ns - row->last_seen_ns),
			 row->evicted ? ", evicted" : "", kernel);
}

void explain_put_binding(const struct model *model, const struct model_binding *binding, char *buf,
			 size_t size)
{
	char client[FORMAT_ENDPOINT_SIZE], relayed[FORMAT_ENDPOINT_SIZE];
	char peer[FORMAT_ENDPOINT_SIZE], left[FORMAT_NUMBER_SIZE + 8] = "fixed";

	if (!binding->fixed)
		snprintf(left, sizeof(left), "%" PRId64 " s left",
			 (binding->expires_ns - model->now_ns) / SECOND_NS);
	snprintf(buf, size, "%s 0x%04x > %s > %s, %s",
		 format_endpoint(client, sizeof(client), &binding->client), binding->channel,
		 format_endpoint(relayed, sizeof(relayed), &binding->relayed),
		 format_endpoint(peer, sizeof(peer), &binding->peer), left);
}
