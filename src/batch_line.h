/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of batch output before it is written, and who writes it. Only batch*.c and journal.c see
 * it.
 */
#ifndef FZBPF_BATCH_LINE_H
#define FZBPF_BATCH_LINE_H

#include <stdint.h>
#include <stdio.h>

#include "event.h"
#include "model.h"

#define BATCH_MESSAGE_SIZE 512

/* Sums over the lists of one counters event, so that seen = relayed + passed in every line. */
struct batch_totals {
	uint64_t seen, relayed, passed, misses;
};

struct batch_line {
	const struct event *event; /* NULL for the tables */
	const struct model *model;
	int64_t time_ns;
	const char *name;	    /* of the event, in JSON */
	const char *severity;	    /* DEBUG, INFO, WARN or ERROR */
	enum relay_class class;	    /* of passed_up */
	struct batch_totals totals; /* of counters */
	int64_t interval_ns;	    /* likewise */
	char message[BATCH_MESSAGE_SIZE];
};

/* Rows that a table lists: not those that the kernel program has given up. */
bool batch_lists_neighbour(const struct model_neighbour *row);

struct batch_totals batch_sum_totals(const struct relay_counters *counters);

/* Fill in name, severity and message; time, class, totals and interval must be there. */
void batch_describe(struct batch_line *line);
void batch_describe_neighbours(struct batch_line *line);
void batch_describe_bindings(struct batch_line *line);

/* Each returns 0 or a negative errno. */
int batch_write_json(FILE *out, const struct batch_line *line);
int batch_write_json_neighbours(FILE *out, const struct batch_line *line);
int batch_write_json_bindings(FILE *out, const struct batch_line *line);
int batch_write_text(FILE *out, const struct batch_line *line, int utc_offset_s);
int batch_write_text_neighbours(FILE *out, const struct batch_line *line, int utc_offset_s);
int batch_write_text_bindings(FILE *out, const struct batch_line *line, int utc_offset_s);

#endif
