/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the user's intents do to what we know: the only way back from the screen. Freezing keeps a
 * copy of the model to look at while the model itself goes on.
 */
#ifndef FZBPF_APP_H
#define FZBPF_APP_H

#include "action.h"
#include "model.h"

/* What remains to be done, by whoever has the means. */
enum app_consequence {
	APP_REDRAW = 1,
	APP_QUIT = 2,
	APP_RECORD = 4,	 /* start recording, or stop it */
	APP_HANGUP = 8,	 /* the terminal is gone */
	APP_MISSES = 16, /* start recording what misses the selected address, or stop it */
};

struct app {
	struct model *model;   /* the caller's */
	struct model *picture; /* copy while frozen, else NULL */
	bool show_normal;
	char message[160];
	int64_t message_until_ns;
};

/* Returns a set of enum app_consequence. */
unsigned int app_apply(struct app *app, enum action action, int64_t now_ns);

/* A line for the user, gone after some seconds. */
void app_say(struct app *app, int64_t now_ns, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What to draw, and how many frames were seen since it was frozen (0 if it is not). */
const struct model *app_picture(const struct app *app, uint64_t *ret_behind);

/* NULL if there is none (any more). */
const char *app_message(const struct app *app, int64_t now_ns);

void app_done(struct app *app);

#endif
