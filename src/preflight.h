/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be found wrong, and what can be decided, before anything is opened. */
#ifndef FZBPF_PREFLIGHT_H
#define FZBPF_PREFLIGHT_H

#include "bindings.h"
#include "interfaces.h"
#include "options.h"

#define PREFLIGHT_ERROR_SIZE 2048

/* Fills in the interface. EXIT_STATUS_DONE, or the status to leave with and the text to say. */
enum exit_status preflight_interface(const struct options *options, struct interface *ret,
				     char *ret_error, size_t size);

/* `name`, id and so on of the program that holds the XDP hook, in `holder`. */
struct preflight_holder {
	unsigned int id;
	const char *name, *tag, *mode;
};

void preflight_busy(const struct preflight_holder *holder, const char *interface, char *ret_error,
		    size_t size);

/* --binding: what was left out of it is filled in from the interface's addresses. Returns how many
 * found no room. */
size_t preflight_bind(const struct options *options, const struct interface *interface,
		      struct bindings *bindings, int64_t now_ns);

#endif
