/* SPDX-License-Identifier: BSD-2-Clause */
/* Who made a network card, as far as its MAC address tells. */
#ifndef FZBPF_VENDOR_H
#define FZBPF_VENDOR_H

#include "event.h"

/* A static name of at most 9 characters: a maker of virtual or small machines, "local" for other
 * locally administered addresses, or "" if not known. */
const char *vendor_name(const struct mac *mac);

#endif
