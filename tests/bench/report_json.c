/* SPDX-License-Identifier: BSD-2-Clause */
/* build/bench.json. All times are what was measured, the no-op's zero included: net ns + noop_ns.
 */
#include "report.h"

#include <errno.h>

struct writer {
	FILE *out;
	const struct cases *cases;
	double zero;
	bool comma;
};

static void begin(struct writer *writer, const char *key)
{
	fprintf(writer->out, "%s\"%s\":{", writer->comma ? "," : "", key);
	writer->comma = false;
}

static void end(struct writer *writer)
{
	fputs("}", writer->out);
	writer->comma = true;
}

static void number(struct writer *writer, const char *key, double value)
{
	fprintf(writer->out, "%s\"%s\":%.3f", writer->comma ? "," : "", key, value);
	writer->comma = true;
}

static void spread(struct writer *writer, const char *key, const struct spread *spread,
		   double offset)
{
	number(writer, key, spread->median + offset);
	fprintf(writer->out, ",\"%s_quartiles\":[%.3f,%.3f]", key, spread->low + offset,
		spread->high + offset);
}

static struct spread net_of(const struct writer *writer, const char *name)
{
	const struct harness_case *found = cases_find(writer->cases, name);

	return found && found->rounds ? harness_spread(found->net, found->rounds)
				      : (struct spread){};
}

static void one_case(struct writer *writer, const char *name, const char *ratio, double divisor)
{
	const struct harness_case *found = cases_find(writer->cases, name);
	struct spread net = net_of(writer, name), difference;

	begin(writer, name);
	spread(writer, "ns", &net, writer->zero);
	number(writer, ratio, net.median / divisor);
	if (found->base) {
		difference = harness_difference(found, cases_find(writer->cases, found->base));
		spread(writer, "differs_ns", &difference, 0);
	}
	end(writer);
}

static void group(struct writer *writer, enum cases_group group, const char *key, const char *ratio,
		  const char *yardstick)
{
	const struct cases *cases = writer->cases;
	double divisor = net_of(writer, yardstick).median;
	unsigned int i;

	begin(writer, key);
	for (i = 0; i < cases->count; i++)
		if ((enum cases_group)cases->list[i].group == group)
			one_case(writer, cases->list[i].name, ratio, divisor);
	end(writer);
}

static void cases(struct writer *writer)
{
	number(writer, "noop_ns", writer->zero);
	number(writer, "floor_ns", writer->zero + net_of(writer, CASES_FLOOR).median);
	number(writer, "minimal_relay_ns", writer->zero + net_of(writer, CASES_MINIMAL).median);
	group(writer, CASES_PATH, "paths", "vs_minimal", CASES_MINIMAL);
	group(writer, CASES_REASON, "pass", "vs_floor", CASES_FLOOR);
	group(writer, CASES_YARDSTICK, "yardsticks", "vs_minimal", CASES_MINIMAL);
	group(writer, CASES_INGREDIENT, "ingredients", "vs_minimal", CASES_MINIMAL);
}

static void live(struct writer *writer, const struct live_result *result)
{
	begin(writer, "live");
	spread(writer, "mpps", &result->mpps, 0);
	spread(writer, "swap_mpps", &result->swap_mpps, 0);
	spread(writer, "ratio", &result->ratio, 0);
	number(writer, "returned", result->returned);
	end(writer);
}

static void figures(struct writer *writer, const char *key, const struct lan_figures *figures)
{
	begin(writer, key);
	spread(writer, "kpps", &figures->kpps, 0);
	spread(writer, "loss", &figures->loss, 0);
	spread(writer, "p50_us", &figures->p50_us, 0);
	spread(writer, "p50_1kpps_us", &figures->calm_p50_us, 0);
	spread(writer, "cpu", &figures->cpu, 0);
	end(writer);
}

static void lan(struct writer *writer, const struct lan_result *result)
{
	begin(writer, "lan");
	figures(writer, "with", &result->ways[LAN_WITH]);
	figures(writer, "without", &result->ways[LAN_WITHOUT]);
	figures(writer, "direct", &result->ways[LAN_DIRECT]);
	figures(writer, "bounced", &result->ways[LAN_BOUNCE]);
	spread(writer, "ratio_p50", &result->ratio_p50, 0);
	spread(writer, "ratio_p50_1kpps", &result->ratio_calm_p50, 0);
	spread(writer, "ratio_cpu", &result->ratio_cpu, 0);
	spread(writer, "ratio_cpu_above_bounced", &result->ratio_relay_cpu, 0);
	end(writer);
}

int report_json(const struct report *report, const char *path)
{
	struct writer writer = {
		.out = fopen(path, "w"),
		.cases = report->cases,
		.zero = report->cases ? cases_noop_ns(report->cases) : 0,
	};
	int failed;

	if (!writer.out)
		return -errno;
	fputs("{", writer.out);
	number(&writer, "load_before", report->load);
	if (report->cases)
		cases(&writer);
	if (report->live)
		live(&writer, report->live);
	if (report->lan)
		lan(&writer, report->lan);
	fputs("}\n", writer.out);
	failed = ferror(writer.out);
	return fclose(writer.out) || failed ? -EIO : 0;
}
