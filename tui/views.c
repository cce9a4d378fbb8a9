/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of views. */
#include "view.h"

const struct view *const views[VIEW_COUNT] = {
	&view_neighbours,
	&view_bindings,
	&view_passed,
	&view_reasons,
};
