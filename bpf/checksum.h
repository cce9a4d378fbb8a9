/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Internet checksum arithmetic (RFC 1071, RFC 1624) on 16-bit words in wire order. A sum is a plain
 * 32-bit accumulator: some dozens of words fit before it must be folded.
 */
#ifndef FZBPF_CHECKSUM_H
#define FZBPF_CHECKSUM_H

#include <linux/types.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define wire16(x) ((__u16)__builtin_bswap16((__u16)(x)))
#define wire32(x) ((__u32)__builtin_bswap32((__u32)(x)))
#define little16(x) ((__u16)(x))
#define little32(x) ((__u32)(x))
#else
#define wire16(x) ((__u16)(x))
#define wire32(x) ((__u32)(x))
#define little16(x) ((__u16)__builtin_bswap16((__u16)(x)))
#define little32(x) ((__u32)__builtin_bswap32((__u32)(x)))
#endif

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

static __always_inline __u16 sum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* One's complement subtraction is the addition of the complement (RFC 1624 section 3). */
static __always_inline __u32 sum_negate(__u16 word)
{
	return word ^ 0xffffu;
}

/* The words of an IPv4 address that is stored v4-mapped, or of an IPv6 address. The mapped prefix
 * adds 0xffff, which is zero in one's complement but must not turn an all-zero sum into 0xffff. */
static __always_inline __u32 sum_address(const __be32 ip[4], int is_v4)
{
	__u32 sum = (ip[3] & 0xffff) + (ip[3] >> 16);

	if (!is_v4)
		sum += (ip[0] & 0xffff) + (ip[0] >> 16) + (ip[1] & 0xffff) + (ip[1] >> 16) +
		       (ip[2] & 0xffff) + (ip[2] >> 16);
	return sum;
}

/* Checksum after the words in `sum` were added to what it covers. */
static __always_inline __u16 checksum_add(__u16 check, __u32 sum)
{
	return (__u16)sum_negate(sum_fold(sum_negate(check) + sum));
}

/* A UDP checksum that comes out as zero is sent as all ones (RFC 768, RFC 8200 section 8.1). */
static __always_inline __u16 checksum_udp(__u16 check)
{
	return check ? check : 0xffff;
}

#endif
