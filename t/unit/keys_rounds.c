/* SPDX-License-Identifier: BSD-2-Clause */
/* All domains in turn, many of them, under a clock of the test's own. */
#include "keys/rounds.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/make.h"
#include "scratch.h"
#include "unit.h"

#define HOUR 3600
#define MANY 600 /* more than one second's sweep */

static int64_t now_ms = 1000000; /* both clocks */

/* In the place of the system's (--wrap): no power is cut here. */
int __wrap_fsync(int);

int
__wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

static int64_t
test_now(const struct clock *c)
{
	(void)c;
	return 1790000000 + now_ms / 1000;
}

static int64_t
test_mono(const struct clock *c)
{
	(void)c;
	return now_ms;
}

static const struct clock test_clock = {test_now, test_mono};

struct place {
	char dir[64], keys[80];
	struct log *log;
	struct keys_options options;
	struct keys_env env;
	struct rounds *rounds;
	atomic_bool stop;
};

static void
place_open(struct place *p)
{
	struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};

	memset(p, 0, sizeof(*p));
	strcpy(p->dir, "/tmp/assay-rounds-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->keys, sizeof(p->keys), "%s/keys", p->dir);
	assert_int_equal(mkdir(p->keys, 0700), 0);
	p->log = log_new(&lo, NULL);
	p->options = (struct keys_options){.types = 1 << KEY_ED25519,
	    .lifetime_s = 8 * HOUR,
	    .wait_s = HOUR,
	    .retire_s = 2 * HOUR,
	    .remove_s = HOUR,
	    .interval_s = HOUR,
	    .ed25519_selector = "e%Y%m",
	    .target = "",
	    .publish_via = PUBLISH_PRINT};
	/* DNS is not asked: what was handed over counts. */
	p->env = (struct keys_env){
	    .options = &p->options, .log = p->log, .by = "rounds"};
	atomic_init(&p->stop, false);
	p->rounds = rounds_new(NULL);
	assert_non_null(p->rounds);
}

static void
place_close(struct place *p)
{
	rounds_free(p->rounds);
	log_free(p->log);
	scratch_remove(p->dir);
}

static void
go(struct place *p)
{
	now_ms += 500;
	rounds_go(p->rounds, &p->env, p->keys, &test_clock, 30000, &p->stop);
}

static size_t
logged(struct place *p, const char *what)
{
	struct slice text = log_captured(p->log);
	size_t n = 0, len = strlen(what);

	for (; text.len >= len; text = slice_from(text, 1))
		n += !memcmp(text.ptr, what, len);
	return n;
}

static void
make_directories(const struct place *p, int n)
{
	char path[200];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/d%d.example", p->keys, i);
		assert_int_equal(mkdir(path, 0700), 0);
	}
}

/* What assay keys init does. */
static void
init(struct place *p, const char *name)
{
	struct keys_env env = p->env;
	struct keys_outcome out;
	struct domain d;
	struct vault v;

	env.begin = true;
	env.by = "tool";
	assert_true(domain_parse(slice_z(name), &d));
	assert_int_equal(vault_open(&v, p->keys, &test_clock, 0, NULL), 0);
	assert_int_equal(keys_run(&env, &v, &d, INT64_MAX, &out, NULL), 0);
	vault_close(&v);
}

/* --- who holds the lock ------------------------------------------------------------ */

static pid_t
hold(struct place *p)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		struct vault v;

		if (vault_open(&v, p->keys, &test_clock, 0, NULL))
			_exit(1);
		(void)!write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
test_a_lock_held_long_is_told_once(void **state)
{
	static struct place p;
	char by[40];
	pid_t pid;

	(void)state;
	place_open(&p);
	init(&p, "d.example");
	pid = hold(&p);
	for (int64_t end_ms = now_ms + 170000; now_ms < end_ms;)
		go(&p);
	assert_int_equal(logged(&p, "key_lock"), 0);
	for (int64_t end_ms = now_ms + 3 * HOUR * 1000; now_ms < end_ms;)
		go(&p);
	assert_int_equal(logged(&p, "key_lock_held"), 1);
	snprintf(by, sizeof(by), "by_pid=%ld ", (long)pid);
	assert_int_equal(logged(&p, by), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	go(&p);
	go(&p);
	assert_int_equal(logged(&p, "key_lock_free"), 1);
	assert_int_equal(logged(&p, "key_lock"), 2);
	/* Held for a moment, nobody need know. */
	pid = hold(&p);
	now_ms += 2 * HOUR * 1000;
	for (int i = 0; i < 100; i++)
		go(&p);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	go(&p);
	assert_int_equal(logged(&p, "key_lock"), 2);
	place_close(&p);
}

/* --- changes ------------------------------------------------------------------------- */

static void
test_what_the_tool_does_is_seen_at_once(void **state)
{
	static struct place p;
	size_t n = 0;

	(void)state;
	place_open(&p);
	make_directories(&p, MANY);
	for (int i = 0; i < 10; i++)
		go(&p);
	/* Each takes its first step by the tool, its next by the rounds. */
	for (int i = 0; i < MANY; i += MANY / 4) {
		char name[40];

		snprintf(name, sizeof(name), "d%d.example", i);
		init(&p, name);
		go(&p);
		go(&p);
		go(&p);
		assert_int_equal(
		    logged(&p, "step=active dns=seen by=rounds"), ++n);
	}
	/* A domain that was not there. */
	init(&p, "new.example");
	go(&p);
	go(&p);
	go(&p);
	assert_int_equal(logged(&p, "step=active dns=seen by=rounds"), n + 1);
	place_close(&p);
}

/* Restored from a backup, say: nobody tells, so it takes its turn. */
static void
test_what_a_person_does_is_found(void **state)
{
	static struct place p;
	char from[200], to[200];

	(void)state;
	place_open(&p);
	make_directories(&p, MANY);
	init(&p, "away.example");
	snprintf(from, sizeof(from), "%s/away.example", p.keys);
	snprintf(to, sizeof(to), "%s/.away", p.keys);
	assert_int_equal(rename(from, to), 0);
	for (int i = 0; i < 10; i++)
		go(&p);
	assert_int_equal(logged(&p, "by=rounds"), 0);
	snprintf(from, sizeof(from), "%s/d77.example", p.keys);
	assert_int_equal(rmdir(from), 0);
	assert_int_equal(rename(to, from), 0);
	for (int i = 0; i < 8; i++)
		go(&p);
	assert_int_equal(logged(&p, "d=d77.example s=e202609 "), 2);
	place_close(&p);
}

int
main(void)
{
	UNIT_TEST(test_a_lock_held_long_is_told_once);
	UNIT_TEST(test_what_the_tool_does_is_seen_at_once);
	UNIT_TEST(test_what_a_person_does_is_found);
	return unit_end();
}
