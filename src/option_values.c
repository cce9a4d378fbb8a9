/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that options take, parsed and checked one at a time. */
#include "option_values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"
#include "scan.h"

#define CHANNEL_MIN 0x4000 /* RFC 8656 section 12; up to 0x7fff by RFC 5766 */
#define CHANNEL_MAX 0x7fff

#define BINDING_FORM "client=IP:PORT,channel=N,relayed=IP:PORT,peer=IP:PORT (IPv6 in brackets)"

/* What concerns TURN. Traffic that may be another program's is only counted. */
#define CAPTURE_TURN                                                                       \
	(BIT(CONTROL) | BIT(BAD_CHANNEL_LENGTH) | BIT(NO_MAC) | BIT(STALE_MAC) |           \
	 BIT(NO_CHECKSUM) | BIT(UNFINISHED) | BIT(TTL) | BIT(TOO_BIG) | BIT(NO_HEADROOM) | \
	 BIT(FRAGMENT) | BIT(IP_OPTIONS) | BIT(EXT_HEADER) | BIT(INTERNAL))
#define BIT(id) (1ULL << RELAY_REASON_##id)

#define NO_BINDING_MAX 20000 /* a second */

int option_fail(char *ret_error, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(ret_error, size, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

int option_parse_number(const char *name, const char *text, uint64_t min, uint64_t max,
			uint64_t *ret_number, char *ret_error, size_t size)
{
	uint64_t number;

	if (!scan_number(text, max, &number) || number < min)
		return option_fail(ret_error, size, "%s: '%s' is not a number from %llu to %llu",
				   name, text, (unsigned long long)min, (unsigned long long)max);
	*ret_number = number;
	return 0;
}

/* Not strtod(), which depends on the locale and takes nan, infinity and hexadecimal. */
static bool parse_decimal(const char *text, double *ret_number)
{
	double number = 0, weight = 1;
	bool fraction = false;
	size_t digits = 0;

	for (; *text; text++) {
		if (*text == '.' && !fraction) {
			fraction = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + (*text - '0');
		weight *= fraction ? 10 : 1;
		digits++;
	}
	*ret_number = number / weight;
	return digits > 0 && digits < 30;
}

int option_parse_seconds(const char *name, const char *text, double min, double max,
			 double *ret_seconds, char *ret_error, size_t size)
{
	double seconds;

	if (!parse_decimal(text, &seconds) || seconds < min || seconds > max)
		return option_fail(ret_error, size,
				   "%s: '%s' is not a number of seconds from %.10g to %.10g", name,
				   text, min, max);
	*ret_seconds = seconds;
	return 0;
}

int option_parse_ports(const char *name, const char *text, uint16_t *ret_min, uint16_t *ret_max,
		       char *ret_error, size_t size)
{
	char first[8] = "";
	const char *dash = strchr(text, '-');
	size_t length = dash ? (size_t)(dash - text) : strlen(text);
	uint64_t min, max;

	if (length < sizeof(first))
		memcpy(first, text, length);
	if (!scan_number(first, UINT16_MAX, &min) ||
	    !scan_number(dash ? dash + 1 : first, UINT16_MAX, &max) || min == 0 || min > max)
		return option_fail(ret_error, size,
				   "%s: '%s' is not a range of ports; type it as 49152-65535", name,
				   text);
	*ret_min = (uint16_t)min;
	*ret_max = (uint16_t)max;
	return 0;
}

static bool is_unicast(const struct in6_addr *ip)
{
	if (IN6_IS_ADDR_V4MAPPED(ip))
		return ip->s6_addr[12] != 0 && ip->s6_addr[12] < 224;
	return !IN6_IS_ADDR_MULTICAST(ip) && !IN6_IS_ADDR_UNSPECIFIED(ip);
}

int option_parse_endpoint(const char *name, const char *text, struct endpoint *ret_endpoint,
			  char *ret_error, size_t size)
{
	struct endpoint endpoint;

	if (!scan_endpoint(text, &endpoint) || endpoint.port == 0)
		return option_fail(ret_error, size,
				   "%s: '%s' is not IP:PORT; type it as 10.0.0.1:3478 or "
				   "[fd00::1]:3478",
				   name, text);
	if (!is_unicast(&endpoint.ip))
		return option_fail(ret_error, size, "%s: '%s' is not the address of one host", name,
				   text);
	*ret_endpoint = endpoint;
	return 0;
}

enum { KEY_CLIENT, KEY_CHANNEL, KEY_RELAYED, KEY_PEER, KEY_SERVER, KEY_COUNT };

static const char *const binding_keys[KEY_COUNT] = {
	[KEY_CLIENT] = "client", [KEY_CHANNEL] = "channel", [KEY_RELAYED] = "relayed",
	[KEY_PEER] = "peer",	 [KEY_SERVER] = "server",
};

/* One key=value; `seen` has a bit per key. */
static int take_binding_word(const char *word, struct options_binding *binding, unsigned int *seen,
			     char *ret_error, size_t size)
{
	struct endpoint *const endpoints[KEY_COUNT] = {
		[KEY_CLIENT] = &binding->client,
		[KEY_RELAYED] = &binding->relayed,
		[KEY_PEER] = &binding->peer,
		[KEY_SERVER] = &binding->server,
	};
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : 0;
	uint64_t channel = 0;
	int key, err;

	for (key = 0; key < KEY_COUNT; key++)
		if (length == strlen(binding_keys[key]) &&
		    memcmp(word, binding_keys[key], length) == 0)
			break;
	if (key == KEY_COUNT)
		return option_fail(ret_error, size,
				   "--binding: cannot read '%s'; type " BINDING_FORM, word);
	if (*seen & (1u << key))
		return option_fail(ret_error, size, "--binding: %s is given twice",
				   binding_keys[key]);
	*seen |= 1u << key;
	if (key != KEY_CHANNEL)
		return option_parse_endpoint(binding_keys[key], equals + 1, endpoints[key],
					     ret_error, size);
	err = option_parse_number("channel", equals + 1, CHANNEL_MIN, CHANNEL_MAX, &channel,
				  ret_error, size);
	if (err == 0)
		binding->channel = (uint16_t)channel;
	return err;
}

static bool is_same_family(const struct endpoint *a, const struct endpoint *b)
{
	return IN6_IS_ADDR_V4MAPPED(&a->ip) == IN6_IS_ADDR_V4MAPPED(&b->ip);
}

int option_parse_binding(const char *text, struct options_binding *ret_binding, char *ret_error,
			 size_t size)
{
	struct options_binding binding = { 0 };
	char words[512], *word, *rest = words;
	unsigned int seen = 0;
	int err;

	if ((size_t)snprintf(words, sizeof(words), "%s", text) >= sizeof(words))
		return option_fail(ret_error, size, "--binding: too long; type " BINDING_FORM);
	while ((word = strsep(&rest, ","))) {
		err = take_binding_word(word, &binding, &seen, ret_error, size);
		if (err < 0)
			return err;
	}
	for (int key = 0; key < KEY_SERVER; key++)
		if (!(seen & (1u << key)))
			return option_fail(ret_error, size,
					   "--binding: %s is missing; type " BINDING_FORM,
					   binding_keys[key]);
	if (!is_same_family(&binding.relayed, &binding.peer))
		return option_fail(ret_error, size,
				   "--binding: relayed and peer must both be IPv4 or both IPv6");
	if ((seen & (1u << KEY_SERVER)) && !is_same_family(&binding.server, &binding.client))
		return option_fail(ret_error, size,
				   "--binding: server and client must both be IPv4 or both IPv6");
	*ret_binding = binding;
	return 0;
}

int option_parse_name(const char *text, struct names *names, char *ret_error, size_t size)
{
	const char *equals = strchr(text, '=');
	char address[INET6_ADDRSTRLEN] = "";
	struct in6_addr ip;
	int err;

	if (equals && (size_t)(equals - text) < sizeof(address))
		memcpy(address, text, (size_t)(equals - text));
	if (!equals || !scan_ip(address, &ip))
		return option_fail(ret_error, size,
				   "--name: '%s' is not IP=LABEL; type it as 10.0.0.5=alice", text);
	err = names_add(names, &ip, equals + 1, strlen(equals + 1));
	switch (err) {
	case 0: return 0;
	case -EEXIST: return option_fail(ret_error, size, "--name: %s is given twice", address);
	case -ENOSPC: return option_fail(ret_error, size, "--name: at most %d of them", NAMES_MAX);
	default:
		return option_fail(ret_error, size,
				   "--name: '%s' is no label; take up to %d letters, digits, dots, "
				   "hyphens and underscores",
				   equals + 1, NAMES_LABEL_SIZE - 1);
	}
}

static bool find_reasons(const char *word, uint64_t *ret_mask)
{
	bool all = strcmp(word, "all") == 0, misses = strcmp(word, "misses") == 0;

	*ret_mask = strcmp(word, "turn") == 0 ? CAPTURE_TURN : 0;
	for (enum relay_reason reason = 0; reason < RELAY_REASON_COUNT; reason++)
		if (all || (misses && reason_is_miss(reason)) ||
		    strcmp(word, label_reason(reason)) == 0)
			*ret_mask |= 1ULL << reason;
	return *ret_mask != 0;
}

uint64_t options_kernel_capture(const struct options *options, double no_binding_rate)
{
	uint64_t more = 0;

	if (options->batch)
		return options->capture;
	(void)find_reasons("misses", &more);
	if (no_binding_rate >= 0 && no_binding_rate <= NO_BINDING_MAX)
		more |= BIT(NO_BINDING);
	return options->capture | more;
}

bool options_capture_turn(const struct options *options)
{
	return (options->capture & CAPTURE_TURN) == CAPTURE_TURN;
}

int options_parse_capture(const char *words, uint64_t *ret_mask, char *ret_error, size_t size)
{
	char copy[512], *word, *rest = copy;
	uint64_t mask = 0, more;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", words) >= sizeof(copy))
		return option_fail(ret_error, size,
				   "--capture: too long; 'all' takes every reason");
	while ((word = strsep(&rest, ","))) {
		if (!find_reasons(word, &more))
			return option_fail(
				ret_error, size,
				"--capture: '%s' is no reason; take turn, misses, all, or "
				"names listed by fzbpf-top --help, with commas",
				word);
		mask |= more;
	}
	*ret_mask = mask;
	return 0;
}
