/* SPDX-License-Identifier: BSD-2-Clause */
/* A screen that nobody sees, with a model, and keys for it. */
#include "screen_rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "headless.h"

struct rig rig;

void rig_open(const char *term, bool color, bool ascii, int height, int width)
{
	struct screen_options options = { .term = term, .color = color, .ascii = ascii };

	cr_assert(headless_open(term, height, width));
	cr_assert_eq(screen_new(&options, &rig.screen), 0);
	rig.status = (struct screen_status){ .version = "0.1.0" };
}

void rig_close(void)
{
	screen_free(rig.screen);
	headless_close();
	model_free(rig.model);
}

void rig_draw(void)
{
	screen_draw(rig.screen, rig.model, &rig.status);
}

void rig_press(const char *name, enum action action)
{
	cr_expect_eq(screen_act(rig.screen, action), ACTION_REDRAW, "%s", name);
	rig_draw();
}

/* The row with the mark, or "". */
static const char *marked_row(char *buf, size_t size)
{
	char *text = malloc(HEADLESS_SIZE), *rest = NULL;

	buf[0] = '\0';
	headless_text(text);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, "> 1", 3))
			snprintf(buf, size, "%s", line);
	free(text);
	return buf;
}

bool rig_is_marked(const char *begin)
{
	char row[1024];

	return !strncmp(marked_row(row, sizeof(row)), begin, strlen(begin));
}

bool rig_shows(const char *text)
{
	char *all = malloc(HEADLESS_SIZE);
	bool found = strstr(headless_text(all), text) != NULL;

	free(all);
	return found;
}

void rig_type(const char *text)
{
	for (; *text; text++)
		cr_expect_eq(screen_key(rig.screen, *text), ACTION_REDRAW);
	rig_draw();
}
