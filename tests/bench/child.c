/* SPDX-License-Identifier: BSD-2-Clause */
/* A program beside the benchmark, on a terminal that somebody reads, or without one. */
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *read_terminal(void *context)
{
	const struct child *child = context;
	char bytes[4096];

	while (read(child->terminal, bytes, sizeof(bytes)) > 0)
		;
	return NULL;
}

/* Every core but the one that is measured, if there is another. */
static void leave_core(void)
{
	cpu_set_t measured, set;
	size_t cpu;

	sched_getaffinity(0, sizeof(measured), &measured);
	CPU_ZERO(&set);
	for (cpu = 0; cpu < (size_t)sysconf(_SC_NPROCESSORS_ONLN); cpu++)
		if (!CPU_ISSET(cpu, &measured))
			CPU_SET(cpu, &set);
	if (CPU_COUNT(&set))
		sched_setaffinity(0, sizeof(set), &set);
}

static void become(char *const argv[], bool is_quiet)
{
	int null = open("/dev/null", O_RDWR);

	leave_core();
	if (is_quiet) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	execvp(argv[0], argv);
	_exit(127);
}

int child_start(struct child *child, char *const argv[], bool has_terminal)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	child->terminal = -1;
	child->pid = has_terminal ? forkpty(&child->terminal, NULL, NULL, &size) : fork();
	if (child->pid < 0) {
		child->pid = 0;
		return -errno;
	}
	if (!child->pid) {
		if (has_terminal)
			setenv("TERM", "xterm-256color", 1);
		become(argv, !has_terminal);
	}
	if (has_terminal && pthread_create(&child->reader, NULL, read_terminal, child)) {
		close(child->terminal);
		child->terminal = -1;
	}
	return 0;
}

void child_stop(struct child *child)
{
	if (!child->pid)
		return;
	kill(child->pid, SIGTERM);
	waitpid(child->pid, NULL, 0);
	child->pid = 0;
	if (child->terminal < 0)
		return;
	pthread_join(child->reader, NULL);
	close(child->terminal);
	child->terminal = -1;
}

int child_run(char *const argv[])
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (!pid)
		become(argv, false);
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EIO;
}

/* The first number of a schedstat file: ns on a CPU. */
static uint64_t schedstat(const char *path)
{
	unsigned long long ns = 0;
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

uint64_t child_cpu_ns(pid_t pid)
{
	char path[512];
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		return 0;
	while ((entry = readdir(tasks))) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", (int)pid, entry->d_name);
		if (entry->d_name[0] != '.')
			sum += schedstat(path);
	}
	closedir(tasks);
	return sum;
}

uint64_t child_named_cpu_ns(const char *start)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	uint64_t sum = 0;

	while (processes && (entry = readdir(processes))) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file) && !strncmp(name, start, strlen(start)))
			sum += child_cpu_ns(atoi(entry->d_name));
		fclose(file);
	}
	if (processes)
		closedir(processes);
	return sum;
}
