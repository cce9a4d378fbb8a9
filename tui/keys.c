/* SPDX-License-Identifier: BSD-2-Clause */
/* The key table: characters and function keys from the list of actions, the rest from here. */
#include "keys.h"

#include <ncurses.h>
#include <string.h>

struct key_row {
	const char *characters;
	int function_key;
	enum action action;
};

static const struct key_row rows[] = {
#define X(id, characters, function_key, keys, help) { characters, function_key, ACTION_##id },
	ACTIONS(X)
#undef X
};

static const struct {
	int key;
	enum action action;
} cursor_keys[] = {
	{ KEY_UP, ACTION_UP },	       { KEY_DOWN, ACTION_DOWN },
	{ KEY_PPAGE, ACTION_PAGE_UP }, { KEY_NPAGE, ACTION_PAGE_DOWN },
	{ KEY_HOME, ACTION_FIRST },    { KEY_END, ACTION_LAST },
	{ KEY_ENTER, ACTION_OPEN },    { KEY_BTAB, ACTION_PANE_PREVIOUS },
	{ KEY_RESIZE, ACTION_REDRAW },
};

enum action keys_action(int key)
{
	for (size_t i = 0; i < sizeof(cursor_keys) / sizeof(cursor_keys[0]); i++)
		if (cursor_keys[i].key == key)
			return cursor_keys[i].action;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].function_key && key == KEY_F(rows[i].function_key))
			return rows[i].action;
		if (key > 0 && key < 128 && strchr(rows[i].characters, key))
			return rows[i].action;
	}
	return ACTION_NONE;
}
