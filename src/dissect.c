/* SPDX-License-Identifier: BSD-2-Clause */
/* Layer by layer; every step checks the length that it needs. */
#include "dissect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "stun.h"

#define ETHERNET_HEADER 14
#define VLAN_TAG 4
#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8
#define ARP_BODY 28
#define CHANNEL_HEADER 4
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define DONT_FRAGMENT 0x4000
#define MORE_FRAGMENTS 0x2000
#define OFFSET_MASK 0x1fff
#define VLAN_ID 0x0fff
#define TEXT_SHOWN 48

/* What is there of the frame. */
struct bytes {
	const uint8_t *at;
	size_t count;
	struct dissection *out;
};

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static bool has(const struct bytes *bytes, size_t offset, size_t count)
{
	return offset <= bytes->count && count <= bytes->count - offset;
}

__attribute__((format(printf, 5, 6))) static struct dissect_line *add(const struct bytes *bytes,
								      size_t offset, size_t length,
								      const char *label,
								      const char *format, ...)
{
	struct dissection *out = bytes->out;
	struct dissect_line *line;
	va_list arguments;

	if (out->count < DISSECT_LINES)
		out->count++;
	line = &out->lines[out->count - 1];
	memset(line, 0, sizeof(*line));
	line->offset = (uint16_t)offset;
	line->length = (uint16_t)length;
	snprintf(line->label, sizeof(line->label), "%s", label);
	va_start(arguments, format);
	vsnprintf(line->text, sizeof(line->text), format, arguments);
	va_end(arguments);
	return line;
}

/* ---- Ethernet to UDP ------------------------------------------------------------------------- */

static bool is_tag(uint16_t ethertype)
{
	return ethertype == 0x8100 || ethertype == 0x88a8;
}

static const char *ethertype_name(uint16_t ethertype)
{
	switch (ethertype) {
	case ETHERTYPE_IPV4: return "IPv4";
	case ETHERTYPE_IPV6: return "IPv6";
	case ETHERTYPE_ARP: return "ARP";
	case 0x88cc: return "LLDP";
	default: return is_tag(ethertype) ? "VLAN" : "?";
	}
}

static bool take_ethernet(const struct bytes *bytes)
{
	struct dissection *out = bytes->out;
	char from[FORMAT_MAC_SIZE], to[FORMAT_MAC_SIZE];
	struct mac src, dst;

	if (!has(bytes, 0, ETHERNET_HEADER))
		return false;
	memcpy(&dst, bytes->at, sizeof(dst));
	memcpy(&src, bytes->at + 6, sizeof(src));
	out->ethertype = read16(bytes->at + 12);
	add(bytes, 0, ETHERNET_HEADER, "Ethernet", "%s > %s, type 0x%04x %s",
	    format_mac(from, sizeof(from), &src), format_mac(to, sizeof(to), &dst), out->ethertype,
	    ethertype_name(out->ethertype));
	out->l3 = ETHERNET_HEADER;
	for (int tags = 0; tags < 2 && is_tag(out->ethertype); tags++) {
		uint16_t tag;

		if (!has(bytes, out->l3, VLAN_TAG))
			return false;
		tag = read16(bytes->at + out->l3);
		out->ethertype = read16(bytes->at + out->l3 + 2);
		add(bytes, out->l3, VLAN_TAG, "VLAN", "id %u, priority %u, type 0x%04x %s",
		    tag & VLAN_ID, tag >> 13, out->ethertype, ethertype_name(out->ethertype));
		out->l3 = (uint16_t)(out->l3 + VLAN_TAG);
	}
	out->has_ethernet = true;
	return true;
}

static struct in6_addr map_v4(const uint8_t *at)
{
	struct in6_addr ip = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	memcpy(ip.s6_addr + 12, at, 4);
	return ip;
}

static void take_arp(const struct bytes *bytes)
{
	size_t at = bytes->out->l3;
	char sender[FORMAT_IP_SIZE], target[FORMAT_IP_SIZE], mac_text[FORMAT_MAC_SIZE];
	struct in6_addr from, to;
	struct mac mac;

	if (!has(bytes, at, ARP_BODY) || read16(bytes->at + at + 2) != ETHERTYPE_IPV4)
		return;
	memcpy(&mac, bytes->at + at + 8, sizeof(mac));
	from = map_v4(bytes->at + at + 14);
	to = map_v4(bytes->at + at + 24);
	format_ip(sender, sizeof(sender), &from);
	format_ip(target, sizeof(target), &to);
	if (read16(bytes->at + at + 6) == 1)
		add(bytes, at, ARP_BODY, "ARP", "request: who has %s? tell %s at %s", target,
		    sender, format_mac(mac_text, sizeof(mac_text), &mac));
	else
		add(bytes, at, ARP_BODY, "ARP", "reply: %s is at %s", sender,
		    format_mac(mac_text, sizeof(mac_text), &mac));
}

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case 1: return "ICMP";
	case 2: return "IGMP";
	case 6: return "TCP";
	case 17: return "UDP";
	case 0: return "hop-by-hop options";
	case 43: return "routing header";
	case 44: return "fragment header";
	case 50: return "ESP";
	case 51: return "AH";
	case 58: return "ICMPv6";
	case 60: return "destination options";
	case 132: return "SCTP";
	default: return "?";
	}
}

static bool take_ipv4(const struct bytes *bytes)
{
	struct dissection *out = bytes->out;
	const uint8_t *ip = bytes->at + out->l3;
	char from[FORMAT_IP_SIZE], to[FORMAT_IP_SIZE], part[40] = "";
	struct in6_addr src, dst;

	if (!has(bytes, out->l3, IPV4_HEADER))
		return false;
	out->version = ip[0] >> 4;
	out->ip_header = (uint8_t)((ip[0] & 15) * 4);
	out->ip_length = read16(ip + 2);
	out->fragment = read16(ip + 6);
	out->ttl = ip[8];
	out->protocol = ip[9];
	src = map_v4(ip + 12);
	dst = map_v4(ip + 16);
	if (out->fragment & (MORE_FRAGMENTS | OFFSET_MASK))
		snprintf(part, sizeof(part), ", fragment at %u%s",
			 (out->fragment & OFFSET_MASK) * 8U,
			 out->fragment & MORE_FRAGMENTS ? ", more follow" : ", the last");
	add(bytes, out->l3, out->ip_header, "IPv4",
	    "%s > %s, TTL %u, length %" PRIu32 ", TOS 0x%02x, id 0x%04x%s%s, %s",
	    format_ip(from, sizeof(from), &src), format_ip(to, sizeof(to), &dst), out->ttl,
	    out->ip_length, ip[1], read16(ip + 4), out->fragment & DONT_FRAGMENT ? ", DF" : "",
	    part, protocol_name(out->protocol));
	if (out->ip_header > IPV4_HEADER)
		add(bytes, out->l3 + IPV4_HEADER, out->ip_header - IPV4_HEADER, "options",
		    "%d bytes, the first of type %u", out->ip_header - IPV4_HEADER,
		    has(bytes, out->l3 + IPV4_HEADER, 1) ? ip[IPV4_HEADER] : 0)
			->inner = true;
	return true;
}

static bool take_ipv6(const struct bytes *bytes)
{
	struct dissection *out = bytes->out;
	const uint8_t *ip = bytes->at + out->l3;
	char from[FORMAT_IP_SIZE], to[FORMAT_IP_SIZE];
	struct in6_addr src, dst;

	if (!has(bytes, out->l3, IPV6_HEADER))
		return false;
	out->version = ip[0] >> 4;
	out->ip_header = IPV6_HEADER;
	out->ip_length = IPV6_HEADER + (uint32_t)read16(ip + 4);
	out->protocol = ip[6];
	out->ttl = ip[7];
	memcpy(&src, ip + 8, sizeof(src));
	memcpy(&dst, ip + 24, sizeof(dst));
	add(bytes, out->l3, IPV6_HEADER, "IPv6", "%s > %s, hop limit %u, length %" PRIu32 ", %s",
	    format_ip(from, sizeof(from), &src), format_ip(to, sizeof(to), &dst), out->ttl,
	    out->ip_length, protocol_name(out->protocol));
	return true;
}

bool dissect_ip_is_sound(const struct dissection *frame)
{
	uint8_t version = frame->ethertype == ETHERTYPE_IPV4 ? 4 : 6;

	return frame->has_ip && frame->version == version && frame->ip_header >= IPV4_HEADER &&
	       frame->ip_length >= frame->ip_header &&
	       frame->l3 + frame->ip_length <= frame->length;
}

static bool take_udp(const struct bytes *bytes)
{
	struct dissection *out = bytes->out;
	const uint8_t *udp;
	bool later = out->version == 4 && out->fragment & OFFSET_MASK;

	out->l4 = (uint16_t)(out->l3 + out->ip_header);
	if (!dissect_ip_is_sound(out) || out->protocol != 17 || later ||
	    !has(bytes, out->l4, UDP_HEADER))
		return false;
	udp = bytes->at + out->l4;
	out->src_port = read16(udp);
	out->dst_port = read16(udp + 2);
	out->udp_length = read16(udp + 4);
	out->udp_check = read16(udp + 6);
	out->payload = (uint16_t)(out->l4 + UDP_HEADER);
	out->has_udp = true;
	add(bytes, out->l4, UDP_HEADER, "UDP", "%u > %u, length %u, checksum 0x%04x%s",
	    out->src_port, out->dst_port, out->udp_length, out->udp_check,
	    out->udp_check ? "" : ": none");
	return true;
}

/* ---- TURN ------------------------------------------------------------------------------------ */

static void put_text(const struct stun_attribute *attribute, char *buf, size_t size)
{
	char text[TEXT_SHOWN + 1];
	size_t length = attribute->length < TEXT_SHOWN ? attribute->length : TEXT_SHOWN;

	for (size_t i = 0; i < length; i++)
		text[i] = attribute->value[i] ? (char)attribute->value[i] : '?';
	text[length] = '\0';
	format_safe(buf, size, text);
}

static bool is_address(uint16_t type)
{
	return type == STUN_ATTRIBUTE_XOR_PEER_ADDRESS ||
	       type == STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS ||
	       type == STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS;
}

static bool is_text(uint16_t type)
{
	return type == STUN_ATTRIBUTE_USERNAME || type == STUN_ATTRIBUTE_REALM ||
	       type == STUN_ATTRIBUTE_NONCE || type == STUN_ATTRIBUTE_SOFTWARE;
}

static void put_attribute(const struct stun_attribute *attribute, const uint8_t *transaction,
			  char *buf, size_t size)
{
	const uint8_t *value = attribute->value;
	struct endpoint address;

	snprintf(buf, size, "%u bytes", attribute->length);
	if (is_address(attribute->type)) {
		if (!stun_xor_address(attribute, transaction, &address))
			format_endpoint(buf, size, &address);
	} else if (is_text(attribute->type)) {
		put_text(attribute, buf, size);
	} else if (attribute->length >= 4) {
		switch (attribute->type) {
		case STUN_ATTRIBUTE_CHANNEL_NUMBER:
			snprintf(buf, size, "0x%04x", read16(value));
			break;
		case STUN_ATTRIBUTE_LIFETIME:
			snprintf(buf, size, "%" PRIu32 " s",
				 (uint32_t)read16(value) << 16 | read16(value + 2));
			break;
		case STUN_ATTRIBUTE_ERROR_CODE:
			snprintf(buf, size, "%u", (value[2] & 7U) * 100 + value[3]);
			break;
		case STUN_ATTRIBUTE_REQUESTED_TRANSPORT:
			snprintf(buf, size, "%s", protocol_name(value[0]));
			break;
		case STUN_ATTRIBUTE_REQUESTED_ADDRESS_FAMILY:
			snprintf(buf, size, "%s", value[0] == 1 ? "IPv4" : "IPv6");
			break;
		default: break;
		}
	}
}

/* RFC 8489 section 5: the class is spread over the bits of the method. */
static void take_stun(const struct bytes *bytes, size_t available)
{
	const uint8_t *message = bytes->at + bytes->out->payload;
	uint16_t type = read16(message);
	uint16_t method = (uint16_t)((type & 0xf) | (type & 0xe0) >> 1 | (type & 0x3e00) >> 2);
	enum stun_class class = (enum stun_class)((type >> 4 & 1) | (type >> 7 & 2));
	size_t length = STUN_HEADER_LENGTH + (size_t)read16(message + 2);
	struct stun_attribute attribute;
	struct stun_cursor cursor;
	int error;

	bytes->out->has_stun = true;
	add(bytes, bytes->out->payload, STUN_HEADER_LENGTH, "STUN",
	    "%s %s, %zu bytes, transaction %02x%02x%02x%02x..", stun_method_name(method),
	    stun_class_name(class), length, message[8], message[9], message[10], message[11]);
	if (length > available)
		length = available;
	stun_cursor_init(&cursor, message, length);
	while (!(error = stun_cursor_next(&cursor, &attribute))) {
		char text[DISSECT_TEXT];

		put_attribute(&attribute, message + 8, text, sizeof(text));
		add(bytes, (size_t)(attribute.value - 4 - bytes->at), 4U + attribute.length,
		    stun_attribute_name(attribute.type), "%s", text)
			->inner = true;
	}
	if (error != -ENOENT)
		add(bytes, (size_t)(cursor.next - bytes->at), cursor.left, "...",
		    "the rest is cut off or broken")
			->inner = true;
}

static void take_channel(const struct bytes *bytes)
{
	struct dissection *out = bytes->out;
	const uint8_t *header = bytes->at + out->payload;
	int data = out->udp_length - UDP_HEADER - CHANNEL_HEADER;

	out->has_channel = true;
	out->channel = read16(header);
	out->channel_length = read16(header + 2);
	add(bytes, out->payload, CHANNEL_HEADER, "ChannelData",
	    "channel 0x%04x, length %u, %d bytes follow", out->channel, out->channel_length, data);
}

static void take_payload(const struct bytes *bytes, uint16_t turn_port)
{
	struct dissection *out = bytes->out;
	size_t available = bytes->count - out->payload, at = out->payload;
	const uint8_t *payload = bytes->at + out->payload;
	bool turn = out->src_port == turn_port || out->dst_port == turn_port;

	if (out->udp_length < UDP_HEADER)
		return;
	if (available > (size_t)out->udp_length - UDP_HEADER)
		available = (size_t)out->udp_length - UDP_HEADER;
	if (turn && available >= CHANNEL_HEADER && payload[0] >= 0x40 && payload[0] <= 0x7f) {
		take_channel(bytes);
		at += CHANNEL_HEADER;
		available -= CHANNEL_HEADER;
	} else if (available >= STUN_HEADER_LENGTH && !(payload[0] & 0xc0) &&
		   read16(payload + 4) == STUN_MAGIC_COOKIE >> 16 &&
		   read16(payload + 6) == (STUN_MAGIC_COOKIE & 0xffff)) {
		take_stun(bytes, available);
		return;
	}
	if (available)
		add(bytes, at, available, "data", "%zu bytes", available);
}

void dissect(const uint8_t *frame, size_t captured, uint32_t length, uint16_t turn_port,
	     struct dissection *ret)
{
	struct bytes bytes = { frame, captured, ret };

	memset(ret, 0, sizeof(*ret));
	ret->length = length;
	if (!take_ethernet(&bytes))
		return;
	if (ret->ethertype == ETHERTYPE_ARP)
		take_arp(&bytes);
	else if (ret->ethertype == ETHERTYPE_IPV4)
		ret->has_ip = take_ipv4(&bytes);
	else if (ret->ethertype == ETHERTYPE_IPV6)
		ret->has_ip = take_ipv6(&bytes);
	if (ret->has_ip && take_udp(&bytes))
		take_payload(&bytes, turn_port);
}
