/* SPDX-License-Identifier: BSD-2-Clause */
/* Live frames: two veth pairs, one with the relay at its far end, one with the swap. */
#include "live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cases.h"
#include "child.h"
#include "network.h"
#include "wrapper.skel.h"
#include "yardsticks.skel.h"

#define FRAMES 200000
#define WARM_UP (4 * LIVE_FLOWS)
#define BATCH 64
#define NEAR_RELAY "near0"
#define FAR_RELAY "far0"
#define NEAR_SWAP "near1"
#define FAR_SWAP "far1"
#define BINDING_SIZE 256

struct live {
	struct wrapper_bpf *wrapper;
	struct yardsticks_bpf *yardsticks;
	struct child program;
	struct frame_bytes frame;
	char bindings[LIVE_FLOWS][BINDING_SIZE];
};

static int make_pair(const char *near, const char *far)
{
	const struct mac *mac = &network_relay_mac;
	char address[18];
	char *add[] = { "ip",	"link", "add",	     (char *)near, "type",  "veth",
			"peer", "name", (char *)far, "address",	   address, NULL };
	char *near_up[] = { "ip", "link", "set", (char *)near, "up", NULL };
	char *far_up[] = { "ip", "link", "set", (char *)far, "up", NULL };
	int error;

	snprintf(address, sizeof(address), "%02x:%02x:%02x:%02x:%02x:%02x", mac->octet[0],
		 mac->octet[1], mac->octet[2], mac->octet[3], mac->octet[4], mac->octet[5]);
	error = child_run(add);
	if (!error)
		error = child_run(near_up);
	return error ? error : child_run(far_up);
}

static void print_endpoint(const struct endpoint *endpoint, char *text, size_t size)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, endpoint->ip.s6_addr + 12, ip, sizeof(ip));
	snprintf(text, size, "%s:%u", ip, endpoint->port);
}

static void print_binding(uint32_t i, char text[BINDING_SIZE])
{
	char client[32], server[32], relayed[32], peer[32];
	struct frame_flow flow;

	network_flow(RELAY_PATH_C4_P4, i, &flow);
	print_endpoint(&flow.src, client, sizeof(client));
	print_endpoint(&flow.dst, server, sizeof(server));
	print_endpoint(&flow.out_src, relayed, sizeof(relayed));
	print_endpoint(&flow.out_dst, peer, sizeof(peer));
	snprintf(text, BINDING_SIZE, "--binding=client=%s,channel=%u,relayed=%s,peer=%s,server=%s",
		 client, flow.channel, relayed, peer, server);
}

/* The screen, with a fixed binding for each flow. */
static int start_program(struct live *live, const char *program)
{
	char *argv[LIVE_FLOWS + 8] = { (char *)program, "--mode", "native", FAR_RELAY };
	uint32_t i, id;
	int tries;

	for (i = 0; i < LIVE_FLOWS; i++) {
		print_binding(i, live->bindings[i]);
		argv[4 + i] = live->bindings[i];
	}
	if (child_start(&live->program, argv, true))
		return -errno;
	for (tries = 0; tries < 200; tries++) {
		if (!bpf_xdp_query_id((int)if_nametoindex(FAR_RELAY), 0, &id) && id)
			return 0;
		usleep(50000);
	}
	return -ETIMEDOUT;
}

static int attach(const char *interface, const struct bpf_program *program)
{
	return bpf_xdp_attach((int)if_nametoindex(interface), bpf_program__fd(program),
			      XDP_FLAGS_DRV_MODE, NULL);
}

/* Frames to the peers; the peers have said something before. */
static void load_frames(struct live *live, bool way_back)
{
	struct frame_oddities none = {};
	struct frame_flow flow;
	uint32_t i;

	for (i = 0; i < LIVE_FLOWS; i++) {
		if (way_back)
			network_way_back(RELAY_PATH_C4_P4, i, &flow);
		else
			network_flow(RELAY_PATH_C4_P4, i, &flow);
		frame_build(&flow, &none, CASES_DATA, &live->frame);
		live->wrapper->bss->templates[i] = frame_template(&live->frame);
	}
	live->wrapper->bss->plan = (struct bench_plan){
		.flows = LIVE_FLOWS,
		.length = live->frame.length,
		.restores = 1,
	};
	live->wrapper->bss->turn = 0;
}

/* Returns Mpps, or a negative errno. */
static double run(struct live *live, const char *near, uint32_t frames)
{
	struct xdp_md context = {
		.data_end = live->frame.length,
		.ingress_ifindex = if_nametoindex(near),
	};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = live->frame.data,
		    .data_size_in = live->frame.length, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = (int)frames,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	struct timespec start, end;
	int error;

	live->wrapper->bss->arrived = 0;
	clock_gettime(CLOCK_MONOTONIC, &start);
	error = bpf_prog_test_run_opts(bpf_program__fd(live->wrapper->progs.generator), &opts);
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (error)
		return error;
	return frames * 1e3 /
	       ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec));
}

static int set_up(struct live *live, const char *program)
{
	int error = make_pair(NEAR_RELAY, FAR_RELAY);

	if (!error)
		error = make_pair(NEAR_SWAP, FAR_SWAP);
	if (error)
		return error;
	live->wrapper = wrapper_bpf__open_and_load();
	live->yardsticks = yardsticks_bpf__open_and_load();
	if (!live->wrapper || !live->yardsticks)
		return -errno;
	error = attach(NEAR_RELAY, live->wrapper->progs.sink);
	if (!error)
		error = attach(NEAR_SWAP, live->wrapper->progs.sink);
	if (!error)
		error = attach(FAR_SWAP, live->yardsticks->progs.swap);
	return error ? error : start_program(live, program);
}

/* What arrives in the same run through the relay and, as many again, through the swap. */
static int measure_round(struct live *live, double *ret_relay, double *ret_swap, double *ret_share)
{
	double relay, swap;

	relay = run(live, NEAR_RELAY, FRAMES);
	*ret_share = (double)live->wrapper->bss->arrived / FRAMES;
	swap = run(live, NEAR_SWAP, FRAMES);
	if (relay < 0 || swap < 0)
		return relay < 0 ? (int)relay : (int)swap;
	*ret_relay = relay * *ret_share;
	*ret_swap = swap * (double)live->wrapper->bss->arrived / FRAMES;
	return 0;
}

/* Until all come back: the program binds the flows after it has attached. */
static int warm_up(struct live *live)
{
	int tries;

	for (tries = 0; tries < 200; tries++) {
		load_frames(live, true);
		run(live, NEAR_RELAY, WARM_UP);
		load_frames(live, false);
		run(live, NEAR_RELAY, WARM_UP);
		if (live->wrapper->bss->arrived == WARM_UP)
			return 0;
		usleep(50000);
	}
	return -ETIMEDOUT;
}

static int measure(struct live *live, unsigned int rounds, struct live_result *ret)
{
	double relay[HARNESS_ROUNDS_MAX], swap[HARNESS_ROUNDS_MAX], ratio[HARNESS_ROUNDS_MAX];
	double share[HARNESS_ROUNDS_MAX];
	unsigned int i;
	int error;

	error = warm_up(live);
	if (error)
		return error;
	for (i = 0; i < rounds; i++) {
		error = measure_round(live, &relay[i], &swap[i], &share[i]);
		if (error)
			return error;
		ratio[i] = relay[i] / swap[i];
	}
	ret->mpps = harness_spread(relay, rounds);
	ret->swap_mpps = harness_spread(swap, rounds);
	ret->ratio = harness_spread(ratio, rounds);
	ret->returned = harness_spread(share, rounds).median;
	return 0;
}

int live_measure(const char *program, unsigned int rounds, struct live_result *ret, char *ret_error,
		 size_t size)
{
	struct live *live = calloc(1, sizeof(*live));
	int error;

	if (!live)
		return -ENOMEM;
	error = set_up(live, program);
	if (!error)
		error = measure(live, rounds, ret);
	if (error)
		snprintf(ret_error, size, "live frames: %s", strerror(-error));
	else if (ret->returned < 0.99)
		error = -EPROTO;
	if (error == -EPROTO)
		snprintf(ret_error, size, "live frames: only %.1f %% came back through the relay",
			 100 * ret->returned);
	child_stop(&live->program);
	wrapper_bpf__destroy(live->wrapper);
	yardsticks_bpf__destroy(live->yardsticks);
	free(live);
	return error;
}
