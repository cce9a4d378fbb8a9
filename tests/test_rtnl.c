/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding rtnetlink messages: well-formed, cut at every length, and with every byte changed. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "../src/rtnl.h"
#include "model_events.h"

#define ROOM 1024

static struct nlmsghdr *link_message(void *buf)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *header;
	struct nlattr *nest;

	message->nlmsg_type = RTM_NEWLINK;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->ifi_index = 7;
	header->ifi_type = ARPHRD_ETHER;
	header->ifi_flags = 0x10001;
	mnl_attr_put_strz(message, IFLA_IFNAME, "eth0");
	mnl_attr_put_u32(message, IFLA_MTU, 9000);
	mnl_attr_put(message, IFLA_ADDRESS, 6, "\x02\0\0\0\0\x20");
	nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	mnl_attr_nest_end(message, nest);
	nest = mnl_attr_nest_start(message, IFLA_XDP);
	mnl_attr_put_u8(message, IFLA_XDP_ATTACHED, XDP_ATTACHED_SKB);
	mnl_attr_put_u32(message, IFLA_XDP_PROG_ID, 1324);
	mnl_attr_nest_end(message, nest);
	return message;
}

static struct nlmsghdr *address_message(void *buf)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *header;

	message->nlmsg_type = RTM_NEWADDR;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->ifa_family = AF_INET;
	header->ifa_prefixlen = 24;
	header->ifa_index = 7;
	mnl_attr_put(message, IFA_ADDRESS, 4, "\x0a\x5a\0\x01");
	mnl_attr_put(message, IFA_LOCAL, 4, "\x0a\x5a\0\x14");
	mnl_attr_put(message, IFA_BROADCAST, 4, "\x0a\x5a\0\xff");
	return message;
}

static struct nlmsghdr *neighbour_message(void *buf)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);
	struct ndmsg *header;

	message->nlmsg_type = RTM_NEWNEIGH;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->ndm_family = AF_INET;
	header->ndm_ifindex = 7;
	header->ndm_state = NUD_REACHABLE;
	header->ndm_type = RTN_UNICAST;
	mnl_attr_put(message, NDA_DST, 4, "\x0a\x5a\0\x1e");
	mnl_attr_put(message, NDA_LLADDR, 6, "\x02\0\0\0\0\x30");
	return message;
}

/* Returns 0 when any of the decoders takes it. */
static int decode_all(const struct nlmsghdr *message)
{
	struct netlink_neighbour neighbour;
	struct interface_address address;
	struct interface link;
	int ifindex, err;

	err = rtnl_decode_link(message, &link);
	if (!err)
		cr_expect_lt(strnlen(link.name, sizeof(link.name)), sizeof(link.name));
	if (err)
		err = rtnl_decode_address(message, &ifindex, &address);
	if (err)
		err = rtnl_decode_neighbour(message, &ifindex, &neighbour);
	return err;
}

static struct nlmsghdr *(*const makers[])(void *buf) = { link_message, address_message,
							 neighbour_message };

#define MAKERS (sizeof(makers) / sizeof(makers[0]))

Test(rtnl, link)
{
	_Alignas(8) uint8_t buf[ROOM];
	struct nlmsghdr *message = link_message(buf);
	struct interface link;

	cr_assert_eq(rtnl_decode_link(message, &link), 0);
	cr_expect_eq(link.ifindex, 7);
	cr_expect_str_eq(link.name, "eth0");
	cr_expect(link.ethernet && link.up && link.carrier);
	cr_expect_eq(link.mtu, 9000);
	cr_expect_eq(link.mac.octet[5], 0x20);
	cr_expect_str_eq(link.kind, "veth");
	cr_expect_eq(link.xdp_mode, INTERFACE_XDP_GENERIC);
	cr_expect_eq(link.xdp_program, 1324);

	((struct ifinfomsg *)mnl_nlmsg_get_payload(message))->ifi_family = AF_BRIDGE;
	cr_expect_eq(rtnl_decode_link(message, &link), -EBADMSG,
		     "what a bridge says is about its port");
}

Test(rtnl, address)
{
	struct in6_addr ip = event_ip("10.90.0.20"), broadcast = event_ip("10.90.0.255");
	_Alignas(8) uint8_t buf[ROOM];
	struct interface_address address;
	int ifindex;

	cr_assert_eq(rtnl_decode_address(address_message(buf), &ifindex, &address), 0);
	cr_expect_eq(ifindex, 7);
	cr_expect_arr_eq(&address.ip, &ip, sizeof(ip), "the own end, not the other");
	cr_expect_eq(address.prefix, 24);
	cr_expect(address.has_broadcast);
	cr_expect_arr_eq(&address.broadcast, &broadcast, sizeof(ip));
}

Test(rtnl, neighbour_states)
{
	static const struct {
		uint16_t type, state;
		uint8_t route;
		enum kernel_state expected;
	} rows[] = {
		{ RTM_NEWNEIGH, NUD_REACHABLE, RTN_UNICAST, KERNEL_SAME },
		{ RTM_NEWNEIGH, NUD_STALE, RTN_UNICAST, KERNEL_SAME },
		{ RTM_NEWNEIGH, NUD_DELAY, RTN_UNICAST, KERNEL_SAME },
		{ RTM_NEWNEIGH, NUD_PROBE, RTN_UNICAST, KERNEL_SAME },
		{ RTM_NEWNEIGH, NUD_PERMANENT, RTN_UNICAST, KERNEL_SAME },
		{ RTM_NEWNEIGH, NUD_INCOMPLETE, RTN_UNICAST, KERNEL_INCOMPLETE },
		{ RTM_NEWNEIGH, NUD_FAILED, RTN_UNICAST, KERNEL_FAILED },
		{ RTM_NEWNEIGH, NUD_NOARP, RTN_UNICAST, KERNEL_NONE },
		{ RTM_NEWNEIGH, NUD_PERMANENT, RTN_MULTICAST, KERNEL_NONE },
		{ RTM_DELNEIGH, NUD_REACHABLE, RTN_UNICAST, KERNEL_NONE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_Alignas(8) uint8_t buf[ROOM];
		struct nlmsghdr *message = neighbour_message(buf);
		struct ndmsg *header = mnl_nlmsg_get_payload(message);
		struct netlink_neighbour neighbour;
		int ifindex;

		message->nlmsg_type = rows[i].type;
		header->ndm_state = rows[i].state;
		header->ndm_type = rows[i].route;
		cr_assert_eq(rtnl_decode_neighbour(message, &ifindex, &neighbour), 0);
		cr_expect_eq(neighbour.state, rows[i].expected, "row %zu", i);
		cr_expect_eq(neighbour.has_mac, rows[i].expected == KERNEL_SAME, "row %zu", i);
	}
}

/* In memory of exactly that size, so that a sanitizer sees the first byte too many. */
Test(rtnl, cut_at_every_length)
{
	for (size_t i = 0; i < MAKERS; i++) {
		_Alignas(8) uint8_t buf[ROOM];
		uint32_t length = makers[i](buf)->nlmsg_len;

		cr_expect_eq(decode_all((struct nlmsghdr *)buf), 0);
		for (uint32_t cut = sizeof(struct nlmsghdr); cut < length; cut++) {
			struct nlmsghdr *message = malloc(cut);

			cr_assert_not_null(message);
			memcpy(message, buf, cut);
			message->nlmsg_len = cut;
			decode_all(message);
			free(message);
		}
	}
}

Test(rtnl, every_byte_changed)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

	for (size_t i = 0; i < MAKERS; i++) {
		_Alignas(8) uint8_t buf[ROOM];
		uint32_t length = makers[i](buf)->nlmsg_len;

		for (uint32_t at = sizeof(struct nlmsghdr); at < length; at++) {
			for (size_t v = 0; v < sizeof(values); v++) {
				struct nlmsghdr *message = malloc(length);

				cr_assert_not_null(message);
				memcpy(message, buf, length);
				((uint8_t *)message)[at] = values[v];
				decode_all(message);
				free(message);
			}
		}
	}
}

Test(rtnl, other_messages_are_refused)
{
	_Alignas(8) uint8_t buf[ROOM];
	struct nlmsghdr *message = link_message(buf);

	message->nlmsg_type = RTM_NEWROUTE;
	cr_expect_eq(decode_all(message), -EBADMSG);
}
