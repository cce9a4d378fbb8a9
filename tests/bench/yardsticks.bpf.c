/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the relay is measured against. No-op: the zero. Floor: what it takes to know that a frame is
 * UDP. Minimal relay: the least that any XDP relay must do for one path: the floor, one look-up,
 * the head, the headers, the checksums; no learning, no ageing, no counters, no further checks.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench_abi.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define CHANNEL_HEADER 4

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * BENCH_FLOWS_MAX);
	__type(key, struct bench_key4);
	__type(value, struct bench_out);
} flows4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * BENCH_FLOWS_MAX);
	__type(key, struct bench_key6);
	__type(value, struct bench_out);
} flows6 SEC(".maps");

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* RFC 1624: the checksum after `sum` was added to what it covers. */
static __always_inline __u16 updated(__u16 check, __u32 sum)
{
	return (__u16)~fold((__u16)~check + sum);
}

/* In halves: the kernel's struct ethhdr is read by the byte. */
struct ethernet {
	__u16 dst[3];
	__u16 src[3];
	__be16 type;
};

static __always_inline struct ethernet swapped(const struct ethernet *in)
{
	struct ethernet out = {
		.dst = { in->src[0], in->src[1], in->src[2] },
		.src = { in->dst[0], in->dst[1], in->dst[2] },
		.type = in->type,
	};

	return out;
}

/* Frames start two bytes before a multiple of four, so what is behind the Ethernet header is
 * aligned and can be read in words. */
struct frame4 {
	struct ethernet *ethernet;
	struct iphdr *ip;
	struct udphdr *udp;
	__be16 *channel;
	void *end;
};

struct frame6 {
	struct ethernet *ethernet;
	struct ipv6hdr *ip;
	struct udphdr *udp;
	__be16 *channel;
	void *end;
};

#define FRAME_AT(frame, context)                                   \
	do {                                                       \
		(frame)->ethernet = (void *)(long)(context)->data; \
		(frame)->ip = (void *)((frame)->ethernet + 1);     \
		(frame)->udp = (void *)((frame)->ip + 1);          \
		(frame)->channel = (void *)((frame)->udp + 1);     \
		(frame)->end = (void *)(long)(context)->data_end;  \
	} while (0)

static __always_inline int is_udp4(const struct frame4 *in)
{
	__u32 length;

	if ((void *)(in->udp + 1) > in->end || in->ethernet->type != bpf_htons(ETH_P_IP))
		return 0;
	length = bpf_ntohs(in->ip->tot_len);
	return in->ip->version == 4 && in->ip->ihl == 5 && in->ip->protocol == IPPROTO_UDP &&
	       !(in->ip->frag_off & bpf_htons(0x3fff)) && (void *)in->ip + length <= in->end &&
	       bpf_ntohs(in->udp->len) + sizeof(*in->ip) == length;
}

static __always_inline int is_udp6(const struct frame6 *in)
{
	if ((void *)(in->udp + 1) > in->end || in->ethernet->type != bpf_htons(ETH_P_IPV6))
		return 0;
	return in->ip->version == 6 && in->ip->nexthdr == IPPROTO_UDP &&
	       (void *)in->udp + bpf_ntohs(in->ip->payload_len) <= in->end &&
	       in->udp->len == in->ip->payload_len;
}

SEC("xdp.frags")
int noop(struct xdp_md *context)
{
	(void)context;
	return XDP_TX;
}

SEC("xdp.frags")
int swap(struct xdp_md *context)
{
	struct ethernet *ethernet = (void *)(long)context->data;

	if ((void *)(ethernet + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	*ethernet = swapped(ethernet);
	return XDP_TX;
}

SEC("xdp.frags")
int floor4(struct xdp_md *context)
{
	struct frame4 in;

	FRAME_AT(&in, context);
	if (!is_udp4(&in))
		return XDP_PASS;
	*in.ethernet = swapped(in.ethernet);
	return XDP_TX;
}

SEC("xdp.frags")
int floor6(struct xdp_md *context)
{
	struct frame6 in;

	FRAME_AT(&in, context);
	if (!is_udp6(&in))
		return XDP_PASS;
	*in.ethernet = swapped(in.ethernet);
	return XDP_TX;
}

/* The IPv4 header of the frame that leaves. */
static __always_inline struct iphdr next_ip4(const struct iphdr *in, const struct bench_out *to,
					     int grow)
{
	struct iphdr out = *in;
	__u16 length = bpf_htons(bpf_ntohs(in->tot_len) + grow);
	__u16 ttl = in->ttl | in->protocol << 8; /* one word of the checksum, little-endian */

	out.ttl--;
	out.tot_len = length;
	out.saddr = to->src[0];
	out.daddr = to->dst[0];
	out.check = updated(in->check, (__u32)to->l3_delta + length + (__u16)~in->tot_len +
					       (__u16)(ttl - 1) + (__u16)~ttl);
	return out;
}

static __always_inline struct ipv6hdr next_ip6(const struct ipv6hdr *in, const struct bench_out *to,
					       int grow)
{
	struct ipv6hdr out = *in;

	out.hop_limit--;
	out.payload_len = bpf_htons(bpf_ntohs(in->payload_len) + grow);
	__builtin_memcpy(&out.saddr, to->src, sizeof(to->src));
	__builtin_memcpy(&out.daddr, to->dst, sizeof(to->dst));
	return out;
}

/* `sum` is that of the ChannelData header that comes or goes. The UDP length counts twice: it is in
 * the pseudo-header, too. */
static __always_inline struct udphdr next_udp(const struct udphdr *in, const struct bench_out *to,
					      int grow, __u32 sum)
{
	struct udphdr out = {
		.source = to->src_port,
		.dest = to->dst_port,
		.len = bpf_htons(bpf_ntohs(in->len) + grow),
	};

	out.check = updated(in->check, sum + to->l4_delta + 2u * out.len + 2u * (__u16)~in->len);
	if (!out.check)
		out.check = 0xffff;
	return out;
}

/* Channel data comes, plain UDP leaves. */
#define MINIMAL_STRIP(name, frame, is_udp, next_ip, flows, key_of)                       \
	SEC("xdp.frags")                                                                 \
	int name(struct xdp_md *context)                                                 \
	{                                                                                \
		struct frame in, out;                                                    \
		struct ethernet ethernet;                                                \
		struct bench_out *to;                                                    \
                                                                                         \
		FRAME_AT(&in, context);                                                  \
		if (!is_udp(&in) || (void *)(in.channel + 2) > in.end ||                 \
		    bpf_ntohs(in.udp->len) !=                                            \
			    sizeof(*in.udp) + CHANNEL_HEADER + bpf_ntohs(in.channel[1])) \
			return XDP_PASS;                                                 \
		key_of(key, in.ip, in.udp, in.channel[0]);                               \
		to = bpf_map_lookup_elem(&flows, &key);                                  \
		if (!to)                                                                 \
			return XDP_PASS;                                                 \
		ethernet = swapped(in.ethernet);                                         \
		__typeof__(*in.ip) ip = next_ip(in.ip, to, -CHANNEL_HEADER);             \
		struct udphdr udp =                                                      \
			next_udp(in.udp, to, -CHANNEL_HEADER,                            \
				 (__u32)(__u16)~in.channel[0] + (__u16)~in.channel[1]);  \
		if (bpf_xdp_adjust_head(context, CHANNEL_HEADER))                        \
			return XDP_PASS;                                                 \
		FRAME_AT(&out, context);                                                 \
		if ((void *)(out.udp + 1) > out.end)                                     \
			return XDP_DROP;                                                 \
		*out.ethernet = ethernet;                                                \
		*out.ip = ip;                                                            \
		*out.udp = udp;                                                          \
		return XDP_TX;                                                           \
	}

/* Plain UDP comes, channel data leaves. */
#define MINIMAL_ADD(name, frame, is_udp, next_ip, flows, key_of)                           \
	SEC("xdp.frags")                                                                   \
	int name(struct xdp_md *context)                                                   \
	{                                                                                  \
		struct frame in, out;                                                      \
		struct ethernet ethernet;                                                  \
		struct bench_out *to;                                                      \
		__u16 length;                                                              \
                                                                                           \
		FRAME_AT(&in, context);                                                    \
		if (!is_udp(&in))                                                          \
			return XDP_PASS;                                                   \
		key_of(key, in.ip, in.udp, in.udp->dest);                                  \
		to = bpf_map_lookup_elem(&flows, &key);                                    \
		if (!to)                                                                   \
			return XDP_PASS;                                                   \
		ethernet = swapped(in.ethernet);                                           \
		length = bpf_htons(bpf_ntohs(in.udp->len) - sizeof(*in.udp));              \
		__typeof__(*in.ip) ip = next_ip(in.ip, to, CHANNEL_HEADER);                \
		struct udphdr udp =                                                        \
			next_udp(in.udp, to, CHANNEL_HEADER, (__u32)to->channel + length); \
		if (bpf_xdp_adjust_head(context, -CHANNEL_HEADER))                         \
			return XDP_PASS;                                                   \
		FRAME_AT(&out, context);                                                   \
		if ((void *)(out.channel + 2) > out.end)                                   \
			return XDP_DROP;                                                   \
		*out.ethernet = ethernet;                                                  \
		*out.ip = ip;                                                              \
		*out.udp = udp;                                                            \
		out.channel[0] = to->channel;                                              \
		out.channel[1] = length;                                                   \
		return XDP_TX;                                                             \
	}

#define KEY4(key, ip, udp, last) struct bench_key4 key = { (ip)->saddr, (udp)->source, (last) }
#define KEY6(key, ip, udp, last)                                                             \
	struct bench_key6 key = { .remote_port = (udp)->source, .channel_or_port = (last) }; \
	__builtin_memcpy(key.remote, &(ip)->saddr, sizeof(key.remote))

MINIMAL_STRIP(minimal_c4_p4, frame4, is_udp4, next_ip4, flows4, KEY4)
MINIMAL_ADD(minimal_p4_c4, frame4, is_udp4, next_ip4, flows4, KEY4)
MINIMAL_STRIP(minimal_c6_p6, frame6, is_udp6, next_ip6, flows6, KEY6)
MINIMAL_ADD(minimal_p6_c6, frame6, is_udp6, next_ip6, flows6, KEY6)
