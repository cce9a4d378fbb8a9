/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and addresses read from text: the counterpart of format.h. Each function takes the whole
 * text or nothing, and leaves its output alone if that fails.
 */
#ifndef FZBPF_SCAN_H
#define FZBPF_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* Decimal, or hexadecimal after 0x; no sign, no space. */
bool scan_number(const char *text, uint64_t max, uint64_t *ret_number);
/* IPv4 comes out v4-mapped. */
bool scan_ip(const char *text, struct in6_addr *ret_ip);
bool scan_mac(const char *text, struct mac *ret_mac);
/* 10.0.0.1:3478 or [fd00::1]:3478 */
bool scan_endpoint(const char *text, struct endpoint *ret_endpoint);

#endif
