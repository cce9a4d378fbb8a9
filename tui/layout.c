/* SPDX-License-Identifier: BSD-2-Clause */
/* Where things go. */
#include "layout.h"

#include <string.h>

#define TINY_HEIGHT 8
#define TINY_WIDTH 32
#define WIDE_WIDTH 118
#define WIDE_BODY 18
#define PANE_LEAST 2 /* a title, and a line that says why nothing is below it */
#define PANE_USUAL 3 /* title, heading, one row */
#define FOCUS_WEIGHT 2

/* How many panes a body of so many lines shows above one another. */
static int slots(int height)
{
	static const int heights[] = { 0, 9, 15, 28 };
	int count = 1;

	while (count < LAYOUT_PANES && height >= heights[count])
		count++;
	return count;
}

static int clamp(int value, int low, int high)
{
	if (value > high)
		value = high;
	return value < low ? low : value;
}

static int anomaly_lines(int height)
{
	return height < 20 ? 1 : height < 30 ? 2 : 4;
}

static void choose_panes(const struct layout_request *request, struct layout *layout)
{
	layout->wide = request->width >= WIDE_WIDTH && layout->body.height >= WIDE_BODY;
	layout->shown = layout->wide ? LAYOUT_PANES : slots(layout->body.height);
	for (int i = 0; i < layout->shown; i++)
		layout->visible[request->recent[i]] = true;
}

void layout_lines(const struct layout_request *request, struct layout *ret)
{
	int height = request->height, top = 3, bottom = height;

	memset(ret, 0, sizeof(*ret));
	ret->tiny = height < TINY_HEIGHT || request->width < TINY_WIDTH;
	if (ret->tiny)
		return;
	ret->identity = 0;
	ret->totals = 1;
	ret->path = 2;
	ret->anomaly_count = clamp(request->anomalies, 0, anomaly_lines(height));
	ret->anomalies = ret->anomaly_count ? top : -1;
	top += ret->anomaly_count;
	ret->footer = --bottom;
	bottom -= clamp(request->status, 0, height < 16 ? 1 : 3);
	ret->status = bottom < ret->footer ? bottom : -1;
	ret->hint = height >= 16 ? --bottom : -1;
	ret->body = (struct rect){ .y = top, .height = bottom - top, .width = request->width };
	choose_panes(request, ret);
}

/*
 * Shares `total` lines: nobody gets more than it needs while another needs more; the focused one
 * (or -1) counts double. What nobody needs goes to the last.
 */
static void share(int total, const int *needs, size_t count, int focus, int *ret)
{
	int left = total;
	bool progress = true;

	for (size_t i = 0; i < count; i++) {
		ret[i] = clamp(needs[i], 0, PANE_LEAST);
		left -= ret[i];
	}
	while (left > 0 && progress) {
		progress = false;
		for (size_t i = 0; i < count; i++) {
			int weight = (int)i == focus ? FOCUS_WEIGHT : 1;

			for (; weight && left > 0 && ret[i] < needs[i]; weight--) {
				ret[i]++;
				left--;
				progress = true;
			}
		}
	}
	if (left > 0)
		ret[count - 1] += left;
}

static void stack_panes(struct layout *layout, const int *needs, int focus)
{
	int needed[LAYOUT_PANES], heights[LAYOUT_PANES], which[LAYOUT_PANES];
	int count = 0, at = -1, y = layout->body.y;

	for (int i = 0; i < LAYOUT_PANES; i++) {
		if (!layout->visible[i])
			continue;
		if (i == focus)
			at = count;
		which[count] = i;
		needed[count++] = clamp(needs[i], PANE_LEAST, layout->body.height);
	}
	if (!count)
		return;
	share(layout->body.height, needed, (size_t)count, at, heights);
	for (int i = 0; i < count; i++) {
		layout->panes[which[i]] =
			(struct rect){ y, layout->body.x, heights[i], layout->body.width };
		y += heights[i];
	}
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* Panes 0 and 1 above each other, LAYOUT_SIDE beside both, pane 2 below them over the whole width.
 */
static void spread_panes(struct layout *layout, const int *needs, int focus)
{
	struct rect body = layout->body;
	int halves[2], left_heights[2];
	int left = clamp(body.width * 63 / 100, 84, body.width);
	int upper[2] = { clamp(needs[0], PANE_USUAL, body.height),
			 clamp(needs[1], PANE_USUAL, body.height) };
	int needed[2] = { clamp(max(upper[0] + upper[1], needs[LAYOUT_SIDE]), 2 * PANE_USUAL,
				body.height),
			  clamp(needs[2], PANE_USUAL, body.height) };

	share(body.height, needed, 2, focus == 2 ? -1 : 0, halves);
	if (halves[1] > needed[1]) {
		/* room to spare looks better in the middle than in a stretched last pane */
		halves[1] = needed[1];
		halves[0] = body.height - needed[1];
	}
	share(halves[0], upper, 2, focus, left_heights);
	layout->panes[0] = (struct rect){ body.y, body.x, left_heights[0], left };
	layout->panes[1] = (struct rect){ body.y + left_heights[0], body.x, left_heights[1], left };
	layout->panes[LAYOUT_SIDE] =
		(struct rect){ body.y, body.x + left + 1, halves[0], body.width - left - 1 };
	layout->panes[2] = (struct rect){ body.y + halves[0], body.x, halves[1], body.width };
}

void layout_panes(struct layout *layout, const int needs[LAYOUT_PANES], int focus)
{
	if (layout->tiny)
		return;
	if (layout->wide)
		spread_panes(layout, needs, focus);
	else
		stack_panes(layout, needs, focus);
}

static int columns_width(const int *widths, size_t count, int gap)
{
	int total = 0;

	for (size_t i = 0; i < count; i++)
		if (widths[i])
			total += widths[i] + (total ? gap : 0);
	return total;
}

/* Leaves out the column with the highest number; false when all that are left have to stay. */
static bool leave_one(const struct layout_column *columns, size_t count, int *widths)
{
	size_t first = count;

	for (size_t i = 0; i < count; i++)
		if (widths[i] && columns[i].leaves &&
		    (first == count || columns[i].leaves > columns[first].leaves))
			first = i;
	if (first == count)
		return false;
	widths[first] = 0;
	return true;
}

/* Takes room from columns that do not fill theirs, as much as others lack. */
static void tighten(const struct layout_column *columns, size_t count, int room, int *widths)
{
	int lack = -room;

	for (size_t i = 0; i < count; i++)
		if (widths[i])
			lack += max(columns[i].most - widths[i], 0);
	for (size_t i = 0; i < count && lack > 0; i++) {
		int spare = widths[i] - max(columns[i].most, columns[i].least);

		if (!widths[i] || spare <= 0)
			continue;
		spare = clamp(spare, 0, lack);
		widths[i] -= spare;
		lack -= spare;
	}
}

/* Gives room to columns that lack some, in turn. */
static void grow(const struct layout_column *columns, size_t count, int room, int *widths)
{
	bool progress = true;

	while (room > 0 && progress) {
		progress = false;
		for (size_t i = 0; i < count && room > 0; i++) {
			if (!widths[i] || widths[i] >= columns[i].most)
				continue;
			widths[i]++;
			room--;
			progress = true;
		}
	}
}

void layout_columns(const struct layout_column *columns, size_t count, int width, int gap,
		    int *ret_widths)
{
	int over;

	for (size_t i = 0; i < count; i++)
		ret_widths[i] = columns[i].width;
	while (columns_width(ret_widths, count, gap) > width &&
	       leave_one(columns, count, ret_widths))
		continue;
	over = columns_width(ret_widths, count, gap) - width;
	for (size_t i = count; over > 0 && i-- > 0;) {
		int give = clamp(ret_widths[i] - columns[i].least, 0, over);

		if (!ret_widths[i])
			continue;
		ret_widths[i] -= give;
		over -= give;
	}
	if (over <= 0)
		tighten(columns, count, -over, ret_widths);
	over = columns_width(ret_widths, count, gap) - width;
	grow(columns, count, -over, ret_widths);
}
