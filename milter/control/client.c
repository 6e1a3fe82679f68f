/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking a running daemon. See client.h. */
#include "control/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define TRIES 5

static int
reach(const char *path, struct err *err)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(to.sun_path))
		return err_set(err, "%s: longer than a socket may be", path);
	memcpy(to.sun_path, path, len + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return err_errno(err, "socket");
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	if (errno == EACCES)
		(void)err_set(err,
		    "%s: Permission denied: root and the service user may "
		    "ask, and members of control_group for the status",
		    path);
	else
		(void)err_errno(err, "%s", path);
	(void)close(fd);
	return -1;
}

/* 1: octets came, 0: no more will, -1. */
static int
receive(int fd, int64_t until_ms, struct buf *reply, struct err *err)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left = until_ms - clock_mono_ms(&clock_system);
	char octets[8192];
	ssize_t n;

	if (left <= 0)
		return err_set(err, "assayd does not answer");
	if (poll(&p, 1, left > 60000 ? 60000 : (int)left) < 0)
		return errno == EINTR ? 1 : err_errno(err, "poll");
	if (!p.revents)
		return 1;
	n = recv(fd, octets, sizeof(octets), 0);
	/* It did not read all of ours: what it said came before. */
	if (n < 0 && errno == ECONNRESET)
		return 0;
	if (n < 0)
		return errno == EINTR ? 1 : err_errno(err, "assayd");
	buf_add(reply, slice_of(octets, (size_t)n));
	if (buf_status(reply))
		return err_set(err, "the answer is too long");
	return n > 0;
}

static int
ask_once(const char *path, enum control_verb verb, int64_t until_ms,
    struct buf *reply, struct err *err)
{
	struct buf line = BUF_INIT(100);
	int fd = reach(path, err), rc;

	if (fd < 0)
		return -1;
	request_format(&line, verb);
	/* Refused at once, it may have answered already: look all the same. */
	(void)!send(fd, buf_str(&line), line.len, MSG_NOSIGNAL);
	while ((rc = receive(fd, until_ms, reply, err)) > 0)
		;
	(void)close(fd);
	buf_free(&line);
	return rc;
}

int
control_ask(const char *path, enum control_verb verb, int64_t timeout_ms,
    struct buf *reply, enum control_outcome *outcome, struct slice *body,
    struct err *err)
{
	int64_t until_ms = clock_mono_ms(&clock_system) + timeout_ms;

	/* In a crowd our place may go to another before we have spoken. */
	for (int i = 0; i < TRIES && reply->len == 0; i++)
		if (ask_once(path, verb, until_ms, reply, err))
			return -1;
	if (!reply_parse(buf_slice(reply), outcome, body))
		return err_set(err, "assayd ended before it answered");
	return 0;
}
