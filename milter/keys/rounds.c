/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which domain is due when. See rounds.h.
 *
 * There may be a hundred thousand domains, of which nobody manages the keys
 * of most. So an idle call looks at two files: KEYDIR, which changes with the
 * domains in it, and KEYDIR/.time, which changes with whatever assay keys
 * does (vault.h). What people change by hand is found by looking at some
 * directories each second, in turn.
 */
#include "keys/rounds.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/map.h"

#define LOOK_MS 10000    /* what looking at one domain's DNS may take */
#define TROUBLE_MS 60000 /* after an error of ours */
#define RECHECK_MS 1000
#define SWEEP 500      /* directories looked at each second */
#define PASS 1000      /* directories opened each call that nobody manages */
#define HELD_MS 180000 /* a lock held as long as this is told of */
#define NOBODYS INT64_MAX /* never due */

struct place {
	char *name;              /* the domain */
	int64_t due_ms;          /* monotonic */
	struct timespec changed; /* the directory, when it was run last */
	char *told;              /* the last error, or NULL */
};

struct rounds {
	struct place *places;
	size_t n, cap;
	struct map by_name;
	size_t sweep, turn; /* where to go on */
	int64_t next_ms;    /* nothing is due before */
	int64_t checked_ms;
	char dir[4096];
	int dir_fd;
	struct timespec listed; /* dir, when its names were read */
	bool unsure;            /* it had changed just before */
	struct vault_stamp stamp;
	const struct keys_options *options; /* of the last call */
	char *told;
	int64_t held_ms; /* the lock is another's since then; 0: it is not */
	bool held_told;
};

struct rounds *
rounds_new(struct err *err)
{
	struct rounds *r = calloc(1, sizeof(*r));

	if (!r) {
		(void)err_no_mem(err);
		return NULL;
	}
	/* Customers choose the names of their domains. */
	if (RAND_bytes((unsigned char *)r->by_name.hash.k,
		sizeof(r->by_name.hash.k)) != 1) {
		(void)err_set(err, "no random numbers");
		free(r);
		return NULL;
	}
	r->dir_fd = -1;
	return r;
}

static void
forget_places(struct rounds *r)
{
	struct hash_key hash = r->by_name.hash;

	for (size_t i = 0; i < r->n; i++) {
		free(r->places[i].name);
		free(r->places[i].told);
	}
	free(r->places);
	map_free(&r->by_name);
	r->by_name.hash = hash;
	r->places = NULL;
	r->n = r->cap = r->sweep = r->turn = 0;
	if (r->dir_fd >= 0)
		(void)close(r->dir_fd);
	r->dir_fd = -1;
}

void
rounds_free(struct rounds *r)
{
	if (r) {
		forget_places(r);
		free(r->told);
	}
	free(r);
}

/* --- the list ---------------------------------------------------------------------- */

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static void
make_due(struct rounds *r, struct place *p)
{
	p->due_ms = 0;
	r->next_ms = 0;
}

static void
add_place(struct rounds *r, const char *name)
{
	struct place p = {.due_ms = 0};
	struct domain d;
	uint32_t *at;

	/* Only names as we write them: lower-case A-labels. */
	if (!domain_parse(slice_z(name), &d) || strcmp(d.text, name) ||
	    map_get(&r->by_name, slice_z(name)) != MAP_NONE)
		return;
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		struct place *a = realloc(r->places, cap * sizeof(*a));

		if (!a)
			return;
		r->places = a;
		r->cap = cap;
	}
	p.name = strdup(name);
	at = p.name ? map_at(&r->by_name, slice_z(p.name)) : NULL;
	if (!at) {
		free(p.name);
		return;
	}
	*at = (uint32_t)r->n;
	r->places[r->n] = p;
	make_due(r, &r->places[r->n++]);
}

/* Another directory under the same name is looked at as a new one. */
static bool
open_directory(struct rounds *r)
{
	struct stat now, before;

	if (stat(r->dir, &now))
		return false;
	if (r->dir_fd >= 0 &&
	    (fstat(r->dir_fd, &before) || before.st_ino != now.st_ino ||
		before.st_dev != now.st_dev))
		forget_places(r);
	if (r->dir_fd < 0) {
		r->dir_fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r->listed = (struct timespec){0, 0};
	}
	return r->dir_fd >= 0;
}

/* Have domains come? In the same tick of its clock as before, perhaps. */
static bool
names_changed(struct rounds *r)
{
	bool once_more = r->unsure;
	struct stat st;

	if (fstat(r->dir_fd, &st))
		return false;
	r->unsure = !same_time(&st.st_mtim, &r->listed);
	r->listed = st.st_mtim;
	return r->unsure || once_more;
}

static void
list(struct rounds *r)
{
	const struct dirent *e;
	DIR *d;

	if (!names_changed(r))
		return;
	d = opendir(r->dir);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			add_place(r, e->d_name);
	if (d)
		(void)closedir(d);
}

/* --- changes ----------------------------------------------------------------------- */

static bool
time_of(const struct rounds *r, const struct place *p, struct timespec *t)
{
	struct stat st;

	if (fstatat(r->dir_fd, p->name, &st, 0))
		return false;
	*t = st.st_mtim;
	return true;
}

/* Does anybody manage its keys? Notes the time of its directory, too. */
static bool
is_managed(const struct rounds *r, struct place *p)
{
	const struct dirent *e;
	struct stat st;
	bool found = false;
	int fd =
	    openat(r->dir_fd, p->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		(void)close(fd);
	if (d && fstat(fd, &st) == 0)
		p->changed = st.st_mtim;
	while (d && !found && (e = readdir(d)))
		found = !strcmp(e->d_name, "tombstones") ||
		    slice_iends(slice_z(e->d_name), SLICE_LIT(".state"));
	if (d)
		(void)closedir(d);
	return found;
}

/* Somebody else changed a directory: it may be due now. */
static void
notice_changes(struct rounds *r)
{
	struct vault_stamp stamp;
	size_t n = r->n < SWEEP ? r->n : SWEEP;

	vault_stamp_read(r->dir, &stamp);
	if (!vault_stamp_eq(&stamp, &r->stamp))
		n = r->n;
	r->stamp = stamp;
	for (size_t i = 0; i < n; i++) {
		struct place *p = &r->places[r->sweep++ % r->n];
		struct timespec t;

		if (time_of(r, p, &t) && !same_time(&t, &p->changed))
			make_due(r, p);
	}
	r->sweep = r->n ? r->sweep % r->n : 0;
}

static void
look_around(struct rounds *r, const struct keys_options *options,
    const char *dir, int64_t now_ms)
{
	if (strcmp(dir, r->dir)) { /* a reload changed it */
		forget_places(r);
		r->checked_ms = 0;
		(void)snprintf(r->dir, sizeof(r->dir), "%s", dir);
	}
	/* A reload: by other rules other things may be due. */
	for (size_t i = 0; options != r->options && i < r->n; i++)
		if (r->places[i].due_ms != NOBODYS)
			make_due(r, &r->places[i]);
	r->options = options;
	if (r->checked_ms && now_ms - r->checked_ms < RECHECK_MS)
		return;
	r->checked_ms = now_ms;
	if (open_directory(r)) {
		list(r);
		notice_changes(r);
	}
}

/* --- one domain ---------------------------------------------------------------------- */

static void
complain(
    const struct keys_env *env, char **told, const char *d, const char *why)
{
	if (*told && !strcmp(*told, why))
		return;
	free(*told);
	*told = strdup(why);
	log_event(
	    env->log, LOG_LEVEL_ERROR, "key_store", "d", d, "why", why, NULL);
}

static void
be_content(char **told)
{
	free(*told);
	*told = NULL;
}

static void
run(struct rounds *r, const struct keys_env *env, struct vault *v,
    struct place *p)
{
	int64_t deadline_ms = clock_mono_ms(v->clock) + LOOK_MS;
	struct keys_outcome out;
	struct err err = ERR_INIT;
	struct domain d;
	int64_t now_ms;

	if (!domain_parse(slice_z(p->name), &d))
		return;
	if (keys_run(env, v, &d, deadline_ms, &out, &err)) {
		complain(env, &p->told, p->name, err.text);
		p->due_ms = clock_mono_ms(v->clock) + TROUBLE_MS;
	} else {
		int64_t left_s = out.due_s - vault_now(v).own_s;

		be_content(&p->told);
		now_ms = clock_mono_ms(v->clock);
		/* Nobody manages it: until its directory changes. */
		p->due_ms = !out.managed ? NOBODYS
		    : left_s > 0         ? now_ms + left_s * 1000
					 : now_ms;
	}
	(void)time_of(r, p, &p->changed);
}

/* --- the lock -------------------------------------------------------------------------- */

/* Nothing goes on meanwhile; a person who has left a question open forgets. */
static void
tell_held(
    struct rounds *r, const struct keys_env *env, int64_t now_ms, long pid)
{
	struct event e;

	if (!r->held_ms)
		r->held_ms = now_ms;
	if (r->held_told || now_ms - r->held_ms < HELD_MS)
		return;
	r->held_told = true;
	event_begin(
	    &e, env->log, LOG_LEVEL_WARNING, "key_lock_held", SLICE_EMPTY);
	event_z(&e, "dir", r->dir);
	event_num(&e, "by_pid", pid);
	event_num(&e, "seconds", (now_ms - r->held_ms) / 1000);
	event_z(&e, "effect", "keys do not rotate until it ends");
	event_end(&e);
}

static void
tell_free(struct rounds *r, const struct keys_env *env, int64_t now_ms)
{
	struct event e;

	if (r->held_told) {
		event_begin(&e, env->log, LOG_LEVEL_WARNING, "key_lock_free",
		    SLICE_EMPTY);
		event_z(&e, "dir", r->dir);
		event_num(&e, "seconds", (now_ms - r->held_ms) / 1000);
		event_end(&e);
	}
	r->held_ms = 0;
	r->held_told = false;
}

static bool
take_lock(struct rounds *r, const struct keys_env *env, struct vault *v,
    const struct clock *clock)
{
	struct err err = ERR_INIT;
	int rc = vault_open(v, r->dir, clock, 0, &err);

	if (rc < 0)
		complain(env, &r->told, "", err.text);
	if (rc > 0)
		tell_held(r, env, clock_mono_ms(clock), v->holder);
	else
		tell_free(r, env, clock_mono_ms(clock));
	if (rc)
		return false;
	be_content(&r->told);
	/* Others acted before we could: what they did is looked for yet. */
	if (!vault_stamp_eq(&v->stamp, &r->stamp))
		r->checked_ms = 0;
	return true;
}

static void
drop_lock(struct rounds *r, struct vault *v)
{
	bool ours = vault_stamp_eq(&v->stamp, &r->stamp);

	vault_close(v);
	if (ours)
		r->stamp = v->stamp;
}

/* --- all of them ----------------------------------------------------------------------- */

/* What one call may do yet. */
struct turn {
	const struct keys_env *env;
	const struct clock *clock;
	int64_t end_ms;
	const atomic_bool *stop;
	struct vault vault;
	bool locked, over;
	size_t passed;
};

static void
take_turn(struct rounds *r, struct turn *t, struct place *p)
{
	/*
	 * Directories without a managed key need neither lock nor writing:
	 * they may be another's, who lets us read them.
	 */
	if (!is_managed(r, p)) {
		p->due_ms = NOBODYS;
		t->over = ++t->passed == PASS;
		return;
	}
	if (!t->locked)
		t->locked = take_lock(r, t->env, &t->vault, t->clock);
	t->over = !t->locked || atomic_load(t->stop) ||
	    clock_mono_ms(t->clock) >= t->end_ms;
	if (!t->over)
		run(r, t->env, &t->vault, p);
}

void
rounds_go(struct rounds *r, const struct keys_env *env, const char *dir,
    const struct clock *clock, int64_t budget_ms, const atomic_bool *stop)
{
	int64_t now_ms = clock_mono_ms(clock), next_ms = INT64_MAX;
	struct turn t = {.env = env,
	    .clock = clock,
	    .end_ms = now_ms + budget_ms,
	    .stop = stop};
	size_t from = r->turn;

	look_around(r, env->options, dir, now_ms);
	if (r->next_ms > now_ms)
		return;
	for (size_t i = 0; i < r->n; i++) {
		struct place *p = &r->places[(from + i) % r->n];

		if (!t.over && p->due_ms <= clock_mono_ms(clock)) {
			take_turn(r, &t, p);
			r->turn = (from + i) % r->n;
		}
		if (p->due_ms < next_ms)
			next_ms = p->due_ms;
	}
	if (t.locked)
		drop_lock(r, &t.vault);
	r->next_ms = next_ms;
}
