/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of options: what each is called, takes, does and says in the help. */
#include "option_table.h"

#include <stdio.h>
#include <string.h>

#include "option_values.h"

#define SNAPLEN_ACCEPTED 262144 /* what tcpdump takes; more than a frame can have */

char *option_row_name(const struct option_row *row, char *buf, size_t size)
{
	if (row->name)
		snprintf(buf, size, "--%s", row->name);
	else
		snprintf(buf, size, "-%c", row->letter);
	return buf;
}

static int take_flag(const struct option_row *row, const char *value, void *field, char *ret_error,
		     size_t size)
{
	(void)row, (void)value, (void)ret_error, (void)size;
	*(bool *)field = true;
	return 0;
}

static int take_level(const struct option_row *row, const char *value, void *field, char *ret_error,
		      size_t size)
{
	(void)row, (void)value, (void)ret_error, (void)size;
	++*(int *)field;
	return 0;
}

/* The request is `min`. */
static int take_request(const struct option_row *row, const char *value, void *field,
			char *ret_error, size_t size)
{
	(void)value, (void)ret_error, (void)size;
	*(enum options_request *)field = (enum options_request)row->min;
	return 0;
}

static int take_text(const struct option_row *row, const char *value, void *field, char *ret_error,
		     size_t size)
{
	if (*value == '\0')
		return option_fail(ret_error, size, "--%s: %s is empty", row->name, row->argument);
	*(const char **)field = value;
	return 0;
}

static int take_number(const struct option_row *row, const char *value, void *field,
		       char *ret_error, size_t size)
{
	char name[OPTION_NAME_SIZE];

	return option_parse_number(option_row_name(row, name, sizeof(name)), value,
				   (uint64_t)row->min, (uint64_t)row->max, field, ret_error, size);
}

static int take_seconds(const struct option_row *row, const char *value, void *field,
			char *ret_error, size_t size)
{
	char name[OPTION_NAME_SIZE];

	return option_parse_seconds(option_row_name(row, name, sizeof(name)), value, row->min,
				    row->max, field, ret_error, size);
}

static int take_port(const struct option_row *row, const char *value, void *field, char *ret_error,
		     size_t size)
{
	uint64_t port;
	int err;

	err = take_number(row, value, &port, ret_error, size);
	if (err == 0)
		*(uint16_t *)field = (uint16_t)port;
	return err;
}

/* The field is the lower of two neighbours. */
static int take_ports(const struct option_row *row, const char *value, void *field, char *ret_error,
		      size_t size)
{
	uint16_t *ports = field;

	(void)row;
	return option_parse_ports("--relay-ports", value, &ports[0], &ports[1], ret_error, size);
}

static int take_word(const struct option_row *row, const char *value, void *field, char *ret_error,
		     size_t size)
{
	for (unsigned int word = 0; row->words[word]; word++)
		if (strcmp(value, row->words[word]) == 0) {
			*(unsigned int *)field = word;
			return 0;
		}
	return option_fail(ret_error, size, "--%s: '%s' is none of %s, %s and %s", row->name, value,
			   row->words[0], row->words[1], row->words[2]);
}

static int take_capture(const struct option_row *row, const char *value, void *field,
			char *ret_error, size_t size)
{
	(void)row;
	return options_parse_capture(value, field, ret_error, size);
}

static int take_binding(const struct option_row *row, const char *value, void *field,
			char *ret_error, size_t size)
{
	struct options *options = field;

	(void)row;
	if (options->binding_count == OPTIONS_BINDINGS)
		return option_fail(ret_error, size, "--binding: at most %d of them",
				   OPTIONS_BINDINGS);
	return option_parse_binding(value, &options->bindings[options->binding_count++], ret_error,
				    size);
}

static int take_name(const struct option_row *row, const char *value, void *field, char *ret_error,
		     size_t size)
{
	(void)row;
	return option_parse_name(value, field, ret_error, size);
}

#define ROW(letter, name, argument, fallback, take, field, ...)                          \
	{                                                                                \
		letter, name, argument, fallback, take, offsetof(struct options, field), \
			__VA_ARGS__                                                      \
	}
#define FLAG(letter, name, field, help) \
	ROW(letter, name, NULL, NULL, take_flag, field, 0, 0, { NULL }, help)
#define REQUEST(letter, name, value, help) \
	ROW(letter, name, NULL, NULL, take_request, request, value, 0, { NULL }, help)
#define TEXT(letter, name, argument, field, help) \
	ROW(letter, name, argument, NULL, take_text, field, 0, 0, { NULL }, help)
#define NUMBER(letter, name, argument, fallback, field, min, max, help) \
	ROW(letter, name, argument, fallback, take_number, field, min, max, { NULL }, help)
#define SECONDS(letter, name, fallback, field, min, max, help) \
	ROW(letter, name, "SECONDS", fallback, take_seconds, field, min, max, { NULL }, help)

/* clang-format off */
static const struct option_row rows[] = {
	TEXT('i', "interface", "NAME", interface, "the interface; same as the bare word"),
	ROW(0, "mode", "MODE", "auto", take_word, mode, 0, 0, { "auto", "native", "generic" },
	    "auto, native or generic: how the program is attached"),
	FLAG(0, "no-relay", no_relay, "observe: learn, count and capture, but pass every frame up"),
	FLAG(0, "force", force, "replace another XDP program that is attached"),
	ROW(0, "turn-port", "N", "3478", take_port, turn_port, 1, 65535, { NULL },
	    "the TURN server's UDP port"),
	ROW(0, "relay-ports", "A-B", "49152-65535", take_ports, relay_port_min, 0, 0, { NULL },
	    "the ports of relayed addresses"),
	{ 0, "binding", "SPEC", NULL, take_binding, 0, 0, 0, { NULL },
	  "a fixed binding, repeatable: client=IP:PORT,channel=N,relayed=IP:PORT,peer=IP:PORT "
	  "(IPv6 in brackets; server=IP:PORT may be added)" },
	ROW(0, "name", "IP=LABEL", NULL, take_name, names, 0, 0, { NULL },
	    "what a host is called, repeatable: in pcapng files and beside its address"),
	NUMBER(0, "mac-ttl", "SECONDS", "300", mac_ttl_s, 0, 604800,
	       "age at which a learned address is stale; 0 = never"),
	NUMBER(0, "mac-entries", "N", "65536", mac_entries, 64, 1048576,
	       "size of the learned table"),
	TEXT('w', "write", "FILE", write_file,
	     "write captured packets: pcapng with a comment on each and the changes of state if "
	     "FILE ends so, else pcap without; - or -.pcapng = standard output"),
	FLAG(0, "overwrite", overwrite, "-w may replace an existing regular file"),
	ROW(0, "capture", "WORDS", "turn", take_capture, capture, 0, 0, { NULL },
	    "which passed-up packets: turn, misses, all (so with -r), or reasons, with commas"),
	NUMBER('s', "snaplen", "N", "whole frame", snaplen, 0, SNAPLEN_ACCEPTED,
	       "bytes kept of each frame; 0 = all"),
	NUMBER('c', NULL, "N", NULL, count, 1, 1e15, "end after N packets"),
	SECONDS(0, "duration", NULL, duration_s, 0.1, 1e9, "end after this time"),
	NUMBER('C', NULL, "MB", NULL, rotate_mb, 1, 1e9,
	       "begin a new file at this size: FILE, FILE1, FILE2, ..."),
	NUMBER('G', NULL, "SECONDS", NULL, rotate_s, 1, 1e9,
	       "begin a new file at this age; FILE is a strftime format"),
	NUMBER('W', NULL, "N", NULL, rotate_files, 1, 1e6, "with -C, go round in this many files; with -G alone, end after them"),
	TEXT('r', "read", "FILE", read_file,
	     "a saved capture, pcap or pcapng, instead of an interface: what it says, or what the "
	     "relay would have done; needs no privileges; - = standard input"),
	FLAG('b', "batch", batch,
	     "no screen: text, one line an event (also if standard output is no terminal)"),
	FLAG(0, "json", json, "batch output as JSON Lines"),
	SECONDS('d', "delay", "1", delay_s, 0.1, 60, "refresh, 0.1 to 60"),
	REQUEST('D', "list-interfaces", OPTIONS_LIST_INTERFACES,
		"print name, state, driver, MTU, addresses and XDP program of each interface"),
	FLAG('n', "numeric", numeric, "no names for numbers"),
	ROW(0, "color", "WHEN", "auto", take_word, color, 0, 0, { "auto", "always", "never" },
	    "auto, always or never"),
	FLAG(0, "ascii", ascii, "draw lines with ASCII characters"),
	FLAG(0, "no-mouse", no_mouse, "leave the mouse to the terminal, to select text with it"),
	FLAG('q', "quiet", quiet, "batch text without learned addresses and passed-up packets"),
	ROW('v', "verbose", NULL, NULL, take_level, verbose, 0, 0, { NULL },
	    "say more on standard error; twice: even more"),
	REQUEST('h', "help", OPTIONS_HELP, "print this"),
	REQUEST('V', "version", OPTIONS_VERSION, "print the version"),
};
/* clang-format on */

_Static_assert(sizeof(rows) / sizeof(rows[0]) == OPTION_ROWS, "as the header says");

const struct option_row *option_row(size_t index)
{
	return index < OPTION_ROWS ? &rows[index] : NULL;
}
