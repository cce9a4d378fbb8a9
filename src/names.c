/* SPDX-License-Identifier: BSD-2-Clause */
/* A short list, searched from its start. */
#include "names.h"

#include <errno.h>
#include <string.h>

bool names_is_label(const char *label, size_t length)
{
	if (length == 0 || length >= NAMES_LABEL_SIZE)
		return false;
	for (size_t i = 0; i < length; i++) {
		char c = label[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
		    c != '.' && c != '-' && c != '_')
			return false;
	}
	return true;
}

const char *names_find(const struct names *names, const struct in6_addr *ip)
{
	for (size_t i = 0; names && i < names->count; i++)
		if (IN6_ARE_ADDR_EQUAL(&names->rows[i].ip, ip))
			return names->rows[i].label;
	return NULL;
}

int names_add(struct names *names, const struct in6_addr *ip, const char *label, size_t length)
{
	struct name *row = &names->rows[names->count];

	if (!names_is_label(label, length))
		return -EINVAL;
	if (names_find(names, ip))
		return -EEXIST;
	if (names->count == NAMES_MAX)
		return -ENOSPC;
	row->ip = *ip;
	memcpy(row->label, label, length);
	row->label[length] = '\0';
	names->count++;
	return 0;
}

void names_merge(struct names *names, const struct names *more)
{
	for (size_t i = 0; i < more->count; i++)
		(void)names_add(names, &more->rows[i].ip, more->rows[i].label,
				strlen(more->rows[i].label));
}
