/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STUN and TURN control messages (RFC 8489, RFC 8656) taken apart: bytes in, one checked struct
 * out.
 */
#ifndef FZBPF_STUN_H
#define FZBPF_STUN_H

#include "event.h"

#define STUN_HEADER_LENGTH 20
#define STUN_TRANSACTION_LENGTH 12
#define STUN_MAGIC_COOKIE 0x2112a442u
#define STUN_CHANNEL_MIN 0x4000
#define STUN_CHANNEL_MAX 0x7fff

/* X(ID, value, name) */
#define STUN_METHODS(X)                                 \
	X(BINDING, 0x001, "Binding")                    \
	X(ALLOCATE, 0x003, "Allocate")                  \
	X(REFRESH, 0x004, "Refresh")                    \
	X(SEND, 0x006, "Send")                          \
	X(DATA, 0x007, "Data")                          \
	X(CREATE_PERMISSION, 0x008, "CreatePermission") \
	X(CHANNEL_BIND, 0x009, "ChannelBind")           \
	X(CONNECT, 0x00a, "Connect")                    \
	X(CONNECTION_BIND, 0x00b, "ConnectionBind")     \
	X(CONNECTION_ATTEMPT, 0x00c, "ConnectionAttempt")

enum stun_method {
#define X(id, value, name) STUN_METHOD_##id = value,
	STUN_METHODS(X)
#undef X
};

#define STUN_CLASSES(X)                   \
	X(REQUEST, 0, "request")          \
	X(INDICATION, 1, "indication")    \
	X(SUCCESS, 2, "success response") \
	X(ERROR, 3, "error response")

enum stun_class {
#define X(id, value, name) STUN_CLASS_##id = value,
	STUN_CLASSES(X)
#undef X
};

#define STUN_ATTRIBUTES(X)                                                \
	X(MAPPED_ADDRESS, 0x0001, "MAPPED-ADDRESS")                       \
	X(USERNAME, 0x0006, "USERNAME")                                   \
	X(MESSAGE_INTEGRITY, 0x0008, "MESSAGE-INTEGRITY")                 \
	X(ERROR_CODE, 0x0009, "ERROR-CODE")                               \
	X(UNKNOWN_ATTRIBUTES, 0x000a, "UNKNOWN-ATTRIBUTES")               \
	X(CHANNEL_NUMBER, 0x000c, "CHANNEL-NUMBER")                       \
	X(LIFETIME, 0x000d, "LIFETIME")                                   \
	X(XOR_PEER_ADDRESS, 0x0012, "XOR-PEER-ADDRESS")                   \
	X(DATA, 0x0013, "DATA")                                           \
	X(REALM, 0x0014, "REALM")                                         \
	X(NONCE, 0x0015, "NONCE")                                         \
	X(XOR_RELAYED_ADDRESS, 0x0016, "XOR-RELAYED-ADDRESS")             \
	X(REQUESTED_ADDRESS_FAMILY, 0x0017, "REQUESTED-ADDRESS-FAMILY")   \
	X(EVEN_PORT, 0x0018, "EVEN-PORT")                                 \
	X(REQUESTED_TRANSPORT, 0x0019, "REQUESTED-TRANSPORT")             \
	X(DONT_FRAGMENT, 0x001a, "DONT-FRAGMENT")                         \
	X(MESSAGE_INTEGRITY_SHA256, 0x001c, "MESSAGE-INTEGRITY-SHA256")   \
	X(PASSWORD_ALGORITHM, 0x001d, "PASSWORD-ALGORITHM")               \
	X(USERHASH, 0x001e, "USERHASH")                                   \
	X(XOR_MAPPED_ADDRESS, 0x0020, "XOR-MAPPED-ADDRESS")               \
	X(RESERVATION_TOKEN, 0x0022, "RESERVATION-TOKEN")                 \
	X(PRIORITY, 0x0024, "PRIORITY")                                   \
	X(USE_CANDIDATE, 0x0025, "USE-CANDIDATE")                         \
	X(CONNECTION_ID, 0x002a, "CONNECTION-ID")                         \
	X(ADDITIONAL_ADDRESS_FAMILY, 0x8000, "ADDITIONAL-ADDRESS-FAMILY") \
	X(ADDRESS_ERROR_CODE, 0x8001, "ADDRESS-ERROR-CODE")               \
	X(PASSWORD_ALGORITHMS, 0x8002, "PASSWORD-ALGORITHMS")             \
	X(ALTERNATE_DOMAIN, 0x8003, "ALTERNATE-DOMAIN")                   \
	X(ICMP, 0x8004, "ICMP")                                           \
	X(SOFTWARE, 0x8022, "SOFTWARE")                                   \
	X(ALTERNATE_SERVER, 0x8023, "ALTERNATE-SERVER")                   \
	X(FINGERPRINT, 0x8028, "FINGERPRINT")                             \
	X(ICE_CONTROLLED, 0x8029, "ICE-CONTROLLED")                       \
	X(ICE_CONTROLLING, 0x802a, "ICE-CONTROLLING")

enum stun_attribute_type {
#define X(id, value, name) STUN_ATTRIBUTE_##id = value,
	STUN_ATTRIBUTES(X)
#undef X
};

/* As an index; on the wire they are 1 and 2. */
enum stun_family { STUN_FAMILY_V4, STUN_FAMILY_V6, STUN_FAMILY_COUNT };

struct stun_message {
	enum stun_class class;
	uint16_t method;
	uint8_t transaction[STUN_TRANSACTION_LENGTH];
	bool has_mapped, has_lifetime, has_channel, has_requested_family;
	bool has_relayed[STUN_FAMILY_COUNT]; /* both in a dual allocation */
	uint16_t channel;
	uint16_t error;		/* 300-699, 0 = none */
	uint16_t address_error; /* why `address_error_family` was not allocated, 0 = none */
	enum stun_family address_error_family;
	enum stun_family requested_family;
	uint32_t lifetime;   /* seconds */
	uint32_t peer_count; /* a CreatePermission may name several; `peer` is the first */
	struct endpoint mapped;
	struct endpoint peer;
	struct endpoint relayed[STUN_FAMILY_COUNT];
};

/* A walk over the attributes of a message whose header stun_decode has accepted. */
struct stun_cursor {
	const uint8_t *next;
	size_t left;
};

struct stun_attribute {
	uint16_t type;
	uint16_t length; /* without the padding */
	const uint8_t *value;
};

/* -EBADMSG: not a STUN message, or one that lies about a length. Attributes behind the message
 * integrity are not looked at, and of repeated ones the first counts (RFC 8489 section 14). */
int stun_decode(const uint8_t *data, size_t length, struct stun_message *ret_message);

/* Is `length` bytes at `data` exactly one message, by its header? */
bool stun_has_header(const uint8_t *data, size_t length);

void stun_cursor_init(struct stun_cursor *cursor, const uint8_t *data, size_t length);

/* 0, -ENOENT at the end, -EBADMSG if the attribute does not fit into what is left. */
int stun_cursor_next(struct stun_cursor *cursor, struct stun_attribute *ret_attribute);

/* The address in an attribute whose type begins with XOR_; -EBADMSG if it is none. */
int stun_xor_address(const struct stun_attribute *attribute, const uint8_t *transaction,
		     struct endpoint *ret_address);

/* Never NULL: "unknown" for what has no name. */
const char *stun_method_name(uint16_t method);
const char *stun_class_name(enum stun_class class);
const char *stun_attribute_name(uint16_t type);

enum stun_family stun_family_of(const struct endpoint *endpoint);

#endif
