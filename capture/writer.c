/* SPDX-License-Identifier: BSD-2-Clause */
/* Capture files: filter, format, memory for whole records, and the first error. */
#include "writer.h"

#include <errno.h>
#include <pcap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "writer_file.h"
#include "writer_format.h"

#define BUFFER_SIZE (256 * 1024) /* several of the largest records */
#define BUFFER_RECORDS 1024
#define RECORD_MAX (RELAY_SNAPLEN_MAX + WRITER_FORMAT_EXTRA)
#define STALL_MS 100	   /* how long a stream that is full may hold up the program, once */
#define LAST_WORDS_MS 2000 /* likewise when it is closed */

_Static_assert(BUFFER_SIZE >= 2 * RECORD_MAX, "a record always fits into an empty buffer");

struct writer {
	char *path;
	int fd;
	uint32_t snaplen;
	bool has_filter;
	struct bpf_program filter;
	const struct writer_format *format;
	void *format_state;
	FILE *stream; /* onto `buffer` */
	struct writer_summary summary;
	uint64_t lost_before; /* the file began */
	uint64_t lost_told;   /* to the format: of lost and stalled */
	bool is_stream;
	bool stalled; /* it was waited for in vain, and has taken nothing since */
	int err;      /* the first, for good */
	size_t used, count;
	size_t ends[BUFFER_RECORDS];
	bool is_packet[BUFFER_RECORDS];
	unsigned char buffer[BUFFER_SIZE];
};

static int fail(int err, char *ret_error, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int fail(int err, char *ret_error, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ret_error, size, format, arguments);
	va_end(arguments);
	return err;
}

/* ---- filter ---------------------------------------------------------------------------------- */

static int compile_filter(const char *filter, uint32_t snaplen, struct bpf_program *ret_program,
			  char *ret_error, size_t size)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, (int)snaplen);
	int err = 0;

	if (!pcap)
		return fail(-ENOMEM, ret_error, size, "PCAP-FILTER '%s': out of memory", filter);
	if (pcap_compile(pcap, ret_program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0)
		err = fail(-EINVAL, ret_error, size,
			   "PCAP-FILTER '%s': %s; man 7 pcap-filter shows the syntax", filter,
			   pcap_geterr(pcap));
	pcap_close(pcap);
	return err;
}

int writer_check_filter(const char *filter, char *ret_error, size_t size)
{
	struct bpf_program program;
	int err = compile_filter(filter, RELAY_SNAPLEN_MAX, &program, ret_error, size);

	if (err == 0)
		pcap_freecode(&program);
	return err;
}

static bool is_wanted(const struct writer *writer, const struct event_passed *passed)
{
	struct pcap_pkthdr header = { .caplen = passed->captured, .len = passed->length };

	return !writer->has_filter ||
	       pcap_offline_filter(&writer->filter, &header, passed->frame) != 0;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static ssize_t stream_write(void *cookie, const char *bytes, size_t length)
{
	struct writer *writer = cookie;

	if (length > sizeof(writer->buffer) - writer->used)
		return 0;
	memcpy(writer->buffer + writer->used, bytes, length);
	writer->used += length;
	return (ssize_t)length;
}

/* Unbuffered, so that `used` is exact after each piece. */
static FILE *open_stream(struct writer *writer)
{
	FILE *stream = fopencookie(writer, "w", (cookie_io_functions_t){ .write = stream_write });

	if (stream)
		setvbuf(stream, NULL, _IONBF, 0);
	return stream;
}

/* Forgets the first `done` bytes of the buffer, and the `whole` records that end in them. */
static void shift_buffer(struct writer *writer, size_t done, size_t whole)
{
	writer->used -= done;
	writer->count -= whole;
	memmove(writer->buffer, writer->buffer + done, writer->used);
	memmove(writer->is_packet, writer->is_packet + whole, writer->count);
	memmove(writer->ends, writer->ends + whole, writer->count * sizeof(writer->ends[0]));
	for (size_t i = 0; i < writer->count; i++)
		writer->ends[i] -= done;
}

/* What is in the buffer will not be written; `ret_where` counts the packets in it. */
static void drop_buffer(struct writer *writer, uint64_t *ret_where)
{
	for (size_t i = 0; i < writer->count; i++) {
		writer->summary.written -= writer->is_packet[i];
		*ret_where += writer->is_packet[i];
	}
	writer->used = 0;
	writer->count = 0;
}

/* Empties the buffer into the file, or as much of it into the stream as that takes. */
static int flush_buffer(struct writer *writer, int wait_ms)
{
	size_t whole = 0, done = writer->used;

	if (writer->used == 0)
		return 0;
	if (writer->is_stream) {
		writer->err =
			writer_file_feed(writer->fd, writer->buffer, writer->used, wait_ms, &done);
		writer->stalled = done == 0 && (wait_ms > 0 || writer->stalled);
		while (whole < writer->count && writer->ends[whole] <= done)
			whole++;
	} else {
		writer->err = writer_file_write(writer->fd, writer->buffer, writer->used,
						writer->ends, writer->count, &whole);
		if (writer->err < 0)
			done = whole ? writer->ends[whole - 1] : 0;
	}
	writer->summary.bytes += done;
	shift_buffer(writer, done, whole);
	if (writer->err < 0)
		drop_buffer(writer, &writer->summary.unwritten);
	return writer->err;
}

static void end_record(struct writer *writer, bool is_packet)
{
	writer->is_packet[writer->count] = is_packet;
	writer->ends[writer->count++] = writer->used;
}

static bool has_room(const struct writer *writer)
{
	return writer->count < BUFFER_RECORDS &&
	       sizeof(writer->buffer) - writer->used >= RECORD_MAX;
}

/* Only a stream can be without room after that. */
static int make_room(struct writer *writer)
{
	if (has_room(writer))
		return 0;
	return flush_buffer(writer, writer->stalled ? 0 : STALL_MS);
}

/* ---- life ------------------------------------------------------------------------------------ */

static int refuse_file(const char *path, int err, char *ret_error, size_t size)
{
	switch (err) {
	case -EEXIST:
		return fail(err, ret_error, size,
			    "%s exists already; give another name, or --overwrite", path);
	case -ELOOP:
		return fail(err, ret_error, size,
			    "%s is a symbolic link; give the name of the file itself", path);
	case -EMEDIUMTYPE:
		return fail(err, ret_error, size,
			    "%s is not a regular file; - writes to standard output", path);
	case -EMLINK:
		return fail(err, ret_error, size,
			    "%s has other names (hard links) too; give a new name", path);
	case -ENOENT:
		return fail(err, ret_error, size, "cannot create %s: its folder is not there",
			    path);
	default: return fail(err, ret_error, size, "cannot create %s: %s", path, strerror(-err));
	}
}

static void release(struct writer *writer)
{
	if (writer->format_state)
		writer->format->close(writer->format_state, writer->stream);
	else if (writer->stream)
		fclose(writer->stream);
	if (writer->has_filter)
		pcap_freecode(&writer->filter);
	free(writer->path);
	free(writer);
}

/* Everything that can be refused without touching the file. */
static int prepare(struct writer *writer, const struct writer_options *options, char *ret_error,
		   size_t size)
{
	static const struct writer_format *const formats[] = {
		[WRITER_PCAP] = &writer_format_pcap,
		[WRITER_PCAPNG] = &writer_format_pcapng,
	};
	struct writer_options adjusted = *options;
	int err;

	writer->format = formats[options->kind];
	writer->snaplen = options->snaplen && options->snaplen < RELAY_SNAPLEN_MAX
				  ? options->snaplen
				  : RELAY_SNAPLEN_MAX;
	if (options->filter && *options->filter) {
		err = compile_filter(options->filter, writer->snaplen, &writer->filter, ret_error,
				     size);
		if (err < 0)
			return err;
		writer->has_filter = true;
	}
	adjusted.snaplen = writer->snaplen;
	writer->lost_before = options->lost;
	writer->path = strdup(options->path);
	writer->stream = open_stream(writer);
	if (!writer->path || !writer->stream ||
	    writer->format->open(writer->stream, &adjusted, &writer->format_state) < 0)
		return fail(-ENOMEM, ret_error, size, "cannot write %s: out of memory",
			    options->path);
	end_record(writer, false);
	return 0;
}

int writer_open(const struct writer_options *options, struct writer **ret, char *ret_error,
		size_t size)
{
	struct writer *writer = calloc(1, sizeof(*writer));
	bool created;
	int err;

	if (!writer)
		return fail(-ENOMEM, ret_error, size, "cannot write %s: out of memory",
			    options->path);
	err = prepare(writer, options, ret_error, size);
	if (err < 0)
		goto out;
	writer->fd = writer_file_open(options, &created);
	if (writer->fd < 0) {
		err = refuse_file(options->path, writer->fd, ret_error, size);
		goto out;
	}
	writer->is_stream = writer_file_is_stream(writer->fd);
	err = flush_buffer(writer, STALL_MS);
	if (err < 0) {
		writer_error(writer, ret_error, size);
		close(writer->fd);
		if (created)
			unlink(options->path);
		goto out;
	}
	*ret = writer;
	return 0;
out:
	release(writer);
	return err;
}

static void put_packet(struct writer *writer, const struct event *event)
{
	uint64_t lost = writer->summary.lost + writer->summary.stalled;

	writer->format->record(writer->format_state, writer->stream, event,
			       lost - writer->lost_told);
	writer->lost_told = lost;
	end_record(writer, true);
	writer->summary.written++;
}

static int write_packet(struct writer *writer, const struct event *event)
{
	if (!is_wanted(writer, &event->passed)) {
		writer->summary.filtered++;
		return 0;
	}
	if (writer->err < 0) {
		writer->summary.unwritten++;
		return 0;
	}
	if (!has_room(writer)) {
		int err = make_room(writer);

		if (err < 0 || !has_room(writer)) {
			writer->summary.stalled += err == 0;
			writer->summary.unwritten += err < 0;
			return err;
		}
	}
	put_packet(writer, event);
	return make_room(writer);
}

int writer_write(struct writer *writer, const struct event *event)
{
	if (event_is_packet(event->type))
		return write_packet(writer, event);
	if (writer->err < 0 || !writer->format->event || !has_room(writer) ||
	    !writer->format->event(writer->format_state, writer->stream, event))
		return 0;
	end_record(writer, false);
	return make_room(writer);
}

int writer_flush(struct writer *writer)
{
	return writer->err < 0 ? 0 : flush_buffer(writer, 0);
}

void writer_lost(struct writer *writer, uint64_t total)
{
	writer->summary.lost = total > writer->lost_before ? total - writer->lost_before : 0;
}

int writer_error(const struct writer *writer, char *ret_error, size_t size)
{
	const char *name = strcmp(writer->path, "-") == 0 ? "standard output" : writer->path;

	if (writer->err == 0)
		return fail(0, ret_error, size, "%s", "");
	if (writer->err == -ENOSPC || writer->err == -EDQUOT)
		return fail(writer->err, ret_error, size,
			    "recording to %s ended: %s; make room and start a new file", name,
			    strerror(-writer->err));
	if (writer->err == -EPIPE)
		return fail(writer->err, ret_error, size,
			    "recording to %s ended: its reader has gone", name);
	if (writer->err == -ETIMEDOUT)
		return fail(writer->err, ret_error, size,
			    "recording to %s ended: its reader does not read", name);
	return fail(writer->err, ret_error, size, "recording to %s ended: %s", name,
		    strerror(-writer->err));
}

uint64_t writer_size(const struct writer *writer)
{
	return writer->summary.bytes + writer->used;
}

void writer_summary(const struct writer *writer, struct writer_summary *ret)
{
	*ret = writer->summary;
}

static void finish(struct writer *writer)
{
	if (writer->err < 0)
		return;
	if (writer->format->totals && has_room(writer)) {
		writer->format->totals(writer->format_state, writer->stream, &writer->summary);
		end_record(writer, false);
	}
	if (flush_buffer(writer, LAST_WORDS_MS) == 0 && writer->used > 0) {
		writer->err = -ETIMEDOUT;
		drop_buffer(writer, &writer->summary.stalled);
	}
}

int writer_close(struct writer *writer, struct writer_summary *ret_summary, char *ret_error,
		 size_t size)
{
	int err;

	fail(0, ret_error, size, "%s", "");
	if (!writer)
		return 0;
	finish(writer);
	/* Network file systems tell of a full disk only now. */
	if (close(writer->fd) < 0 && writer->err == 0)
		writer->err = -errno;
	if (ret_summary)
		writer_summary(writer, ret_summary);
	err = writer_error(writer, ret_error, size);
	release(writer);
	return err;
}
