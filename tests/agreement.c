/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares the three relays frame by frame. */
#include "agreement.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "reference.h"

#define TEST_RUN_MIN 14
#define LINES_SIZE 700

/* A frame of this length may fill its last page, and then its tail cannot grow. */
#define NO_TAILROOM 3000

#define SHORT_WAY_TRIES 5

void agreement_open(const struct world *world, struct agreement *ret)
{
	ret->world = *world;
	host_relay_init(world, &ret->host);
	ret->program = program_in(world);
}

void agreement_close(struct agreement *agreement)
{
	program_close(agreement->program);
}

void agreement_set_mtu(struct agreement *agreement, uint32_t mtu)
{
	agreement->world.mtu = mtu;
	agreement->host.mtu = mtu;
	relay_set_mtu(agreement->program->relay, mtu);
}

void agreement_set_hosts(struct agreement *agreement, const struct world *world)
{
	agreement->world = *world;
	host_relay_init(world, &agreement->host);
	program_restore_neighbours(agreement->program, world);
}

/* The bytes around the first difference, for people. */
static void describe(const struct octets *expected, const struct octets *got, char *ret,
		     size_t size)
{
	size_t at = 0, i, used = 0;

	while (at < expected->length && at < got->length && expected->at[at] == got->at[at])
		at++;
	used += (size_t)snprintf(ret, size, "%zu bytes, not %zu; they differ at %zu:", got->length,
				 expected->length, at);
	for (i = at > 4 ? at - 4 : 0; i < at + 12 && used < size; i++)
		used += (size_t)snprintf(ret + used, size - used, " %02x/%02x",
					 i < got->length ? got->at[i] : 0,
					 i < expected->length ? expected->at[i] : 0);
}

static void compare(const char *who, const char *what, enum relay_reason expected_reason,
		    enum relay_path expected_path, const struct octets *expected,
		    enum relay_reason reason, enum relay_path path, const struct octets *got)
{
	char difference[LINES_SIZE];

	cr_assert_eq(reason, expected_reason, "%s: the %s says %s, not %s", what, who,
		     world_reason_name(reason), world_reason_name(expected_reason));
	if (reason < RELAY_REASON_COUNT)
		return;
	cr_assert_eq(path, expected_path, "%s: the %s says %s, not %s", what, who,
		     world_path_name(path), world_path_name(expected_path));
	describe(expected, got, difference, sizeof(difference));
	cr_assert(got->length == expected->length && !memcmp(got->at, expected->at, got->length),
		  "%s: the %s made %s", what, who, difference);
}

/* Once its flow is known, the frame goes the short way, to the same result. */
static void check_short_way(struct agreement *agreement, const struct octets *in, const char *what,
			    enum relay_path expected_path, const struct octets *expected)
{
	enum relay_path path = RELAY_PATH_COUNT;
	struct octets got;
	int tries = SHORT_WAY_TRIES;

	if (in->length > NO_TAILROOM)
		return;
	while (!program_relay_hot(agreement->program, in, &got, &path)) {
		if (!reference_is_plain(&agreement->world, in))
			return;
		/* What it knows ends after a second. */
		cr_assert(tries--, "%s: never goes the short way", what);
		program_relay(agreement->program, in, &got, &path);
	}
	cr_assert(reference_is_plain(&agreement->world, in), "%s: went the short way", what);
	compare("short way", what, RELAY_REASON_COUNT, expected_path, expected, RELAY_REASON_COUNT,
		path, &got);
}

enum relay_reason agreement_check(struct agreement *agreement, const struct octets *in,
				  const char *what, struct octets *ret)
{
	enum relay_path expected_path = RELAY_PATH_COUNT, path = RELAY_PATH_COUNT;
	enum relay_reason expected, reason;
	struct octets got;

	expected = reference_relay(&agreement->world, in, ret, &expected_path);
	reason = host_relay_run(&agreement->host, in, &got, &path);
	compare("host build", what, expected, expected_path, ret, reason, path, &got);
	if (in->length < TEST_RUN_MIN)
		return expected;
	reason = program_relay(agreement->program, in, &got, &path);
	if (expected == RELAY_REASON_COUNT && reason == RELAY_REASON_UNFINISHED &&
	    agreement->world.generic && in->length > NO_TAILROOM)
		return reason;
	compare("kernel's program", what, expected, expected_path, ret, reason, path, &got);
	if (expected == RELAY_REASON_COUNT)
		check_short_way(agreement, in, what, expected_path, ret);
	return expected;
}
