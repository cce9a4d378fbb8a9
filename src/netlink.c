/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches one interface through rtnetlink: asks for everything, then follows what is announced. */
#include "netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink_known.h"
#include "rtnl.h"

#define RECEIVE_BUFFER (1024 * 1024)

/* A socket answers one question at a time, so a round asks them one after the other. */
enum stage { STAGE_LINK, STAGE_ADDRESSES, STAGE_NEIGHBOURS, STAGE_IDLE };

struct netlink {
	struct mnl_socket *socket;
	int ifindex;
	netlink_handler *handler;
	void *context;
	enum stage stage;
	uint32_t sequence, stage_sequence;
	bool incomplete; /* something was missed since this round began */
	bool ask_again;	 /* as soon as the socket is empty, so that the answer finds room */
	bool progress;	 /* an answer came since netlink_ask_link() was last called */
	bool gone;
	bool has_link;
	struct interface link;
	struct known known;
	uint8_t buf[RTNL_BUFFER_SIZE] __attribute__((aligned(8)));
};

static void report(struct netlink *nl, const struct netlink_event *event)
{
	nl->handler(event, nl->context);
}

/* ---- questions ------------------------------------------------------------------------------- */

static int send_request(struct netlink *nl, const struct nlmsghdr *message)
{
	return mnl_socket_sendto(nl->socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

static int stage_begin(struct netlink *nl, enum stage stage)
{
	uint8_t buf[RTNL_REQUEST_SIZE] __attribute__((aligned(8)));

	nl->stage = stage;
	nl->stage_sequence = ++nl->sequence;
	switch (stage) {
	case STAGE_LINK:
		nl->known.round++;
		nl->incomplete = false;
		return send_request(nl, rtnl_ask_link(buf, nl->ifindex, nl->sequence));
	case STAGE_ADDRESSES: return send_request(nl, rtnl_ask_addresses(buf, nl->sequence));
	case STAGE_NEIGHBOURS: return send_request(nl, rtnl_ask_neighbours(buf, nl->sequence));
	case STAGE_IDLE: break;
	}
	return 0;
}

static void sweep(struct netlink *nl)
{
	struct netlink_event event = { .type = NETLINK_ADDRESS_REMOVED };

	while (known_sweep_address(&nl->known, &event.address))
		report(nl, &event);
	event.type = NETLINK_NEIGHBOUR;
	while (known_sweep_neighbour(&nl->known, &event.neighbour))
		report(nl, &event);
}

static int stage_end(struct netlink *nl)
{
	if (nl->stage < STAGE_NEIGHBOURS)
		return stage_begin(nl, (enum stage)(nl->stage + 1));
	if (nl->incomplete)
		return stage_begin(nl, STAGE_LINK);
	nl->stage = STAGE_IDLE;
	sweep(nl);
	return 0;
}

/* What was dropped is not known, so all of it is asked for. The end of a dump is never dropped. */
static void missed_something(struct netlink *nl)
{
	nl->incomplete = true;
	if (nl->stage == STAGE_IDLE || nl->stage == STAGE_LINK)
		nl->ask_again = true;
}

static int socket_empty(struct netlink *nl)
{
	if (!nl->ask_again || nl->gone)
		return 0;
	nl->ask_again = false;
	return stage_begin(nl, STAGE_LINK);
}

int netlink_ask_link(struct netlink *nl)
{
	uint8_t buf[RTNL_REQUEST_SIZE] __attribute__((aligned(8)));

	bool stuck = nl->stage != STAGE_IDLE && !nl->progress;

	if (nl->gone)
		return 0;
	nl->progress = false;
	if (stuck)
		return stage_begin(nl, STAGE_LINK);
	return send_request(nl, rtnl_ask_link(buf, nl->ifindex, ++nl->sequence));
}

/* ---- answers and announcements --------------------------------------------------------------- */

static void link_gone(struct netlink *nl)
{
	struct netlink_event event = { .type = NETLINK_GONE };

	nl->gone = true;
	report(nl, &event);
}

static bool link_equal(const struct interface *a, const struct interface *b)
{
	return a->flags == b->flags && a->mtu == b->mtu && a->xdp_mode == b->xdp_mode &&
	       a->xdp_program == b->xdp_program && !memcmp(&a->mac, &b->mac, sizeof(a->mac)) &&
	       !strcmp(a->name, b->name);
}

static void take_link(struct netlink *nl, const struct nlmsghdr *message)
{
	struct netlink_event event = { .type = NETLINK_LINK };

	if (rtnl_decode_link(message, &event.link) < 0 || event.link.ifindex != nl->ifindex)
		return;
	if (message->nlmsg_type == RTM_DELLINK) {
		link_gone(nl);
		return;
	}
	if (nl->has_link && link_equal(&nl->link, &event.link))
		return;
	nl->has_link = true;
	nl->link = event.link;
	report(nl, &event);
}

static void take_address(struct netlink *nl, const struct nlmsghdr *message)
{
	bool added = message->nlmsg_type == RTM_NEWADDR;
	struct netlink_event event = { .type = added ? NETLINK_ADDRESS_ADDED
						     : NETLINK_ADDRESS_REMOVED };
	int ifindex;

	if (rtnl_decode_address(message, &ifindex, &event.address) < 0 || ifindex != nl->ifindex)
		return;
	if (added ? known_address_added(&nl->known, &event.address)
		  : known_address_removed(&nl->known, &event.address))
		report(nl, &event);
}

static void take_neighbour(struct netlink *nl, const struct nlmsghdr *message)
{
	struct netlink_event event = { .type = NETLINK_NEIGHBOUR };
	int ifindex;

	if (rtnl_decode_neighbour(message, &ifindex, &event.neighbour) < 0 ||
	    ifindex != nl->ifindex)
		return;
	if (known_neighbour(&nl->known, &event.neighbour))
		report(nl, &event);
}

/* Announcements carry port and number of whoever caused them, which may be our number. */
static bool is_answer(const struct netlink *nl, const struct nlmsghdr *message)
{
	return nl->stage != STAGE_IDLE && message->nlmsg_seq == nl->stage_sequence &&
	       message->nlmsg_pid == mnl_socket_get_portid(nl->socket);
}

/* A question failed: for a link because there is none of that index, else for lack of room. */
static void take_error(struct netlink *nl, const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*error))
		return;
	if (error->error == -ENODEV)
		link_gone(nl);
	else if (error->error < 0)
		nl->incomplete = true;
}

static int take_message(struct netlink *nl, const struct nlmsghdr *message)
{
	bool answers = is_answer(nl, message);

	nl->progress |= answers;
	if (answers && (message->nlmsg_flags & NLM_F_DUMP_INTR))
		nl->incomplete = true;
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		take_link(nl, message);
		return answers && nl->stage == STAGE_LINK ? stage_end(nl) : 0;
	case RTM_NEWADDR:
	case RTM_DELADDR: take_address(nl, message); return 0;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH: take_neighbour(nl, message); return 0;
	case NLMSG_DONE: return answers ? stage_end(nl) : 0;
	case NLMSG_ERROR: take_error(nl, message); return 0;
	default: return 0;
	}
}

static int take_datagram(struct netlink *nl, size_t size)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)nl->buf;
	int left = (int)size, err = 0;

	while (!err && !nl->gone && mnl_nlmsg_ok(message, left)) {
		err = take_message(nl, message);
		message = mnl_nlmsg_next(message, &left);
	}
	return err;
}

int netlink_drain(struct netlink *nl, unsigned int max)
{
	for (unsigned int count = 0; count < max; count++) {
		ssize_t size = mnl_socket_recvfrom(nl->socket, nl->buf, sizeof(nl->buf));
		int err = 0;

		if (size >= 0)
			err = take_datagram(nl, (size_t)size);
		else if (errno == ENOBUFS || errno == ENOSPC)
			missed_something(nl);
		else if (errno == EAGAIN || errno == EINTR)
			return socket_empty(nl) ?: (int)count;
		else
			err = -errno;
		if (err)
			return err;
	}
	return (int)max;
}

/* ---- life ------------------------------------------------------------------------------------ */

static int socket_prepare(struct netlink *nl)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR,
				      RTNLGRP_IPV6_IFADDR };
	int fd = mnl_socket_get_fd(nl->socket), size = RECEIVE_BUFFER;

	/* A small buffer is no failure: what it drops is asked for again. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) < 0)
			return -errno;
	}
	return stage_begin(nl, STAGE_LINK);
}

int netlink_open(int ifindex, netlink_handler *handler, void *context, struct netlink **ret)
{
	struct netlink *nl = calloc(1, sizeof(*nl));
	int err;

	if (!nl)
		return -ENOMEM;
	nl->ifindex = ifindex;
	nl->handler = handler;
	nl->context = context;
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	err = nl->socket ? socket_prepare(nl) : -errno;
	if (err) {
		netlink_close(nl);
		return err;
	}
	*ret = nl;
	return 0;
}

void netlink_close(struct netlink *nl)
{
	if (!nl)
		return;
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl);
}

int netlink_fd(const struct netlink *nl)
{
	return mnl_socket_get_fd(nl->socket);
}
