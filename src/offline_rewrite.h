/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves when the relay that was not there relays a frame: the host build of bpf/rewrite.h. */
#ifndef FZBPF_OFFLINE_REWRITE_H
#define FZBPF_OFFLINE_REWRITE_H

#include "offline_frame.h"

#define OFFLINE_GROWTH_MAX 24 /* bytes that a relayed frame may be longer */

/*
 * How a frame of this binding goes on, but for the MAC address. `other`: the binding of the client
 * that is this one's peer; NULL = the peer is none.
 */
struct event_way offline_way(const struct offline_frame *frame, const struct event_binding *binding,
			     const struct event_binding *other);

/*
 * `bytes`, aligned as for offline_frame_read, are a whole frame that it found nothing to object to;
 * `ret_frame` has room for `length` + OFFLINE_GROWTH_MAX. An unfinished checksum is finished, as in
 * native mode. Returns a reason not to relay it, or RELAY_REASON_COUNT.
 */
enum relay_reason offline_rewrite(const uint8_t *bytes, uint32_t length,
				  const struct offline_ports *ports, const struct mac *own,
				  const struct event_way *way, uint8_t *ret_frame,
				  size_t *ret_length);

#endif
