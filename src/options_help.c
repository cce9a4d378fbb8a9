/* SPDX-License-Identifier: BSD-2-Clause */
/* Help and version as text. */
#include "options.h"

#include <string.h>

#include "option_table.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

#define HELP_WIDTH 79
#define HELP_INDENT 26

/* Writes the words of `text`, `column` being where the cursor is, folded at HELP_WIDTH. */
static void print_folded(FILE *out, const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t length = strcspn(text, " ");

		if (column > indent && column + 1 + length > HELP_WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
		if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)length, text);
		column += length;
		text += length + (text[length] == ' ');
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const struct option_row *row)
{
	char left[64], right[256], letter[8] = "    ";

	if (row->letter)
		snprintf(letter, sizeof(letter), "-%c%s", row->letter, row->name ? ", " : "");
	snprintf(left, sizeof(left), "  %s%s%s%s%s", letter, row->name ? "--" : "",
		 row->name ? row->name : "", row->argument ? " " : "",
		 row->argument ? row->argument : "");
	snprintf(right, sizeof(right), "%s%s%s%s", row->help, row->fallback ? " [" : "",
		 row->fallback ? row->fallback : "", row->fallback ? "]" : "");
	fprintf(out, "%-*s", HELP_INDENT, left);
	if (strlen(left) >= HELP_INDENT)
		fprintf(out, "\n%*s", HELP_INDENT, "");
	print_folded(out, right, HELP_INDENT, HELP_INDENT);
}

void options_print_help(FILE *out)
{
	fputs("Usage: fzbpf-top [OPTION]... INTERFACE [PCAP-FILTER]\n"
	      "Relays TURN traffic on INTERFACE with XDP, learns the MAC addresses of the LAN,\n"
	      "and shows which packets were passed up to the TURN server, and why.\n\n"
	      "Options [defaults in brackets]:\n",
	      out);
	for (size_t i = 0; option_row(i); i++)
		print_row(out, option_row(i));
	fputs("\nReasons, as --capture takes them:\n ", out);
#define X(id, label, class, miss, means, next) label " "
	print_folded(out, RELAY_REASONS(X), 1, 1);
#undef X
	fputs("\nExit status:\n", out);
#define X(id, number, means) fprintf(out, "  %d  %s\n", number, means);
	EXIT_STATUSES(X)
#undef X
}

void options_print_version(FILE *out)
{
	fprintf(out, "fzbpf-top %s\n", VERSION);
}
