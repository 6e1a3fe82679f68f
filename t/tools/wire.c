/* SPDX-License-Identifier: BSD-2-Clause */
/* The MTA's side of the milter protocol: see wire.h. */
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

static int
dial_unix(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int
dial_inet(const char *target)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	const char *colon = strrchr(target, ':');
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in.sin_port =
	    htons((uint16_t)strtoul(colon ? colon + 1 : "0", NULL, 10));
	if (fd < 0)
		return -1;
	/* No TCP_NODELAY: Postfix sets none either. */
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

int
wire_dial(struct wire *w, const char *target)
{
	struct timeval tv = {.tv_sec = WIRE_ANSWER_TIMEOUT_S};

	w->gathered = 0;
	w->room = target[0] == '/' ? 4096 : sizeof(w->out);
	w->fd = target[0] == '/' ? dial_unix(target) : dial_inet(target);
	if (w->fd < 0)
		return -1;
	(void)setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return 0;
}

int
wire_negotiate(struct wire *w)
{
	uint32_t offer[3] = {htonl(6), htonl(WIRE_ACTIONS), htonl(WIRE_STEPS)};
	size_t len;

	if (wire_packet(w, 'O', offer, sizeof(offer)) ||
	    wire_reply(w, &len) != 'O' || len < sizeof(offer))
		return -1;
	memcpy(offer, w->in + 1, sizeof(offer));
	w->steps = ntohl(offer[2]);
	return 0;
}

static int
send_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
wire_flush(struct wire *w)
{
	size_t n = w->gathered;

	w->gathered = 0;
	return n ? send_all(w->fd, w->out, n) : 0;
}

static int
gather(struct wire *w, const void *data, size_t len)
{
	if (w->gathered + len > w->room && wire_flush(w))
		return -1;
	if (len > w->room)
		return send_all(w->fd, data, len);
	if (len)
		memcpy(w->out + w->gathered, data, len);
	w->gathered += len;
	return 0;
}

int
wire_raw(struct wire *w, const void *data, size_t len)
{
	return gather(w, data, len);
}

int
wire_packet(struct wire *w, char cmd, const void *data, size_t len)
{
	uint32_t n = htonl((uint32_t)len + 1);
	char head[5];

	memcpy(head, &n, 4);
	head[4] = cmd;
	return gather(w, head, 5) || gather(w, data, len) ? -1 : 0;
}

/* A packet whose data are prefix and the strings that follow. */
static int
packet_of(struct wire *w, char cmd, const char *prefix, va_list strings)
{
	size_t len = strlen(prefix);
	uint32_t n;
	va_list again;
	const char *s;
	char head[5];

	va_copy(again, strings);
	while ((s = va_arg(again, const char *)) != NULL)
		len += strlen(s) + 1;
	va_end(again);
	n = htonl((uint32_t)len + 1);
	memcpy(head, &n, 4);
	head[4] = cmd;
	if (gather(w, head, 5) || gather(w, prefix, strlen(prefix)))
		return -1;
	while ((s = va_arg(strings, const char *)) != NULL)
		if (gather(w, s, strlen(s) + 1))
			return -1;
	return 0;
}

int
wire_strings(struct wire *w, char cmd, ...)
{
	va_list ap;
	int rc;

	va_start(ap, cmd);
	rc = packet_of(w, cmd, "", ap);
	va_end(ap);
	return rc;
}

int
wire_macros(struct wire *w, char cmd, ...)
{
	char prefix[2] = {cmd, '\0'};
	va_list ap;
	int rc;

	va_start(ap, cmd);
	rc = packet_of(w, 'D', prefix, ap);
	va_end(ap);
	return rc;
}

/*
 * As Postfix does. Who sleeps in recv(2) instead is woken, on a Unix socket, by
 * each piece of what it has sent that the milter takes, at the milter's cost.
 */
static int
await(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, WIRE_ANSWER_TIMEOUT_S * 1000);
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : -1;
}

static int
read_all(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		ssize_t n = recv(fd, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
wire_reply(struct wire *w, size_t *len)
{
	uint32_t n;

	if (wire_flush(w) || await(w->fd) || read_all(w->fd, &n, 4))
		return -1;
	n = ntohl(n);
	if (n == 0 || n > sizeof(w->in) || read_all(w->fd, w->in, n))
		return -1;
	*len = n - 1;
	return (unsigned char)w->in[0];
}

void
wire_hang_up(struct wire *w)
{
	(void)wire_flush(w);
	(void)close(w->fd);
	w->fd = -1;
}

void
wire_quit(struct wire *w)
{
	if (w->fd < 0)
		return;
	(void)wire_packet(w, 'Q', NULL, 0);
	wire_hang_up(w);
}
