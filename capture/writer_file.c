/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening capture files without harm to others' files, and writing them record by record. */
#include "writer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What is written is other people's traffic. */
#define FILE_MODE 0600

/* A pipe that can be written takes a page (PIPE_BUF) without blocking. */
#define FEED_SIZE 4096

static int close_with(int fd, int err)
{
	close(fd);
	return err;
}

static int open_new(const struct writer_options *options)
{
	int fd = open(options->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      FILE_MODE);

	if (fd < 0)
		return -errno;
	/* Not permitted: privileges are gone already, and the file stays whose we are. */
	if (options->has_owner && fchown(fd, options->uid, options->gid) < 0 && errno != EPERM) {
		int err = -errno;

		unlink(options->path);
		return close_with(fd, err);
	}
	return fd;
}

/* What stands in the way; looked at by name first, since opening a device may have effects. */
static int check_old(const struct writer_options *options, const struct stat *status)
{
	if (S_ISLNK(status->st_mode))
		return -ELOOP;
	if (!S_ISREG(status->st_mode))
		return -EMEDIUMTYPE;
	if (!options->overwrite)
		return -EEXIST;
	return status->st_nlink == 1 ? 0 : -EMLINK;
}

/* Keeps its owner and mode. */
static int open_old(const struct writer_options *options)
{
	struct stat status;
	int fd, err;

	if (lstat(options->path, &status) < 0)
		return -errno;
	err = check_old(options, &status);
	if (err < 0)
		return err;
	/* Looked at again once it is open. O_NONBLOCK: if it became a FIFO, it must not hold us. */
	fd = open(options->path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fstat(fd, &status) < 0 ? -errno : check_old(options, &status);
	if (err == 0 && ftruncate(fd, 0) < 0)
		err = -errno;
	return err < 0 ? close_with(fd, err) : fd;
}

int writer_file_open(const struct writer_options *options, bool *ret_created)
{
	int fd;

	*ret_created = false;
	if (strcmp(options->path, "-") == 0) {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return fd < 0 ? -errno : fd;
	}
	fd = open_new(options);
	if (fd == -EEXIST)
		return open_old(options);
	*ret_created = fd >= 0;
	return fd;
}

bool writer_file_is_stream(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 &&
	       (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || S_ISCHR(status.st_mode));
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 1 = takes at least FEED_SIZE bytes without blocking, 0 = not within that time. */
static int wait_writable(int fd, int64_t wait_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	int ready = poll(&poll_fd, 1, wait_ms > 0 ? (int)wait_ms : 0);

	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	return ready;
}

/* Standard output is shared with others, so it cannot be made non-blocking: it is asked before each
 * piece instead. */
int writer_file_feed(int fd, const unsigned char *bytes, size_t length, int wait_ms,
		     size_t *ret_done)
{
	int64_t until = now_ms() + wait_ms;
	size_t done = 0;
	int ready = 1;

	while (done < length && ready > 0) {
		size_t piece = length - done < FEED_SIZE ? length - done : FEED_SIZE;
		ssize_t written;

		ready = wait_writable(fd, until - now_ms());
		if (ready <= 0)
			break;
		written = write(fd, bytes + done, piece);
		if (written > 0)
			done += (size_t)written;
		else if (written == 0)
			ready = -EIO;
		else if (errno != EINTR && errno != EAGAIN)
			ready = -errno;
	}
	*ret_done = done;
	return ready < 0 ? ready : 0;
}

static int write_all(int fd, const unsigned char *bytes, size_t length, size_t *ret_done)
{
	size_t done = 0;
	int err = 0;

	while (done < length && err == 0) {
		ssize_t written = write(fd, bytes + done, length - done);

		if (written > 0)
			done += (size_t)written;
		else if (written == 0)
			err = -EIO;
		else if (errno != EINTR)
			err = -errno;
	}
	*ret_done = done;
	return err;
}

/* The last `excess` bytes written. Relative to where the descriptor is, since standard output may
 * have had something in it before us. */
static void take_back(int fd, size_t excess)
{
	struct stat status;
	off_t end;

	if (excess == 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	end = lseek(fd, 0, SEEK_CUR);
	/* If this fails too, the file ends in half a record, which readers report: all that was
	 * possible. */
	if (end >= (off_t)excess && ftruncate(fd, end - (off_t)excess) == 0)
		lseek(fd, end - (off_t)excess, SEEK_SET);
}

int writer_file_write(int fd, const unsigned char *bytes, size_t length, const size_t *ends,
		      size_t count, size_t *ret_whole)
{
	size_t done, whole = 0;
	int err = write_all(fd, bytes, length, &done);

	while (whole < count && ends[whole] <= done)
		whole++;
	if (err < 0)
		take_back(fd, done - (whole ? ends[whole - 1] : 0));
	*ret_whole = whole;
	return err;
}
