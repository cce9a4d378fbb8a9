/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of bindings: slots and their rest, conflicts, expiry, overflow. */
#include "../src/bindings.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "../src/model.h"
#include "stun_messages.h"

#define SECOND 1000000000LL

struct recorder {
	size_t added, refreshed, removed;
	struct event last;
	uint32_t last_added_slot;
};

static void record(void *context, const struct event *event)
{
	struct recorder *recorder = context;

	recorder->last = *event;
	if (event->type == EVENT_BINDING_ADDED) {
		recorder->added++;
		recorder->last_added_slot = event->binding.slot;
	} else if (event->type == EVENT_BINDING_REFRESHED) {
		recorder->refreshed++;
	} else {
		recorder->removed++;
	}
}

static struct event_binding make(unsigned int channel, unsigned int peer_port, int64_t expires_ns)
{
	struct event_binding binding = {
		.client = endpoint_from("10.0.0.1:1000"),
		.server = endpoint_from("10.0.0.2:3478"),
		.relayed = endpoint_from("10.0.0.2:50000"),
		.peer = endpoint_from("10.0.0.3:1"),
		.channel = (uint16_t)channel,
		.expires_ns = expires_ns,
		.why = "channel-bind",
	};

	binding.peer.port = (uint16_t)peer_port;
	return binding;
}

static int bind_one(struct bindings *bindings, unsigned int channel, unsigned int peer_port,
		    int64_t now_ns)
{
	struct event_binding wanted = make(channel, peer_port, now_ns + BINDINGS_LIFETIME_NS);

	return bindings_bind(bindings, &wanted, NULL, now_ns);
}

Test(bindings, adds_refreshes_and_expires)
{
	struct recorder seen = { 0 };
	struct bindings *bindings = bindings_new(record, &seen);
	struct event_binding wanted = make(0x4000, 1, 600 * SECOND);
	const struct event_binding *found;

	cr_assert_eq(bindings_next_expiry(bindings), INT64_MAX);
	cr_assert_eq(bindings_bind(bindings, &wanted, NULL, 0), 0);
	cr_assert_eq(seen.last.type, EVENT_BINDING_ADDED);
	cr_assert_str_eq(seen.last.binding.why, "channel-bind");
	wanted.expires_ns = 700 * SECOND;
	cr_assert_eq(bindings_bind(bindings, &wanted, NULL, 100 * SECOND), 0);
	cr_assert_eq(seen.last.type, EVENT_BINDING_REFRESHED);
	cr_assert_eq(seen.last.time_ns, 100 * SECOND);
	cr_assert_eq(seen.last.binding.expires_ns, 700 * SECOND);
	cr_assert_eq(bindings_next_expiry(bindings), 700 * SECOND);

	found = bindings_find_channel(bindings, &wanted.client, &wanted.server, 0x4000);
	cr_assert_eq(found, bindings_find_peer(bindings, &wanted.relayed, &wanted.peer));
	cr_assert_eq(found, bindings_get(bindings, found->slot));

	bindings_expire(bindings, 700 * SECOND - 1);
	cr_assert_eq(bindings_count(bindings), 1);
	bindings_expire(bindings, 700 * SECOND);
	cr_assert_eq(bindings_count(bindings), 0);
	cr_assert_str_eq(seen.last.binding.why, "expired");
	cr_assert_null(bindings_get(bindings, seen.last.binding.slot));
	cr_assert_eq(bindings_remove(bindings, seen.last.binding.slot, "x", 0), -ENOENT);
	bindings_free(bindings);
}

Test(bindings, the_newer_of_two_that_contradict_each_other_stays)
{
	struct recorder seen = { 0 };
	struct bindings *bindings = bindings_new(record, &seen);

	bind_one(bindings, 0x4000, 1, 0);
	bind_one(bindings, 0x4001, 2, 0);
	/* Takes the channel from the one and the peer from the other. */
	bind_one(bindings, 0x4000, 2, 1);
	cr_assert_eq(bindings_count(bindings), 1);
	cr_assert_eq(seen.added, 3);
	cr_assert_eq(seen.removed, 2);
	cr_assert_eq(seen.last.binding.channel, 0x4000);
	cr_assert_eq(seen.last.binding.peer.port, 2);
	cr_assert_eq(seen.last_added_slot, 2, "the slots of both rest");
	bindings_free(bindings);
}

Test(bindings, a_freed_slot_rests)
{
	struct recorder seen = { 0 };
	struct bindings *bindings = bindings_new(record, &seen);

	bind_one(bindings, 0x4000, 1, 0);
	cr_assert_eq(bindings_remove(bindings, 0, "test", 5 * SECOND), 0);
	bind_one(bindings, 0x4001, 2, 15 * SECOND - 1);
	cr_assert_eq(seen.last_added_slot, 1);
	bind_one(bindings, 0x4002, 3, 15 * SECOND);
	cr_assert_eq(seen.last_added_slot, 0);
	bindings_free(bindings);
}

Test(bindings, fixed_ones_stay)
{
	struct recorder seen = { 0 };
	struct bindings *bindings = bindings_new(record, &seen);
	struct event_binding fixed = make(0x4000, 1, 0);

	fixed.fixed = true;
	fixed.why = "option";
	cr_assert_eq(bindings_bind(bindings, &fixed, NULL, 0), 0);
	cr_assert_eq(bindings_next_expiry(bindings), INT64_MAX);
	bindings_expire(bindings, INT64_MAX);
	cr_assert_eq(bindings_count(bindings), 1);
	/* Witnessed as well: nothing changes. */
	bind_one(bindings, 0x4000, 1, 5);
	cr_assert_eq(seen.added + seen.refreshed + seen.removed, 1);
	/* The server says otherwise: the server owns the truth. */
	bind_one(bindings, 0x4000, 2, 5);
	cr_assert_eq(bindings_count(bindings), 1);
	cr_assert_not(bindings_get(bindings, seen.last_added_slot)->fixed);
	/* And one that was witnessed can be fixed. */
	fixed = make(0x4000, 2, 0);
	fixed.fixed = true;
	bindings_bind(bindings, &fixed, NULL, 6);
	cr_assert(bindings_get(bindings, seen.last_added_slot)->fixed);
	bindings_free(bindings);
}

Test(bindings, a_group_goes_as_one)
{
	struct recorder seen = { 0 };
	struct bindings *bindings = bindings_new(record, &seen);
	struct bindings_group group = { 0 };
	struct event_binding wanted;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		wanted = make(0x4000 + i, i + 1, 100);
		bindings_bind(bindings, &wanted, i == 3 ? NULL : &group, 0);
	}
	bindings_remove(bindings, 2, "test", 1);
	bindings_remove_group(bindings, &group, "allocation deleted", 2);
	cr_assert_eq(bindings_count(bindings), 1);
	cr_assert_not_null(bindings_get(bindings, 3));
	cr_assert_eq(seen.removed, 4);
	cr_assert_null(group.first);
	bindings_free(bindings);
}

Test(bindings, counts_what_finds_no_slot)
{
	struct recorder seen = { 0 };
	struct bindings *bindings = bindings_new(record, &seen);
	unsigned int i;

	for (i = 0; i < MODEL_BINDINGS; i++)
		cr_assert_eq(bind_one(bindings, i, i + 1, i), 0);
	cr_assert_eq(bind_one(bindings, 50000, 50000, i), -ENOSPC);
	cr_assert_eq(bindings_overflows(bindings), 1);
	cr_assert_eq(bindings_count(bindings), MODEL_BINDINGS);
	cr_assert_eq(bindings_next_expiry(bindings), BINDINGS_LIFETIME_NS);
	/* Half of them, in the order in which they came. */
	bindings_expire(bindings, BINDINGS_LIFETIME_NS + MODEL_BINDINGS / 2 - 1);
	cr_assert_eq(bindings_count(bindings), MODEL_BINDINGS / 2);
	cr_assert_eq(seen.last.binding.slot, MODEL_BINDINGS / 2 - 1);
	/* All slots were used once and the freed ones rest. */
	cr_assert_eq(bind_one(bindings, 50000, 50000, BINDINGS_LIFETIME_NS + MODEL_BINDINGS / 2),
		     -ENOSPC);
	cr_assert_eq(bind_one(bindings, 50000, 50000, BINDINGS_LIFETIME_NS + 11 * SECOND), 0);
	cr_assert_eq(seen.last_added_slot, 0);
	bindings_free(bindings);
}
