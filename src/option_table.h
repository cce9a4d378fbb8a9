/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of options, from which the command line is parsed and its help is made.
 */
#ifndef FZBPF_OPTION_TABLE_H
#define FZBPF_OPTION_TABLE_H

#include <stddef.h>

#include "options.h"

#define OPTION_ROWS 32

struct option_row {
	char letter;	      /* 0 = none */
	const char *name;     /* NULL = none */
	const char *argument; /* NULL = takes none */
	const char *fallback; /* NULL = off */
	/* 0, or -EINVAL with a sentence. */
	int (*take)(const struct option_row *row, const char *value, void *field, char *ret_error,
		    size_t size);
	size_t offset;	      /* of the field in struct options */
	double min, max;      /* of a number */
	const char *words[4]; /* of a choice, whose field is the word's index */
	const char *help;
};

#define OPTION_NAME_SIZE 32

/* As it is typed: --name if it has one, else -x. Returns the buffer. */
char *option_row_name(const struct option_row *row, char *buf, size_t size);

/* NULL past the last row. */
const struct option_row *option_row(size_t index);

#endif
