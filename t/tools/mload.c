/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A load of milter connections, as an MTA makes them: each thread is one
 * connection after another until its messages are sent. Part of them is bad:
 * aborted, cut off, malformed, or made to be expensive. Every message that
 * reaches its end must be answered.
 *
 *	mload -s HOST:PORT|/PATH [-c CONNECTIONS] [-m MESSAGES] [-b PERCENT]
 *
 * Prints one line: messages=N answered=N accepted=N ended=N failed=N, where
 * ended are those cut on purpose before their end. Exit status 0 when none
 * failed.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

#define ANSWER_TIMEOUT_S 60

enum {
	OFFER_ACTIONS = 0x1ff,
	OFFER_STEPS = 0x1fffff,
	NR_BODY = 0x80000,
};

struct load {
	const char *target;
	unsigned connections, messages, bad_percent;
	atomic_uint answered, accepted, ended, failed;
};

struct client {
	struct load *load;
	unsigned seed;
	int fd;
	uint32_t steps;
	char line[70000];
};

/* --- packets ----------------------------------------------------------------- */

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

static int
packet(struct client *c, char cmd, const void *data, size_t len)
{
	uint32_t n = htonl((uint32_t)len + 1);
	char head[5];

	memcpy(head, &n, 4);
	head[4] = cmd;
	if (send_all(c->fd, head, 5))
		return -1;
	return len ? send_all(c->fd, data, len) : 0;
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

/* The command of the next packet, its data in c->line; -1: none came. */
static int
reply(struct client *c, size_t *len)
{
	uint32_t n;

	if (read_all(c->fd, &n, 4))
		return -1;
	n = ntohl(n);
	if (n == 0 || n > sizeof(c->line) || read_all(c->fd, c->line, n))
		return -1;
	*len = n - 1;
	return (unsigned char)c->line[0];
}

/* "name NUL value NUL" */
static int
pair(struct client *c, char cmd, const char *name, const char *value)
{
	size_t a = strlen(name) + 1, b = strlen(value) + 1;

	if (a + b > sizeof(c->line))
		return -1;
	memcpy(c->line, name, a);
	memcpy(c->line + a, value, b);
	return packet(c, cmd, c->line, a + b);
}

static int
macros(struct client *c, char cmd, const char *name, const char *value)
{
	char buf[256];
	int n =
	    snprintf(buf, sizeof(buf), "%c%s%c%s%c", cmd, name, 0, value, 0);

	return packet(c, 'D', buf, (size_t)n);
}

/* --- a connection --------------------------------------------------------------- */

static int
dial(const char *target)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct timeval tv = {.tv_sec = ANSWER_TIMEOUT_S};
	const char *colon = strrchr(target, ':');
	int fd, rc, one = 1;

	if (target[0] == '/') {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", target);
		rc = connect(fd, (struct sockaddr *)&un, sizeof(un));
	} else {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in.sin_port = htons(
		    (uint16_t)strtoul(colon ? colon + 1 : "0", NULL, 10));
		rc = connect(fd, (struct sockaddr *)&in, sizeof(in));
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (rc == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static int
begin(struct client *c)
{
	uint32_t offer[3] = {
	    htonl(6), htonl(OFFER_ACTIONS), htonl(OFFER_STEPS)};
	unsigned char addr[64];
	size_t len;
	int n;

	c->fd = dial(c->load->target);
	if (c->fd < 0 || packet(c, 'O', offer, sizeof(offer)) ||
	    reply(c, &len) != 'O' || len < 12)
		return -1;
	memcpy(offer, c->line + 1, 12);
	c->steps = ntohl(offer[2]);
	n = snprintf((char *)addr, sizeof(addr),
	    "client.example%c4..192.0.2.%u%c", 0, 1 + c->seed % 20, 0);
	addr[16] = 0x30; /* the port's two octets */
	addr[17] = 0x39;
	if (macros(c, 'C', "j", "mx.test.example") ||
	    macros(c, 'C', "v", "Postfix 3.7.11"))
		return -1;
	/* NR flags: nothing is answered before the body. */
	if (packet(c, 'C', addr, (size_t)n))
		return -1;
	return packet(c, 'H', "client.example", 15);
}

static void
finish(struct client *c)
{
	if (c->fd < 0)
		return;
	(void)packet(c, 'Q', NULL, 0);
	(void)close(c->fd);
	c->fd = -1;
}

/* --- messages -------------------------------------------------------------------- */

enum kind {
	GOOD,
	ABORT_HEADER,
	ABORT_BODY,
	HANG_UP_HEADER,
	HANG_UP_BODY,
	GARBAGE_PACKET,
	MANY_SIGNATURES,
	MANY_FIELDS,
	ODD_FIELDS,
	LONG_FIELD,
	NKINDS,
};

static unsigned
dice(struct client *c, unsigned n)
{
	c->seed = c->seed * 1103515245u + 12345u;
	return (c->seed >> 16) % n;
}

static int
field(struct client *c, const char *name, const char *value)
{
	return pair(c, 'L', name, value);
}

static int
signatures(struct client *c, unsigned n)
{
	char value[600];

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(value, sizeof(value),
		    " v=1; a=rsa-sha256; c=relaxed/relaxed; d=d%u.example.com;"
		    " s=s; h=From:To:Subject;"
		    " bh=j+uJ1+KwQjMpdNiCngwvlv2FTzZnzkokoCYASnN36NE=; b=AAAA",
		    i);
		if (field(c, "DKIM-Signature", value))
			return -1;
	}
	return 0;
}

static int
bad_header(struct client *c, enum kind kind)
{
	static const char *const odd[] = {" \xff\xfe(;", "", "\n \n\t",
	    " =?x?= \"mx.test.example\"; dkim=pass", " a=b; ;;=; a=c",
	    " \"unclosed", " (((((", " @,@,@:;<>"};
	static const char *const names[] = {
	    "From", "DKIM-Signature", "Authentication-Results", "Subject"};
	static char big[60000];

	if (kind == MANY_SIGNATURES)
		return signatures(c, 500);
	if (kind == MANY_FIELDS)
		for (unsigned i = 0; i < 1000; i++)
			if (field(c, "X-F", " v"))
				return -1;
	if (kind == ODD_FIELDS)
		for (unsigned i = 0; i < 64; i++)
			if (field(c, names[dice(c, 4)], odd[dice(c, 8)]))
				return -1;
	if (kind == LONG_FIELD) {
		char *own = malloc(sizeof(big));
		int rc;

		if (!own)
			return -1;
		memset(own, 'x', sizeof(big) - 1);
		own[sizeof(big) - 1] = '\0';
		rc = field(c, names[dice(c, 4)], own);
		free(own);
		return rc;
	}
	return 0;
}

static int
header(struct client *c, enum kind kind)
{
	char mail[64];

	(void)snprintf(mail, sizeof(mail), "<a@d%u.example.com>", dice(c, 5));
	if (packet(c, 'M', mail, strlen(mail) + 1))
		return -1;
	(void)snprintf(
	    mail, sizeof(mail), " A <a@d%u.example.com>", dice(c, 5));
	if (field(c, "From", mail) || field(c, "To", " b@y.example") ||
	    field(c, "Authentication-Results",
		" mx.test.example; dkim=pass header.d=bank.example") ||
	    field(c, "Subject", " hello\n\tthere"))
		return -1;
	return bad_header(c, kind);
}

/* Body chunks; 0 when the milter wants no more or all is sent. */
static int
body(struct client *c, enum kind kind)
{
	static const char text[] = "Hello,\r\n\r\nthis is a body.\r\n";
	size_t len;

	for (unsigned i = 0; i < 1 + dice(c, 3); i++) {
		int r;

		if (packet(c, 'B', text, sizeof(text) - 1))
			return -1;
		if (kind == HANG_UP_BODY)
			return 0;
		if (c->steps & NR_BODY)
			continue;
		r = reply(c, &len);
		if (r == 's')
			return 0;
		if (r != 'c')
			return -1;
	}
	return 0;
}

/* Reads edits until the answer. */
static int
answer(struct client *c)
{
	size_t len;
	int r;

	if (macros(c, 'E', "i", "QUEUEID") || packet(c, 'E', NULL, 0))
		return -1;
	do
		r = reply(c, &len);
	while (r > 0 && !strchr("acdrty4", r));
	return r;
}

/* 0: go on with this connection, 1: it is used up, -1: failed. */
static int
message(struct client *c, enum kind kind)
{
	struct load *l = c->load;
	int r;

	if (header(c, kind))
		return -1;
	if (kind == ABORT_HEADER || kind == HANG_UP_HEADER ||
	    kind == GARBAGE_PACKET)
		atomic_fetch_add(&l->ended, 1);
	if (kind == ABORT_HEADER)
		return packet(c, 'A', NULL, 0);
	if (kind == HANG_UP_HEADER)
		return 1;
	if (kind == GARBAGE_PACKET) {
		/* An unknown command: libmilter hangs up on us. */
		(void)packet(c, '\x7f', "garbage", 7);
		return 1;
	}
	if (packet(c, 'N', NULL, 0) || body(c, kind))
		return -1;
	if (kind == ABORT_BODY || kind == HANG_UP_BODY) {
		atomic_fetch_add(&l->ended, 1);
		return kind == HANG_UP_BODY ? 1 : packet(c, 'A', NULL, 0);
	}
	r = answer(c);
	if (r <= 0)
		return -1;
	atomic_fetch_add(&l->answered, 1);
	if (r == 'a' || r == 'c')
		atomic_fetch_add(&l->accepted, 1);
	return 0;
}

static void *
run(void *arg)
{
	struct client *c = arg;
	struct load *l = c->load;

	for (unsigned i = 0; i < l->messages; i++) {
		enum kind kind = GOOD;
		int r = 0;

		if (dice(c, 100) < l->bad_percent)
			kind = (enum kind)(1 + dice(c, NKINDS - 1));
		if (c->fd < 0)
			r = begin(c);
		if (r == 0)
			r = message(c, kind);
		if (r < 0)
			atomic_fetch_add(&l->failed, 1);
		if (r != 0 && c->fd >= 0) {
			(void)close(c->fd);
			c->fd = -1;
		}
	}
	finish(c);
	return NULL;
}

int
main(int argc, char **argv)
{
	struct load l = {.connections = 10, .messages = 10};
	struct client *clients;
	pthread_t *threads;
	int opt;

	while ((opt = getopt(argc, argv, "s:c:m:b:")) != -1) {
		switch (opt) {
		case 's': l.target = optarg; break;
		case 'c':
			l.connections = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'm':
			l.messages = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'b':
			l.bad_percent = (unsigned)strtoul(optarg, NULL, 10);
			break;
		default: return 2;
		}
	}
	if (!l.target || l.connections == 0 || l.connections > 5000)
		return 2;
	clients = calloc(l.connections, sizeof(*clients));
	threads = calloc(l.connections, sizeof(*threads));
	if (!clients || !threads)
		return 2;
	for (unsigned i = 0; i < l.connections; i++) {
		clients[i].load = &l;
		clients[i].seed = i * 7919 + 1;
		clients[i].fd = -1;
		if (pthread_create(&threads[i], NULL, run, &clients[i]))
			return 2;
	}
	for (unsigned i = 0; i < l.connections; i++)
		(void)pthread_join(threads[i], NULL);
	printf("messages=%u answered=%u accepted=%u ended=%u failed=%u\n",
	    l.connections * l.messages, atomic_load(&l.answered),
	    atomic_load(&l.accepted), atomic_load(&l.ended),
	    atomic_load(&l.failed));
	free(clients);
	free(threads);
	return atomic_load(&l.failed) ? 1 : 0;
}
