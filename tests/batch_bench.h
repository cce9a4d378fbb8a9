/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of batch output share: output into memory, an empty model, and one event of each
 * kind, all at the same time of day.
 */
#ifndef FZBPF_BATCH_BENCH_H
#define FZBPF_BATCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "../src/batch.h"

#define NOON_NS 1714979289123456789LL /* 2024-05-06T07:08:09.123456789Z */
#define SECOND_NS 1000000000LL

struct batch_bench {
	struct batch *batch;
	struct model *model;
	FILE *out;
	char *text;
	size_t size;
};

void batch_bench_open(struct batch_bench *bench, bool json, bool quiet);
void batch_bench_close(struct batch_bench *bench);
/* Line number `index`, without its newline. Freed by the caller. */
char *batch_bench_line(const struct batch_bench *bench, size_t index);

/* An address, IPv4 as v4-mapped. */
struct in6_addr batch_bench_ip(const char *text);

struct event batch_bench_attachment(enum event_type type);
struct event batch_bench_neighbour(enum event_type type);
struct event batch_bench_binding(enum event_type type);
struct event batch_bench_miss(void);
struct event batch_bench_counters(void);

/* The newest packet of the model is this one, and has this class. */
void batch_bench_set_class(struct model *model, const struct event *event, enum relay_class class);
/* An address learned, one wanted, one evicted, and a binding. */
void batch_bench_fill_tables(struct model *model);
/* Every kind of event once, with names that want to harm a terminal, and the tables. */
void batch_bench_write_everything(struct batch_bench *bench);

#endif
