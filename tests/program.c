/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the XDP program for the tests. */
#include "program.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <criterion/criterion.h>

#include "../bpf/mac.h"
#include "../bpf/relay_handle.h"
#include "cramp.skel.h"
#include "relay.skel.h"

#define CPUS 1024
#define DRAIN 4096
#define HEAT_TRIES 5

static void take_event(void *context, const struct event *event)
{
	struct program *program = context;

	if (program->event_count < PROGRAM_EVENTS)
		program->events[program->event_count] = *event;
	program->event_count++;
	program->type_counts[event->type]++;
	if (event->type == EVENT_COUNTERS)
		program->last_counters = event->counters;
	if (event->type != EVENT_PASSED_UP)
		return;
	program->captured.length =
		event->passed.captured < OCTETS_MAX ? event->passed.captured : OCTETS_MAX;
	memcpy(program->captured.at, event->passed.frame, program->captured.length);
}

void program_setup(const struct world *world, struct relay_setup *ret)
{
	struct relay_setup setup = {
		.turn_port = world->turn_port,
		.relay_port_min = world->relay_port_min,
		.relay_port_max = world->relay_port_max,
		.mac_ttl_s = 300,
		.mac_entries = 1024,
		.snaplen = RELAY_SNAPLEN_MAX,
		.relaying = world->relaying,
	};

	*ret = setup;
}

void program_open(const struct relay_setup *setup, struct program **ret)
{
	char error[RELAY_ERROR_SIZE] = "";
	struct program *program = calloc(1, sizeof(*program));
	int result;

	cr_assert(program);
	result = relay_load(setup, take_event, program, &program->relay, error, sizeof(error));
	cr_assert_eq(result, 0, "the program does not load (are you root?): %s", error);
	*ret = program;
}

void program_close(struct program *program)
{
	relay_bpf__destroy(program->short_way);
	relay_free(program->relay);
	free(program);
}

void program_bind(struct program *program, const struct event_binding *binding)
{
	struct event event = { .type = EVENT_BINDING_ADDED, .binding = *binding };

	cr_assert_eq(relay_apply_binding(program->relay, &event), 0);
}

void program_unbind(struct program *program, uint32_t slot)
{
	struct event event = { .type = EVENT_BINDING_REMOVED, .binding.slot = slot };

	cr_assert_eq(relay_apply_binding(program->relay, &event), 0);
}

void program_teach(struct program *program, const struct world *world, const struct in6_addr *ip,
		   uint16_t vlan, const struct mac *mac)
{
	struct frame_spec spec;
	struct octets in, out;

	packets_default(&spec);
	spec.to = world->own;
	spec.from = *mac;
	spec.tags = vlan ? 1 : 0;
	spec.tci[0] = vlan;
	spec.src.ip = *ip;
	spec.dst.ip = world->own_ips[wire_is_v4(ip) ? 0 : 1];
	spec.protocol = IPPROTO_TCP;
	packets_build(&spec, &in);
	cr_assert_eq(program_run(program, &in, &out), XDP_PASS);
}

void program_restore_neighbours(struct program *program, const struct world *world)
{
	size_t i;

	program_empty_neighbours(program);
	for (i = 0; i < world->host_count; i++)
		program_teach(program, world, &world->hosts[i].ip, world->hosts[i].vlan,
			      &world->hosts[i].mac);
	program_drain(program);
	program_forget_events(program);
	program_zero_counters(program);
}

void program_enter(struct program *program, const struct world *world)
{
	size_t i;

	relay_set_mac(program->relay, &world->own);
	relay_set_mtu(program->relay, world->mtu);
	program->relay->bpf->bss->live.generic = world->generic;
	for (i = 0; i < 2; i++)
		cr_assert_eq(relay_add_own_address(program->relay, &world->own_ips[i], false), 0);
	for (i = 0; i < WORLD_BINDINGS; i++)
		program_bind(program, &world->bindings[i]);
	program_restore_neighbours(program, world);
}

struct program *program_in(const struct world *world)
{
	struct relay_setup setup;
	struct program *program;

	program_setup(world, &setup);
	program_open(&setup, &program);
	program_enter(program, world);
	return program;
}

static int test_run(int fd, const struct octets *in, struct octets *ret)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->at, .data_size_in = (__u32)in->length,
		    .data_out = ret->at, .data_size_out = OCTETS_MAX);
	int error = bpf_prog_test_run_opts(fd, &opts);

	cr_assert_eq(error, 0, "a test run of %zu bytes: %s", in->length, strerror(-error));
	ret->length = opts.data_size_out;
	return (int)opts.retval;
}

int program_run(const struct program *program, const struct octets *in, struct octets *ret)
{
	return test_run(relay_program_fd(program->relay), in, ret);
}

int program_run_cramped(const struct program *program, const struct octets *in, uint32_t room,
			struct octets *ret)
{
	struct cramp_bpf *cramp = cramp_bpf__open_and_load();
	__u32 tested, zero = 0;
	int verdict;

	cr_assert(cramp);
	cramp->bss->spare = room;
	tested = (__u32)relay_program_fd(program->relay);
	cr_assert_eq(bpf_map__update_elem(cramp->maps.tested, &zero, sizeof(zero), &tested,
					  sizeof(tested), BPF_ANY),
		     0);
	verdict = test_run(bpf_program__fd(cramp->progs.cramp), in, ret);
	cramp_bpf__destroy(cramp);
	return verdict;
}

void program_repeat(const struct program *program, const struct octets *in, int count)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->at, .data_size_in = (__u32)in->length,
		    .repeat = count);
	int error = bpf_prog_test_run_opts(relay_program_fd(program->relay), &opts);

	cr_assert_eq(error, 0, "%s", strerror(-error));
	cr_assert_eq(opts.retval, XDP_PASS);
}

void program_counters(const struct program *program, struct relay_counters *ret)
{
	struct relay_counters per_cpu[CPUS];
	int cpus = libbpf_num_possible_cpus(), cpu;
	const __u64 *from;
	__u64 *to = (__u64 *)ret;
	__u32 zero = 0;
	size_t i;

	cr_assert(cpus > 0 && cpus <= CPUS);
	cr_assert_eq(bpf_map__lookup_elem(program->relay->bpf->maps.frame_counters, &zero,
					  sizeof(zero), per_cpu, (size_t)cpus * sizeof(*per_cpu),
					  0),
		     0);
	memset(ret, 0, sizeof(*ret));
	for (cpu = 0; cpu < cpus; cpu++) {
		from = (const __u64 *)&per_cpu[cpu];
		for (i = 0; i < sizeof(*ret) / sizeof(*to); i++)
			to[i] += from[i];
	}
}

void program_zero_counters(struct program *program)
{
	static const struct relay_counters zeros[CPUS];
	size_t size = (size_t)libbpf_num_possible_cpus() * sizeof(*zeros);
	__u32 zero = 0;

	cr_assert_eq(bpf_map__update_elem(program->relay->bpf->maps.frame_counters, &zero,
					  sizeof(zero), zeros, size, BPF_ANY),
		     0);
}

void program_session_counters(const struct program *program, uint32_t slot, bool to_client,
			      struct relay_session_counters *ret)
{
	struct relay_session_counters per_cpu[CPUS], sum = { 0 };
	int cpus = libbpf_num_possible_cpus(), cpu;
	__u32 index = 2 * slot + to_client;

	cr_assert_eq(bpf_map__lookup_elem(program->relay->bpf->maps.session_counters, &index,
					  sizeof(index), per_cpu, (size_t)cpus * sizeof(*per_cpu),
					  0),
		     0);
	for (cpu = 0; cpu < cpus; cpu++) {
		sum.packets += per_cpu[cpu].packets;
		sum.bytes += per_cpu[cpu].bytes;
		sum.misses += per_cpu[cpu].misses;
		if (per_cpu[cpu].last_used > sum.last_used)
			sum.last_used = per_cpu[cpu].last_used;
	}
	*ret = sum;
}

/* The one counter that tells what became of one frame, as RELAY_REASON_COUNT + path if relayed. */
static unsigned int moved_counter(const struct relay_counters *before,
				  const struct relay_counters *after)
{
	unsigned int found = UINT32_MAX, i;
	uint64_t moved = 0, by;

	for (i = 0; i < RELAY_REASON_COUNT + RELAY_PATH_COUNT; i++) {
		by = i < RELAY_REASON_COUNT ? after->passed[i] - before->passed[i]
					    : after->paths[i - RELAY_REASON_COUNT] -
						      before->paths[i - RELAY_REASON_COUNT];
		moved += by;
		if (by)
			found = i;
	}
	cr_assert_eq(moved, 1, "one frame, %lu counts", moved);
	return found;
}

enum relay_reason program_relay(struct program *program, const struct octets *in,
				struct octets *ret, enum relay_path *ret_path)
{
	struct relay_counters before, after;
	struct octets out;
	unsigned int moved;
	int verdict;

	program_counters(program, &before);
	verdict = program_run(program, in, &out);
	program_counters(program, &after);
	moved = moved_counter(&before, &after);
	if (moved < RELAY_REASON_COUNT) {
		cr_assert_eq(verdict, XDP_PASS, "%s is %d",
			     world_reason_name((enum relay_reason)moved), verdict);
		cr_assert_eq(out.length, in->length, "%s: %zu bytes became %zu",
			     world_reason_name((enum relay_reason)moved), in->length, out.length);
		cr_assert(!memcmp(out.at, in->at, in->length), "%s: the frame was changed",
			  world_reason_name((enum relay_reason)moved));
		cr_assert_eq(after.relayed_bytes, before.relayed_bytes);
		return (enum relay_reason)moved;
	}
	cr_assert_eq(verdict, XDP_TX, "relayed is %d", verdict);
	ret->length = out.length;
	memcpy(ret->at, out.at, out.length);
	*ret_path = (enum relay_path)(moved - RELAY_REASON_COUNT);
	return RELAY_REASON_COUNT;
}

/* The same program with the same maps, global variables among them, but nothing behind its tail
 * call: taking that away and putting it back for each frame would wait for RCU each time. */
static struct relay_bpf *open_short_way(const struct relay_bpf *bpf)
{
	struct relay_bpf *alone = relay_bpf__open();
	__u32 zero = 0;

	cr_assert(alone);
	alone->rodata->options = bpf->rodata->options;
	alone->rodata->cpu_count = bpf->rodata->cpu_count;
#define SHARE(map) cr_assert_eq(bpf_map__reuse_fd(alone->maps.map, bpf_map__fd(bpf->maps.map)), 0)
	SHARE(bss);
	SHARE(neighbours);
	SHARE(own_addresses);
	SHARE(to_peer);
	SHARE(to_client);
	SHARE(sessions);
	SHARE(session_counters);
	SHARE(frame_counters);
	SHARE(ring);
#undef SHARE
	cr_assert_eq(relay_bpf__load(alone), 0);
	cr_assert_eq(bpf_map__delete_elem(alone->maps.long_way, &zero, sizeof(zero), 0), 0);
	return alone;
}

bool program_relay_hot(struct program *program, const struct octets *in, struct octets *ret,
		       enum relay_path *ret_path)
{
	struct relay_counters before, after;
	int verdict;

	if (!program->short_way)
		program->short_way = open_short_way(program->relay->bpf);
	program_counters(program, &before);
	verdict = test_run(bpf_program__fd(program->short_way->progs.relay_xdp), in, ret);
	program_counters(program, &after);
	if (verdict == XDP_PASS) {
		cr_assert(ret->length == in->length && !memcmp(ret->at, in->at, in->length),
			  "the short way changed a frame that it does not relay");
		cr_assert(!memcmp(&before, &after, sizeof(before)), "and counted it");
		return false;
	}
	cr_assert_eq(verdict, XDP_TX);
	*ret_path = (enum relay_path)(moved_counter(&before, &after) - RELAY_REASON_COUNT);
	return true;
}

void program_heat(struct program *program, const struct octets *in, const char *what)
{
	enum relay_reason reason;
	enum relay_path path;
	struct octets out;
	int tries;

	for (tries = 0; tries < HEAT_TRIES; tries++) {
		reason = program_relay(program, in, &out, &path);
		cr_assert_eq(reason, RELAY_REASON_COUNT, "%s: %s", what, world_reason_name(reason));
		if (program_relay_hot(program, in, &out, &path))
			return;
	}
	cr_assert(false, "%s: never goes the short way", what);
}

int program_neighbour(const struct program *program, const struct in6_addr *ip, uint16_t vlan,
		      struct relay_neighbour *ret)
{
	struct relay_neighbour_key key = { .vlan = vlan };

	memcpy(key.ip, ip, sizeof(key.ip));
	return bpf_map__lookup_elem(program->relay->bpf->maps.neighbours, &key, sizeof(key), ret,
				    sizeof(*ret), 0);
}

bool program_knows(const struct program *program, const struct in6_addr *ip, uint16_t vlan,
		   const struct mac *mac)
{
	struct relay_neighbour known;

	return !program_neighbour(program, ip, vlan, &known) &&
	       (known.word & NEIGHBOUR_MAC_MASK) == mac_word(mac);
}

void program_age_neighbour(struct program *program, const struct in6_addr *ip, uint16_t vlan,
			   int64_t seconds, int64_t jiffies)
{
	struct relay_neighbour_key key = { .vlan = vlan };
	struct relay_neighbour known;

	memcpy(key.ip, ip, sizeof(key.ip));
	cr_assert_eq(program_neighbour(program, ip, vlan, &known), 0);
	cr_assert_eq(relay_snapshot(program->relay), 0);
	known.stamp = program->relay->jiffies - (uint64_t)(seconds * program->relay->hz + jiffies);
	program->relay->bpf->bss->generations[neighbour_slot(neighbour_hash(&key))]++;
	cr_assert_eq(bpf_map__update_elem(program->relay->bpf->maps.neighbours, &key, sizeof(key),
					  &known, sizeof(known), BPF_ANY),
		     0);
}

void program_empty_neighbours(struct program *program)
{
	const struct bpf_map *map = program->relay->bpf->maps.neighbours;
	struct relay_neighbour_key key;
	size_t slot;

	while (!bpf_map__get_next_key(map, NULL, &key, sizeof(key)))
		bpf_map__delete_elem(map, &key, sizeof(key), 0);
	/* Nor does a session carry one any longer. */
	for (slot = 0; slot < RELAY_GENERATIONS; slot++)
		program->relay->bpf->bss->generations[slot]++;
}

void program_drain(struct program *program)
{
	while (relay_drain(program->relay, DRAIN) == DRAIN)
		;
}

void program_forget_events(struct program *program)
{
	program->event_count = 0;
	memset(program->type_counts, 0, sizeof(program->type_counts));
}
