/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines below the panes: what the selected row means, what is recorded, the keys. */
#ifndef FZBPF_VIEW_FOOTER_H
#define FZBPF_VIEW_FOOTER_H

#include "pane.h"

/* `focused` is the pane with the focus, number `number` of them. */
void footer_draw(const struct view_context *context, const struct layout *layout,
		 const struct pane *focused, int number);
/* The footer while a page is open. */
void footer_draw_page(const struct view_context *context, const struct layout *layout,
		      const struct page *page);

#endif
