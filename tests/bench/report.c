/* SPDX-License-Identifier: BSD-2-Clause */
/* The results, as a table for people and as JSON. */
#include "report.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define GOAL_SAME_FAMILY 1.3
#define GOAL_OTHER 1.8
#define GOAL_PASS_NS 60.0

static struct spread net_of(const struct report *report, const char *name)
{
	const struct harness_case *found = cases_find(report->cases, name);

	return found && found->rounds ? harness_spread(found->net, found->rounds)
				      : (struct spread){};
}

static bool is_same_family(enum relay_path path)
{
	return path < RELAY_PATH_C4_C4 && !(path & 1) == !(path & 2);
}

static double goal_of(const char *name)
{
	enum relay_path path;

	for (path = 0; path < RELAY_PATH_COUNT; path++)
		if (!strcmp(name, cases_path(path)))
			return is_same_family(path) ? GOAL_SAME_FAMILY : GOAL_OTHER;
	return INFINITY;
}

static void table_group(const struct report *report, enum cases_group group, const char *title,
			const char *yardstick, FILE *out)
{
	const struct harness_case *one = report->cases->list;
	double divisor = net_of(report, yardstick).median;
	struct spread net;
	unsigned int i;

	fprintf(out, "\n%-34s %7s  %-15s  vs %s\n", title, "median", "[quartiles]", yardstick);
	for (i = 0; i < report->cases->count; i++, one++) {
		if ((enum cases_group)one->group != group)
			continue;
		net = harness_spread(one->net, one->rounds);
		fprintf(out, "  %-32s %7.1f  [%6.1f %6.1f]  %6.2f%s\n", one->name, net.median,
			net.low, net.high, net.median / divisor,
			net.median / divisor <= goal_of(one->name) ? "" : "  <- misses the goal");
	}
}

static void table_ingredients(const struct report *report, FILE *out)
{
	const struct harness_case *one = report->cases->list;
	struct spread net, difference;
	unsigned int i;

	fprintf(out, "\n%-34s %7s  %-15s  differs by\n", "ingredients", "median", "[quartiles]");
	for (i = 0; i < report->cases->count; i++, one++) {
		if (one->group != CASES_INGREDIENT)
			continue;
		net = harness_spread(one->net, one->rounds);
		difference = harness_difference(one, cases_find(report->cases, one->base));
		fprintf(out, "  %-32s %7.1f  [%6.1f %6.1f]  %+6.1f [%+.1f %+.1f] from %s\n",
			one->name, net.median, net.low, net.high, difference.median, difference.low,
			difference.high, one->base);
	}
}

static void table_cases(const struct report *report, FILE *out)
{
	bool leave_soon = net_of(report, "not-udp").median <= GOAL_PASS_NS &&
			  net_of(report, "not-turn").median <= GOAL_PASS_NS;

	fprintf(out, "ns a frame of %d bytes of data, net of a no-op (%.1f); %d flows in turn\n",
		CASES_DATA, cases_noop_ns(report->cases), CASES_FLOWS);
	table_group(report, CASES_YARDSTICK, "yardsticks", CASES_MINIMAL, out);
	table_group(report, CASES_PATH, "relayed", CASES_MINIMAL, out);
	table_group(report, CASES_REASON, "passed up", CASES_FLOOR, out);
	fprintf(out, "  not-udp and not-turn leave within %.0f ns: %s\n", GOAL_PASS_NS,
		leave_soon ? "yes" : "no  <- misses the goal");
	table_ingredients(report, out);
}

static void table_live(const struct live_result *live, FILE *out)
{
	fprintf(out,
		"\nlive frames on a veth pair, generator and sink included, the screen open\n"
		"  relay %.2f Mpps [%.2f %.2f], %.2f %% came back; swap %.2f Mpps [%.2f %.2f]; "
		"ratio %.2f [%.2f %.2f]\n",
		live->mpps.median, live->mpps.low, live->mpps.high, 100 * live->returned,
		live->swap_mpps.median, live->swap_mpps.low, live->swap_mpps.high,
		live->ratio.median, live->ratio.low, live->ratio.high);
}

static void table_ratio(const char *title, const struct spread *ratio, FILE *out)
{
	fprintf(out, "  %-40s %6.2f [%.2f %.2f]\n", title, ratio->median, ratio->low, ratio->high);
}

static void table_lan(const struct lan_result *lan, FILE *out)
{
	static const char *const names[] = { "direct", "bounced", "without", "with" };
	const struct lan_figures *way = lan->ways;
	int i;

	fprintf(out, "\nLAN, 100 bytes     a flood      1 kpps   20 kpps   50 kpps\n"
		     "                kpps    loss   p50 us    p50 us     CPU %%\n");
	for (i = 0; i < LAN_WAYS; i++, way++)
		fprintf(out, "  %-10s %7.1f  %4.1f %%  %7.1f   %7.1f   %7.1f\n", names[i],
			way->kpps.median, 100 * way->loss.median, way->calm_p50_us.median,
			way->p50_us.median, way->cpu.median);
	table_ratio("p50 without : with at 20 kpps", &lan->ratio_p50, out);
	table_ratio("p50 without : with at 1 kpps", &lan->ratio_calm_p50, out);
	table_ratio("extra CPU with : without, above direct", &lan->ratio_cpu, out);
	table_ratio("extra CPU with : without, above bounced", &lan->ratio_relay_cpu, out);
}

void report_table(const struct report *report, FILE *out)
{
	fprintf(out, "%ld cores, load %.1f before\n\n", sysconf(_SC_NPROCESSORS_ONLN),
		report->load);
	if (report->cases)
		table_cases(report, out);
	if (report->live)
		table_live(report->live, out);
	if (report->lan)
		table_lan(report->lan, out);
}
