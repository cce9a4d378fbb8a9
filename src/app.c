/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's intents, applied. */
#include "app.h"

#include <stdarg.h>
#include <stdio.h>

#define MESSAGE_NS (6 * 1000000000LL)

void app_say(struct app *app, int64_t now_ns, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(app->message, sizeof(app->message), format, arguments);
	va_end(arguments);
	app->message_until_ns = now_ns + MESSAGE_NS;
}

static void toggle_freeze(struct app *app, int64_t now_ns)
{
	if (app->picture) {
		model_free(app->picture);
		app->picture = NULL;
		return;
	}
	app->picture = model_new(now_ns);
	if (app->picture)
		model_copy(app->picture, app->model);
	else
		app_say(app, now_ns, "no memory to freeze the picture");
}

unsigned int app_apply(struct app *app, enum action action, int64_t now_ns)
{
	switch (action) {
	case ACTION_NONE: return 0;
	case ACTION_HANGUP: return APP_HANGUP;
	case ACTION_QUIT: return APP_QUIT;
	case ACTION_FREEZE: toggle_freeze(app, now_ns); return APP_REDRAW;
	case ACTION_SHOW_NORMAL: app->show_normal = !app->show_normal; return APP_REDRAW;
	case ACTION_SAVE: return APP_RECORD | APP_REDRAW;
	case ACTION_MISSES: return APP_MISSES | APP_REDRAW;
	case ACTION_ZERO:
		model_zero(app->model);
		app_say(app, now_ns, "totals count from now on");
		return APP_REDRAW;
	default: return APP_REDRAW;
	}
}

const struct model *app_picture(const struct app *app, uint64_t *ret_behind)
{
	if (!app->picture) {
		*ret_behind = 0;
		return app->model;
	}
	*ret_behind = app->model->seen.total - app->picture->seen.total;
	return app->picture;
}

const char *app_message(const struct app *app, int64_t now_ns)
{
	return *app->message && now_ns < app->message_until_ns ? app->message : NULL;
}

void app_done(struct app *app)
{
	model_free(app->picture);
	app->picture = NULL;
}
