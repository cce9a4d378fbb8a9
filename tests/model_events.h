/* SPDX-License-Identifier: BSD-2-Clause */
/* Short ways to say an event to a model, for its tests. */
#ifndef FZBPF_TESTS_MODEL_EVENTS_H
#define FZBPF_TESTS_MODEL_EVENTS_H

#include "../src/model.h"

#define SECOND 1000000000LL
#define START (1000 * SECOND) /* when the models of the tests begin */

struct in6_addr event_ip(const char *text);
struct endpoint event_endpoint(const char *ip, uint16_t port);
/* 02:00:00:00:00:last */
struct mac event_mac(uint8_t last);

/* A model attached at START. */
struct model *event_model(void);

void event_learned(struct model *model, int64_t at_ns, const char *ip, uint8_t mac);
void event_moved(struct model *model, int64_t at_ns, const char *ip, uint8_t from, uint8_t to,
		 uint32_t moves);
/* A row of a snapshot, last witnessed at `seen_ns`. */
void event_row(struct model *model, int64_t at_ns, const char *ip, uint8_t mac, int64_t seen_ns);
void event_missed(struct model *model, int64_t at_ns, const char *ip);
void event_no_binding(struct model *model, int64_t at_ns, uint16_t source_port, uint16_t channel);

void event_bound(struct model *model, int64_t at_ns, uint32_t slot, struct endpoint client,
		 struct endpoint relayed, struct endpoint peer, uint16_t channel);
void event_unbound(struct model *model, int64_t at_ns, uint32_t slot);
void event_session(struct model *model, int64_t at_ns, uint32_t slot, bool to_client,
		   uint64_t packets, uint64_t misses);
/* Ends a snapshot in which nothing but this was counted. */
void event_counters(struct model *model, int64_t at_ns);

/* The latest journal line, or "". */
const char *event_last_line(const struct model *model);

#endif
