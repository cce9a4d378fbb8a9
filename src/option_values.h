/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words that options take, each checked on its own: numbers, ports, endpoints, bindings and
 * sets of reasons. All return 0 or -EINVAL with a sentence in the caller's buffer.
 */
#ifndef FZBPF_OPTION_VALUES_H
#define FZBPF_OPTION_VALUES_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "options.h"

/* Writes the sentence and returns -EINVAL. */
int option_fail(char *ret_error, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* `name` is what the sentence calls it. Decimal, or hexadecimal with 0x. */
int option_parse_number(const char *name, const char *text, uint64_t min, uint64_t max,
			uint64_t *ret_number, char *ret_error, size_t size);
int option_parse_seconds(const char *name, const char *text, double min, double max,
			 double *ret_seconds, char *ret_error, size_t size);
/* A-B, or one port. */
int option_parse_ports(const char *name, const char *text, uint16_t *ret_min, uint16_t *ret_max,
		       char *ret_error, size_t size);
/* 10.0.0.1:3478 or [fd00::1]:3478; a unicast address and a port that is not 0. */
int option_parse_endpoint(const char *name, const char *text, struct endpoint *ret_endpoint,
			  char *ret_error, size_t size);
/* client=IP:PORT,channel=N,relayed=IP:PORT,peer=IP:PORT[,server=IP:PORT]; without server its port
 * is 0. */
int option_parse_binding(const char *text, struct options_binding *ret_binding, char *ret_error,
			 size_t size);
/* IP=LABEL, into `names`. */
int option_parse_name(const char *text, struct names *names, char *ret_error, size_t size);

#endif
