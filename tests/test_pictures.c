/* SPDX-License-Identifier: BSD-2-Clause */
/* The README's pictures still show what the program shows; if not: make pictures. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/dissect.h"
#include "../src/explain.h"
#include "../tui/view.h"
#include "fixture.h"

#define FOLDER TESTS_DIR "/../packaging/pictures"
#define README TESTS_DIR "/../README.md"
#define DOCUMENT_SIZE 131072

static char *read_document(const char *path)
{
	char *buf = malloc(DOCUMENT_SIZE);
	FILE *file = fopen(path, "r");
	size_t length;

	cr_assert_not_null(file, "%s", path);
	length = fread(buf, 1, DOCUMENT_SIZE - 1, file);
	fclose(file);
	cr_assert_lt(length, (size_t)DOCUMENT_SIZE - 1, "%s", path);
	buf[length] = '\0';
	return buf;
}

/* The text of an SVG, a line for each phrase. */
static char *read_picture(const char *name)
{
	static const struct {
		const char *escape;
		char character;
	} escapes[] = { { "&gt;", '>' }, { "&lt;", '<' }, { "&amp;", '&' } };
	char path[256], *text, *to;

	snprintf(path, sizeof(path), FOLDER "/%s.svg", name);
	text = to = read_document(path);
	for (const char *at = text; *at; at++) {
		if (*at == '<') {
			at += strcspn(at, ">");
			continue;
		}
		*to = *at;
		for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++)
			if (!strncmp(at, escapes[i].escape, strlen(escapes[i].escape))) {
				*to = escapes[i].character;
				at += strlen(escapes[i].escape) - 1;
				break;
			}
		to++;
	}
	*to = '\0';
	return text;
}

static void expect(const char *name, const char *text, const char *phrase)
{
	cr_expect(strstr(text, phrase), "%s.svg does not show '%s': make pictures", name, phrase);
}

/* The panes, and of the tables of a full picture the columns that never leave. */
static void expect_views(const char *name, size_t count, bool tables)
{
	char *text = read_picture(name);

	expect(name, text, "fzbpf-top");
	for (size_t i = 0; i < count; i++) {
		char title[64];

		snprintf(title, sizeof(title), "%zu %s", i + 1, views[i]->name);
		expect(name, text, title);
		for (size_t j = 0; tables && j < views[i]->column_count; j++)
			if (!views[i]->columns[j].leaves)
				expect(name, text, views[i]->columns[j].title);
	}
	free(text);
}

Test(pictures, idle)
{
	expect_views("idle", 3, false);
}

Test(pictures, warm)
{
	expect_views("warm", VIEW_COUNT, true);
}

Test(pictures, miss)
{
	struct model *model = fixture_warm();
	struct model_packet *packet = NULL;
	char *text = read_picture("miss");
	struct dissection frame;
	struct explain explain;

	for (uint64_t id = 1; id < model->packet_next; id++)
		if (model->packets[id % MODEL_PACKETS].reason == RELAY_REASON_NO_MAC)
			packet = &model->packets[id % MODEL_PACKETS];
	cr_assert_not_null(packet);
	dissect(packet->frame, packet->captured, packet->length, model->turn_port, &frame);
	explain_packet(model, packet, &frame, &explain);
	cr_assert_gt(explain.count, 10);
	for (size_t i = 0; i < explain.count; i++)
		expect("miss", text, explain.checks[i].question);
	expect("miss", text, "those in brackets decided");
	free(text);
	model_free(model);
}

/* None is missing in the README, and none is left over. */
Test(pictures, are_all_in_the_readme)
{
	char *readme = read_document(README);
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;
	size_t count = 0;

	cr_assert_not_null(folder);
	while ((entry = readdir(folder))) {
		char link[sizeof(entry->d_name) + 32];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "(packaging/pictures/%s)", entry->d_name);
		cr_expect(strstr(readme, link), "%s is not in README.md", entry->d_name);
		count++;
	}
	closedir(folder);
	for (const char *at = readme; (at = strstr(at, "(packaging/pictures/")); at++)
		count--;
	cr_expect_eq(count, 0, "README.md and packaging/pictures differ");
	free(readme);
}
