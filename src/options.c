/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: parsed by the table of options, then checked as a whole. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "option_table.h"
#include "option_values.h"

#define LONG_ONLY 256 /* getopt values of options without a letter: this plus their row */

static int row_value(size_t index)
{
	return option_row(index)->letter ? option_row(index)->letter : LONG_ONLY + (int)index;
}

static void make_getopt_tables(char *ret_letters, struct option *ret_names)
{
	const struct option_row *row;

	*ret_letters++ = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; (row = option_row(i)); i++) {
		if (row->name)
			*ret_names++ = (struct option){
				.name = row->name,
				.has_arg = row->argument ? required_argument : no_argument,
				.val = row_value(i),
			};
		if (row->letter) {
			*ret_letters++ = row->letter;
			if (row->argument)
				*ret_letters++ = ':';
		}
	}
	*ret_names = (struct option){ 0 };
	*ret_letters = '\0';
}

static const struct option_row *find_row(int value)
{
	for (size_t i = 0; option_row(i); i++)
		if (value == row_value(i))
			return option_row(i);
	return NULL;
}

static int fail_option(int value, char **argv, char *ret_error, size_t size)
{
	const struct option_row *row = find_row(optopt);
	char name[OPTION_NAME_SIZE];

	if (value == ':' && row)
		return option_fail(ret_error, size, "%s needs %s; fzbpf-top --help tells more",
				   option_row_name(row, name, sizeof(name)), row->argument);
	if (row)
		return option_fail(ret_error, size, "%s takes no value",
				   option_row_name(row, name, sizeof(name)));
	if (optopt)
		return option_fail(ret_error, size,
				   "unknown option '-%c'; fzbpf-top --help lists them", optopt);
	return option_fail(ret_error, size, "unknown option '%s'; fzbpf-top --help lists them",
			   argv[optind - 1]);
}

static int take_words(int count, char **words, struct options *options, char *ret_error,
		      size_t size)
{
	size_t used = 0;

	if (count > 0 && !options->interface && !options->read_file) {
		options->interface = *words++;
		count--;
	}
	for (int i = 0; i < count; i++) {
		used += (size_t)snprintf(options->filter + used, sizeof(options->filter) - used,
					 "%s%s", i ? " " : "", words[i]);
		if (used >= sizeof(options->filter))
			return option_fail(ret_error, size, "PCAP-FILTER is longer than %zu bytes",
					   sizeof(options->filter) - 1);
	}
	return 0;
}

static bool is_same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && IN6_ARE_ADDR_EQUAL(&a->ip, &b->ip);
}

/* Two bindings that would need the same entry in one of the kernel's flow tables. */
static bool is_conflict(const struct options_binding *a, const struct options_binding *b)
{
	return (is_same_endpoint(&a->client, &b->client) &&
		is_same_endpoint(&a->server, &b->server) && a->channel == b->channel) ||
	       (is_same_endpoint(&a->relayed, &b->relayed) && is_same_endpoint(&a->peer, &b->peer));
}

static int check_binding_ports(const struct options *options, const struct options_binding *binding,
			       char *ret_error, size_t size)
{
	if (binding->server.port != options->turn_port)
		return option_fail(ret_error, size,
				   "--binding: the server's port %u is not the TURN port %u; "
				   "give --turn-port %u",
				   binding->server.port, options->turn_port, binding->server.port);
	if (binding->relayed.port < options->relay_port_min ||
	    binding->relayed.port > options->relay_port_max)
		return option_fail(
			ret_error, size,
			"--binding: the relayed port %u is none of the relay ports %u-%u; "
			"give other --relay-ports",
			binding->relayed.port, options->relay_port_min, options->relay_port_max);
	return 0;
}

/* Only now, since --turn-port and --relay-ports may come after --binding. */
static int finish_bindings(struct options *options, char *ret_error, size_t size)
{
	int err;

	for (size_t i = 0; i < options->binding_count; i++) {
		struct options_binding *binding = &options->bindings[i];

		if (binding->server.port == 0)
			binding->server.port = options->turn_port;
		err = check_binding_ports(options, binding, ret_error, size);
		if (err < 0)
			return err;
		for (size_t j = 0; j < i; j++)
			if (is_conflict(binding, &options->bindings[j]))
				return option_fail(
					ret_error, size,
					"--binding: numbers %zu and %zu exclude each other: "
					"same client and channel, or same relayed and peer",
					j + 1, i + 1);
	}
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static int check_rotation(const struct options *options, bool is_stream, char *ret_error,
			  size_t size)
{
	bool rotates = options->rotate_mb || options->rotate_s;

	if (options->rotate_files && !rotates)
		return option_fail(ret_error, size, "-W needs -C or -G");
	if (rotates && (!options->write_file || is_stream))
		return option_fail(ret_error, size, "-C and -G need -w FILE");
	if (options->rotate_s && !strchr(options->write_file, '%'))
		return option_fail(ret_error, size,
				   "-G: each file needs a name of its own; put the time into it, "
				   "as in -w passed-%%H%%M%%S.pcapng");
	return 0;
}

static int finish_output(struct options *options, char *ret_error, size_t size)
{
	const char *file = options->write_file;
	bool is_stream = file && (strcmp(file, "-") == 0 || strcmp(file, "-.pcapng") == 0);
	int err = check_rotation(options, is_stream, ret_error, size);

	if (err < 0)
		return err;
	if (is_stream && options->json)
		return option_fail(ret_error, size,
				   "--json and -w - both want standard output; give -w a file");
	if (file && options->read_file && !is_stream && strcmp(file, options->read_file) == 0)
		return option_fail(ret_error, size, "-r and -w are the same file");
	options->write_pcapng = file && ends_with(file, ".pcapng");
	if (is_stream)
		options->write_file = "-";
	options->batch = options->batch || options->json || is_stream;
	/* A file costs nobody anything: all its packets are told. */
	if (options->capture == 0)
		options_parse_capture(options->read_file ? "all" : "turn", &options->capture,
				      ret_error, size);
	if (options->snaplen == 0 || options->snaplen > RELAY_SNAPLEN_MAX)
		options->snaplen = RELAY_SNAPLEN_MAX;
	return 0;
}

static int check_options(struct options *options, char *ret_error, size_t size)
{
	int err;

	if (options->request != OPTIONS_RUN)
		return 0;
	if (options->interface && options->read_file)
		return option_fail(ret_error, size, "-i and -r exclude each other");
	if (!options->read_file && (!options->interface || !*options->interface))
		return option_fail(ret_error, size,
				   "which interface? Type: fzbpf-top INTERFACE "
				   "(fzbpf-top -D lists them)");
	err = finish_bindings(options, ret_error, size);
	return err < 0 ? err : finish_output(options, ret_error, size);
}

static void set_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->turn_port = 3478;
	options->relay_port_min = 49152;
	options->relay_port_max = 65535;
	options->mac_ttl_s = 300;
	options->mac_entries = 65536;
	options->delay_s = 1;
}

/* For the head of capture files. */
static void keep_command(int argc, char **argv, struct options *options)
{
	size_t used = 0;

	for (int i = 0; i < argc && used < sizeof(options->command); i++)
		used += (size_t)snprintf(options->command + used, sizeof(options->command) - used,
					 "%s%s", i ? " " : "", argv[i]);
}

int options_parse(int argc, char **argv, struct options *ret, char *ret_error, size_t size)
{
	char letters[2 * OPTION_ROWS + 2];
	struct option names[OPTION_ROWS + 1];
	int value, err;

	set_defaults(ret);
	keep_command(argc, argv, ret);
	make_getopt_tables(letters, names);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	while ((value = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		const struct option_row *row = find_row(value);

		if (!row)
			return fail_option(value, argv, ret_error, size);
		err = row->take(row, optarg, (char *)ret + row->offset, ret_error, size);
		if (err < 0)
			return err;
		if (ret->request == OPTIONS_HELP)
			return 0;
	}
	err = take_words(argc - optind, argv + optind, ret, ret_error, size);
	return err < 0 ? err : check_options(ret, ret_error, size);
}
