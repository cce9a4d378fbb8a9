/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passed-up packets into a capture file or stream, whole records only. The first write error ends
 * the recording, not the program: it is returned once, and again by writer_close(). A stream whose
 * reader stalls loses packets, counted, while the program goes on.
 */
#ifndef FZBPF_WRITER_H
#define FZBPF_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../src/event.h"
#include "../src/interfaces.h"
#include "../src/model.h"
#include "../src/names.h"

#define WRITER_ERROR_SIZE 512

struct writer;

enum writer_kind { WRITER_PCAP, WRITER_PCAPNG };

/* What a pcapng file says about its origin; all may be NULL or zero, and nothing is kept. */
struct writer_origin {
	const char *interface;
	const char *driver;
	const char *command; /* as it was typed */
	struct mac mac;
	const struct interface_address *addresses;
	size_t address_count;
	const struct names *names; /* of hosts */
};

struct writer_options {
	const char *path; /* "-" = standard output; not kept */
	enum writer_kind kind;
	const char *filter; /* PCAP-FILTER; NULL or "" = every packet; not kept */
	uint32_t snaplen;   /* bytes kept of a frame, 0 = all */
	uint64_t lost;	    /* what writer_lost() would have said before this file */
	struct writer_origin origin;
	const struct model *model; /* names class and binding of a packet; may be NULL; kept */
	bool overwrite;		   /* truncate an existing regular file */
	bool has_owner;		   /* give a new file to uid and gid */
	uid_t uid;
	gid_t gid;
};

/* All counts are packets, but for `bytes` of file. */
struct writer_summary {
	uint64_t written;   /* those still in memory too, until a write fails */
	uint64_t filtered;  /* left out by PCAP-FILTER */
	uint64_t unwritten; /* came after, or fell to, a write error */
	uint64_t stalled;   /* found no room, since the stream's reader did not read */
	uint64_t lost; /* never reached us: what writer_lost() said last, since the file began */
	uint64_t bytes;
};

/* -EINVAL with the compiler's words if PCAP-FILTER is not one. */
int writer_check_filter(const char *filter, char *ret_error, size_t size);

/* Creates the file and writes its header at once. -EINVAL is the filter, -EOPNOTSUPP the format,
 * -EEXIST a file that is there, all others a failed file. `ret_error` names the file, the reason
 * and what to do. */
int writer_open(const struct writer_options *options, struct writer **ret, char *ret_error,
		size_t size);

/*
 * Takes packets, and for pcapng the changes of state that journal.h has; ignores all
 * others. Records are kept in memory until it is full or writer_flush(). Both return the first
 * write error once, when it happens; later calls return 0.
 */
int writer_write(struct writer *writer, const struct event *event);
int writer_flush(struct writer *writer);

/* Packets lost on the way to us, since attaching. */
void writer_lost(struct writer *writer, uint64_t total);

/* The first write error, or 0; with a sentence for people. `ret_error` is "" if there was none. */
int writer_error(const struct writer *writer, char *ret_error, size_t size);

/* Of the file, what is still in memory included. */
uint64_t writer_size(const struct writer *writer);

void writer_summary(const struct writer *writer, struct writer_summary *ret);

/* Flushes, closes and frees; NULL is nothing. Returns the first error of all that was done to the
 * file; `ret_summary` may be NULL. */
int writer_close(struct writer *writer, struct writer_summary *ret_summary, char *ret_error,
		 size_t size);

#endif
