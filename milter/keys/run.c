/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking the steps that rotate.c finds due, one file at a time. See run.h. A
 * step is on disk before anything follows from it; what follows (a private
 * key destroyed, a record handed over) is done again when a crash came first.
 */
#include "keys/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/make.h"
#include "keys/publish.h"

#define STEPS_MAX 100
#define FRAGMENT_MAX 262144
#define SAID_MAX 1000
#define LINE_MAX_OCTETS 500
/* Of these many names DNS is asked: a wildcard shows every one. */
#define NAMES_ASKED 8

struct work {
	const struct keys_env *env;
	const struct keys_options *options; /* of this domain */
	struct vault *vault;
	struct keys_view v;
	struct keys_outcome *out;
	int64_t deadline_ms;
	size_t looked;  /* records whose DNS was looked at */
	unsigned asked; /* DNS, for new selectors */
	struct err *err;
};

/* --- telling -------------------------------------------------------------------------- */

static void
tell(const struct work *w, const char *text)
{
	if (w->env->tell)
		w->env->tell(w->env->arg, text);
}

/* Bad news is a warning: it stands in every log. */
static enum log_level
level_of(const struct rotation_act *act, const struct key_record *r)
{
	/* Servers that keep silent were left out of account. */
	if (act->event == EVENT_PUBLISHED && r->key.look == LOOK_EQUAL_SOME)
		return LOG_LEVEL_WARNING;
	if (act->kind == ROTATION_SET &&
	    (act->event == EVENT_VANISHED || act->event == EVENT_SILENT))
		return LOG_LEVEL_WARNING;
	return act->kind == ROTATION_CLEAR && act->event == EVENT_PUBLISHED
	    ? LOG_LEVEL_WARNING
	    : LOG_LEVEL_INFO;
}

static void
silent_servers(const struct key_record *r, struct buf *b)
{
	for (size_t i = 0; i < r->nservers; i++)
		if (r->servers[i].sight == SIGHT_SILENT)
			buf_addf(b, "%s%s", b->len ? "," : "",
			    r->servers[i].name.text);
}

/* The audit line. */
static void
audit(const struct work *w, const struct key_record *r,
    const struct rotation_act *act)
{
	const char *word = names_word(key_event_words, (int)act->event);
	struct buf silent = BUF_INIT(4000);
	char step[40], line[LINE_MAX_OCTETS];
	struct event e;

	(void)snprintf(step, sizeof(step), "%s%s",
	    act->kind == ROTATION_CLEAR ? "not_" : "", word);
	(void)snprintf(line, sizeof(line), "%s %s: %s%s", w->v.vd.domain.text,
	    r->key.selector, act->kind == ROTATION_CLEAR ? "no longer " : "",
	    word);
	tell(w, line);
	if (w->env->dry)
		return;
	event_begin(
	    &e, w->env->log, level_of(act, r), "key_step", SLICE_EMPTY);
	event_str(&e, "d", domain_slice(&w->v.vd.domain));
	event_z(&e, "s", r->key.selector);
	event_z(&e, "type", names_word(key_type_words, (int)r->key.type));
	event_z(&e, "step", step);
	event_z(&e, "dns", names_word(key_look_words, (int)r->key.look));
	silent_servers(r, &silent);
	if (silent.len)
		event_str(&e, "silent", buf_slice(&silent));
	event_z(&e, "by", w->env->by);
	event_num(&e, "store_time", elapse_own_s(&w->vault->time));
	event_end(&e);
	buf_free(&silent);
}

/* --- steps ------------------------------------------------------------------------------- */

static int
take_step(struct work *w, const struct rotation_act *act)
{
	struct key_record *r = &w->v.vd.records[act->key];
	struct key_time now = vault_now(w->vault);
	enum key_want before = key_record_wants(r);

	rotation_apply(&r->key, act, &now);
	if (key_record_wants(r) != before)
		r->tries = 0;
	w->v.keys[act->key] = r->key;
	audit(w, r, act);
	if (w->env->dry)
		return 0;
	w->out->changed = true;
	if (vault_write(w->vault, &w->v.vd.domain, r, w->err))
		return -1;
	if (act->event == EVENT_REMOVED)
		return vault_destroy(w->vault, &w->v.vd.domain, r, w->err);
	return 0;
}

/*
 * A record that is there already is another store's or another program's: to
 * replace it would spoil its mail, and caches hold it (RFC 6376 section 3.1).
 */
static struct observation
look_before(struct work *w, const char *selector)
{
	struct observation seen = {.look = LOOK_NONE};
	struct observe_item item = {.selector = selector, .out = &seen};

	observe_keys(w->env->resolver, w->env->authority,
	    w->options->check_via, &w->v.vd.domain, &item, 1, w->deadline_ms);
	return seen;
}

static bool
is_in_dns(struct work *w, const char *selector)
{
	enum key_look look;

	if (!w->env->require_published || w->asked++ >= NAMES_ASKED)
		return false;
	look = look_before(w, selector).look;
	return look == LOOK_OTHER || look == LOOK_REVOKED;
}

/* A slot's name is what it is; what it shows now, caches may hold. */
static void
note_slot(struct work *w, struct rotation_key *k)
{
	struct observation seen = {.look = LOOK_ABSENT};

	if (w->env->require_published)
		seen = look_before(w, k->selector);
	k->ttl_s = seen.ttl_s;
	if (seen.look == LOOK_ABSENT)
		k->at[EVENT_VACANT] = vault_now(w->vault);
}

static bool
is_taken(void *arg, const char *selector)
{
	struct work *w = arg;
	const struct vault_domain *vd = &w->v.vd;

	for (size_t i = 0; i < w->v.rotation.n; i++)
		if (!strcmp(w->v.keys[i].selector, selector))
			return true;
	for (size_t i = 0; i < vd->nothers; i++)
		if (!strcmp(vd->others[i], selector))
			return true;
	if (vd->tombstones &&
	    tombstone_has(
		slice_of(vd->tombstones, vd->tombstones_len), selector))
		return true;
	return is_in_dns(w, selector);
}

/* Room in all the arrays for one key more. */
static struct key_record *
append(struct work *w)
{
	struct vault_domain *vd = &w->v.vd;
	size_t n = vd->n + 1;
	struct key_record *r = realloc(vd->records, n * sizeof(*r));
	EVP_PKEY **p = r ? realloc(vd->pkeys, n * sizeof(*p)) : NULL;

	if (r)
		vd->records = r;
	if (!r || !p) {
		(void)err_no_mem(w->err);
		return NULL;
	}
	vd->pkeys = p;
	vd->pkeys[vd->n] = NULL;
	memset(&r[vd->n], 0, sizeof(*r));
	return &r[vd->n];
}

static int
choose_selector(
    struct work *w, const struct rotation_act *act, struct rotation_key *k)
{
	const char *template =
	    keys_template(w->options, key_type_line(act->type));

	if (act->selector) {
		(void)snprintf(
		    k->selector, sizeof(k->selector), "%s", act->selector);
		note_slot(w, k);
	} else if (!keys_selector_make(template, w->vault->time.wall_s,
		       is_taken, w, k->selector))
		return err_set(
		    w->err, "%s: no selector is left", w->v.vd.domain.text);
	return 0;
}

static int
generate(struct work *w, const struct rotation_act *act)
{
	struct rotation_act made = {
	    .kind = ROTATION_SET, .event = EVENT_GENERATED};
	struct vault_domain *vd = &w->v.vd;
	struct key_record *r = vd->n < w->v.room ? append(w) : NULL;

	if (!r)
		return err_set(
		    w->err, "%s: no room for a key", vd->domain.text);
	r->key.type = act->type;
	r->key.slot = act->selector != NULL;
	r->key.at[EVENT_GENERATED] = vault_now(w->vault);
	r->key.usable = true;
	if (choose_selector(w, act, &r->key))
		return -1;
	if (!w->env->dry) {
		vd->pkeys[vd->n] = key_generate(act->type);
		if (!vd->pkeys[vd->n])
			return err_set(w->err, "OpenSSL makes no key");
		w->out->changed = true;
		if (vault_add(
			w->vault, &vd->domain, r, vd->pkeys[vd->n], w->err)) {
			EVP_PKEY_free(vd->pkeys[vd->n]);
			return -1;
		}
	}
	audit(w, r, &made);
	w->v.keys[vd->n] = r->key;
	vd->n++;
	w->v.rotation.n++;
	return 0;
}

static int
take_steps(struct work *w)
{
	struct rotation_act act;

	for (int n = 0; n < STEPS_MAX; n++) {
		int64_t now_s = vault_now(w->vault).own_s;

		if (!rotation_next(&w->v.rotation, &w->v.policy, now_s, &act,
			&w->out->due_s))
			return 0;
		/* The view has room for as many new keys as there are lines. */
		if (act.kind == ROTATION_GENERATE ? generate(w, &act)
						  : take_step(w, &act))
			return -1;
	}
	return err_set(w->err, "%s: steps without end", w->v.vd.domain.text);
}

/* --- publishing -------------------------------------------------------------------------------- */

static void
tell_person(const struct work *w, const struct publication *p)
{
	struct event e;

	event_begin(
	    &e, w->env->log, LOG_LEVEL_WARNING, "key_publish", SLICE_EMPTY);
	event_str(&e, "d", domain_slice(&p->domain));
	event_z(&e, "s", p->selector);
	event_z(&e, "do", p->want == WANT_NONE ? "remove" : "publish");
	event_str(&e, "name", domain_slice(&p->owner));
	event_z(&e, "type", "TXT");
	event_str(&e, "value", buf_slice(&p->text));
	event_end(&e);
}

/* All records of the domain, since the file has all of them. */
static enum publish_result
write_fragment(struct work *w, struct buf *said)
{
	struct buf text = BUF_INIT(FRAGMENT_MAX);
	enum publish_result result = PUBLISH_RETRY;
	struct err err = ERR_INIT;

	buf_addf(&text, "; DKIM keys of %s, written by assay\n",
	    w->v.vd.domain.text);
	for (size_t i = 0; i < w->v.vd.n; i++) {
		struct publication p;

		if (publication_fill(&p, w->options, &w->v.vd.domain,
			&w->v.vd.records[i], w->v.vd.pkeys[i], &w->v.seen[i],
			&err)) {
			publication_clear(&p);
			buf_addz(said, err.text);
			goto out;
		}
		if (p.want != WANT_NONE)
			publication_zone_text(&p, &text);
		publication_clear(&p);
	}
	if (buf_status(&text) == 0)
		result = publish_fragment(
		    w->options, &w->v.vd.domain, buf_slice(&text), said);
out:
	buf_free(&text);
	return result;
}

static enum publish_result
run_program(struct work *w, const struct publication *p, struct buf *said)
{
	const struct keys_env *env = w->env;

	return env->publish
	    ? env->publish(env->publish_arg, p, env->stop, said)
	    : publish_run(w->options, p, -1, said);
}

static enum publish_result
hand_over(struct work *w, const struct publication *p, struct buf *said)
{
	switch (w->options->publish_via) {
	case PUBLISH_PRINT: tell_person(w, p); return PUBLISH_DONE;
	case PUBLISH_FILE: return write_fragment(w, said);
	case PUBLISH_NSUPDATE:
	case PUBLISH_COMMAND: return run_program(w, p, said);
	}
	return PUBLISH_REFUSED;
}

static void
audit_publication(const struct work *w, const struct publication *p,
    enum publish_result result, const struct buf *said)
{
	bool asked = w->options->publish_via == PUBLISH_PRINT;
	char line[LINE_MAX_OCTETS];
	struct event e;

	(void)snprintf(line, sizeof(line), "%s %s: %s%s: %s", p->domain.text,
	    p->selector,
	    p->want == WANT_NONE ? "remove the record" : "hand over ",
	    p->want == WANT_NONE ? ""
				 : names_word(key_want_words, (int)p->want),
	    w->env->dry ? "to do"
		: asked ? "up to you"
			: names_word(publish_result_words, (int)result));
	tell(w, line);
	if (w->env->dry)
		return;
	event_begin(&e, w->env->log,
	    result == PUBLISH_DONE ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
	    "key_handed_over", SLICE_EMPTY);
	event_str(&e, "d", domain_slice(&p->domain));
	event_z(&e, "s", p->selector);
	event_z(&e, "what", names_word(key_want_words, (int)p->want));
	event_z(&e, "via",
	    names_word(publish_via_words, (int)w->options->publish_via));
	event_z(&e, "result", names_word(publish_result_words, (int)result));
	if (said->len)
		event_str(&e, "said", buf_slice(said));
	event_z(&e, "by", w->env->by);
	event_end(&e);
}

static int
publish(struct work *w, size_t i)
{
	struct key_record *r = &w->v.vd.records[i];
	struct buf said = BUF_INIT(SAID_MAX);
	enum publish_result result = PUBLISH_DONE;
	struct publication p;
	int rc = -1;

	if (publication_fill(&p, w->options, &w->v.vd.domain, r,
		w->v.vd.pkeys[i], &w->v.seen[i],
		w->env->dry ? NULL : w->err) &&
	    !w->env->dry)
		goto out;
	if (!w->env->dry)
		result = hand_over(w, &p, &said);
	audit_publication(w, &p, result, &said);
	rc = 0;
	if (w->env->dry || result == PUBLISH_STOPPED)
		goto out;
	if (result == PUBLISH_DONE) {
		r->handed = p.want;
		r->handed_at = vault_now(w->vault);
		r->tries = 0;
	} else {
		/* Refused is refused for a while. */
		r->tries += result == PUBLISH_REFUSED ? 10 : 1;
		r->tried_at = vault_now(w->vault);
	}
	w->out->changed = true;
	w->out->unpublished |= result != PUBLISH_DONE;
	rc = vault_write(w->vault, &w->v.vd.domain, r, w->err);
out:
	publication_clear(&p);
	buf_free(&said);
	return rc;
}

static bool
is_stopped(const struct work *w)
{
	return w->env->stop && atomic_load(w->env->stop);
}

static void
due_at(struct work *w, int64_t own_s)
{
	if (own_s < w->out->due_s)
		w->out->due_s = own_s;
}

static int
publish_all(struct work *w)
{
	size_t first = w->looked;

	/* New keys: into which zone do their records go? */
	if (first < w->v.vd.n && !w->env->dry)
		keys_view_look(w->env, &w->v, first, w->deadline_ms);
	for (size_t i = 0; i < w->v.vd.n && !is_stopped(w); i++) {
		const struct key_record *r = &w->v.vd.records[i];
		int64_t now_s = vault_now(w->vault).own_s;
		int64_t due_s = publish_due_s(w->options, r);

		if (due_s == INT64_MAX && !w->env->publish_all) {
			w->out->unsettled |= r->key.look == LOOK_NONE ||
			    r->key.look == LOOK_TROUBLE;
			continue;
		}
		w->out->unsettled = true;
		if (due_s > now_s && !w->env->publish_all)
			due_at(w, due_s);
		/* A key whose file can't be read has nothing to show. */
		else if (key_record_wants(r) == WANT_KEY &&
		    !w->v.vd.pkeys[i] && !w->env->dry)
			continue;
		else if (publish(w, i))
			return -1;
	}
	return 0;
}

/* A key signs, and who asks the wrong server does not find it. */
static void
tell_partly(const struct work *w, const struct key_record *r)
{
	if (r->key.look == LOOK_MIXED && key_life(&r->key) == LIFE_ACTIVE)
		log_event(w->env->log, LOG_LEVEL_WARNING, "key_partly_seen",
		    "d", w->v.vd.domain.text, "s", r->key.selector, "effect",
		    "some of its mail does not verify", NULL);
}

/* What the servers showed, when it is news: for assay keys list. */
static int
write_sights(struct work *w)
{
	for (size_t i = 0; i < w->v.vd.n; i++) {
		struct key_record *r = &w->v.vd.records[i];

		if (r->news && !w->env->dry)
			tell_partly(w, r);
		if (r->news && !w->env->dry &&
		    vault_write(w->vault, &w->v.vd.domain, r, w->err))
			return -1;
	}
	return 0;
}

/* --- ends ---------------------------------------------------------------------------------------- */

/* A removed key leaves the list when its record is gone as well. */
static int
bury(struct work *w)
{
	for (size_t i = 0; i < w->v.vd.n; i++) {
		const struct key_record *r = &w->v.vd.records[i];

		if (key_life(&r->key) != LIFE_REMOVED || w->env->dry)
			continue;
		if (vault_destroy(w->vault, &w->v.vd.domain, r, w->err))
			return -1;
		if (r->key.look != LOOK_ABSENT)
			continue;
		w->out->changed = true;
		/* The tombstones in memory are those before: one at a time. */
		return vault_bury(w->vault, &w->v.vd, r, w->err);
	}
	return 0;
}

/* How soon DNS is worth another look. */
static void
look_again(struct work *w)
{
	int64_t interval_s = w->options->interval_s;
	int64_t now_s = vault_now(w->vault).own_s;

	for (size_t i = 0; i < w->v.vd.n; i++)
		if (key_life(&w->v.vd.records[i].key) == LIFE_GENERATED ||
		    key_life(&w->v.vd.records[i].key) == LIFE_REMOVED)
			w->out->unsettled = true;
	if (w->out->unsettled && interval_s > 60)
		interval_s = 60;
	due_at(w, now_s + interval_s);
}

int
keys_run(const struct keys_env *env, struct vault *vault,
    const struct domain *d, int64_t deadline_ms, struct keys_outcome *out,
    struct err *err)
{
	struct work w = {.env = env,
	    .options = keys_env_options(env, d),
	    .vault = vault,
	    .out = out,
	    .deadline_ms = deadline_ms,
	    .err = err};
	int rc = -1;

	*out = (struct keys_outcome){.due_s = INT64_MAX};
	if (keys_view_open(env, vault, d, true, deadline_ms, &w.v, err))
		return -1;
	w.looked = w.v.vd.n;
	out->managed = vault_domain_managed(&w.v.vd);
	rc = 0;
	if (!out->managed && !env->begin)
		goto out;
	out->managed = true;
	rc = take_steps(&w) || publish_all(&w) || write_sights(&w) || bury(&w)
	    ? -1
	    : 0;
	look_again(&w);
out:
	keys_view_clear(&w.v);
	return rc;
}

int
keys_mark(const struct keys_env *env, struct vault *vault,
    const struct domain *d, struct key_record *r, enum key_event event,
    struct err *err)
{
	struct rotation_act act = {.kind = ROTATION_SET, .event = event};
	struct keys_outcome ignored;
	struct work w = {
	    .env = env, .vault = vault, .out = &ignored, .err = err};
	struct rotation_key key;
	struct key_time now = vault_now(vault);

	w.v.vd.domain = *d;
	key = r->key;
	w.v.keys = &key;
	rotation_apply(&r->key, &act, &now);
	r->tries = 0;
	audit(&w, r, &act);
	return env->dry ? 0 : vault_write(vault, d, r, err);
}
