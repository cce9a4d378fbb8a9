/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal's life cycle: taken over once, always given back. This file and restore.c alone keep
 * state of the whole process, because a terminal is just that.
 */
#ifndef FZBPF_TERMINAL_H
#define FZBPF_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* 0; -EOPNOTSUPP: no cursor addressing (use batch output); -ENOENT: unset or unknown. */
int terminal_usable(const char *term, char *ret_error, size_t size);

struct terminal_click {
	int y, x;
	int wheel; /* rows to scroll, down is positive; 0 = a click */
};

/* Standard input and output if they are terminals, else /dev/tty. */
int terminal_open(const char *term, bool mouse, char *ret_error, size_t size);
void terminal_close(void);

int terminal_fd(void);
/* True when reading found nothing because nobody is there any more. */
bool terminal_is_gone(void);

/* What a KEY_MOUSE was about; false for nothing of interest. */
bool terminal_click(struct terminal_click *ret);

/* Asks the terminal for its size and tells curses. */
void terminal_resize(void);
void terminal_suspend(void);
void terminal_resume(void);

#endif
