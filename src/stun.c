/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder of STUN and TURN control messages: every length is checked before the step it allows.
 */
#include "stun.h"

#include <errno.h>
#include <string.h>

static uint16_t read16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)read16(p) << 16 | read16(p + 2);
}

bool stun_has_header(const uint8_t *data, size_t length)
{
	if (length < STUN_HEADER_LENGTH || data[0] & 0xc0)
		return false;
	if (read32(data + 4) != STUN_MAGIC_COOKIE || length % 4)
		return false;
	return STUN_HEADER_LENGTH + (size_t)read16(data + 2) == length;
}

void stun_cursor_init(struct stun_cursor *cursor, const uint8_t *data, size_t length)
{
	cursor->next = data + STUN_HEADER_LENGTH;
	cursor->left = length - STUN_HEADER_LENGTH;
}

int stun_cursor_next(struct stun_cursor *cursor, struct stun_attribute *ret_attribute)
{
	size_t length, padded;

	if (!cursor->left)
		return -ENOENT;
	if (cursor->left < 4)
		return -EBADMSG;
	length = read16(cursor->next + 2);
	padded = (length + 3) & ~(size_t)3;
	if (padded > cursor->left - 4)
		return -EBADMSG;
	*ret_attribute = (struct stun_attribute){
		.type = read16(cursor->next),
		.length = (uint16_t)length,
		.value = cursor->next + 4,
	};
	cursor->next += 4 + padded;
	cursor->left -= 4 + padded;
	return 0;
}

/* RFC 8489 section 14.2: the port and an IPv4 address are XORed with the cookie, an IPv6 address
 * with the cookie followed by the transaction id. */
int stun_xor_address(const struct stun_attribute *attribute, const uint8_t *transaction,
		     struct endpoint *ret_address)
{
	uint8_t mask[16] = { STUN_MAGIC_COOKIE >> 24, STUN_MAGIC_COOKIE >> 16 & 0xff,
			     STUN_MAGIC_COOKIE >> 8 & 0xff, STUN_MAGIC_COOKIE & 0xff };
	struct endpoint address = { 0 };
	size_t size, at, i;

	if (attribute->length < 4)
		return -EBADMSG;
	switch (attribute->value[1]) {
	case 1:
		size = 4;
		address.ip.s6_addr[10] = 0xff;
		address.ip.s6_addr[11] = 0xff;
		break;
	case 2: size = 16; break;
	default: return -EBADMSG;
	}
	if (attribute->length != 4 + size)
		return -EBADMSG;
	memcpy(mask + 4, transaction, STUN_TRANSACTION_LENGTH);
	at = sizeof(address.ip.s6_addr) - size;
	for (i = 0; i < size; i++)
		address.ip.s6_addr[at + i] = attribute->value[4 + i] ^ mask[i];
	address.port = (uint16_t)(read16(attribute->value + 2) ^ STUN_MAGIC_COOKIE >> 16);
	*ret_address = address;
	return 0;
}

enum stun_family stun_family_of(const struct endpoint *endpoint)
{
	return IN6_IS_ADDR_V4MAPPED(&endpoint->ip) ? STUN_FAMILY_V4 : STUN_FAMILY_V6;
}

static int decode_family(uint8_t wire, enum stun_family *ret_family)
{
	if (wire != 1 && wire != 2)
		return -EBADMSG;
	*ret_family = wire == 1 ? STUN_FAMILY_V4 : STUN_FAMILY_V6;
	return 0;
}

/* RFC 8489 section 14.8: hundreds in three bits, then 0-99. */
static int decode_error(const struct stun_attribute *attribute, uint16_t *ret_error)
{
	unsigned int hundreds, rest;

	if (attribute->length < 4)
		return -EBADMSG;
	hundreds = attribute->value[2] & 7;
	rest = attribute->value[3];
	if (hundreds < 3 || hundreds > 6 || rest > 99)
		return -EBADMSG;
	*ret_error = (uint16_t)(hundreds * 100 + rest);
	return 0;
}

static int decode_relayed(const struct stun_attribute *attribute, struct stun_message *message)
{
	struct endpoint address;
	enum stun_family family;
	int err;

	err = stun_xor_address(attribute, message->transaction, &address);
	if (err)
		return err;
	/* An IPv4 address disguised as IPv6 would be taken for the other family. */
	family = stun_family_of(&address);
	if (family == STUN_FAMILY_V4 && attribute->value[1] != 1)
		return -EBADMSG;
	if (message->has_relayed[family])
		return 0;
	message->has_relayed[family] = true;
	message->relayed[family] = address;
	return 0;
}

static int decode_peer(const struct stun_attribute *attribute, struct stun_message *message)
{
	struct endpoint address;
	int err;

	err = stun_xor_address(attribute, message->transaction, &address);
	if (err)
		return err;
	if (stun_family_of(&address) == STUN_FAMILY_V4 && attribute->value[1] != 1)
		return -EBADMSG;
	if (!message->peer_count++)
		message->peer = address;
	return 0;
}

static int decode_number(const struct stun_attribute *attribute, struct stun_message *message)
{
	if (attribute->length != 4)
		return -EBADMSG;
	switch (attribute->type) {
	case STUN_ATTRIBUTE_CHANNEL_NUMBER:
		if (message->has_channel)
			return 0;
		message->has_channel = true;
		message->channel = read16(attribute->value);
		return 0;
	case STUN_ATTRIBUTE_LIFETIME:
		if (message->has_lifetime)
			return 0;
		message->has_lifetime = true;
		message->lifetime = read32(attribute->value);
		return 0;
	default:
		if (message->has_requested_family)
			return 0;
		message->has_requested_family = true;
		return decode_family(attribute->value[0], &message->requested_family);
	}
}

static int decode_attribute(const struct stun_attribute *attribute, struct stun_message *message)
{
	int err;

	switch (attribute->type) {
	case STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS:
		if (message->has_mapped)
			return 0;
		message->has_mapped = true;
		return stun_xor_address(attribute, message->transaction, &message->mapped);
	case STUN_ATTRIBUTE_XOR_PEER_ADDRESS: return decode_peer(attribute, message);
	case STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS: return decode_relayed(attribute, message);
	case STUN_ATTRIBUTE_CHANNEL_NUMBER:
	case STUN_ATTRIBUTE_LIFETIME:
	case STUN_ATTRIBUTE_REQUESTED_ADDRESS_FAMILY: return decode_number(attribute, message);
	case STUN_ATTRIBUTE_ERROR_CODE:
		return message->error ? 0 : decode_error(attribute, &message->error);
	case STUN_ATTRIBUTE_ADDRESS_ERROR_CODE:
		if (message->address_error)
			return 0;
		err = decode_error(attribute, &message->address_error);
		return err ? err
			   : decode_family(attribute->value[0], &message->address_error_family);
	default: return 0;
	}
}

static bool is_integrity(uint16_t type)
{
	return type == STUN_ATTRIBUTE_MESSAGE_INTEGRITY ||
	       type == STUN_ATTRIBUTE_MESSAGE_INTEGRITY_SHA256;
}

int stun_decode(const uint8_t *data, size_t length, struct stun_message *ret_message)
{
	struct stun_message message = { 0 };
	struct stun_attribute attribute;
	struct stun_cursor cursor;
	bool sealed = false;
	uint16_t type;
	int err;

	if (!stun_has_header(data, length))
		return -EBADMSG;
	/* RFC 8489 section 5: the class is bits 4 and 8 of the type, the method is the others. */
	type = read16(data);
	message.class = (enum stun_class)((type >> 4 & 1) | (type >> 7 & 2));
	message.method = (uint16_t)((type & 0xf) | (type >> 1 & 0x70) | (type >> 2 & 0xf80));
	memcpy(message.transaction, data + 8, STUN_TRANSACTION_LENGTH);

	stun_cursor_init(&cursor, data, length);
	while (!(err = stun_cursor_next(&cursor, &attribute))) {
		if (!sealed)
			err = decode_attribute(&attribute, &message);
		if (err)
			return err;
		sealed = sealed || is_integrity(attribute.type);
	}
	if (err != -ENOENT)
		return err;
	*ret_message = message;
	return 0;
}

const char *stun_method_name(uint16_t method)
{
	switch (method) {
#define X(id, value, name) \
	case value: return name;
		STUN_METHODS(X)
#undef X
	default: return "unknown";
	}
}

const char *stun_class_name(enum stun_class class)
{
	switch (class) {
#define X(id, value, name) \
	case STUN_CLASS_##id: return name;
		STUN_CLASSES(X)
#undef X
	default: return "unknown";
	}
}

const char *stun_attribute_name(uint16_t type)
{
	switch (type) {
#define X(id, value, name) \
	case value: return name;
		STUN_ATTRIBUTES(X)
#undef X
	default: return "unknown";
	}
}
