/* SPDX-License-Identifier: BSD-2-Clause */
/* Rtnetlink messages, checked and typed; and the requests that ask for them. */
#include "rtnl.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct attributes {
	const struct nlattr **table;
	uint16_t max;
};

/* Keeps an attribute only if it is whole; the last one of a type wins. */
static int attribute_keep(const struct nlattr *attribute, void *context)
{
	struct attributes *attributes = context;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= attributes->max)
		attributes->table[type] = attribute;
	return MNL_CB_OK;
}

/* The part behind the family's own header; NULL when that is not there in full. */
static const void *message_header(const struct nlmsghdr *message, uint16_t type_new,
				  uint16_t type_del, size_t size)
{
	if (message->nlmsg_type != type_new && message->nlmsg_type != type_del)
		return NULL;
	if (message->nlmsg_len < sizeof(*message) || mnl_nlmsg_get_payload_len(message) < size)
		return NULL;
	return mnl_nlmsg_get_payload(message);
}

static void message_attributes(const struct nlmsghdr *message, size_t size,
			       const struct nlattr **table, uint16_t max)
{
	struct attributes attributes = { table, max };
	size_t length = mnl_nlmsg_get_payload_len(message);

	/* mnl_attr_parse() rounds the message's length up, and reads there; all headers are
	 * multiples of 4. */
	if (length > size)
		mnl_attr_parse_payload(mnl_nlmsg_get_payload_offset(message, size), length - size,
				       attribute_keep, &attributes);
}

static void take_bytes(const struct nlattr *attribute, void *ret, size_t size)
{
	if (attribute && mnl_attr_get_payload_len(attribute) >= size)
		memcpy(ret, mnl_attr_get_payload(attribute), size);
}

static void take_text(const struct nlattr *attribute, char *ret, size_t size)
{
	size_t length;

	if (!attribute)
		return;
	length = mnl_attr_get_payload_len(attribute);
	if (length >= size)
		length = size - 1;
	memcpy(ret, mnl_attr_get_payload(attribute), length);
	ret[length] = '\0';
}

static bool take_ip(const struct nlattr *attribute, int family, struct in6_addr *ret)
{
	if (!attribute)
		return false;
	if (family == AF_INET && mnl_attr_get_payload_len(attribute) == 4) {
		memset(ret, 0, sizeof(*ret));
		ret->s6_addr[10] = ret->s6_addr[11] = 0xff;
		memcpy(&ret->s6_addr[12], mnl_attr_get_payload(attribute), 4);
		return true;
	}
	if (family == AF_INET6 && mnl_attr_get_payload_len(attribute) == sizeof(*ret)) {
		memcpy(ret, mnl_attr_get_payload(attribute), sizeof(*ret));
		return true;
	}
	return false;
}

/* ---- link ------------------------------------------------------------------------------------ */

static enum interface_xdp_mode xdp_mode(uint8_t attached)
{
	switch (attached) {
	case XDP_ATTACHED_DRV: return INTERFACE_XDP_NATIVE;
	case XDP_ATTACHED_SKB: return INTERFACE_XDP_GENERIC;
	case XDP_ATTACHED_HW: return INTERFACE_XDP_OFFLOADED;
	case XDP_ATTACHED_MULTI: return INTERFACE_XDP_SEVERAL;
	default: return INTERFACE_XDP_NONE;
	}
}

static void take_nested(const struct nlattr *outer, const struct nlattr **table, uint16_t max)
{
	struct attributes attributes = { table, max };

	if (outer)
		mnl_attr_parse_nested(outer, attribute_keep, &attributes);
}

int rtnl_decode_link(const struct nlmsghdr *message, struct interface *ret)
{
	const struct nlattr *table[IFLA_MAX + 1] = { NULL }, *info[IFLA_INFO_MAX + 1] = { NULL };
	const struct nlattr *xdp[IFLA_XDP_MAX + 1] = { NULL };
	const struct ifinfomsg *header =
		message_header(message, RTM_NEWLINK, RTM_DELLINK, sizeof(*header));
	struct interface link = { 0 };
	uint8_t attached = XDP_ATTACHED_NONE;

	/* A bridge says AF_BRIDGE when a port leaves it: that link is not gone. */
	if (!header || header->ifi_family != AF_UNSPEC)
		return -EBADMSG;
	message_attributes(message, sizeof(*header), table, IFLA_MAX);
	take_nested(table[IFLA_LINKINFO], info, IFLA_INFO_MAX);
	take_nested(table[IFLA_XDP], xdp, IFLA_XDP_MAX);

	link.ifindex = header->ifi_index;
	link.type = header->ifi_type;
	link.ethernet = header->ifi_type == ARPHRD_ETHER;
	link.flags = header->ifi_flags;
	link.up = header->ifi_flags & IFF_UP;
	link.carrier = link.up && (header->ifi_flags & IFF_LOWER_UP);
	take_text(table[IFLA_IFNAME], link.name, sizeof(link.name));
	take_bytes(table[IFLA_MTU], &link.mtu, sizeof(link.mtu));
	if (link.ethernet)
		take_bytes(table[IFLA_ADDRESS], &link.mac, sizeof(link.mac));
	take_text(info[IFLA_INFO_KIND], link.kind, sizeof(link.kind));
	take_bytes(xdp[IFLA_XDP_ATTACHED], &attached, sizeof(attached));
	take_bytes(xdp[IFLA_XDP_PROG_ID], &link.xdp_program, sizeof(link.xdp_program));
	link.xdp_mode = xdp_mode(attached);
	*ret = link;
	return 0;
}

/* ---- address --------------------------------------------------------------------------------- */

int rtnl_decode_address(const struct nlmsghdr *message, int *ret_ifindex,
			struct interface_address *ret)
{
	const struct nlattr *table[IFA_MAX + 1] = { NULL }, *own;
	const struct ifaddrmsg *header =
		message_header(message, RTM_NEWADDR, RTM_DELADDR, sizeof(*header));
	struct interface_address address = { 0 };

	if (!header)
		return -EBADMSG;
	message_attributes(message, sizeof(*header), table, IFA_MAX);
	/* On a point-to-point link IFA_ADDRESS is the other end. */
	own = table[IFA_LOCAL] ? table[IFA_LOCAL] : table[IFA_ADDRESS];
	if (!take_ip(own, header->ifa_family, &address.ip))
		return -EBADMSG;
	address.prefix = header->ifa_prefixlen;
	if (header->ifa_family == AF_INET)
		address.has_broadcast = take_ip(table[IFA_BROADCAST], AF_INET, &address.broadcast);
	*ret_ifindex = (int)header->ifa_index;
	*ret = address;
	return 0;
}

/* ---- neighbour ------------------------------------------------------------------------------- */

static enum kernel_state neighbour_state(const struct nlmsghdr *message, const struct ndmsg *header,
					 bool has_mac)
{
	if (message->nlmsg_type == RTM_DELNEIGH || header->ndm_type != RTN_UNICAST)
		return KERNEL_NONE;
	if (header->ndm_state & NUD_FAILED)
		return KERNEL_FAILED;
	if (header->ndm_state & NUD_INCOMPLETE)
		return KERNEL_INCOMPLETE;
	return has_mac && !(header->ndm_state & NUD_NOARP) ? KERNEL_SAME : KERNEL_NONE;
}

int rtnl_decode_neighbour(const struct nlmsghdr *message, int *ret_ifindex,
			  struct netlink_neighbour *ret)
{
	const struct nlattr *table[NDA_MAX + 1] = { NULL };
	const struct ndmsg *header =
		message_header(message, RTM_NEWNEIGH, RTM_DELNEIGH, sizeof(*header));
	struct netlink_neighbour neighbour = { 0 };

	if (!header)
		return -EBADMSG;
	message_attributes(message, sizeof(*header), table, NDA_MAX);
	if (!take_ip(table[NDA_DST], header->ndm_family, &neighbour.ip))
		return -EBADMSG;
	neighbour.has_mac = table[NDA_LLADDR] &&
			    mnl_attr_get_payload_len(table[NDA_LLADDR]) == sizeof(neighbour.mac);
	neighbour.state = neighbour_state(message, header, neighbour.has_mac);
	neighbour.has_mac = neighbour.has_mac && neighbour.state == KERNEL_SAME;
	if (neighbour.has_mac)
		take_bytes(table[NDA_LLADDR], &neighbour.mac, sizeof(neighbour.mac));
	*ret_ifindex = header->ndm_ifindex;
	*ret = neighbour;
	return 0;
}

/* ---- requests -------------------------------------------------------------------------------- */

static struct nlmsghdr *request(void *buf, uint16_t type, bool dump, uint32_t sequence)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buf);

	message->nlmsg_type = type;
	message->nlmsg_flags = dump ? NLM_F_REQUEST | NLM_F_DUMP : NLM_F_REQUEST;
	message->nlmsg_seq = sequence;
	return message;
}

struct nlmsghdr *rtnl_ask_link(void *buf, int ifindex, uint32_t sequence)
{
	struct nlmsghdr *message = request(buf, RTM_GETLINK, ifindex == 0, sequence);
	struct ifinfomsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	header->ifi_family = AF_UNSPEC;
	header->ifi_index = ifindex;
	return message;
}

struct nlmsghdr *rtnl_ask_addresses(void *buf, uint32_t sequence)
{
	struct nlmsghdr *message = request(buf, RTM_GETADDR, true, sequence);
	struct ifaddrmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	header->ifa_family = AF_UNSPEC;
	return message;
}

struct nlmsghdr *rtnl_ask_neighbours(void *buf, uint32_t sequence)
{
	struct nlmsghdr *message = request(buf, RTM_GETNEIGH, true, sequence);
	struct ndmsg *header = mnl_nlmsg_put_extra_header(message, sizeof(*header));

	header->ndm_family = AF_UNSPEC;
	return message;
}
