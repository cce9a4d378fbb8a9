/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of interfaces for -D. */
#ifndef FZBPF_INTERFACE_TABLE_H
#define FZBPF_INTERFACE_TABLE_H

#include <stdio.h>

/* 0, or the negative errno of what kept it from asking or from writing. */
int interface_table_print(FILE *out);

#endif
