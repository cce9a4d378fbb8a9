/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters against the rows of a warm model: which of them are let through. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../src/filter.h"
#include "fixture.h"

/* How many neighbours, bindings, packets and reasons pass; the fixture has 44, 3, 82 and all. */
static const struct {
	const char *text;
	size_t neighbours, bindings, packets, reasons;
} cases[] = {
	{ "", 44, 3, 82, RELAY_REASON_COUNT },
	{ "   ", 44, 3, 82, RELAY_REASON_COUNT },
	{ "ip:10.89.7.9", 1, 1, 60, RELAY_REASON_COUNT },
	{ "ip:10.89.", 4, 3, 82, RELAY_REASON_COUNT },
	{ "ip:198.51.100.0/29", 7, 0, 0, RELAY_REASON_COUNT },
	{ "ip:198.51.100.0/33", 0, 0, 0, RELAY_REASON_COUNT },
	{ "IP:10.89.7.9 reason:no-mac", 1, 1, 60, 1 },
	{ "mac:52:54", 41, 3, 0, RELAY_REASON_COUNT },
	{ "mac:00:00:09", 1, 3, 0, RELAY_REASON_COUNT },
	{ "mac:00:00:02", 1, 3, 0, RELAY_REASON_COUNT },
	{ "chan:0x4001", 44, 1, 60, RELAY_REASON_COUNT },
	{ "chan:4", 44, 3, 60, RELAY_REASON_COUNT },
	{ "reason:", 44, 3, 82, RELAY_REASON_COUNT },
	{ "reason:no", 44, 3, 61, 8 },
	{ "reason:control", 44, 3, 20, 1 },
	{ "class:prob", 44, 3, 61, 2 },
	{ "state:nomac", 1, 1, 82, RELAY_REASON_COUNT },
	{ "state:moved", 1, 0, 82, RELAY_REASON_COUNT },
	{ "state:failed", 1, 0, 82, RELAY_REASON_COUNT },
	{ "10.89.7.2", 2, 2, 1, RELAY_REASON_COUNT },
	{ "fragment", 0, 0, 1, RELAY_REASON_COUNT },
	{ "12:34:56", 41, 0, 0, RELAY_REASON_COUNT },
	{ "ip:10.89.7.9 ip:10.89.7.1", 0, 1, 60, RELAY_REASON_COUNT },
};

Test(filter, words)
{
	struct model *model = fixture_warm();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t neighbours = 0, bindings = 0, packets = 0, reasons = 0;
		struct filter filter;

		cr_expect_eq(filter_parse(cases[i].text, &filter), 0, "%s", cases[i].text);
		for (size_t n = 0; n < model->neighbour_count; n++)
			neighbours += filter_takes_neighbour(&filter, &model->neighbours[n]);
		for (size_t n = 0; n < model->binding_end; n++)
			bindings += filter_takes_binding(&filter, &model->bindings[n]);
		for (size_t n = 1; n < model->packet_next; n++)
			packets += filter_takes_packet(&filter, &model->packets[n]);
		for (int n = 0; n < RELAY_REASON_COUNT; n++)
			reasons += filter_takes_reason(&filter, (enum relay_reason)n,
						       model->reasons[n].count.total
							       ? model->reasons[n].class
							       : RELAY_CLASS_NORMAL);
		cr_expect_eq(neighbours, cases[i].neighbours, "%s: %zu neighbours", cases[i].text,
			     neighbours);
		cr_expect_eq(bindings, cases[i].bindings, "%s: %zu bindings", cases[i].text,
			     bindings);
		cr_expect_eq(packets, cases[i].packets, "%s: %zu packets", cases[i].text, packets);
		cr_expect_eq(reasons, cases[i].reasons, "%s: %zu reasons", cases[i].text, reasons);
	}
	model_free(model);
}

Test(filter, keys_that_there_are_not)
{
	struct filter filter;

	cr_expect_eq(filter_parse("port:53", &filter), -EINVAL);
	cr_expect_eq(filter_parse("port:53 ip:10", &filter), -EINVAL);
	cr_expect_eq(filter.count, 1, "the rest is understood");
	cr_expect_eq(filter_parse("fe80::1", &filter), 0);
	cr_expect_eq(filter_parse("fd:aa", &filter), 0);
}

Test(filter, too_much)
{
	char text[1000];
	struct filter filter;

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_expect_eq(filter_parse(text, &filter), 0);
	for (size_t i = 1; i < sizeof(text) - 1; i += 2)
		text[i] = ' ';
	cr_expect_eq(filter_parse(text, &filter), 0);
	cr_expect_eq(filter.count, FILTER_WORDS);
}

Test(filter, normal_packets_are_meant_when_their_class_is_named)
{
	struct filter filter;

	filter_parse("ip:10", &filter);
	cr_expect_not(filter_names_class(&filter));
	filter_parse("reason:control", &filter);
	cr_expect(filter_names_class(&filter));
	filter_parse("class:n", &filter);
	cr_expect(filter_names_class(&filter));
}
