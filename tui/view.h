/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A view is a table of functions over a const model: one of the panes. Adding one is a file with
 * such a table, and a line in views.c. A page covers all panes while it is open: help, later
 * details.
 */
#ifndef FZBPF_VIEW_H
#define FZBPF_VIEW_H

#include "../src/filter.h"
#include "../src/fold.h"
#include "../src/model.h"
#include "../src/vendor.h"
#include "paint.h"
#include "screen.h"
#include "table.h"

#define VIEW_COUNT LAYOUT_PANES
#define VIEW_TEXT 240

#define VIEW_ANOMALIES 8
#define VIEW_REMARK 20 /* anomalies up to this severity are remarks: nothing is wrong */

struct view;
struct page;

/* What there is to look at, and what to draw with. */
struct view_context {
	const struct model *model;
	const struct screen_status *status;
	const struct paint *paint;
	struct vendors *vendors;   /* NULL: names are off */
	const struct names *names; /* of hosts; may be NULL */
	const struct screen_tester *tester;
	const struct subject *subject; /* of the page; NULL without one */
	const struct view *focused;
	const struct filter *filter;
	uint64_t filter_version; /* changes with it */
	const char *filter_text; /* to be shown; NULL if there is none, or while it is typed */
	size_t anomaly_count;	 /* worst first */
	struct model_anomaly anomalies[VIEW_ANOMALIES];
};

static inline uint64_t tally_since_zero(const struct tally *tally)
{
	return tally->total - tally->at_zero;
}

/* What a page is about. A packet is kept, since the model forgets it. */
struct subject {
	struct model_packet packet;
	struct in6_addr ip; /* a neighbour */
	uint16_t vlan;
	struct endpoint client; /* a binding */
	uint16_t channel;
};

/* The binding that a page is about; NULL = it has ended. */
const struct model_binding *subject_binding(const struct view_context *context);

/* A view on the screen: what the user did to it, and its rows. */
struct pane {
	const struct view *view;
	struct table table;
	uint32_t *rows; /* sorted, what they index is the view's business */
	uint32_t *fresh;
	size_t count, hidden, filtered, capacity;
	struct fold *fold;     /* neighbours only */
	int64_t held_until_ns; /* rows do not change places while the user moves among them */
	uint64_t collected;    /* a number that stands for all that decides about the rows */
	size_t sorted_column;
	bool sorted_descending;
};

struct view {
	const char *name;
	const char *help; /* sentences for the help page */

	const struct table_column *columns;
	size_t column_count, first_sort;
	size_t capacity; /* rows at most */
	bool follow_first;
	bool folds;

	/* Fills pane->fresh and returns how many; may set pane->hidden. */
	size_t (*collect)(struct pane *pane, const struct view_context *context);
	void (*sort)(const struct pane *pane, const struct view_context *context, uint32_t *rows,
		     size_t count);
	void (*cell)(const struct pane *pane, const struct view_context *context, uint32_t row,
		     size_t column, struct table_cell *ret);
	void (*key)(const struct view_context *context, uint32_t row, struct table_key *ret);
	/* How many rows should be seen even without the focus; NULL: all. */
	size_t (*important)(const struct view_context *context);
	/* Behind the name in the title. */
	void (*title)(const struct pane *pane, const struct view_context *context, char *buf,
		      size_t size);
	/* At the right end of the title; may be NULL. */
	void (*note)(const struct pane *pane, const struct view_context *context, char *buf,
		     size_t size);
	/* Line number `line` of what is shown without rows; false when there are no more. */
	bool (*empty)(const struct pane *pane, const struct view_context *context, int line,
		      char *buf, size_t size);
	/* Why nothing matches the filter; may be NULL, and leaves `buf` alone if it does not know.
	 */
	void (*unmatched)(const struct view_context *context, char *buf, size_t size);
	/* What the selected row means, and what to do next: fills both, "" for nothing. */
	void (*hint)(const struct pane *pane, const struct view_context *context, uint32_t row,
		     char *meaning, char *next, size_t size);
	/* The page that tells all about a row; may be NULL. */
	const struct page *(*open)(const struct view_context *context, uint32_t row,
				   struct subject *ret);
	/* Or the filter that Enter sets, for the packets that belong to a row; may be NULL. */
	void (*narrow)(const struct view_context *context, uint32_t row, char *buf, size_t size);
	/* The IP that a row is about; may be NULL. False: about none. */
	bool (*address)(const struct view_context *context, uint32_t row, struct in6_addr *ret);
};

/* In the order of their keys. */
extern const struct view *const views[VIEW_COUNT];
extern const struct view view_neighbours, view_bindings, view_passed, view_reasons;

/* "NO MAC 38s" */
void view_binding_state(const struct model *model, const struct model_binding *row,
			struct table_cell *ret);

/* Something that scrolls and covers all panes. */
struct page {
	const char *name;
	bool has_address; /* it is about one: `m` records what misses it */
	bool has_frame;	  /* it is about frames: `x` shows them before and after */
	/* Behind the name; may be NULL. */
	void (*title)(const struct view_context *context, char *buf, size_t size);
	/* Draws from line `top` on; returns how many lines there are. */
	int (*draw)(const struct view_context *context, const struct rect *rect, int top);
};

extern const struct page page_events, page_help, page_packet, page_neighbour, page_binding,
	page_trial;

#endif
