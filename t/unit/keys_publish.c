/* SPDX-License-Identifier: BSD-2-Clause */
/* Records as texts, selectors from templates, programs that are run. */
#include "keys/publish.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "keys/make.h"
#include "keys/spawn.h"
#include "unit.h"

/* --- texts ------------------------------------------------------------------------ */

static const struct keys_options options = {.target = "",
    .publish_ttl_s = 60,
    .publish_server = "",
    .publish_via = PUBLISH_NSUPDATE};

static void
fill(struct publication *p, const struct keys_options *o, struct key_record *r,
    enum key_life life, const struct observation *seen)
{
	EVP_PKEY *pkey = key_generate(KEY_RSA2048);
	struct err err = ERR_INIT;
	struct domain d;

	*r = (struct key_record){.key = {.selector = "s1"}};
	r->key.at[EVENT_GENERATED].own_s = 1;
	if (life == LIFE_REVOKED)
		r->key.at[EVENT_REVOKED].own_s = 2;
	if (life == LIFE_REMOVED)
		r->key.at[EVENT_REMOVED].own_s = 2;
	assert_true(domain_parse(SLICE_LIT("example.com"), &d));
	if (publication_fill(p, o, &d, r, pkey, seen, &err))
		fail_msg("%s", err.text);
	EVP_PKEY_free(pkey);
}

static void
test_key(void **state)
{
	struct buf b = BUF_INIT(8192);
	struct publication p;
	struct key_record r;

	(void)state;
	fill(&p, &options, &r, LIFE_GENERATED, NULL);
	publication_nsupdate(&p, "192.0.2.1@5353", &b);
	assert_true(slice_starts(buf_slice(&b),
	    SLICE_LIT("server 192.0.2.1 5353\n"
		      "update delete s1._domainkey.example.com. TXT\n"
		      "update add s1._domainkey.example.com. 60 TXT "
		      "\"v=DKIM1; k=rsa; p=MII")));
	/* RSA-2048 takes two strings; the first is full. */
	assert_int_equal(
	    strstr(buf_str(&b), "\" \"") - strchr(buf_str(&b), '"'), 256);
	buf_clear(&b);
	publication_json(&p, &b);
	assert_true(slice_starts(buf_slice(&b),
	    SLICE_LIT("{\"action\": \"publish\", \"domain\": \"example.com\", "
		      "\"selector\": \"s1\", \"name\": "
		      "\"s1._domainkey.example.com\", \"zone\": \"\"")));
	buf_clear(&b);
	publication_cname_text(&p, &b);
	assert_int_equal(b.len, 0);
	publication_clear(&p);
	buf_free(&b);
}

static void
test_revoked_and_removed(void **state)
{
	struct buf b = BUF_INIT(8192);
	struct publication p;
	struct key_record r;

	(void)state;
	fill(&p, &options, &r, LIFE_REVOKED, NULL);
	publication_zone_text(&p, &b);
	assert_string_equal(buf_str(&b),
	    "s1._domainkey.example.com. 60 IN TXT ( \"v=DKIM1; k=rsa; p=\" "
	    ")\n");
	publication_clear(&p);
	buf_clear(&b);
	fill(&p, &options, &r, LIFE_REMOVED, NULL);
	publication_nsupdate(&p, "", &b);
	assert_string_equal(buf_str(&b),
	    "update delete s1._domainkey.example.com. TXT\nsend\n");
	buf_clear(&b);
	publication_json(&p, &b);
	assert_true(slice_icontains(
	    buf_slice(&b), SLICE_LIT("\"value\": \"\", \"strings\": []}\n")));
	publication_clear(&p);
	buf_free(&b);
}

static void
test_behind_an_alias(void **state)
{
	struct keys_options o = options;
	struct observation seen = {.look = LOOK_ABSENT};
	struct buf b = BUF_INIT(8192);
	struct publication p;
	struct key_record r;

	(void)state;
	o.target = "%s.%d.keys.example.net";
	fill(&p, &o, &r, LIFE_REVOKED, NULL);
	publication_cname_text(&p, &b);
	assert_string_equal(buf_str(&b),
	    "s1._domainkey.example.com. 60 IN CNAME "
	    "s1.example.com.keys.example.net.\n");
	publication_clear(&p);
	/* What DNS says counts for more. */
	assert_true(domain_parse(SLICE_LIT("k.example.org"), &seen.owner));
	assert_true(domain_parse(SLICE_LIT("example.org"), &seen.zone));
	fill(&p, &o, &r, LIFE_REVOKED, &seen);
	buf_clear(&b);
	publication_nsupdate(&p, "", &b);
	assert_string_equal(buf_str(&b),
	    "zone example.org.\nupdate delete k.example.org. TXT\nupdate add "
	    "k.example.org. 60 TXT \"v=DKIM1; k=rsa; p=\"\nsend\n");
	publication_clear(&p);
	buf_free(&b);
}

/* --- when -------------------------------------------------------------------------- */

struct due_row {
	const char *name;
	struct key_record record; /* active */
	enum key_look look;
	int64_t want; /* -1: never */
};

#define HANDED .handed = WANT_KEY, .handed_at = {1000, 1}

static const struct due_row due_rows[] = {
    {"never handed over", {.tries = 0}, LOOK_ABSENT, 0},
    {"there already", {.tries = 0}, LOOK_EQUAL, -1},
    {"there where a server answers", {.tries = 0}, LOOK_EQUAL_SOME, -1},
    {"handed over, nobody knows", {HANDED}, LOOK_TROUBLE, -1},
    {"handed over, not there yet", {HANDED}, LOOK_ABSENT, 4600},
    {"handed over, on some servers", {HANDED}, LOOK_MIXED, 4600},
    {"another thing was handed over",
	{.handed = WANT_EMPTY, .handed_at = {1000, 1}}, LOOK_REVOKED, 0},
    {"tried once", {.tries = 1, .tried_at = {1000, 1}}, LOOK_ABSENT, 1060},
    {"tried three times", {.tries = 3, .tried_at = {1000, 1}}, LOOK_ABSENT,
	1240},
    {"tried very often", {.tries = 90, .tried_at = {1000, 1}}, LOOK_ABSENT,
	4600},
    {"nobody knows, not handed over", {.tries = 0}, LOOK_TROUBLE, 0},
};

static void
check_due(void **state)
{
	const struct due_row *row = *state;
	struct key_record r = row->record;
	int64_t got;

	r.key.look = row->look;
	r.key.at[EVENT_GENERATED].own_s = r.key.at[EVENT_ACTIVE].own_s = 1;
	got = publish_due_s(&options, &r);
	assert_true(got == (row->want < 0 ? INT64_MAX : row->want));
}

/* --- selectors ------------------------------------------------------------------------ */

static bool
first_n_taken(void *arg, const char *selector)
{
	int *n = arg;

	(void)selector;
	return (*n)-- > 0;
}

struct selector_row {
	const char *name; /* the template */
	int taken;
	const char *want;
};

static const struct selector_row selector_rows[] = {
    {"r%Y%m", 0, "r202611"},
    {"r%Y%m", 1, "r202611b"},
    {"r%Y%m", 25, "r202611z"},
    {"r%Y%m", 26, "r202611z27"},
    {"e%Y%m%d", 0, "e20261121"},
    {"key", 2, "keyc"},
    {"%", 0, NULL},
    {"%H", 0, NULL},
    {"", 0, NULL},
};

static void
check_selector(void **state)
{
	const struct selector_row *r = *state;
	char out[LIMIT_LABEL + 1];
	int taken = r->taken;
	bool ok = keys_selector_make(
	    r->name, 1795219200, first_n_taken, &taken, out);

	assert_int_equal(ok, r->want != NULL);
	if (ok)
		assert_string_equal(out, r->want);
	assert_int_equal(keys_template_check(r->name) == NULL, ok);
}

static void
test_template_check(void **state)
{
	(void)state;
	assert_non_null(keys_template_check("R%Y"));
	assert_non_null(keys_template_check("a-b"));
	assert_non_null(keys_template_check("a.b"));
	assert_null(keys_template_check("k%d"));
}

/* --- programs ------------------------------------------------------------------------------ */

struct spawn_row {
	const char *name;
	const char *script, *input;
	int64_t limit_ms;
	int want;
	const char *said;
};

static const struct spawn_row spawn_rows[] = {
    {"reads and answers", "read x; echo got $x; exit 3", "hello\n", 10000, 3,
	"got hello\n"},
    {"both outputs", "echo a; echo b >&2", "", 10000, 0, "a\nb\n"},
    {"does not read", "exit 0", NULL, 10000, 0, ""},
    {"ended by a signal", "kill -9 $$", "", 10000, 128 + 9, ""},
    {"takes too long", "sleep 60", "", 100, 128 + 9, ""},
    {"leaves a child behind", "sleep 60 & exit 0", "", 300, 0, ""},
    {"has no descriptor of ours", "echo x >&9 || echo none", "", 10000, 0,
	"none"},
};

static void
check_spawn(void **state)
{
	const struct spawn_row *r = *state;
	const char *argv[] = {"/bin/sh", "-c", r->script, NULL};
	static char large[200000];
	struct buf said = BUF_INIT(1000);
	struct err err = ERR_INIT;
	int fd = open("/dev/null", O_WRONLY), got;

	assert_true(dup2(fd, 9) == 9);
	got = spawn_run(argv,
	    r->input ? slice_z(r->input) : slice_of(large, sizeof(large)),
	    r->limit_ms, -1, &said, &err);
	assert_int_equal(got, r->want);
	assert_true(slice_icontains(buf_slice(&said), slice_z(r->said)));
	buf_free(&said);
	close(fd);
	close(9);
}

static void
test_spawn_what_is_not_there(void **state)
{
	const char *argv[] = {"/nonexistent/program", NULL};
	struct buf said = BUF_INIT(1000);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    spawn_run(argv, SLICE_EMPTY, 1000, -1, &said, &err), -1);
	assert_non_null(strstr(err.text, "No such file"));
	buf_free(&said);
}

/* Who can read the secret writes the zone. */
static void
test_secret_that_others_can_read(void **state)
{
	char path[] = "/tmp/assay-tsig-XXXXXX";
	struct keys_options o = options;
	struct buf said = BUF_INIT(1000);
	struct publication p;
	struct key_record r;
	int fd = mkstemp(path);

	(void)state;
	o.publish_tsig_file = path;
	o.publish_program = "/bin/true";
	fill(&p, &o, &r, LIFE_REVOKED, NULL);
	assert_int_equal(publish_run(&o, &p, -1, &said), PUBLISH_DONE);
	assert_int_equal(fchmod(fd, 0640), 0);
	assert_int_equal(publish_run(&o, &p, -1, &said), PUBLISH_RETRY);
	assert_true(slice_icontains(buf_slice(&said), SLICE_LIT("mode 0640")));
	publication_clear(&p);
	buf_free(&said);
	close(fd);
	assert_int_equal(unlink(path), 0);
}

/*
 * Hooks that hang, with a child of their own. Both have the pipe open that the
 * first argument names.
 */
#define TELL "exec 3> \"$0\"; echo $$ >&3; "
#define HANGS TELL "sleep 600 & wait"
#define HANGS_MUTE TELL "exec < /dev/null > /dev/null 2>&1; sleep 600 & wait"

static int
hang(const char *script, const char *pipe, int asker)
{
	const char *argv[] = {"/bin/sh", "-c", script, pipe, NULL};
	struct buf said = BUF_INIT(1000);
	struct err err = ERR_INIT;
	int status = spawn_run(argv, SLICE_EMPTY, 60000, asker, &said, &err);

	buf_free(&said);
	return status;
}

/* The next line of the pipe, as a number; 0: its writers have ended. */
static pid_t
read_pid(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char text[32] = "";

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	return (pid_t)strtol(text, NULL, 10);
}

/* They end with who asked for them. */
static void
test_spawn_for_nobody(void **state)
{
	static const char *const scripts[] = {HANGS, HANGS_MUTE};
	int64_t begin_ms = clock_mono_ms(&clock_system);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		int pair[2];

		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
		close(pair[1]);
		assert_int_equal(
		    hang(scripts[i], "/dev/null", pair[0]), 128 + SIGKILL);
		close(pair[0]);
	}
	assert_true(clock_mono_ms(&clock_system) - begin_ms < 10000);
}

struct called_row {
	const char *name;
	int sig;
	const char *script;
	bool ignored; /* as by nohup */
};

static const struct called_row called_rows[] = {
    {"SIGTERM", SIGTERM, HANGS, false},
    {"Ctrl-C", SIGINT, HANGS, false},
    {"a hook that has nothing to say", SIGHUP, HANGS_MUTE, false},
    {"ignored, it is", SIGHUP, HANGS, true},
};

/* Ended by r->sig; that it was ignored shows when the hook is killed. */
static void
check_asker(const struct called_row *r, pid_t asker, pid_t hook, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int status;

	assert_int_equal(kill(asker, r->sig), 0);
	if (r->ignored) {
		assert_int_equal(poll(&p, 1, 300), 0);
		assert_int_equal(kill(-hook, SIGKILL), 0);
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	if (r->ignored)
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	else
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == r->sig);
	assert_int_equal(read_pid(fd), 0);
}

static void
check_called(void **state)
{
	const struct called_row *r = *state;
	char dir[] = "/tmp/assay-hook-XXXXXX", path[64];
	pid_t asker, hook;
	int fd;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	asker = fork();
	if (asker == 0) {
		(void)signal(r->sig, r->ignored ? SIG_IGN : SIG_DFL);
		_exit(hang(r->script, path, -1) == 128 + SIGKILL ? 0 : 1);
	}
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	hook = read_pid(fd);
	assert_true(hook > 1);
	check_asker(r, asker, hook, fd);
	close(fd);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	UNIT_TEST(test_key);
	UNIT_TEST(test_revoked_and_removed);
	UNIT_TEST(test_behind_an_alias);
	UNIT_TABLE(due_rows, check_due);
	UNIT_TABLE(selector_rows, check_selector);
	UNIT_TEST(test_template_check);
	UNIT_TABLE(spawn_rows, check_spawn);
	UNIT_TEST(test_spawn_for_nobody);
	UNIT_TABLE(called_rows, check_called);
	UNIT_TEST(test_spawn_what_is_not_there);
	UNIT_TEST(test_secret_that_others_can_read);
	return unit_end();
}
