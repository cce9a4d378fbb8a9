/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels of hosts, as they were given (--name) or as a capture file has them. */
#ifndef FZBPF_NAMES_H
#define FZBPF_NAMES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define NAMES_MAX 256
#define NAMES_LABEL_SIZE 64 /* with its end */

struct name {
	struct in6_addr ip;
	char label[NAMES_LABEL_SIZE];
};

/* Empty when zero. */
struct names {
	size_t count;
	struct name rows[NAMES_MAX];
};

/* Letters, digits, dot, hyphen and underscore, 63 at most: safe on every terminal and in files. */
bool names_is_label(const char *label, size_t length);

/* -EINVAL: no label, -EEXIST: that IP has one, -ENOSPC. */
int names_add(struct names *names, const struct in6_addr *ip, const char *label, size_t length);

/* NULL: it has none. `names` may be NULL. */
const char *names_find(const struct names *names, const struct in6_addr *ip);

/* Those of `more` whose IP has none yet, as far as there is room. */
void names_merge(struct names *names, const struct names *more);

#endif
