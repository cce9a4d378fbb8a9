/* SPDX-License-Identifier: BSD-2-Clause */
/* The host that answers from the TURN port, or else the one that something is sent to there. */
#include "offline_host.h"

#include <string.h>

static bool is_mac(const struct mac *a, const struct mac *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool offline_host_has_ip(const struct offline_host *host, const struct in6_addr *ip)
{
	for (size_t i = 0; i < host->ip_count; i++)
		if (IN6_ARE_ADDR_EQUAL(&host->ips[i], ip))
			return true;
	return false;
}

bool offline_host_sent(const struct offline_host *host, const struct offline_frame *frame)
{
	return host->has_mac && is_mac(&frame->src_mac, &host->mac);
}

void offline_host_add_ip(struct offline_host *host, const struct in6_addr *ip)
{
	if (!offline_host_has_ip(host, ip) && host->ip_count < MODEL_OWN_ADDRESSES)
		host->ips[host->ip_count++] = *ip;
}

/* Of the server and of its relayed addresses: a host that routes sends with many others. */
static bool is_server_port(const struct offline_ports *ports, uint16_t port)
{
	return port == ports->turn_port ||
	       (port >= ports->relay_port_min && port <= ports->relay_port_max);
}

void offline_host_survey(struct offline_host *host, const struct offline_frame *frame,
			 const struct offline_ports *ports)
{
	bool is_response = false;

	if (frame->has_ip && frame->ip_length > host->mtu)
		host->mtu = frame->ip_length;
	if (!frame->is_udp)
		return;
	if (!host->is_certain && offline_frame_is_stun(frame, &is_response) && is_response &&
	    frame->src.port == ports->turn_port) {
		host->mac = frame->src_mac;
		host->has_mac = host->is_certain = true;
		host->ip_count = 0;
	}
	if (!host->has_mac && frame->dst.port == ports->turn_port &&
	    !(frame->dst_mac.octet[0] & 1)) {
		host->mac = frame->dst_mac;
		host->has_mac = true;
	}
	if (!host->has_mac)
		return;
	if (is_mac(&frame->src_mac, &host->mac) && is_server_port(ports, frame->src.port))
		offline_host_add_ip(host, &frame->src.ip);
	if (is_mac(&frame->dst_mac, &host->mac) && frame->dst.port == ports->turn_port)
		offline_host_add_ip(host, &frame->dst.ip);
}
