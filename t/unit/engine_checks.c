/* SPDX-License-Identifier: BSD-2-Clause */
/* When the pool is full; two ways to an organizational domain. */
#include "scene.h"

#include <sched.h>
#include <unistd.h>

static const char zone[] =
    "evil.com TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n"
    "mail.evil.com A 198.51.100.1\n"
    "1.100.51.198.in-addr.arpa PTR mail.evil.com\n"
    "2.100.51.198.in-addr.arpa TIMEOUT\n"
    "slow.example TIMEOUT\n"
    "_dmarc.shared.example TXT \"v=DMARC1; p=reject\"\n"
    "other.shared.example TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n";

static const struct scene_client evil = {.ip = "198.51.100.1",
    .helo = "mail.evil.com",
    .mail_from = "<a@evil.com>"};

static const struct scene_client slow = {.ip = "198.51.100.2",
    .helo = "mail.evil.com",
    .mail_from = "<a@slow.example>"};

static size_t
lines_with(const struct scene *s, const char *what)
{
	const char *p = log_captured(s->engine.log).ptr;
	size_t n = 0;

	while (p && (p = strstr(p, what))) {
		p++;
		n++;
	}
	return n;
}

/* --- overload ------------------------------------------------------------------ */

struct gate {
	struct job job;
	pthread_mutex_t *lock;
	atomic_int *ran;
};

static void
gate_run(struct job *job)
{
	struct gate *g = (struct gate *)job;

	atomic_fetch_add(g->ran, 1);
	pthread_mutex_lock(g->lock);
	pthread_mutex_unlock(g->lock);
}

static void
gate_free(struct job *job)
{
	(void)job;
}

/*
 * The only thread is busy and one check may wait: the others run at the end
 * of their message, each is counted, and one line tells. What needs no answer
 * that is not here yet needs no thread either.
 */
static void
test_full_pool(void **state)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	atomic_int ran = 0;
	struct gate gate = {.lock = &lock, .ran = &ran};
	struct scene s;

	(void)state;
	scene_open(&s, "enforce = none\n", zone);
	workers_free(s.engine.workers);
	s.engine.workers = workers_new(1, 1, NULL);
	pthread_mutex_lock(&lock);
	job_init(&gate.job, gate_run, gate_free);
	assert_true(workers_submit(s.engine.workers, &gate.job, 0));
	while (atomic_load(&ran) == 0)
		(void)sched_yield();

	scene_send(&s, &evil, "From: a@evil.com\r\n");
	assert_int_equal(lines_with(&s, "iprev=pass spf=pass"), 1);
	assert_int_equal(workers_refused(s.engine.workers), 0);
	/*
	 * Each message's first check may wait, the second may not; what has
	 * been taken back makes room.
	 */
	scene_send(&s, &slow, "From: a@evil.com\r\n");
	scene_send(&s, &slow, "From: a@evil.com\r\n");
	assert_int_equal(lines_with(&s, "iprev=temperror spf=temperror"), 2);
	assert_int_equal(workers_refused(s.engine.workers), 2);
	assert_int_equal(lines_with(&s, "spf_pool_full refused=1 "), 1);
	assert_int_equal(lines_with(&s, "spf_pool_full"), 1);

	pthread_mutex_unlock(&lock);
	assert_true(job_finish(&gate.job, INT64_MAX / 2000));
	job_unref(&gate.job);
	scene_close(&s);
}

/* --- a client that takes its time ------------------------------------------------ */

/* Nothing is cached: an answer is there when somebody may wait for it. */
struct cold {
	struct resolver base;
	struct resolver *table;
};

struct cold_lookup {
	struct lookup base;
	struct lookup *of;
};

static const struct resolver_ops cold_ops;
static int64_t passed_ms;

static int64_t
later_ms(const struct clock *c)
{
	(void)c;
	return clock_mono_ms(&clock_system) + passed_ms;
}

static const struct clock later_clock = {scene_now_s, later_ms};

static struct lookup *
cold_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct cold *cold = (struct cold *)r;
	struct cold_lookup *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->base.ops = &cold_ops;
	l->of = cold->table->ops->start(cold->table, name, type);
	return &l->base;
}

static const struct answer *
cold_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct cold_lookup *l = (struct cold_lookup *)lookup;

	return deadline_ms > later_ms(NULL)
	    ? l->of->ops->wait(l->of, deadline_ms)
	    : NULL;
}

static void
cold_drop(struct lookup *lookup)
{
	struct cold_lookup *l = (struct cold_lookup *)lookup;

	l->of->ops->drop(l->of);
	free(l);
}

static void
cold_free(struct resolver *r)
{
	resolver_free(((struct cold *)r)->table);
}

static const struct resolver_ops cold_ops = {
    cold_start, cold_wait, cold_drop, cold_free};

/*
 * No thread is free until the message is there, and that takes longer than
 * DNS may: the check has all of its time all the same.
 */
static void
test_slow_client(void **state)
{
	struct scene s;
	struct cold cold = {.base = {&cold_ops}};
	struct session_facts sf = {.client_name = "mail.evil.com"};
	struct message_facts mf = {"<a@evil.com>", NULL};
	struct err err = ERR_INIT;

	(void)state;
	scene_open(&s, "enforce = none\n", zone);
	workers_free(s.engine.workers);
	s.engine.workers = workers_new(0, 0, NULL);
	s.engine.clock = &later_clock;
	cold.table = s.engine.resolver;
	s.engine.resolver = &cold.base;
	assert_int_equal(ip_parse(slice_z(evil.ip), &sf.ip), 0);
	s.session = session_new(&s.engine, &s.config->engine, &sf, &err);
	assert_int_equal(session_helo(s.session, evil.helo, &err), 0);
	s.message = message_new(s.session, &mf, &err);
	assert_non_null(s.message);
	passed_ms += 60000;
	assert_int_equal(
	    message_header(s.message, "From", " a@evil.com", &err), 0);
	assert_int_equal(message_eoh(s.message, &err), 0);
	assert_int_equal(message_eom(s.message, &err), 0);
	assert_int_equal(s.message->verdict.iprev.word, AR_PASS);
	assert_int_equal(s.message->verdict.mfrom.word, AR_PASS);
	scene_close(&s);
}

/* --- asking early ---------------------------------------------------------------- */

static bool
was_asked(const struct scene *s, const char *question)
{
	const char *q;

	for (size_t i = 0; (q = zone_asked(s->engine.resolver, i)); i++)
		if (!strcmp(q, question))
			return true;
	return false;
}

struct early_row {
	const char *name, *mta, *field;
	bool asked;
};

static const struct early_row early_rows[] = {
    {"the author", "Postfix 3.7", "From", true},
    {"no author", "Postfix 3.7", "Subject", false},
    {"no author, and Sendmail will make one", "8.17.1", "Subject", true},
};

/* The policy is asked for with the header: what is slow can't make it late. */
static void
check_early(void **state)
{
	const struct early_row *r = *state;
	struct scene s;
	struct session_facts sf = {
	    .client_name = "mail.evil.com", .mta_version = r->mta};
	struct message_facts mf = {"<ceo@mine.shared.example>", NULL};
	struct err err = ERR_INIT;

	scene_open(&s, "enforce = reject\n", zone);
	assert_int_equal(ip_parse(slice_z(evil.ip), &sf.ip), 0);
	s.session = session_new(&s.engine, &s.config->engine, &sf, &err);
	assert_int_equal(session_helo(s.session, evil.helo, &err), 0);
	s.message = message_new(s.session, &mf, &err);
	assert_non_null(s.message);
	assert_int_equal(message_header(s.message, r->field,
			     " ceo@mine.shared.example", &err),
	    0);
	assert_int_equal(message_eoh(s.message, &err), 0);
	assert_int_equal(was_asked(&s, "_dmarc.shared.example TXT"), r->asked);
	scene_close(&s);
}

/* --- the public suffix list ------------------------------------------------------ */

static void
use_list(struct scene *s, const char *text)
{
	char path[] = "/tmp/assay-psl-XXXXXX";
	int fd = mkstemp(path);
	size_t len = strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(close(fd), 0);
	s->engine.psl = dmarc_psl_new(path, NULL);
	assert_non_null(s->engine.psl);
	(void)unlink(path);
}

struct psl_row {
	const char *name, *config, *list;
	enum ar_word dmarc;
	bool differs;
};

static const struct psl_row psl_rows[] = {
    {"the walk, and the list agrees", "", "example\n", AR_PASS, false},
    {"the walk, and the list disagrees", "", "example\nshared.example\n",
	AR_PASS, true},
    {"the list, and the walk agrees", "org_domain = psl\n", "example\n",
	AR_PASS, false},
    /* One of another customer's passes for nobody but itself: no record. */
    {"the list, and the walk disagrees", "org_domain = psl\n",
	"example\nshared.example\n", AR_NONE, false},
};

static void
check_psl(void **state)
{
	const struct psl_row *r = *state;
	struct scene_client client = evil;
	struct scene s;

	client.mail_from = "<a@other.shared.example>";
	scene_open(&s, r->config, zone);
	use_list(&s, r->list);
	scene_send(&s, &client, "From: a@mine.shared.example\r\n");
	assert_int_equal(s.message->verdict.dmarc.word, r->dmarc);
	assert_int_equal(lines_with(&s, "psl=differs"), r->differs);
	dmarc_psl_free(s.engine.psl);
	scene_close(&s);
}

int
main(void)
{
	UNIT_TEST(test_full_pool);
	UNIT_TEST(test_slow_client);
	UNIT_TABLE(early_rows, check_early);
	UNIT_TABLE(psl_rows, check_psl);
	return unit_end();
}
