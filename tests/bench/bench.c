/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * make bench: what the relay costs, frame by frame, against yardsticks; what it does with live
 * frames; and what a LAN gains by it. Exit status: 0 measured, 1 failed, 2 usage, 3 refused to
 * print, since what ran is not what should have been measured.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/relay.h"
#include "report.h"

#define ROUNDS 41
#define LIVE_ROUNDS 51
#define LAN_ROUNDS 5
#define PROGRAM "build/fzbpf-top"

static const char usage[] =
	"usage: bench [--rounds N] [--json FILE] [--broken] [cases] [live] [lan]\n"
	"  --broken  leave frames as the last run made them: it must refuse to print\n";

struct settings {
	unsigned int rounds; /* 0 = as many as each part wants */
	const char *json;    /* NULL = the table only */
	bool is_broken;
	bool cases, live, lan; /* which parts */
};

struct bench {
	struct settings settings;
	struct harness *harness;
	struct hosts hosts;
	struct cases cases;
	struct live_result live;
	struct lan_result lan;
	char error[RELAY_ERROR_SIZE];
};

/* One core for all that is measured, the first of those it may have; whatever reads and shows has
 * the others. */
static void pin(void)
{
	cpu_set_t set;
	size_t cpu = 0;

	sched_getaffinity(0, sizeof(set), &set);
	while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set))
		cpu++;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static unsigned int rounds_of(const struct bench *bench, unsigned int usual)
{
	unsigned int rounds = bench->settings.rounds ? bench->settings.rounds : usual;

	return rounds < HARNESS_ROUNDS_MAX ? rounds : HARNESS_ROUNDS_MAX;
}

static int add_cases(struct bench *bench)
{
	int error = cases_add_yardsticks(&bench->cases);

	if (!error)
		error = cases_add_paths(&bench->cases);
	if (!error)
		error = cases_add_reasons(&bench->cases);
	if (!error)
		error = cases_add_ingredients(&bench->cases);
	if (error && bench->cases.count)
		snprintf(bench->error, sizeof(bench->error), "%s: %s",
			 bench->cases.list[bench->cases.count - 1].name, strerror(-error));
	return error;
}

static int prepare(struct bench *bench)
{
	const char *wrong;
	int error = hosts_load(&bench->hosts, bench->error, sizeof(bench->error));

	if (!error)
		error = harness_new(&bench->harness);
	if (!error)
		error = cases_new(&bench->cases, bench->harness, &bench->hosts);
	if (!error)
		error = add_cases(bench);
	wrong = error ? NULL : cases_wrong_yardstick(&bench->cases);
	if (!wrong)
		return error;
	snprintf(bench->error, sizeof(bench->error), "%s does not send what the relay sends",
		 wrong);
	return -EPROTO;
}

static int measure_rounds(struct bench *bench, unsigned int rounds)
{
	unsigned int round, i;
	int error = 0;

	for (round = 0; round < rounds && !error; round++)
		for (i = 0; i < bench->cases.count && !error; i++)
			error = harness_measure(bench->harness, &bench->cases.list[i], bench->error,
						sizeof(bench->error));
	return error;
}

/* With the restore switched off a path must be refused, or nothing here means anything. */
static int prove_zero(struct bench *bench)
{
	struct harness_case *path = cases_find(&bench->cases, cases_path(RELAY_PATH_C4_P4));
	int error;

	harness_set_restore(bench->harness, false);
	error = harness_measure(bench->harness, path, bench->error, sizeof(bench->error));
	if (error != -EPROTO) {
		snprintf(bench->error, sizeof(bench->error),
			 "without the restore %s was not refused", path->name);
		return error ? error : -EPROTO;
	}
	if (bench->settings.is_broken)
		return error;
	harness_set_restore(bench->harness, true);
	fprintf(stderr, "without the restore: refused, as it must be: %s\n", bench->error);
	return 0;
}

static int measure_cases(struct bench *bench)
{
	int error = prepare(bench);

	if (!error)
		error = prove_zero(bench);
	return error ? error : measure_rounds(bench, rounds_of(bench, ROUNDS));
}

/* Of the last minute. Other work makes all times longer, and those of sockets meaningless. */
static double load_before(void)
{
	double load = 0;

	return getloadavg(&load, 1) == 1 ? load : 0;
}

static int measure(struct bench *bench)
{
	const struct settings *settings = &bench->settings;
	struct report report = {
		.load = load_before(),
		.cases = settings->cases ? &bench->cases : NULL,
		.live = settings->live ? &bench->live : NULL,
		.lan = settings->lan ? &bench->lan : NULL,
	};
	int error = 0;

	if (report.cases)
		error = measure_cases(bench);
	if (!error && report.live)
		error = live_measure(PROGRAM, rounds_of(bench, LIVE_ROUNDS), &bench->live,
				     bench->error, sizeof(bench->error));
	if (!error && report.lan)
		error = lan_measure(PROGRAM, rounds_of(bench, LAN_ROUNDS), &bench->lan,
				    bench->error, sizeof(bench->error));
	if (error)
		return error;
	report_table(&report, stdout);
	return settings->json ? report_json(&report, settings->json) : 0;
}

static bool read_parts(int count, char **parts, struct settings *ret)
{
	int i;

	ret->live = ret->lan = !count && !ret->is_broken;
	ret->cases = !count || ret->is_broken;
	for (i = 0; i < count; i++) {
		if (!strcmp(parts[i], "cases"))
			ret->cases = true;
		else if (!strcmp(parts[i], "live"))
			ret->live = true;
		else if (!strcmp(parts[i], "lan"))
			ret->lan = true;
		else
			return false;
	}
	return true;
}

static bool read_settings(int argc, char **argv, struct settings *ret)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ "json", required_argument, NULL, 'j' },
		{ "broken", no_argument, NULL, 'b' },
		{},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'r': ret->rounds = (unsigned int)atoi(optarg); break;
		case 'j': ret->json = optarg; break;
		case 'b': ret->is_broken = true; break;
		default: return false;
		}
	}
	return read_parts(argc - optind, argv + optind, ret);
}

int main(int argc, char **argv)
{
	struct bench bench = {};
	int error;

	if (!read_settings(argc, argv, &bench.settings)) {
		fputs(usage, stderr);
		return 2;
	}
	if (unshare(CLONE_NEWNET)) {
		perror("bench: network namespaces need root");
		return 1;
	}
	pin();
	error = measure(&bench);
	cases_free(&bench.cases);
	harness_free(bench.harness);
	hosts_free(&bench.hosts);
	if (!error)
		return 0;
	fprintf(stderr, "bench: %s\n", *bench.error ? bench.error : strerror(-error));
	return error == -EPROTO ? 3 : 1;
}
