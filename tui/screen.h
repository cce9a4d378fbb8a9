/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen as main.c uses it: open, read keys, draw a model, close. Everything about what is
 * looked at (pane, selection, sort order, help page) stays inside; what changes the program comes
 * back as an action.
 */
#ifndef FZBPF_SCREEN_H
#define FZBPF_SCREEN_H

#include "../src/action.h"
#include "../src/model.h"
#include "../src/names.h"

enum screen_verdict { SCREEN_PASSED, SCREEN_SENT, SCREEN_DROPPED };

/* Asks the loaded program what it would make of a frame, without counting or learning anything.
 * `run` returns 0 or a negative errno; NULL = there is nobody to ask. */
struct screen_tester {
	int (*run)(void *context, const uint8_t *frame, size_t length, uint8_t *ret_frame,
		   size_t room, size_t *ret_length, enum screen_verdict *ret_verdict);
	void *context;
};

struct screen_options {
	const char *term;	   /* value of TERM, NULL if unset */
	bool color;		   /* false: NO_COLOR, --color never */
	bool ascii;		   /* --ascii, or the locale's codeset is not UTF-8 */
	bool numeric;		   /* no names for MAC addresses */
	const struct names *names; /* of hosts; may be NULL; kept */
	struct screen_tester tester;
	bool mouse; /* click, wheel; takes selecting text with the mouse from the terminal */
};

/* What main knows and the model does not. Strings may be NULL. */
struct screen_status {
	const char *version;
	bool frozen;	       /* the model drawn is a copy ... */
	uint64_t behind;       /* ... and so many frames were seen since */
	bool show_normal;      /* list packets of the normal class too */
	const char *recording; /* what is being written, where, how much */
	const char *misses;    /* the same of the recording of one address' misses */
	double refresh_s;      /* how often counters come; 0 = not said */
	const char *file;      /* where in a saved capture we are; NULL = on an interface */
	const char *message;   /* answer to the last action */
	int utc_offset_s;
};

struct screen;

/* Can TERM draw a screen? 0: yes; -EOPNOTSUPP: a terminal without cursor addressing (TERM=dumb),
 * use batch output; -ENOENT: unset or unknown. The error says what to type. */
int screen_usable(const char *term, char *ret_error, size_t size);

/* Takes the terminal over (alternate screen, no echo). The terminal is given back by screen_close,
 * and by a crash. Only one screen may be open. */
int screen_open(const struct screen_options *options, struct screen **ret, char *ret_error,
		size_t size);
/* NULL is fine. */
void screen_close(struct screen *screen);

/* Readable when a key waits; for epoll. */
int screen_fd(const struct screen *screen);

/*
 * Never waits. Actions of the application are returned; those of the view are carried out and
 * become ACTION_REDRAW. Call it until it returns ACTION_NONE. ACTION_HANGUP: no terminal is there
 * any more.
 */
enum action screen_read_key(struct screen *screen);

/* The IP that the selected row was about when it was drawn last; false: about none. */
bool screen_selected_ip(const struct screen *screen, struct in6_addr *ret);

/* Draws with one update of the terminal. `model` is only used during the call. */
void screen_draw(struct screen *screen, const struct model *model,
		 const struct screen_status *status);

/* After SIGWINCH: takes over the terminal's new size; draw afterwards. */
void screen_resize(struct screen *screen);
/* Around a stop (SIGTSTP): gives the terminal back, takes it again; draw afterwards. */
void screen_suspend(struct screen *screen);
void screen_resume(struct screen *screen);

#endif
