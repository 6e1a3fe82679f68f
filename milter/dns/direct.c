/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions to name servers by address; see direct.h. UDP first, three times,
 * then TCP when an answer is cut (RFC 7766); all sockets of a batch in one
 * poll. RFC 5452: a random id and a port of the kernel's choice each.
 */
#include "dns/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "dns/wire.h"

#define PORT 53
#define BATCH 64
#define TRIES 3
#define TRY_MS 1000
#define TCP_MS 5000

enum stage {
	STAGE_UDP,
	STAGE_CONNECT,
	STAGE_TCP,
	STAGE_DONE,
};

struct asking {
	struct authority_question *q;
	enum stage stage;
	int fd;
	unsigned tries;
	uint16_t id;
	int64_t until_ms;
	unsigned char *in; /* 2 octets of length and a message */
	size_t have;
};

static void
finish(struct asking *a, enum dns_status status)
{
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
	a->stage = STAGE_DONE;
	a->q->status = status;
}

static socklen_t
address(const struct ip *ip, struct sockaddr_storage *ss)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6};

	memset(ss, 0, sizeof(*ss));
	if (ip->family == IP_V4) {
		sin.sin_port = htons(PORT);
		memcpy(&sin.sin_addr, ip->octets, 4);
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	}
	sin6.sin6_port = htons(PORT);
	memcpy(&sin6.sin6_addr, ip->octets, 16);
	memcpy(ss, &sin6, sizeof(sin6));
	return sizeof(sin6);
}

/* A connected socket, or one that is about to be. -1: not to be had. */
static int
open_socket(struct asking *a, int type)
{
	struct sockaddr_storage ss;
	socklen_t len = address(&a->q->server, &ss);
	int fd = socket(ss.ss_family, type, 0);

	if (fd < 0)
		a->q->no_route = errno == EAFNOSUPPORT;
	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, (struct sockaddr *)&ss, len) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	a->q->no_route = errno == ENETUNREACH || errno == EADDRNOTAVAIL ||
	    errno == EHOSTUNREACH;
	(void)close(fd);
	return -1;
}

static void
start_udp(struct asking *a, int64_t now_ms)
{
	unsigned char query[WIRE_QUERY_MAX];
	size_t len;

	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
	if (a->q->server.family == IP_NONE || a->tries++ == TRIES ||
	    RAND_bytes((unsigned char *)&a->id, sizeof(a->id)) != 1) {
		finish(a, DNS_TIMEOUT);
		return;
	}
	len = wire_query(a->id, a->q->name, a->q->type, query);
	a->fd = len ? open_socket(a, SOCK_DGRAM) : -1;
	if (a->fd < 0 || send(a->fd, query, len, 0) != (ssize_t)len) {
		finish(a, DNS_TIMEOUT);
		return;
	}
	a->stage = STAGE_UDP;
	a->until_ms = now_ms + TRY_MS;
}

static void
start_tcp(struct asking *a, int64_t now_ms)
{
	(void)close(a->fd);
	a->fd = open_socket(a, SOCK_STREAM);
	if (a->fd < 0) {
		finish(a, DNS_TIMEOUT);
		return;
	}
	a->stage = STAGE_CONNECT;
	a->until_ms = now_ms + TCP_MS;
	a->have = 0;
}

/* --- answers -------------------------------------------------------------------------- */

static void
take(struct asking *a, const struct wire_answer *w, struct arena *arena)
{
	struct authority_question *q = a->q;

	q->authoritative = w->authoritative;
	q->cname = w->cname;
	q->ttl_s = w->ttl_s;
	q->rdata = arena_array(arena, w->nrr ? w->nrr : 1, sizeof(*q->rdata));
	for (q->nrr = 0; q->rdata && q->nrr < w->nrr; q->nrr++)
		if (arena_copy(arena, w->rdata[q->nrr], &q->rdata[q->nrr]))
			break;
	if (q->nrr < w->nrr) {
		q->nrr = 0;
		finish(a, DNS_SERVFAIL);
		return;
	}
	finish(a, w->status);
}

static void
read_udp(struct asking *a, struct arena *arena, int64_t now_ms)
{
	struct wire_answer w;
	ssize_t n = recv(a->fd, a->in, WIRE_MESSAGE_MAX, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) { /* refused: try again, a little later */
		a->until_ms = now_ms + TRY_MS / 3;
		return;
	}
	if (!wire_parse(
		slice_of(a->in, (size_t)n), a->id, a->q->name, a->q->type, &w))
		return;
	if (w.truncated)
		start_tcp(a, now_ms);
	else
		take(a, &w, arena);
}

static void
send_tcp(struct asking *a)
{
	unsigned char query[2 + WIRE_QUERY_MAX];
	size_t len = wire_query(a->id, a->q->name, a->q->type, query + 2);

	query[0] = (unsigned char)(len >> 8);
	query[1] = (unsigned char)len;
	/* The first octets of a connection go out whole, or it failed. */
	if (send(a->fd, query, len + 2, MSG_NOSIGNAL) != (ssize_t)len + 2)
		finish(a, DNS_TIMEOUT);
	else
		a->stage = STAGE_TCP;
}

static void
read_tcp(struct asking *a, struct arena *arena)
{
	struct wire_answer w;
	size_t want = 2;
	ssize_t n;

	if (a->have >= 2)
		want += (size_t)a->in[0] << 8 | a->in[1];
	n = recv(a->fd, a->in + a->have, want - a->have, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		finish(a, DNS_TIMEOUT);
		return;
	}
	a->have += (size_t)n;
	if (a->have < 3 || a->have < want)
		return;
	/* One that is cut here as well says nothing of what there is. */
	if (wire_parse(slice_of(a->in + 2, a->have - 2), a->id, a->q->name,
		a->q->type, &w) &&
	    !w.truncated)
		take(a, &w, arena);
	else
		finish(a, DNS_SERVFAIL);
}

/* --- the loop ---------------------------------------------------------------------------- */

static void
on_event(struct asking *a, struct arena *arena, int64_t now_ms)
{
	switch (a->stage) {
	case STAGE_UDP: read_udp(a, arena, now_ms); break;
	case STAGE_CONNECT: send_tcp(a); break;
	case STAGE_TCP: read_tcp(a, arena); break;
	case STAGE_DONE: break;
	}
}

static void
on_timeout(struct asking *a, int64_t now_ms)
{
	if (a->stage == STAGE_UDP)
		start_udp(a, now_ms);
	else
		finish(a, DNS_TIMEOUT);
}

/* Waits for the next thing to happen; false when nothing is left to wait for. */
static bool
turn(
    struct asking *askings, size_t n, struct arena *arena, int64_t deadline_ms)
{
	struct pollfd fds[BATCH];
	int64_t now_ms = clock_mono_ms(&clock_system), next = deadline_ms;
	size_t waiting = 0;

	for (size_t i = 0; i < n; i++) {
		struct asking *a = &askings[i];

		if (a->stage != STAGE_DONE && now_ms >= deadline_ms)
			finish(a, DNS_TIMEOUT);
		if (a->stage != STAGE_DONE && now_ms >= a->until_ms)
			on_timeout(a, now_ms);
		fds[i] = (struct pollfd){.fd = a->fd,
		    .events = a->stage == STAGE_CONNECT ? POLLOUT : POLLIN};
		if (a->stage == STAGE_DONE)
			continue;
		waiting++;
		if (a->until_ms < next)
			next = a->until_ms;
	}
	if (waiting == 0)
		return false;
	if (poll(fds, (nfds_t)n, (int)(next - now_ms)) < 0)
		return errno == EINTR;
	now_ms = clock_mono_ms(&clock_system);
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd >= 0 && fds[i].revents)
			on_event(&askings[i], arena, now_ms);
	return true;
}

static void
ask_batch(struct authority_question *q, size_t n, struct arena *arena,
    int64_t deadline_ms)
{
	struct asking askings[BATCH];
	int64_t now_ms = clock_mono_ms(&clock_system);

	for (size_t i = 0; i < n; i++) {
		askings[i] = (struct asking){.q = &q[i], .fd = -1};
		askings[i].in = malloc(2 + WIRE_MESSAGE_MAX);
		q[i].no_route = q[i].authoritative = q[i].cname = false;
		q[i].nrr = 0;
		if (askings[i].in)
			start_udp(&askings[i], now_ms);
		else
			finish(&askings[i], DNS_SERVFAIL);
	}
	while (turn(askings, n, arena, deadline_ms))
		;
	for (size_t i = 0; i < n; i++) {
		if (askings[i].stage != STAGE_DONE)
			finish(&askings[i], DNS_TIMEOUT);
		free(askings[i].in);
	}
}

static void
direct_ask(struct authority *a, struct authority_question *q, size_t n,
    struct arena *arena, int64_t deadline_ms)
{
	(void)a;
	for (size_t i = 0; i < n; i += BATCH)
		ask_batch(
		    q + i, n - i < BATCH ? n - i : BATCH, arena, deadline_ms);
}

static void
direct_free(struct authority *a)
{
	free(a);
}

struct authority *
direct_new(struct err *err)
{
	struct authority *a = calloc(1, sizeof(*a));

	if (!a) {
		(void)err_no_mem(err);
		return NULL;
	}
	a->ask = direct_ask;
	a->free = direct_free;
	return a;
}

void
authority_free(struct authority *a)
{
	if (a)
		a->free(a);
}
