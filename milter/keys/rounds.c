/* SPDX-License-Identifier: BSD-2-Clause */
/* Which domain is due when. See rounds.h. */
#include "keys/rounds.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LOOK_MS 10000    /* what looking at one domain's DNS may take */
#define TROUBLE_MS 60000 /* after an error of ours */
#define LIST_MS 5000     /* how often new directories are looked for */
#define RECHECK_MS 1000

struct place {
	struct domain domain;
	int64_t due_ms;          /* monotonic */
	struct timespec changed; /* the directory, when it was run last */
	char told[200];          /* the last error */
};

struct rounds {
	struct place *places;
	size_t n, cap;
	int64_t listed_ms, checked_ms;
	char dir[4096];
	const struct keys_options *options; /* of the last call */
	char told[200];
};

struct rounds *
rounds_new(struct err *err)
{
	struct rounds *r = calloc(1, sizeof(*r));

	if (!r)
		(void)err_no_mem(err);
	return r;
}

void
rounds_free(struct rounds *r)
{
	if (r)
		free(r->places);
	free(r);
}

/* --- the list ---------------------------------------------------------------------- */

static void
add_place(struct rounds *r, const char *name)
{
	struct place p = {.due_ms = 0};

	/* Only names as we write them: lower-case A-labels. */
	if (!domain_parse(slice_z(name), &p.domain) ||
	    strcmp(p.domain.text, name))
		return;
	for (size_t i = 0; i < r->n; i++)
		if (domain_eq(&r->places[i].domain, &p.domain))
			return;
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		struct place *a = realloc(r->places, cap * sizeof(*a));

		if (!a)
			return;
		r->places = a;
		r->cap = cap;
	}
	r->places[r->n++] = p;
}

static void
list(struct rounds *r, const char *dir, int64_t now_ms)
{
	const struct dirent *e;
	DIR *d;

	if (strcmp(dir, r->dir)) { /* a reload changed it */
		r->n = 0;
		r->listed_ms = 0;
		(void)snprintf(r->dir, sizeof(r->dir), "%s", dir);
	}
	if (r->listed_ms && now_ms - r->listed_ms < LIST_MS)
		return;
	r->listed_ms = now_ms;
	d = opendir(dir);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			add_place(r, e->d_name);
	if (d)
		(void)closedir(d);
}

static bool
time_of(const struct rounds *r, const struct place *p, struct timespec *t)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", r->dir, p->domain.text) >=
		(int)sizeof(path) ||
	    stat(path, &st))
		return false;
	*t = st.st_mtim;
	return true;
}

/* Does anybody manage its keys? */
static bool
is_managed(const struct rounds *r, const struct place *p)
{
	char path[4096];
	const struct dirent *e;
	bool found = false;
	DIR *d = NULL;

	if (snprintf(path, sizeof(path), "%s/%s", r->dir, p->domain.text) <
	    (int)sizeof(path))
		d = opendir(path);
	while (d && !found && (e = readdir(d)))
		found = !strcmp(e->d_name, "tombstones") ||
		    slice_iends(slice_z(e->d_name), SLICE_LIT(".state"));
	if (d)
		(void)closedir(d);
	return found;
}

/*
 * Directories without a managed key need neither lock nor writing: they may
 * be another's, who lets us read them.
 */
static void
pass_by_unmanaged(struct rounds *r, int64_t now_ms)
{
	for (size_t i = 0; i < r->n; i++) {
		struct place *p = &r->places[i];

		if (p->due_ms > now_ms)
			continue;
		(void)time_of(r, p, &p->changed);
		if (!is_managed(r, p))
			p->due_ms = INT64_MAX;
	}
}

/* Somebody else changed the directory: it may be due now. */
static void
notice_changes(struct rounds *r, int64_t now_ms)
{
	struct timespec t;

	if (r->checked_ms && now_ms - r->checked_ms < RECHECK_MS)
		return;
	r->checked_ms = now_ms;
	for (size_t i = 0; i < r->n; i++)
		if (time_of(r, &r->places[i], &t) &&
		    (t.tv_sec != r->places[i].changed.tv_sec ||
			t.tv_nsec != r->places[i].changed.tv_nsec))
			r->places[i].due_ms = 0;
}

/* --- one domain ---------------------------------------------------------------------- */

static void
complain(
    const struct keys_env *env, char told[200], const char *d, const char *why)
{
	if (!strncmp(told, why, 199))
		return;
	(void)snprintf(told, 200, "%.199s", why);
	log_event(
	    env->log, LOG_LEVEL_ERROR, "key_store", "d", d, "why", why, NULL);
}

static void
run(struct rounds *r, const struct keys_env *env, struct vault *v,
    struct place *p)
{
	int64_t deadline_ms = clock_mono_ms(v->clock) + LOOK_MS;
	struct keys_outcome out;
	struct err err = ERR_INIT;
	int64_t now_ms;

	if (keys_run(env, v, &p->domain, deadline_ms, &out, &err)) {
		complain(env, p->told, p->domain.text, err.text);
		p->due_ms = clock_mono_ms(v->clock) + TROUBLE_MS;
	} else {
		int64_t left_s = out.due_s - vault_now(v).own_s;

		p->told[0] = '\0';
		now_ms = clock_mono_ms(v->clock);
		/* Nobody manages it: until its directory changes. */
		p->due_ms = !out.managed ? INT64_MAX
		    : left_s > 0         ? now_ms + left_s * 1000
					 : now_ms;
	}
	(void)time_of(r, p, &p->changed);
}

static bool
anything_due(const struct rounds *r, int64_t now_ms)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->places[i].due_ms <= now_ms)
			return true;
	return false;
}

void
rounds_go(struct rounds *r, const struct keys_env *env, const char *dir,
    const struct clock *clock, int64_t budget_ms, const atomic_bool *stop)
{
	int64_t now_ms = clock_mono_ms(clock), end_ms = now_ms + budget_ms;
	struct err err = ERR_INIT;
	struct vault v;
	int rc;

	list(r, dir, now_ms);
	/* A reload: other rules may be due at other times. */
	for (size_t i = 0; env->options != r->options && i < r->n; i++)
		r->places[i].due_ms = 0;
	r->options = env->options;
	notice_changes(r, now_ms);
	pass_by_unmanaged(r, now_ms);
	if (!anything_due(r, now_ms))
		return;
	rc = vault_open(&v, dir, clock, 0, &err);
	if (rc < 0)
		complain(env, r->told, "", err.text);
	if (rc)
		return;
	r->told[0] = '\0';
	for (size_t i = 0; i < r->n && !atomic_load(stop); i++) {
		now_ms = clock_mono_ms(clock);
		if (now_ms >= end_ms)
			break;
		if (r->places[i].due_ms <= now_ms)
			run(r, env, &v, &r->places[i]);
	}
	vault_close(&v);
}
