/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a saved capture of either format. */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cooked.h"
#include "pcapng.h"
#include "pcapng_reader.h"

struct reader {
	FILE *file; /* of pcapng; libpcap has its own */
	int fd;	    /* can be rewound */
	bool is_pcapng;
	pcap_t *pcap;
	struct pcapng_reader *pcapng;
	struct reader_head head; /* of pcap: nothing is said */
	int link;		 /* of pcap */
	uint64_t skipped;
	bool has_cooked;
	uint8_t frame[COOKED_FRAME_MAX];
};

/* What is read once must be read again: standard input is kept in a file without a name. */
static int keep_stream(int from, int *ret_fd)
{
	FILE *file = tmpfile();
	char piece[65536];
	ssize_t got = 0;
	int err = 0;

	if (!file)
		return -errno;
	while ((got = read(from, piece, sizeof(piece))) > 0)
		if (fwrite(piece, 1, (size_t)got, file) != (size_t)got)
			break;
	if (got != 0 || fflush(file) != 0)
		err = errno ? -errno : -EIO;
	*ret_fd = err ? -1 : fcntl(fileno(file), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	fclose(file);
	if (!err && *ret_fd < 0)
		err = -errno;
	return err;
}

static int open_file(const char *path, int *ret_fd)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return keep_stream(STDIN_FILENO, ret_fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_SET) < 0) {
		int err = keep_stream(fd, ret_fd);

		close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

static void let_go(struct reader *reader)
{
	if (reader->pcap)
		pcap_close(reader->pcap);
	pcapng_reader_free(reader->pcapng);
	if (reader->file)
		fclose(reader->file);
	reader->pcap = NULL;
	reader->pcapng = NULL;
	reader->file = NULL;
}

void reader_close(struct reader *reader)
{
	if (!reader)
		return;
	let_go(reader);
	close(reader->fd);
	free(reader);
}

static int open_pcap(struct reader *reader, FILE *file, char *ret_error)
{
	reader->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO,
								ret_error);
	if (!reader->pcap) {
		fclose(file);
		return -EBADMSG;
	}
	reader->link = pcap_datalink(reader->pcap);
	if (cooked_knows(reader->link))
		return 0;
	snprintf(ret_error, PCAP_ERRBUF_SIZE,
		 "%s, not Ethernet: it has no MAC addresses\n"
		 "Try:  tcpdump -i INTERFACE -w FILE, on the host of the TURN server",
		 pcap_datalink_val_to_description_or_dlt(reader->link));
	return -EMEDIUMTYPE;
}

/* Begins at the start of the file; `ret_error` has PCAP_ERRBUF_SIZE bytes. */
static int begin(struct reader *reader, char *ret_error)
{
	int fd = fcntl(reader->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (!file || lseek(reader->fd, 0, SEEK_SET) < 0) {
		int err = -errno;

		snprintf(ret_error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		if (file)
			fclose(file);
		else if (fd >= 0)
			close(fd);
		return err;
	}
	if (!reader->is_pcapng)
		return open_pcap(reader, file, ret_error);
	reader->file = file;
	reader->pcapng = pcapng_reader_new(file);
	if (reader->pcapng)
		return 0;
	snprintf(ret_error, PCAP_ERRBUF_SIZE, "out of memory");
	return -ENOMEM;
}

int reader_open(const char *path, struct reader **ret, char *ret_error, size_t size)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	char text[PCAP_ERRBUF_SIZE] = "out of memory";
	uint32_t magic = 0;
	int err = -ENOMEM;

	if (!reader)
		goto out;
	err = open_file(path, &reader->fd);
	if (err < 0) {
		snprintf(text, sizeof(text), "%s", strerror(-err));
		free(reader);
		goto out;
	}
	reader->is_pcapng = pread(reader->fd, &magic, sizeof(magic), 0) == sizeof(magic) &&
			    magic == PCAPNG_SECTION;
	err = begin(reader, text);
	if (err < 0) {
		reader_close(reader);
		goto out;
	}
	*ret = reader;
	return 0;
out:
	snprintf(ret_error, size, "cannot read %s: %s", path, text);
	return err;
}

int reader_rewind(struct reader *reader)
{
	char text[PCAP_ERRBUF_SIZE];

	let_go(reader);
	reader->skipped = 0;
	return begin(reader, text);
}

static int next_of_pcap(struct reader *reader, struct reader_item *ret)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result = pcap_next_ex(reader->pcap, &header, &bytes);

	if (result == PCAP_ERROR_BREAK)
		return 0;
	if (result != 1)
		return -EBADMSG;
	*ret = (struct reader_item){
		.kind = READER_PACKET,
		.time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec,
		.bytes = bytes,
		.captured = header->caplen,
		.length = header->len > header->caplen ? header->len : header->caplen,
		.link = reader->link,
	};
	return 1;
}

static int next_item(struct reader *reader, struct reader_item *ret)
{
	if (reader->pcapng)
		return pcapng_reader_next(reader->pcapng, ret);
	return reader->pcap ? next_of_pcap(reader, ret) : -EBADMSG;
}

/* False: it is to be left out. */
static bool make_ethernet(struct reader *reader, struct reader_item *item)
{
	uint32_t cut = item->length - item->captured;

	if (item->kind != READER_PACKET || item->link == COOKED_ETHERNET)
		return true;
	if (!cooked_to_ethernet(item->link, item->bytes, item->captured, reader->frame,
				&item->captured, &item->way)) {
		reader->skipped++;
		return false;
	}
	item->bytes = reader->frame;
	item->length = item->captured + cut;
	reader->has_cooked = true;
	return true;
}

int reader_next(struct reader *reader, struct reader_item *ret)
{
	int result;

	do
		result = next_item(reader, ret);
	while (result == 1 && !make_ethernet(reader, ret));
	return result;
}

const struct reader_head *reader_head(const struct reader *reader)
{
	return reader->pcapng ? pcapng_reader_head(reader->pcapng) : &reader->head;
}

uint64_t reader_skipped(const struct reader *reader)
{
	return reader->skipped + (reader->pcapng ? pcapng_reader_skipped(reader->pcapng) : 0);
}

bool reader_has_cooked(const struct reader *reader)
{
	return reader->has_cooked;
}
