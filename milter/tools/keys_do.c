/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys init, rotate, publish, revoke, remove: what acts. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/keys.h"
#include "tools/out.h"

#define LOOK_MS 20000
#define RECORDS_MAX 262144

/* --- saying --------------------------------------------------------------------------- */

void
keys_heading(struct keys_tool *t, const char *text, const char *member)
{
	/* A member of a JSON object stands in it once. */
	if (t->json && t->planning && !strcmp(t->member, member))
		return;
	if (t->json)
		(void)printf("%s\"%s\": [", t->planning ? "], " : "{", member);
	else
		(void)printf("%s:\n", text);
	t->planning = true;
	t->member = member;
	t->nlines = 0;
}

void
keys_end(struct keys_tool *t)
{
	if (t->json)
		(void)printf("%s\n", t->planning ? "]}" : "{}");
	t->planning = false;
}

bool
keys_confirm(const struct keys_tool *t, const char *what)
{
	char answer[16] = "";

	if (t->yes || t->dry)
		return true;
	if (!isatty(STDIN_FILENO)) {
		(void)fprintf(
		    stderr, "assay keys: %s: say --yes to mean it\n", what);
		return false;
	}
	(void)fprintf(stderr, "%s. Go on? [y/N] ", what);
	return fgets(answer, sizeof(answer), stdin) &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

/* --- records ------------------------------------------------------------------------------ */

static void
print_panel(const struct publication *p)
{
	(void)printf("  name   %s\n  type   TXT\n  value  %s\n\n",
	    p->owner.text,
	    p->want == WANT_NONE ? "(remove it)" : buf_str(&p->text));
}

static void
collect(struct keys_tool *t, struct keys_view *v, struct buf *zone,
    struct buf *aliases, struct buf *json)
{
	for (size_t i = 0; i < v->vd.n; i++) {
		struct publication p;
		struct err err = ERR_INIT;

		if (publication_fill(&p,
			keys_env_options(&t->env, &v->vd.domain),
			&v->vd.domain, &v->vd.records[i], v->vd.pkeys[i],
			&v->seen[i], &err) == 0) {
			publication_zone_text(&p, zone);
			publication_cname_text(&p, aliases);
			buf_addz(json, json->len ? ", " : "");
			publication_json(&p, json);
		} else {
			out_complain("keys", slice_z(err.text));
		}
		publication_clear(&p);
	}
}

static void
print_texts(struct keys_tool *t, struct keys_view *v, const struct buf *zone,
    const struct buf *aliases)
{
	(void)printf("\nrecords of %s, as lines of its zone:\n\n%s\n",
	    v->vd.domain.text, buf_str(zone));
	if (aliases->len)
		(void)printf("aliases that %s needs, once for all:\n\n%s\n",
		    v->vd.domain.text, buf_str(aliases));
	(void)printf("the same for a DNS panel:\n\n");
	for (size_t i = 0; i < v->vd.n; i++) {
		struct publication p;

		if (publication_fill(&p,
			keys_env_options(&t->env, &v->vd.domain),
			&v->vd.domain, &v->vd.records[i], v->vd.pkeys[i],
			&v->seen[i], NULL) == 0)
			print_panel(&p);
		publication_clear(&p);
	}
}

int
keys_print_records(
    struct keys_tool *t, const struct domain *d, struct err *err)
{
	struct buf zone = BUF_INIT(RECORDS_MAX), aliases = zone, json = zone;
	struct keys_view v;

	int rc;

	if (keys_view_open(&t->env, &t->vault, d, false, INT64_MAX, &v, err))
		return -1;
	rc = keys_known(t, &v, err);
	collect(t, &v, &zone, &aliases, &json);
	if (t->json) {
		keys_heading(t, "", "records");
		if (json.len)
			(void)printf(
			    "%s%s", t->nlines++ ? ", " : "", buf_str(&json));
	} else if (v.vd.n) {
		print_texts(t, &v, &zone, &aliases);
	}
	keys_view_clear(&v);
	buf_free(&zone);
	buf_free(&aliases);
	buf_free(&json);
	return rc;
}

/* --- acting --------------------------------------------------------------------------------- */

static int
go(struct keys_tool *t, const struct domain *d, bool dry, struct err *err)
{
	struct keys_outcome out;
	bool dry_before = t->env.dry;
	int rc;

	t->env.dry = dry;
	rc = keys_run(&t->env, &t->vault, d,
	    clock_mono_ms(&clock_system) + LOOK_MS, &out, err);
	t->env.dry = dry_before;
	t->unpublished |= rc == 0 && out.unpublished;
	if (t->nlines == 0 && !t->json)
		(void)printf("  nothing\n");
	return rc;
}

int
keys_plan_and_run(struct keys_tool *t, const struct domain *d, struct err *err)
{
	keys_heading(t, "plan", "plan");
	if (go(t, d, true, err))
		return -1;
	if (t->dry)
		return 0;
	keys_heading(t, "done", "done");
	return go(t, d, false, err);
}

int
keys_init(struct keys_tool *t)
{
	struct err err = ERR_INIT;
	struct domain d;
	int rc;

	t->env.begin = true;
	rc = keys_domain_argument(t, 0, &d, &err);
	rc = rc || keys_plan_and_run(t, &d, &err);
	rc = rc || (!t->dry && keys_print_records(t, &d, &err));
	keys_end(t);
	if (rc)
		return keys_fail(t, &err);
	if (!t->json && !t->dry)
		(void)printf("assayd does the rest: it signs when every name "
			     "server shows the records.\n"
			     "assay keys list %s tells how far it is.\n",
		    d.text);
	return 0;
}

/* The arguments' domain, with no look at DNS. */
static int
open_view(struct keys_tool *t, struct keys_view *v, struct err *err)
{
	struct domain d;

	if (keys_domain_argument(t, 0, &d, err) ||
	    keys_view_open(&t->env, &t->vault, &d, false, INT64_MAX, v, err))
		return -1;
	if (vault_domain_managed(&v->vd))
		return 0;
	keys_view_clear(v);
	return keys_no(t,
	    err_set(err, "%s has no managed keys: assay keys init or import",
		d.text));
}

static int
order_rotation(struct keys_tool *t, struct keys_view *v, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < v->vd.n; i++) {
		struct key_record *r = &v->vd.records[i];
		enum key_life life = key_life(&r->key);
		bool pending = life == LIFE_GENERATED || life == LIFE_WAITING;
		enum key_event e =
		    t->emergency ? EVENT_COMPROMISED : EVENT_ROTATE;

		if (t->nargs == 2 && strcmp(t->args[1], r->key.selector))
			continue;
		/* Whoever had the signing key may have had the next one. */
		if (pending && t->emergency)
			e = EVENT_REMOVED;
		else if (life != LIFE_ACTIVE)
			continue;
		if (keys_mark(&t->env, &t->vault, &v->vd.domain, r, e, err))
			return -1;
		n++;
	}
	return n ? 0 : keys_no(t, err_set(err, "no active key of that name"));
}

int
keys_rotate(struct keys_tool *t)
{
	struct err err = ERR_INIT;
	struct keys_view v;
	int rc = -1;

	if (open_view(t, &v, &err))
		return keys_fail(t, &err);
	if (t->emergency &&
	    !keys_confirm(
		t, "mail under way with the old signature will not verify"))
		(void)keys_no(t, err_set(&err, "nothing was done"));
	else {
		keys_heading(t, "orders", "orders");
		rc = order_rotation(t, &v, &err);
		if (rc == 0 && !t->dry)
			rc = keys_plan_and_run(t, &v.vd.domain, &err);
		keys_end(t);
	}
	keys_view_clear(&v);
	return rc ? keys_fail(t, &err) : 0;
}

static bool
is_printed(const struct keys_tool *t, const struct domain *d)
{
	return keys_env_options(&t->env, d)->publish_via == PUBLISH_PRINT;
}

/* Those that a program or a file publishes. */
static int
hand_over(struct keys_tool *t, const struct domain *domains, size_t n,
    bool dry, struct err *err)
{
	bool begun = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (is_printed(t, &domains[i]))
			continue;
		if (!begun)
			keys_heading(
			    t, dry ? "plan" : "done", dry ? "plan" : "done");
		begun = true;
		rc = go(t, &domains[i], dry, err);
	}
	return rc;
}

static int
publish(struct keys_tool *t, const struct domain *domains, size_t n,
    struct err *err)
{
	int rc;

	t->env.publish_all = true;
	rc = hand_over(t, domains, n, true, err);
	rc = rc || (!t->dry && hand_over(t, domains, n, false, err));
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (is_printed(t, &domains[i]))
			rc = keys_print_records(t, &domains[i], err);
	return rc;
}

int
keys_publish(struct keys_tool *t)
{
	struct err err = ERR_INIT;
	size_t n;
	struct domain *domains = keys_domains(t, &n, &err);
	int rc = domains ? 0 : -1;

	rc = rc || publish(t, domains, n, &err);
	keys_end(t);
	free(domains);
	if (rc)
		return keys_fail(t, &err);
	return t->unpublished ? EXIT_BAD : EXIT_GOOD;
}

/* --- one key --------------------------------------------------------------------------------- */

static size_t
count_signing(const struct keys_view *v, size_t but)
{
	size_t n = 0;

	for (size_t i = 0; i < v->vd.n; i++)
		n += i != but &&
		    rotation_signs(&v->rotation, i, v->policy.on_vanished);
	return n;
}

static int
mark_one(struct keys_tool *t, struct keys_view *v, enum key_event e,
    struct err *err)
{
	size_t i = 0;
	struct key_record *r;

	while (
	    i < v->vd.n && strcmp(v->vd.records[i].key.selector, t->args[1]))
		i++;
	if (i == v->vd.n)
		return keys_no(t,
		    err_set(err, "%s has no managed key %s", t->args[0],
			t->args[1]));
	r = &v->vd.records[i];
	if (rotation_signs(&v->rotation, i, v->policy.on_vanished) &&
	    !keys_confirm(t,
		count_signing(v, i) || v->vd.others_sign
		    ? "this key signs; mail under way will not verify"
		    : "this is the domain's last signing key; its mail will "
		      "go unsigned"))
		return keys_no(t, err_set(err, "nothing was done"));
	keys_heading(t, "orders", "orders");
	if (key_has(&r->key, e))
		return keys_no(t, err_set(err, "that was done before"));
	return keys_mark(&t->env, &t->vault, &v->vd.domain, r, e, err);
}

static int
end_key(struct keys_tool *t, enum key_event e)
{
	struct err err = ERR_INIT;
	struct keys_view v;
	int rc;

	if (open_view(t, &v, &err))
		return keys_fail(t, &err);
	rc = mark_one(t, &v, e, &err);
	if (rc == 0 && !t->dry)
		rc = keys_plan_and_run(t, &v.vd.domain, &err);
	keys_end(t);
	keys_view_clear(&v);
	return rc ? keys_fail(t, &err) : 0;
}

int
keys_revoke(struct keys_tool *t)
{
	return end_key(t, EVENT_REVOKED);
}

int
keys_remove(struct keys_tool *t)
{
	return end_key(t, EVENT_REMOVED);
}

int
keys_known(struct keys_tool *t, const struct keys_view *v, struct err *err)
{
	if (t->nargs == 0 || v->vd.n || v->vd.nothers)
		return 0;
	return keys_no(t,
	    err_set(err, "%s has no keys: assay keys init makes them",
		v->vd.domain.text));
}

/* --- which domains ---------------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const struct domain *x = a, *y = b;

	return strcmp(x->text, y->text);
}

static int
add(struct domain **list, size_t *n, const struct domain *d, struct err *err)
{
	struct domain *p = realloc(*list, (*n + 2) * sizeof(*p));

	if (!p)
		return err_no_mem(err);
	p[(*n)++] = *d;
	*list = p;
	return 0;
}

struct domain *
keys_domains(struct keys_tool *t, size_t *n, struct err *err)
{
	struct domain *list = NULL, d;
	const struct dirent *e;
	DIR *dir = NULL;
	struct stat st;
	int rc = 0;

	*n = 0;
	for (size_t i = 0; rc == 0 && i < t->nargs; i++) {
		rc = keys_domain_argument(t, i, &d, err);
		rc = rc || add(&list, n, &d, err);
	}
	if (t->nargs == 0)
		dir = opendir(t->key_dir);
	while (rc == 0 && dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' &&
		    domain_parse(slice_z(e->d_name), &d) &&
		    !strcmp(d.text, e->d_name) &&
		    fstatat(dirfd(dir), e->d_name, &st, 0) == 0 &&
		    S_ISDIR(st.st_mode))
			rc = add(&list, n, &d, err);
	if (dir)
		(void)closedir(dir);
	if (rc || (!list && !(list = malloc(sizeof(*list))))) {
		free(list);
		return NULL;
	}
	if (*n)
		qsort(list, *n, sizeof(*list), by_name);
	return list;
}
