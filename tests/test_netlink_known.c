/* SPDX-License-Identifier: BSD-2-Clause */
/* What is news about an interface, and what vanished unseen. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "../src/netlink_known.h"
#include "model_events.h"

#define MANY 300

static struct netlink_neighbour neighbour(unsigned int n, enum kernel_state state, uint8_t mac)
{
	char ip[64];

	snprintf(ip, sizeof(ip), "fd90::%x", n);
	return (struct netlink_neighbour){
		.ip = event_ip(ip), .state = state, .has_mac = mac != 0, .mac = event_mac(mac)
	};
}

static bool tell(struct known *known, unsigned int n, enum kernel_state state, uint8_t mac)
{
	struct netlink_neighbour told = neighbour(n, state, mac);

	return known_neighbour(known, &told);
}

Test(netlink_known, neighbours_are_news_once)
{
	struct known *known = calloc(1, sizeof(*known));

	cr_assert_not_null(known);
	cr_expect_not(tell(known, 1, KERNEL_NONE, 0), "nothing to remove");
	for (unsigned int n = 0; n < MANY; n++)
		cr_expect(tell(known, n, KERNEL_SAME, 1));
	for (unsigned int n = 0; n < MANY; n += 3)
		cr_expect(tell(known, n, KERNEL_NONE, 0));
	for (unsigned int n = 0; n < MANY; n++)
		cr_expect_eq(tell(known, n, KERNEL_SAME, 1), n % 3 == 0, "%u", n);
	cr_expect(tell(known, 7, KERNEL_SAME, 2), "another MAC");
	cr_expect(tell(known, 7, KERNEL_FAILED, 0), "another state");
	free(known);
}

Test(netlink_known, a_round_sweeps_what_it_did_not_mention)
{
	struct known *known = calloc(1, sizeof(*known));
	struct netlink_neighbour gone;
	struct interface_address one = { .ip = event_ip("10.90.0.20"), .prefix = 24 };
	struct interface_address two = { .ip = event_ip("fd90::20"), .prefix = 64 }, swept;
	size_t count = 0;

	cr_assert_not_null(known);
	cr_expect(known_address_added(known, &one));
	cr_expect(known_address_added(known, &two));
	for (unsigned int n = 0; n < MANY; n++)
		tell(known, n, KERNEL_SAME, 1);
	known->round++;
	cr_expect_not(known_address_added(known, &two));
	for (unsigned int n = 0; n < MANY; n += 2)
		tell(known, n, KERNEL_SAME, 1);
	while (known_sweep_neighbour(known, &gone)) {
		cr_expect_eq(gone.state, KERNEL_NONE);
		cr_expect_eq(gone.ip.s6_addr[15] % 2, 1);
		count++;
	}
	cr_expect_eq(count, MANY / 2);
	cr_assert(known_sweep_address(known, &swept));
	cr_expect_arr_eq(&swept.ip, &one.ip, sizeof(one.ip));
	cr_expect_not(known_sweep_address(known, &swept));
	cr_expect_not(known_address_removed(known, &one));
	cr_expect(known_address_removed(known, &two));
	free(known);
}

Test(netlink_known, an_address_with_another_prefix_is_news)
{
	struct known *known = calloc(1, sizeof(*known));
	struct interface_address address = { .ip = event_ip("10.90.0.20"), .prefix = 24 };

	cr_assert_not_null(known);
	cr_expect(known_address_added(known, &address));
	cr_expect_not(known_address_added(known, &address));
	address.prefix = 16;
	cr_expect(known_address_added(known, &address));
	free(known);
}

Test(netlink_known, full_tables_forget_and_go_on_reporting)
{
	struct known *known = calloc(1, sizeof(*known));

	cr_assert_not_null(known);
	for (unsigned int n = 0; n < KNOWN_NEIGHBOURS; n++)
		cr_assert(tell(known, n, KERNEL_SAME, 1));
	cr_expect(tell(known, KNOWN_NEIGHBOURS, KERNEL_SAME, 1));
	cr_expect(tell(known, KNOWN_NEIGHBOURS, KERNEL_SAME, 1), "again: it is not remembered");
	cr_expect(tell(known, KNOWN_NEIGHBOURS, KERNEL_NONE, 0));
	cr_expect_not(tell(known, 5, KERNEL_SAME, 1));
	free(known);
}
