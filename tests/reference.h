/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the relay does with a frame, said a second time: written from the data plane's description
 * and the RFCs, whole frame in, whole frame out, every sum over everything it covers. It shares the
 * lists of reasons and paths with the program, and not a line of code.
 */
#ifndef FZBPF_TESTS_REFERENCE_H
#define FZBPF_TESTS_REFERENCE_H

#include "world.h"

/* RELAY_REASON_COUNT: relayed, then *ret and *ret_path are set; else they are untouched. */
enum relay_reason reference_relay(const struct world *world, const struct octets *in,
				  struct octets *ret, enum relay_path *ret_path);

/*
 * Whether a frame that is relayed can go the short way, once its flow is known: no tag, nothing
 * behind the data, no unfinished checksum, four bytes behind the UDP header, from where its sender
 * is.
 */
bool reference_is_plain(const struct world *world, const struct octets *in);

#endif
