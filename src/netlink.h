/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watches one interface through rtnetlink: its link, its addresses, the kernel's neighbours on it.
 * Only changes are reported, the state found at the start included; what was missed while the
 * socket was overrun is found by asking again and reported as changes too.
 */
#ifndef FZBPF_NETLINK_H
#define FZBPF_NETLINK_H

#include "event.h"
#include "interfaces.h"
#include "model.h"

struct netlink;

enum netlink_event_type {
	NETLINK_LINK,		 /* `link`: name, flags, carrier, MTU, MAC or XDP changed */
	NETLINK_GONE,		 /* removed, or moved to another namespace; nothing follows */
	NETLINK_ADDRESS_ADDED,	 /* `address` */
	NETLINK_ADDRESS_REMOVED, /* `address` */
	NETLINK_NEIGHBOUR,	 /* `neighbour` */
};

/* As model_kernel_neighbour() takes it: KERNEL_SAME stands for "has a MAC", the model compares it.
 */
struct netlink_neighbour {
	struct in6_addr ip;
	enum kernel_state state;
	bool has_mac;
	struct mac mac;
};

struct netlink_event {
	enum netlink_event_type type;
	union {
		struct interface link; /* without driver, speed and addresses */
		struct interface_address address;
		struct netlink_neighbour neighbour;
	};
};

typedef void netlink_handler(const struct netlink_event *event, void *context);

/* Asks for everything and returns at once: answers come with netlink_drain(). */
int netlink_open(int ifindex, netlink_handler *handler, void *context, struct netlink **ret);
void netlink_close(struct netlink *nl);

/* Readable when there is something to drain; non-blocking, close-on-exec. */
int netlink_fd(const struct netlink *nl);

/*
 * Reads at most `max` datagrams; the handler is called from within. Returns how many were read, 0
 * when there was nothing, or a negative errno when the socket cannot be used any more.
 */
int netlink_drain(struct netlink *nl, unsigned int max);

/*
 * Asks for the link again. The kernel announces neither that a BPF link was attached nor that it
 * was detached, so this is how a program taken away is noticed: call it every second or so.
 */
int netlink_ask_link(struct netlink *nl);

#endif
