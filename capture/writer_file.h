/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The file behind a capture: made so that nothing of others is harmed, written in whole records.
 */
#ifndef FZBPF_WRITER_FILE_H
#define FZBPF_WRITER_FILE_H

#include <stddef.h>

#include "writer.h"

/*
 * The descriptor of a new file, of an old one truncated (`overwrite`), or a copy of standard output
 * ("-"). Negative errno: -EEXIST it is there, -ELOOP a symbolic link, -EMEDIUMTYPE not a regular
 * file, -EMLINK it has other names too. `ret_created`: the file was not there before.
 */
int writer_file_open(const struct writer_options *options, bool *ret_created);

/* Whether the descriptor is one that waits for a reader: a pipe, a socket, a terminal. */
bool writer_file_is_stream(int fd);

/*
 * Into a stream: writes what it takes, waiting at most `wait_ms` in all for it to take more.
 * `ret_done` says how many bytes that was, also after an error. All in all that may be nothing.
 */
int writer_file_feed(int fd, const unsigned char *bytes, size_t length, int wait_ms,
		     size_t *ret_done);

/*
 * Into a regular file: writes `length` bytes. On an error, as much of what was written as is not
 * a whole record is taken away again where that is possible: `ends` are the `count`
 * ends of records within the bytes, ascending. `ret_whole` says how many whole records are in the
 * file, also after success.
 */
int writer_file_write(int fd, const unsigned char *bytes, size_t length, const size_t *ends,
		      size_t count, size_t *ret_whole);

#endif
