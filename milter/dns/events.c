/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libunbound's pluggable event base; see events.h. As it expects of libevent:
 * an event with a time and a descriptor comes at whichever is first, one that
 * persists has its time anew each time it came. Signals it does not ask for.
 */
#define _DEFAULT_SOURCE /* struct timeval */
#include "dns/events.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <unbound-event.h>

#include "base/slice.h"

#define BATCH 64
#define NEVER INT64_MAX
#define WAKE UINT64_MAX /* what epoll says of the eventfd */

typedef void event_call(int fd, short bits, void *arg);

struct event {
	struct ub_event base;
	struct events *all;
	int fd;
	short bits;
	event_call *call;
	void *arg;
	uint32_t watched; /* its number at the descriptor; 0: not watched */
	int64_t every_us, due_us;
	size_t place; /* in the heap, from 1; 0: it has no time */
};

struct watched {
	struct event *event; /* or NULL */
	uint32_t number;     /* so that a late word is of nobody else */
};

struct events {
	struct ub_event_base base;
	struct ub_event_base_vmt base_calls;
	struct ub_event_vmt event_calls;
	int epoll, wake;
	struct watched *watched; /* by descriptor */
	size_t nwatched, watching;
	uint32_t number;
	struct event **heap; /* by due_us, the first at 1 */
	size_t nheap, room;
	int64_t wake_us; /* when the thread that waits looks again */
	struct epoll_event batch[BATCH];
	int nbatch;
};

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- times: a binary heap ------------------------------------------------------- */

static void
heap_put(struct events *all, size_t place, struct event *ev)
{
	all->heap[place] = ev;
	ev->place = place;
}

/* Finds the place of an event that may come earlier or later than where. */
static void
heap_sift(struct events *all, size_t where, struct event *ev)
{
	while (where > 1 && all->heap[where / 2]->due_us > ev->due_us) {
		heap_put(all, where, all->heap[where / 2]);
		where /= 2;
	}
	for (;;) {
		size_t child = 2 * where;

		if (child + 1 <= all->nheap &&
		    all->heap[child + 1]->due_us < all->heap[child]->due_us)
			child++;
		if (child > all->nheap ||
		    all->heap[child]->due_us >= ev->due_us)
			break;
		heap_put(all, where, all->heap[child]);
		where = child;
	}
	heap_put(all, where, ev);
}

static void
time_drop(struct event *ev)
{
	struct events *all = ev->all;
	size_t where = ev->place;
	struct event *last;

	if (!where)
		return;
	ev->place = 0;
	last = all->heap[all->nheap--];
	if (last != ev)
		heap_sift(all, where, last);
}

static int
time_set(struct event *ev, int64_t after_us)
{
	struct events *all = ev->all;

	time_drop(ev);
	if (all->nheap + 1 >= all->room) {
		size_t room = all->room ? 2 * all->room : 64;
		struct event **more =
		    realloc(all->heap, room * sizeof(struct event *));

		if (!more)
			return -1;
		all->heap = more;
		all->room = room;
	}
	ev->due_us = now_us() + after_us;
	heap_sift(all, ++all->nheap, ev);
	return 0;
}

/* --- descriptors -------------------------------------------------------------------- */

static void
watch_end(struct event *ev)
{
	struct events *all = ev->all;

	if (!ev->watched)
		return;
	ev->watched = 0;
	all->watched[ev->fd].event = NULL;
	all->watching--;
	(void)epoll_ctl(all->epoll, EPOLL_CTL_DEL, ev->fd, NULL);
}

static int
watch_room(struct events *all, size_t fd)
{
	size_t n = all->nwatched ? all->nwatched : 64;
	struct watched *more;

	if (fd < all->nwatched)
		return 0;
	while (n <= fd)
		n *= 2;
	more = realloc(all->watched, n * sizeof(*more));
	if (!more)
		return -1;
	for (size_t i = all->nwatched; i < n; i++)
		more[i] = (struct watched){NULL, 0};
	all->watched = more;
	all->nwatched = n;
	return 0;
}

static int
watch_begin(struct event *ev)
{
	struct events *all = ev->all;
	struct epoll_event e = {0};

	if (ev->fd < 0 || !(ev->bits & (UB_EV_READ | UB_EV_WRITE)))
		return 0;
	if (watch_room(all, (size_t)ev->fd) || all->watched[ev->fd].event)
		return -1;
	if (++all->number == 0)
		all->number = 1;
	e.events = (ev->bits & UB_EV_READ ? (uint32_t)EPOLLIN : 0) |
	    (ev->bits & UB_EV_WRITE ? (uint32_t)EPOLLOUT : 0);
	e.data.u64 = (uint64_t)all->number << 32 | (uint32_t)ev->fd;
	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, ev->fd, &e))
		return -1;
	ev->watched = all->number;
	all->watched[ev->fd] = (struct watched){ev, all->number};
	all->watching++;
	return 0;
}

/* --- what libunbound calls ------------------------------------------------------------ */

static int
event_del(struct ub_event *ub_event)
{
	struct event *ev = (struct event *)ub_event;

	watch_end(ev);
	time_drop(ev);
	ev->every_us = 0;
	return 0;
}

static int
event_add(struct ub_event *ub_event, struct timeval *after)
{
	struct event *ev = (struct event *)ub_event;

	if (!ev->watched && watch_begin(ev))
		return -1;
	if (!after)
		return 0;
	ev->every_us = (int64_t)after->tv_sec * 1000000 + after->tv_usec;
	return time_set(ev, ev->every_us);
}

static int
event_add_timer(struct ub_event *ub_event, struct ub_event_base *base,
    event_call *call, void *arg, struct timeval *after)
{
	struct event *ev = (struct event *)ub_event;

	(void)base;
	ev->call = call;
	ev->arg = arg;
	return event_add(ub_event, after);
}

static void
event_add_bits(struct ub_event *ub_event, short bits)
{
	struct event *ev = (struct event *)ub_event;

	ev->bits = (short)(ev->bits | bits);
}

static void
event_del_bits(struct ub_event *ub_event, short bits)
{
	struct event *ev = (struct event *)ub_event;

	ev->bits = (short)(ev->bits & ~bits);
}

static void
event_set_fd(struct ub_event *ub_event, int fd)
{
	struct event *ev = (struct event *)ub_event;

	watch_end(ev);
	ev->fd = fd;
}

static void
event_free(struct ub_event *ub_event)
{
	(void)event_del(ub_event);
	free(ub_event);
}

static struct ub_event *
event_new(struct ub_event_base *base, int fd, short bits, event_call *call,
    void *arg)
{
	struct event *ev = calloc(1, sizeof(*ev));

	if (!ev)
		return NULL;
	ev->all = (struct events *)base;
	ev->base.magic = UB_EVENT_MAGIC;
	ev->base.vmt = &ev->all->event_calls;
	ev->fd = fd;
	ev->bits = bits;
	ev->call = call;
	ev->arg = arg;
	return &ev->base;
}

/* Signals, Windows: declined. */
static struct ub_event *
no_signal_event(
    struct ub_event_base *base, int fd, event_call *call, void *arg)
{
	(void)base, (void)fd, (void)call, (void)arg;
	return NULL;
}

static struct ub_event *
no_windows_event(
    struct ub_event_base *base, void *what, event_call *call, void *arg)
{
	(void)base, (void)what, (void)call, (void)arg;
	return NULL;
}

static int
no_signal(struct ub_event *ev, struct timeval *after)
{
	(void)ev, (void)after;
	return -1;
}

static void
no_windows(struct ub_event *ev, int bits)
{
	(void)ev, (void)bits;
}

/* The loop is ours: it is neither run nor ended by libunbound. */
static void
no_free(struct ub_event_base *base)
{
	(void)base;
}

static int
no_dispatch(struct ub_event_base *base)
{
	(void)base;
	return -1;
}

static int
no_exit(struct ub_event_base *base, struct timeval *after)
{
	(void)base, (void)after;
	return 0;
}

/* --- the loop ---------------------------------------------------------------------------- */

static void
fire(struct event *ev, short bits)
{
	if (!(ev->bits & UB_EV_PERSIST))
		(void)event_del(&ev->base);
	else if (ev->every_us)
		(void)time_set(ev, ev->every_us);
	ev->call(ev->fd, bits, ev->arg);
}

/* No callback is done to an event that has ended since epoll spoke of it. */
static void
fire_descriptor(struct events *all, const struct epoll_event *e)
{
	size_t fd = (uint32_t)e->data.u64;
	struct event *ev = fd < all->nwatched ? all->watched[fd].event : NULL;
	bool broken = e->events & (EPOLLERR | EPOLLHUP);
	int bits = 0;

	if (!ev || all->watched[fd].number != e->data.u64 >> 32)
		return;
	/* What is wrong is found out by reading or writing. */
	if (e->events & EPOLLIN || broken)
		bits |= ev->bits & UB_EV_READ;
	if (e->events & EPOLLOUT || broken)
		bits |= ev->bits & UB_EV_WRITE;
	fire(ev, (short)bits);
}

void
events_run(struct events *all)
{
	int64_t now = now_us();
	uint64_t woken;

	for (int i = 0; i < all->nbatch; i++) {
		if (all->batch[i].data.u64 != WAKE)
			fire_descriptor(all, &all->batch[i]);
		else if (read(all->wake, &woken, sizeof(woken)) < 0)
			continue;
	}
	all->nbatch = 0;
	/* One that sets itself again for now is for the next turn. */
	for (size_t n = all->nheap;
	     n > 0 && all->nheap > 0 && all->heap[1]->due_us <= now; n--) {
		struct event *ev = all->heap[1];

		time_drop(ev);
		fire(ev, UB_EV_TIMEOUT);
	}
}

bool
events_busy(const struct events *all)
{
	return all->watching > 0 || all->nheap > 0;
}

int
events_plan(struct events *all)
{
	int64_t now = now_us(), first = NEVER, ms;

	if (all->nheap)
		first = all->heap[1]->due_us;
	/*
	 * Most times are given up long before they come, and the next is as
	 * far away as the last was: who looks at the old one needs not be
	 * woken for the new.
	 */
	if (all->wake_us <= now || first < all->wake_us)
		all->wake_us = first;
	if (all->wake_us == NEVER)
		return -1;
	ms = (all->wake_us - now + 999) / 1000;
	return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

void
events_wait(struct events *all, int timeout_ms)
{
	all->nbatch = epoll_wait(all->epoll, all->batch, BATCH, timeout_ms);
}

void
events_settle(struct events *all)
{
	if (all->nheap && all->heap[1]->due_us < all->wake_us) {
		all->wake_us = all->heap[1]->due_us;
		events_wake(all);
	}
}

void
events_wake(struct events *all)
{
	uint64_t one = 1;

	/* It can only fail where it has been woken already. */
	if (write(all->wake, &one, sizeof(one)) < 0)
		return;
}

struct ub_event_base *
events_base(struct events *all)
{
	return &all->base;
}

static void
set_calls(struct events *all)
{
	all->base_calls = (struct ub_event_base_vmt){.free = no_free,
	    .dispatch = no_dispatch,
	    .loopexit = no_exit,
	    .new_event = event_new,
	    .new_signal = no_signal_event,
	    .winsock_register_wsaevent = no_windows_event};
	all->event_calls = (struct ub_event_vmt){.add_bits = event_add_bits,
	    .del_bits = event_del_bits,
	    .set_fd = event_set_fd,
	    .free = event_free,
	    .add = event_add,
	    .del = event_del,
	    .add_timer = event_add_timer,
	    .del_timer = event_del,
	    .add_signal = no_signal,
	    .del_signal = event_del,
	    .winsock_unregister_wsaevent = event_free,
	    .winsock_tcp_wouldblock = no_windows};
	all->base.magic = UB_EVENT_MAGIC;
	all->base.vmt = &all->base_calls;
}

struct events *
events_new(struct err *err)
{
	struct events *all = calloc(1, sizeof(*all));
	struct epoll_event e = {.events = EPOLLIN, .data = {.u64 = WAKE}};

	if (!all) {
		(void)err_no_mem(err);
		return NULL;
	}
	set_calls(all);
	all->wake_us = NEVER;
	all->epoll = epoll_create1(EPOLL_CLOEXEC);
	all->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (all->epoll >= 0 && all->wake >= 0 &&
	    epoll_ctl(all->epoll, EPOLL_CTL_ADD, all->wake, &e) == 0)
		return all;
	(void)err_errno(err, "epoll");
	events_free(all);
	return NULL;
}

void
events_free(struct events *all)
{
	if (!all)
		return;
	if (all->epoll >= 0)
		(void)close(all->epoll);
	if (all->wake >= 0)
		(void)close(all->wake);
	free(all->watched);
	free(all->heap);
	free(all);
}
