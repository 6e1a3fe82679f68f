/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands still has a name; a milter that does not answer is one, too. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/pulse.h"

#include "unit.h"

#define PERIOD_MS 12

enum manner {
	ANSWERS,
	SILENT,
	TALKS_NONSENSE,
	NOBODY,
	FULL,
};

struct milter {
	int fd;
	enum manner manner;
	atomic_bool stop;
	pthread_t thread;
};

static void *
milter_thread(void *arg)
{
	struct milter *m = arg;
	char octets[100];

	while (!atomic_load(&m->stop)) {
		struct pollfd p = {.fd = m->fd, .events = POLLIN};
		int fd = poll(&p, 1, 1) == 1 ? accept(m->fd, NULL, NULL) : -1;

		if (fd >= 0 && m->manner == FULL)
			(void)close(fd);
		if (fd < 0 || m->manner == FULL)
			continue;
		if (m->manner != SILENT &&
		    recv(fd, octets, sizeof(octets), 0) == 17)
			(void)!send(fd,
			    m->manner == ANSWERS ? "\0\0\0\x0dO" : "220 h", 5,
			    MSG_NOSIGNAL);
		(void)recv(fd, octets, 1, 0); /* until it goes */
		(void)close(fd);
	}
	return NULL;
}

struct count {
	atomic_uint n;
	bool moves, idle;
};

static uint64_t
progress(void *arg, bool *idle)
{
	struct count *c = arg;

	*idle = c->idle;
	return c->moves ? atomic_fetch_add(&c->n, 1) : 7;
}

struct row {
	const char *name;
	bool moves, idle;
	int64_t allowed_ms;
	enum manner manner;
	const char *want;
};

static const struct row rows[] = {
    {"all goes on", true, false, 0, ANSWERS, NULL},
    {"one stands still", false, false, 0, ANSWERS, "part"},
    {"it has nothing to do", false, true, 0, ANSWERS, NULL},
    {"it may", false, false, 10000, ANSWERS, NULL},
    {"the milter takes connections and is silent", true, false, 0, SILENT,
	"milter"},
    {"what answers is no milter", true, false, 0, TALKS_NONSENSE, "milter"},
    {"it is full, and hangs up", true, false, 0, FULL, NULL},
    {"nobody is there", true, false, 0, NOBODY, "milter"},
};

static const char *
watch(const struct row *r, struct pulse_options *o)
{
	struct pulse *p = pulse_new(o, NULL);
	int64_t end_ms = clock_mono_ms(&clock_system) + (r->want ? 2000 : 40);
	const char *hung = NULL;

	assert_non_null(p);
	while (!hung && clock_mono_ms(&clock_system) < end_ms) {
		(void)poll(NULL, 0, 1);
		/* Its own lateness, on a busy machine, is not the question. */
		hung = pulse_hung(p, 0);
	}
	assert_string_equal(
	    pulse_hung(p, clock_mono_ms(&clock_system) + 3600000), "pulse");
	pulse_free(p);
	return hung;
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct count c = {.moves = r->moves, .idle = r->idle};
	const struct pulse_watch w = {"part", progress, &c, r->allowed_ms};
	struct pulse_options o = {.watches = &w,
	    .n = 1,
	    .period_ms = r->want ? PERIOD_MS : 400 * PERIOD_MS};
	struct milter m = {.manner = r->manner};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const char *hung;

	atomic_init(&m.stop, false);
	m.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	o.salen = sizeof(o.milter);
	assert_int_equal(
	    bind(m.fd, (const struct sockaddr *)&at, sizeof(sa_family_t)), 0);
	assert_int_equal(
	    getsockname(m.fd, (struct sockaddr *)&o.milter, &o.salen), 0);
	if (r->manner != NOBODY)
		assert_int_equal(listen(m.fd, 5), 0);
	assert_int_equal(
	    pthread_create(&m.thread, NULL, milter_thread, &m), 0);
	hung = watch(r, &o);
	atomic_store(&m.stop, true);
	(void)pthread_join(m.thread, NULL);
	(void)close(m.fd);
	if (r->want)
		assert_string_equal(hung ? hung : "nothing", r->want);
	else
		assert_null(hung);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
