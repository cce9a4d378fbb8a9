/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control of the LAN test: a relay that answers every frame to the MAC it came from. It knows
 * one binding of one IPv4 client, witnessed: the client from its first channel data, the relayed
 * port from the peer's first answer; so a session through it must lose data on a shared subnet.
 * With the right MACs put into `hops` the same program relays: the swap alone is what fails.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TURN_PORT 3478
#define PEER_PORT 3480
#define PEER_IP 0x0a5a001e /* 10.90.0.30 */

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

struct channel {
	__be16 number;
	__be16 length;
};

struct binding {
	__be32 client;
	__be32 server;
	__be16 client_port;
	__be16 relayed_port; /* 0 = not seen yet */
	__be16 channel;
	__be16 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct binding);
} bindings SEC(".maps");

/* MACs of the next hop: 0 = to the peer, 1 = to the client; first octet lowest, zero = swap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} hops SEC(".maps");

static __always_inline void ip_checksum(struct headers *out)
{
	const __u16 *words = (void *)out + sizeof(out->eth);
	__u32 sum = 0;

	out->ip.check = 0;
#pragma unroll
	for (int i = 0; i < 10; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	out->ip.check = (__u16)~sum;
}

static __always_inline void address(struct headers *out, const struct headers *in, __u32 direction,
				    __u16 length)
{
	__u64 *hop = bpf_map_lookup_elem(&hops, &direction);

	__builtin_memcpy(out->eth.h_source, in->eth.h_dest, ETH_ALEN);
	if (hop && *hop)
		__builtin_memcpy(out->eth.h_dest, hop, ETH_ALEN);
	else
		__builtin_memcpy(out->eth.h_dest, in->eth.h_source, ETH_ALEN);
	out->eth.h_proto = in->eth.h_proto;
	out->ip = in->ip;
	out->ip.tot_len = bpf_htons((__u16)(sizeof(out->ip) + sizeof(out->udp) + length));
	out->udp.len = bpf_htons((__u16)(sizeof(out->udp) + length));
	out->udp.check = 0;
}

static __always_inline int to_peer(struct xdp_md *context, const struct headers *in,
				   const struct binding *binding, __u16 length)
{
	struct headers *out;

	if (bpf_xdp_adjust_head(context, sizeof(struct channel)))
		return XDP_PASS;
	out = (void *)(long)context->data;
	if ((void *)(out + 1) > (void *)(long)context->data_end)
		return XDP_DROP;
	address(out, in, 0, length);
	out->ip.saddr = in->ip.daddr;
	out->ip.daddr = bpf_htonl(PEER_IP);
	out->udp.source = binding->relayed_port;
	out->udp.dest = bpf_htons(PEER_PORT);
	ip_checksum(out);
	return XDP_TX;
}

static __always_inline int to_client(struct xdp_md *context, const struct headers *in,
				     const struct binding *binding)
{
	__u16 length = (__u16)(bpf_ntohs(in->udp.len) - sizeof(in->udp));
	struct channel *channel;
	struct headers *out;

	if (bpf_xdp_adjust_head(context, -(int)sizeof(*channel)))
		return XDP_PASS;
	out = (void *)(long)context->data;
	channel = (void *)(out + 1);
	if ((void *)(channel + 1) > (void *)(long)context->data_end)
		return XDP_DROP;
	address(out, in, 1, (__u16)(length + sizeof(*channel)));
	out->ip.saddr = binding->server;
	out->ip.daddr = binding->client;
	out->udp.source = bpf_htons(TURN_PORT);
	out->udp.dest = binding->client_port;
	channel->number = binding->channel;
	channel->length = bpf_htons(length);
	ip_checksum(out);
	return XDP_TX;
}

static __always_inline int from_peer(struct xdp_md *context, const struct headers *in,
				     struct binding *binding)
{
	if (!binding->client_port)
		return XDP_PASS;
	if (!binding->relayed_port) {
		binding->relayed_port = in->udp.dest;
		return XDP_PASS;
	}
	return to_client(context, in, binding);
}

static __always_inline int from_client(struct xdp_md *context, const struct headers *in,
				       struct binding *binding, const struct channel *channel)
{
	__u16 length = bpf_ntohs(channel->length);

	if (bpf_ntohs(channel->number) >> 14 != 1)
		return XDP_PASS;
	binding->client = in->ip.saddr;
	binding->server = in->ip.daddr;
	binding->client_port = in->udp.source;
	binding->channel = channel->number;
	return binding->relayed_port ? to_peer(context, in, binding, length) : XDP_PASS;
}

SEC("xdp")
int swap(struct xdp_md *context)
{
	void *end = (void *)(long)context->data_end;
	struct headers *frame = (void *)(long)context->data;
	const struct channel *channel = (void *)(frame + 1);
	struct binding *binding;
	struct headers in;
	__u32 zero = 0;

	binding = bpf_map_lookup_elem(&bindings, &zero);
	if (!binding || (void *)(channel + 1) > end)
		return XDP_PASS;
	in = *frame;
	if (in.eth.h_proto != bpf_htons(ETH_P_IP) || in.ip.ihl != 5 || in.ip.version != 4 ||
	    in.ip.protocol != IPPROTO_UDP)
		return XDP_PASS;
	if (in.udp.source == bpf_htons(PEER_PORT))
		return from_peer(context, &in, binding);
	if (in.udp.dest == bpf_htons(TURN_PORT))
		return from_client(context, &in, binding, channel);
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
