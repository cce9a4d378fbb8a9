/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever is an interface is in the man page and in the completion: lists are not kept twice. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../bpf/relay_abi.h"
#include "../src/action.h"
#include "../src/option_table.h"

#define MAN_PAGE TESTS_DIR "/../packaging/fzbpf-top.8"
#define README TESTS_DIR "/../README.md"
#define COMPLETION TESTS_DIR "/../packaging/fzbpf-top.bash"
#define DOCUMENT_SIZE 65536

static void read_document(const char *path, char *buf)
{
	FILE *file = fopen(path, "r");
	size_t length;

	cr_assert_not_null(file, "%s", path);
	length = fread(buf, 1, DOCUMENT_SIZE - 1, file);
	fclose(file);
	cr_assert(length > 0 && length < DOCUMENT_SIZE - 1, "%s", path);
	buf[length] = '\0';
}

static void expect(const char *document, const char *text)
{
	cr_expect(strstr(document, text), "is missing: %s", text);
}

Test(docs, reasons)
{
	char man[DOCUMENT_SIZE], completion[DOCUMENT_SIZE], readme[DOCUMENT_SIZE];

	read_document(MAN_PAGE, man);
	read_document(COMPLETION, completion);
	read_document(README, readme);
#define X(id, label, class, miss, means, next)          \
	expect(man, "\n.It Cm " label " ");             \
	expect(man, "\n" means ".\nNext: " next ".\n"); \
	expect(completion, label);                      \
	expect(readme, "`" label "`");
	RELAY_REASONS(X)
#undef X
}

Test(docs, paths)
{
	char man[DOCUMENT_SIZE];

	read_document(MAN_PAGE, man);
#define X(id, label) expect(man, label);
	RELAY_PATHS(X)
#undef X
}

Test(docs, options)
{
	char man[DOCUMENT_SIZE], completion[DOCUMENT_SIZE], text[64];

	read_document(MAN_PAGE, man);
	read_document(COMPLETION, completion);
	for (size_t i = 0; option_row(i); i++) {
		const struct option_row *row = option_row(i);

		if (row->letter) {
			snprintf(text, sizeof(text), " Fl %c ", row->letter);
			expect(man, text);
		}
		if (row->name) {
			snprintf(text, sizeof(text), " -%s", row->name);
			expect(man, text);
		}
		expect(completion, option_row_name(row, text, sizeof(text)));
	}
}

Test(docs, exit_statuses)
{
	char man[DOCUMENT_SIZE];

	read_document(MAN_PAGE, man);
#define X(id, number, means) expect(man, "\n.It " #number "\n" means "\n");
	EXIT_STATUSES(X)
#undef X
}

Test(docs, keys)
{
	char man[DOCUMENT_SIZE];
	const char *keys;

	read_document(MAN_PAGE, man);
	keys = strstr(man, ".Sh KEYS");
	cr_assert_not_null(keys);
#define X(id, characters, function_key, shown, help) expect(keys, shown);
	ACTIONS_OF_APP(X)
	ACTIONS_OF_VIEW(X)
#undef X
}
