/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread behind the control socket. See server.h. */
#include "control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/peer.h"
#include "control/request.h"
#include "mail/limits.h"

#define BEAT_MS 1000
#define REFUSED_MS 100 /* between two tries to accept, without descriptors */
#define END_MS 500

enum stage {
	STAGE_READ,   /* its request is not whole */
	STAGE_RELOAD, /* waits for a reload */
	STAGE_DRAIN,  /* waits for the end */
	STAGE_WRITE,
};

struct client {
	int fd;
	enum stage stage;
	enum peer_right right;
	int64_t deadline_ms;
	uint64_t which; /* reload */
	char in[LIMIT_CONTROL_REQUEST + 1];
	size_t nin;
	struct buf out;
	size_t sent;
};

struct control_server {
	struct control_hooks hooks;
	gid_t group;
	int fd;
	int wake[2]; /* a pipe */
	pthread_t thread;
	atomic_bool stop;
	int64_t accept_ms; /* not before */
	struct client clients[LIMIT_CONTROL_CLIENTS];
	size_t n;
};

/* --- a client -------------------------------------------------------------- */

static void
client_end(struct client *c)
{
	(void)close(c->fd);
	c->fd = -1;
	buf_free(&c->out);
}

static int64_t
patience(void)
{
	return clock_mono_ms(&clock_system) + LIMIT_CONTROL_MS;
}

static void
begin_reply(struct client *c, enum control_outcome outcome)
{
	c->stage = STAGE_WRITE;
	c->deadline_ms = patience();
	reply_begin(&c->out, outcome);
}

static void
reply(struct client *c, enum control_outcome outcome, const struct buf *lines)
{
	begin_reply(c, outcome);
	if (lines)
		buf_add(&c->out, buf_slice(lines));
	reply_end(&c->out);
}

static void
carry_out(struct control_server *s, struct client *c, enum control_verb verb)
{
	const struct control_hooks *h = &s->hooks;

	if (verb != CONTROL_STATUS && c->right != PEER_ALL) {
		reply(c, CONTROL_DENIED, NULL);
		return;
	}
	switch (verb) {
	case CONTROL_STATUS:
		begin_reply(c, CONTROL_OK);
		h->status(h->arg, &c->out);
		reply_end(&c->out);
		break;
	case CONTROL_RELOAD:
		c->which = h->reload(h->arg);
		c->stage = STAGE_RELOAD;
		break;
	case CONTROL_DRAIN:
		h->drain(h->arg);
		c->stage = STAGE_DRAIN;
		break;
	}
}

/* False: the client is done with. */
static bool
client_read(struct control_server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->in + c->nin, sizeof(c->in) - c->nin, 0);
	enum control_verb verb;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->nin += (size_t)n;
	switch (request_parse(slice_of(c->in, c->nin), &verb)) {
	case REQUEST_PARTIAL: break;
	case REQUEST_WHOLE: carry_out(s, c, verb); break;
	case REQUEST_WRONG: reply(c, CONTROL_UNKNOWN, NULL); break;
	}
	return true;
}

/* While it waits for us: gone, or talking out of turn? */
static bool
client_waits(const struct client *c)
{
	char octet;
	ssize_t n = recv(c->fd, &octet, 1, MSG_PEEK);

	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static bool
client_write(struct client *c)
{
	ssize_t n;

	if (buf_status(&c->out))
		return false;
	n = send(
	    c->fd, c->out.ptr + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->sent += (size_t)n;
	return c->sent < c->out.len;
}

/* Is what it waits for done? */
static void
client_look(struct control_server *s, struct client *c)
{
	const struct control_hooks *h = &s->hooks;
	struct buf lines = BUF_INIT(LIMIT_CONTROL_REPLY - 100);
	bool ok, done = false;

	if (c->stage == STAGE_RELOAD)
		done = h->reloaded(h->arg, c->which, &ok, &lines);
	else if (c->stage == STAGE_DRAIN)
		done = h->drained(h->arg, &ok, &lines);
	if (done)
		reply(c, ok ? CONTROL_OK : CONTROL_FAILED, &lines);
	buf_free(&lines);
}

/* --- all of them ----------------------------------------------------------- */

static void
remove_client(struct control_server *s, size_t i)
{
	client_end(&s->clients[i]);
	/* The others stay in the order in which they came. */
	memmove(&s->clients[i], &s->clients[i + 1],
	    (s->n - i - 1) * sizeof(s->clients[0]));
	s->n--;
}

/* Room for one who comes: he who came first and has not asked yet goes. */
static bool
make_room(struct control_server *s)
{
	for (size_t i = 0; s->n == LIMIT_CONTROL_CLIENTS && i < s->n; i++)
		if (s->clients[i].stage == STAGE_READ)
			remove_client(s, i);
	return s->n < LIMIT_CONTROL_CLIENTS;
}

/* Said at once or not at all. */
static void
turn_away(int fd)
{
	struct buf b = BUF_INIT(100);

	reply_begin(&b, CONTROL_BUSY);
	reply_end(&b);
	(void)!send(fd, buf_str(&b), b.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)close(fd);
	buf_free(&b);
}

static void
accept_client(struct control_server *s)
{
	int fd = accept(s->fd, NULL, NULL);
	struct client *c;

	if (fd < 0) {
		/* Without descriptors the socket stays readable. */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			s->accept_ms =
			    clock_mono_ms(&clock_system) + REFUSED_MS;
		return;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!make_room(s)) {
		turn_away(fd);
		return;
	}
	c = &s->clients[s->n++];
	*c = (struct client){.fd = fd,
	    .stage = STAGE_READ,
	    .right = peer_right(fd, s->group),
	    .deadline_ms = patience(),
	    .out = BUF_INIT(LIMIT_CONTROL_REPLY)};
	if (c->right == PEER_NOTHING)
		reply(c, CONTROL_DENIED, NULL);
}

static bool
client_go_on(struct control_server *s, struct client *c, short events)
{
	bool timed = c->stage == STAGE_READ || c->stage == STAGE_WRITE;

	if (timed && clock_mono_ms(&clock_system) > c->deadline_ms)
		return false;
	switch (c->stage) {
	case STAGE_READ: return events == 0 || client_read(s, c);
	case STAGE_WRITE: return events == 0 || client_write(c);
	case STAGE_RELOAD:
	case STAGE_DRAIN: break;
	}
	if (events && !client_waits(c))
		return false;
	client_look(s, c);
	return true;
}

static short
wanted(const struct client *c)
{
	return c->stage == STAGE_WRITE ? POLLOUT : POLLIN;
}

static bool
anybody_listens(const struct control_server *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->clients[i].stage == STAGE_WRITE)
			return true;
	return false;
}

static void
round_of(struct control_server *s, int timeout_ms)
{
	struct pollfd fds[LIMIT_CONTROL_CLIENTS + 2];
	size_t n = s->n;
	char octets[64];
	bool may = clock_mono_ms(&clock_system) >= s->accept_ms;

	fds[0] = (struct pollfd){.fd = may ? s->fd : -1, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
	for (size_t i = 0; i < n; i++)
		fds[i + 2] = (struct pollfd){
		    .fd = s->clients[i].fd, .events = wanted(&s->clients[i])};
	if (poll(fds, (nfds_t)n + 2, may ? timeout_ms : REFUSED_MS) < 0)
		return;
	if (fds[1].revents)
		(void)!read(s->wake[0], octets, sizeof(octets));
	/* Backwards: who goes moves only those seen already. */
	for (size_t i = n; i > 0; i--)
		if (!client_go_on(s, &s->clients[i - 1], fds[i + 1].revents))
			remove_client(s, i - 1);
	if (fds[0].revents)
		accept_client(s);
}

static void *
control_thread(void *arg)
{
	struct control_server *s = arg;
	int64_t end_ms = INT64_MAX;

	while (clock_mono_ms(&clock_system) < end_ms) {
		if (atomic_load(&s->stop)) {
			/* One round more: what some wait for may be done. */
			if (end_ms == INT64_MAX)
				end_ms = clock_mono_ms(&clock_system) + END_MS;
			else if (!anybody_listens(s))
				break;
		}
		round_of(s, end_ms == INT64_MAX ? BEAT_MS : 20);
		(void)atomic_fetch_add(s->hooks.beats, 1);
	}
	return NULL;
}

/* --- beginning and end ------------------------------------------------------ */

static int
start(struct control_server *s, struct err *err)
{
	int e;

	if (pipe(s->wake))
		return err_errno(err, "pipe");
	for (int i = 0; i < 2; i++) {
		(void)fcntl(s->wake[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(s->wake[i], F_SETFL, O_NONBLOCK);
	}
	e = pthread_create(&s->thread, NULL, control_thread, s);
	if (e == 0)
		return 0;
	(void)close(s->wake[0]);
	(void)close(s->wake[1]);
	errno = e;
	return err_errno(err, "control thread");
}

struct control_server *
control_server_new(
    int fd, gid_t group, const struct control_hooks *hooks, struct err *err)
{
	struct control_server *s = calloc(1, sizeof(*s));

	if (!s) {
		(void)err_no_mem(err);
		(void)close(fd);
		return NULL;
	}
	s->hooks = *hooks;
	s->group = group;
	s->fd = fd;
	atomic_init(&s->stop, false);
	if (start(s, err) == 0)
		return s;
	(void)close(fd);
	free(s);
	return NULL;
}

void
control_server_wake(struct control_server *s)
{
	if (s)
		(void)!write(s->wake[1], "", 1);
}

void
control_server_free(struct control_server *s)
{
	if (!s)
		return;
	atomic_store(&s->stop, true);
	control_server_wake(s);
	(void)pthread_join(s->thread, NULL);
	while (s->n)
		remove_client(s, s->n - 1);
	(void)close(s->fd);
	(void)close(s->wake[0]);
	(void)close(s->wake[1]);
	free(s);
}
