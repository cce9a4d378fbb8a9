/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines around the panes: identity and state, totals, the path with a count at each station,
 * what is wrong; and below, what is recorded and the keys.
 */
#ifndef FZBPF_VIEW_HEADER_H
#define FZBPF_VIEW_HEADER_H

#include "view.h"

/* Lines the anomalies would take at this width. */
int header_anomaly_lines(const struct view_context *context, int width);
void header_draw_identity(const struct view_context *context, int y, int width);
void header_draw(const struct view_context *context, const struct layout *layout);
/* Sentences, for a screen too small for anything else. */
void header_draw_tiny(const struct view_context *context, int height, int width);

#endif
