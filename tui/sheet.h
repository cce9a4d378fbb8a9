/* SPDX-License-Identifier: BSD-2-Clause */
/* Text on a page that scrolls: every line is counted, those in sight are drawn. */
#ifndef FZBPF_SHEET_H
#define FZBPF_SHEET_H

#include <stdint.h>

#include "view.h"

#define SHEET_MARKS 64

struct sheet {
	const struct view_context *context;
	const struct rect *rect;
	int top, lines;
};

/* On the current line, from column `x` on. */
void sheet_put(struct sheet *sheet, int x, enum meaning meaning, const char *text);
void sheet_end_line(struct sheet *sheet);
/* A paragraph that starts at column `x`, on as many lines as it needs. */
void sheet_text(struct sheet *sheet, int x, const char *text);
/* A label, and a paragraph beside it at column 2 + `width`. */
void sheet_pair(struct sheet *sheet, int width, const char *label, const char *text);
__attribute__((format(printf, 4, 5))) void sheet_printf(struct sheet *sheet, int width,
							const char *label, const char *format, ...);
/* After a blank line, unless it is the first. */
void sheet_heading(struct sheet *sheet, const char *text);

struct sheet_mark {
	size_t offset, length;
};

/* A hex dump; marked bytes stand in brackets and in bold. */
void sheet_bytes(struct sheet *sheet, const uint8_t *bytes, size_t length,
		 const struct sheet_mark *marks, size_t count);

#endif
