/* SPDX-License-Identifier: BSD-2-Clause */
/* One flow of UDP: the caller's thread sends, another receives. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 32
#define SAMPLES 200000
#define SETTLE_NS 100000000
/* No divisor of the kernel's tick, so that the two do not keep in step. */
#define NAP_NS 730000

/* In the data; host order, since it never leaves the host. */
struct stamp {
	uint64_t run;
	int64_t sent_ns;
};

struct receiver {
	int fd;
	uint64_t run;
	atomic_bool ends;
	uint64_t received;
	uint32_t *samples; /* ns */
	uint32_t count;
};

struct datagram {
	uint16_t channel, length;
	uint8_t data[LOAD_DATA];
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void take(struct receiver *receiver, const uint8_t *data, size_t length, int64_t now)
{
	struct stamp stamp;

	if (length != LOAD_DATA)
		return;
	memcpy(&stamp, data, sizeof(stamp));
	if (stamp.run != receiver->run)
		return;
	receiver->received++;
	if (receiver->count < SAMPLES)
		receiver->samples[receiver->count++] = (uint32_t)(now - stamp.sent_ns);
}

static void *receive(void *context)
{
	struct receiver *receiver = context;
	uint8_t data[BATCH][2048];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
	int64_t now;
	int i, got;

	memset(messages, 0, sizeof(messages));
	for (i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ data[i], sizeof(data[i]) };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (!receiver->ends) {
		got = recvmmsg(receiver->fd, messages, BATCH, MSG_WAITFORONE, NULL);
		now = now_ns();
		for (i = 0; i < got; i++)
			take(receiver, data[i], messages[i].msg_len, now);
	}
	return NULL;
}

static int send_batch(const struct load *load, uint64_t run, unsigned int count)
{
	struct datagram datagrams[BATCH];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
	struct stamp stamp = { .run = run, .sent_ns = now_ns() };
	size_t header = load->channel ? 4 : 0;
	unsigned int i;
	int sent;

	memset(messages, 0, sizeof(messages));
	memset(datagrams, 0, sizeof(datagrams));
	for (i = 0; i < count; i++) {
		datagrams[i].channel = htons(load->channel);
		datagrams[i].length = htons(LOAD_DATA);
		memcpy(datagrams[i].data, &stamp, sizeof(stamp));
		parts[i].iov_base = (uint8_t *)&datagrams[i] + 4 - header;
		parts[i].iov_len = header + LOAD_DATA;
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(load->client, messages, count, 0);
	return sent < 0 ? -errno : sent;
}

static unsigned int due(double rate, int64_t since_ns, uint64_t sent)
{
	double missing = rate * (double)since_ns / 1e9 - (double)sent;

	if (rate == LOAD_FLOOD)
		return BATCH;
	if (missing < 1)
		return 0;
	return missing < BATCH ? (unsigned int)missing : BATCH;
}

static int send_all(const struct load *load, double rate, int64_t ns, uint64_t run,
		    uint64_t *ret_sent)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	int64_t start = now_ns(), since;
	unsigned int count;
	int sent;

	*ret_sent = 0;
	while ((since = now_ns() - start) < ns) {
		count = due(rate, since, *ret_sent);
		if (!count) {
			nanosleep(&nap, NULL);
			continue;
		}
		sent = send_batch(load, run, count);
		if (sent < 0 && sent != -ECONNREFUSED && sent != -ENOBUFS)
			return sent;
		*ret_sent += sent > 0 ? (uint64_t)sent : 0;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

int load_run(const struct load *load, double rate, double seconds, struct load_result *ret)
{
	const struct timespec settle = { .tv_nsec = SETTLE_NS };
	struct receiver receiver = { .fd = load->peer, .run = (uint64_t)now_ns() };
	pthread_t thread;
	uint32_t median;
	int error;

	receiver.samples = calloc(SAMPLES, sizeof(*receiver.samples));
	if (!receiver.samples)
		return -ENOMEM;
	error = -pthread_create(&thread, NULL, receive, &receiver);
	if (!error) {
		error = send_all(load, rate, (int64_t)(seconds * 1e9), receiver.run, &ret->sent);
		nanosleep(&settle, NULL);
		receiver.ends = true;
		pthread_join(thread, NULL);
	}
	ret->seconds = seconds;
	ret->received = receiver.received;
	qsort(receiver.samples, receiver.count, sizeof(*receiver.samples), compare);
	median = receiver.count / 2;
	ret->p50_us = receiver.count ? receiver.samples[median] / 1e3 : 0;
	free(receiver.samples);
	return error;
}
