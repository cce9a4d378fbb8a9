/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where things go on a screen of a given size: pure arithmetic. Panes grow and shrink with what
 * they have to show; a screen too small for all of them keeps those that were looked at last.
 */
#ifndef FZBPF_LAYOUT_H
#define FZBPF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#define LAYOUT_PANES 4
#define LAYOUT_SIDE 3 /* the pane that goes to the right of the first two on a wide screen */

struct rect {
	int y, x, height, width;
};

struct layout_request {
	int height, width;
	int anomalies;		  /* how many lines they would fill */
	int status;		  /* lines for recordings, filter and message */
	int recent[LAYOUT_PANES]; /* panes, the focused one first */
};

/* Rows are numbers of lines; -1 = not shown. */
struct layout {
	bool tiny; /* only sentences fit, nothing else is set */
	bool wide; /* two columns */
	int identity, totals, path, anomalies, anomaly_count, hint, status, footer;
	struct rect body;
	int shown; /* number of panes with a place */
	bool visible[LAYOUT_PANES];
	struct rect panes[LAYOUT_PANES];
};

/* First step: the lines, and which panes get a place. */
void layout_lines(const struct layout_request *request, struct layout *ret);
/* Second step, with the number of lines each visible pane would like to have, title included. */
void layout_panes(struct layout *layout, const int needs[LAYOUT_PANES], int focus);

struct layout_column {
	int width;  /* at which it is comfortable */
	int least;  /* for columns that stay to the last: down to this */
	int most;   /* what its content needs now; it grows up to it */
	int leaves; /* 0: stays; the highest leaves first */
};

/* Widths for columns that are `gap` apart on a line; 0 = left out. */
void layout_columns(const struct layout_column *columns, size_t count, int width, int gap,
		    int *ret_widths);

#endif
