/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scrolling list of rows with columns. It knows positions, keys and text, not what they are
 * about: the rows come from callbacks, and only those on the screen are asked for. The selection is
 * a key, so it stays on its row wherever the row goes.
 */
#ifndef FZBPF_TABLE_H
#define FZBPF_TABLE_H

#include <stdint.h>

#include "../src/action.h"
#include "paint.h"

#define TABLE_COLUMNS 12
#define TABLE_CELL 80

enum table_cut {
	TABLE_CUT_END,
	TABLE_CUT_MIDDLE, /* addresses: both ends matter */
	TABLE_CUT_FRONT,  /* MAC addresses: whole octets of the tail */
	TABLE_CUT_WORDS,  /* whole words from the end */
	TABLE_CUT_OLDEST, /* histories, newest last */
};

struct table_column {
	const char *title;		    /* in the heading */
	const char *sort;		    /* in the title line, when sorted by it */
	uint8_t width, least, most, leaves; /* see struct layout_column */
	bool right;
	bool descending; /* the useful direction */
	enum table_cut cut;
};

struct table_cell {
	char text[TABLE_CELL];
	enum meaning meaning;
};

/* What identifies a row, as plain bytes. */
struct table_key {
	uint8_t byte[20];
};

struct table_source {
	const struct table_column *columns;
	size_t column_count, count;
	bool follow_first; /* a selection that is moved to the first position stays there */
	const void *context;
	void (*cell)(const void *context, size_t position, size_t column, struct table_cell *ret);
	void (*key)(const void *context, size_t position, struct table_key *ret);
};

/* Everything the user changes: zero is a fresh table. */
struct table {
	size_t top, selected; /* positions; valid after table_locate */
	bool has_key;  /* `key` is that of the row that was selected when it was drawn last */
	bool is_fixed; /* to that row; else the selection is the first one, whichever that is */
	struct table_key key;
	long move;    /* by how many positions keys want the selection to go */
	bool touched; /* keys moved it since it was last drawn */
	int page;     /* rows on the screen */
	size_t sort_column;
	bool descending;
	uint8_t wanted[TABLE_COLUMNS]; /* widest text seen in each column, at width `wanted_at` */
	int wanted_at;
	struct rect drawn;	     /* where it was drawn last ... */
	int column_x[TABLE_COLUMNS]; /* ... and its columns; -1 = left out */
};

/* Takes keys that move or sort; false if it is none of them. */
bool table_act(struct table *table, enum action action, const struct table_source *source);

/* The selection stays on the row that it is seen on. */
void table_fix(struct table *table);

/* A click on the screen: on a heading it sorts, or sorts the other way round; on a row it selects.
 */
void table_click(struct table *table, const struct table_source *source, int y, int x);

/* Finds the selected row again, carries out moves, and scrolls so that it is among `page` rows. */
void table_locate(struct table *table, const struct table_source *source, int page);

/* Heading and rows. */
void table_draw(struct table *table, const struct table_source *source, const struct paint *paint,
		const struct rect *rect, bool focused);

#endif
