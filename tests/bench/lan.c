/* SPDX-License-Identifier: BSD-2-Clause */
/* Measures each way over the LAN in turn, round by round. */
#include "lan.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan_hosts.h"

#define PHASE_S 1.0
#define WARM_UP_S 0.1
/* Datagrams a second; the server alone can still do them all. */
#define CALM_RATE 1000
#define LATENCY_RATE 20000
#define CPU_RATE 50000
/* What the server may still use while the program relays for it. */
#define SERVER_IDLES_NS (0.1e9 * PHASE_S)

/* One round of one way. */
struct sample {
	double kpps, loss, p50_us, calm_p50_us, cpu;
};

struct way_samples {
	struct sample rounds[HARNESS_ROUNDS_MAX];
};

static int measure_phases(struct lan *lan, struct sample *ret)
{
	struct load_result result;
	uint64_t cpu;
	/* The first frames are misses, and what they ask for is witnessed. */
	int error = load_run(&lan->load, CALM_RATE, WARM_UP_S, &result);

	if (!error)
		error = load_run(&lan->load, LOAD_FLOOD, PHASE_S, &result);
	ret->kpps = (double)result.received / result.seconds / 1e3;
	ret->loss = 1 - (double)result.received / (double)result.sent;
	if (!error)
		error = load_run(&lan->load, CALM_RATE, PHASE_S, &result);
	ret->calm_p50_us = result.p50_us;
	if (!error)
		error = load_run(&lan->load, LATENCY_RATE, PHASE_S, &result);
	ret->p50_us = result.p50_us;
	cpu = lan_cpu_ns(lan);
	if (!error)
		error = load_run(&lan->load, CPU_RATE, PHASE_S, &result);
	ret->cpu = 100 * (double)(lan_cpu_ns(lan) - cpu) / (result.seconds * 1e9);
	return error;
}

/* With the program, next to nothing may be left to the server, or something else is measured. */
static int measure_way(struct lan *lan, enum lan_way way, struct sample *ret, char *ret_error,
		       size_t size)
{
	uint64_t used = child_cpu_ns(lan->server.pid);
	int error = lan_open_way(lan, way);

	if (!error)
		error = measure_phases(lan, ret);
	used = child_cpu_ns(lan->server.pid) - used;
	lan_close_way(lan, way);
	if (!error && way == LAN_WITH && (double)used > SERVER_IDLES_NS)
		error = -EPROTO;
	if (error)
		snprintf(ret_error, size, "LAN, way %d, server %.0f ms: %s", (int)way,
			 (double)used / 1e6, strerror(-error));
	return error;
}

static struct spread spread_of(const struct sample *samples, unsigned int rounds, size_t offset)
{
	double values[HARNESS_ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < rounds; i++)
		memcpy(&values[i], (const char *)&samples[i] + offset, sizeof(double));
	return harness_spread(values, rounds);
}

static void conclude_way(const struct sample *samples, unsigned int rounds, struct lan_figures *ret)
{
	ret->kpps = spread_of(samples, rounds, offsetof(struct sample, kpps));
	ret->loss = spread_of(samples, rounds, offsetof(struct sample, loss));
	ret->p50_us = spread_of(samples, rounds, offsetof(struct sample, p50_us));
	ret->calm_p50_us = spread_of(samples, rounds, offsetof(struct sample, calm_p50_us));
	ret->cpu = spread_of(samples, rounds, offsetof(struct sample, cpu));
}

/* `from`: the way that is not extra. */
static double extra_cpu(const struct way_samples *ways, enum lan_way from, unsigned int i)
{
	double least = ways[from].rounds[i].cpu;

	return (ways[LAN_WITH].rounds[i].cpu - least) / (ways[LAN_WITHOUT].rounds[i].cpu - least);
}

static void conclude(const struct way_samples *ways, unsigned int rounds, struct lan_result *ret)
{
	double p50[HARNESS_ROUNDS_MAX], calm[HARNESS_ROUNDS_MAX];
	double cpu[HARNESS_ROUNDS_MAX], relay[HARNESS_ROUNDS_MAX];
	unsigned int i;
	int way;

	for (way = 0; way < LAN_WAYS; way++)
		conclude_way(ways[way].rounds, rounds, &ret->ways[way]);
	for (i = 0; i < rounds; i++) {
		p50[i] = ways[LAN_WITHOUT].rounds[i].p50_us / ways[LAN_WITH].rounds[i].p50_us;
		calm[i] = ways[LAN_WITHOUT].rounds[i].calm_p50_us /
			  ways[LAN_WITH].rounds[i].calm_p50_us;
		cpu[i] = extra_cpu(ways, LAN_DIRECT, i);
		relay[i] = extra_cpu(ways, LAN_BOUNCE, i);
	}
	ret->ratio_p50 = harness_spread(p50, rounds);
	ret->ratio_calm_p50 = harness_spread(calm, rounds);
	ret->ratio_cpu = harness_spread(cpu, rounds);
	ret->ratio_relay_cpu = harness_spread(relay, rounds);
}

/* Everybody may run everywhere, as on a host. */
static void unpin(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	sched_setaffinity(0, sizeof(set), &set);
}

int lan_measure(const char *program, unsigned int rounds, struct lan_result *ret, char *ret_error,
		size_t size)
{
	struct way_samples *ways = calloc(LAN_WAYS, sizeof(*ways));
	unsigned int i, way;
	struct lan lan;
	int error;

	if (!ways)
		return -ENOMEM;
	unpin();
	error = lan_up(&lan, program);
	if (error)
		snprintf(ret_error, size, "LAN: %s", strerror(-error));
	for (i = 0; i < rounds && !error; i++)
		for (way = 0; way < LAN_WAYS && !error; way++)
			error = measure_way(&lan, way, &ways[way].rounds[i], ret_error, size);
	if (!error)
		conclude(ways, rounds, ret);
	lan_down(&lan);
	free(ways);
	return error;
}
