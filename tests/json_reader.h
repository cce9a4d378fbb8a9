/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A strict reader of one JSON text, for tests: is it valid, and what does it hold at a place.
 */
#ifndef FZBPF_JSON_READER_H
#define FZBPF_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

bool json_is_valid(const char *text);

/*
 * The raw text of the value at `path`, names and array indexes with slashes ("passed/no-mac",
 * "neighbors/0/ip"), strings without their quotes. False if it is not there. Returns in `ret` "{"
 * or
 * "[" and what follows for objects and arrays.
 */
bool json_get(const char *text, const char *path, char *ret, size_t size);

#endif
