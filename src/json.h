/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One JSON object a line, written as it is made. Text is escaped so that any bytes give valid JSON
 * in ASCII or UTF-8 without control characters; the caller takes care that begin and end match.
 */
#ifndef FZBPF_JSON_H
#define FZBPF_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Embedded by its user; `out` is the caller's. */
struct json {
	FILE *out;
	bool comma; /* the next value needs one before it */
};

/* A line is an object: json_begin() opens it, json_end() closes it with the newline and flushes.
 * json_end() returns 0 or the negative errno of the first write that failed since the begin. */
void json_begin(struct json *json, FILE *out);
int json_end(struct json *json);

/* `key` is NULL inside arrays. */
void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

void json_string(struct json *json, const char *key, const char *value);
void json_u64(struct json *json, const char *key, uint64_t value);
/* Nanoseconds as seconds, with as many of nine decimals as are needed. */
void json_seconds(struct json *json, const char *key, int64_t ns);
void json_null(struct json *json, const char *key);

#endif
