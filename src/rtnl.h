/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rtnetlink messages, checked and typed; and the requests that ask for them. Nothing is trusted
 * because the kernel sent it: lengths are checked, so that the decoder can be fed with anything.
 */
#ifndef FZBPF_RTNL_H
#define FZBPF_RTNL_H

#include <libmnl/libmnl.h>

#include "interfaces.h"
#include "netlink.h"

/* Big enough for every message the kernel sends in answer to the requests below. */
#define RTNL_BUFFER_SIZE 32768
#define RTNL_REQUEST_SIZE 64

/* All return 0, or -EBADMSG: not such a message, or cut. What a message does not tell is zero. */
int rtnl_decode_link(const struct nlmsghdr *message, struct interface *ret);
int rtnl_decode_address(const struct nlmsghdr *message, int *ret_ifindex,
			struct interface_address *ret);
/* KERNEL_NONE: removed, or nothing the kernel asked the network about (multicast, broadcast). */
int rtnl_decode_neighbour(const struct nlmsghdr *message, int *ret_ifindex,
			  struct netlink_neighbour *ret);

/* A request in a buffer of RTNL_REQUEST_SIZE aligned bytes; ifindex 0 = dump of all. */
struct nlmsghdr *rtnl_ask_link(void *buf, int ifindex, uint32_t sequence);
struct nlmsghdr *rtnl_ask_addresses(void *buf, uint32_t sequence);
struct nlmsghdr *rtnl_ask_neighbours(void *buf, uint32_t sequence);

#endif
