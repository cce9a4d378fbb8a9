/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recording of passed-up packets as the user sees it: started and stopped, with a file name
 * made up if none was given, and a line that says what is being written. Also counts for -c.
 */
#ifndef FZBPF_RECORDER_H
#define FZBPF_RECORDER_H

#include "../src/model.h"
#include "writer.h"

struct recorder {
	struct writer_options options; /* for all files; `path` is not used */
	uint64_t limit;		       /* packets, 0 = none */
	struct writer *writer;	       /* NULL = not recording */
	char path[256];
	int64_t started_ns;
	bool failed; /* a write error ended the last recording */
};

/* `path` NULL: a name after interface and time, in the current folder. Errors are writer_open's. */
int recorder_start(struct recorder *recorder, const char *path, const char *interface,
		   int64_t now_ns, char *ret_error, size_t size);

/*
 * For a key: stops the recording, or starts one with the packets that the model still holds, as far
 * as it holds their bytes. `ret_text` says what happened, "" if there is nothing to say. Returns a
 * write error; a file that cannot be created is only said.
 */
int recorder_toggle(struct recorder *recorder, const struct model *model, int64_t now_ns,
		    char *ret_text, size_t size);

/* 0, or the first write error. */
int recorder_take(struct recorder *recorder, const struct event *event);
int recorder_flush(struct recorder *recorder);

/* Whether as many packets as were asked for are written. */
bool recorder_is_full(const struct recorder *recorder);

/* "FILE  12 packets  3.4 KB  00:00:07" for the screen; NULL when nothing is recorded. */
const char *recorder_status(const struct recorder *recorder, int64_t now_ns, char *buf,
			    size_t size);

/* Closes the file. `ret_text` says what it holds, or what went wrong. Returns the first error. */
int recorder_stop(struct recorder *recorder, char *ret_text, size_t size);

#endif
