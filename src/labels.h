/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of the contract by number: labels, and what is said about a reason. All strings are
 * constant; a number that is not in a list gives "?".
 */
#ifndef FZBPF_LABELS_H
#define FZBPF_LABELS_H

#include <stdbool.h>

#include "event.h"

const char *label_reason(enum relay_reason reason);
const char *label_path(enum relay_path path);
const char *label_refusal(enum relay_refusal refusal);
const char *label_source(enum relay_source source);
const char *label_class(enum relay_class class);
/* What became of a packet: "relayed", "sent", or the reason. */
const char *label_packet(enum event_type type, enum relay_reason reason);

const char *reason_means(enum relay_reason reason);
const char *reason_next_step(enum relay_reason reason);
bool reason_is_miss(enum relay_reason reason);

#endif
