/* SPDX-License-Identifier: BSD-2-Clause */
/* Bindings as the kernel program looks them up: flow key -> index -> session. */
#include "sessions.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <uthash.h>

#include "session.h"

#define OWN_MAX 64

enum direction { TO_PEER, TO_CLIENT, DIRECTIONS };

/* How another binding would name this one's far end. */
struct pair_key {
	struct in6_addr relayed_ip, peer_ip;
	uint16_t relayed_port, peer_port;
};

struct bound {
	struct pair_key key;
	bool used;
	bool published[DIRECTIONS];
	uint64_t withdrawn[DIRECTIONS]; /* sessions.waits + 1 at that time, 0 = never published */
	struct endpoint client, server, relayed, peer;
	uint16_t channel;
	uint64_t expires;
	UT_hash_handle hh;
};

struct sessions {
	struct sessions_maps maps;
	struct relay_session *shared; /* the map itself */
	size_t shared_size;
	struct bound *by_slot;
	struct bound *by_pair;
	uint32_t end;
	uint64_t waits; /* for readers: what was withdrawn before the last one is read no more */
	struct in6_addr own[OWN_MAX];
	size_t own_count;
};

int sessions_new(const struct sessions_maps *maps, struct sessions **ret)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	void *shared;

	if (!sessions)
		return -ENOMEM;
	sessions->maps = *maps;
	sessions->by_slot = calloc(maps->bindings, sizeof(*sessions->by_slot));
	sessions->shared_size = (size_t)maps->bindings * DIRECTIONS * sizeof(*sessions->shared);
	shared = mmap(NULL, sessions->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      maps->sessions, 0);
	if (!sessions->by_slot || shared == MAP_FAILED) {
		int error = sessions->by_slot ? -errno : -ENOMEM;

		free(sessions->by_slot);
		free(sessions);
		return error;
	}
	sessions->shared = shared;
	*ret = sessions;
	return 0;
}

void sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return;
	HASH_CLEAR(hh, sessions->by_pair);
	munmap(sessions->shared, sessions->shared_size);
	free(sessions->by_slot);
	free(sessions);
}

static bool is_own(const struct sessions *sessions, const struct in6_addr *ip)
{
	size_t i;

	for (i = 0; i < sessions->own_count; i++)
		if (!memcmp(&sessions->own[i], ip, sizeof(*ip)))
			return true;
	return false;
}

int sessions_add_own(struct sessions *sessions, const struct in6_addr *ip)
{
	if (is_own(sessions, ip))
		return 0;
	if (sessions->own_count == OWN_MAX)
		return -ENOSPC;
	sessions->own[sessions->own_count++] = *ip;
	return 0;
}

void sessions_remove_own(struct sessions *sessions, const struct in6_addr *ip)
{
	size_t i;

	for (i = 0; i < sessions->own_count; i++)
		if (!memcmp(&sessions->own[i], ip, sizeof(*ip)))
			sessions->own[i--] = sessions->own[--sessions->own_count];
}

static struct relay_session *session_of(const struct sessions *sessions, const struct bound *bound,
					enum direction direction)
{
	return &sessions->shared[(bound - sessions->by_slot) * DIRECTIONS + direction];
}

static bool is_v4(const struct in6_addr *ip)
{
	return IN6_IS_ADDR_V4MAPPED(ip);
}

static void set_address(__be32 to[4], const struct in6_addr *ip)
{
	memcpy(to, ip, sizeof(*ip));
}

static void set_flow(struct relay_flow_key *key, const struct endpoint *remote,
		     const struct in6_addr *local, uint16_t channel_or_port)
{
	set_address(key->remote, &remote->ip);
	set_address(key->local, local);
	key->remote_port = htons(remote->port);
	key->channel_or_port = htons(channel_or_port);
}

static void set_way_out(struct relay_session *session, const struct endpoint *src,
			const struct endpoint *dst, uint16_t channel)
{
	set_address(session->src, &src->ip);
	set_address(session->dst, &dst->ip);
	session->src_port = htons(src->port);
	session->dst_port = htons(dst->port);
	session->channel = htons(channel);
}

/* RELAY_PATHS is ordered by kind, then family in, then family out. */
static uint8_t path_of(enum relay_path first, const struct in6_addr *in, const struct in6_addr *out)
{
	return (uint8_t)((int)first + (is_v4(in) ? 0 : 2) + (is_v4(out) ? 0 : 1));
}

/*
 * Waits until no CPU runs the program with a session it found before. What membarrier() promises is
 * a barrier; what it does for that is to wait for an RCU grace period, and XDP programs run inside
 * read sections. Where it is missing, a frame is through long before the pause is over.
 */
static void wait_for_readers(struct sessions *sessions)
{
	if (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(20000);
	sessions->waits++;
}

static void withdraw(struct sessions *sessions, struct bound *bound, enum direction direction)
{
	struct relay_session *session = session_of(sessions, bound, direction);
	int map = direction == TO_PEER ? sessions->maps.to_peer : sessions->maps.to_client;
	__u32 found;

	if (!bound->published[direction])
		return;
	__atomic_store_n(&session->expires, 0, __ATOMIC_RELEASE);
	/* A younger binding may have taken the flow over. */
	if (!bpf_map_lookup_elem(map, &session->key, &found) &&
	    found == (__u32)(session - sessions->shared))
		bpf_map_delete_elem(map, &session->key);
	bound->published[direction] = false;
	bound->withdrawn[direction] = sessions->waits + 1;
}

/* No frame that is under way uses the session any longer. */
static void settle(struct sessions *sessions, const struct bound *bound, enum direction direction)
{
	if (bound->withdrawn[direction] > sessions->waits)
		wait_for_readers(sessions);
}

static int publish(struct sessions *sessions, struct bound *bound, enum direction direction,
		   struct relay_session *wanted, uint16_t local_port, uint64_t expires)
{
	struct relay_session *session = session_of(sessions, bound, direction);
	int map = direction == TO_PEER ? sessions->maps.to_peer : sessions->maps.to_client;
	__u32 index = (__u32)(session - sessions->shared), older = index;
	int error;

	withdraw(sessions, bound, direction);
	settle(sessions, bound, direction);
	session_prepare(wanted, htons(local_port));
	*session = *wanted;
	__atomic_store_n(&session->expires, expires, __ATOMIC_RELEASE);
	/* The short way may lead to it from now on, even if the flow map has no room. */
	bound->published[direction] = true;
	bpf_map_lookup_elem(map, &session->key, &older);
	error = bpf_map_update_elem(map, &session->key, &index, BPF_ANY);
	if (error) {
		withdraw(sessions, bound, direction);
		return error == -E2BIG ? -ENOSPC : error;
	}
	/* One session of a flow lives: the program may find it without asking the flow map. */
	if (older != index)
		withdraw(sessions, &sessions->by_slot[older / DIRECTIONS], direction);
	return 0;
}

static int publish_to_client(struct sessions *sessions, struct bound *bound)
{
	struct relay_session wanted = {
		.path = path_of(RELAY_PATH_P4_C4, &bound->peer.ip, &bound->client.ip),
	};

	set_flow(&wanted.key, &bound->peer, &bound->relayed.ip, bound->relayed.port);
	set_way_out(&wanted, &bound->server, &bound->client, bound->channel);
	return publish(sessions, bound, TO_CLIENT, &wanted, bound->relayed.port, bound->expires);
}

static int publish_to_peer(struct sessions *sessions, struct bound *bound)
{
	struct relay_session wanted = {
		.path = path_of(RELAY_PATH_C4_P4, &bound->client.ip, &bound->peer.ip),
	};

	set_flow(&wanted.key, &bound->client, &bound->server.ip, bound->channel);
	set_way_out(&wanted, &bound->relayed, &bound->peer, 0);
	return publish(sessions, bound, TO_PEER, &wanted, sessions->maps.turn_port, bound->expires);
}

static int publish_to_other_client(struct sessions *sessions, struct bound *bound,
				   const struct bound *other)
{
	struct relay_session wanted = {
		.path = path_of(RELAY_PATH_C4_C4, &bound->client.ip, &other->client.ip),
	};

	set_flow(&wanted.key, &bound->client, &bound->server.ip, bound->channel);
	set_way_out(&wanted, &other->server, &other->client, other->channel);
	return publish(sessions, bound, TO_PEER, &wanted, sessions->maps.turn_port,
		       bound->expires < other->expires ? bound->expires : other->expires);
}

static struct bound *find_other(struct sessions *sessions, const struct bound *bound)
{
	struct pair_key key = {
		.relayed_ip = bound->peer.ip,
		.relayed_port = bound->peer.port,
		.peer_ip = bound->relayed.ip,
		.peer_port = bound->relayed.port,
	};
	struct bound *other;

	HASH_FIND(hh, sessions->by_pair, &key, sizeof(key), other);
	return other == bound ? NULL : other;
}

/* A peer that is this host itself is only reachable as another client: no frame to it leaves here.
 */
static int publish_forward(struct sessions *sessions, struct bound *bound)
{
	struct bound *other = find_other(sessions, bound);

	if (other)
		return publish_to_other_client(sessions, bound, other);
	if (is_own(sessions, &bound->peer.ip)) {
		withdraw(sessions, bound, TO_PEER);
		return 0;
	}
	return publish_to_peer(sessions, bound);
}

void sessions_unbind(struct sessions *sessions, uint32_t slot)
{
	struct bound *bound, *other;

	if (!sessions_is_bound(sessions, slot))
		return;
	bound = &sessions->by_slot[slot];
	other = find_other(sessions, bound);
	withdraw(sessions, bound, TO_PEER);
	withdraw(sessions, bound, TO_CLIENT);
	HASH_DEL(sessions->by_pair, bound);
	bound->used = false;
	if (other)
		publish_forward(sessions, other);
}

static void zero_counters(struct sessions *sessions, uint32_t slot)
{
	size_t size = (size_t)libbpf_num_possible_cpus() * sizeof(struct relay_session_counters);
	void *zeros = calloc(1, size);
	__u32 index;

	for (index = slot * DIRECTIONS; zeros && index < (slot + 1) * DIRECTIONS; index++)
		bpf_map_update_elem(sessions->maps.counters, &index, zeros, BPF_ANY);
	free(zeros);
}

int sessions_bind(struct sessions *sessions, const struct event_binding *binding, uint64_t expires)
{
	struct bound *bound, *other, *same;
	int error;

	if (binding->slot >= sessions->maps.bindings)
		return -ENOSPC;
	sessions_unbind(sessions, binding->slot);
	bound = &sessions->by_slot[binding->slot];
	bound->client = binding->client;
	bound->server = binding->server;
	bound->relayed = binding->relayed;
	bound->peer = binding->peer;
	bound->channel = binding->channel;
	bound->expires = expires;
	bound->key.relayed_ip = binding->relayed.ip;
	bound->key.relayed_port = binding->relayed.port;
	bound->key.peer_ip = binding->peer.ip;
	bound->key.peer_port = binding->peer.port;
	/* The flow keys are unique, so the younger of two bindings with the same ends wins. */
	HASH_FIND(hh, sessions->by_pair, &bound->key, sizeof(bound->key), same);
	if (same)
		sessions_unbind(sessions, (uint32_t)(same - sessions->by_slot));
	HASH_ADD(hh, sessions->by_pair, key, sizeof(bound->key), bound);
	bound->used = true;
	if (binding->slot >= sessions->end)
		sessions->end = binding->slot + 1;

	/* Or a frame of the binding that was here before would be counted for this one. */
	settle(sessions, bound, TO_PEER);
	settle(sessions, bound, TO_CLIENT);
	zero_counters(sessions, binding->slot);
	error = publish_to_client(sessions, bound);
	if (!error)
		error = publish_forward(sessions, bound);
	if (error) {
		sessions_unbind(sessions, binding->slot);
		return error;
	}
	other = find_other(sessions, bound);
	return other ? publish_forward(sessions, other) : 0;
}

static void extend_forward(struct sessions *sessions, const struct bound *bound)
{
	const struct bound *other = find_other(sessions, bound);
	uint64_t expires = bound->expires;

	if (other && other->expires < expires)
		expires = other->expires;
	if (bound->published[TO_PEER])
		__atomic_store_n(&session_of(sessions, bound, TO_PEER)->expires, expires,
				 __ATOMIC_RELEASE);
}

void sessions_extend(struct sessions *sessions, uint32_t slot, uint64_t expires)
{
	struct bound *bound, *other;

	if (!sessions_is_bound(sessions, slot))
		return;
	bound = &sessions->by_slot[slot];
	bound->expires = expires;
	if (bound->published[TO_CLIENT])
		__atomic_store_n(&session_of(sessions, bound, TO_CLIENT)->expires, expires,
				 __ATOMIC_RELEASE);
	extend_forward(sessions, bound);
	other = find_other(sessions, bound);
	if (other)
		extend_forward(sessions, other);
}

bool sessions_is_bound(const struct sessions *sessions, uint32_t slot)
{
	return slot < sessions->maps.bindings && sessions->by_slot[slot].used;
}

uint32_t sessions_end(const struct sessions *sessions)
{
	return sessions->end;
}
