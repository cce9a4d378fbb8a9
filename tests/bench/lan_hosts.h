/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts of tests/lab as the benchmark uses them: a socket on each side, a TURN server that
 * wants no credentials, and what may hold the XDP hook of its interface. */
#ifndef FZBPF_BENCH_LAN_HOSTS_H
#define FZBPF_BENCH_LAN_HOSTS_H

#include <netinet/in.h>

#include "child.h"
#include "lan.h"
#include "load.h"

struct bounce_bpf;

struct lan {
	char name[32];
	const char *program_path;
	int home; /* the benchmark's own network namespace */
	struct child server, program;
	struct bounce_bpf *bounce;
	struct load load;
	struct sockaddr_in server_address, peer_address;
};

/* lan_down() is due in any case. */
int lan_up(struct lan *lan, const char *program);
void lan_down(struct lan *lan);

/* Opens the client's socket and makes the hosts such that what it sends goes that way. */
int lan_open_way(struct lan *lan, enum lan_way way);
void lan_close_way(struct lan *lan, enum lan_way way);

/* CPU time of all that take part, so far: this process, whose calls carry most frames all the way,
 * the server, the program, the kernel's threads for soft interrupts. Not what others use. */
uint64_t lan_cpu_ns(const struct lan *lan);

#endif
