/* SPDX-License-Identifier: BSD-2-Clause */
/* The capabilities the program needs to start, and their end once it has what it needs. */
#ifndef FZBPF_PRIVILEGES_H
#define FZBPF_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

/* False: the names of those that are missing are in `ret`, for a sentence. */
bool privileges_suffice(char *ret, size_t size);

/* Gives up all capabilities but those for creating files in the user's folders. 0 or -EPERM. */
int privileges_drop(void);

#endif
