// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The XDP program: learn who sent the frame, find out what it is, look up what it becomes, and
 * relay it or pass it up for one reason. Nothing is changed before everything is known.
 */
#include "classify.h"
#include "hot.h"
#include "snapshot.h"
#include "unfinished.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __u32 frame_length(const struct frame *frame)
{
	return bpf_xdp_get_buff_len(frame->context);
}

static __always_inline struct frame frame_of(struct xdp_md *context)
{
	struct frame frame = {
		.data = (void *)(long)context->data,
		.end = (void *)(long)context->data_end,
		.context = context,
	};

	return frame;
}

static __always_inline struct relay_session *find_session(const struct packet *packet,
							  const struct relay_flow_key *flow,
							  __u64 now, __u32 *ret_index)
{
	struct relay_session *session;
	__u32 *index;

	if (packet->kind == PACKET_CHANNEL)
		index = bpf_map_lookup_elem(&to_peer, flow);
	else
		index = bpf_map_lookup_elem(&to_client, flow);
	if (!index)
		return NULL;
	*ret_index = *index;
	session = bpf_map_lookup_elem(&sessions, ret_index);
	/* The map element may have become another flow's since it was found. */
	if (!session || session->expires <= now || !flow_is(&session->key, flow, 0))
		return NULL;
	if (!options.trial)
		flow_cache_put(flow, *ret_index);
	return session;
}

/* Sum of the ChannelData padding (at most 3 bytes, RFC 8656 section 12.5) within the datagram. */
static __always_inline int padding_sum(struct xdp_md *context, const struct packet *packet,
				       __u32 padding, __u16 *ret_sum)
{
	__u32 last, offset = packet->l3 + packet->length - sizeof(last);

	/* There are four bytes before it at least, and older verifiers want a constant size. */
	if (padding > 3 || !padding || bpf_xdp_load_bytes(context, offset, &last, sizeof(last)))
		return -1;
	last = wire32(last) << (32 - 8 * padding);
	/* After an odd number of bytes each of these is the other half of its word. */
	if (packet->data_length & 1)
		last >>= 8;
	*ret_sum = sum_fold(wire16(last >> 16) + wire16(last & 0xffff));
	return 0;
}

/* How the frame changes shape: RELAY_REASON_NO_HEADROOM leaves it as it was. */
static __always_inline enum relay_reason reshape(struct xdp_md *context, int grow, __u32 cut)
{
	if (grow && bpf_xdp_adjust_head(context, -grow))
		return RELAY_REASON_NO_HEADROOM;
	if (cut && bpf_xdp_adjust_tail(context, -(int)cut))
		return RELAY_REASON_INTERNAL;
	return RELAY_GO_ON;
}

/* Generic mode, unfinished checksum: the head changes only by the size of the IP header, the tail
 * by the rest; see unfinished.h. */
static __always_inline enum relay_reason reshape_in_place(struct xdp_md *context,
							  const struct packet *packet,
							  const struct rewrite *rewrite,
							  struct scratch *room, __u32 trailer)
{
	int grow = (rewrite->new_is_v4 ? IPV4_HEADER : IPV6_HEADER) -
		   (rewrite->old_is_v4 ? IPV4_HEADER : IPV6_HEADER);
	int tail = rewrite->udp_length - packet->udp_length - (int)trailer;

	/* Growing the tail can fail, shrinking cannot: first what can fail, and it can be undone.
	 */
	if (tail > 0 && bpf_xdp_adjust_tail(context, tail))
		return RELAY_REASON_UNFINISHED;
	if (grow && bpf_xdp_adjust_head(context, -grow)) {
		if (tail > 0 && bpf_xdp_adjust_tail(context, -tail))
			return RELAY_REASON_INTERNAL;
		return RELAY_REASON_NO_HEADROOM;
	}
	if (tail < 0 && bpf_xdp_adjust_tail(context, tail))
		return RELAY_REASON_INTERNAL;
	if (unfinished_move(context, room, packet->kind == PACKET_CHANNEL,
			    packet->l3 + rewrite->new_headers, packet->data_length))
		return RELAY_REASON_INTERNAL;
	return RELAY_GO_ON;
}

/*
 * Relays the frame, or says why not. This and the other functions that are neither inlined nor
 * static are verified once and for all arguments; verified in place, all ways into them would
 * multiply, and their stack would be the hot path's.
 */
__noinline int relay(struct xdp_md *context, struct relay_counters *counters,
		     struct relay_session *session, __u32 index, const struct packet *packet)
{
	struct frame frame = frame_of(context);
	__u64 linear = (char *)frame.end - (char *)frame.data; /* 64 bits: pointers spill as such */
	__u32 trailer = 0, padding, zero = 0, l4;
	__u64 now = bpf_jiffies64(), mac = 0, path;
	struct relay_session_counters *flow;
	struct scratch *room = NULL;
	struct rewrite rewrite = {};
	enum relay_reason reason;
	__u16 check, pad_sum = 0;
	int sum, repaired;

	if (!counters || !session || !packet)
		return RELAY_REASON_INTERNAL;
	/* Read once: user space could change it between the check and the use. */
	path = *(volatile __u8 *)&session->path;
	if (path >= RELAY_PATH_COUNT)
		return RELAY_REASON_NO_BINDING;

	rewrite_plan(packet, session, path, &rewrite);
	reason = rewrite_check(packet, &rewrite, live.mtu);
	if (reason != RELAY_GO_ON)
		return reason;
	if (rewrite_hides_error(packet, session, &rewrite))
		return RELAY_REASON_BAD_HEADER;
	reason = next_hop(session, packet, now, &mac);
	if (reason != RELAY_GO_ON)
		return reason;
	if (!live.relaying)
		return RELAY_REASON_OBSERVING;

	if (linear > packet->l3 + packet->length)
		trailer = frame_length(&frame) - packet->l3 - packet->length;
	padding = packet->udp_length - UDP_HEADER - packet->data_length;
	if (packet->kind == PACKET_CHANNEL)
		padding -= CHANNEL_HEADER;
	if (padding && padding_sum(context, packet, padding, &pad_sum))
		return RELAY_REASON_BAD_CHANNEL_LENGTH;

	check = packet->udp_check;
	if (check && checksum_is_unfinished(packet, session)) {
		room = bpf_map_lookup_elem(&scratch, &zero);
		l4 = packet->l3 + (rewrite.old_is_v4 ? IPV4_HEADER : IPV6_HEADER);
		sum = unfinished_sum(context, room, l4, packet->udp_length);
		if (sum < 0)
			return RELAY_REASON_UNFINISHED;
		if (!live.generic) {
			check = checksum_udp((__u16)sum_negate(sum));
			room = NULL;
		} else if (sum_fold(sum + check) == 0xffff) {
			/* Complete or unfinished: both would look like this. */
			return RELAY_REASON_UNFINISHED;
		}
	}

	flow = bpf_map_lookup_elem(&session_counters, &index);
	if (!flow)
		return RELAY_REASON_NO_BINDING;

	repaired = room || check != packet->udp_check;
	if (padding)
		rewrite_cut(padding, pad_sum, &rewrite, &check);
	if (room) {
		rewrite.udp_check = rewrite_unfinished(session, &rewrite);
		reason = reshape_in_place(context, packet, &rewrite, room, trailer);
	} else {
		if (packet->udp_check)
			rewrite.udp_check = rewrite_udp_check(packet, session, check);
		reason = reshape(context, rewrite.new_headers - rewrite.old_headers,
				 trailer + padding);
	}
	if (reason != RELAY_GO_ON)
		return reason;
	if (rewrite_headers((void *)(long)context->data, (void *)(long)context->data_end, packet,
			    session, &rewrite, mac))
		return RELAY_REASON_INTERNAL;

	if (repaired)
		counters->checksum_repaired++;
	barrier_var(path);
	counters->paths[path & PATH_MASK]++;
	counters->relayed_bytes += packet->data_length;
	if (!options.trial)
		flow_count(flow, packet->data_length, now);
	return RELAY_GO_ON;
}

/* The relay's concern for the capture mask: fragments and options that go elsewhere are captured
 * only if everything else that goes elsewhere is. */
static __always_inline int is_captured(enum relay_reason reason, const struct packet *packet)
{
	if (!packet->to_relay &&
	    (reason == RELAY_REASON_FRAGMENT || reason == RELAY_REASON_IP_OPTIONS))
		reason = RELAY_REASON_NOT_TURN;
	return live.capture >> reason & 1;
}

static __always_inline void count_miss(__u32 index)
{
	struct relay_session_counters *flow = bpf_map_lookup_elem(&session_counters, &index);

	if (flow)
		flow->misses++;
}

static __always_inline int is_miss(enum relay_reason reason)
{
	static const __u64 misses = 0
#define X(id, label, class, miss, means, next) | (__u64)miss << RELAY_REASON_##id
		RELAY_REASONS(X)
#undef X
		;

	return misses >> reason & 1;
}

__noinline int pass_up(struct xdp_md *context, struct relay_counters *counters,
		       const struct relay_session *session, __u32 index, __u64 what)
{
	struct passed passed = {
		.reason = what & 0xff,
		.flags = what >> 8 & 0xff,
		.channel = what >> 16 & 0xffff,
		.vlan = what >> 32 & 0xffff,
		.session = index,
	};

	if (passed.flags & RELAY_PASSED_MISSING && session)
		address_copy(passed.missing, session->dst);
	return record_passed(context, counters, &passed);
}

static __always_inline int verdict(struct xdp_md *context, struct relay_counters *counters,
				   enum relay_reason reason, const struct packet *packet,
				   const struct relay_session *session, __u32 index)
{
	__u64 flags = 0;

	if (reason >= RELAY_REASON_COUNT)
		return XDP_TX;
	counters->passed[reason]++;
	if (session && is_miss(reason) && !options.trial)
		count_miss(index);
	if (reason == RELAY_REASON_INTERNAL)
		return XDP_DROP;
	if (!is_captured(reason, packet))
		return XDP_PASS;
	if (packet->kind == PACKET_CHANNEL)
		flags |= RELAY_PASSED_CHANNEL;
	if (session)
		flags |= RELAY_PASSED_SESSION | (is_miss(reason) ? RELAY_PASSED_MISSING : 0);
	pass_up(context, counters, session, index,
		reason | flags << 8 | (__u64)wire16(packet->channel) << 16 |
			(__u64)packet->vlan << 32);
	return XDP_PASS;
}

/* The long way: every frame can go it. */
SEC("xdp.frags")
int relay_long(struct xdp_md *context)
{
	struct frame frame = frame_of(context);
	struct relay_session *session = NULL;
	struct relay_counters *count;
	struct relay_flow_key flow = {};
	struct packet packet = {};
	enum relay_reason reason;
	__u32 zero = 0, index = 0, generation = 0;
	__u64 now = bpf_jiffies64(), stamp;

	count = bpf_map_lookup_elem(&frame_counters, &zero);
	if (!count)
		return XDP_PASS;
	reason = classify(&options, &frame, live.mac, &packet, &flow);
	if (reason == RELAY_GO_ON) {
		session = find_session(&packet, &flow, now, &index);
		if (!session)
			reason = RELAY_REASON_NO_BINDING;
	}
	if (!options.trial && (!session || !sender_is_known(session, &packet, now))) {
		if (session)
			generation = generation_read(session->sender_slot);
		stamp = learn_sender(context, count, &frame, &packet, &flow);
		if (session)
			sender_remember(session, &packet, generation, stamp);
	}
	if (session)
		reason = relay(context, count, session, index, &packet);
	return verdict(context, count, reason, &packet, session, index);
}

/* A tail call: the long way has a stack of its own. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int(struct xdp_md *));
} long_way SEC(".maps") = {
	.values = { (void *)&relay_long },
};

SEC("xdp.frags")
int relay_xdp(struct xdp_md *context)
{
	const __be16 *ethernet = (void *)(long)context->data;
	struct relay_counters *counters;
	__u64 now = bpf_jiffies64();
	int action = XDP_PASS;
	__u32 zero = 0;

	counters = bpf_map_lookup_elem(&frame_counters, &zero);
	if (!counters)
		return XDP_PASS;
	if (!options.trial && (void *)(ethernet + 7) <= (void *)(long)context->data_end) {
		if (ethernet[6] == wire16(ETH_P_IP))
			action = hot_relay(context, counters, now, 1);
		else if (ethernet[6] == wire16(ETH_P_IPV6))
			action = hot_relay(context, counters, now, 0);
	}
	if (action == XDP_PASS)
		bpf_tail_call(context, &long_way, 0);
	return action;
}
