/* SPDX-License-Identifier: BSD-2-Clause */
/* As much of a TURN client as a load generator needs: one allocation, one channel, no credentials.
 */
#ifndef FZBPF_BENCH_TURN_H
#define FZBPF_BENCH_TURN_H

#include <netinet/in.h>
#include <stdint.h>

/* `fd` is a UDP socket, connected to the server, that receives with a timeout. */
int turn_bind_channel(int fd, const struct sockaddr_in *peer, uint16_t channel);

#endif
