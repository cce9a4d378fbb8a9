/* SPDX-License-Identifier: BSD-2-Clause */
/* The results, as a table for people and as JSON. */
#ifndef FZBPF_BENCH_REPORT_H
#define FZBPF_BENCH_REPORT_H

#include <stdio.h>

#include "cases.h"
#include "lan.h"
#include "live.h"

struct report {
	double load;		   /* of the machine, before */
	const struct cases *cases; /* NULL = not measured, like the others */
	const struct live_result *live;
	const struct lan_result *lan;
};

void report_table(const struct report *report, FILE *out);

/* 0, or the negative errno of a write that failed. */
int report_json(const struct report *report, const char *path);

#endif
