/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a capture file format is to the writer: three functions that put whole pieces onto a stream.
 * The stream is the writer's memory, so they need not look for write errors.
 */
#ifndef FZBPF_WRITER_FORMAT_H
#define FZBPF_WRITER_FORMAT_H

#include <stdint.h>
#include <stdio.h>

#include "../src/event.h"

struct writer_format {
	const char *name;
	/* Puts the file header. 0 or a negative errno; `ret_state` is the format's own. */
	int (*open)(FILE *out, uint32_t snaplen, void **ret_state);
	/* Puts one record of an EVENT_PASSED_UP. */
	void (*record)(void *state, FILE *out, const struct event *event, uint32_t snaplen);
	/* Puts what ends a file, and frees. Closes `out`. */
	void (*close)(void *state, FILE *out);
};

extern const struct writer_format writer_format_pcap;

#endif
