/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way over the LAN to the relay's host and back, and nothing else: sends what is for the peer
 * on to the peer's MAC. The lab's MACs differ in their last byte only.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench_abi.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("xdp.frags")
int bounce(struct xdp_md *context)
{
	struct ethhdr *ethernet = (void *)(long)context->data;
	struct iphdr *ip = (void *)(ethernet + 1);

	if ((void *)(ip + 1) > (void *)(long)context->data_end ||
	    ethernet->h_proto != bpf_htons(ETH_P_IP) || ip->daddr != bpf_htonl(BENCH_LAN_PEER))
		return XDP_PASS;
	ethernet->h_source[ETH_ALEN - 1] = BENCH_LAN_RELAY_MAC;
	ethernet->h_dest[ETH_ALEN - 1] = BENCH_LAN_PEER_MAC;
	return XDP_TX;
}
