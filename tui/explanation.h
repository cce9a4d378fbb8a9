/* SPDX-License-Identifier: BSD-2-Clause */
/* An explanation as lines of a page. */
#ifndef FZBPF_EXPLANATION_H
#define FZBPF_EXPLANATION_H

#include "../src/explain.h"
#include "sheet.h"

/* What became of it, what to do next, and the map entries used. */
void explanation_verdict(struct sheet *sheet, const struct explain *explain,
			 enum relay_class class);
void explanation_checks(struct sheet *sheet, const struct explain *explain);

#endif
