/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket, with hooks that only count. */
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/client.h"
#include "control/server.h"
#include "mail/limits.h"

#include "scratch.h"
#include "unit.h"

#define PATIENCE_MS 10000

struct scene {
	char dir[40], path[80];
	struct control_server *server;
	atomic_uint reloads, done, drains;
	atomic_bool ok;
	atomic_uint_fast64_t beats;
	size_t octets; /* of a status */
};

static void
tell(void *arg, struct buf *out)
{
	const struct scene *s = arg;

	buf_addz(out, "process\tstate\tserving\n");
	for (size_t i = 0; i < s->octets; i += 10)
		buf_addz(out, "x\ty\tzzzzz\n");
}

static uint64_t
reload(void *arg)
{
	struct scene *s = arg;

	return atomic_fetch_add(&s->reloads, 1) + 1;
}

static bool
reloaded(void *arg, uint64_t which, bool *ok, struct buf *out)
{
	struct scene *s = arg;

	*ok = atomic_load(&s->ok);
	if (!*ok)
		buf_addz(out, "why\ttext\tline 3\n");
	return atomic_load(&s->done) >= which;
}

static void
drain(void *arg)
{
	struct scene *s = arg;

	(void)atomic_fetch_add(&s->drains, 1);
}

static bool
drained(void *arg, bool *ok, struct buf *out)
{
	*ok = true;
	buf_addz(out, "drained\tmessages_cut\t0\n");
	return atomic_load(&((struct scene *)arg)->drains) > 0;
}

static void
open_scene(struct scene *s)
{
	struct control_hooks hooks = {.arg = s,
	    .status = tell,
	    .reload = reload,
	    .reloaded = reloaded,
	    .drain = drain,
	    .drained = drained,
	    .beats = &s->beats};
	int fd;

	*s = (struct scene){.dir = "/tmp/assay-control-XXXXXX"};
	atomic_init(&s->ok, true);
	assert_non_null(mkdtemp(s->dir));
	/* In a directory that it has to make. */
	(void)snprintf(s->path, sizeof(s->path), "%s/run/sock", s->dir);
	fd = control_bind(s->path, (uid_t)-1, (gid_t)-1, NULL);
	assert_true(fd >= 0);
	s->server = control_server_new(fd, (gid_t)-1, &hooks, NULL);
	assert_non_null(s->server);
}

static void
close_scene(struct scene *s)
{
	control_server_free(s->server);
	scratch_remove(s->dir);
}

static int
reach(const struct scene *s)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(to.sun_path, s->path, strlen(s->path) + 1);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* All that comes until the other side closes, or for ms. */
static void
hear(int fd, int ms, char out[2000])
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t n = 0;
	ssize_t got;

	while (n < 1999 && poll(&p, 1, ms) == 1 &&
	    (got = recv(fd, out + n, 1999 - n, 0)) > 0)
		n += (size_t)got;
	out[n] = '\0';
}

struct row {
	const char *name, *say, *want;
};

static const struct row rows[] = {
    {"status", "assay/1 status\n", "assay/1 ok\nprocess\tstate\tserving\n.\n"},
    {"drain", "assay/1 drain\n", "assay/1 ok\ndrained\tmessages_cut\t0\n.\n"},
    {"nonsense", "hello\n", "assay/1 unknown\n.\n"},
    {"too much",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"assay/1 unknown\n.\n"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene s;
	char got[2000];
	int fd;

	open_scene(&s);
	fd = reach(&s);
	assert_int_equal(
	    send(fd, r->say, strlen(r->say), 0), (ssize_t)strlen(r->say));
	hear(fd, PATIENCE_MS, got);
	assert_string_equal(got, r->want);
	(void)close(fd);
	close_scene(&s);
}

static void
octet_by_octet(void **state)
{
	static const char say[] = "assay/1 status\r\n";
	struct scene s;
	char got[2000];
	int fd;

	(void)state;
	open_scene(&s);
	fd = reach(&s);
	for (size_t i = 0; i < sizeof(say) - 1; i++)
		assert_int_equal(send(fd, say + i, 1, MSG_NOSIGNAL), 1);
	hear(fd, PATIENCE_MS, got);
	assert_string_equal(got, rows[0].want);
	(void)close(fd);
	close_scene(&s);
}

struct asker {
	pthread_t thread;
	const struct scene *scene;
	enum control_outcome outcome;
	bool told;
	int rc;
};

static void *
ask_reload(void *arg)
{
	struct asker *a = arg;
	struct buf reply = BUF_INIT(10000);
	struct slice body;

	a->rc = control_ask(a->scene->path, CONTROL_RELOAD, PATIENCE_MS,
	    &reply, &a->outcome, &body, NULL);
	a->told = a->rc == 0 && slice_eqz(body, "why\ttext\tline 3\n");
	buf_free(&reply);
	return NULL;
}

/* Two ask; the answer comes when the reload is done, and tells what it was. */
static void
reload_waits(void **state)
{
	struct asker askers[2];
	struct scene s;

	(void)state;
	open_scene(&s);
	atomic_store(&s.ok, false);
	for (size_t i = 0; i < 2; i++) {
		askers[i] = (struct asker){.scene = &s, .outcome = CONTROL_OK};
		assert_int_equal(pthread_create(&askers[i].thread, NULL,
				     ask_reload, &askers[i]),
		    0);
	}
	while (atomic_load(&s.reloads) < 2)
		(void)poll(NULL, 0, 1);
	atomic_store(&s.done, 2);
	control_server_wake(s.server);
	for (size_t i = 0; i < 2; i++) {
		(void)pthread_join(askers[i].thread, NULL);
		assert_int_equal(askers[i].rc, 0);
		assert_int_equal(askers[i].outcome, CONTROL_FAILED);
		assert_true(askers[i].told);
	}
	close_scene(&s);
}

/* Those who say nothing give way to one who asks. */
static void
silent_crowd(void **state)
{
	int fds[3 * LIMIT_CONTROL_CLIENTS];
	struct buf reply = BUF_INIT(10000);
	enum control_outcome outcome;
	struct slice body;
	struct scene s;

	(void)state;
	open_scene(&s);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = reach(&s);
		if (i % 2)
			assert_int_equal(
			    send(fds[i], "assay", 5, MSG_NOSIGNAL), 5);
	}
	assert_int_equal(control_ask(s.path, CONTROL_STATUS, PATIENCE_MS,
			     &reply, &outcome, &body, NULL),
	    0);
	assert_int_equal(outcome, CONTROL_OK);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
	buf_free(&reply);
	close_scene(&s);
}

/* As many as wait for something cannot be sent away: who comes is. */
static void
busy(void **state)
{
	int fds[LIMIT_CONTROL_CLIENTS];
	char got[2000];
	struct scene s;
	int fd;

	(void)state;
	open_scene(&s);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = reach(&s);
		assert_int_equal(
		    send(fds[i], "assay/1 reload\n", 15, MSG_NOSIGNAL), 15);
	}
	while (atomic_load(&s.reloads) < ARRAY_LEN(fds))
		(void)poll(NULL, 0, 1);
	fd = reach(&s);
	hear(fd, PATIENCE_MS, got);
	assert_string_equal(got, "assay/1 busy\n.\n");
	(void)close(fd);
	/* One of them goes, another gets in. */
	(void)close(fds[0]);
	(void)poll(NULL, 0, 5);
	fd = reach(&s);
	assert_int_equal(send(fd, rows[0].say, 15, MSG_NOSIGNAL), 15);
	hear(fd, PATIENCE_MS, got);
	assert_string_equal(got, rows[0].want);
	(void)close(fd);
	for (size_t i = 1; i < ARRAY_LEN(fds); i++)
		(void)close(fds[i]);
	close_scene(&s);
}

/* A long reply, to one who goes away in the middle and one who stays. */
static void
long_reply(void **state)
{
	struct buf reply = BUF_INIT(LIMIT_CONTROL_REPLY);
	enum control_outcome outcome;
	struct slice body;
	struct scene s;
	int fd;

	(void)state;
	open_scene(&s);
	s.octets = 2000000;
	fd = reach(&s);
	assert_int_equal(send(fd, rows[0].say, 15, MSG_NOSIGNAL), 15);
	(void)poll(NULL, 0, 2);
	(void)close(fd);
	assert_int_equal(control_ask(s.path, CONTROL_STATUS, PATIENCE_MS,
			     &reply, &outcome, &body, NULL),
	    0);
	assert_true(body.len > 2000000);
	buf_free(&reply);
	close_scene(&s);
}

static void
in_the_file_system(void **state)
{
	struct err err = ERR_INIT;
	struct scene s;
	struct stat st;

	(void)state;
	open_scene(&s);
	assert_int_equal(stat(s.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(control_bind(s.path, (uid_t)-1, (gid_t)-1, &err), -1);
	assert_non_null(strstr(err.text, "another process listens on it"));
	control_server_free(s.server);
	s.server = NULL;
	/* What a crash leaves is taken over; anything else is not. */
	assert_int_equal(stat(s.path, &st), 0);
	assert_true(
	    close(control_bind(s.path, (uid_t)-1, getegid(), NULL)) == 0);
	assert_int_equal(stat(s.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(control_bind(s.dir, (uid_t)-1, (gid_t)-1, NULL), -1);
	close_scene(&s);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(octet_by_octet);
	UNIT_TEST(reload_waits);
	UNIT_TEST(silent_crowd);
	UNIT_TEST(busy);
	UNIT_TEST(long_reply);
	UNIT_TEST(in_the_file_system);
	return unit_end();
}
