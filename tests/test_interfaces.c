/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking up and listing interfaces, on real ones in a network namespace of the test's own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/interfaces.h"
#include "model_events.h"

static void run(const char *command)
{
	cr_assert_eq(system(command), 0, "%s", command);
}

static void enter(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		cr_skip_test("needs root, for a network namespace");
	run("ip link add eth0 address 02:00:00:00:00:0a mtu 1400 type veth peer name eth1");
	run("ip addr add 10.90.0.20/24 brd + dev eth0 && ip addr add fd90::20/64 dev eth0 nodad");
	run("ip link set eth0 up && ip link add br0 type bridge && ip link set eth1 master br0");
}

Test(interfaces, found)
{
	struct in6_addr v4 = event_ip("10.90.0.20"), v6 = event_ip("fd90::20");
	struct interface eth0;

	enter();
	cr_assert_eq(interfaces_find("eth0", &eth0), 0);
	cr_expect_str_eq(eth0.name, "eth0");
	cr_expect_gt(eth0.ifindex, 0);
	cr_expect(eth0.ethernet);
	cr_expect_eq(eth0.type, ARPHRD_ETHER);
	cr_expect(eth0.up && !eth0.carrier, "the other end is down");
	cr_expect_eq(eth0.mtu, 1400);
	cr_expect_eq(eth0.mac.octet[5], 0x0a);
	cr_expect_str_eq(eth0.kind, "veth");
	cr_expect_str_eq(eth0.driver, "veth");
	cr_expect_eq(eth0.speed_mbit, 10000);
	cr_expect_eq(eth0.xdp_program, 0);
	cr_expect_str_eq(interface_xdp_label(eth0.xdp_mode), "-");
	cr_assert_geq(eth0.address_count, 2);
	cr_expect_arr_eq(&eth0.addresses[0].ip, &v4, sizeof(v4));
	cr_expect_eq(eth0.addresses[0].prefix, 24);
	cr_expect(eth0.addresses[0].has_broadcast);
	cr_expect_arr_eq(&eth0.addresses[1].ip, &v6, sizeof(v6));

	run("ip link set eth1 up");
	cr_assert_eq(interfaces_find("eth0", &eth0), 0);
	cr_expect(eth0.carrier);
}

Test(interfaces, not_found)
{
	struct interface row = { .ifindex = 77 };

	enter();
	cr_expect_eq(interfaces_find("nosuch0", &row), -ENODEV);
	cr_expect_eq(interfaces_find("", &row), -ENODEV);
	cr_expect_eq(interfaces_find("a-name-that-is-far-too-long-for-any-interface", &row),
		     -ENODEV);
	cr_expect_eq(row.ifindex, 77, "untouched on failure");
}

Test(interfaces, more_addresses_than_there_is_room_for)
{
	struct interface eth0;

	enter();
	run("for i in $(seq 100 199); do echo addr add 10.90.0.$i/24 dev eth0; done | ip -batch -");
	cr_assert_eq(interfaces_find("eth0", &eth0), 0);
	cr_expect_eq(eth0.address_count, INTERFACE_ADDRESSES);
}

Test(interfaces, listed)
{
	struct interface rows[16];
	int count;

	enter();
	run("ip tuntap add tun0 mode tun");
	count = interfaces_list(rows, 16);
	cr_assert_geq(count, 5);
	for (int i = 0; i < count; i++) {
		bool ethernet = strcmp(rows[i].name, "lo") && strcmp(rows[i].name, "tun0");

		if (!strcmp(rows[i].name, "br0"))
			cr_expect_str_eq(rows[i].kind, "bridge");
		if (!strcmp(rows[i].name, "eth0"))
			cr_expect_geq(rows[i].address_count, 2);
		if (!strcmp(rows[i].name, "lo"))
			cr_expect_str_eq(rows[i].kind, "");
		if (strstr("lo tun0 br0 eth0 eth1", rows[i].name))
			cr_expect_eq(rows[i].ethernet, ethernet, "%s", rows[i].name);
	}
	cr_expect_eq(interfaces_list(rows, 2), 2, "no more than fit");
}

Test(interfaces, nearest)
{
	static const struct {
		const char *typed, *nearest[INTERFACES_NEAREST];
	} rows[] = {
		{ "eht0", { "eth0", "eth1", "br0" } },	/* two letters swapped */
		{ "eth", { "eth0", "eth1", "br0" } },	/* one left out */
		{ "eth10", { "eth0", "eth1", "br0" } }, /* one too many */
		{ "eth2", { "eth0", "eth1", "br0" } },
		{ "enp3s", { "enp3s0", "eth0", "eth1" } },
		{ "l0", { "lo", "br0", "eth0" } },
		{ "eth0-and-a-name-longer-than-any-interface-may-have",
		  { "eth0", "eth1", "enp3s0" } },
		{ "", { "lo", "br0", "eth0" } },
	};
	static const struct interface all[] = {
		{ .name = "lo" },
		{ .name = "eth0", .ethernet = true },
		{ .name = "eth1", .ethernet = true },
		{ .name = "br0", .ethernet = true },
		{ .name = "enp3s0", .ethernet = true },
	};
	size_t nearest[INTERFACES_NEAREST];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert_eq(interfaces_nearest(rows[i].typed, all, 5, nearest),
			     INTERFACES_NEAREST);
		for (size_t n = 0; n < INTERFACES_NEAREST; n++)
			cr_expect_str_eq(all[nearest[n]].name, rows[i].nearest[n], "%s: %zu is %s",
					 rows[i].typed, n, all[nearest[n]].name);
	}
	cr_expect_eq(interfaces_nearest("eth0", all, 2, nearest), 2);
	cr_expect_eq(interfaces_nearest("eth0", all, 0, nearest), 0);
}
