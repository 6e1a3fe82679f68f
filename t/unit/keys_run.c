/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole rotations on a real store with a clock of the test's own. The
 * publisher writes zone fragments, and the name servers are what these files
 * say: one at once, the other some time later.
 */
#include "keys/run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dkim/key.h"
#include "dns/zone.h"
#include "keys/pem.h"
#include "keys/publish.h"
#include "scratch.h"
#include "unit.h"

#define HOUR 3600
#define FRAGMENT_MAX 65536
#define LAG_S 200

static int64_t now_s; /* both clocks */

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
	return now_s;
}

static int64_t
test_mono(const struct clock *c)
{
	(void)c;
	return now_s * 1000;
}

static const struct clock test_clock = {test_now, test_mono};

/* --- name servers ------------------------------------------------------------------ */

struct server {
	char zone[FRAGMENT_MAX];
	int64_t taken_s;
};

struct world {
	struct authority authority;
	struct resolver *resolver;
	struct log *log;
	char dir[64], keys[80], fragment[120], path[120];
	struct domain domain;
	struct server servers[2];
	struct keys_options options;
	struct keys_env env;
	struct vault vault;
	struct buf told;
	unsigned seen_signing; /* different keys */
	char last[100];
};

static void
slurp(const char *path, char text[FRAGMENT_MAX])
{
	int fd = open(path, O_RDONLY);
	long n = fd < 0 ? 0 : file_read(fd, text, FRAGMENT_MAX, NULL);

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static void
servers_follow(struct world *w)
{
	slurp(w->path, w->servers[0].zone);
	if (now_s < w->servers[1].taken_s + LAG_S)
		return;
	memcpy(w->servers[1].zone, w->servers[0].zone, FRAGMENT_MAX);
	w->servers[1].taken_s = now_s;
}

/* "OWNER. TTL IN TXT ( "..." "..." )" as rdata; false: there is none. */
static bool
find_txt(const char *zone, struct slice owner, struct arena *arena,
    struct slice *out)
{
	struct buf want = BUF_INIT(600), rdata = BUF_INIT(4000);
	const char *p;

	buf_addf(&want, "\n" SLICE_FMT ". ", SLICE_ARG(owner));
	p = strstr(zone, buf_str(&want));
	buf_free(&want);
	if (!p)
		return false;
	for (p++; *p && *p != '\n'; p++) {
		size_t len = *p == '"' ? strcspn(p + 1, "\"") : 0;

		if (*p != '"')
			continue;
		buf_addc(&rdata, (char)len);
		buf_add(&rdata, slice_of(p + 1, len));
		p += len + 1;
	}
	assert_int_equal(arena_copy(arena, buf_slice(&rdata), out), 0);
	buf_free(&rdata);
	return true;
}

static void
world_ask(struct authority *base, struct authority_question *q, size_t n,
    struct arena *arena, int64_t deadline_ms)
{
	struct world *w = (struct world *)base;

	(void)deadline_ms;
	for (size_t i = 0; i < n; i++) {
		const struct server *s =
		    &w->servers[q[i].server.octets[3] == 2];

		q[i].rdata = arena_array(arena, 1, sizeof(*q[i].rdata));
		q[i].authoritative = true;
		q[i].ttl_s = 60;
		q[i].nrr = find_txt(s->zone, q[i].name, arena, q[i].rdata);
		q[i].status = q[i].nrr ? DNS_OK : DNS_NXDOMAIN;
	}
}

/* --- the world --------------------------------------------------------------------------- */

static void
told(void *arg, const char *line)
{
	struct world *w = arg;

	buf_addf(&w->told, "%s\n", line);
}

static const char zone_text[] =
    "example.com NS ns1.example.net\nexample.com NS ns2.example.net\n"
    "keys.example.net NS ns1.example.net\n"
    "keys.example.net NS ns2.example.net\n"
    "ns1.example.net A 192.0.2.1\nns2.example.net A 192.0.2.2\n"
    "s1._domainkey.example.com CNAME s1.example.com.keys.example.net\n"
    "s2._domainkey.example.com CNAME s2.example.com.keys.example.net\n";

static void
world_open(struct world *w)
{
	struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};

	memset(w, 0, sizeof(*w));
	now_s = 1790000000;
	strcpy(w->dir, "/tmp/assay-run-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->keys, sizeof(w->keys), "%s/keys", w->dir);
	snprintf(w->fragment, sizeof(w->fragment), "%s/%%d.zone", w->dir);
	snprintf(w->path, sizeof(w->path), "%s/example.com.zone", w->dir);
	assert_true(domain_parse(SLICE_LIT("example.com"), &w->domain));
	w->authority.ask = world_ask;
	w->resolver = zone_new(SLICE_LIT(zone_text), NULL);
	w->log = log_new(&lo, NULL);
	w->told = BUF_INIT(1 << 20);
	w->options = (struct keys_options){.types = 1 << KEY_ED25519,
	    .lifetime_s = 8 * HOUR,
	    .wait_s = HOUR,
	    .retire_s = 2 * HOUR,
	    .remove_s = HOUR,
	    .unreachable_s = 8 * HOUR,
	    .interval_s = HOUR,
	    .rsa_selector = "r%Y%m",
	    .ed25519_selector = "e%Y%m",
	    .target = "",
	    .publish_via = PUBLISH_FILE,
	    .publish_file = w->fragment,
	    .publish_server = "",
	    .publish_tsig_file = "",
	    .publish_program = "",
	    .publish_ttl_s = 60};
	w->env = (struct keys_env){.options = &w->options,
	    .require_published = true,
	    .resolver = w->resolver,
	    .authority = &w->authority,
	    .log = w->log,
	    .by = "test",
	    .tell = told,
	    .arg = w};
	assert_int_equal(
	    vault_open(&w->vault, w->keys, &test_clock, 0, NULL), 0);
}

static void
world_close(struct world *w)
{
	vault_close(&w->vault);
	resolver_free(w->resolver);
	log_free(w->log);
	buf_free(&w->told);
	scratch_remove(w->dir);
}

static void
run(struct world *w, bool begin, struct keys_outcome *out)
{
	struct err err = ERR_INIT;

	w->env.begin = begin;
	servers_follow(w);
	if (keys_run(&w->env, &w->vault, &w->domain, INT64_MAX, out, &err))
		fail_msg("%s", err.text);
	servers_follow(w);
}

/* Every key that signs is shown by both servers. Returns how many sign. */
static size_t
check_signing(struct world *w)
{
	struct arena *arena = arena_new(1 << 20);
	struct keys_view v;
	size_t n = 0;

	assert_int_equal(keys_view_open(&w->env, &w->vault, &w->domain, false,
			     INT64_MAX, &v, NULL),
	    0);
	for (size_t i = 0; i < v.vd.n; i++) {
		struct publication p;
		struct slice rdata;

		if (!rotation_signs(&v.rotation, i, VANISHED_SIGN))
			continue;
		n++;
		/* The resolver of the world knows only of the slots' aliases. */
		assert_int_equal(
		    publication_fill(&p, &w->options, &w->domain,
			&v.vd.records[i], v.vd.pkeys[i], NULL, NULL),
		    0);
		for (size_t s = 0; s < 2; s++)
			assert_true(find_txt(w->servers[s].zone,
			    domain_slice(&p.owner), arena, &rdata));
		publication_clear(&p);
		if (strstr(w->last, v.keys[i].sha256))
			continue;
		snprintf(w->last, sizeof(w->last), "%s", v.keys[i].sha256);
		w->seen_signing++;
	}
	keys_view_clear(&v);
	arena_free(arena);
	return n;
}

static void
live(struct world *w, int64_t seconds)
{
	struct keys_outcome out;
	int64_t end_s = now_s + seconds;
	bool signed_once = false;

	while (now_s < end_s) {
		int64_t step;
		size_t n;

		run(w, false, &out);
		n = check_signing(w);
		assert_true(n > 0 || !signed_once);
		signed_once |= n > 0;
		step = out.due_s - vault_now(&w->vault).own_s;
		now_s += step < 1 ? 1 : step > HOUR ? HOUR : step;
	}
	assert_true(signed_once);
}

/* --- tests ------------------------------------------------------------------------------------- */

static void
test_dated_selectors(void **state)
{
	static struct world w;
	struct keys_outcome out;

	(void)state;
	world_open(&w);
	/* What nobody manages stays alone. */
	run(&w, false, &out);
	assert_false(out.managed || out.changed);
	run(&w, true, &out);
	assert_true(out.managed && out.changed);
	live(&w, 36 * HOUR);
	assert_true(w.seen_signing >= 4);
	assert_non_null(strstr(buf_str(&w.told), "e202609: generated"));
	assert_non_null(strstr(buf_str(&w.told), "e202609b: active"));
	assert_non_null(strstr(buf_str(&w.told), "e202609: retired"));
	assert_non_null(strstr(buf_str(&w.told), "e202609: revoked"));
	assert_non_null(strstr(buf_str(&w.told), "e202609: removed"));
	assert_non_null(strstr(buf_str(&w.told), "e202609c: active"));
	assert_true(slice_icontains(log_captured(w.log),
	    SLICE_LIT("key_step d=example.com s=e202609b type=ed25519 "
		      "step=active dns=seen by=test")));
	world_close(&w);
}

static void
test_slots_by_alias(void **state)
{
	static const char *slots[] = {"s1", "s2"};
	static struct world w;
	struct keys_outcome out;
	char path[200];

	(void)state;
	world_open(&w);
	w.options.ed25519_slots = (struct string_list){slots, 2};
	w.options.target = "%s.%d.keys.example.net";
	w.options.overlap = OVERLAP_SIGN_BOTH;
	run(&w, true, &out);
	live(&w, 36 * HOUR);
	assert_true(w.seen_signing >= 4);
	assert_non_null(strstr(w.servers[0].zone,
	    "\ns1.example.com.keys.example.net. 60 IN TXT ( \"v=DKIM1; "));
	assert_null(strstr(w.servers[0].zone, "_domainkey"));
	/* Names come again, keys do not. */
	snprintf(path, sizeof(path), "%s/example.com/tombstones", w.keys);
	slurp(path, w.servers[0].zone);
	assert_non_null(strstr(w.servers[0].zone, "s1 "));
	assert_non_null(strstr(w.servers[0].zone, "s2 "));
	world_close(&w);
}

static void
test_dry_run(void **state)
{
	static struct world w;
	struct keys_outcome out;
	char path[200];

	(void)state;
	world_open(&w);
	w.env.dry = true;
	w.options.types |= 1 << KEY_RSA2048;
	run(&w, true, &out);
	assert_string_equal(buf_str(&w.told),
	    "example.com r202609: generated\nexample.com e202609: generated\n"
	    "example.com r202609: hand over key: to do\n"
	    "example.com e202609: hand over key: to do\n");
	snprintf(path, sizeof(path), "%s/example.com", w.keys);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(log_captured(w.log).len, 0);
	world_close(&w);
}

static void
test_publisher_that_fails(void **state)
{
	static struct world w;
	struct keys_outcome out;
	struct keys_view v;
	int64_t first_s;

	(void)state;
	world_open(&w);
	w.options.publish_via = PUBLISH_COMMAND;
	w.options.publish_command = "/bin/false";
	run(&w, true, &out);
	first_s = now_s;
	/* Again after one minute, two, four ... an hour at most. */
	for (int64_t wait = 60; wait < 8 * HOUR; wait *= 2) {
		int64_t step = out.due_s - vault_now(&w.vault).own_s;

		assert_true(step <= wait);
		now_s += wait < HOUR ? wait : HOUR;
		run(&w, false, &out);
	}
	assert_int_equal(
	    keys_view_open(&w.env, &w.vault, &w.domain, false, 0, &v, NULL),
	    0);
	assert_true(v.vd.records[0].tries >= 8 && v.vd.records[0].tries < 12);
	assert_int_equal(v.vd.records[0].handed_at.own_s, 0);
	assert_int_equal(key_life(&v.vd.records[0].key), LIFE_GENERATED);
	keys_view_clear(&v);
	assert_true(now_s > first_s);
	assert_true(slice_icontains(
	    log_captured(w.log), SLICE_LIT("via=command result=retry")));
	world_close(&w);
}

/* Somebody else's record is not replaced by the domain's first key. */
static void
test_name_of_another(void **state)
{
	static const char theirs[] =
	    "\ne202609._domainkey.example.com. 60 IN TXT ( \"v=DKIM1; "
	    "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\" )\n"
	    "e202609b._domainkey.example.com. 60 IN TXT ( \"v=DKIM1; p=\" )\n";
	static struct world w;
	struct keys_outcome out;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    file_replace(w.path, theirs, sizeof(theirs) - 1, NULL), 0);
	run(&w, true, &out);
	assert_true(!strncmp(
	    buf_str(&w.told), "example.com e202609c: generated\n", 32));
	world_close(&w);
}

/* What a slot's name showed before, caches hold: its first key waits, too. */
static void
test_slot_with_a_past(void **state)
{
	static const char theirs[] =
	    "\ns1.example.com.keys.example.net. 60 IN TXT ( \"v=DKIM1; "
	    "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\" )\n";
	static const char *slots[] = {"s1", "s2"};
	static struct world w;
	struct keys_outcome out;

	(void)state;
	for (int past = 0; past < 2; past++) {
		int64_t begin_s;

		world_open(&w);
		w.options.ed25519_slots = (struct string_list){slots, 2};
		w.options.target = "%s.%d.keys.example.net";
		if (past)
			assert_int_equal(file_replace(w.path, theirs,
					     sizeof(theirs) - 1, NULL),
			    0);
		begin_s = now_s;
		for (run(&w, true, &out);
		     !strstr(buf_str(&w.told), "s1: active");
		     run(&w, false, &out))
			now_s += 60;
		if (past)
			assert_true(now_s - begin_s >= HOUR);
		else
			assert_true(now_s - begin_s < HOUR);
		world_close(&w);
	}
}

static void
test_emergency(void **state)
{
	static struct world w;
	struct keys_outcome out;
	struct keys_view v;
	struct err err = ERR_INIT;

	(void)state;
	world_open(&w);
	run(&w, true, &out);
	live(&w, 4 * HOUR);
	assert_int_equal(w.seen_signing, 1);
	assert_int_equal(
	    keys_view_open(&w.env, &w.vault, &w.domain, false, 0, &v, NULL),
	    0);
	assert_int_equal(keys_mark(&w.env, &w.vault, &w.domain,
			     &v.vd.records[0], EVENT_COMPROMISED, &err),
	    0);
	keys_view_clear(&v);
	live(&w, HOUR);
	assert_int_equal(w.seen_signing, 2);
	assert_non_null(strstr(buf_str(&w.told),
	    "e202609b: active\nexample.com e202609: revoked\n"));
	/* The empty record is out. */
	assert_non_null(strstr(w.servers[0].zone,
	    "\ne202609._domainkey.example.com. 60 IN TXT ( \"v=DKIM1; "
	    "k=ed25519; p=\" )\n"));
	world_close(&w);
}

int
main(void)
{
	UNIT_TEST(test_dated_selectors);
	UNIT_TEST(test_slots_by_alias);
	UNIT_TEST(test_dry_run);
	UNIT_TEST(test_publisher_that_fails);
	UNIT_TEST(test_name_of_another);
	UNIT_TEST(test_slot_with_a_past);
	UNIT_TEST(test_emergency);
	return unit_end();
}
