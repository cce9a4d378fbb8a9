/* SPDX-License-Identifier: BSD-2-Clause */
/* A screen that nobody sees, with a model, and keys for it. */
#ifndef FZBPF_TEST_SCREEN_RIG_H
#define FZBPF_TEST_SCREEN_RIG_H

#include "../tui/screen_internal.h"

struct rig {
	struct model *model; /* the test's to make, freed by rig_close */
	struct screen *screen;
	struct screen_status status;
};

/* Each test is a process of its own. */
extern struct rig rig;

void rig_open(const char *term, bool color, bool ascii, int height, int width);
void rig_close(void);
void rig_draw(void);
/* Carries out an action of the view, and draws. */
void rig_press(const char *name, enum action action);
/* Types characters, and draws. */
void rig_type(const char *text);
/* Does the row with the mark, of a table of addresses or times, begin like this? */
bool rig_is_marked(const char *begin);
bool rig_shows(const char *text);

#endif
