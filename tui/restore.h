/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The terminal given back at the ends that nobody planned: a crash, by signal handlers; SIGKILL, by
 * a small child process that watches over us and holds nothing but the terminal.
 */
#ifndef FZBPF_RESTORE_H
#define FZBPF_RESTORE_H

#include <stddef.h>
#include <termios.h>

/* From now on. `leave` makes the terminal look as it did; both are copied. */
void restore_begin(int in_fd, int out_fd, const struct termios *before, const char *leave,
		   size_t leave_size);
/* The terminal was given back in good order, for now or for ever; it was taken again. */
void restore_pause(void);
void restore_resume(void);
void restore_end(void);

#endif
