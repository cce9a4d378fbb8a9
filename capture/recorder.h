/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The recording of passed-up packets as the user sees it: started and stopped, with a file name
 * made up if none was given, spread over several files if asked, with a line that says what is
 * being written. Also counts for -c. Two of them may run at a time.
 */
#ifndef FZBPF_RECORDER_H
#define FZBPF_RECORDER_H

#include "../src/model.h"
#include "writer.h"

#define RECORDER_PATH_SIZE 4096

/* As tcpdump's -C, -G and -W; 0 = off. */
struct recorder_rotation {
	uint64_t bytes;
	uint64_t seconds;
	uint64_t files;
};

struct recorder {
	struct writer_options options; /* for all files; `path` and `lost` are not used */
	struct recorder_rotation rotation;
	uint64_t limit;	  /* packets, 0 = none */
	uint64_t reasons; /* of the packets that may come; 0 = only the sum of losses is known */
	bool misses_only; /* only packets that missed for want of the MAC of `ip`, and its story */
	struct in6_addr ip;

	/* the recorder's own */
	struct writer *writer; /* NULL = not recording */
	char pattern[RECORDER_PATH_SIZE];
	char path[RECORDER_PATH_SIZE];
	bool is_dated;		      /* the pattern is for strftime() */
	bool is_ring;		      /* numbers have begun anew: the old files are ours */
	bool is_complete;	      /* as many files as were asked for are full */
	uint64_t number;	      /* of the file, as in its name */
	uint64_t periods;	      /* of -G, which are over */
	uint64_t files;		      /* begun */
	struct writer_summary before; /* of the files that are closed */
	uint64_t lost;		      /* of its packets, since attaching */
	struct event
		counters; /* the last, not yet in the file unless they are told; type 0 = none */
	bool told;
	int64_t told_ns;		    /* when the file got some */
	int64_t started_ns, period_ns;	    /* the recording; the present period of -G */
	bool failed;			    /* an error ended the last recording, */
	int error;			    /* which was this, */
	char error_text[WRITER_ERROR_SIZE]; /* told when it is stopped */
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

/* The same for a recorder of the misses of one address, which becomes `ip` when it starts. */
int recorder_toggle_misses(struct recorder *recorder, const struct in6_addr *ip,
			   const struct model *model, int64_t now_ns, char *ret_text, size_t size);

/* Events of any type. 0, or the first error of writing or of beginning a file. */
int recorder_take(struct recorder *recorder, const struct event *event);
int recorder_flush(struct recorder *recorder);

/* Whether as many packets, or files of -G, as were asked for are written. */
bool recorder_is_full(const struct recorder *recorder);

/* "FILE  12 packets  3.4 KB  00:00:07" for the screen; NULL when nothing is recorded. */
const char *recorder_status(const struct recorder *recorder, int64_t now_ns, char *buf,
			    size_t size);

/* Closes the file. `ret_text` says what it holds, or what went wrong. Returns the first error. */
int recorder_stop(struct recorder *recorder, char *ret_text, size_t size);

#endif
