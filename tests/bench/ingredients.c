/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each ingredient of the price costs: cases that differ from a path or a reason in one thing,
 * so that the difference is its price.
 */
#include "cases.h"

#include <errno.h>
#include <stddef.h>

#include <bpf/libbpf.h>

#include "../../bpf/relay_handle.h"
#include "network.h"
#include "relay.skel.h"

/* The ring holds so many records of the frames used here. */
#define CAPTURED_FRAMES 20000

/* Of c4-p4. */
struct variation {
	const char *name;
	enum host host;
	uint32_t flows;
	struct frame_oddities oddities;
};

static const struct variation variations[] = {
	{ .name = "one flow", .flows = 1 },
	{ .name = "10,000 flows", .host = HOST_CROWDED, .flows = HOSTS_CROWD },
	{ .name = "never stale", .host = HOST_AGELESS, .flows = CASES_FLOWS },
	{ .name = "VLAN tag", .flows = CASES_FLOWS, .oddities.tags = { 7 } },
	{ .name = "no UDP checksum", .flows = CASES_FLOWS, .oddities.sum = SUM_NONE },
	{ .name = "unfinished checksum", .flows = CASES_FLOWS, .oddities.sum = SUM_UNFINISHED },
};

static void vary(void *context, uint32_t i, struct frame_bytes *ret)
{
	const struct variation *variation = context;
	struct frame_flow flow;

	network_flow(RELAY_PATH_C4_P4, i, &flow);
	frame_build(&flow, &variation->oddities, CASES_DATA, ret);
}

/* The neighbours of a VLAN are others. */
static void introduce_tagged(const struct relay *relay, const struct variation *variation)
{
	struct frame_bytes in, out;
	struct frame_flow flow;
	uint32_t i, verdict;

	for (i = 0; i < variation->flows; i++) {
		network_way_back(RELAY_PATH_C4_P4, i, &flow);
		frame_build(&flow, &variation->oddities, CASES_DATA, &in);
		harness_run_once(relay_program_fd(relay), &in, &out, &verdict);
		vary((void *)variation, i, &in);
		harness_run_once(relay_program_fd(relay), &in, &out, &verdict);
	}
}

static void capture(void *context, bool begin)
{
	struct relay *relay = context;

	while (relay_drain(relay, CAPTURED_FRAMES) > 0)
		;
	relay_set_capture(relay, begin ? 1ULL << RELAY_REASON_CONTROL : 0, 2048);
}

static void capture_others(void *context, bool begin)
{
	relay_set_capture(context, begin ? ~(1ULL << RELAY_REASON_CONTROL) : 0, 2048);
}

/* The frames of `base` again, or NULL. */
static struct harness_case *add_again(struct cases *cases, const char *base, const char *name)
{
	const struct harness_case *original = cases_find(cases, base);
	struct harness_case *copy = &cases->list[cases->count];

	*copy = *original;
	copy->group = CASES_INGREDIENT;
	copy->base = base;
	copy->name = name;
	copy->templates = harness_share(original);
	if (!copy->templates)
		return NULL;
	cases->count++;
	return copy;
}

static int add_captures(struct cases *cases)
{
	const char *control = cases_reason(RELAY_REASON_CONTROL);
	struct harness_case *others = add_again(cases, control, "control, others captured");
	struct harness_case *captured = add_again(cases, control, "control, captured");

	if (!others || !captured)
		return -ENOMEM;
	others->arrange = capture_others;
	captured->arrange = capture;
	captured->frames = CAPTURED_FRAMES;
	return 0;
}

/* As if all neighbours had moved. */
static void doubt(void *context, bool begin)
{
	struct relay *relay = context;
	uint32_t i;

	for (i = 0; i < RELAY_GENERATIONS && begin; i++)
		relay->bpf->bss->generations[i]++;
}

/* What a flow in use pays once a second. */
static int add_doubt(struct cases *cases)
{
	struct harness_case *added =
		add_again(cases, cases_path(RELAY_PATH_C4_P4), "both ends looked up anew");

	if (!added)
		return -ENOMEM;
	added->arrange = doubt;
	added->context = cases->hosts->relays[HOST_USUAL];
	added->frames = CASES_FLOWS;
	return 0;
}

/* What each variant is measured with. */
static int add_variants(struct cases *cases)
{
	const char *path = cases_path(RELAY_PATH_C4_P4);
	const struct {
		const char *name, *base;
		enum variant variant;
	} left_out[] = {
		{ "without learning", path, VARIANT_LEARNING },
		{ "without ageing of the next hop", path, VARIANT_AGEING },
		{ "a look-up, not the flow cache", path, VARIANT_FLOW_CACHE },
		{ "without counters of the flow", path, VARIANT_FLOW_COUNTERS },
		{ "without the unfinished test", path, VARIANT_UNFINISHED_TEST },
		{ "without TTL, MTU, header checks", path, VARIANT_CHECKS },
		{ "not-turn, without learning", cases_reason(RELAY_REASON_NOT_TURN),
		  VARIANT_LEARNING },
	};
	const struct relay *relay = cases->hosts->relays[HOST_USUAL];
	struct bpf_object **object;
	struct harness_case *added;
	int error = 0;
	size_t i;

	for (i = 0; i < sizeof(left_out) / sizeof(*left_out) && !error; i++) {
		added = add_again(cases, left_out[i].base, left_out[i].name);
		if (!added)
			return -ENOMEM;
		object = &cases->variants[left_out[i].variant];
		if (!*object)
			error = variant_load(left_out[i].variant, relay, object);
		if (!error)
			added->program = bpf_program__fd(
				bpf_object__find_program_by_name(*object, "relay_xdp"));
	}
	return error;
}

int cases_add_ingredients(struct cases *cases)
{
	int error = add_variants(cases);
	size_t i;

	for (i = 0; i < sizeof(variations) / sizeof(*variations) && !error; i++) {
		struct variation variation = variations[i];
		struct relay *relay = cases->hosts->relays[variation.host];
		struct harness_case *added =
			cases_add(cases, CASES_INGREDIENT, variation.name, relay,
				  offsetof(struct relay_counters, paths[RELAY_PATH_C4_P4]));

		added->base = cases_path(RELAY_PATH_C4_P4);
		if (variation.oddities.tags[0])
			introduce_tagged(relay, &variation);
		error = harness_feed(added, variation.flows, vary, &variation);
	}
	if (!error)
		error = add_doubt(cases);
	return error ? error : add_captures(cases);
}
