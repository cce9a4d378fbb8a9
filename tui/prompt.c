/* SPDX-License-Identifier: BSD-2-Clause */
/* The line in which the filter is typed. */
#include "prompt.h"

#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#define KEY_ESCAPE 27
#define KEY_DELETE 127
#define KEY_CONTROL_H 8
#define KEY_CONTROL_U 21

void prompt_set(struct prompt *prompt, const char *text)
{
	/* `text` may be the prompt's own */
	if (text != prompt->text)
		snprintf(prompt->text, sizeof(prompt->text), "%s", text);
	prompt->unknown = filter_parse(prompt->text, &prompt->filter) != 0;
	prompt->version++;
}

void prompt_open(struct prompt *prompt)
{
	prompt->open = true;
	prompt->back = 0;
}

void prompt_remember(struct prompt *prompt)
{
	size_t at = 0;

	if (!prompt->text[0])
		return;
	while (at < prompt->past_count && strcmp(prompt->past[at], prompt->text))
		at++;
	if (at == prompt->past_count && prompt->past_count < PROMPT_PAST)
		prompt->past_count++;
	if (at == PROMPT_PAST)
		at--;
	memmove(prompt->past[1], prompt->past[0], at * sizeof(prompt->past[0]));
	memcpy(prompt->past[0], prompt->text, sizeof(prompt->text));
}

static void go_back(struct prompt *prompt, bool further)
{
	if (further ? prompt->back == prompt->past_count : !prompt->back)
		return;
	if (!prompt->back)
		memcpy(prompt->draft, prompt->text, sizeof(prompt->draft));
	prompt->back += further ? 1 : (size_t)-1;
	prompt_set(prompt, prompt->back ? prompt->past[prompt->back - 1] : prompt->draft);
}

bool prompt_key(struct prompt *prompt, int key)
{
	size_t length = strlen(prompt->text);

	switch (key) {
	case '\r':
	case '\n':
	case KEY_ENTER:
		prompt_remember(prompt);
		prompt->open = false;
		return true;
	case KEY_UP: go_back(prompt, true); return true;
	case KEY_DOWN: go_back(prompt, false); return true;
	case KEY_ESCAPE:
		prompt->open = false;
		prompt_set(prompt, "");
		return true;
	case KEY_CONTROL_U: prompt_set(prompt, ""); return true;
	case KEY_BACKSPACE:
	case KEY_CONTROL_H:
	case KEY_DELETE:
		if (length)
			prompt->text[length - 1] = '\0';
		else
			prompt->open = false;
		break;
	default:
		if (key < ' ' || key >= KEY_DELETE)
			return false;
		if (length + 1 < sizeof(prompt->text)) {
			prompt->text[length] = (char)key;
			prompt->text[length + 1] = '\0';
		}
		break;
	}
	prompt_set(prompt, prompt->text);
	return true;
}

/* The end of a text that is too long is what is being typed. */
void prompt_draw(const struct prompt *prompt, const struct paint *paint, int y, int width)
{
	const char *text = prompt->text;
	struct line line = { 0 };

	if (width > 4 && strlen(text) > (size_t)width - 4)
		text += strlen(text) - ((size_t)width - 4);
	line_add(&line, 0, MEANING_STRONG, "/", "%s_", text)->label_meaning = MEANING_KEY;
	line_add(&line, prompt->unknown ? 0 : 2, prompt->unknown ? MEANING_WARMING : MEANING_LABEL,
		 "", "%s", "keys: ip: mac: chan: reason: class: state:");
	if (prompt->past_count)
		line_add(&line, 3, MEANING_TEXT, "Up", "earlier")->label_meaning = MEANING_KEY;
	line_add(&line, 1, MEANING_TEXT, "Enter", "keeps")->label_meaning = MEANING_KEY;
	line_add(&line, 1, MEANING_TEXT, "Esc", "clears")->label_meaning = MEANING_KEY;
	paint_blank(paint, y, 0, width, MEANING_TEXT);
	line_draw(&line, paint, y, 0, width);
}
