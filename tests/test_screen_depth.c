/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of details, the filter, the mouse, recordings: what a developer debugs with. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "headless.h"
#include "screen_rig.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	int height, width;
} sizes[] = { { 24, 80 }, { 40, 140 }, { 10, 40 } };

static const struct {
	const char *name;
	enum action pane;
	int down; /* rows below the first */
} pages[] = {
	{ "packet", ACTION_PANE_3, 1 },		  { "packet-without-bytes", ACTION_PANE_3, 0 },
	{ "neighbour-wanted", ACTION_PANE_1, 0 }, { "neighbour-moved", ACTION_PANE_1, 2 },
	{ "binding", ACTION_PANE_2, 0 },
};

Test(screen_depth, golden_pages)
{
	for (size_t i = 0; i < COUNT(pages); i++) {
		for (size_t j = 0; j < COUNT(sizes); j++) {
			char name[64];

			rig_open("xterm-256color", true, false, sizes[j].height, sizes[j].width);
			rig.model = fixture_warm();
			rig_draw();
			rig_press("pane", pages[i].pane);
			for (int k = 0; k < pages[i].down; k++)
				rig_press("down", ACTION_DOWN);
			rig_press("open", ACTION_OPEN);
			snprintf(name, sizeof(name), "page-%s-%dx%d", pages[i].name, sizes[j].width,
				 sizes[j].height);
			headless_check_golden(name);
			rig_press("down", ACTION_DOWN);
			rig_press("close", ACTION_CLOSE);
			rig_close();
		}
	}
}

Test(screen_depth, golden_events)
{
	for (size_t i = 0; i < COUNT(sizes); i++) {
		char name[64];

		rig_open("xterm-256color", true, false, sizes[i].height, sizes[i].width);
		rig.model = fixture_warm();
		rig.model->journal[1] = (struct model_journal_entry){ FIXTURE_NOW - FIXTURE_SECOND,
								      true, "10.89.7.9 is wanted" };
		rig.model->journal[0] =
			(struct model_journal_entry){ FIXTURE_NOW - 2 * FIXTURE_SECOND, false,
						      "learned that" };
		rig.model->journal_next = 2;
		rig_draw();
		rig_press("events", ACTION_EVENTS);
		snprintf(name, sizeof(name), "page-events-%dx%d", sizes[i].width, sizes[i].height);
		headless_check_golden(name);
		rig_close();
	}
}

/* Not "nothing matches" without a reason. */
Test(screen_depth, a_reason_that_is_not_captured_says_so)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig.model->packet_next = 1;
	fixture_packet(rig.model, RELAY_REASON_NO_MAC, RELAY_CLASS_WARMING,
		       &(struct endpoint){ .port = 1 }, &(struct endpoint){ .port = 2 });
	rig.model->unlisted = 1ULL << RELAY_REASON_NO_BINDING;
	rig_draw();
	rig_press("pane 3", ACTION_PANE_3);
	rig_type("/reason:no-b\r");
	cr_expect(rig_shows("--capture turn,no-binding lists it"));
	rig_type("/zzz\r");
	cr_expect(rig_shows("Nothing matches the filter"),
		  "who asks for a word asks for no reason");
	rig_type("/\033");
	rig.model->packet_next = 1;
	rig_draw();
	cr_expect(rig_shows("--capture turn,no-binding lists it"), "without a filter, too");
	rig.model->unlisted = 0;
	rig_type("/zzz\r");
	cr_expect(rig_shows("Nothing matches the filter"));
	rig_close();
}

Test(screen_depth, filter_is_typed_live)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	rig_type("/ip:10.89.7.2");
	cr_expect(rig_shows("/ ip:10.89.7.2_"));
	cr_expect(rig_is_marked("> 10.89.7.2 "));
	cr_expect(rig_shows("10.89.7.254"));
	cr_expect(rig_shows("42 filtered out"));
	headless_check_golden("filter-typing-80x24");
	rig_type("q");
	cr_expect(rig_shows("Nothing matches the filter"), "q is a letter here");
	rig_type("\b\r");
	cr_expect(rig_shows("filter ip:10.89.7.2"));
	headless_check_golden("filter-kept-80x24");
	rig_press("down", ACTION_DOWN);
	rig_press("close", ACTION_CLOSE);
	cr_expect_not(rig_shows("filter ip"));
	cr_expect(rig_is_marked("> 10.89.7.254"), "the selection stays on its row");
	rig_type("/port:5");
	cr_expect(rig_shows("keys: ip: mac:"));
	rig_type("\033");
	cr_expect_eq(screen_key(rig.screen, 'q'), ACTION_QUIT, "letters are keys again");
	rig_close();
}

Test(screen_depth, past_filters)
{
	static const struct {
		int key;
		const char *text;
	} keys[] = {
		{ KEY_UP, "/ chan:4001_" },   { KEY_UP, "/ mac:02_" }, { KEY_UP, "/ mac:02_" },
		{ KEY_DOWN, "/ chan:4001_" }, { KEY_DOWN, "/ 10.8_" }, { KEY_DOWN, "/ 10.8_" },
	};

	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	rig_type("/mac:02\r");
	rig_press("close", ACTION_CLOSE);
	rig_type("/chan:4001\r");
	rig_press("close", ACTION_CLOSE);
	rig_type("/\r");
	rig_type("/10.8");
	for (size_t i = 0; i < COUNT(keys); i++) {
		cr_expect_eq(screen_key(rig.screen, keys[i].key), ACTION_REDRAW);
		rig_draw();
		cr_expect(rig_shows(keys[i].text), "%zu: %s", i, keys[i].text);
	}
	rig_close();
}

Test(screen_depth, no_mode_is_hidden)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	cr_expect_not(rig_shows("FILTERED"));
	rig_type("/10.8\r");
	rig.status.frozen = true;
	rig.model->link = LINK_DOWN;
	rig_draw();
	cr_expect(rig_shows("DOWN"));
	cr_expect(rig_shows("FILTERED"));
	cr_expect(rig_shows("FROZEN, 0 behind"));
	rig_press("close", ACTION_CLOSE);
	cr_expect_not(rig_shows("FILTERED"));
	rig_close();
}

/* What is worst is seen without a key; a row that somebody looks at stays. */
Test(screen_depth, selection_follows_the_worst_until_it_is_moved)
{
	const struct in6_addr silent = fixture_ip("10.89.7.9");
	struct model_neighbour *row;

	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	cr_expect(rig_is_marked("> 10.89.7.9 "));
	row = rig.model->neighbours;
	while (memcmp(&row->ip, &silent, sizeof(silent)))
		row++;
	row->witnessed = true;
	row->misses.rate = 0;
	rig.model->last_counters_ns++;
	rig_draw();
	cr_expect(rig_is_marked("> 10.89.7.1 "));
	rig_press("down", ACTION_DOWN);
	cr_expect(rig_is_marked("> 10.89.7.2 "));
	row->witnessed = false;
	row->misses.rate = 9;
	rig.model->last_counters_ns++;
	rig.model->now_ns += 60 * FIXTURE_SECOND;
	rig_draw();
	cr_expect(rig_shows("  10.89.7.9 "));
	cr_expect(rig_is_marked("> 10.89.7.2 "));
	rig_press("open", ACTION_OPEN);
	cr_expect(rig_shows("Neighbour 10.89.7.2"));
	rig_close();
}

Test(screen_depth, enter_on_a_reason_shows_its_packets)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	rig_press("pane 4", ACTION_PANE_4);
	for (int i = 0; i < 5; i++)
		rig_press("down", ACTION_DOWN);
	rig_press("open", ACTION_OPEN);
	cr_expect(rig_shows("filter reason:control"));
	cr_expect(rig_shows("> 17:17"), "packets of the normal class, since it was asked for them");
	headless_check_golden("filter-reason-80x24");
	rig_close();
}

Test(screen_depth, selected_ip)
{
	static const struct {
		enum action pane;
		int down;
		const char *ip; /* NULL = none */
	} rows[] = {
		{ ACTION_PANE_1, 0, "10.89.7.9" }, { ACTION_PANE_1, 1, "10.89.7.1" },
		{ ACTION_PANE_2, 0, "10.89.7.9" }, { ACTION_PANE_3, 0, "10.89.7.1" },
		{ ACTION_PANE_3, 1, "10.89.7.9" }, { ACTION_PANE_4, 0, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct in6_addr ip, wanted;

		rig_open("xterm", true, false, 24, 80);
		rig.model = fixture_warm();
		rig_press("pane", rows[i].pane);
		for (int k = 0; k < rows[i].down; k++)
			rig_press("down", ACTION_DOWN);
		cr_expect_eq(screen_selected_ip(rig.screen, &ip), rows[i].ip != NULL);
		wanted = fixture_ip(rows[i].ip ? rows[i].ip : "::");
		if (rows[i].ip)
			cr_expect_arr_eq(&ip, &wanted, sizeof(ip), "%s", rows[i].ip);
		rig_close();
	}
}

Test(screen_depth, mouse)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig_draw();
	/* the third row of neighbours, see golden/warm-80x24.txt */
	screen_click(rig.screen, 9, 20, 0);
	rig_draw();
	cr_expect(rig_is_marked("> 10.89.7.2 "));
	screen_click(rig.screen, 6, 4, 0);
	rig_draw();
	cr_expect(rig_shows("sort: IP ^"), "the heading sorts");
	screen_click(rig.screen, 6, 4, 0);
	rig_draw();
	cr_expect(rig_shows("sort: IP v"), "and the other way round");
	screen_click(rig.screen, 20, 4, 0);
	rig_draw();
	cr_expect(rig_is_marked("> 17:17:41.250"), "a click moves the focus too");
	screen_click(rig.screen, 20, 4, 3);
	rig_draw();
	cr_expect(rig_is_marked("> 17:17:40.950"));
	screen_click(rig.screen, 20, 4, -3);
	rig_draw();
	cr_expect(rig_is_marked("> 17:17:41.250"));
	rig_press("open", ACTION_OPEN);
	screen_click(rig.screen, 20, 4, 3);
	rig_draw();
	cr_expect(rig_shows("Packet 17:17:41.250"));
	cr_expect_not(rig_shows("verdict"), "the page has scrolled");
	for (int y = -1; y < 30; y++)
		for (int x = -1; x < 90; x += 7)
			cr_expect_eq(screen_click(rig.screen, y, x, 0), ACTION_REDRAW);
	rig_press("close", ACTION_CLOSE);
	for (int y = -1; y < 30; y++)
		for (int x = -1; x < 90; x += 7)
			cr_expect_eq(screen_click(rig.screen, y, x, 0), ACTION_REDRAW);
	rig_draw();
	rig_close();
}

/* Relays everything, with the ChannelData header cut off; a plain frame is passed up. */
static int fake_run(void *context, const uint8_t *frame, size_t length, uint8_t *ret_frame,
		    size_t room, size_t *ret_length, enum screen_verdict *ret_verdict)
{
	(void)context;
	cr_assert_geq(room, length);
	memcpy(ret_frame, frame, length);
	*ret_length = length;
	*ret_verdict = SCREEN_PASSED;
	if (frame[36] != 0x0d || length < 50)
		return 0;
	memmove(ret_frame + 42, frame + 46, length - 46);
	memcpy(ret_frame, frame + 6, 6);
	memcpy(ret_frame + 6, frame, 6);
	ret_frame[17] = (uint8_t)(ret_frame[17] - 4);
	ret_frame[36] = 0x17; /* port 6000 */
	ret_frame[37] = 0x70;
	ret_frame[39] = (uint8_t)(ret_frame[39] - 4);
	*ret_length = length - 4;
	*ret_verdict = SCREEN_SENT;
	return 0;
}

Test(screen_depth, before_and_after)
{
	struct screen_options options = { .term = "xterm", .ascii = true };

	options.tester.run = fake_run;
	cr_assert(headless_open("xterm", 40, 140));
	cr_assert_eq(screen_new(&options, &rig.screen), 0);
	rig.status = (struct screen_status){ .version = "0.1.0" };
	rig.model = fixture_warm();
	rig_draw();
	rig_press("pane 3", ACTION_PANE_3);
	rig_press("down", ACTION_DOWN);
	rig_press("try", ACTION_TRY);
	headless_check_golden("page-trial-packet-140x40");
	rig_press("close", ACTION_CLOSE);
	rig_press("first", ACTION_FIRST);
	rig_press("try", ACTION_TRY);
	cr_expect(rig_shows("not captured"));
	rig_press("close", ACTION_CLOSE);
	rig_press("pane 2", ACTION_PANE_2);
	rig_press("open", ACTION_OPEN);
	rig_press("try", ACTION_TRY);
	headless_check_golden("page-trial-binding-140x40");
	rig_press("close", ACTION_CLOSE);
	rig_press("pane 4", ACTION_PANE_4);
	rig_press("try", ACTION_TRY);
	cr_expect(rig_shows("Neighbours"), "there is nothing to try on a reason");
	rig_close();
}

/* With a file nobody but the packet itself knows which way it went. */
Test(screen_depth, before_and_after_of_a_relayed_packet)
{
	struct screen_options options = { .term = "xterm", .ascii = true };
	struct model_packet *packet;

	cr_assert(headless_open("xterm", 60, 140));
	cr_assert_eq(screen_new(&options, &rig.screen), 0);
	rig.status = (struct screen_status){ .version = "0.1.0", .file = "FILE 1 / 2  end" };
	rig.model = fixture_warm();
	packet = &rig.model->packets[(rig.model->packet_next - 2) % MODEL_PACKETS];
	packet->type = EVENT_RELAYED;
	packet->reason = RELAY_REASON_COUNT;
	packet->way = (struct event_way){ .path = RELAY_PATH_C4_P4,
					  .src = fixture_endpoint("10.89.7.3", 49160),
					  .dst = fixture_endpoint("10.89.7.2", 6000),
					  .mac = fixture_mac(2) };
	rig_draw();
	cr_expect(rig_shows(". step"), "the keys that move through a file");
	cr_expect(rig_shows("Space play"));
	rig_press("pane 3", ACTION_PANE_3);
	rig_press("down", ACTION_DOWN);
	rig_press("try", ACTION_TRY);
	cr_expect(rig_shows("it was      relayed"));
	cr_expect(rig_shows("Before: 54 bytes"));
	cr_expect(rig_shows("After: 50 bytes"));
	cr_expect(rig_shows("49160 > 6000"));
	packet->way.src.port = 0;
	rig_press("close", ACTION_CLOSE);
	rig_press("try", ACTION_TRY);
	cr_expect(rig_shows("did not load"), "then the program is asked, if there is one");
	rig_close();
}

Test(screen_depth, bindings_that_ended)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = model_new(1);
	rig_draw();
	cr_expect(rig_shows("No binding is known yet"));
	rig.model->bindings_ended = 2;
	rig_draw();
	cr_expect(rig_shows("No binding is left"));
	rig_close();
}

/* Before its first packet there is neither an interface nor a program to look after. */
Test(screen_depth, start_of_a_file)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = model_new(1);
	rig.model->from_file = true;
	rig.status.file = "FILE 00:00:00 / 00:00:07  paused";
	rig_draw();
	cr_expect(rig_shows("seen in the file up to here"));
	cr_expect(rig_shows("Space plays on"));
	cr_expect_not(rig_shows("cable"));
	cr_expect_not(rig_shows("running here"));
	rig_close();
}

Test(screen_depth, two_recordings_have_a_line_each)
{
	rig_open("xterm", true, false, 24, 80);
	rig.model = fixture_warm();
	rig.status.recording = "eth0-1.pcap  340 packets  68 kB  00:00:38";
	rig.status.misses = "misses-eth0-10.89.7.9.pcap  12 packets  4 kB  00:00:07";
	rig.status.message = "recording what misses 10.89.7.9; m stops";
	rig_draw();
	headless_check_golden("recordings-80x24");
	rig_press("open", ACTION_OPEN);
	cr_expect(rig_shows("REC eth0-1.pcap"), "on a page too");
	cr_expect(rig_shows("m stops"));
	rig_press("close", ACTION_CLOSE);
	headless_resize(10, 40);
	rig_draw();
	cr_expect(rig_shows("REC eth0-1.pcap"));
	rig_close();
}
