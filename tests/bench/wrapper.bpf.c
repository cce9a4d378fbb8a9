/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a repeated test run honest. The kernel feeds each run with the output of the one before, so
 * this program first makes the frame what it was, or the next flow's, and then calls the program
 * under test. The head is moved back by a call that is made even if there is nothing to move, so
 * its price belongs to the wrapper, not to the program under test.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bench_abi.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct bench_plan plan;
struct bench_template templates[BENCH_FLOWS_MAX];
__u32 turn;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

static __always_inline int restore(struct xdp_md *context)
{
	const struct bench_template *template = &templates[turn & (BENCH_FLOWS_MAX - 1)];
	long length = (void *)(long)context->data_end - (void *)(long)context->data;
	__u64 *to;
	int i;

	turn = turn + 1 < plan.flows ? turn + 1 : 0;
	barrier_var(length); /* the verifier wants the difference of the pointers first */
	if (bpf_xdp_adjust_head(context, (int)length - (int)plan.length))
		return -1;
	to = (void *)(long)context->data;
	if ((void *)to + sizeof(*template) > (void *)(long)context->data_end)
		return 0;
	for (i = 0; i < BENCH_RESTORED / 8; i++)
		to[i] = template->words[i];
	return 0;
}

SEC("xdp.frags")
int wrapper(struct xdp_md *context)
{
	if (plan.restores && restore(context))
		return XDP_ABORTED;
	bpf_tail_call(context, &target, 0);
	return XDP_ABORTED;
}

/* Live frames: recycled pages hold what the last run left there. */
SEC("xdp.frags")
int generator(struct xdp_md *context)
{
	return restore(context) ? XDP_ABORTED : XDP_TX;
}

__u64 arrived;

SEC("xdp.frags")
int sink(struct xdp_md *context)
{
	(void)context;
	arrived++;
	return XDP_DROP;
}
