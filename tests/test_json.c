/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON writer: what it writes is valid whatever bytes it is given. */
#include "../src/json.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"

/* A line with one string, without its newline. Freed by the caller. */
static char *line_of_string(const char *value)
{
	struct json json;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	json_begin(&json, out);
	json_string(&json, "k", value);
	cr_assert_eq(json_end(&json), 0);
	fclose(out);
	cr_assert_eq(text[size - 1], '\n');
	text[size - 1] = '\0';
	return text;
}

Test(json, strings_are_escaped)
{
	static const struct {
		const char *value, *line;
	} rows[] = {
		{ "", "{\"k\":\"\"}" },
		{ "plain", "{\"k\":\"plain\"}" },
		{ "a\"b\\c", "{\"k\":\"a\\\"b\\\\c\"}" },
		{ "\n\t\x1b[31m\x7f", "{\"k\":\"\\u000a\\u0009\\u001b[31m\\u007f\"}" },
		{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		  "{\"k\":\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80\"}" },
		{ "\xc2\x9b", "{\"k\":\"\\u009b\"}" },			 /* C1 control: CSI */
		{ "\xff\xfe", "{\"k\":\"\\ufffd\\ufffd\"}" },		 /* never in UTF-8 */
		{ "\xc0\xaf", "{\"k\":\"\\ufffd\\ufffd\"}" },		 /* overlong */
		{ "\xe0\x80\xaf", "{\"k\":\"\\ufffd\\ufffd\\ufffd\"}" }, /* overlong */
		{ "\xed\xa0\x80", "{\"k\":\"\\ufffd\\ufffd\\ufffd\"}" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "{\"k\":\"\\ufffd\\ufffd\\ufffd\\ufffd\"}" }, /* > 10ffff */
		{ "\xe2\x82", "{\"k\":\"\\ufffd\\ufffd\"}" },			    /* cut */
		{ "\xf0\x9f\x98", "{\"k\":\"\\ufffd\\ufffd\\ufffd\"}" },	    /* cut */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *line = line_of_string(rows[i].value);

		cr_expect_str_eq(line, rows[i].line, "row %zu: %s", i, line);
		cr_expect(json_is_valid(line), "row %zu", i);
		free(line);
	}
}

Test(json, any_two_bytes_are_valid_and_harmless)
{
	for (unsigned int pair = 0x0101; pair <= 0xffff; pair++) {
		char value[3] = { (char)(pair >> 8), (char)(pair & 0xff), '\0' };
		char *line = line_of_string(value);

		cr_assert(json_is_valid(line), "%04x", pair);
		for (const char *p = line; *p; p++)
			cr_assert((unsigned char)*p >= 0x20 && *p != 0x7f, "%04x", pair);
		free(line);
	}
}

Test(json, nesting_and_commas)
{
	struct json json;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	json_begin(&json, out);
	json_u64(&json, "big", UINT64_MAX);
	json_object(&json, "empty");
	json_object_end(&json);
	json_array(&json, "list");
	json_string(&json, NULL, "a");
	json_object(&json, NULL);
	json_null(&json, "n");
	json_u64(&json, "z", 0);
	json_object_end(&json);
	json_array(&json, NULL);
	json_array_end(&json);
	json_array_end(&json);
	json_string(&json, "last", "b");
	cr_expect_eq(json_end(&json), 0);
	fclose(out);
	cr_expect_str_eq(text, "{\"big\":18446744073709551615,\"empty\":{},"
			       "\"list\":[\"a\",{\"n\":null,\"z\":0},[]],\"last\":\"b\"}\n");
	free(text);
}

Test(json, seconds)
{
	static const struct {
		int64_t ns;
		const char *line;
	} rows[] = {
		{ 0, "{\"s\":0}\n" },
		{ 1, "{\"s\":0.000000001}\n" },
		{ 1000000000, "{\"s\":1}\n" },
		{ 1500000000, "{\"s\":1.5}\n" },
		{ 600001000000, "{\"s\":600.001}\n" },
		{ -250000000, "{\"s\":-0.25}\n" },
		{ INT64_MAX, "{\"s\":9223372036.854775807}\n" },
		{ INT64_MIN, "{\"s\":-9223372036.854775808}\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json json;
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		json_begin(&json, out);
		json_seconds(&json, "s", rows[i].ns);
		cr_expect_eq(json_end(&json), 0);
		fclose(out);
		cr_expect_str_eq(text, rows[i].line, "row %zu: %s", i, text);
		free(text);
	}
}

Test(json, write_error_is_returned)
{
	struct json json;
	FILE *out = fopen("/dev/full", "w");

	cr_assert(out);
	json_begin(&json, out);
	cr_expect_eq(json_end(&json), -ENOSPC);
	/* In the middle of a long line, too. */
	json_begin(&json, out);
	for (int i = 0; i < 100000; i++)
		json_u64(&json, "n", 1);
	cr_expect_eq(json_end(&json), -ENOSPC);
	fclose(out);
}
