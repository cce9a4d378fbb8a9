/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * send INTERFACE MAC IP RATE SECONDS: frames that the relay passes up, at that many a second. The
 * interface is a veth whose other end has a native XDP program: frames go there without sockets,
 * as the kernel's own test runs send them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <bpf/bpf.h>

#define BATCHES 20 /* a second: to begin one costs some ten milliseconds of waiting */
#define NAPI_BATCH 64
#define DATA 64
#define TURN_PORT 3478
#define HOSTS 101
#define FIRST_HOST 100	    /* the last octet of its addresses */
#define EXPERIMENTAL 0x88b5 /* an EtherType that means nothing */

/* In turn, a batch each, and each batch from the next host: the relay learns, too. */
enum kind { NO_BINDING, BAD_CHANNEL_LENGTH, BAD_HEADER, NOT_IP, KINDS };

struct target {
	struct ether_addr mac;
	struct in_addr ip;
};

struct __attribute__((packed)) frame {
	struct ether_header ethernet;
	struct iphdr ip;
	struct udphdr udp;
	uint16_t channel, length;
	uint8_t data[DATA];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint16_t ip_sum(const struct iphdr *ip)
{
	uint16_t words[sizeof(*ip) / 2];
	uint32_t sum = 0;

	memcpy(words, ip, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void make_frame(struct frame *frame, enum kind kind, uint8_t host,
		       const struct target *target)
{
	const uint8_t mac[ETH_ALEN] = { 2, 0x90, 0, 0, 0, host };
	uint16_t length = sizeof(*frame) - sizeof(frame->ethernet);
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.tot_len = htons(kind == BAD_HEADER ? length + 1 : length),
		.saddr = htonl((ntohl(target->ip.s_addr) & ~255u) | host),
		.daddr = target->ip.s_addr,
	};
	struct udphdr udp = {
		.source = htons(50000),
		.dest = htons(TURN_PORT),
		.len = htons((uint16_t)(length - sizeof(ip))),
	};

	ip.check = ip_sum(&ip);
	memcpy(frame->ethernet.ether_dhost, &target->mac, ETH_ALEN);
	memcpy(frame->ethernet.ether_shost, mac, ETH_ALEN);
	frame->ethernet.ether_type = htons(kind == NOT_IP ? EXPERIMENTAL : ETHERTYPE_IP);
	frame->ip = ip;
	frame->udp = udp;
	frame->channel = htons(0x4000);
	frame->length = htons(kind == BAD_CHANNEL_LENGTH ? 2 * DATA : DATA);
}

/* An XDP program that sends every frame out of the interface. */
static int load_redirect(int ifindex)
{
	struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "send", "BSD", program,
			     sizeof(program) / sizeof(*program), NULL);
}

static int send_batch(int program, struct frame *frame, uint32_t count)
{
	struct xdp_md context = { .data_end = sizeof(*frame) };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(*frame),
		    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = (int)count,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = NAPI_BATCH);

	return bpf_prog_test_run_opts(program, &options);
}

/* Catches up when it was held up; returns how many frames were sent, or a negative errno. */
static int64_t send_all(int program, const struct target *target, uint64_t rate, uint64_t seconds)
{
	uint64_t start = now_ns(), end = start + seconds * 1000000000, sent = 0, now;
	uint32_t batch = (uint32_t)(rate / BATCHES), batches = 0;
	struct frame frame = { 0 };

	while ((now = now_ns()) < end && sent < rate * seconds) {
		uint64_t due = start + sent * 1000000000 / rate;
		struct timespec pause = { .tv_nsec = (long)(due - now) };
		int error;

		if (due > now) {
			nanosleep(&pause, NULL);
			continue;
		}
		make_frame(&frame, batches % KINDS, (uint8_t)(FIRST_HOST + batches % HOSTS),
			   target);
		batches++;
		error = send_batch(program, &frame, batch);
		if (error)
			return error;
		sent += batch;
	}
	return (int64_t)sent;
}

int main(int argc, char **argv)
{
	struct ether_addr *mac;
	struct target target;
	uint64_t start, took;
	int64_t sent;
	int program;

	if (argc != 6 || !(mac = ether_aton(argv[2])) || !inet_aton(argv[3], &target.ip)) {
		fputs("send INTERFACE MAC IP RATE SECONDS\n", stderr);
		return 2;
	}
	prctl(PR_SET_TIMERSLACK, 1);
	target.mac = *mac;
	start = now_ns();
	sent = program = load_redirect((int)if_nametoindex(argv[1]));
	if (program >= 0)
		sent = send_all(program, &target, strtoul(argv[4], NULL, 10),
				strtoul(argv[5], NULL, 10));
	took = now_ns() - start;
	if (sent < 0) {
		fprintf(stderr, "send: %s: %s\n", argv[1], strerror((int)-sent));
		return 1;
	}
	printf("%ld frames in %.2f s, %.0f a second\n", sent, (double)took / 1e9,
	       (double)sent * 1e9 / (double)took);
	return 0;
}
