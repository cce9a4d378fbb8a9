/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines above the panes. */
#include "view_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../src/format.h"
#include "view_path.h"

#define ROOMY 118
#define TALLY_SIZE (2 * FORMAT_NUMBER_SIZE + 8)

static const char *speed_word(char *buf, size_t size, uint32_t mbit)
{
	if (!mbit)
		buf[0] = '\0';
	else if (mbit < 1000)
		snprintf(buf, size, " %" PRIu32 "M", mbit);
	else if (mbit % 1000)
		snprintf(buf, size, " %" PRIu32 ".%" PRIu32 "G", mbit / 1000, mbit % 1000 / 100);
	else
		snprintf(buf, size, " %" PRIu32 "G", mbit / 1000);
	return buf;
}

/* The address people know the host by: IPv4 before IPv6, link-local last. */
static const struct in6_addr *main_address(const struct model *model)
{
	const struct in6_addr *best = NULL;

	for (size_t i = 0; i < model->own_count && i < MODEL_OWN_ADDRESSES; i++) {
		const struct in6_addr *ip = &model->own[i];

		if (IN6_IS_ADDR_V4MAPPED(ip))
			return ip;
		if (!best || (IN6_IS_ADDR_LINKLOCAL(best) && !IN6_IS_ADDR_LINKLOCAL(ip)))
			best = ip;
	}
	return best;
}

static const char *link_word(enum model_link link)
{
	switch (link) {
	case LINK_UP: return "UP";
	case LINK_DOWN: return "DOWN";
	case LINK_GONE: return "GONE";
	}
	return "?";
}

/* With how often, which the rates are about. */
static void add_live(struct line *line, double refresh_s)
{
	struct line_part *part;

	line_add(line, 0, MEANING_STRONG, "", "LIVE")->right = true;
	if (refresh_s <= 0)
		return;
	part = line_add(line, 6, MEANING_LABEL, "", "%gs", refresh_s);
	part->right = true;
	part->gap = 1;
}

/* One word, or two: what is wrong with the picture, if anything. */
static void add_state(struct line *line, const struct view_context *context)
{
	const struct model *model = context->model;
	char text[FORMAT_TIME_SIZE];

	if (model->link == LINK_GONE)
		line_add(line, 0, MEANING_PROBLEM, "", "GONE at %s",
			 format_clock_seconds(text, sizeof(text), model->link_changed_ns,
					      context->status->utc_offset_s))
			->right = true;
	else if (model->detached)
		line_add(line, 0, MEANING_PROBLEM, "", "DETACHED")->right = true;
	else if (model->link == LINK_DOWN)
		line_add(line, 0, MEANING_PROBLEM, "", "DOWN %s",
			 format_age(text, sizeof(text), model->now_ns - model->link_changed_ns))
			->right = true;
	if (context->filter->count)
		line_add(line, 0, MEANING_WARMING, "", "FILTERED")->right = true;
	if (context->status->frozen)
		line_add(line, 0, MEANING_WARMING, "", "FROZEN, %s behind",
			 format_grouped(text, sizeof(text), context->status->behind))
			->right = true;
	else if (context->status->file)
		line_add(line, 0, MEANING_STRONG, "", "%s", context->status->file)->right = true;
	else if (model->link == LINK_UP && !model->detached)
		add_live(line, context->status->refresh_s);
}

void header_draw_identity(const struct view_context *context, int y, int width)
{
	const struct model *model = context->model;
	const struct in6_addr *own = main_address(model);
	char name[sizeof(model->interface)], text[FORMAT_IP_SIZE];
	struct line line = { 0 };

	line_add(&line, 6, MEANING_FOCUS, "", "fzbpf-top");
	if (context->status->version)
		line_add(&line, 9, MEANING_LABEL, "", "%s", context->status->version)->gap = 1;
	line_add(&line, 0, MEANING_STRONG, "", "%s",
		 format_safe(name, sizeof(name), model->interface));
	if (!context->status->file)
		line_add(&line, 2, MEANING_TEXT, "", "%s%s", link_word(model->link),
			 speed_word(text, sizeof(text), model->speed_mbit))
			->gap = 1;
	line_add(&line, 1, MEANING_TEXT, "", "%s", model->mode ? model->mode : "-")->gap = 1;
	if (model->mode_reason && model->mode_reason[0])
		line_add(&line, 10, MEANING_LABEL, "", "(%s)", model->mode_reason)->gap = 1;
	if (!context->vendors)
		line_add(&line, 8, MEANING_LABEL, "", "numeric");
	if (!model->relaying)
		line_add(&line, 1, MEANING_WARMING, "", "observing");
	if (own)
		line_add(&line, 3, MEANING_TEXT, "", "%s", format_ip(text, sizeof(text), own));
	line_add(&line, 4, MEANING_TEXT, "", "%s", format_mac(text, sizeof(text), &model->mac));
	if (model->program_id)
		line_add(&line, 7, MEANING_TEXT, "prog", "%" PRIu32, model->program_id);
	line_add(&line, 5, MEANING_TEXT, "up", "%s",
		 format_duration(text, sizeof(text), model->now_ns - model->attached_ns));
	if (model->mtu)
		line_add(&line, 11, MEANING_TEXT, "mtu", "%" PRIu32, model->mtu);
	add_state(&line, context);
	line_draw(&line, context->paint, y, 0, width);
}

/* "12.4k/s", and on a roomy screen the total since zero too. */
static const char *put_tally(char *buf, size_t size, const struct tally *tally, bool roomy)
{
	char rate[FORMAT_NUMBER_SIZE], total[FORMAT_NUMBER_SIZE];

	format_rate(rate, sizeof(rate), tally->rate);
	format_count(total, sizeof(total), tally_since_zero(tally));
	snprintf(buf, size, "%s%s%s%s%s", rate, tally->rate >= 0 ? "/s" : "", roomy ? " (" : "",
		 roomy ? total : "", roomy ? ")" : "");
	return buf;
}

/* Of the last interval if anything came in it, else of all. */
static const char *put_share(char *buf, size_t size, const struct model *model)
{
	if (model->seen.rate > 0)
		return format_percent(buf, size, model->relayed.rate, model->seen.rate);
	return format_percent(buf, size, (double)tally_since_zero(&model->relayed),
			      (double)tally_since_zero(&model->seen));
}

static void add_lost(struct line *line, const struct model *model)
{
	char text[FORMAT_NUMBER_SIZE];
	uint64_t lost = tally_since_zero(&model->lost);

	line_add(line, 0, lost ? MEANING_PROBLEM : MEANING_TEXT, "lost", "%s",
		 format_grouped(text, sizeof(text), lost));
}

static void draw_totals(const struct view_context *context, int y, int width)
{
	const struct model *model = context->model;
	bool roomy = width >= ROOMY;
	char text[TALLY_SIZE];
	struct line line = { 0 };

	line_add(&line, 0, MEANING_STRONG, "in", "%s",
		 put_tally(text, sizeof(text), &model->seen, roomy));
	line_add(&line, 0, MEANING_STRONG, "relayed", "%s", put_share(text, sizeof(text), model));
	line_add(&line, 2, MEANING_STRONG, "hits", "%s",
		 put_tally(text, sizeof(text), &model->relayed, roomy));
	line_add(&line, 1, model->misses.rate > 0 ? MEANING_WARMING : MEANING_STRONG, "misses",
		 "%s", put_tally(text, sizeof(text), &model->misses, roomy));
	line_add(&line, 3, MEANING_STRONG, "passed up", "%s",
		 put_tally(text, sizeof(text), &model->passed, roomy));
	add_lost(&line, model);
	if (roomy && model->relayed_bytes.rate >= 0)
		line_add(&line, 5, MEANING_TEXT, "data", "%s/s",
			 format_bytes(text, sizeof(text), (uint64_t)model->relayed_bytes.rate));
	if (roomy && tally_since_zero(&model->repaired))
		line_add(&line, 6, MEANING_TEXT, "checksums repaired", "%s",
			 format_count(text, sizeof(text), tally_since_zero(&model->repaired)));
	line_draw(&line, context->paint, y, 0, width);
}

static bool is_remark(const struct model_anomaly *anomaly)
{
	return anomaly->severity <= VIEW_REMARK;
}

static bool fits_one_line(const struct model_anomaly *anomaly, int width)
{
	return (int)(strlen(anomaly->text) + strlen(anomaly->next)) + 5 <= width;
}

/* Two lines when the next step does not fit behind it; a remark is not worth that. */
static int lines_of(const struct model_anomaly *anomaly, int width)
{
	return is_remark(anomaly) || fits_one_line(anomaly, width) ? 1 : 2;
}

int header_anomaly_lines(const struct view_context *context, int width)
{
	int lines = 0;

	for (size_t i = 0; i < context->anomaly_count; i++)
		lines += lines_of(&context->anomalies[i], width);
	return lines;
}

static void draw_anomalies(const struct view_context *context, const struct layout *layout)
{
	size_t count = context->anomaly_count, drawn = 0;
	int y = layout->anomalies, end = y + layout->anomaly_count, width = layout->body.width;

	for (; drawn < count && y < end; drawn++) {
		const struct model_anomaly *anomaly = &context->anomalies[drawn];
		struct line line = { 0 };

		if (is_remark(anomaly))
			line_add(&line, 0, MEANING_LABEL, "", "i");
		else
			line_add(&line, 0, MEANING_PROBLEM, "", "!");
		line_add(&line, 0, is_remark(anomaly) ? MEANING_TEXT : MEANING_STRONG, "", "%s",
			 anomaly->text)
			->gap = 1;
		if (fits_one_line(anomaly, width))
			line_add(&line, 1, MEANING_TEXT, "", "> %s", anomaly->next)->gap = 1;
		if (y + lines_of(anomaly, width) >= end && drawn + 1 < count)
			line_add(&line, 2, MEANING_LABEL, "", "%zu more: !", count - drawn - 1)
				->right = true;
		line_draw(&line, context->paint, y++, 0, width);
		if (lines_of(anomaly, width) == 1 || y == end)
			continue;
		paint_text(context->paint, y++, 2, width - 2, MEANING_TEXT, anomaly->next);
	}
}

void header_draw(const struct view_context *context, const struct layout *layout)
{
	int width = layout->body.width;

	header_draw_identity(context, layout->identity, width);
	draw_totals(context, layout->totals, width);
	path_draw(context, layout->path, width);
	if (layout->anomaly_count)
		draw_anomalies(context, layout);
}

/* The first lines matter most; a line of its own for each, as far as they go. */
void header_draw_tiny(const struct view_context *context, int height, int width)
{
	const struct model *model = context->model;
	char text[TALLY_SIZE], name[sizeof(model->interface)];
	struct line line = { 0 };
	int y = 0;

	line_add(&line, 0, MEANING_STRONG, "", "%s",
		 format_safe(name, sizeof(name), model->interface));
	if (model->link != LINK_UP || model->detached)
		line_add(&line, 0, MEANING_PROBLEM, "", "%s",
			 model->detached ? "DETACHED" : link_word(model->link))
			->gap = 1;
	else if (context->status->frozen)
		line_add(&line, 0, MEANING_WARMING, "", "FROZEN")->gap = 1;
	line_add(&line, 1, MEANING_TEXT, "", "%s",
		 put_tally(text, sizeof(text), &model->seen, false))
		->gap = 1;
	put_share(text, sizeof(text), model);
	path_cut_decimals(text);
	line_add(&line, 2, MEANING_TEXT, "", "%s hit", text)->gap = 1;
	line_draw(&line, context->paint, y++, 0, width);

	line = (struct line){ 0 };
	add_lost(&line, model);
	path_add_worst(&line, model, "");
	if (y < height)
		line_draw(&line, context->paint, y++, 0, width);
	if (y < height && context->anomaly_count) {
		paint_text(context->paint, y, 0, width, MEANING_PROBLEM, "!");
		paint_text(context->paint, y++, 2, width - 2, MEANING_STRONG,
			   context->anomalies[0].text);
	} else if (y < height) {
		path_draw(context, y++, width);
	}
	if (y < height)
		paint_text(context->paint, y, 0, width, MEANING_LABEL, "q quit, 80x24 best");
}
