/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network interfaces of this host as they are at one moment: asked once, not watched (that is
 * netlink.h).
 */
#ifndef FZBPF_INTERFACES_H
#define FZBPF_INTERFACES_H

#include <stddef.h>

#include "event.h"

#define INTERFACE_ADDRESSES 16
#define INTERFACES_NEAREST 3

/* How an XDP program is attached: X(ID, label). */
#define INTERFACE_XDP_MODES(X)    \
	X(NONE, "-")              \
	X(NATIVE, "native")       \
	X(GENERIC, "generic")     \
	X(OFFLOADED, "offloaded") \
	X(SEVERAL, "several")

enum interface_xdp_mode {
#define X(id, label) INTERFACE_XDP_##id,
	INTERFACE_XDP_MODES(X)
#undef X
		INTERFACE_XDP_MODE_COUNT
};

/* IPv4 is v4-mapped, `prefix` counts as its family does: 0-32 for IPv4. */
struct interface_address {
	struct in6_addr ip;
	struct in6_addr broadcast; /* IPv4; meaningless unless has_broadcast */
	bool has_broadcast;
	uint8_t prefix;
};

struct interface {
	int ifindex;
	char name[16];
	bool ethernet;	     /* speaks Ethernet: ARPHRD_ETHER */
	uint16_t type;	     /* ARPHRD_... */
	uint32_t flags;	     /* IFF_... */
	bool up;	     /* switched on */
	bool carrier;	     /* and able to carry frames */
	uint32_t mtu;	     /* 0 = not known */
	uint32_t speed_mbit; /* 0 = not known */
	struct mac mac;
	char kind[16];	 /* "veth", "bridge", ...; "" for a physical one */
	char driver[32]; /* "" = not known */
	enum interface_xdp_mode xdp_mode;
	uint32_t xdp_program; /* id, 0 = none, or several in different modes */
	size_t address_count;
	struct interface_address addresses[INTERFACE_ADDRESSES];
};

const char *interface_xdp_label(enum interface_xdp_mode mode);

/* 0; -ENODEV: there is none of that name; another negative errno. */
int interfaces_find(const char *name, struct interface *ret);

/* In the kernel's order; returns how many were written, at most `max`, or a negative errno. */
int interfaces_list(struct interface *ret, size_t max);

/* The names most like `name`, nearest first, as indices into `all`; returns how many were written.
 */
size_t interfaces_nearest(const char *name, const struct interface *all, size_t count,
			  size_t ret[INTERFACES_NEAREST]);

#endif
