/* SPDX-License-Identifier: BSD-2-Clause */
/* The network interfaces of this host as they are at one moment: rtnetlink and ethtool. */
#include "interfaces.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rtnl.h"

#define NAME_CONSIDERED 32 /* characters of a mistyped name; real ones have 15 */

const char *interface_xdp_label(enum interface_xdp_mode mode)
{
	static const char *const labels[] = {
#define X(id, label) [INTERFACE_XDP_##id] = label,
		INTERFACE_XDP_MODES(X)
#undef X
	};

	return (unsigned int)mode < INTERFACE_XDP_MODE_COUNT ? labels[mode] : "?";
}

/* ---- rtnetlink ------------------------------------------------------------------------------- */

struct listing {
	struct interface *rows;
	size_t count, max;
};

static int take_link(const struct nlmsghdr *message, void *context)
{
	struct listing *listing = context;

	if (listing->count < listing->max &&
	    !rtnl_decode_link(message, &listing->rows[listing->count]))
		listing->count++;
	return MNL_CB_OK;
}

static int take_address(const struct nlmsghdr *message, void *context)
{
	struct listing *listing = context;
	struct interface_address address;
	int ifindex;

	if (rtnl_decode_address(message, &ifindex, &address) < 0)
		return MNL_CB_OK;
	for (size_t i = 0; i < listing->count; i++) {
		struct interface *row = &listing->rows[i];

		if (row->ifindex == ifindex && row->address_count < INTERFACE_ADDRESSES)
			row->addresses[row->address_count++] = address;
	}
	return MNL_CB_OK;
}

/* Sends a request and hands each message of the answer to `take`. */
static int ask(struct mnl_socket *nl, const struct nlmsghdr *request, mnl_cb_t take,
	       struct listing *listing)
{
	uint8_t buf[RTNL_BUFFER_SIZE] __attribute__((aligned(8)));
	unsigned int sequence = request->nlmsg_seq;
	bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	int more;

	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t size = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (size < 0)
			return -errno;
		more = mnl_cb_run(buf, (size_t)size, sequence, mnl_socket_get_portid(nl), take,
				  listing);
		if (more < 0)
			return -errno;
	} while (dump && more > MNL_CB_STOP);
	return 0;
}

/* ---- ethtool --------------------------------------------------------------------------------- */

/* What it does not answer stays unknown. */
static void ask_driver(int fd, struct interface *row)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ethtool_cmd settings = { .cmd = ETHTOOL_GSET };
	struct ifreq request = { 0 };
	uint32_t speed;

	memcpy(request.ifr_name, row->name, sizeof(row->name));
	request.ifr_data = (char *)&info;
	if (!ioctl(fd, SIOCETHTOOL, &request)) {
		memcpy(row->driver, info.driver, sizeof(row->driver));
		row->driver[sizeof(row->driver) - 1] = '\0';
	}
	request.ifr_data = (char *)&settings;
	if (ioctl(fd, SIOCETHTOOL, &request))
		return;
	speed = (uint32_t)settings.speed_hi << 16 | settings.speed;
	if (speed != (uint32_t)SPEED_UNKNOWN && speed != UINT16_MAX)
		row->speed_mbit = speed;
}

/* ---- looking up ------------------------------------------------------------------------------ */

/* ifindex 0 = all. */
static int collect(struct mnl_socket *nl, int ifindex, struct listing *listing)
{
	uint8_t buf[RTNL_REQUEST_SIZE] __attribute__((aligned(8)));
	int err, fd;

	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	err = ask(nl, rtnl_ask_link(buf, ifindex, 1), take_link, listing);
	if (!err)
		err = ask(nl, rtnl_ask_addresses(buf, 2), take_address, listing);
	if (err)
		return err;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < listing->count; i++)
		ask_driver(fd, &listing->rows[i]);
	close(fd);
	return 0;
}

static int collect_open(int ifindex, struct listing *listing)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int err;

	if (!nl)
		return -errno;
	err = collect(nl, ifindex, listing);
	mnl_socket_close(nl);
	return err;
}

int interfaces_find(const char *name, struct interface *ret)
{
	struct interface found = { 0 };
	struct listing listing = { &found, 0, 1 };
	int ifindex = strnlen(name, IFNAMSIZ) < IFNAMSIZ ? (int)if_nametoindex(name) : 0;
	int err;

	if (!ifindex)
		return -ENODEV;
	err = collect_open(ifindex, &listing);
	if (err)
		return err;
	if (!listing.count)
		return -ENODEV;
	*ret = found;
	return 0;
}

int interfaces_list(struct interface *ret, size_t max)
{
	struct listing listing = { ret, 0, max };
	int err = collect_open(0, &listing);

	return err ? err : (int)listing.count;
}

/* ---- names that look alike ------------------------------------------------------------------- */

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* How many letters to put in, take out, change, or swap with their neighbour. */
static unsigned int distance(const char *a, const char *b)
{
	size_t a_length = strnlen(a, NAME_CONSIDERED), b_length = strnlen(b, NAME_CONSIDERED);
	unsigned int d[NAME_CONSIDERED + 1][NAME_CONSIDERED + 1];

	for (unsigned int i = 0; i <= a_length; i++)
		d[i][0] = i;
	for (unsigned int j = 0; j <= b_length; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		for (size_t j = 1; j <= b_length; j++) {
			d[i][j] = smaller(smaller(d[i - 1][j], d[i][j - 1]) + 1,
					  d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a_length][b_length];
}

size_t interfaces_nearest(const char *name, const struct interface *all, size_t count,
			  size_t ret[INTERFACES_NEAREST])
{
	unsigned int best[INTERFACES_NEAREST];
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		/* Of names as near as each other one that could be used comes first. */
		unsigned int far = 2 * distance(name, all[i].name) + !all[i].ethernet;
		size_t at = found;

		while (at && best[at - 1] > far)
			at--;
		if (at == INTERFACES_NEAREST)
			continue;
		if (found < INTERFACES_NEAREST)
			found++;
		memmove(&best[at + 1], &best[at], (found - at - 1) * sizeof(best[0]));
		memmove(&ret[at + 1], &ret[at], (found - at - 1) * sizeof(ret[0]));
		best[at] = far;
		ret[at] = i;
	}
	return found;
}
