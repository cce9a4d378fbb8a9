/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to numbers and addresses, strictly. */
#include "scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* strtoull() takes signs, spaces and octal: none of them is meant here. */
bool scan_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	bool is_hex = strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0;
	const char *digits = is_hex ? text + 2 : text;
	const char *allowed = is_hex ? "0123456789abcdefABCDEF" : "0123456789";
	uint64_t number;

	if (*digits == '\0' || strspn(digits, allowed) != strlen(digits))
		return false;
	errno = 0;
	number = strtoull(digits, NULL, is_hex ? 16 : 10);
	if (errno != 0 || number > max)
		return false;
	*ret_number = number;
	return true;
}

bool scan_ip(const char *text, struct in6_addr *ret_ip)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET6, text, &six) == 1) {
		*ret_ip = six;
		return true;
	}
	if (inet_pton(AF_INET, text, &four) != 1)
		return false;
	*ret_ip = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	memcpy(&ret_ip->s6_addr[12], &four, sizeof(four));
	return true;
}

static int hex_digit(char digit)
{
	const char *digits = "0123456789abcdef", *found = digit ? strchr(digits, digit) : NULL;

	return found ? (int)(found - digits) : -1;
}

bool scan_mac(const char *text, struct mac *ret_mac)
{
	struct mac mac;

	if (strlen(text) != 3 * sizeof(mac.octet) - 1)
		return false;
	for (size_t i = 0; i < sizeof(mac.octet); i++, text += 3) {
		int high = hex_digit(text[0]), low = hex_digit(text[1]);

		if (high < 0 || low < 0 || text[2] != (i + 1 < sizeof(mac.octet) ? ':' : '\0'))
			return false;
		mac.octet[i] = (uint8_t)(high << 4 | low);
	}
	*ret_mac = mac;
	return true;
}

bool scan_endpoint(const char *text, struct endpoint *ret_endpoint)
{
	bool bracket = text[0] == '[';
	const char *start = bracket ? text + 1 : text;
	const char *end = strchr(start, bracket ? ']' : ':');
	char ip[INET6_ADDRSTRLEN];
	struct endpoint endpoint;
	uint64_t port;

	if (!end || (bracket && end[1] != ':') || (size_t)(end - start) >= sizeof(ip))
		return false;
	memcpy(ip, start, (size_t)(end - start));
	ip[end - start] = '\0';
	/* Colons tell the families apart: an IPv4 address in brackets is a slip. */
	if (bracket != (strchr(ip, ':') != NULL) || !scan_ip(ip, &endpoint.ip) ||
	    !scan_number(end + (bracket ? 2 : 1), UINT16_MAX, &port))
		return false;
	endpoint.port = (uint16_t)port;
	*ret_endpoint = endpoint;
	return true;
}
