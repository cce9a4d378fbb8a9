/* SPDX-License-Identifier: BSD-2-Clause */
/* What the screen looks like and how it answers to keys, on a terminal that nobody sees. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tui/screen_internal.h"
#include "../tui/theme.h"
#include "fixture.h"
#include "headless.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct model *model;
static struct screen *screen;
static struct screen_status status;

static void open_screen(const char *term, bool color, bool ascii, int height, int width)
{
	struct screen_options options = { .term = term, .color = color, .ascii = ascii };

	cr_assert(headless_open(term, height, width));
	cr_assert_eq(screen_new(&options, &screen), 0);
	status = (struct screen_status){ .version = "0.1.0" };
}

static void close_screen(void)
{
	screen_free(screen);
	headless_close();
	model_free(model);
}

static void draw(void)
{
	screen_draw(screen, model, &status);
}

static void press(const char *name, enum action action)
{
	cr_expect_eq(screen_act(screen, action), ACTION_REDRAW, "%s", name);
	draw();
}

/* The row with the mark, or "". */
static const char *marked_row(char *buf, size_t size)
{
	char *text = malloc(HEADLESS_SIZE), *rest = NULL;

	buf[0] = '\0';
	headless_text(text);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, "> 1", 3))
			snprintf(buf, size, "%s", line);
	free(text);
	return buf;
}

static bool is_marked(const char *begin)
{
	char row[1024];

	return !strncmp(marked_row(row, sizeof(row)), begin, strlen(begin));
}

static bool shows(const char *text)
{
	char *all = malloc(HEADLESS_SIZE);
	bool found = strstr(headless_text(all), text) != NULL;

	free(all);
	return found;
}

static struct model *warm_frozen(void)
{
	struct model *warm = fixture_warm();

	status.frozen = true;
	status.behind = 1204;
	return warm;
}

static struct model *warm_gone(void)
{
	struct model *warm = fixture_warm();

	warm->link = LINK_GONE;
	warm->link_changed_ns = FIXTURE_NOW - 7 * FIXTURE_SECOND;
	return warm;
}

static struct model *warm_lost(void)
{
	struct model *warm = fixture_warm();

	warm->lost = fixture_tally(1204, 30);
	status.recording = "misses-eth0.pcap  340 packets  68 kB  00:00:38";
	return warm;
}

static struct model *warm_all_classes(void)
{
	status.show_normal = true;
	status.message = "writing eth0-1.pcap; w stops";
	return fixture_warm();
}

static struct model *first_seconds(void)
{
	struct model *fresh = fixture_idle();

	fresh->attached_ns = FIXTURE_NOW - FIXTURE_SECOND;
	fresh->seen = fresh->relayed = fresh->misses = fresh->passed = fixture_tally(0, -1);
	fresh->turn = fresh->bound = fresh->resolved = fixture_tally(0, -1);
	fresh->own_count = 0;
	return fresh;
}

static struct model *quiet_after_traffic(void)
{
	struct model *quiet = fixture_warm();

	quiet->seen.rate = quiet->relayed.rate = quiet->misses.rate = quiet->passed.rate = 0;
	quiet->turn.rate = quiet->bound.rate = quiet->resolved.rate = 0;
	quiet->relaying = false;
	quiet->seen.at_zero = 121000;
	return quiet;
}

static const struct {
	const char *name;
	struct model *(*fill)(void);
} states[] = {
	{ "idle", fixture_idle },
	{ "first-seconds", first_seconds },
	{ "warm", fixture_warm },
	{ "frozen", warm_frozen },
	{ "gone", warm_gone },
	{ "lost", warm_lost },
	{ "ipv6", fixture_ipv6 },
	{ "all-classes", warm_all_classes },
	{ "quiet", quiet_after_traffic },
};

static const struct {
	int height, width;
} sizes[] = { { 24, 80 }, { 40, 140 }, { 10, 40 }, { 4, 20 }, { 1, 1 } };

Test(screen, golden)
{
	for (size_t i = 0; i < COUNT(states); i++) {
		for (size_t j = 0; j < COUNT(sizes); j++) {
			char name[64];

			open_screen("xterm-256color", true, false, sizes[j].height, sizes[j].width);
			model = states[i].fill();
			draw();
			snprintf(name, sizeof(name), "%s-%dx%d", states[i].name, sizes[j].width,
				 sizes[j].height);
			headless_check_golden(name);
			close_screen();
		}
	}
}

Test(screen, golden_ascii)
{
	open_screen("vt100", true, true, 24, 80);
	model = fixture_warm();
	draw();
	headless_check_golden("ascii-80x24");
	close_screen();
}

Test(screen, golden_help)
{
	open_screen("xterm", true, false, 24, 80);
	model = fixture_warm();
	draw();
	press("help", ACTION_HELP);
	headless_check_golden("help-80x24");
	for (int i = 0; i < 100; i++)
		screen_act(screen, ACTION_PAGE_DOWN);
	draw();
	headless_check_golden("help-end-80x24");
	press("close", ACTION_CLOSE);
	cr_expect(shows("1 Neighbours"));
	close_screen();
}

Test(screen, problems_stand_out_without_colour)
{
	attr_t attributes = 0;
	short color = 0;

	open_screen("xterm-256color", false, true, 24, 80);
	model = fixture_warm();
	draw();
	cr_assert(headless_find("no-mac", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_BOLD | A_REVERSE);
	cr_expect_eq(color, 0);
	cr_assert(headless_find("DIFF", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_BOLD);
	cr_assert(headless_find("same", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), 0);
	cr_assert(headless_find("> 10.89.7.9", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_REVERSE);
	close_screen();
}

Test(screen, no_cell_has_a_colour_without_colour)
{
	open_screen("xterm-256color", false, false, 40, 140);
	model = fixture_warm();
	draw();
	for (int y = 0; y < 40; y++) {
		for (int x = 0; x < 140; x++) {
			wchar_t characters[CCHARW_MAX + 1];
			cchar_t cell;
			attr_t attributes;
			short color;

			mvin_wch(y, x, &cell);
			getcchar(&cell, characters, &attributes, &color, NULL);
			cr_assert_eq(color, 0);
			cr_assert_eq(attributes & (attr_t)A_DIM, 0, "grey counts as a colour");
		}
	}
	close_screen();
}

Test(screen, colour_adds_to_words)
{
	attr_t attributes = 0;
	short color = 0;

	open_screen("xterm-256color", true, true, 24, 80);
	model = fixture_warm();
	draw();
	cr_assert(headless_find("no-mac", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_BOLD | A_REVERSE);
	cr_expect_neq(color, 0);
	close_screen();
}

Test(screen, selection_stays_on_its_row)
{
	open_screen("xterm", true, false, 24, 80);
	model = fixture_warm();
	draw();
	cr_expect(is_marked("> 10.89.7.9"));
	press("down", ACTION_DOWN);
	cr_expect(is_marked("> 10.89.7.1 "));

	/* ten seconds later, another host misses more and goes above it */
	model->now_ns += 10 * FIXTURE_SECOND;
	model->last_counters_ns = model->now_ns;
	model->neighbours[1].misses = fixture_tally(50, 50);
	draw();
	cr_expect(is_marked("> 10.89.7.1 "));
	press("up", ACTION_UP);
	cr_expect(is_marked("> 10.89.7.2 "));
	press("last", ACTION_LAST);
	cr_expect(is_marked("> 10.89.7.254"));
	screen_act(screen, ACTION_LAST);
	screen_act(screen, ACTION_FIRST);
	press("down", ACTION_DOWN);
	cr_expect(is_marked("> 10.89.7.2 "), "keys that wait are carried out one by one");
	close_screen();
}

Test(screen, rows_hold_still_while_one_moves_among_them)
{
	open_screen("xterm", true, false, 24, 80);
	model = fixture_warm();
	draw();
	press("down", ACTION_DOWN);
	model->now_ns += FIXTURE_SECOND;
	model->last_counters_ns = model->now_ns;
	model->neighbours[1].misses = fixture_tally(50, 50);
	draw();
	press("down", ACTION_DOWN);
	cr_expect(is_marked("> 10.89.7.2 "), "as it was below when the key was pressed");
	close_screen();
}

Test(screen, newest_packet_is_followed_until_the_selection_moves)
{
	struct endpoint a = fixture_endpoint("10.0.0.1", 1), b = fixture_endpoint("10.0.0.2", 2);

	open_screen("xterm", true, false, 24, 80);
	model = fixture_warm();
	press("pane 3", ACTION_PANE_3);
	cr_expect(is_marked("> 17:17:41.450"));
	fixture_packet(model, RELAY_REASON_TTL, RELAY_CLASS_PROBLEM, &a, &b);
	draw();
	cr_expect(is_marked("> 17:17:41.550"));
	press("down", ACTION_DOWN);
	cr_expect(is_marked("> 17:17:41.450"));
	for (int i = 0; i < 3; i++)
		fixture_packet(model, RELAY_REASON_TTL, RELAY_CLASS_PROBLEM, &a, &b);
	draw();
	cr_expect(is_marked("> 17:17:41.450"));
	close_screen();
}

Test(screen, selected_row_that_vanishes)
{
	open_screen("xterm", true, false, 24, 80);
	model = fixture_warm();
	draw();
	press("last", ACTION_LAST);
	model->neighbour_count = 2;
	model->wanted_count = 0;
	draw();
	cr_expect(is_marked("> 10.89.7.2 "), "the nearest that is there");
	model->neighbour_count = 0;
	draw();
	press("down", ACTION_DOWN);
	press("up", ACTION_UP);
	cr_expect(shows("Attached and listening"));
	close_screen();
}

Test(screen, sort_keys_show_column_and_direction)
{
	open_screen("xterm", true, false, 24, 80);
	model = fixture_warm();
	draw();
	cr_expect(shows("sort: misses/s v"));
	press("sort", ACTION_SORT);
	cr_expect(shows("sort: kernel v"));
	press("reverse", ACTION_SORT_REVERSE);
	cr_expect(shows("sort: kernel ^"));
	press("back", ACTION_SORT_BACK);
	cr_expect(shows("sort: misses/s v"));
	for (int i = 0; i < 50; i++)
		press("sort", ACTION_SORT);
	close_screen();
}

Test(screen, panes_take_turns_where_not_all_fit)
{
	open_screen("xterm", true, false, 10, 40);
	model = fixture_warm();
	draw();
	cr_expect(shows("[ 1 Neighbours"));
	press("tab", ACTION_PANE_NEXT);
	cr_expect(shows("[ 2 Bindings"));
	press("4", ACTION_PANE_4);
	cr_expect(shows("[ 4 Reasons"));
	press("tab", ACTION_PANE_NEXT);
	cr_expect(shows("[ 1 Neighbours"));
	press("shift-tab", ACTION_PANE_PREVIOUS);
	cr_expect(shows("[ 4 Reasons"));
	close_screen();
}

Test(screen, intents_of_the_application_are_handed_on)
{
	static const enum action actions[] = {
#define X(id, characters, function_key, keys, help) ACTION_##id,
		ACTIONS_OF_APP(X)
#undef X
	};

	open_screen("xterm", true, false, 24, 80);
	model = fixture_idle();
	draw();
	for (size_t i = 0; i < COUNT(actions); i++)
		cr_expect_eq(screen_act(screen, actions[i]), actions[i]);
	press("help", ACTION_HELP);
	cr_expect_eq(screen_act(screen, ACTION_QUIT), ACTION_QUIT, "also while a page is open");
	close_screen();
}

Test(screen, every_state_at_every_size, .timeout = 120)
{
	open_screen("xterm-256color", true, false, 24, 80);
	for (size_t i = 0; i < COUNT(states); i++) {
		model = states[i].fill();
		for (int height = 1; height <= 100; height += height < 12 ? 1 : 9) {
			for (int width = 1; width <= 300; width += width < 24 ? 1 : 23) {
				headless_resize(height, width);
				for (int pane = 0; pane < 4; pane++) {
					screen_act(screen, ACTION_PANE_1 + pane);
					draw();
				}
			}
		}
		model_free(model);
	}
	model = fixture_warm();
	screen_act(screen, ACTION_HELP);
	for (int width = 1; width <= 300; width += 13) {
		headless_resize(width % 60 + 1, width);
		draw();
		press("scroll", ACTION_PAGE_DOWN);
	}
	close_screen();
}

Test(screen, odd_models)
{
	open_screen("xterm-256color", true, false, 40, 140);
	model = fixture_warm();
	memset(model->interface, 0x1b, sizeof(model->interface) - 1);
	model->mode = model->mode_reason = NULL;
	for (size_t i = 0; i < model->neighbour_count; i++) {
		model->neighbours[i].moves = UINT32_MAX;
		model->neighbours[i].vlan = UINT16_MAX;
		model->neighbours[i].evicted = true;
		model->neighbours[i].last_seen_ns = INT64_MIN / 2;
		model->neighbours[i].hits = fixture_tally(UINT64_MAX, 1e300);
	}
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		model->reasons[i].count = fixture_tally(UINT64_MAX, 1e300);
		memset(model->reasons[i].history, 0xff, sizeof(model->reasons[i].history));
	}
	model->packets[81 % MODEL_PACKETS].reason = (enum relay_reason)200;
	for (int pane = 0; pane < 4; pane++)
		press("pane", ACTION_PANE_1 + pane);
	cr_expect(shows("???????????????"));
	close_screen();
}

Test(screen, full_tables)
{
	struct endpoint a = fixture_endpoint("10.0.0.1", 1), b = fixture_endpoint("10.0.0.2", 2);

	open_screen("xterm-256color", true, false, 40, 140);
	model = fixture_idle();
	for (uint32_t i = 0; i < MODEL_NEIGHBOURS; i++) {
		struct model_neighbour *row = fixture_neighbour(model, "10.0.0.0", 1);

		row->ip.s6_addr[13] = (uint8_t)(i >> 16);
		row->ip.s6_addr[14] = (uint8_t)(i >> 8);
		row->ip.s6_addr[15] = (uint8_t)i;
	}
	for (uint16_t i = 0; i < MODEL_BINDINGS; i++)
		fixture_binding(model, (uint16_t)(0x4000 + i), &a, &b);
	for (int i = 0; i < 3 * MODEL_PACKETS; i++)
		fixture_packet(model, RELAY_REASON_TTL, RELAY_CLASS_PROBLEM, &a, &b);
	draw();
	press("last", ACTION_LAST);
	cr_expect(is_marked("> 10.0.255.255"));
	cr_expect(shows("of 65536"));
	press("pane 3", ACTION_PANE_3);
	press("last", ACTION_LAST);
	cr_expect(shows("512 of 512"));
	close_screen();
}

Test(screen, terminals_that_cannot_draw)
{
	char error[256];

	cr_expect_eq(screen_usable(NULL, error, sizeof(error)), -ENOENT);
	cr_expect(strstr(error, "--batch"));
	cr_expect_eq(screen_usable("no-such-terminal", error, sizeof(error)), -ENOENT);
	cr_expect(strstr(error, "no-such-terminal"));
	cr_expect_eq(screen_usable("dumb", error, sizeof(error)), -EOPNOTSUPP);
	cr_expect_eq(screen_usable("xterm", error, sizeof(error)), 0);
}
