/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON by RFC 8259, no further than tests need it. */
#include "json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8

static bool skip_value(const char **text, int depth);

static bool skip_digits(const char **text)
{
	size_t digits = strspn(*text, "0123456789");

	*text += digits;
	return digits > 0;
}

static bool skip_number(const char **text)
{
	*text += **text == '-';
	if (**text == '0')
		++*text;
	else if (!skip_digits(text))
		return false;
	if (**text == '.') {
		++*text;
		if (!skip_digits(text))
			return false;
	}
	return true;
}

static bool skip_string(const char **text)
{
	if (*(*text)++ != '"')
		return false;
	for (; **text != '"'; ++*text) {
		if ((unsigned char)**text < 0x20)
			return false;
		if (**text != '\\')
			continue;
		++*text;
		if (**text == 'u') {
			if (strspn(*text + 1, "0123456789abcdefABCDEF") < 4)
				return false;
			*text += 4;
		} else if (!strchr("\"\\/bfnrt", **text) || **text == '\0') {
			return false;
		}
	}
	++*text;
	return true;
}

static bool skip_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	return true;
}

/* The members of an object or an array, from behind the opening to behind the closing bracket. */
static bool skip_members(const char **text, char close, int depth)
{
	if (**text == close) {
		++*text;
		return true;
	}
	for (;;) {
		if (close == '}' && (!skip_string(text) || *(*text)++ != ':'))
			return false;
		if (!skip_value(text, depth + 1))
			return false;
		if (**text == close) {
			++*text;
			return true;
		}
		if (*(*text)++ != ',')
			return false;
	}
}

static bool skip_value(const char **text, int depth)
{
	if (depth > DEPTH_MAX)
		return false;
	switch (**text) {
	case '{': ++*text; return skip_members(text, '}', depth);
	case '[': ++*text; return skip_members(text, ']', depth);
	case '"': return skip_string(text);
	case 't': return skip_word(text, "true");
	case 'f': return skip_word(text, "false");
	case 'n': return skip_word(text, "null");
	default: return skip_number(text);
	}
}

bool json_is_valid(const char *text)
{
	return skip_value(&text, 0) && *text == '\0';
}

/* From the opening bracket to the value called `name`, or number `name` of an array. */
static const char *find_member(const char *text, const char *name, size_t length)
{
	bool object = *text == '{';
	size_t wanted = object ? 0 : strtoul(name, NULL, 10);

	if (!object && *text != '[')
		return NULL;
	for (size_t index = 0; *text != '}' && *text != ']'; index++) {
		const char *key = ++text; /* behind the bracket or the comma */

		if (*key == '}' || *key == ']')
			return NULL;
		if (object) {
			skip_string(&text);
			if ((size_t)(text - key) == length + 2 &&
			    memcmp(key + 1, name, length) == 0)
				return text + 1;
			text++;
		} else if (index == wanted) {
			return text;
		}
		skip_value(&text, 0);
	}
	return NULL;
}

bool json_get(const char *text, const char *path, char *ret, size_t size)
{
	const char *end;

	if (!json_is_valid(text))
		return false;
	while (text && *path) {
		size_t length = strcspn(path, "/");

		text = find_member(text, path, length);
		path += length + (path[length] == '/');
	}
	if (!text)
		return false;
	end = text;
	skip_value(&end, 0);
	if (*text == '"') {
		text++;
		end--;
	}
	snprintf(ret, size, "%.*s", (int)(end - text), text);
	return true;
}
