/* SPDX-License-Identifier: BSD-2-Clause */
/* Where things go, at every size. */
#include <criterion/criterion.h>

#include "../tui/layout.h"

static struct layout place(int height, int width, int focus, const int *needs)
{
	struct layout_request request = {
		.height = height, .width = width, .anomalies = 3, .status = true
	};
	struct layout layout;

	request.recent[0] = focus;
	for (int i = 0, at = 1; i < LAYOUT_PANES; i++)
		if (i != focus)
			request.recent[at++] = i;
	layout_lines(&request, &layout);
	layout_panes(&layout, needs, focus);
	return layout;
}

static bool is_inside(const struct rect *rect, int height, int width)
{
	return rect->y >= 0 && rect->x >= 0 && rect->height >= 0 && rect->width >= 0 &&
	       rect->y + rect->height <= height && rect->x + rect->width <= width;
}

static bool overlap(const struct rect *a, const struct rect *b)
{
	return a->y < b->y + b->height && b->y < a->y + a->height && a->x < b->x + b->width &&
	       b->x < a->x + a->width;
}

static void check(int height, int width, int focus, const int *needs)
{
	struct layout layout = place(height, width, focus, needs);

	if (layout.tiny)
		return;
	cr_assert(layout.visible[focus], "%dx%d: the focus is not shown", width, height);
	for (int i = 0; i < LAYOUT_PANES; i++) {
		if (!layout.visible[i])
			continue;
		cr_assert(is_inside(&layout.panes[i], height, width), "%dx%d pane %d", width,
			  height, i);
		cr_assert_geq(layout.panes[i].height, 2, "%dx%d pane %d", width, height, i);
		cr_assert_geq(layout.panes[i].y, layout.body.y);
		for (int j = 0; j < i; j++)
			if (layout.visible[j])
				cr_assert(!overlap(&layout.panes[i], &layout.panes[j]),
					  "%dx%d panes %d and %d", width, height, i, j);
	}
}

Test(layout, nothing_overlaps_at_any_size)
{
	static const int needs[][LAYOUT_PANES] = {
		{ 2, 2, 2, 2 },
		{ 1000, 1000, 1000, 1000 },
		{ 10, 3, 2, 24 },
		{ 6, 5, 500, 12 },
	};

	for (int height = 1; height <= 100; height++)
		for (int width = 1; width <= 300; width += 7)
			for (int focus = 0; focus < LAYOUT_PANES; focus++)
				for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
					check(height, width, focus, needs[i]);
}

Test(layout, declared_sizes)
{
	static const int needs[LAYOUT_PANES] = { 8, 6, 100, 12 };
	static const struct {
		int height, width, shown;
		bool tiny, wide;
	} rows[] = {
		{ 1, 1, 0, true, false },    { 4, 20, 0, true, false },
		{ 10, 40, 1, false, false }, { 24, 80, 3, false, false },
		{ 50, 80, 4, false, false }, { 40, 140, 4, false, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct layout layout = place(rows[i].height, rows[i].width, 0, needs);

		cr_expect_eq(layout.tiny, rows[i].tiny, "row %zu", i);
		cr_expect_eq(layout.wide, rows[i].wide, "row %zu", i);
		cr_expect_eq(layout.shown, rows[i].shown, "row %zu", i);
	}
}

Test(layout, panes_that_need_little_give_way)
{
	static const int needs[LAYOUT_PANES] = { 2, 2, 100, 12 };
	struct layout layout = place(24, 80, 0, needs);

	cr_expect_eq(layout.panes[0].height, 2);
	cr_expect_eq(layout.panes[1].height, 2);
	cr_expect_eq(layout.panes[2].height, layout.body.height - 4);
}

Test(layout, focus_gets_a_double_share)
{
	static const int needs[LAYOUT_PANES] = { 100, 100, 100, 100 };
	struct layout layout = place(24, 80, 1, needs);

	cr_expect_gt(layout.panes[1].height, layout.panes[0].height);
	cr_expect_gt(layout.panes[1].height, layout.panes[2].height);
}

Test(layout, columns_leave_in_the_declared_order)
{
	static const struct layout_column columns[] = {
		{ .width = 15, .least = 13, .most = 39, .leaves = 0 },
		{ .width = 10, .least = 5, .most = 10, .leaves = 2 },
		{ .width = 5, .least = 5, .most = 5, .leaves = 1 },
		{ .width = 6, .least = 6, .most = 6, .leaves = 0 },
	};
	int widths[4];

	layout_columns(columns, 4, 39, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 15, 10, 5, 6 }), sizeof(widths));
	layout_columns(columns, 4, 38, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 25, 0, 5, 6 }), sizeof(widths), "the first to leave");
	layout_columns(columns, 4, 22, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 15, 0, 0, 6 }), sizeof(widths));
	layout_columns(columns, 4, 20, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 13, 0, 0, 6 }), sizeof(widths), "the rest shrinks");
	layout_columns(columns, 4, 5, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 13, 0, 0, 6 }), sizeof(widths), "but only so far");
}

Test(layout, columns_take_room_that_others_do_not_use)
{
	static const struct layout_column columns[] = {
		{ .width = 10, .least = 4, .most = 5, .leaves = 0 },
		{ .width = 10, .least = 4, .most = 20, .leaves = 0 },
	};
	int widths[2];

	layout_columns(columns, 2, 21, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 5, 15 }), sizeof(widths));
	layout_columns(columns, 2, 60, 1, widths);
	cr_expect_arr_eq(widths, ((int[]){ 10, 20 }), sizeof(widths), "no need to, here");
}
