/* SPDX-License-Identifier: BSD-2-Clause */
/* One block at a time into memory, then its parts, each checked against what is left of it. */
#include "pcapng_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cooked.h"
#include "pcapng.h"

#define BLOCK_MIN 12
#define BLOCK_MAX (16 * 1024 * 1024)
#define INTERFACES 256
#define TIME_MAX_NS (INT64_MAX / 4) /* beyond the year 2200 */

struct pcapng_interface {
	uint16_t link;
	uint8_t resolution; /* as in the file; 6 if it says nothing */
	uint32_t snaplen;
};

struct pcapng_reader {
	FILE *file;
	bool has_section, is_swapped;
	struct reader_head head;
	struct pcapng_interface interfaces[INTERFACES];
	uint32_t interface_count;
	uint64_t skipped;
	uint8_t *body; /* of the present block, without both lengths */
	size_t room;
};

/* What is left of a block's body. */
struct part {
	const uint8_t *at;
	size_t left;
};

struct option {
	uint16_t code, length;
	const uint8_t *value;
};

struct pcapng_reader *pcapng_reader_new(FILE *file)
{
	struct pcapng_reader *reader = calloc(1, sizeof(*reader));

	if (reader)
		reader->file = file;
	return reader;
}

void pcapng_reader_free(struct pcapng_reader *reader)
{
	if (!reader)
		return;
	free(reader->body);
	free(reader);
}

const struct reader_head *pcapng_reader_head(const struct pcapng_reader *reader)
{
	return &reader->head;
}

uint64_t pcapng_reader_skipped(const struct pcapng_reader *reader)
{
	return reader->skipped;
}

/* ---- numbers and options --------------------------------------------------------------------- */

static uint32_t order32(const struct pcapng_reader *reader, uint32_t number)
{
	return reader->is_swapped ? __builtin_bswap32(number) : number;
}

static uint16_t order16(const struct pcapng_reader *reader, uint16_t number)
{
	return reader->is_swapped ? __builtin_bswap16(number) : number;
}

static bool take(struct part *part, size_t length, const uint8_t **ret)
{
	if (part->left < length)
		return false;
	*ret = part->at;
	part->at += length;
	part->left -= length;
	return true;
}

static bool take32(const struct pcapng_reader *reader, struct part *part, uint32_t *ret)
{
	const uint8_t *at;
	uint32_t number;

	if (!take(part, sizeof(number), &at))
		return false;
	memcpy(&number, at, sizeof(number));
	*ret = order32(reader, number);
	return true;
}

/* False at the end, and at the first that does not fit. */
static bool take_option(const struct pcapng_reader *reader, struct part *part, struct option *ret)
{
	const uint8_t *at;
	uint16_t numbers[2];

	if (!take(part, sizeof(numbers), &at))
		return false;
	memcpy(numbers, at, sizeof(numbers));
	ret->code = order16(reader, numbers[0]);
	ret->length = order16(reader, numbers[1]);
	if (ret->code == PCAPNG_END || !take(part, ret->length, &ret->value))
		return false;
	/* The last one's padding may be missing. */
	if (!take(part, -(size_t)ret->length & 3, &at))
		part->left = 0;
	return true;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static int grow(struct pcapng_reader *reader, size_t size)
{
	uint8_t *body;

	if (size <= reader->room)
		return 0;
	body = realloc(reader->body, size);
	if (!body)
		return -ENOMEM;
	reader->body = body;
	reader->room = size;
	return 0;
}

/* 1, 0 at the end of the file, -EBADMSG if it ends within. */
static int read_exactly(struct pcapng_reader *reader, void *to, size_t length)
{
	size_t done = fread(to, 1, length, reader->file);

	if (done == length)
		return 1;
	return done == 0 && feof(reader->file) ? 0 : -EBADMSG;
}

/* The magic number of a section tells how the length before it is to be read. */
static int begin_section(struct pcapng_reader *reader, uint32_t magic)
{
	if (magic != PCAPNG_MAGIC && magic != __builtin_bswap32(PCAPNG_MAGIC))
		return -EBADMSG;
	reader->is_swapped = magic != PCAPNG_MAGIC;
	reader->has_section = true;
	reader->interface_count = 0;
	return 1;
}

/* 1 with the block's type and body; 0, -EBADMSG, -ENOMEM. */
static int read_block(struct pcapng_reader *reader, uint32_t *ret_type, struct part *ret_body)
{
	uint32_t head[2], magic = 0, length, trailer;
	size_t read = 0;
	int result = read_exactly(reader, head, sizeof(head));

	if (result <= 0)
		return result;
	if (head[0] == PCAPNG_SECTION) {
		if (read_exactly(reader, &magic, sizeof(magic)) <= 0 ||
		    begin_section(reader, magic) < 0)
			return -EBADMSG;
		read = sizeof(magic);
	} else if (!reader->has_section)
		return -EBADMSG;
	*ret_type = order32(reader, head[0]);
	length = order32(reader, head[1]);
	if (length < BLOCK_MIN + read || length > BLOCK_MAX || length & 3)
		return -EBADMSG;
	length -= BLOCK_MIN;
	if (grow(reader, length + 1) < 0)
		return -ENOMEM;
	if (read)
		memcpy(reader->body, &magic, read);
	if ((length > read && read_exactly(reader, reader->body + read, length - read) <= 0) ||
	    read_exactly(reader, &trailer, sizeof(trailer)) <= 0 ||
	    order32(reader, trailer) != length + BLOCK_MIN)
		return -EBADMSG;
	*ret_body = (struct part){ reader->body, length };
	return 1;
}

/* Magic, version, length of the section, options. */
static void take_section(struct pcapng_reader *reader, struct part body)
{
	const size_t length = strlen(PCAPNG_APPLICATION " ");
	const uint8_t *fixed;
	struct option option;

	reader->head.is_ours = false;
	if (!take(&body, 16, &fixed))
		return;
	while (take_option(reader, &body, &option))
		if (option.code == PCAPNG_SECTION_APPLICATION && option.length > length &&
		    memcmp(option.value, PCAPNG_APPLICATION " ", length) == 0)
			reader->head.is_ours = true;
}

/* Of all interfaces together. */
static void take_address(struct reader_head *head, const struct option *option)
{
	struct interface_address address = { .ip.s6_addr = { [10] = 0xff, [11] = 0xff } };
	bool is_v4 = option->code == PCAPNG_INTERFACE_IPV4;
	uint32_t mask;

	if (option->length != (is_v4 ? 8 : 17) || head->address_count == INTERFACE_ADDRESSES)
		return;
	if (is_v4) {
		memcpy(&address.ip.s6_addr[12], option->value, 4);
		memcpy(&mask, option->value + 4, sizeof(mask));
		address.prefix = (uint8_t)__builtin_popcount(mask);
	} else {
		memcpy(&address.ip, option->value, 16);
		address.prefix = option->value[16] <= 128 ? option->value[16] : 128;
	}
	head->addresses[head->address_count++] = address;
}

static void take_interface_option(struct pcapng_reader *reader, struct pcapng_interface *interface,
				  const struct option *option)
{
	struct reader_head *head = &reader->head;
	size_t length = option->length;

	switch (option->code) {
	case PCAPNG_INTERFACE_NAME:
		if (length >= sizeof(head->interface))
			length = sizeof(head->interface) - 1;
		memcpy(head->interface, option->value, length);
		head->interface[length] = '\0';
		break;
	case PCAPNG_INTERFACE_IPV4:
	case PCAPNG_INTERFACE_IPV6: take_address(head, option); break;
	case PCAPNG_INTERFACE_MAC:
		if (length != sizeof(head->mac.octet))
			break;
		memcpy(head->mac.octet, option->value, length);
		head->has_mac = true;
		break;
	case PCAPNG_INTERFACE_RESOLUTION:
		if (length == 1)
			interface->resolution = option->value[0];
		break;
	default: break;
	}
}

static int take_interface(struct pcapng_reader *reader, struct part body)
{
	struct pcapng_interface *interface = &reader->interfaces[reader->interface_count];
	struct option option;
	uint32_t link, snaplen;

	if (reader->interface_count == INTERFACES || !take32(reader, &body, &link) ||
	    !take32(reader, &body, &snaplen))
		return -EBADMSG;
	/* The link type is the first 16 bits, whatever the byte order. */
	link = reader->is_swapped ? link >> 16 : link & 0xffff;
	*interface = (struct pcapng_interface){ .link = (uint16_t)link,
						.resolution = 6,
						.snaplen = snaplen };
	while (take_option(reader, &body, &option))
		take_interface_option(reader, interface, &option);
	reader->interface_count++;
	return 0;
}

/* Units are negative powers of ten, or of two if the highest bit is set. */
static int64_t to_ns(uint64_t units, uint8_t resolution)
{
	unsigned __int128 ns = units;
	unsigned int power = resolution & 0x7f;

	if (resolution & 0x80) {
		ns = power < 64 ? ns * 1000000000 >> power : 0;
	} else {
		for (; power < 9; power++)
			ns *= 10;
		for (; power > 9 && ns; power--)
			ns /= 10;
	}
	return ns > TIME_MAX_NS ? TIME_MAX_NS : (int64_t)ns;
}

static void take_packet_option(const struct pcapng_reader *reader, const struct option *option,
			       struct reader_item *item)
{
	uint64_t lost;

	if (option->code == PCAPNG_COMMENT && !item->text) {
		item->text = (const char *)option->value;
		item->text_length = option->length;
	}
	if (option->code != PCAPNG_PACKET_LOST || option->length != sizeof(lost))
		return;
	memcpy(&lost, option->value, sizeof(lost));
	item->lost = reader->is_swapped ? __builtin_bswap64(lost) : lost;
}

/* Returns 1 for a packet, 0 for one that is skipped. */
static int take_packet(struct pcapng_reader *reader, struct part body, struct reader_item *ret)
{
	struct reader_item item = { .kind = READER_PACKET };
	uint32_t interface, high, low;
	struct option option;
	const uint8_t *padding;

	if (!take32(reader, &body, &interface) || !take32(reader, &body, &high) ||
	    !take32(reader, &body, &low) || !take32(reader, &body, &item.captured) ||
	    !take32(reader, &body, &item.length) || interface >= reader->interface_count ||
	    !take(&body, item.captured, &item.bytes))
		return -EBADMSG;
	item.link = reader->interfaces[interface].link;
	if (!cooked_knows(item.link)) {
		reader->skipped++;
		return 0;
	}
	if (item.length < item.captured)
		item.length = item.captured;
	item.time_ns = to_ns((uint64_t)high << 32 | low, reader->interfaces[interface].resolution);
	if (take(&body, -(size_t)item.captured & 3, &padding))
		while (take_option(reader, &body, &option))
			take_packet_option(reader, &option, &item);
	*ret = item;
	return 1;
}

/* Each address with its first label; what is no plain label is left out. */
static void take_names(struct pcapng_reader *reader, struct part body)
{
	struct option record;

	while (take_option(reader, &body, &record)) {
		size_t size = record.code == PCAPNG_NAME_IPV4 ? 4 : 16;
		struct in6_addr ip = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
		const char *label = (const char *)record.value + size;

		if (record.length <= size ||
		    (record.code != PCAPNG_NAME_IPV4 && record.code != PCAPNG_NAME_IPV6))
			continue;
		memcpy(&ip.s6_addr[sizeof(ip) - size], record.value, size);
		(void)names_add(&reader->head.names, &ip, label,
				strnlen(label, record.length - size));
	}
}

static int take_journal(struct part body, struct reader_item *ret)
{
	/* Blocks are padded with zeros. */
	while (body.left && body.at[body.left - 1] == '\0')
		body.left--;
	*ret = (struct reader_item){ .kind = READER_JOURNAL,
				     .text = (const char *)body.at,
				     .text_length = body.left };
	return 1;
}

int pcapng_reader_next(struct pcapng_reader *reader, struct reader_item *ret)
{
	struct part body;
	uint32_t type;
	int result;

	while ((result = read_block(reader, &type, &body)) == 1) {
		switch (type) {
		case PCAPNG_SECTION: take_section(reader, body); continue;
		case PCAPNG_NAMES: take_names(reader, body); continue;
		case PCAPNG_INTERFACE: result = take_interface(reader, body); break;
		case PCAPNG_PACKET: result = take_packet(reader, body, ret); break;
		case PCAPNG_JOURNAL: result = take_journal(body, ret); break;
		default: continue;
		}
		if (result != 0)
			return result;
	}
	return result;
}
