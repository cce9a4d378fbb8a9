/* SPDX-License-Identifier: BSD-2-Clause */
/* The relay's pure headers around a captured frame. */
#include "offline_frame.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <string.h>

#include "../bpf/classify.h"
#include "../bpf/rewrite.h"

#define STUN_HEADER 20
#define ARP_LENGTH 28 /* for IPv4 over Ethernet, RFC 826 */
#define ND_OPTIONS_MAX 4
#define ND_HOP_LIMIT 255

/* What the capture cut off was there: only reading is bounded. */
static __u32 frame_length(const struct frame *frame)
{
	return *(const __u32 *)frame->context;
}

static uint64_t mac_word(const struct mac *mac)
{
	uint16_t aligned[3];

	memcpy(aligned, mac->octet, sizeof(aligned));
	return mac_load(aligned);
}

static struct mac mac_of(uint64_t word)
{
	struct mac mac;
	uint16_t aligned[3];

	mac_store(aligned, word);
	memcpy(mac.octet, aligned, sizeof(mac.octet));
	return mac;
}

static void take_ports(const struct packet *packet, const struct frame *whole,
		       struct offline_frame *frame)
{
	uint32_t header = packet->version == 4 ? (frame->network[0] & 0xfu) * 4u : IPV6_HEADER;
	const uint8_t *at = frame->network + header;

	/* TCP has its ports in the same place. */
	if ((packet->protocol != IPPROTO_UDP && packet->protocol != IPPROTO_TCP) ||
	    packet->fragment & wire16(IPV4_OFFSET_MASK) || !frame_has(whole, at, 4))
		return;
	frame->has_ports = true;
	frame->src.port = (uint16_t)(at[0] << 8 | at[1]);
	frame->dst.port = (uint16_t)(at[2] << 8 | at[3]);
	if (packet->protocol != IPPROTO_UDP || packet->udp_length < UDP_HEADER)
		return;
	frame->is_udp = true;
	frame->payload = at + UDP_HEADER;
	frame->payload_length = (uint16_t)(packet->udp_length - UDP_HEADER);
}

void offline_frame_read(const uint8_t *bytes, uint32_t captured, uint32_t length,
			const struct offline_ports *ports, const struct mac *own,
			struct offline_frame *ret)
{
	struct relay_options options = { .turn_port = ports->turn_port,
					 .relay_port_min = ports->relay_port_min,
					 .relay_port_max = ports->relay_port_max };
	__u32 sent = length > captured ? length : captured;
	struct frame whole = { .data = (void *)bytes,
			       .end = (void *)(bytes + captured),
			       .context = &sent };
	struct relay_flow_key flow = { 0 };
	struct packet packet = { 0 };
	struct offline_frame frame = { .end = bytes + captured };

	frame.reason = classify(&options, &whole, mac_word(own), &packet, &flow);
	frame.src_mac = mac_of(packet.src_mac);
	frame.dst_mac = mac_of(packet.dst_mac);
	frame.ethertype = packet.ethertype;
	frame.vlan = packet.vlan;
	frame.network = bytes + packet.l3;
	frame.concerns_relay = packet.to_relay;
	frame.is_channel = packet.kind == PACKET_CHANNEL;
	frame.is_peer = packet.kind == PACKET_PEER;
	frame.channel = wire16(packet.channel);
	frame.data_length = packet.data_length;
	frame.version = packet.version;
	frame.ttl = packet.ttl;
	frame.has_checksum = packet.udp_check != 0;
	frame.ip_length = packet.length;
	if (packet.version) {
		frame.has_ip = true;
		memcpy(&frame.src.ip, flow.remote, sizeof(frame.src.ip));
		memcpy(&frame.dst.ip, flow.local, sizeof(frame.dst.ip));
		take_ports(&packet, &whole, &frame);
	}
	*ret = frame;
}

size_t offline_frame_payload_size(const struct offline_frame *frame)
{
	size_t there = (size_t)(frame->end - frame->payload);

	if (!frame->is_udp || frame->payload > frame->end)
		return 0;
	return there < frame->payload_length ? there : frame->payload_length;
}

/* RFC 8489 section 5: two zero bits, the class in bits 4 and 8 of the type, the cookie. */
bool offline_frame_is_stun(const struct offline_frame *frame, bool *ret_response)
{
	static const uint8_t cookie[4] = { 0x21, 0x12, 0xa4, 0x42 };
	const uint8_t *payload = frame->payload;

	if (offline_frame_payload_size(frame) < STUN_HEADER || payload[0] & 0xc0 ||
	    memcmp(payload + 4, cookie, sizeof(cookie)) != 0)
		return false;
	*ret_response = payload[0] & 1;
	return true;
}

enum relay_reason offline_frame_check(const struct offline_frame *frame,
				      const struct in6_addr *next, uint16_t channel, uint32_t mtu)
{
	struct packet packet = {
		.version = frame->version,
		.ttl = frame->ttl,
		.udp_check = frame->has_checksum,
		.data_length = frame->data_length,
		.kind = frame->is_channel ? PACKET_CHANNEL : PACKET_PEER,
	};
	struct relay_session session = { .channel = wire16(channel) };
	struct rewrite rewrite = { 0 };

	memcpy(session.dst, next, sizeof(session.dst));
	rewrite_plan(&packet, &session, address_is_v4(session.dst) ? 0 : RELAY_PATH_TO_V6,
		     &rewrite);
	return rewrite_check(&packet, &rewrite, mtu);
}

/* ---- learning -------------------------------------------------------------------------------- */

static bool has(const struct offline_frame *frame, const uint8_t *at, size_t size)
{
	return (size_t)(frame->end - at) >= size && at <= frame->end;
}

/* Sender fields of requests and replies. */
static bool read_arp(const struct offline_frame *frame, struct offline_pair *ret)
{
	static const uint8_t start[7] = { 0, 1, 8, 0, 6, 4, 0 };
	const uint8_t *arp = frame->network;

	if (!has(frame, arp, ARP_LENGTH) || memcmp(arp, start, sizeof(start)) != 0 ||
	    (arp[7] != 1 && arp[7] != 2))
		return false;
	*ret = (struct offline_pair){ .ip.s6_addr = { [10] = 0xff, [11] = 0xff },
				      .source = RELAY_SOURCE_ARP };
	memcpy(ret->mac.octet, arp + 8, sizeof(ret->mac.octet));
	memcpy(&ret->ip.s6_addr[12], arp + 14, 4);
	return true;
}

/* The link-layer address option: of the source, but of the target in advertisements (RFC 4861
 * section 4). A hop limit of 255 proves that it comes from this link. */
static bool read_nd(const struct offline_frame *frame, struct offline_pair *ret)
{
	const uint8_t *icmp = frame->network + IPV6_HEADER;
	const uint8_t *option = icmp + 8;
	uint8_t wanted = ND_OPT_SOURCE_LINKADDR;

	if (frame->version != 6 || frame->ttl != ND_HOP_LIMIT || !has(frame, icmp, 8) ||
	    frame->network[6] != IPPROTO_ICMPV6 || icmp[1] != 0)
		return false;
	ret->ip = frame->src.ip;
	ret->source = RELAY_SOURCE_NDP;
	switch (icmp[0]) {
	case ND_NEIGHBOR_ADVERT:
		if (!has(frame, option, 16))
			return false;
		wanted = ND_OPT_TARGET_LINKADDR;
		memcpy(&ret->ip, option, sizeof(ret->ip));
		option += 16;
		break;
	case ND_NEIGHBOR_SOLICIT: option += 16; break;
	case ND_ROUTER_ADVERT: option += 8; break;
	case ND_ROUTER_SOLICIT: break;
	default: return false;
	}
	if (IN6_IS_ADDR_V4MAPPED(&ret->ip))
		return false;
	for (int i = 0; i < ND_OPTIONS_MAX && has(frame, option, 8) && option[1]; i++) {
		if (option[0] == wanted) {
			memcpy(ret->mac.octet, option + 2, sizeof(ret->mac.octet));
			return true;
		}
		option += option[1] * 8;
	}
	return false;
}

size_t offline_frame_pairs(const struct offline_frame *frame,
			   struct offline_pair ret[OFFLINE_PAIRS])
{
	size_t count = 0;

	if (!frame->has_ip)
		return frame->ethertype == ETH_P_ARP && read_arp(frame, &ret[0]);
	count += read_nd(frame, &ret[0]);
	/* What is sent to many may have been relayed by others. */
	if (!(frame->dst_mac.octet[0] & 1))
		ret[count++] =
			(struct offline_pair){ frame->src.ip, frame->src_mac, RELAY_SOURCE_IP };
	return count;
}

enum relay_refusal offline_frame_refuse(const struct offline_pair *pair, const struct mac *own)
{
	__be32 ip[4];

	memcpy(ip, &pair->ip, sizeof(ip));
	return neighbour_refuse(ip, mac_word(&pair->mac), mac_word(own));
}
