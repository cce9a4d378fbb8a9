/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for the benchmark, built header by header, with full checksums. */
#include "frames.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <string.h>

static void put(struct frame_bytes *frame, const void *bytes, size_t size)
{
	memcpy(frame->data + frame->length, bytes, size);
	frame->length += (uint32_t)size;
}

static void put16(struct frame_bytes *frame, uint32_t value)
{
	uint16_t wire = htons((uint16_t)value);

	put(frame, &wire, sizeof(wire));
}

static void set16(struct frame_bytes *frame, uint32_t at, uint32_t value)
{
	frame->data[at] = (uint8_t)(value >> 8);
	frame->data[at + 1] = (uint8_t)value;
}

/* RFC 1071, in host order. */
static uint32_t sum_bytes(const uint8_t *bytes, size_t size, uint32_t sum)
{
	size_t i;

	for (i = 0; i < size; i++)
		sum += i & 1 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static const uint8_t *address(const struct endpoint *endpoint, size_t *ret_size)
{
	*ret_size = frame_is_v4(endpoint) ? 4 : 16;
	return endpoint->ip.s6_addr + 16 - *ret_size;
}

bool frame_is_v4(const struct endpoint *endpoint)
{
	return IN6_IS_ADDR_V4MAPPED(&endpoint->ip);
}

static uint32_t sum_pseudo(const struct endpoint *src, const struct endpoint *dst, uint32_t length)
{
	size_t size;
	const uint8_t *from = address(src, &size), *to = address(dst, &size);

	return sum_bytes(to, size, sum_bytes(from, size, IPPROTO_UDP + length));
}

static void put_ethernet(struct frame_bytes *frame, const struct frame_flow *flow,
			 const struct frame_oddities *oddities)
{
	int i;

	put(frame, flow->dst_mac.octet, ETH_ALEN);
	put(frame, flow->src_mac.octet, ETH_ALEN);
	for (i = 0; i < 2 && oddities->tags[i]; i++) {
		put16(frame, ETH_P_8021Q);
		put16(frame, oddities->tags[i]);
	}
	put16(frame, frame_is_v4(&flow->src) ? ETH_P_IP : ETH_P_IPV6);
}

static void put_ip(struct frame_bytes *frame, const struct frame_flow *flow,
		   const struct frame_oddities *oddities, uint32_t length)
{
	uint32_t start = frame->length;
	uint8_t protocol = oddities->protocol ? oddities->protocol : IPPROTO_UDP;
	uint8_t ttl = oddities->ttl ? oddities->ttl : 64;
	size_t size;
	const uint8_t *src = address(&flow->src, &size), *dst = address(&flow->dst, &size);

	if (size == 4) {
		put16(frame, 0x4500);
		put16(frame, length + 20);
		put16(frame, 0x1234); /* id */
		put16(frame, 0x4000); /* DF */
		put16(frame, (uint32_t)ttl << 8 | protocol);
		put16(frame, 0);
	} else {
		put16(frame, 0x6000);
		put16(frame, 0);
		put16(frame, length);
		put16(frame, (uint32_t)protocol << 8 | ttl);
	}
	put(frame, src, size);
	put(frame, dst, size);
	if (size == 4)
		set16(frame, start + 10, ~sum_bytes(frame->data + start, 20, 0));
}

static uint32_t udp_sum(const struct frame_flow *flow, const struct frame_oddities *oddities,
			const uint8_t *udp, uint32_t length)
{
	uint32_t pseudo = sum_pseudo(&flow->src, &flow->dst, length), check;

	if (oddities->sum == SUM_NONE)
		return 0;
	if (oddities->sum == SUM_UNFINISHED || oddities->sum == SUM_AMBIGUOUS)
		return pseudo;
	check = ~sum_bytes(udp, length, pseudo) & 0xffff;
	return check ? check : 0xffff;
}

/* Changes the first two bytes of data so that an unfinished checksum is the full one as well. */
static void complete(const struct frame_flow *flow, struct frame_bytes *frame, uint32_t udp,
		     uint32_t length)
{
	uint32_t data = udp + 8 + (flow->channel ? 4u : 0u);

	set16(frame, data, 0);
	set16(frame, data,
	      ~sum_bytes(frame->data + udp, length, sum_pseudo(&flow->src, &flow->dst, length)));
}

void frame_build(const struct frame_flow *flow, const struct frame_oddities *oddities,
		 uint32_t data_length, struct frame_bytes *ret)
{
	uint32_t length = 8 + (flow->channel ? 4u : 0u) + data_length;
	uint32_t udp, i;

	memset(ret, 0, sizeof(*ret));
	put_ethernet(ret, flow, oddities);
	put_ip(ret, flow, oddities, length);
	udp = ret->length;
	put16(ret, flow->src.port);
	put16(ret, flow->dst.port);
	put16(ret, length);
	put16(ret, 0);
	if (flow->channel) {
		put16(ret, flow->channel);
		put16(ret, data_length);
	}
	for (i = 0; i < data_length; i++)
		ret->data[ret->length++] = (uint8_t)(i * 7 + 1);
	set16(ret, udp + 6, udp_sum(flow, oddities, ret->data + udp, length));
	if (oddities->sum == SUM_AMBIGUOUS)
		complete(flow, ret, udp, length);
}

struct bench_template frame_template(const struct frame_bytes *frame)
{
	struct bench_template template;

	memcpy(template.words, frame->data, sizeof(template.words));
	return template;
}

static uint16_t last_of_key(const struct frame_flow *flow)
{
	return htons(flow->channel ? flow->channel : flow->dst.port);
}

struct bench_key4 frame_key4(const struct frame_flow *flow)
{
	struct bench_key4 key = {
		.remote_port = htons(flow->src.port),
		.channel_or_port = last_of_key(flow),
	};

	memcpy(&key.remote, flow->src.ip.s6_addr + 12, sizeof(key.remote));
	return key;
}

struct bench_key6 frame_key6(const struct frame_flow *flow)
{
	struct bench_key6 key = {
		.remote_port = htons(flow->src.port),
		.channel_or_port = last_of_key(flow),
	};

	memcpy(key.remote, &flow->src.ip, sizeof(key.remote));
	return key;
}

struct bench_out frame_out(const struct frame_flow *flow)
{
	struct bench_out out = {
		.src_port = htons(flow->out_src.port),
		.dst_port = htons(flow->out_dst.port),
		.channel = htons(flow->out_channel),
	};
	uint32_t old = sum_pseudo(&flow->src, &flow->dst, 0);
	uint32_t new = sum_pseudo(&flow->out_src, &flow->out_dst, 0);
	uint32_t old_ports = (uint32_t)flow->src.port + flow->dst.port;
	uint32_t new_ports = (uint32_t)flow->out_src.port + flow->out_dst.port;
	size_t size;
	const uint8_t *from = address(&flow->out_src, &size), *to = address(&flow->out_dst, &size);
	uint32_t l3 = new + (0xffff - old);
	uint32_t l4 = l3 + new_ports + 2 * 0xffff - old_ports;

	memcpy(out.src, from, size);
	memcpy(out.dst, to, size);
	out.l3_delta = htons((uint16_t)sum_bytes(NULL, 0, l3));
	out.l4_delta = htons((uint16_t)sum_bytes(NULL, 0, l4));
	return out;
}
