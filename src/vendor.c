/* SPDX-License-Identifier: BSD-2-Clause */
/* Built-in MAC prefixes of the machines found in labs: virtual ones, containers, small boards. */
#include "vendor.h"

#include <string.h>

#define LOCALLY_ADMINISTERED 0x02

struct vendor_prefix {
	uint8_t octet[3];
	uint8_t length;
	const char *name;
};

static const struct vendor_prefix prefixes[] = {
	{ { 0x52, 0x54, 0x00 }, 3, "QEMU" },   { { 0x08, 0x00, 0x27 }, 3, "VBox" },
	{ { 0x00, 0x0c, 0x29 }, 3, "VMware" }, { { 0x00, 0x50, 0x56 }, 3, "VMware" },
	{ { 0x00, 0x05, 0x69 }, 3, "VMware" }, { { 0x00, 0x15, 0x5d }, 3, "Hyper-V" },
	{ { 0x00, 0x16, 0x3e }, 3, "Xen" },    { { 0x00, 0x1c, 0x42 }, 3, "Parallels" },
	{ { 0x02, 0x42 }, 2, "Docker" },       { { 0xb8, 0x27, 0xeb }, 3, "RasPi" },
	{ { 0xdc, 0xa6, 0x32 }, 3, "RasPi" },  { { 0xe4, 0x5f, 0x01 }, 3, "RasPi" },
};

const char *vendor_name(const struct mac *mac)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!memcmp(mac->octet, prefixes[i].octet, prefixes[i].length))
			return prefixes[i].name;
	return mac->octet[0] & LOCALLY_ADMINISTERED ? "local" : "";
}
