/* SPDX-License-Identifier: BSD-2-Clause */
/* Watching an interface, on real interfaces in a network namespace of the test's own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../src/netlink.h"
#include "model_events.h"

#define WAIT_MS 3000

struct seen {
	size_t links, gone, added, removed, neighbours;
	struct interface link;
	struct interface_address address;
	struct netlink_neighbour neighbour;
};

static void take(const struct netlink_event *event, void *context)
{
	struct seen *seen = context;

	switch (event->type) {
	case NETLINK_LINK:
		seen->links++;
		seen->link = event->link;
		break;
	case NETLINK_GONE: seen->gone++; break;
	case NETLINK_ADDRESS_ADDED:
		seen->added++;
		seen->address = event->address;
		break;
	case NETLINK_ADDRESS_REMOVED:
		seen->removed++;
		seen->address = event->address;
		break;
	case NETLINK_NEIGHBOUR:
		seen->neighbours++;
		seen->neighbour = event->neighbour;
		break;
	}
}

static void run(const char *command)
{
	cr_assert_eq(system(command), 0, "%s", command);
}

/* A namespace with a veth pair a-b that makes no IPv6 noise, a with an address. */
static void enter(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		cr_skip_test("needs root, for a network namespace");
	run("ip link set lo up && echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
	run("ip link add va address 02:00:00:00:00:0a type veth peer name vb");
	run("ip addr add 10.90.0.20/24 brd + dev va && ip link set va up && ip link set vb up");
}

/* Drains until a count reaches what is expected; false when nothing more comes. */
static bool reaches(struct netlink *nl, const size_t *count, size_t expected)
{
	struct pollfd fd = { netlink_fd(nl), POLLIN, 0 };

	while (*count < expected && poll(&fd, 1, WAIT_MS) > 0)
		cr_assert_geq(netlink_drain(nl, 16), 0);
	return *count >= expected;
}

/* Drains all that is there, by waiting for the answer to a question asked now. */
static void settle(struct netlink *nl, struct seen *seen)
{
	char command[64];
	size_t links = seen->links;
	uint32_t mtu = seen->link.mtu == 1400 ? 1401 : 1400;

	snprintf(command, sizeof(command), "ip link set va mtu %u", mtu);
	run(command);
	cr_assert(reaches(nl, &seen->links, links + 1));
}

static struct netlink *watch(const char *name, struct seen *seen)
{
	struct netlink *nl = NULL;

	cr_assert_eq(netlink_open((int)if_nametoindex(name), take, seen, &nl), 0);
	return nl;
}

Test(netlink, state_at_the_start)
{
	struct in6_addr ip = event_ip("10.90.0.20"), broadcast = event_ip("10.90.0.255");
	struct in6_addr peer = event_ip("10.90.0.30");
	struct seen seen = { 0 };
	struct netlink *nl;

	enter();
	run("ip neigh add 10.90.0.30 lladdr 02:00:00:00:00:30 dev va nud reachable");
	nl = watch("va", &seen);
	cr_assert(reaches(nl, &seen.neighbours, 1));
	cr_expect_eq(seen.links, 1);
	cr_expect_str_eq(seen.link.name, "va");
	cr_expect(seen.link.up && seen.link.carrier && seen.link.ethernet);
	cr_expect_eq(seen.link.mac.octet[5], 0x0a);
	cr_expect_eq(seen.link.mtu, 1500);
	cr_expect_eq(seen.link.xdp_mode, INTERFACE_XDP_NONE);
	cr_expect_eq(seen.added, 1);
	cr_expect_arr_eq(&seen.address.ip, &ip, sizeof(ip));
	cr_expect(seen.address.has_broadcast);
	cr_expect_arr_eq(&seen.address.broadcast, &broadcast, sizeof(ip));
	cr_expect_eq(seen.address.prefix, 24);
	cr_expect_arr_eq(&seen.neighbour.ip, &peer, sizeof(ip));
	cr_expect_eq(seen.neighbour.state, KERNEL_SAME);
	cr_expect(seen.neighbour.has_mac && seen.neighbour.mac.octet[5] == 0x30);
	netlink_close(nl);
}

Test(netlink, link_changes)
{
	struct seen seen = { 0 };
	struct netlink *nl;

	enter();
	nl = watch("va", &seen);
	settle(nl, &seen);
	run("ip link set vb down");
	cr_assert(reaches(nl, &seen.links, seen.links + 1));
	cr_expect(seen.link.up && !seen.link.carrier, "the cable is out");
	run("ip link set vb up");
	cr_assert(reaches(nl, &seen.links, seen.links + 1));
	cr_expect(seen.link.carrier);
	run("ip link set va address 02:00:00:00:00:99");
	cr_assert(reaches(nl, &seen.links, seen.links + 1));
	cr_expect_eq(seen.link.mac.octet[5], 0x99);
	run("ip link set va down && ip link set va name renamed");
	cr_assert(reaches(nl, &seen.links, seen.links + 2));
	cr_expect(!seen.link.up);
	cr_expect_str_eq(seen.link.name, "renamed");
	run("ip link add br0 type bridge && ip link set renamed master br0 && ip link set renamed "
	    "nomaster");
	run("ip link set vb mtu 1000 && ip link set renamed mtu 1300");
	while (seen.link.mtu != 1300)
		cr_assert(reaches(nl, &seen.links, seen.links + 1));
	cr_expect_eq(seen.gone, 0, "leaving a bridge is not being removed");
	run("ip link del renamed");
	cr_expect(reaches(nl, &seen.gone, 1));
	cr_expect_eq(netlink_ask_link(nl), 0);
	netlink_close(nl);
}

Test(netlink, addresses_come_and_go)
{
	struct in6_addr v6 = event_ip("fd90::20"), v4 = event_ip("10.90.0.21");
	struct seen seen = { 0 };
	struct netlink *nl;

	enter();
	run("echo 0 > /proc/sys/net/ipv6/conf/va/disable_ipv6");
	nl = watch("va", &seen);
	settle(nl, &seen);
	seen.added = 0;
	run("ip addr add 10.90.0.21/24 dev va && ip addr add 10.91.0.1/24 brd + dev vb");
	cr_assert(reaches(nl, &seen.added, 1));
	cr_expect_arr_eq(&seen.address.ip, &v4, sizeof(v4));
	cr_expect_not(seen.address.has_broadcast);
	run("ip addr add fd90::20/64 dev va nodad");
	cr_assert(reaches(nl, &seen.added, 2));
	cr_expect_arr_eq(&seen.address.ip, &v6, sizeof(v6));
	cr_expect_eq(seen.address.prefix, 64);
	run("ip addr del fd90::20/64 dev va");
	cr_assert(reaches(nl, &seen.removed, 1));
	cr_expect_arr_eq(&seen.address.ip, &v6, sizeof(v6));
	settle(nl, &seen);
	cr_expect_eq(seen.added, 2, "those of another interface are not ours");
	netlink_close(nl);
}

Test(netlink, neighbours_change)
{
	static const struct {
		const char *name, *command;
		enum kernel_state state;
		uint8_t mac;
	} rows[] = {
		{ "added", "ip neigh add 10.90.0.30 lladdr 02:00:00:00:00:30 dev va nud reachable",
		  KERNEL_SAME, 0x30 },
		{ "moved", "ip neigh change 10.90.0.30 lladdr 02:00:00:00:00:31 dev va nud stale",
		  KERNEL_SAME, 0x31 },
		{ "failed", "ip neigh change 10.90.0.30 dev va nud failed", KERNEL_FAILED, 0 },
		{ "removed", "ip neigh del 10.90.0.30 dev va", KERNEL_NONE, 0 },
	};
	struct seen seen = { 0 };
	struct netlink *nl;

	enter();
	nl = watch("va", &seen);
	settle(nl, &seen);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t before = seen.neighbours;

		run(rows[i].command);
		while (reaches(nl, &seen.neighbours, before + 1) &&
		       seen.neighbour.state != rows[i].state)
			before = seen.neighbours;
		cr_expect_eq(seen.neighbour.state, rows[i].state, "%s", rows[i].name);
		cr_expect_eq(seen.neighbour.has_mac, rows[i].mac != 0, "%s", rows[i].name);
		cr_expect_eq(seen.neighbour.mac.octet[5], rows[i].mac, "%s", rows[i].name);
	}
	netlink_close(nl);
}

Test(netlink, only_news_is_reported)
{
	struct seen seen = { 0 };
	struct netlink *nl;
	size_t links;

	enter();
	nl = watch("va", &seen);
	settle(nl, &seen);
	links = seen.links;
	for (int i = 0; i < 10; i++)
		cr_expect_eq(netlink_ask_link(nl), 0);
	run("ip neigh add 10.90.0.30 lladdr 02:00:00:00:00:30 dev va nud reachable");
	run("ip neigh change 10.90.0.30 lladdr 02:00:00:00:00:30 dev va nud stale");
	settle(nl, &seen);
	cr_expect_eq(seen.links, links + 1);
	cr_expect_eq(seen.neighbours, 1);
	netlink_close(nl);
}

Test(netlink, what_was_missed_in_an_overrun_is_found_again)
{
	struct seen seen = { 0 };
	struct netlink *nl;
	int small = 1;

	enter();
	run("ip neigh add 10.90.0.200 lladdr 02:00:00:00:00:30 dev va nud reachable");
	nl = watch("va", &seen);
	settle(nl, &seen);
	cr_assert_eq(seen.neighbours, 1);
	cr_assert_eq(setsockopt(netlink_fd(nl), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	run("for i in $(seq 10 59); do echo neigh add 10.90.0.$i lladdr 02:00:00:00:00:31 dev va "
	    "nud reachable; "
	    "done | ip -batch -");
	run("ip neigh del 10.90.0.200 dev va && ip addr del 10.90.0.20/24 dev va && "
	    "ip addr add 10.90.0.21/24 dev va");
	/* Without its address the interface forgets its neighbours. */
	run("for i in $(seq 60 109); do echo neigh add 10.90.0.$i lladdr 02:00:00:00:00:31 dev va "
	    "nud reachable; "
	    "done | ip -batch -");
	cr_assert(reaches(nl, &seen.removed, 1));
	cr_expect_geq(seen.added, 2);
	cr_expect(reaches(nl, &seen.neighbours, 52));
	netlink_close(nl);
}

/* Attaches a program that passes everything, as a link in generic mode; returns the link. */
static int attach(const char *name)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_XDP,
				.insns = (uintptr_t)code,
				.insn_cnt = 2,
				.license = (uintptr_t) "GPL" };
	union bpf_attr link = { 0 };
	int program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load)), fd;

	cr_assert_geq(program, 0);
	link.link_create.prog_fd = (uint32_t)program;
	link.link_create.target_ifindex = if_nametoindex(name);
	link.link_create.attach_type = BPF_XDP;
	link.link_create.flags = XDP_FLAGS_SKB_MODE;
	fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &link, sizeof(link));
	close(program);
	cr_assert_geq(fd, 0);
	return fd;
}

Test(netlink, a_program_attached_and_taken_away_is_noticed_when_asked_for)
{
	struct interface found;
	struct seen seen = { 0 };
	struct netlink *nl;
	int link;

	enter();
	nl = watch("va", &seen);
	settle(nl, &seen);
	link = attach("va");
	cr_assert_eq(netlink_ask_link(nl), 0);
	cr_assert(reaches(nl, &seen.links, seen.links + 1));
	cr_expect_eq(seen.link.xdp_mode, INTERFACE_XDP_GENERIC);
	cr_expect_gt(seen.link.xdp_program, 0);
	cr_assert_eq(interfaces_find("va", &found), 0);
	cr_expect_eq(found.xdp_program, seen.link.xdp_program);
	cr_expect_str_eq(interface_xdp_label(found.xdp_mode), "generic");
	close(link);
	cr_assert_eq(netlink_ask_link(nl), 0);
	cr_assert(reaches(nl, &seen.links, seen.links + 1));
	cr_expect_eq(seen.link.xdp_mode, INTERFACE_XDP_NONE);
	cr_expect_eq(seen.link.xdp_program, 0);
	netlink_close(nl);
}

Test(netlink, no_such_interface)
{
	struct seen seen = { 0 };
	struct netlink *nl = NULL;

	enter();
	cr_assert_eq(netlink_open(4711, take, &seen, &nl), 0);
	cr_expect(reaches(nl, &seen.gone, 1));
	cr_expect_eq(seen.links, 0);
	netlink_close(nl);
	netlink_close(NULL);
}

Test(netlink, drain_is_bounded_and_does_not_block)
{
	struct seen seen = { 0 };
	struct netlink *nl;

	enter();
	nl = watch("va", &seen);
	settle(nl, &seen);
	while (netlink_drain(nl, 16) > 0)
		;
	cr_expect_eq(netlink_drain(nl, 16), 0);
	run("ip link set va mtu 1200 && ip link set va mtu 1201");
	cr_expect_eq(netlink_drain(nl, 1), 1);
	cr_expect_eq(netlink_drain(nl, 0), 0);
	netlink_close(nl);
}
