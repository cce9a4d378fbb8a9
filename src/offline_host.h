/* SPDX-License-Identifier: BSD-2-Clause */
/* Who the relay is, found out from the packets of a capture. */
#ifndef FZBPF_OFFLINE_HOST_H
#define FZBPF_OFFLINE_HOST_H

#include "model.h"
#include "offline_frame.h"

#define OFFLINE_MTU_MIN 1500

/* Zero at first, but for the MTU. */
struct offline_host {
	bool has_mac;
	bool is_certain; /* it was said, or seen to answer */
	struct mac mac;
	struct in6_addr ips[MODEL_OWN_ADDRESSES];
	size_t ip_count;
	uint32_t mtu; /* at least; of the largest packet */
};

/* Takes in a frame that was read as its addressee would read it. */
void offline_host_survey(struct offline_host *host, const struct offline_frame *frame,
			 const struct offline_ports *ports);

void offline_host_add_ip(struct offline_host *host, const struct in6_addr *ip);
bool offline_host_has_ip(const struct offline_host *host, const struct in6_addr *ip);
bool offline_host_sent(const struct offline_host *host, const struct offline_frame *frame);

#endif
