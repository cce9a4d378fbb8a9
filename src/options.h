/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line as a struct. Parsing neither prints nor exits; help is made from the same table
 * as the parser, so the two cannot differ.
 */
#ifndef FZBPF_OPTIONS_H
#define FZBPF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"
#include "names.h"

#define OPTIONS_ERROR_SIZE 512
#define OPTIONS_FILTER_SIZE 4096
#define OPTIONS_BINDINGS 256

/* Exit statuses, an interface: X(ID, number, what it means). */
#define EXIT_STATUSES(X)                                             \
	X(DONE, 0, "done (also q, SIGINT, SIGTERM)")                 \
	X(UNEXPECTED, 1, "unexpected failure")                       \
	X(USAGE, 2, "wrong usage")                                   \
	X(NO_INTERFACE, 3, "no such interface")                      \
	X(NOT_PERMITTED, 4, "not permitted")                         \
	X(BUSY, 5, "another XDP program is attached")                \
	X(REFUSED, 6, "the kernel refused the program")              \
	X(NO_FEATURE, 7, "the kernel is too old or lacks a feature") \
	X(INTERFACE_GONE, 8, "the interface was removed (batch)")    \
	X(FILE_FAILED, 9, "writing an output file failed")

enum exit_status {
#define X(id, number, means) EXIT_STATUS_##id = (number),
	EXIT_STATUSES(X)
#undef X
};

enum options_request {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_LIST_INTERFACES,
};

enum options_mode { OPTIONS_MODE_AUTO, OPTIONS_MODE_NATIVE, OPTIONS_MODE_GENERIC };

enum options_color { OPTIONS_COLOR_AUTO, OPTIONS_COLOR_ALWAYS, OPTIONS_COLOR_NEVER };

/* The server's address is the unspecified one (::) when any own address of the client's family will
 * do. */
struct options_binding {
	struct endpoint client, server, relayed, peer;
	uint16_t channel;
};

/* Strings are words of argv; 0 means "not given" for numbers without a default. */
struct options {
	enum options_request request;
	const char *interface;		  /* NULL only if none is needed (help, version, list) */
	char filter[OPTIONS_FILTER_SIZE]; /* PCAP-FILTER, "" = none */
	char command[512];		  /* as it was typed, cut where it is longer */

	enum options_mode mode;
	bool no_relay;
	bool force;
	uint16_t turn_port, relay_port_min, relay_port_max;
	struct options_binding bindings[OPTIONS_BINDINGS];
	size_t binding_count;
	struct names names;
	uint64_t mac_ttl_s; /* 0 = never stale */
	uint64_t mac_entries;

	const char *write_file; /* NULL = none, "-" = standard output */
	bool write_pcapng;
	bool overwrite;
	uint64_t capture; /* bit per enum relay_reason */
	uint64_t snaplen; /* bytes kept of a frame, 1 .. RELAY_SNAPLEN_MAX */
	uint64_t count;	  /* packets after which to stop */
	double duration_s;
	uint64_t rotate_mb, rotate_s, rotate_files;
	const char *read_file;

	bool batch; /* also set by --json and by -w - */
	bool json;
	double delay_s;
	bool numeric;
	enum options_color color;
	bool ascii;
	bool no_mouse;
	bool quiet;
	int verbose; /* how often -v was given */
};

/*
 * Fills `ret` from argv, which getopt may reorder and which must outlive `ret`. Failure is a usage
 * error (exit status 2): -EINVAL; `ret_error` then says what, why and what to type. `ret` is
 * undefined after a failure.
 */
int options_parse(int argc, char **argv, struct options *ret, char *ret_error, size_t size);

/*
 * What the program in the kernel has to hand up: with a screen the misses too, since addresses that
 * are wanted are known from them, and `m` records them; and what has no binding, to tell clients
 * that were bound before us from other programs' packets, as long as that is not too much (rate a
 * second, negative = not known). Of these, --capture says what is listed and
 * written; channel data without a binding is, if all that concerns TURN is asked for.
 */
uint64_t options_kernel_capture(const struct options *options, double no_binding_rate);

/* Whether --capture asks for all that concerns TURN, as it does by default. */
bool options_capture_turn(const struct options *options);

/* The mask of --capture for comma separated words: turn, misses, all, or labels of reasons. */
int options_parse_capture(const char *words, uint64_t *ret_mask, char *ret_error, size_t size);

void options_print_help(FILE *out);
void options_print_version(FILE *out);

#endif
