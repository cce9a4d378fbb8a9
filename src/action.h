/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a user can want: one list for the key decoder, the help page and the footer. The first group
 * changes what the program does and is returned to its caller; the second only changes what is
 * looked at and stays inside tui/.
 */
#ifndef FZBPF_ACTION_H
#define FZBPF_ACTION_H

#include <stdbool.h>

/* X(ID, plain characters, function key or 0, keys as shown, what it does) */
#define ACTIONS_OF_APP(X)                                                                    \
	X(QUIT, "q", 10, "q F10", "leave; takes the program off the interface")              \
	X(FREEZE, " p", 5, "Space p F5", "freeze the picture; counting and recording go on") \
	X(SHOW_NORMAL, "a", 0, "a", "show or hide packets of the normal class")              \
	X(SAVE, "w", 2, "w F2", "start or stop writing the passed-up packets to a file")     \
	X(MISSES, "m", 7, "m F7", "start or stop writing only what misses the selected IP")  \
	X(ZERO, "z", 0, "z", "count totals from now on")                                     \
	X(FILE_STEP, ".", 0, ".", "with -r: one packet or event on; Space plays and pauses") \
	X(FILE_BACK, "[", 0, "[", "with -r: ten seconds back")                               \
	X(FILE_ON, "]", 0, "]", "with -r: ten seconds on")                                   \
	X(FILE_END, "e", 0, "e", "with -r: to the end of the file")

#define ACTIONS_OF_VIEW(X)                                                                        \
	X(PANE_NEXT, "\t", 0, "Tab", "next pane")                                                 \
	X(PANE_PREVIOUS, "", 0, "Shift-Tab", "previous pane")                                     \
	X(PANE_1, "1", 0, "1", "neighbours: which MAC address is known for which IP")             \
	X(PANE_2, "2", 0, "2", "bindings: client and channel, and the peer behind them")          \
	X(PANE_3, "3", 0, "3", "passed up: the packets that the fast path left to the server")    \
	X(PANE_4, "4", 0, "4", "reasons: why, how many, since when")                              \
	X(UP, "k", 0, "Up k", "one row up")                                                       \
	X(DOWN, "j", 0, "Down j", "one row down")                                                 \
	X(PAGE_UP, "\002", 0, "PgUp ^B", "one page up")                                           \
	X(PAGE_DOWN, "\006", 0, "PgDn ^F", "one page down")                                       \
	X(FIRST, "g", 0, "g Home", "first row")                                                   \
	X(LAST, "G", 0, "G End", "last row")                                                      \
	X(OPEN, "\r\n", 0, "Enter", "all about the selected row; on a reason: its packets")       \
	X(TRY, "x", 0, "x", "what the program makes of this packet or binding, before and after") \
	X(FILTER, "/", 4, "/ F4", "show only what matches the words you type")                    \
	X(SORT, "s>", 6, "s > F6", "sort by the next column")                                     \
	X(SORT_BACK, "<", 0, "<", "sort by the column before")                                    \
	X(SORT_REVERSE, "S", 0, "S", "sort the other way round")                                  \
	X(EVENTS, "!L", 0, "! L", "all that is wrong, and what happened lately")                  \
	X(HELP, "?h", 1, "? h F1", "this page")                                                   \
	X(CLOSE, "\033", 0, "Esc", "close this page, clear the filter")                           \
	X(REPAINT, "\014", 0, "^L", "draw the whole screen again")

#define ACTIONS(X)        \
	ACTIONS_OF_APP(X) \
	ACTIONS_OF_VIEW(X)

enum action {
	ACTION_NONE,   /* no key is waiting */
	ACTION_REDRAW, /* the key is dealt with; what is seen changed */
	ACTION_HANGUP, /* the terminal is gone */
#define X(id, characters, function_key, keys, help) ACTION_##id,
	ACTIONS(X)
#undef X
		ACTION_COUNT
};

/* Whether it is of use with a capture file only. */
static inline bool action_is_of_file(enum action action)
{
	return action >= ACTION_FILE_STEP && action <= ACTION_FILE_END;
}

#endif
