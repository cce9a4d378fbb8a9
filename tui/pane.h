/* SPDX-License-Identifier: BSD-2-Clause */
/* A view in its place on the screen: title, rows or the reason why there are none, and keys. */
#ifndef FZBPF_PANE_H
#define FZBPF_PANE_H

#include "view.h"

/* 0 or -ENOMEM; pane_done copes with both. */
int pane_init(struct pane *pane, const struct view *view);
void pane_done(struct pane *pane);

/* Brings the rows up to date; before anything below. */
void pane_collect(struct pane *pane, const struct view_context *context);
/* Lines it would fill, title included. */
int pane_need(const struct pane *pane, const struct view_context *context, bool focused);
void pane_draw(struct pane *pane, const struct view_context *context, const struct rect *rect,
	       int number, bool focused);
void pane_click(struct pane *pane, int y, int x);
/* What the next key means is the row that is seen as selected. */
void pane_fix(struct pane *pane);
bool pane_act(struct pane *pane, enum action action);
/* What the selected row means and what to do next; "" without one. */
void pane_hint(const struct pane *pane, const struct view_context *context, char *meaning,
	       char *next, size_t size);

/* The filter that the selected row stands for; "" if none. */
void pane_narrow(struct pane *pane, const struct view_context *context, char *buf, size_t size);
/* The IP that the selected row is about; false if it is about none. */
bool pane_address(const struct pane *pane, const struct view_context *context,
		  struct in6_addr *ret);
/* The page about the selected row, found anew; NULL if there is none. */
const struct page *pane_open(struct pane *pane, const struct view_context *context,
			     struct subject *ret);

#endif
