/* SPDX-License-Identifier: BSD-2-Clause */
/* A socket of our own takes systemd's place. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/notify.h"

#include "unit.h"

/* Listens at name ("@..." is abstract); returns the descriptor. */
static int
hear_at(const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(at.sun_path, name, strlen(name));
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(name))),
	    0);
	return fd;
}

struct row {
	const char *name;
	bool abstract;
	const char *usec, *pid; /* "own": ours */
	int64_t want_watchdog_ms;
};

static const struct row rows[] = {
    {"a path", false, NULL, NULL, 0},
    {"an abstract name", true, NULL, NULL, 0},
    {"a watchdog", true, "30000000", NULL, 30000},
    {"ours", true, "30000000", "own", 30000},
    {"somebody else's", true, "30000000", "1", 0},
    {"that is no number", true, "soon", NULL, 0},
    {"negative", true, "-5", NULL, 0},
    {"too large", true, "99999999999999999999999", NULL, 0},
    {"a process that is no number", true, "30000000", "x", 0},
};

static void
check(void **state)
{
	const struct row *r = *state;
	char name[60], own[20], got[200] = "";
	struct notify n;
	int fd;

	(void)snprintf(name, sizeof(name), "%s/notify-%ld",
	    r->abstract ? "@assay" : "/tmp", (long)getpid());
	(void)snprintf(own, sizeof(own), "%ld", (long)getpid());
	fd = hear_at(name);
	(void)setenv("NOTIFY_SOCKET", name, 1);
	if (r->usec)
		(void)setenv("WATCHDOG_USEC", r->usec, 1);
	if (r->pid)
		(void)setenv(
		    "WATCHDOG_PID", strcmp(r->pid, "own") ? r->pid : own, 1);
	notify_open(&n);
	assert_int_equal(n.watchdog_ms, r->want_watchdog_ms);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	notify_send(&n, "READY=1\n");
	assert_int_equal(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT), 8);
	assert_string_equal(got, "READY=1\n");
	notify_reloading(&n);
	assert_true(recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT) > 0);
	assert_memory_equal(got, "RELOADING=1\nMONOTONIC_USEC=", 27);
	(void)close(fd);
	/* Nobody there any more: no matter. */
	notify_send(&n, "READY=1\n");
	(void)close(n.fd);
	if (!r->abstract)
		(void)unlink(name);
}

static const struct row nowhere[] = {
    {"", false, NULL, NULL, 0},
    {"relative", false, NULL, NULL, 0},
    {"/", false, NULL, NULL, 0},
    {"@", false, NULL, NULL, 0},
};

static void
check_nowhere(void **state)
{
	const struct row *r = *state;
	struct notify n;

	(void)setenv("NOTIFY_SOCKET", r->name, 1);
	(void)setenv("WATCHDOG_USEC", "1000000", 1);
	notify_open(&n);
	assert_int_equal(n.fd, -1);
	assert_int_equal(n.watchdog_ms, 0);
	notify_send(&n, "READY=1\n");
}

static void
too_long(void **state)
{
	char name[200];
	struct notify n;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	(void)setenv("NOTIFY_SOCKET", name, 1);
	notify_open(&n);
	assert_int_equal(n.fd, -1);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(nowhere, check_nowhere);
	UNIT_TEST(too_long);
	return unit_end();
}
