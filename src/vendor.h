/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who made a network card, as far as its MAC address tells: built-in prefixes of virtual and small
 * machines, and the IEEE's list where it is installed (Debian package ieee-data).
 */
#ifndef FZBPF_VENDOR_H
#define FZBPF_VENDOR_H

#include "event.h"

#define VENDOR_NAME 10 /* with its zero */
#define VENDOR_FILE "/usr/share/ieee-data/oui.csv"

/* A static name of at most 9 characters: a maker of virtual or small machines, "local" for other
 * locally administered addresses, or "" if not known. */
const char *vendor_name(const struct mac *mac);

struct vendors;

/* The list in `path` is read when a name is asked for that is not built in; it may be missing.
 * NULL = no memory. */
struct vendors *vendors_new(const char *path);
void vendors_free(struct vendors *vendors);

/* As vendor_name, and from the list. Without `vendors` (NULL) nobody has a name. */
const char *vendors_name(struct vendors *vendors, const struct mac *mac);

#endif
