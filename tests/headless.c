/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal that nobody sees. */
#include "headless.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *sink, *source;
static SCREEN *terminal;

bool headless_open(const char *term, int height, int width)
{
	char number[16];

	setlocale(LC_ALL, "C.UTF-8");
	snprintf(number, sizeof(number), "%d", height);
	setenv("LINES", number, 1);
	snprintf(number, sizeof(number), "%d", width);
	setenv("COLUMNS", number, 1);
	sink = fopen("/dev/null", "w");
	source = fopen("/dev/null", "r");
	terminal = newterm(term, sink, source);
	if (!terminal)
		return false;
	set_term(terminal);
	resizeterm(height, width);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	return true;
}

void headless_resize(int height, int width)
{
	resizeterm(height, width);
}

void headless_close(void)
{
	endwin();
	delscreen(terminal);
	fclose(sink);
	fclose(source);
	terminal = NULL;
}

/* One cell as UTF-8; everything we draw is in the basic plane. */
static size_t put_cell(char *at, wchar_t character)
{
	unsigned int code = (unsigned int)character;

	if (code < 0x80) {
		at[0] = code ? (char)code : ' ';
		return 1;
	}
	if (code < 0x800) {
		at[0] = (char)(0xc0 | code >> 6);
		at[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	at[0] = (char)(0xe0 | code >> 12);
	at[1] = (char)(0x80 | (code >> 6 & 0x3f));
	at[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

char *headless_text(char *buf)
{
	int height, width;
	char *at = buf;

	getmaxyx(stdscr, height, width);
	for (int y = 0; y < height; y++) {
		char *end = at;

		for (int x = 0; x < width; x++) {
			cchar_t cell;
			wchar_t characters[CCHARW_MAX + 1] = { 0 };
			attr_t attributes;
			short color;

			mvin_wch(y, x, &cell);
			getcchar(&cell, characters, &attributes, &color, NULL);
			at += put_cell(at, characters[0]);
			if (characters[0] && characters[0] != L' ')
				end = at;
		}
		at = end;
		*at++ = '\n';
	}
	*at = '\0';
	return buf;
}

bool headless_find(const char *text, attr_t *ret_attributes, short *ret_color)
{
	int height, width;
	char line[HEADLESS_WIDTH * 4 + 1];

	getmaxyx(stdscr, height, width);
	for (int y = 0; y < height; y++) {
		const char *found;
		cchar_t cell;
		wchar_t characters[CCHARW_MAX + 1];

		mvinnstr(y, 0, line, width);
		found = strstr(line, text);
		if (!found)
			continue;
		/* only lines of plain ASCII up to the text are asked for */
		mvin_wch(y, (int)(found - line), &cell);
		getcchar(&cell, characters, ret_attributes, ret_color, NULL);
		return true;
	}
	return false;
}

void headless_check_golden(const char *name)
{
	char *seen = malloc(HEADLESS_SIZE), *wanted = calloc(1, HEADLESS_SIZE);
	const char *update = getenv("UPDATE_GOLDEN");
	bool write = update && *update == '1';
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/golden/%s.txt", TESTS_DIR, name);
	headless_text(seen);
	file = fopen(path, write ? "w" : "r");
	cr_assert(file, "cannot open %s", path);
	if (write)
		fputs(seen, file);
	else
		fread(wanted, 1, HEADLESS_SIZE - 1, file);
	fclose(file);
	if (!write)
		cr_assert(!strcmp(seen, wanted), "%s differs\nseen:\n%s\nwanted:\n%s", path, seen,
			  wanted);
	free(seen);
	free(wanted);
}
