/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The LAN of tests/lab with sockets: a client sends through the TURN server to a peer, with the
 * program attached and without; and straight to the peer, to know what the hosts themselves cost.
 */
#ifndef FZBPF_BENCH_LAN_H
#define FZBPF_BENCH_LAN_H

#include "harness.h"

/* Ways from the client to the peer, for the same datagrams. */
enum lan_way {
	LAN_DIRECT,  /* through the switch, no relay */
	LAN_BOUNCE,  /* to the relay's host, where XDP exchanges MACs and nothing else */
	LAN_WITHOUT, /* through the TURN server alone */
	LAN_WITH,    /* through the TURN server's port with the program attached */
	LAN_WAYS
};

struct lan_figures {
	struct spread kpps;	   /* received of a flood */
	struct spread loss;	   /* of the flood, 0 to 1 */
	struct spread p50_us;	   /* one way, at a rate that any relay can carry */
	struct spread calm_p50_us; /* the same at a rate at which all go to sleep in between */
	struct spread cpu; /* % of one core, all that took part, at a rate that all can carry */
};

struct lan_result {
	struct lan_figures ways[LAN_WAYS];
	struct spread ratio_p50, ratio_calm_p50; /* without : with */
	struct spread ratio_cpu;       /* with : without, of what exceeds the direct way */
	struct spread ratio_relay_cpu; /* of what exceeds the bounce */
};

int lan_measure(const char *program, unsigned int rounds, struct lan_result *ret, char *ret_error,
		size_t size);

#endif
