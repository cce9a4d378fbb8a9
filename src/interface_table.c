/* SPDX-License-Identifier: BSD-2-Clause */
/* A line an interface: name, state, driver, MTU, MAC, XDP program and mode, addresses. */
#include "interface_table.h"

#include <errno.h>
#include <stdlib.h>

#include "format.h"
#include "interfaces.h"

#define LISTED 1024

static const char *state_of(const struct interface *interface)
{
	if (interface->carrier)
		return "up";
	return interface->up ? "no-carrier" : "down";
}

static const char *driver_of(const struct interface *interface)
{
	if (*interface->driver)
		return interface->driver;
	return *interface->kind ? interface->kind : "-";
}

static void print_row(FILE *out, const struct interface *interface)
{
	char mac[FORMAT_MAC_SIZE], ip[FORMAT_IP_SIZE], xdp[64] = "-";
	size_t i;

	if (interface->xdp_mode != INTERFACE_XDP_NONE)
		snprintf(xdp, sizeof(xdp), "%s, id %u", interface_xdp_label(interface->xdp_mode),
			 interface->xdp_program);
	fprintf(out, "%-15s %-10s %-12s %6u  %-17s  %-18s", interface->name, state_of(interface),
		driver_of(interface), interface->mtu,
		interface->ethernet ? format_mac(mac, sizeof(mac), &interface->mac)
				    : "not Ethernet",
		xdp);
	for (i = 0; i < interface->address_count; i++)
		fprintf(out, " %s/%u", format_ip(ip, sizeof(ip), &interface->addresses[i].ip),
			interface->addresses[i].prefix);
	fputc('\n', out);
}

int interface_table_print(FILE *out)
{
	struct interface *all = calloc(LISTED, sizeof(*all));
	int count = all ? interfaces_list(all, LISTED) : -ENOMEM, i;

	if (count >= 0)
		fprintf(out, "%-15s %-10s %-12s %6s  %-17s  %-18s %s\n", "name", "state", "driver",
			"MTU", "MAC", "XDP", "addresses");
	for (i = 0; i < count; i++)
		print_row(out, &all[i]);
	free(all);
	if (count < 0)
		return count;
	return fflush(out) ? -errno : 0;
}
