/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks the program itself what it would do with a frame, without a trace of the question. */
#include "relay_handle.h"

#include <errno.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "relay.skel.h"

#define TRIAL_RING_SIZE 4096

/* Everything that is looked up is the first instance's; what is counted is this one's own. */
static int share_maps(struct relay_bpf *trial, const struct relay_bpf *bpf)
{
	return bpf_map__reuse_fd(trial->maps.neighbours, bpf_map__fd(bpf->maps.neighbours)) ?:
	       bpf_map__reuse_fd(trial->maps.own_addresses, bpf_map__fd(bpf->maps.own_addresses)) ?:
	       bpf_map__reuse_fd(trial->maps.to_peer, bpf_map__fd(bpf->maps.to_peer)) ?:
	       bpf_map__reuse_fd(trial->maps.to_client, bpf_map__fd(bpf->maps.to_client)) ?:
	       bpf_map__reuse_fd(trial->maps.sessions, bpf_map__fd(bpf->maps.sessions)) ?:
	       bpf_map__reuse_fd(trial->maps.session_counters,
				 bpf_map__fd(bpf->maps.session_counters)) ?:
	       bpf_map__set_max_entries(trial->maps.ring, TRIAL_RING_SIZE);
}

int relay_prepare_try(struct relay *relay)
{
	struct relay_bpf *trial = relay_bpf__open();
	int error;

	if (!trial)
		return -errno;
	trial->rodata->options = relay->bpf->rodata->options;
	trial->rodata->options.trial = 1;
	trial->rodata->cpu_count = relay->bpf->rodata->cpu_count;
	error = bpf_program__set_autoload(trial->progs.relay_snapshot, false) ?:
		share_maps(trial, relay->bpf) ?:
		relay_bpf__load(trial);
	if (error) {
		relay_bpf__destroy(trial);
		return error;
	}
	relay->trial = trial;
	return 0;
}

int relay_try(struct relay *relay, const uint8_t *frame, size_t length, uint8_t *ret_frame,
	      size_t *ret_length, enum relay_verdict *ret_verdict)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (uint32_t)length,
		    .data_out = ret_frame, .data_size_out = (uint32_t)(length + RELAY_TRY_ROOM));
	int error;

	if (!relay->trial)
		return -EOPNOTSUPP;
	relay->trial->bss->live = relay->bpf->bss->live;
	relay->trial->bss->live.capture = 0;
	error = bpf_prog_test_run_opts(bpf_program__fd(relay->trial->progs.relay_xdp), &opts);
	if (error)
		return error;
	*ret_length = opts.data_size_out;
	*ret_verdict = opts.retval == XDP_TX	 ? RELAY_TX
		       : opts.retval == XDP_PASS ? RELAY_PASS
						 : RELAY_DROP;
	return 0;
}
