/* SPDX-License-Identifier: BSD-2-Clause */
/* The hosts of tests/lab as the benchmark uses them. */
#include "lan_hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bounce.skel.h"
#include "turn.h"

#define LAB (char *)"tests/lab/lab.sh"
/* Neither the lab's own server's nor the one above it, where that listens as well. */
#define SERVER_PORT "3600"
#define SERVER_ADDRESS "10.90.0.20"
#define PEER_ADDRESS "10.90.0.30"
#define PEER_PORT 3490
#define RELAY_MAC "02:90:00:00:00:20"
#define CHANNEL 0x4001
#define TIMEOUT_US 50000
#define ATTACH_TRIES 200

static int enter(const struct lan *lan, const char *host)
{
	char path[128];
	int fd, error = 0;

	if (!host)
		return setns(lan->home, CLONE_NEWNET) ? -errno : 0;
	snprintf(path, sizeof(path), "/run/netns/%s-%s", lan->name, host);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		error = -errno;
	close(fd);
	return error;
}

/* A UDP socket lives in the namespace in which it was made. */
static int open_socket(const struct lan *lan, const char *host)
{
	const struct timeval timeout = { .tv_usec = TIMEOUT_US };
	int size = 4 << 20, fd, error = enter(lan, host);

	if (error)
		return error;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = fd < 0 ? -errno : 0;
	error = enter(lan, NULL) ?: error;
	if (error)
		return error;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static int start_server(struct lan *lan)
{
	char *argv[] = { LAB,
			 "exec",
			 lan->name,
			 "relay",
			 "turnserver",
			 "-n",
			 "--no-auth",
			 "-p",
			 SERVER_PORT,
			 "-L",
			 SERVER_ADDRESS,
			 "-E",
			 SERVER_ADDRESS,
			 "--no-tls",
			 "--no-dtls",
			 "--no-cli",
			 "--realm=r",
			 "--log-file=stdout",
			 "--relay-threads=2",
			 "--pidfile=/dev/null",
			 "--userdb=/dev/null",
			 NULL };

	return child_start(&lan->server, argv, false);
}

static bool is_attached(const struct lan *lan)
{
	uint32_t id = 0;

	if (enter(lan, "relay"))
		return false;
	if (bpf_xdp_query_id((int)if_nametoindex("eth0"), 0, &id))
		id = 0;
	return !enter(lan, NULL) && id;
}

/* As a user would start it, in a terminal. */
static int start_program(struct lan *lan)
{
	char *argv[] = { LAB,	 "exec",	lan->name,   "relay", (char *)lan->program_path,
			 "eth0", "--turn-port", SERVER_PORT, NULL };
	int tries, error = child_start(&lan->program, argv, true);

	for (tries = 0; !error && tries < ATTACH_TRIES; tries++) {
		if (is_attached(lan))
			return 0;
		usleep(50000);
	}
	return error ? error : -ETIMEDOUT;
}

/* `program` < 0: takes it off again. In the mode that fzbpf-top takes on veth. */
static int attach_bounce(const struct lan *lan, int program)
{
	int error = enter(lan, "relay");

	if (!error)
		error = bpf_xdp_attach((int)if_nametoindex("eth0"), program, XDP_FLAGS_SKB_MODE,
				       NULL);
	return enter(lan, NULL) ?: error;
}

/* The client takes the relay's host for the peer. */
static int mislead_client(const struct lan *lan, bool is_misled)
{
	char *argv[] = { LAB,
			 "exec",
			 (char *)lan->name,
			 "client",
			 "ip",
			 "neigh",
			 is_misled ? "replace" : "del",
			 PEER_ADDRESS,
			 "dev",
			 "eth0",
			 "lladdr",
			 RELAY_MAC,
			 NULL };

	return child_run(argv);
}

/* The peer only listens, so nothing but the answer to an ARP request tells where it is. */
static int forget_neighbours(struct lan *lan)
{
	char *argv[] = { LAB,	  "exec",  lan->name, "relay", "ip",
			 "neigh", "flush", "dev",     "eth0",  NULL };

	return child_run(argv);
}

static int open_client(struct lan *lan, bool has_server)
{
	const struct sockaddr_in *to = has_server ? &lan->server_address : &lan->peer_address;

	lan->load.client = open_socket(lan, "client");
	if (lan->load.client < 0)
		return lan->load.client;
	if (connect(lan->load.client, (const struct sockaddr *)to, sizeof(*to)))
		return -errno;
	lan->load.channel = has_server ? CHANNEL : 0;
	return has_server ? turn_bind_channel(lan->load.client, &lan->peer_address, CHANNEL) : 0;
}

int lan_open_way(struct lan *lan, enum lan_way way)
{
	int error = 0;

	if (way == LAN_WITH)
		error = start_program(lan);
	if (way == LAN_BOUNCE)
		error = attach_bounce(lan, bpf_program__fd(lan->bounce->progs.bounce));
	if (!error && way == LAN_BOUNCE)
		error = mislead_client(lan, true);
	if (!error)
		error = forget_neighbours(lan);
	return error ? error : open_client(lan, way == LAN_WITH || way == LAN_WITHOUT);
}

void lan_close_way(struct lan *lan, enum lan_way way)
{
	close(lan->load.client);
	child_stop(&lan->program);
	if (way != LAN_BOUNCE)
		return;
	attach_bounce(lan, -1);
	mislead_client(lan, false);
}

uint64_t lan_cpu_ns(const struct lan *lan)
{
	struct timespec own;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	return (uint64_t)own.tv_sec * 1000000000 + (uint64_t)own.tv_nsec +
	       child_named_cpu_ns("ksoftirqd/") + child_cpu_ns(lan->server.pid) +
	       (lan->program.pid ? child_cpu_ns(lan->program.pid) : 0);
}

static struct sockaddr_in address_of(const char *ip, int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
	};

	inet_pton(AF_INET, ip, &address.sin_addr);
	return address;
}

/* A switch does not ask the relay's host for CPU time to filter what passes through it. */
static int be_plain_switch(const struct lan *lan)
{
	char *argv[] = { LAB,
			 "exec",
			 (char *)lan->name,
			 "switch",
			 "sysctl",
			 "-qe",
			 "net.bridge.bridge-nf-call-iptables=0",
			 "net.bridge.bridge-nf-call-ip6tables=0",
			 "net.bridge.bridge-nf-call-arptables=0",
			 NULL };

	return child_run(argv);
}

int lan_up(struct lan *lan, const char *program)
{
	char *up[] = { LAB, "up", lan->name, "tx-off", NULL };
	int error;

	*lan = (struct lan){
		.program_path = program,
		.home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC),
		.load.peer = -1,
		.server_address = address_of(SERVER_ADDRESS, atoi(SERVER_PORT)),
		.peer_address = address_of(PEER_ADDRESS, PEER_PORT),
	};
	snprintf(lan->name, sizeof(lan->name), "bench%d", (int)getpid());
	lan->bounce = bounce_bpf__open_and_load();
	error = lan->bounce ? child_run(up) : -errno;
	if (!error)
		error = be_plain_switch(lan);
	if (!error)
		error = start_server(lan);
	if (!error)
		lan->load.peer = open_socket(lan, "peer");
	if (error || lan->load.peer < 0)
		return error ? error : lan->load.peer;
	if (bind(lan->load.peer, (const struct sockaddr *)&lan->peer_address,
		 sizeof(lan->peer_address)))
		return -errno;
	return 0;
}

void lan_down(struct lan *lan)
{
	char *down[] = { LAB, "down", lan->name, NULL };

	child_stop(&lan->server);
	close(lan->load.peer);
	close(lan->home);
	bounce_bpf__destroy(lan->bounce);
	child_run(down);
}
