/* SPDX-License-Identifier: BSD-2-Clause */
/* Words against rows. */
#include "filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format.h"
#include "labels.h"

#define ROW_TEXT 400

/* ---- parsing --------------------------------------------------------------------------------- */

/* 10.0.0.0/24, fd00::/8: false if it is none (yet). */
static bool parse_network(const char *text, struct filter_word *word)
{
	const char *slash = strchr(text, '/');
	char address[FORMAT_IP_SIZE], *end;
	struct in_addr v4;
	unsigned long prefix;
	bool is_v4;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	prefix = strtoul(slash + 1, &end, 10);
	if (end == slash + 1 || *end)
		return false;
	is_v4 = inet_pton(AF_INET, address, &v4) == 1;
	if (is_v4) {
		word->network = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
		memcpy(&word->network.s6_addr[12], &v4, sizeof(v4));
	} else if (inet_pton(AF_INET6, address, &word->network) != 1) {
		return false;
	}
	if (prefix > (is_v4 ? 32 : 128))
		return false;
	word->prefix = (unsigned int)prefix + (is_v4 ? 96 : 0);
	return true;
}

static int parse_word(const char *text, struct filter_word *word)
{
	static const struct {
		const char *name;
		enum filter_key key;
	} keys[] = {
#define X(id, name, help) { name ":", FILTER_##id },
		FILTER_KEYS(X)
#undef X
	};
	size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	memset(word, 0, sizeof(*word));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t length = strlen(keys[i].name);

		if (strncasecmp(text, keys[i].name, length))
			continue;
		word->key = keys[i].key;
		text += length;
		if (word->key == FILTER_CHAN && !strncasecmp(text, "0x", 2))
			text += 2;
		break;
	}
	snprintf(word->text, sizeof(word->text), "%s", text);
	if (word->key == FILTER_IP)
		word->has_network = parse_network(text, word);
	/* aa:bb is a part of a MAC or IPv6 address */
	return word->key == FILTER_TEXT && letters > 2 && text[letters] == ':' ? -EINVAL : 0;
}

int filter_parse(const char *text, struct filter *ret)
{
	char copy[FILTER_SIZE], *rest = NULL;
	int error = 0;

	memset(ret, 0, sizeof(*ret));
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *at = strtok_r(copy, " ", &rest); at && ret->count < FILTER_WORDS;
	     at = strtok_r(NULL, " ", &rest)) {
		struct filter_word *word = &ret->words[ret->count];

		if (parse_word(at, word))
			error = -EINVAL;
		/* a key whose value is still to come asks for nothing */
		else if (word->text[0])
			ret->count++;
	}
	return error;
}

/* ---- matching -------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *with)
{
	return !strncasecmp(text, with, strlen(with));
}

static bool is_in_network(const struct in6_addr *ip, const struct filter_word *word)
{
	unsigned int bytes = word->prefix / 8, bits = word->prefix % 8;
	uint8_t mask = (uint8_t)(0xff00 >> bits);

	if (memcmp(ip, &word->network, bytes))
		return false;
	return !bits || !((ip->s6_addr[bytes] ^ word->network.s6_addr[bytes]) & mask);
}

static bool ip_matches(const struct filter_word *word, const struct in6_addr *ip)
{
	char text[FORMAT_IP_SIZE];

	if (word->has_network)
		return is_in_network(ip, word);
	return begins(format_ip(text, sizeof(text), ip), word->text);
}

static bool mac_matches(const struct filter_word *word, const struct mac *mac)
{
	char text[FORMAT_MAC_SIZE];

	return strcasestr(format_mac(text, sizeof(text), mac), word->text) != NULL;
}

static bool channel_matches(const struct filter_word *word, uint16_t channel)
{
	char text[8];

	snprintf(text, sizeof(text), "%04x", channel);
	return begins(text, word->text);
}

/* Is the word one of those in `states`, or the beginning of one? */
static bool state_matches(const struct filter_word *word, const char *states)
{
	for (const char *at = states; at && *at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
		if (begins(at, word->text))
			return true;
	return false;
}

static const char *kernel_state(enum kernel_state kernel)
{
	switch (kernel) {
	case KERNEL_SAME: return "same";
	case KERNEL_DIFFERENT: return "diff";
	case KERNEL_INCOMPLETE: return "asking";
	case KERNEL_FAILED: return "failed";
	case KERNEL_NONE: break;
	}
	return "none";
}

static bool neighbour_matches(const struct filter_word *word, const struct model_neighbour *row)
{
	char text[ROW_TEXT], ip[FORMAT_IP_SIZE], mac[FORMAT_MAC_SIZE] = "";

	switch (word->key) {
	case FILTER_IP: return ip_matches(word, &row->ip);
	case FILTER_MAC:
		return row->witnessed && (mac_matches(word, &row->mac) ||
					  (row->moves && mac_matches(word, &row->previous)));
	case FILTER_STATE:
		snprintf(text, sizeof(text), "%s%s%s%s", kernel_state(row->kernel),
			 row->witnessed ? "" : " nomac wanted", row->moves ? " moved" : "",
			 row->evicted ? " evicted" : "");
		return state_matches(word, text);
	case FILTER_TEXT:
		if (row->witnessed)
			format_mac(mac, sizeof(mac), &row->mac);
		snprintf(text, sizeof(text), "%s %s", format_ip(ip, sizeof(ip), &row->ip), mac);
		return strcasestr(text, word->text) != NULL;
	case FILTER_CHAN:
	case FILTER_REASON:
	case FILTER_CLASS: break;
	}
	return true;
}

static const char *binding_state(enum binding_state state)
{
	switch (state) {
	case BINDING_IDLE: return "idle";
	case BINDING_BOTH_WAYS: return "both";
	case BINDING_ONE_WAY: return "one out in";
	case BINDING_NO_MAC: return "nomac";
	case BINDING_EXPIRING: return "expiring";
	}
	return "";
}

static bool binding_matches(const struct filter_word *word, const struct model_binding *row)
{
	char client[FORMAT_ENDPOINT_SIZE], relayed[FORMAT_ENDPOINT_SIZE];
	char peer[FORMAT_ENDPOINT_SIZE], text[ROW_TEXT];

	switch (word->key) {
	case FILTER_IP:
		return ip_matches(word, &row->client.ip) || ip_matches(word, &row->peer.ip) ||
		       ip_matches(word, &row->relayed.ip);
	case FILTER_CHAN: return channel_matches(word, row->channel);
	case FILTER_STATE: return state_matches(word, binding_state(row->state));
	case FILTER_TEXT:
		snprintf(text, sizeof(text), "%s 0x%04x %s %s",
			 format_endpoint(client, sizeof(client), &row->client), row->channel,
			 format_endpoint(relayed, sizeof(relayed), &row->relayed),
			 format_endpoint(peer, sizeof(peer), &row->peer));
		return strcasestr(text, word->text) != NULL;
	case FILTER_MAC:
	case FILTER_REASON:
	case FILTER_CLASS: break;
	}
	return true;
}

static void packet_text(const struct model_packet *row, char *buf, size_t size)
{
	char src[FORMAT_ENDPOINT_SIZE] = "", dst[FORMAT_ENDPOINT_SIZE] = "";
	char missing[FORMAT_IP_SIZE] = "", from[FORMAT_MAC_SIZE], to[FORMAT_MAC_SIZE];
	char channel[8] = "";

	if (row->has_ports) {
		format_endpoint(src, sizeof(src), &row->src);
		format_endpoint(dst, sizeof(dst), &row->dst);
	} else if (row->has_ip) {
		format_ip(src, sizeof(src), &row->src.ip);
		format_ip(dst, sizeof(dst), &row->dst.ip);
	}
	if (row->has_missing)
		format_ip(missing, sizeof(missing), &row->missing);
	if (row->has_channel)
		snprintf(channel, sizeof(channel), "0x%04x", row->channel);
	snprintf(buf, size, "%s %s %s %s %s %s %s", src, dst, missing, channel,
		 label_packet(row->type, row->reason),
		 format_mac(from, sizeof(from), &row->src_mac),
		 format_mac(to, sizeof(to), &row->dst_mac));
}

static bool packet_matches(const struct filter_word *word, const struct model_packet *row)
{
	char text[ROW_TEXT];

	switch (word->key) {
	case FILTER_IP:
		return row->has_ip &&
		       (ip_matches(word, &row->src.ip) || ip_matches(word, &row->dst.ip) ||
			(row->has_missing && ip_matches(word, &row->missing)));
	case FILTER_MAC:
		return mac_matches(word, &row->src_mac) || mac_matches(word, &row->dst_mac);
	case FILTER_CHAN: return row->has_channel && channel_matches(word, row->channel);
	case FILTER_REASON: return begins(label_packet(row->type, row->reason), word->text);
	case FILTER_CLASS: return begins(label_class(row->class), word->text);
	case FILTER_TEXT:
		packet_text(row, text, sizeof(text));
		return strcasestr(text, word->text) != NULL;
	case FILTER_STATE: break;
	}
	return true;
}

bool filter_takes_neighbour(const struct filter *filter, const struct model_neighbour *row)
{
	for (size_t i = 0; i < filter->count; i++)
		if (!neighbour_matches(&filter->words[i], row))
			return false;
	return true;
}

bool filter_takes_binding(const struct filter *filter, const struct model_binding *row)
{
	for (size_t i = 0; i < filter->count; i++)
		if (!binding_matches(&filter->words[i], row))
			return false;
	return true;
}

bool filter_takes_packet(const struct filter *filter, const struct model_packet *row)
{
	for (size_t i = 0; i < filter->count; i++)
		if (!packet_matches(&filter->words[i], row))
			return false;
	return true;
}

bool filter_takes_reason(const struct filter *filter, enum relay_reason reason,
			 enum relay_class class)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_word *word = &filter->words[i];

		if (word->key == FILTER_REASON && !begins(label_reason(reason), word->text))
			return false;
		if (word->key == FILTER_CLASS && !begins(label_class(class), word->text))
			return false;
	}
	return true;
}

bool filter_names_class(const struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++)
		if (filter->words[i].key == FILTER_REASON || filter->words[i].key == FILTER_CLASS)
			return true;
	return false;
}
