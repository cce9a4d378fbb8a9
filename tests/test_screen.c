/* SPDX-License-Identifier: BSD-2-Clause */
/* What the screen looks like and how it answers to keys, on a terminal that nobody sees. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tui/theme.h"
#include "fixture.h"
#include "headless.h"
#include "screen_rig.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct model *warm_frozen(void)
{
	struct model *warm = fixture_warm();

	rig.status.frozen = true;
	rig.status.behind = 1204;
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
	rig.status.recording = "misses-eth0.pcap  340 packets  68 kB  00:00:38";
	return warm;
}

static struct model *warm_all_classes(void)
{
	rig.status.show_normal = true;
	rig.status.message = "writing eth0-1.pcap; w stops";
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

			rig_open("xterm-256color", true, false, sizes[j].height, sizes[j].width);
			rig.model = states[i].fill();
			rig_draw();
			snprintf(name, sizeof(name), "%s-%dx%d", states[i].name, sizes[j].width,
				 sizes[j].height);
			headless_check_golden(name);
			rig_close();
		}
	}
}

Test(screen, golden_ascii)
{
	rig_open("vt100", true, true, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	headless_check_golden("ascii-80x24");
	rig_close();
}

Test(screen, golden_help)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	rig_press("help", ACTION_HELP);
	headless_check_golden("help-80x24");
	for (int i = 0; i < 100; i++)
		screen_act(rig.screen, ACTION_PAGE_DOWN);
	rig_draw();
	headless_check_golden("help-end-80x24");
	rig_press("close", ACTION_CLOSE);
	cr_expect(rig_shows("1 Neighbours"));
	rig_close();
}

Test(screen, problems_stand_out_without_colour)
{
	attr_t attributes = 0;
	short color = 0;

	rig_open("xterm-256color", false, true, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	cr_assert(headless_find("no-mac", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_BOLD | A_REVERSE);
	cr_expect_eq(color, 0);
	cr_assert(headless_find("DIFF", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_BOLD);
	cr_assert(headless_find("same", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), 0);
	cr_assert(headless_find("> 10.89.7.9", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_REVERSE);
	rig_close();
}

Test(screen, no_cell_has_a_colour_without_colour)
{
	rig_open("xterm-256color", false, false, 40, 140);
	rig.model = fixture_warm();
	rig_draw();
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
	rig_close();
}

Test(screen, colour_adds_to_words)
{
	attr_t attributes = 0;
	short color = 0;

	rig_open("xterm-256color", true, true, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	cr_assert(headless_find("no-mac", &attributes, &color));
	cr_expect_eq(attributes & (A_BOLD | A_REVERSE), A_BOLD | A_REVERSE);
	cr_expect_neq(color, 0);
	rig_close();
}

Test(screen, selection_stays_on_its_row)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	cr_expect(rig_is_marked("> 10.89.7.9"));
	rig_press("down", ACTION_DOWN);
	cr_expect(rig_is_marked("> 10.89.7.1 "));

	/* ten seconds later, another host misses more and goes above it */
	rig.model->now_ns += 10 * FIXTURE_SECOND;
	rig.model->last_counters_ns = rig.model->now_ns;
	rig.model->neighbours[1].misses = fixture_tally(50, 50);
	rig_draw();
	cr_expect(rig_is_marked("> 10.89.7.1 "));
	rig_press("up", ACTION_UP);
	cr_expect(rig_is_marked("> 10.89.7.2 "));
	rig_press("last", ACTION_LAST);
	cr_expect(rig_is_marked("> 10.89.7.254"));
	screen_act(rig.screen, ACTION_LAST);
	screen_act(rig.screen, ACTION_FIRST);
	rig_press("down", ACTION_DOWN);
	cr_expect(rig_is_marked("> 10.89.7.2 "), "keys that wait are carried out one by one");
	rig_close();
}

Test(screen, rows_hold_still_while_one_moves_among_them)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	rig_press("down", ACTION_DOWN);
	rig.model->now_ns += FIXTURE_SECOND;
	rig.model->last_counters_ns = rig.model->now_ns;
	rig.model->neighbours[1].misses = fixture_tally(50, 50);
	rig_draw();
	rig_press("down", ACTION_DOWN);
	cr_expect(rig_is_marked("> 10.89.7.2 "), "as it was below when the key was pressed");
	rig_close();
}

Test(screen, newest_packet_is_followed_until_the_selection_moves)
{
	struct endpoint a = fixture_endpoint("10.0.0.1", 1), b = fixture_endpoint("10.0.0.2", 2);

	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_press("pane 3", ACTION_PANE_3);
	cr_expect(rig_is_marked("> 17:17:41.450"));
	fixture_packet(rig.model, RELAY_REASON_TTL, RELAY_CLASS_PROBLEM, &a, &b);
	rig_draw();
	cr_expect(rig_is_marked("> 17:17:41.550"));
	rig_press("down", ACTION_DOWN);
	cr_expect(rig_is_marked("> 17:17:41.450"));
	for (int i = 0; i < 3; i++)
		fixture_packet(rig.model, RELAY_REASON_TTL, RELAY_CLASS_PROBLEM, &a, &b);
	rig_draw();
	cr_expect(rig_is_marked("> 17:17:41.450"));
	rig_close();
}

Test(screen, selected_row_that_vanishes)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	rig_press("last", ACTION_LAST);
	rig.model->neighbour_count = 2;
	rig.model->wanted_count = 0;
	rig_draw();
	cr_expect(rig_is_marked("> 10.89.7.2 "), "the nearest that is there");
	rig.model->neighbour_count = 0;
	rig_draw();
	rig_press("down", ACTION_DOWN);
	rig_press("up", ACTION_UP);
	cr_expect(rig_shows("Attached and listening"));
	rig_close();
}

Test(screen, sort_keys_show_column_and_direction)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	cr_expect(rig_shows("sort: misses/s v"));
	rig_press("sort", ACTION_SORT);
	cr_expect(rig_shows("sort: kernel v"));
	rig_press("reverse", ACTION_SORT_REVERSE);
	cr_expect(rig_shows("sort: kernel ^"));
	rig_press("back", ACTION_SORT_BACK);
	cr_expect(rig_shows("sort: misses/s v"));
	for (int i = 0; i < 50; i++)
		rig_press("sort", ACTION_SORT);
	rig_close();
}

Test(screen, panes_take_turns_where_not_all_fit)
{
	rig_open("xterm", true, false, 10, 40);
	rig.model = fixture_warm();
	rig_draw();
	cr_expect(rig_shows("[ 1 Neighbours"));
	rig_press("tab", ACTION_PANE_NEXT);
	cr_expect(rig_shows("[ 2 Bindings"));
	rig_press("4", ACTION_PANE_4);
	cr_expect(rig_shows("[ 4 Reasons"));
	rig_press("tab", ACTION_PANE_NEXT);
	cr_expect(rig_shows("[ 1 Neighbours"));
	rig_press("shift-tab", ACTION_PANE_PREVIOUS);
	cr_expect(rig_shows("[ 4 Reasons"));
	rig_close();
}

Test(screen, intents_of_the_application_are_handed_on)
{
	static const enum action actions[] = {
#define X(id, characters, function_key, keys, help) ACTION_##id,
		ACTIONS_OF_APP(X)
#undef X
	};

	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_idle();
	rig_draw();
	for (size_t i = 0; i < COUNT(actions); i++)
		cr_expect_eq(screen_act(rig.screen, actions[i]), actions[i]);
	rig_press("help", ACTION_HELP);
	cr_expect_eq(screen_act(rig.screen, ACTION_QUIT), ACTION_QUIT, "also while a page is open");
	rig_close();
}

Test(screen, every_state_at_every_size, .timeout = 120)
{
	rig_open("xterm-256color", true, false, 24, 80);
	for (size_t i = 0; i < COUNT(states); i++) {
		rig.model = states[i].fill();
		for (int height = 1; height <= 100; height += height < 12 ? 1 : 9) {
			for (int width = 1; width <= 300; width += width < 24 ? 1 : 23) {
				headless_resize(height, width);
				for (int pane = 0; pane < 4; pane++) {
					screen_act(rig.screen, ACTION_PANE_1 + pane);
					rig_draw();
				}
			}
		}
		model_free(rig.model);
	}
	rig.model = fixture_warm();
	screen_act(rig.screen, ACTION_HELP);
	for (int width = 1; width <= 300; width += 13) {
		headless_resize(width % 60 + 1, width);
		rig_draw();
		rig_press("scroll", ACTION_PAGE_DOWN);
	}
	rig_close();
}

Test(screen, odd_models)
{
	rig_open("xterm-256color", true, false, 40, 140);
	rig.model = fixture_warm();
	memset(rig.model->interface, 0x1b, sizeof(rig.model->interface) - 1);
	rig.model->mode = rig.model->mode_reason = NULL;
	for (size_t i = 0; i < rig.model->neighbour_count; i++) {
		rig.model->neighbours[i].moves = UINT32_MAX;
		rig.model->neighbours[i].vlan = UINT16_MAX;
		rig.model->neighbours[i].evicted = true;
		rig.model->neighbours[i].last_seen_ns = INT64_MIN / 2;
		rig.model->neighbours[i].hits = fixture_tally(UINT64_MAX, 1e300);
	}
	for (int i = 0; i < RELAY_REASON_COUNT; i++) {
		rig.model->reasons[i].count = fixture_tally(UINT64_MAX, 1e300);
		memset(rig.model->reasons[i].history, 0xff, sizeof(rig.model->reasons[i].history));
	}
	rig.model->packets[81 % MODEL_PACKETS].reason = (enum relay_reason)200;
	for (int pane = 0; pane < 4; pane++)
		rig_press("pane", ACTION_PANE_1 + pane);
	cr_expect(rig_shows("???????????????"));
	rig_close();
}

Test(screen, full_tables)
{
	struct endpoint a = fixture_endpoint("10.0.0.1", 1), b = fixture_endpoint("10.0.0.2", 2);

	rig_open("xterm-256color", true, false, 40, 140);
	rig.model = fixture_idle();
	for (uint32_t i = 0; i < MODEL_NEIGHBOURS; i++) {
		struct model_neighbour *row = fixture_neighbour(rig.model, "10.0.0.0", 1);

		row->ip.s6_addr[13] = (uint8_t)(i >> 16);
		row->ip.s6_addr[14] = (uint8_t)(i >> 8);
		row->ip.s6_addr[15] = (uint8_t)i;
	}
	for (uint16_t i = 0; i < MODEL_BINDINGS; i++)
		fixture_binding(rig.model, (uint16_t)(0x4000 + i), &a, &b);
	for (int i = 0; i < 3 * MODEL_PACKETS; i++)
		fixture_packet(rig.model, RELAY_REASON_TTL, RELAY_CLASS_PROBLEM, &a, &b);
	rig_draw();
	rig_press("last", ACTION_LAST);
	cr_expect(rig_is_marked("> 10.0.255.255"));
	cr_expect(rig_shows("of 65536"));
	rig_press("pane 3", ACTION_PANE_3);
	rig_press("last", ACTION_LAST);
	cr_expect(rig_shows("512 of 512"));
	rig_close();
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
