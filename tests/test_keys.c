/* SPDX-License-Identifier: BSD-2-Clause */
/* From keys to intents. */
#include <criterion/criterion.h>
#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "../tui/keys.h"

/* What a word of the help page says, as curses would deliver it; ERR if it is not a key's name. */
static int key_named(const char *word)
{
	static const struct {
		const char *word;
		int key;
	} names[] = {
		{ "Space", ' ' },	   { "Tab", '\t' },	  { "Esc", 27 },
		{ "Shift-Tab", KEY_BTAB }, { "Up", KEY_UP },	  { "Down", KEY_DOWN },
		{ "PgUp", KEY_PPAGE },	   { "PgDn", KEY_NPAGE }, { "Home", KEY_HOME },
		{ "End", KEY_END },	   { "Enter", '\r' },
	};
	int number;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i].word, word))
			return names[i].key;
	if (sscanf(word, "F%d", &number) == 1)
		return KEY_F(number);
	if (word[0] == '^' && word[1])
		return word[1] & 0x1f;
	return strlen(word) == 1 ? word[0] : ERR;
}

Test(keys, help_tells_the_truth)
{
	static const struct {
		enum action action;
		const char *keys;
	} rows[] = {
#define X(id, characters, function_key, keys, help) { ACTION_##id, keys },
		ACTIONS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char keys[40], *rest = NULL;

		snprintf(keys, sizeof(keys), "%s", rows[i].keys);
		for (char *word = strtok_r(keys, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			cr_assert_neq(key_named(word), ERR, "%s", word);
			cr_expect_eq(keys_action(key_named(word)), rows[i].action, "%s", word);
		}
	}
}

Test(keys, no_key_means_two_things)
{
	static const char *const characters[] = {
#define X(id, characters, function_key, keys, help) characters,
		ACTIONS(X)
#undef X
	};

	for (int key = 1; key < 128; key++) {
		int found = 0;

		for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
			found += strchr(characters[i], key) != NULL;
		cr_expect_leq(found, 1, "key %d", key);
	}
}

Test(keys, others_mean_nothing)
{
	static const int keys[] = { 0, -1, 'X', '~', 200, 0xe4, KEY_F(12), KEY_MAX };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		cr_expect_eq(keys_action(keys[i]), ACTION_NONE, "key %d", keys[i]);
	cr_expect_eq(keys_action(KEY_RESIZE), ACTION_REDRAW);
}
