/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The composition root: main.c opens the parts in order and takes them down in reverse,
 * main_events.c lets events flow from the ring, the tap and netlink to the model, the recordings
 * and the view, main_loop.c holds the handlers of the loop, main_view.c opens
 * the screen or the lines, main_file.c what is different with -r.
 * Only these files see every part.
 */
#ifndef FZBPF_MAIN_H
#define FZBPF_MAIN_H

#include "../bpf/relay.h"
#include "../capture/playback.h"
#include "../capture/recorder.h"
#include "../capture/tap.h"
#include "../tui/screen.h"
#include "app.h"
#include "batch.h"
#include "clock.h"
#include "loop.h"
#include "netlink.h"
#include "options.h"
#include "timeline.h"

struct program {
	struct options options;
	struct interface interface;
	struct model *model;
	struct app app;
	struct loop *loop;
	struct relay *relay;
	struct bindings *bindings;
	struct snoop *snoop;
	struct tap *tap;
	struct netlink *netlink;
	struct playback playback; /* with -r; then there is none of the four above */
	int file_fd;		  /* always readable */
	struct recorder recorder;
	struct recorder misses; /* of one address, from the screen */
	struct screen *screen;	/* one of these two */
	struct batch *batch;
	const char *mode_reason;
	enum relay_mode mode;
	int64_t attached_ns; /* since then frames may come */
	int64_t refreshed_ns;
	struct timeline timeline;
	bool changed; /* since the last drawing */
	bool stopped; /* by ^Z: nothing is drawn */
	bool ending;
	bool hook_seen;	    /* by netlink: our program on the interface */
	uint64_t passed_up; /* packets seen, for -c without a file */
	struct event last_counters;
	int status;
};

/* A line on standard error, after the program's name. */
void program_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Leaves the loop; the first status that is not 0 counts. */
void program_stop(struct program *program, int status);

/* main_events.c */
void program_recording_failed(struct program *program, struct recorder *recorder);
void program_view_event(struct program *program, const struct event *event);
void program_on_event(void *context, const struct event *event);
void program_on_binding(void *context, const struct event *event);
void program_on_message(void *context, const struct snoop_message *message);
void program_on_netlink(const struct netlink_event *event, void *context);

/* main_loop.c */
void program_draw(struct program *program);
void program_on_ring(void *context, uint32_t events);
void program_on_tick(void *context, uint32_t events);
void program_on_tap_received(void *context, uint32_t events);
void program_on_tap_sent(void *context, uint32_t events);
void program_on_netlink_ready(void *context, uint32_t events);
void program_on_key(void *context, uint32_t events);
void program_on_signal(void *context, int signal);
void program_describe(struct program *program);

/* main_view.c: steps of starting */
int program_choose_view(struct program *program);
int program_open_view(struct program *program);

/* main_file.c: steps of starting and of the loop with -r. The second returns whether the action was
 * meant for the file. */
int program_open_file(struct program *program);
bool program_apply_to_file(struct program *program, enum action action);
void program_on_file(void *context, uint32_t events);

#endif
