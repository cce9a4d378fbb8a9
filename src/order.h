/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of rows on the screen: one total order for every column of every table. Equal values
 * are told apart by the row's key, so rows never change places without a reason. Only indices are
 * sorted.
 */
#ifndef FZBPF_ORDER_H
#define FZBPF_ORDER_H

#include "fold.h"
#include "model.h"
#include "vendor.h"

enum order_neighbours_by {
	NEIGHBOURS_BY_IP,
	NEIGHBOURS_BY_MAC,
	NEIGHBOURS_BY_VENDOR,
	NEIGHBOURS_BY_SOURCE,
	NEIGHBOURS_BY_FIRST,
	NEIGHBOURS_BY_AGE,
	NEIGHBOURS_BY_HITS,
	NEIGHBOURS_BY_HIT_RATE,
	NEIGHBOURS_BY_MISSES,
	NEIGHBOURS_BY_MISS_RATE,
	NEIGHBOURS_BY_KERNEL,
	NEIGHBOURS_BY_FLAGS,
	NEIGHBOURS_BY_COUNT
};

enum order_bindings_by {
	BINDINGS_BY_CLIENT,
	BINDINGS_BY_CHANNEL,
	BINDINGS_BY_RELAYED,
	BINDINGS_BY_PEER,
	BINDINGS_BY_OUT,
	BINDINGS_BY_IN,
	BINDINGS_BY_EXPIRY,
	BINDINGS_BY_FIRST_HIT,
	BINDINGS_BY_STATE,
	BINDINGS_BY_COUNT
};

enum order_packets_by {
	PACKETS_BY_TIME,
	PACKETS_BY_FROM,
	PACKETS_BY_FROM_MAC,
	PACKETS_BY_TO,
	PACKETS_BY_LENGTH,
	PACKETS_BY_REASON,
	PACKETS_BY_DETAIL,
	PACKETS_BY_COUNT
};

enum order_reasons_by {
	REASONS_BY_REASON,
	REASONS_BY_CLASS,
	REASONS_BY_RATE,
	REASONS_BY_TOTAL,
	REASONS_BY_LAST,
	REASONS_BY_COUNT
};

/* `rows` are indices into model->neighbours, ->bindings, packet positions (id % MODEL_PACKETS) and
 * numbers of reasons. Ascending unless `descending`; neighbours that were never seen are always
 * first. Without `vendors` (NULL) no MAC has one. */
void order_neighbours(uint32_t *rows, size_t count, const struct model *model,
		      const struct fold *fold, struct vendors *vendors,
		      enum order_neighbours_by column, bool descending);
void order_bindings(uint32_t *rows, size_t count, const struct model *model,
		    enum order_bindings_by column, bool descending);
void order_packets(uint32_t *rows, size_t count, const struct model *model,
		   enum order_packets_by column, bool descending);
void order_reasons(uint32_t *rows, size_t count, const struct model *model,
		   enum order_reasons_by column, bool descending);

#endif
