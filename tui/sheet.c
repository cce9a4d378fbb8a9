/* SPDX-License-Identifier: BSD-2-Clause */
/* Text on a page that scrolls. */
#include "sheet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WIDTH_LEAST 10
#define BYTES_WIDE 16
#define BYTES_NARROW 8
#define BYTES_WIDE_FROM 74 /* columns that a line of BYTES_WIDE takes */
#define OFFSET_WIDTH 6

void sheet_put(struct sheet *sheet, int x, enum meaning meaning, const char *text)
{
	int row = sheet->lines - sheet->top;

	if (row >= 0 && row < sheet->rect->height)
		paint_text(sheet->context->paint, sheet->rect->y + row, sheet->rect->x + x,
			   sheet->rect->width - x, meaning, text);
}

void sheet_end_line(struct sheet *sheet)
{
	sheet->lines++;
}

/* As much of `text` as fits into `width`, up to a blank if there is one. */
static int wrap_at(const char *text, int width)
{
	int length = (int)strlen(text);

	if (length <= width)
		return length;
	for (int i = width; i > width / 2; i--)
		if (text[i] == ' ')
			return i;
	return width;
}

void sheet_text(struct sheet *sheet, int x, const char *text)
{
	int width = sheet->rect->width - x;

	if (width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	do {
		char line[VIEW_TEXT];
		int length = wrap_at(text, width < VIEW_TEXT ? width : VIEW_TEXT - 1);

		snprintf(line, sizeof(line), "%.*s", length, text);
		sheet_put(sheet, x, MEANING_TEXT, line);
		sheet->lines++;
		text += length;
		text += strspn(text, " ");
	} while (*text);
}

void sheet_pair(struct sheet *sheet, int width, const char *label, const char *text)
{
	sheet_put(sheet, 2, MEANING_KEY, label);
	sheet_text(sheet, 2 + width, text);
}

void sheet_printf(struct sheet *sheet, int width, const char *label, const char *format, ...)
{
	char text[VIEW_TEXT];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	sheet_pair(sheet, width, label, text);
}

void sheet_heading(struct sheet *sheet, const char *text)
{
	if (sheet->lines)
		sheet->lines++;
	sheet_put(sheet, 0, MEANING_FOCUS, text);
	sheet->lines++;
}

static bool is_marked(size_t at, const struct sheet_mark *marks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (at >= marks[i].offset && at - marks[i].offset < marks[i].length)
			return true;
	return false;
}

/* What stands before a byte, or behind the last one. */
static const char *bracket(bool before, bool here)
{
	return here && !before ? "[" : before && !here ? "]" : " ";
}

/* 0030  00 10 1a 2b[40 01]00 08 61 62                     ...+@...ab */
static void put_bytes(struct sheet *sheet, const uint8_t *bytes, size_t from, size_t end,
		      size_t in_line, const struct sheet_mark *marks, size_t count)
{
	char text[BYTES_WIDE + 1];
	bool before = false;
	int x = OFFSET_WIDTH;

	snprintf(text, sizeof(text), "%04zx", from);
	sheet_put(sheet, 0, MEANING_LABEL, text);
	for (size_t i = from; i < end; i++) {
		bool here = is_marked(i, marks, count);

		sheet_put(sheet, x, MEANING_STRONG, bracket(before, here));
		snprintf(text, sizeof(text), "%02x", bytes[i]);
		sheet_put(sheet, x + 1, here ? MEANING_STRONG : MEANING_TEXT, text);
		x += 3;
		before = here;
	}
	sheet_put(sheet, x, MEANING_STRONG, bracket(before, false));
	for (size_t i = from; i < end; i++)
		text[i - from] = bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	text[end - from] = '\0';
	sheet_put(sheet, OFFSET_WIDTH + 3 * (int)in_line + 2, MEANING_LABEL, text);
	sheet->lines++;
}

void sheet_bytes(struct sheet *sheet, const uint8_t *bytes, size_t length,
		 const struct sheet_mark *marks, size_t count)
{
	size_t in_line = sheet->rect->width >= BYTES_WIDE_FROM ? BYTES_WIDE : BYTES_NARROW;

	for (size_t from = 0; from < length; from += in_line)
		put_bytes(sheet, bytes, from, from + in_line < length ? from + in_line : length,
			  in_line, marks, count);
}
