/* SPDX-License-Identifier: BSD-2-Clause */
/* Classic pcap with nanoseconds, by libpcap. */
#include "writer_format.h"

#include <errno.h>
#include <pcap.h>
#include <stdlib.h>

struct pcap_state {
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	uint32_t snaplen;
};

static int pcap_format_open(FILE *out, const struct writer_options *options, void **ret_state)
{
	struct pcap_state *state = calloc(1, sizeof(*state));

	if (!state)
		return -ENOMEM;
	state->snaplen = options->snaplen;
	state->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, (int)options->snaplen,
							   PCAP_TSTAMP_PRECISION_NANO);
	state->dumper = state->pcap ? pcap_dump_fopen(state->pcap, out) : NULL;
	if (!state->dumper) {
		if (state->pcap)
			pcap_close(state->pcap);
		free(state);
		return -ENOMEM;
	}
	*ret_state = state;
	return 0;
}

static void pcap_format_record(void *state, FILE *out, const struct event *event, uint64_t lost)
{
	const struct event_passed *passed = &event->passed;
	struct pcap_state *pcap = state;
	uint32_t kept = passed->captured < pcap->snaplen ? passed->captured : pcap->snaplen;
	struct pcap_pkthdr header = {
		.ts = { .tv_sec = event->time_ns / 1000000000,
			/* nanoseconds, since the handle was opened so */
			.tv_usec = event->time_ns % 1000000000 },
		.caplen = kept,
		.len = passed->length > kept ? passed->length : kept,
	};

	(void)out, (void)lost;
	pcap_dump((unsigned char *)pcap->dumper, &header, passed->frame);
}

static void pcap_format_close(void *state, FILE *out)
{
	struct pcap_state *pcap = state;

	(void)out;
	pcap_dump_close(pcap->dumper);
	pcap_close(pcap->pcap);
	free(pcap);
}

const struct writer_format writer_format_pcap = {
	.name = "pcap",
	.open = pcap_format_open,
	.record = pcap_format_record,
	.close = pcap_format_close,
};
