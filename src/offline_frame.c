/* SPDX-License-Identifier: BSD-2-Clause */
/* The relay's pure headers around a captured frame. */
#include "offline_frame.h"

#include <arpa/inet.h>
#include <string.h>

#include "../bpf/classify.h"
#include "../bpf/mac.h"
#include "../bpf/rewrite.h"
#include "../bpf/witness.h"

#define STUN_HEADER 20

/* What the capture cut off was there: only reading is bounded. */
static __u32 frame_length(const struct frame *frame)
{
	return *(const __u32 *)frame->context;
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

static bool header_sum_is_right(const struct offline_frame *frame)
{
	uint16_t words[IPV4_HEADER / 2];
	uint32_t sum = 0;

	memcpy(words, frame->network, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	return sum_fold(sum) == 0xffff;
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
	enum relay_reason reason;

	memcpy(session.dst, next, sizeof(session.dst));
	rewrite_plan(&packet, &session, address_is_v4(session.dst) ? 0 : RELAY_PATH_TO_V6,
		     &rewrite);
	reason = rewrite_check(&packet, &rewrite, mtu);
	/* IPv6 has no header checksum that could carry a wrong one on. */
	if (reason == RELAY_GO_ON && rewrite.old_is_v4 && !rewrite.new_is_v4 &&
	    !header_sum_is_right(frame))
		return RELAY_REASON_BAD_HEADER;
	return reason;
}

/* ---- learning -------------------------------------------------------------------------------- */

static void add_pair(const __be32 ip[4], uint64_t mac, enum relay_source source,
		     struct offline_pair *ret)
{
	memcpy(&ret->ip, ip, sizeof(ret->ip));
	ret->mac = mac_of(mac);
	ret->source = source;
}

size_t offline_frame_pairs(const struct offline_frame *frame,
			   struct offline_pair ret[OFFLINE_PAIRS])
{
	struct frame whole = { .end = (void *)frame->end };
	const void *network = frame->network;
	size_t count = 0;
	__u64 mac;
	__be32 ip[4];

	if (frame->ethertype == ETH_P_ARP && witness_arp(&whole, network, ip, &mac))
		add_pair(ip, mac, RELAY_SOURCE_ARP, &ret[count++]);
	if (!frame->has_ip)
		return count;
	if (frame->version == 6 && witness_nd(&whole, network, ip, &mac))
		add_pair(ip, mac, RELAY_SOURCE_NDP, &ret[count++]);
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
