/* SPDX-License-Identifier: BSD-2-Clause */
/* Two libpcap handles on a live interface, one for each direction, that pass only STUN control. */
#include "tap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/stun.h"
#include "frame.h"

/* A STUN message is never longer than a usual MTU; and two such buffers fit into a page. */
#define SNAPLEN 1800
#define BUFFER_SIZE (4 * 1024 * 1024)
#define FILTER_SIZE 2048

struct tap_handle {
	struct tap *tap;
	pcap_t *pcap;
	bool sent;
	int64_t fraction_ns; /* of the fraction in a timestamp: 1 or 1000 */
	uint64_t dropped;
};

struct tap {
	tap_message_fn *message;
	void *context;
	struct tap_handle handles[TAP_SIDES];
};

/*
 * Absolute offsets, three times over: without a tag, with one and with two. The outermost tag is
 * usually beside the frame, not in it, when the filter looks; libpcap's own `vlan` would cope with
 * that but not with both at once. IPv4 means without options and not a fragment.
 */
static int write_filter(uint16_t turn_port, bool sent, char *ret_filter, size_t size)
{
	static const char *const tags[] = {
		"",
		"(ether[12:2] = 0x8100 or ether[12:2] = 0x88a8) and ",
		"(ether[12:2] = 0x8100 or ether[12:2] = 0x88a8) and "
		"(ether[16:2] = 0x8100 or ether[16:2] = 0x88a8) and ",
	};
	int port_at = sent ? 0 : 2;
	size_t used = 0;
	int at, tag, n;

	for (tag = 0; tag < 3; tag++) {
		at = 4 * tag;
		n = snprintf(
			ret_filter + used, size - used,
			"%s(%s((ether[%d:2] = 0x0800 and ether[%d] = 0x45 and ether[%d] = 17 and "
			"ether[%d:2] & 0x3fff = 0 and ether[%d:2] = %u and "
			"ether[%d] & 0xc0 = 0 and ether[%d:4] = 0x2112a442) or "
			"(ether[%d:2] = 0x86dd and ether[%d] = 17 and ether[%d:2] = %u and "
			"ether[%d] & 0xc0 = 0 and ether[%d:4] = 0x2112a442)))",
			tag ? " or " : "", tags[tag], at + 12, at + 14, at + 23, at + 20,
			at + 34 + port_at, turn_port, at + 42, at + 46, at + 12, at + 20,
			at + 54 + port_at, turn_port, at + 62, at + 66);
		if (n < 0 || (size_t)n >= size - used)
			return -ENOBUFS;
		used += (size_t)n;
	}
	return 0;
}

static int explain(const char *interface, int status, pcap_t *pcap, char *ret_error, size_t size)
{
	switch (status) {
	case PCAP_ERROR_PERM_DENIED:
		snprintf(ret_error, size,
			 "listening on %s needs CAP_NET_RAW; type: sudo fzbpf-top %s", interface,
			 interface);
		return -EPERM;
	case PCAP_ERROR_NO_SUCH_DEVICE:
		snprintf(ret_error, size, "there is no interface %s; type: fzbpf-top -D",
			 interface);
		return -ENODEV;
	case PCAP_ERROR_IFACE_NOT_UP:
		snprintf(ret_error, size, "%s is down; type: sudo ip link set %s up", interface,
			 interface);
		return -ENETDOWN;
	default:
		snprintf(ret_error, size, "libpcap cannot listen on %s: %s", interface,
			 pcap_geterr(pcap));
		return -EINVAL;
	}
}

static int set_filter(struct tap_handle *handle, uint16_t turn_port)
{
	struct bpf_program program;
	char filter[FILTER_SIZE];
	int status;

	if (write_filter(turn_port, handle->sent, filter, sizeof(filter)))
		return PCAP_ERROR;
	status = pcap_compile(handle->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN);
	if (status)
		return status;
	status = pcap_setfilter(handle->pcap, &program);
	pcap_freecode(&program);
	return status;
}

static int configure(pcap_t *pcap)
{
	int status = pcap_set_snaplen(pcap, SNAPLEN);

	if (!status)
		status = pcap_set_promisc(pcap, 0);
	if (!status)
		status = pcap_set_immediate_mode(pcap, 1);
	if (!status)
		status = pcap_set_buffer_size(pcap, BUFFER_SIZE);
	/* Microseconds will do where there is nothing better. */
	if (!status)
		(void)pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	return status;
}

static int open_handle(struct tap_handle *handle, const char *interface, uint16_t turn_port,
		       char *ret_error, size_t size)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(interface, text);
	int status;

	if (!pcap) {
		snprintf(ret_error, size, "libpcap cannot listen on %s: %s", interface, text);
		return -EINVAL;
	}
	handle->pcap = pcap;
	status = configure(pcap);
	/* Above zero are warnings. */
	if (status >= 0)
		status = pcap_activate(pcap);
	if (status >= 0 && pcap_datalink(pcap) != DLT_EN10MB) {
		snprintf(ret_error, size, "%s is not an Ethernet interface; type: fzbpf-top -D",
			 interface);
		return -EMEDIUMTYPE;
	}
	if (status >= 0)
		status = pcap_setdirection(pcap, handle->sent ? PCAP_D_OUT : PCAP_D_IN);
	if (status >= 0)
		status = set_filter(handle, turn_port);
	if (status >= 0)
		status = pcap_setnonblock(pcap, 1, text);
	if (status < 0)
		return explain(interface, status, pcap, ret_error, size);
	handle->fraction_ns =
		pcap_get_tstamp_precision(pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	return 0;
}

int tap_open(const char *interface, uint16_t turn_port, tap_message_fn *message, void *context,
	     struct tap **ret_tap, char *ret_error, size_t error_size)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	int side, err;

	if (!tap) {
		snprintf(ret_error, error_size, "no memory to listen on %s", interface);
		return -ENOMEM;
	}
	tap->message = message;
	tap->context = context;
	for (side = 0; side < TAP_SIDES; side++) {
		tap->handles[side].tap = tap;
		tap->handles[side].sent = side == TAP_SENT;
		err = open_handle(&tap->handles[side], interface, turn_port, ret_error, error_size);
		if (err) {
			tap_close(tap);
			return err;
		}
	}
	*ret_tap = tap;
	return 0;
}

void tap_close(struct tap *tap)
{
	int side;

	if (!tap)
		return;
	for (side = 0; side < TAP_SIDES; side++)
		if (tap->handles[side].pcap)
			pcap_close(tap->handles[side].pcap);
	free(tap);
}

void tap_fds(const struct tap *tap, int ret_fds[TAP_SIDES])
{
	int side;

	for (side = 0; side < TAP_SIDES; side++)
		ret_fds[side] = pcap_get_selectable_fd(tap->handles[side].pcap);
}

void tap_split(const struct snoop_message *datagram, size_t captured, tap_message_fn *message,
	       void *context)
{
	struct snoop_message part = *datagram;
	size_t at, size = datagram->length;

	if (captured >= STUN_HEADER_LENGTH) {
		size_t first = STUN_HEADER_LENGTH + ((size_t)datagram->payload[2] << 8) +
			       datagram->payload[3];

		if (first < size && first <= captured && stun_has_header(datagram->payload, first))
			size = first;
	}
	for (at = 0; at < captured; at += size) {
		part.payload = datagram->payload + at;
		part.length = datagram->length - at < size ? datagram->length - at : size;
		if (part.length > captured - at)
			return;
		message(context, &part);
	}
}

static void take(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct tap_handle *handle = (struct tap_handle *)user;
	struct snoop_message datagram = {
		.time_ns = (int64_t)header->ts.tv_sec * 1000000000 +
			   (int64_t)header->ts.tv_usec * handle->fraction_ns,
		.sent = handle->sent,
	};
	struct frame_udp udp;

	if (frame_find_udp(bytes, header->caplen, &udp))
		return;
	datagram.src = udp.src;
	datagram.dst = udp.dst;
	datagram.payload = udp.payload;
	datagram.length = udp.length;
	tap_split(&datagram, udp.captured, handle->tap->message, handle->tap->context);
}

int tap_drain(struct tap *tap, enum tap_side side, int max)
{
	struct tap_handle *handle = &tap->handles[side];
	int count = pcap_dispatch(handle->pcap, max, take, (u_char *)handle);

	if (count >= 0)
		return count;
	if (count == PCAP_ERROR_BREAK)
		return 0;
	/* libpcap says which only in words; whichever it is, the interface tells by netlink. */
	return strstr(pcap_geterr(handle->pcap), "disappeared") ? -ENETDOWN : -EIO;
}

uint64_t tap_dropped(struct tap *tap)
{
	uint64_t dropped = 0;
	int side;

	for (side = 0; side < TAP_SIDES; side++) {
		struct tap_handle *handle = &tap->handles[side];
		struct pcap_stat stat;

		if (!pcap_stats(handle->pcap, &stat))
			handle->dropped = stat.ps_drop;
		dropped += handle->dropped;
	}
	return dropped;
}
