/* SPDX-License-Identifier: BSD-2-Clause */
/* The terminal's life cycle. */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "restore.h"

#define ESCAPE_DELAY_MS 25 /* curses' own 1000 ms feel like a hang */
#define LEAVE_SIZE 128
#define NO_MOUSE "\033[?1006l\033[?1000l" /* what every terminal with kmous understands */
#define WHEEL_ROWS 3

static struct {
	SCREEN *screen;
	FILE *in, *out;
	int in_fd, out_fd;
	struct termios before;
} terminal = { .in_fd = -1, .out_fd = -1 };

static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	return text == (const char *)-1 ? NULL : text;
}

int terminal_usable(const char *term, char *ret_error, size_t size)
{
	int known = 0, result = 0;

	if (!term || !*term) {
		snprintf(ret_error, size,
			 "TERM is not set, so the terminal's language is not known; type: "
			 "export TERM=xterm, or use --batch");
		return -ENOENT;
	}
	if (setupterm(term, STDOUT_FILENO, &known) != OK) {
		snprintf(ret_error, size,
			 "the terminal type '%.40s' (TERM) is not in the terminfo data base; type: "
			 "export TERM=xterm, or use --batch",
			 term);
		return -ENOENT;
	}
	if (!capability("cup")) {
		snprintf(
			ret_error, size,
			"the terminal type '%.40s' (TERM) cannot place the cursor: no screen, only "
			"--batch",
			term);
		result = -EOPNOTSUPP;
	}
	del_curterm(cur_term);
	return result;
}

/* Appends a capability without its padding: a pause means nothing to a terminal of today. */
static size_t add_capability(char *buf, size_t length, const char *name)
{
	const char *text = capability(name);
	bool padding = false;

	for (; text && *text && length < LEAVE_SIZE; text++) {
		if (text[0] == '$' && text[1] == '<')
			padding = true;
		if (!padding)
			buf[length++] = *text;
		if (*text == '>')
			padding = false;
	}
	return length;
}

/* What endwin would do, for those who cannot call it. */
static void prepare_restore(bool mouse)
{
	char leave[LEAVE_SIZE + sizeof(NO_MOUSE)];
	size_t length = 0;

	length = add_capability(leave, length, "sgr0");
	length = add_capability(leave, length, "rmkx");
	length = add_capability(leave, length, "cnorm");
	length = add_capability(leave, length, "rmcup");
	if (mouse && capability("kmous"))
		length += (size_t)snprintf(leave + length, sizeof(leave) - length, "%s", NO_MOUSE);
	restore_begin(terminal.in_fd, terminal.out_fd, &terminal.before, leave, length);
}

static int duplicate(int fd)
{
	return isatty(fd) ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open("/dev/tty", O_RDWR | O_CLOEXEC);
}

static void close_streams(void)
{
	if (terminal.in)
		fclose(terminal.in);
	else if (terminal.in_fd >= 0)
		close(terminal.in_fd);
	if (terminal.out)
		fclose(terminal.out);
	else if (terminal.out_fd >= 0)
		close(terminal.out_fd);
	terminal.in = terminal.out = NULL;
	terminal.in_fd = terminal.out_fd = -1;
}

static int open_streams(void)
{
	terminal.in_fd = duplicate(STDIN_FILENO);
	if (terminal.in_fd < 0)
		return -errno;
	terminal.out_fd = duplicate(STDOUT_FILENO);
	if (terminal.out_fd < 0)
		return -errno;
	if (tcgetattr(terminal.in_fd, &terminal.before))
		return -errno;
	terminal.in = fdopen(terminal.in_fd, "r");
	terminal.out = fdopen(terminal.out_fd, "w");
	return terminal.in && terminal.out ? 0 : -ENOMEM;
}

static void set_up_curses(bool mouse)
{
	set_escdelay(ESCAPE_DELAY_MS);
	cbreak(); /* ^C and ^Z stay signals, for the main loop */
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	typeahead(-1);
	curs_set(0);
	if (mouse) {
		mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		mouseinterval(0); /* no waiting for a double click */
	}
}

int terminal_open(const char *term, bool mouse, char *ret_error, size_t size)
{
	int error;

	if (terminal.screen)
		return -EBUSY;
	error = open_streams();
	if (error) {
		snprintf(ret_error, size, "there is no terminal to draw on: %s; use --batch",
			 strerror(-error));
		goto out;
	}
	terminal.screen = newterm(term, terminal.out, terminal.in);
	if (!terminal.screen) {
		snprintf(ret_error, size,
			 "the terminal type '%.40s' (TERM) cannot be used; use --batch",
			 term ? term : "");
		error = -ENOENT;
		goto out;
	}
	prepare_restore(mouse);
	set_up_curses(mouse);
	terminal_resize();
	return 0;
out:
	close_streams();
	return error;
}

void terminal_close(void)
{
	if (!terminal.screen)
		return;
	/* some terminals mix up their two screens after a resize; an empty one does no harm */
	erase();
	refresh();
	endwin();
	delscreen(terminal.screen);
	terminal.screen = NULL;
	/* once more, since curses gives up after a failed write */
	tcsetattr(terminal.in_fd, TCSANOW, &terminal.before);
	restore_end();
	close_streams();
}

int terminal_fd(void)
{
	return terminal.in_fd;
}

bool terminal_is_gone(void)
{
	struct pollfd in = { .fd = terminal.in_fd, .events = POLLIN };
	int waiting = 0;

	if (terminal.in_fd < 0 || poll(&in, 1, 0) <= 0)
		return false;
	if (in.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	/* readable with nothing to read: the end */
	return ioctl(terminal.in_fd, FIONREAD, &waiting) || !waiting;
}

bool terminal_click(struct terminal_click *ret)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return false;
	*ret = (struct terminal_click){ .y = event.y, .x = event.x };
	if (event.bstate & BUTTON4_PRESSED)
		ret->wheel = -WHEEL_ROWS;
	else if (event.bstate & BUTTON5_PRESSED)
		ret->wheel = WHEEL_ROWS;
	else
		return event.bstate & BUTTON1_PRESSED;
	return true;
}

void terminal_resize(void)
{
	struct winsize size;

	if (terminal.out_fd < 0 || ioctl(terminal.out_fd, TIOCGWINSZ, &size))
		return;
	if (size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

void terminal_suspend(void)
{
	if (!terminal.screen)
		return;
	endwin();
	restore_pause();
}

void terminal_resume(void)
{
	if (!terminal.screen)
		return;
	restore_resume();
	reset_prog_mode();
	terminal_resize();
	clearok(curscr, TRUE);
}
