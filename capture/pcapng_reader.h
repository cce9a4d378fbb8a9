/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks of a pcapng stream, of either byte order; every length in it is a stranger's. */
#ifndef FZBPF_PCAPNG_READER_H
#define FZBPF_PCAPNG_READER_H

#include <stdio.h>

#include "reader.h"

struct pcapng_reader;

/* The file stays the caller's and stands at its start. NULL = no memory. */
struct pcapng_reader *pcapng_reader_new(FILE *file);
void pcapng_reader_free(struct pcapng_reader *reader);

/* As reader_next. */
int pcapng_reader_next(struct pcapng_reader *reader, struct reader_item *ret);

const struct reader_head *pcapng_reader_head(const struct pcapng_reader *reader);
uint64_t pcapng_reader_skipped(const struct pcapng_reader *reader);

#endif
