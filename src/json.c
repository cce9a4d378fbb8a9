/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON Lines (RFC 8259) onto a stream. */
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

/* Length of the UTF-8 sequence at `text`, 0 if it is not one: overlong forms, surrogates and what
 * lies beyond U+10FFFF are not (RFC 3629 section 4). Reads no further than the zero byte. */
static size_t utf8_length(const unsigned char *text)
{
	unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
	size_t length;

	if (text[0] >= 0xc2 && text[0] <= 0xdf)
		length = 2;
	else if (text[0] >= 0xe0 && text[0] <= 0xef)
		length = 3;
	else if (text[0] >= 0xf0 && text[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (text[0] == 0xe0)
		low = 0xa0;
	else if (text[0] == 0xed)
		high = 0x9f;
	else if (text[0] == 0xf0)
		low = 0x90;
	else if (text[0] == 0xf4)
		high = 0x8f;
	if (text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	return length;
}

/* U+0080 to U+009F are control characters that some terminals obey. */
static bool is_c1_control(const unsigned char *text)
{
	return text[0] == 0xc2 && text[1] < 0xa0;
}

/* How many bytes go out as they are, in one piece: most texts are nothing else. */
static size_t plain_length(const unsigned char *text)
{
	size_t length = 0;

	while (text[length] >= 0x20 && text[length] < 0x7f && text[length] != '"' &&
	       text[length] != '\\')
		length++;
	return length;
}

static void put_quoted(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	fputc('"', out);
	while (*p) {
		size_t plain = plain_length(p), length;

		if (plain) {
			fwrite(p, 1, plain, out);
			p += plain;
			continue;
		}
		length = *p < 0x80 ? 1 : utf8_length(p);
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(out, "\\u%04x", *p);
		else if (length == 2 && is_c1_control(p))
			fprintf(out, "\\u%04x", p[1]);
		else if (length == 0)
			fputs("\\ufffd", out);
		else
			fwrite(p, 1, length, out);
		p += length ? length : 1;
	}
	fputc('"', out);
}

static void put_key(struct json *json, const char *key)
{
	if (json->comma)
		fputc(',', json->out);
	json->comma = true;
	if (key) {
		put_quoted(json->out, key);
		fputc(':', json->out);
	}
}

static void open_with(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	fputc(bracket, json->out);
	json->comma = false;
}

static void close_with(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->comma = true;
}

void json_begin(struct json *json, FILE *out)
{
	json->out = out;
	json->comma = false;
	clearerr(out);
	errno = 0;
	fputc('{', out);
}

int json_end(struct json *json)
{
	fputs("}\n", json->out);
	if (ferror(json->out) | fflush(json->out))
		return errno ? -errno : -EIO;
	return 0;
}

void json_object(struct json *json, const char *key)
{
	open_with(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_with(json, '}');
}

void json_array(struct json *json, const char *key)
{
	open_with(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_with(json, ']');
}

void json_string(struct json *json, const char *key, const char *value)
{
	put_key(json, key);
	put_quoted(json->out, value);
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	put_key(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_seconds(struct json *json, const char *key, int64_t ns)
{
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	uint64_t fraction = size % 1000000000;
	int digits = 9;

	put_key(json, key);
	fprintf(json->out, "%s%" PRIu64, ns < 0 ? "-" : "", size / 1000000000);
	if (fraction == 0)
		return;
	for (; fraction % 10 == 0; fraction /= 10)
		digits--;
	fprintf(json->out, ".%0*" PRIu64, digits, fraction);
}

void json_null(struct json *json, const char *key)
{
	put_key(json, key);
	fputs("null", json->out);
}
