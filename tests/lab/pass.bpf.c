/* SPDX-License-Identifier: BSD-2-Clause */
/* Passes every frame: veth delivers what the far end sends by XDP_TX only to a port with a program.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int pass(struct xdp_md *context)
{
	(void)context;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
