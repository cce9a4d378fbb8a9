/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of views, and whom a page is about. */
#include "view.h"

#include <string.h>

const struct view *const views[VIEW_COUNT] = {
	&view_neighbours,
	&view_bindings,
	&view_passed,
	&view_reasons,
};

const struct model_binding *subject_binding(const struct view_context *context)
{
	const struct subject *subject = context->subject;

	for (size_t slot = 0; slot < context->model->binding_end; slot++) {
		const struct model_binding *row = &context->model->bindings[slot];

		if (row->used && row->channel == subject->channel &&
		    row->client.port == subject->client.port &&
		    !memcmp(&row->client.ip, &subject->client.ip, sizeof(row->client.ip)))
			return row;
	}
	return NULL;
}
