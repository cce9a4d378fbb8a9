/* SPDX-License-Identifier: BSD-2-Clause */
/* A screen on the curses terminal that is there already: what screen_open is made of, and tests
 * use. */
#ifndef FZBPF_SCREEN_INTERNAL_H
#define FZBPF_SCREEN_INTERNAL_H

#include "screen.h"

int screen_new(const struct screen_options *options, struct screen **ret);
void screen_free(struct screen *screen);

/* As if a key for this action had been pressed. */
enum action screen_act(struct screen *screen, enum action action);

/* A click there; or the wheel turned, by so many rows. */
enum action screen_click(struct screen *screen, int y, int x, int wheel);

/* As if this key, as curses calls it, had been pressed. */
enum action screen_key(struct screen *screen, int key);

#endif
