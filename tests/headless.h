/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal that nobody sees: curses on /dev/null, whose cells are read back. */
#ifndef FZBPF_TEST_HEADLESS_H
#define FZBPF_TEST_HEADLESS_H

#include <ncurses.h>
#include <stdbool.h>
#include <stddef.h>

#define HEADLESS_WIDTH 300
#define HEADLESS_HEIGHT 100
#define HEADLESS_SIZE (HEADLESS_HEIGHT * (4 * HEADLESS_WIDTH + 1) + 1)

/* False: no such terminal type. One at a time. */
bool headless_open(const char *term, int height, int width);
void headless_resize(int height, int width);
void headless_close(void);

/* The screen as UTF-8 lines without trailing blanks. Returns `buf`, of HEADLESS_SIZE bytes. */
char *headless_text(char *buf);
/* The attributes of the cell where `text` begins first; false if it is not on the screen. */
bool headless_find(const char *text, attr_t *ret_attributes, short *ret_color);

/*
 * Compares the screen with tests/golden/NAME.txt; with UPDATE_GOLDEN=1 in the environment writes
 * that file instead. A mismatch is reported with both screens.
 */
void headless_check_golden(const char *name);

#endif
