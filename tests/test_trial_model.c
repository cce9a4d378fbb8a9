/* SPDX-License-Identifier: BSD-2-Clause */
/* The program's host build on the model's tables answers as the reference does, byte for byte. */
#include <criterion/criterion.h>
#include <string.h>

#include "../src/trial.h"
#include "reference.h"

#define NOW_NS INT64_C(1714979289000000000)

static struct model *model_of(const struct world *world)
{
	struct model *model = model_new(NOW_NS);

	model->mac = world->own;
	memcpy(model->own, world->own_ips, sizeof(world->own_ips));
	model->own_count = 2;
	model->turn_port = world->turn_port;
	model->relay_port_min = world->relay_port_min;
	model->relay_port_max = world->relay_port_max;
	model->mtu = world->mtu;
	model->mac_ttl_s = 300;
	model->relaying = world->relaying;
	for (size_t i = 0; i < WORLD_BINDINGS; i++)
		model_ingest(model, &(struct event){ .type = EVENT_BINDING_ADDED,
						     .time_ns = NOW_NS,
						     .binding = world->bindings[i] });
	for (size_t i = 0; i < world->host_count; i++) {
		const struct world_host *host = &world->hosts[i];

		model_ingest(model, &(struct event){ .type = EVENT_MAC_LEARNED,
						     .time_ns = NOW_NS,
						     .neighbour = { .ip = host->ip,
								    .mac = host->mac,
								    .vlan = host->vlan,
								    .last_seen_ns = NOW_NS } });
	}
	return model;
}

/* Returns whether it was relayed. */
static bool expect_same(const struct world *world, const struct model *model,
			const struct octets *in, const char *what)
{
	struct octets expected = { 0 };
	uint8_t frame[TRIAL_SIZE + 64] = { 0 };
	enum relay_path path;
	size_t length = 0;
	enum relay_reason reason = reference_relay(world, in, &expected, &path);
	bool relayed = trial_by_model(model, in->at, in->length, frame, &length);

	cr_expect_eq(relayed, reason == RELAY_REASON_COUNT, "%s: %s", what,
		     world_reason_name(reason));
	if (!relayed || reason != RELAY_REASON_COUNT)
		return relayed;
	cr_expect_eq(length, expected.length, "%s", what);
	cr_expect_arr_eq(frame, expected.at, expected.length, "%s on %s", what,
			 world_path_name(path));
	return true;
}

static const struct {
	const char *name;
	size_t size;
	uint8_t tags, padding, ttl;
	size_t trailer;
	enum packets_sum sum;
	bool spoils_ip; /* its header's sum */
} rows[] = {
	{ "plain", 120, 0, 0, 64, 0, PACKETS_SUM_RIGHT, false },
	{ "empty", 0, 0, 0, 64, 0, PACKETS_SUM_RIGHT, false },
	{ "odd and padded", 33, 0, 3, 64, 0, PACKETS_SUM_RIGHT, false },
	{ "tagged", 33, 1, 0, 64, 0, PACKETS_SUM_RIGHT, false },
	{ "trailer", 3, 0, 0, 64, 9, PACKETS_SUM_RIGHT, false },
	{ "unfinished", 121, 0, 0, 64, 0, PACKETS_SUM_UNFINISHED, false },
	{ "unfinished and padded", 121, 0, 2, 64, 0, PACKETS_SUM_UNFINISHED, false },
	{ "no checksum", 120, 0, 0, 64, 0, PACKETS_SUM_ZERO, false },
	{ "wrong checksum", 120, 0, 0, 64, 0, PACKETS_SUM_WRONG, false },
	{ "TTL 1", 120, 0, 0, 1, 0, PACKETS_SUM_RIGHT, false },
	{ "too big", 1472, 0, 0, 64, 0, PACKETS_SUM_RIGHT, false },
	{ "wrong sum of the IP header", 120, 0, 0, 64, 0, PACKETS_SUM_RIGHT, true },
};

Test(trial_model, as_the_reference)
{
	struct model *model;
	struct octets in = { 0 };
	struct world world;
	size_t relayed = 0;

	world_init(&world);
	world.generic = false;
	model = model_of(&world);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (enum relay_path path = 0; path < RELAY_PATH_COUNT; path++) {
			struct frame_spec spec;

			world_frame(&world, path, &spec);
			spec.size = rows[i].size;
			spec.tags = rows[i].tags;
			spec.tci[0] = WORLD_VLAN;
			spec.padding = rows[i].padding;
			spec.ttl = rows[i].ttl;
			spec.trailer = rows[i].trailer;
			spec.sum = rows[i].sum;
			packets_build(&spec, &in);
			if (rows[i].spoils_ip && wire_is_v4(&spec.src.ip))
				in.at[packets_ip_offset(&spec) + 10] ^= 1;
			relayed += expect_same(&world, model, &in, rows[i].name);
		}
	cr_expect_gt(relayed, 70U);
	model_free(model);
}

Test(trial_model, what_stands_in_the_way)
{
	struct octets in = { 0 };
	struct model *model;
	struct frame_spec spec;
	struct world world;

	world_init(&world);
	world_frame(&world, RELAY_PATH_C4_P4, &spec);
	packets_build(&spec, &in);

	model = model_of(&world);
	expect_same(&world, model, &in, "nothing");
	model->now_ns = NOW_NS + INT64_C(301000000000);
	cr_expect_not(trial_by_model(model, in.at, in.length, (uint8_t[TRIAL_SIZE + 64]){ 0 },
				     &(size_t){ 0 }),
		      "a MAC that is stale");
	model_free(model);

	world.relaying = false;
	model = model_of(&world);
	expect_same(&world, model, &in, "observing");
	model_free(model);

	world.relaying = true;
	world_forget(&world, &world.bindings[0].peer.ip);
	world_forget(&world, &world.bindings[1].peer.ip);
	model = model_of(&world);
	for (enum relay_path path = 0; path < RELAY_PATH_COUNT; path++) {
		world_frame(&world, path, &spec);
		packets_build(&spec, &in);
		expect_same(&world, model, &in, "hosts that are not known");
	}
	model_free(model);
}

Test(trial_model, as_it_was)
{
	struct octets in = { 0 }, expected = { 0 };
	struct trial_frame before = { 0 }, after;
	struct event_way way = { .path = RELAY_PATH_C4_P6 };
	struct model *model;
	struct frame_spec spec;
	struct world world;

	world_init(&world);
	world.generic = false;
	model = model_of(&world);
	world_frame(&world, way.path, &spec);
	spec.size = 100;
	packets_build(&spec, &in);
	cr_assert_eq(reference_relay(&world, &in, &expected, &way.path), RELAY_REASON_COUNT);
	before.length = in.length;
	memcpy(before.bytes, in.at, in.length);
	for (size_t i = 0; i < WORLD_BINDINGS; i++)
		if (wire_same_endpoint(&world.bindings[i].client, &spec.src) &&
		    world.bindings[i].channel == spec.channel) {
			way.dst = world.bindings[i].peer;
			way.mac = *world_mac(&world, &way.dst.ip, 0);
			cr_expect_not(trial_as_it_was(model, &way, &before, &after),
				      "only to whom is known");
			way.src = world.bindings[i].relayed;
		}
	cr_expect(trial_as_it_was(model, &way, &before, &after));
	cr_expect_eq(after.length, expected.length);
	cr_expect_arr_eq(after.bytes, expected.at, expected.length);
	before.length = sizeof(before.bytes);
	cr_expect_not(trial_as_it_was(model, &way, &before, &after), "no room");
	model_free(model);
}
