/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames to try on the program: a packet as it was passed up, or a made-up one of a binding; and
 * which bytes differ between what went in and what came out. With a capture file no program is
 * loaded: then its host build answers.
 */
#ifndef FZBPF_TRIAL_H
#define FZBPF_TRIAL_H

#include "dissect.h"
#include "model.h"

#define TRIAL_SIZE 2048

struct trial_frame {
	size_t length;
	size_t made_up; /* so many bytes at its end were not captured and are zero */
	uint8_t bytes[TRIAL_SIZE];
};

/* -ENODATA: nothing of it was captured; -EMSGSIZE: too long. */
int trial_of_packet(const struct model_packet *packet, struct trial_frame *ret);
/* What the client would send to the peer, or the peer to the client. */
int trial_of_binding(const struct model *model, const struct model_binding *binding, bool to_client,
		     struct trial_frame *ret);

/*
 * What the program would do with a frame, with the bindings and neighbours that the model has.
 * False: it would be passed up. `ret_frame` has room for OFFLINE_GROWTH_MAX bytes more.
 */
bool trial_by_model(const struct model *model, const uint8_t *frame, size_t length,
		    uint8_t *ret_frame, size_t *ret_length);

/* What left when it was relayed that way. False: the way is not known in full. */
bool trial_as_it_was(const struct model *model, const struct event_way *way,
		     const struct trial_frame *before, struct trial_frame *ret_after);

/* Sets `ret_changed` for each byte of `frame` that is not the same in that layer of `other`. */
void trial_changes(const struct trial_frame *frame, const struct trial_frame *other,
		   uint16_t turn_port, bool ret_changed[TRIAL_SIZE]);

#endif
