/* SPDX-License-Identifier: BSD-2-Clause */
/* The path of a TURN frame: where in it packets stop. */
#ifndef FZBPF_VIEW_PATH_H
#define FZBPF_VIEW_PATH_H

#include "view.h"

void path_draw(const struct view_context *context, int y, int width);
/* The reason that hurts most now, else the one that hurt most; nothing if there is none. */
void path_add_worst(struct line *line, const struct model *model, const char *label);
/* 12.3k becomes 12k: four characters at most. */
void path_cut_decimals(char *text);

#endif
