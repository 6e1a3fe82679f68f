/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each descriptor is armed for one event; what is told is armed again when it
 * is asked about again. So a connection that a thread works at tells nothing,
 * and a closed one is gone by itself.
 */
#include "daemon/pool.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 64
#define TO_READ (POLLIN | POLLPRI)

struct known {
	atomic_bool armed;
	uint32_t at; /* in the array of this call */
};

struct pool {
	int epoll, first;
	int other; /* descriptor outside of the range; -1: none yet */
	uint32_t other_at;
	size_t n;
	struct known known[];
};

struct pool *
pool_new(int first, size_t n)
{
	struct pool *p = calloc(1, sizeof(*p) + n * sizeof(p->known[0]));

	if (!p)
		return NULL;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->first = first;
	p->other = -1;
	p->n = n;
	if (p->epoll >= 0)
		return p;
	free(p);
	return NULL;
}

void
pool_free(struct pool *p)
{
	(void)close(p->epoll);
	free(p);
}

static struct known *
known_of(struct pool *p, int fd)
{
	return fd >= p->first && (size_t)(fd - p->first) < p->n
	    ? &p->known[fd - p->first]
	    : NULL;
}

void
pool_forget(struct pool *p, int fd)
{
	struct known *k = known_of(p, fd);

	if (k)
		atomic_store(&k->armed, false);
}

/* 0, or -1: the system does not take it. */
static int
arm(struct pool *p, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data = {.fd = fd}};

	if (epoll_ctl(p->epoll, EPOLL_CTL_MOD, fd, &e) == 0)
		return 0;
	return errno == ENOENT ? epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &e)
			       : -1;
}

/* A descriptor that stays. */
static bool
expect_other(struct pool *p, int fd, uint32_t at)
{
	p->other_at = at;
	if (p->other == fd)
		return true;
	if (p->other >= 0 || arm(p, fd, EPOLLIN | EPOLLPRI))
		return false;
	p->other = fd;
	return true;
}

static bool
expect(struct pool *p, const struct pollfd *f, uint32_t at)
{
	struct known *k = known_of(p, f->fd);

	if (!f->events || f->events & ~TO_READ)
		return false;
	if (!k)
		return expect_other(p, f->fd, at);
	k->at = at;
	if (atomic_load(&k->armed))
		return true;
	if (arm(p, f->fd, EPOLLIN | EPOLLPRI | EPOLLONESHOT))
		return false;
	atomic_store(&k->armed, true);
	return true;
}

/* Of another call's array, or none: whoever asks again is told again. */
static int
tell(struct pool *p, const struct epoll_event *e, struct pollfd *fds, nfds_t n)
{
	struct known *k = known_of(p, e->data.fd);
	uint32_t at = k ? k->at : p->other_at;

	if (k)
		atomic_store(&k->armed, false);
	if (at >= n || fds[at].fd != e->data.fd || fds[at].revents)
		return 0;
	fds[at].revents = (short)(e->events &
	    (uint32_t)(fds[at].events | POLLERR | POLLHUP));
	return fds[at].revents != 0;
}

bool
pool_poll(
    struct pool *p, struct pollfd *fds, nfds_t n, int timeout_ms, int *found)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int told;

	if (n < 2 || !known_of(p, fds[n - 1].fd))
		return false;
	for (nfds_t i = 0; i < n; i++) {
		fds[i].revents = 0;
		if (!expect(p, &fds[i], (uint32_t)i))
			return false;
	}
	told = epoll_wait(p->epoll, events, EVENTS_AT_ONCE, timeout_ms);
	*found = told < 0 ? -1 : 0;
	for (int i = 0; i < told; i++)
		*found += tell(p, &events[i], fds, n);
	return true;
}

int
pool_fd(struct pollfd *fds, nfds_t at)
{
	return fds[at].fd;
}
