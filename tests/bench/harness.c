/* SPDX-License-Identifier: BSD-2-Clause */
/* Measures programs by repeated test runs behind the wrapper. */
#include "harness.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "wrapper.skel.h"
#include "yardsticks.skel.h"

#define FRAMES_PER_RUN 50000u

/* The kernel's XDP_PACKET_HEADROOM, of which struct xdp_frame needs 40. */
#define TEST_RUN_HEADROOM (256u - 40u)

struct harness {
	struct wrapper_bpf *wrapper;
	struct yardsticks_bpf *yardsticks;
	const struct harness_case *loaded;
	int noop;
	bool restores;
};

int harness_new(struct harness **ret)
{
	struct harness *harness = calloc(1, sizeof(*harness));

	if (!harness)
		return -ENOMEM;
	harness->restores = true;
	harness->wrapper = wrapper_bpf__open_and_load();
	harness->yardsticks = yardsticks_bpf__open_and_load();
	if (!harness->wrapper || !harness->yardsticks) {
		int error = -errno;

		harness_free(harness);
		return error;
	}
	harness->noop = harness_yardstick(harness, "noop");
	*ret = harness;
	return 0;
}

void harness_free(struct harness *harness)
{
	if (!harness)
		return;
	wrapper_bpf__destroy(harness->wrapper);
	yardsticks_bpf__destroy(harness->yardsticks);
	free(harness);
}

int harness_yardstick(const struct harness *harness, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(harness->yardsticks->obj, name));
}

int harness_add_flow(struct harness *harness, const struct frame_flow *flow)
{
	struct bench_out out = frame_out(flow);
	struct bench_key4 key4 = frame_key4(flow);
	struct bench_key6 key6 = frame_key6(flow);

	if (frame_is_v4(&flow->src))
		return bpf_map__update_elem(harness->yardsticks->maps.flows4, &key4, sizeof(key4),
					    &out, sizeof(out), BPF_ANY);
	return bpf_map__update_elem(harness->yardsticks->maps.flows6, &key6, sizeof(key6), &out,
				    sizeof(out), BPF_ANY);
}

void harness_set_restore(struct harness *harness, bool restores)
{
	harness->restores = restores;
	harness->loaded = NULL;
}

static int64_t thread_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* `ret_ns`: CPU time of a frame. */
static int run(int program, uint32_t repeat, const struct frame_bytes *in,
	       struct frame_bytes *ret_out, uint32_t *ret_verdict, double *ret_ns)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->data, .data_size_in = in->length,
		    .data_out = ret_out->data, .data_size_out = sizeof(ret_out->data),
		    .repeat = (int)repeat);
	int64_t start = thread_ns();
	int error = bpf_prog_test_run_opts(program, &opts);

	*ret_ns = (double)(thread_ns() - start) / repeat;
	ret_out->length = opts.data_size_out;
	*ret_verdict = opts.retval;
	return error;
}

int harness_run_once(int program, const struct frame_bytes *in, struct frame_bytes *ret_out,
		     uint32_t *ret_verdict)
{
	double ns;

	return run(program, 1, in, ret_out, ret_verdict, &ns);
}

int harness_feed(struct harness_case *subject, uint32_t flows, harness_frame_fn *frame,
		 void *context)
{
	struct frame_bytes bytes;
	uint32_t i, verdict;
	int error;

	subject->templates = calloc(flows, sizeof(*subject->templates));
	if (!subject->templates)
		return -ENOMEM;
	for (i = 0; i < flows; i++) {
		frame(context, i, &bytes);
		subject->templates[i] = frame_template(&bytes);
		if (!i)
			subject->first = bytes;
	}
	subject->plan.flows = flows;
	subject->plan.length = bytes.length;
	subject->last = bytes;
	if (subject->verdict == XDP_PASS)
		return 0;
	error = harness_run_once(subject->program, &bytes, &subject->last, &verdict);
	if (error)
		return error;
	return verdict == subject->verdict ? 0 : -EPROTO;
}

void harness_cramp(struct harness_case *subject, uint32_t headroom)
{
	uint32_t taken = TEST_RUN_HEADROOM - headroom;

	/* The wrapper moves the head to where the whole frame begins. */
	subject->first.length -= taken;
	memmove(subject->first.data, subject->first.data + taken, subject->first.length);
}

struct bench_template *harness_share(const struct harness_case *subject)
{
	size_t size = subject->plan.flows * sizeof(*subject->templates);
	struct bench_template *copy = malloc(size);

	return copy ? memcpy(copy, subject->templates, size) : NULL;
}

void harness_case_done(struct harness_case *subject)
{
	free(subject->templates);
	subject->templates = NULL;
}

static void load(struct harness *harness, const struct harness_case *subject)
{
	if (harness->loaded == subject)
		return;
	harness->wrapper->bss->plan = subject->plan;
	harness->wrapper->bss->plan.restores = harness->restores;
	memcpy(harness->wrapper->bss->templates, subject->templates,
	       subject->plan.flows * sizeof(*subject->templates));
	harness->loaded = subject;
}

static uint64_t counted(const struct harness_case *subject)
{
	size_t cpus = (size_t)libbpf_num_possible_cpus(), size, i;
	struct bpf_map_info info = {};
	uint32_t info_size = sizeof(info), zero = 0;
	uint64_t sum = 0;
	char *values;

	if (subject->counters < 0 || bpf_obj_get_info_by_fd(subject->counters, &info, &info_size))
		return 0;
	size = (info.value_size + 7u) & ~7u;
	values = calloc(cpus, size);
	if (values && !bpf_map_lookup_elem(subject->counters, &zero, values))
		for (i = 0; i < cpus; i++)
			sum += *(uint64_t *)(void *)(values + i * size + subject->counter);
	free(values);
	return sum;
}

static int run_wrapped(struct harness *harness, const struct harness_case *subject, int program,
		       uint32_t repeat, struct frame_bytes *ret_out, uint32_t *ret_verdict,
		       double *ret_ns)
{
	uint32_t zero = 0;
	int error = bpf_map__update_elem(harness->wrapper->maps.target, &zero, sizeof(zero),
					 &program, sizeof(program), BPF_ANY);

	if (error)
		return error;
	harness->wrapper->bss->turn = 0;
	return run(bpf_program__fd(harness->wrapper->progs.wrapper), repeat, &subject->first,
		   ret_out, ret_verdict, ret_ns);
}

int harness_measure(struct harness *harness, struct harness_case *subject, char *ret_error,
		    size_t size)
{
	uint32_t wanted = subject->frames ? subject->frames : FRAMES_PER_RUN, verdict = 0;
	uint32_t repeat = wanted / subject->plan.flows * subject->plan.flows;
	uint64_t before = 0, frames;
	struct frame_bytes out;
	double zero = 0, ns = 0;
	int error;

	load(harness, subject);
	error = run_wrapped(harness, subject, harness->noop, repeat, &out, &verdict, &zero);
	/* Each flow once: what is due once a second is a case of its own. */
	if (!error)
		error = run_wrapped(harness, subject, subject->program, subject->plan.flows, &out,
				    &verdict, &ns);
	before = counted(subject);
	if (subject->arrange)
		subject->arrange(subject->context, true);
	if (!error)
		error = run_wrapped(harness, subject, subject->program, repeat, &out, &verdict,
				    &ns);
	if (subject->arrange)
		subject->arrange(subject->context, false);
	if (error) {
		snprintf(ret_error, size, "%s: test run: %s", subject->name, strerror(-error));
		return -EIO;
	}
	frames = counted(subject) - before;
	if (verdict != subject->verdict || out.length != subject->last.length ||
	    memcmp(out.data, subject->last.data, out.length) ||
	    (subject->counters >= 0 && frames != repeat)) {
		snprintf(ret_error, size,
			 "%s: verdict %u and %u bytes instead of %u and %u, %lu frames counted "
			 "instead of %u: what was measured is something else",
			 subject->name, verdict, out.length, subject->verdict, subject->last.length,
			 (unsigned long)frames, repeat);
		return -EPROTO;
	}
	subject->zero[subject->rounds] = zero;
	subject->net[subject->rounds++] = ns - zero;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

struct spread harness_spread(const double *samples, unsigned int count)
{
	double sorted[HARNESS_ROUNDS_MAX];

	memcpy(sorted, samples, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	return (struct spread){
		.low = sorted[count / 4],
		.median = sorted[count / 2],
		.high = sorted[count - 1 - count / 4],
	};
}

struct spread harness_difference(const struct harness_case *subject,
				 const struct harness_case *base)
{
	double differences[HARNESS_ROUNDS_MAX];
	unsigned int i;

	for (i = 0; i < subject->rounds; i++)
		differences[i] = subject->net[i] - base->net[i];
	return harness_spread(differences, subject->rounds);
}
