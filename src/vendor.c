/* SPDX-License-Identifier: BSD-2-Clause */
/* MAC prefixes: a few built in, the rest from a file in the IEEE's CSV format. */
#include "vendor.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VENDORS_MAX 65536 /* the list has some 40,000 */
#define VENDORS_STEP 4096
#define LINE_SIZE 1024
#define LOCALLY_ADMINISTERED 0x02

struct vendor_prefix {
	uint8_t octet[3];
	uint8_t length;
	const char *name;
};

static const struct vendor_prefix prefixes[] = {
	{ { 0x52, 0x54, 0x00 }, 3, "QEMU" },   { { 0x08, 0x00, 0x27 }, 3, "VBox" },
	{ { 0x00, 0x0c, 0x29 }, 3, "VMware" }, { { 0x00, 0x50, 0x56 }, 3, "VMware" },
	{ { 0x00, 0x05, 0x69 }, 3, "VMware" }, { { 0x00, 0x15, 0x5d }, 3, "Hyper-V" },
	{ { 0x00, 0x16, 0x3e }, 3, "Xen" },    { { 0x00, 0x1c, 0x42 }, 3, "Parallels" },
	{ { 0x02, 0x42 }, 2, "Docker" },       { { 0xb8, 0x27, 0xeb }, 3, "RasPi" },
	{ { 0xdc, 0xa6, 0x32 }, 3, "RasPi" },  { { 0xe4, 0x5f, 0x01 }, 3, "RasPi" },
};

const char *vendor_name(const struct mac *mac)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!memcmp(mac->octet, prefixes[i].octet, prefixes[i].length))
			return prefixes[i].name;
	return mac->octet[0] & LOCALLY_ADMINISTERED ? "local" : "";
}

/* ---- the IEEE's list ------------------------------------------------------------------------- */

struct vendor {
	uint8_t octet[3];
	char name[VENDOR_NAME];
};

struct vendors {
	const char *path; /* NULL = has been read */
	size_t count, capacity;
	struct vendor *rows; /* sorted */
};

struct vendors *vendors_new(const char *path)
{
	struct vendors *vendors = calloc(1, sizeof(*vendors));

	if (vendors)
		vendors->path = path;
	return vendors;
}

void vendors_free(struct vendors *vendors)
{
	if (vendors)
		free(vendors->rows);
	free(vendors);
}

static bool is_end(char character)
{
	return !character || strchr(",\"\r\n", character);
}

/* As many whole words as fit, at least the beginning of the first. */
static void shorten(char *to, const char *from)
{
	size_t length = 0, whole = 0;

	while (!is_end(*from) && length < VENDOR_NAME - 1) {
		if (*from == ' ')
			whole = length;
		to[length++] = isprint((unsigned char)*from) ? *from : '?';
		from++;
	}
	if (!is_end(*from) && *from != ' ' && whole)
		length = whole;
	while (length && (to[length - 1] == ' ' || to[length - 1] == '.'))
		length--;
	to[length] = '\0';
}

/* MA-L,002272,American Micro-Fuel Device Corp.,... or MA-L,002272,"Two, Words",... */
static bool parse_line(const char *line, struct vendor *ret)
{
	unsigned int prefix;
	int at = 0;

	if (sscanf(line, "MA-L,%6x,%n", &prefix, &at) != 1 || !at)
		return false;
	ret->octet[0] = (uint8_t)(prefix >> 16);
	ret->octet[1] = (uint8_t)(prefix >> 8);
	ret->octet[2] = (uint8_t)prefix;
	line += at;
	shorten(ret->name, line + (*line == '"'));
	return ret->name[0];
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct vendor *)NULL)->octet));
}

static bool has_room(struct vendors *vendors)
{
	size_t capacity = vendors->capacity + VENDORS_STEP;
	struct vendor *rows;

	if (vendors->count < vendors->capacity)
		return true;
	if (capacity > VENDORS_MAX)
		return false;
	rows = reallocarray(vendors->rows, capacity, sizeof(*rows));
	if (!rows)
		return false;
	vendors->rows = rows;
	vendors->capacity = capacity;
	return true;
}

static void read_list(struct vendors *vendors)
{
	FILE *file = fopen(vendors->path, "re");
	char line[LINE_SIZE];

	vendors->path = NULL;
	if (!file)
		return;
	while (fgets(line, sizeof(line), file) && has_room(vendors))
		if (parse_line(line, &vendors->rows[vendors->count]))
			vendors->count++;
	fclose(file);
	if (vendors->count)
		qsort(vendors->rows, vendors->count, sizeof(*vendors->rows), compare);
}

const char *vendors_name(struct vendors *vendors, const struct mac *mac)
{
	const char *name = vendors ? vendor_name(mac) : "";
	const struct vendor *found = NULL;

	if (!vendors || name[0])
		return name;
	if (vendors->path)
		read_list(vendors);
	if (vendors->count)
		found = bsearch(mac->octet, vendors->rows, vendors->count, sizeof(*vendors->rows),
				compare);
	return found ? found->name : "";
}
