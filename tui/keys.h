/* SPDX-License-Identifier: BSD-2-Clause */
/* From what curses calls a key to what the user wants. */
#ifndef FZBPF_KEYS_H
#define FZBPF_KEYS_H

#include "../src/action.h"

/* ACTION_NONE for a key that means nothing. */
enum action keys_action(int key);

#endif
