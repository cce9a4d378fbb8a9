/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a capture file format is to the writer: functions that put whole pieces onto a stream. The
 * stream is the writer's memory, so they need not look for write errors.
 */
#ifndef FZBPF_WRITER_FORMAT_H
#define FZBPF_WRITER_FORMAT_H

#include <stdint.h>
#include <stdio.h>

#include "writer.h"

/* Bytes that any piece may add to a frame. */
#define WRITER_FORMAT_EXTRA 8192

struct writer_format {
	const char *name;
	/* Puts the file header. 0 or a negative errno; `ret_state` is the format's own. The
	 * options' snap length is never 0 here. */
	int (*open)(FILE *out, const struct writer_options *options, void **ret_state);
	/* Puts one record of a packet; `lost` packets are missing since the one before.
	 */
	void (*record)(void *state, FILE *out, const struct event *event, uint64_t lost);
	/* Puts what the format has for another event; returns whether that was anything. NULL =
	 * never. */
	bool (*event)(void *state, FILE *out, const struct event *event);
	/* Puts the totals that end a file; NULL = there is no place for them. */
	void (*totals)(void *state, FILE *out, const struct writer_summary *summary);
	/* Frees. Closes `out`. */
	void (*close)(void *state, FILE *out);
};

extern const struct writer_format writer_format_pcap;
extern const struct writer_format writer_format_pcapng;

#endif
