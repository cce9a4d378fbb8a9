/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saved captures, item by item in their order: .pcap by libpcap, .pcapng by pcapng_reader.c, since
 * libpcap hands out neither comments nor journal blocks. Packets are Ethernet frames, or made so
 * (cooked.h).
 */
#ifndef FZBPF_READER_H
#define FZBPF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../src/event.h"
#include "../src/interfaces.h"
#include "../src/names.h"
#include "../src/offline.h"

#define READER_NAME_SIZE 64
#define READER_ERROR_SIZE 512

enum reader_kind { READER_PACKET, READER_JOURNAL };

/* Pointers are valid until the next call. */
struct reader_item {
	enum reader_kind kind;
	const char *text; /* of the journal entry, or the comment of a packet; may be NULL */
	size_t text_length;

	/* of a packet */
	int64_t time_ns;
	const uint8_t *bytes;
	uint32_t captured, length;
	uint64_t lost; /* before it */
	int link;      /* as pcap numbers them */
	enum offline_way way;
};

/* What the head of a file says, as far as it was read by now. */
struct reader_head {
	bool is_ours; /* written by this program as pcapng: comments and events are to be trusted */
	bool has_mac;
	struct mac mac;
	char interface[READER_NAME_SIZE]; /* "" = not said */
	struct interface_address addresses[INTERFACE_ADDRESSES];
	size_t address_count;
	struct names names; /* of hosts */
};

struct reader;

/* "-" is standard input. -EMEDIUMTYPE: not Ethernet, -EBADMSG: not a capture, or another. */
int reader_open(const char *path, struct reader **ret, char *ret_error, size_t size);
void reader_close(struct reader *reader);

/* 1: an item, 0: the end, -EBADMSG: what follows is damaged or cut off. */
int reader_next(struct reader *reader, struct reader_item *ret);

/* From the start again. */
int reader_rewind(struct reader *reader);

const struct reader_head *reader_head(const struct reader *reader);

/* Packets left out since they are of interfaces that are not Ethernet. */
uint64_t reader_skipped(const struct reader *reader);

/* Whether some were made Ethernet frames. */
bool reader_has_cooked(const struct reader *reader);

#endif
