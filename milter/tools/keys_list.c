/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys list, check, export: what only looks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/keys.h"

#define LOOK_MS 20000
#define CELL 100

/* --- one key in words ------------------------------------------------------------------ */

struct row {
	const char *state, *next, *look;
	char type[20], since[CELL], when[CELL], seen_by[2000];
	bool loud; /* vanished, or silent servers in the way */
};

static void
date(int64_t wall_s, char out[CELL])
{
	time_t t = (time_t)wall_s;
	struct tm tm;

	out[0] = '\0';
	if (wall_s > 0 && gmtime_r(&t, &tm))
		(void)!strftime(out, CELL, "%Y-%m-%d %H:%M", &tm);
}

static enum key_event
last_step(const struct rotation_key *k)
{
	enum key_event last = EVENT_GENERATED;

	for (int e = EVENT_GENERATED; e <= EVENT_REMOVED; e++)
		if (key_has(k, (enum key_event)e))
			last = (enum key_event)e;
	return last;
}

static void
seen_by(const struct key_record *r, char out[2000])
{
	struct buf b = BUF_INIT(1999);
	char ip[IP_TEXT_MAX];

	for (size_t i = 0; i < r->nservers; i++) {
		const struct key_server *s = &r->servers[i];

		if (s->sight == SIGHT_EQUAL)
			buf_addf(&b, "%s%s", b.len ? "," : "", s->name.text);
		else
			buf_addf(&b, "%s%s[%s]=%s", b.len ? "," : "",
			    s->name.text, ip_format(&s->ip, ip),
			    names_word(key_sight_words, (int)s->sight));
	}
	memcpy(out, buf_str(&b), b.len + 1);
	buf_free(&b);
}

static void
describe(
    struct keys_tool *t, const struct keys_view *v, size_t i, struct row *row)
{
	const struct key_record *r = &v->vd.records[i];
	const struct rotation_key *k = &v->keys[i];
	struct key_time now = vault_now(&t->vault);
	int64_t when_s;

	memset(row, 0, sizeof(*row));
	row->state = names_word(key_life_words, (int)key_life(k));
	row->loud = key_has(k, EVENT_VANISHED) || key_has(k, EVENT_SILENT);
	if (key_has(k, EVENT_VANISHED))
		row->state = "VANISHED";
	if (!k->usable && key_life(k) <= LIFE_RETIRING)
		row->state = "UNREADABLE";
	row->next = rotation_outlook(&v->rotation, &v->policy, i, &when_s);
	if (when_s >= 0)
		date(now.wall_s + when_s - now.own_s, row->when);
	(void)snprintf(row->type, sizeof(row->type), "%s",
	    names_word(key_type_words, (int)k->type));
	date(k->at[last_step(k)].wall_s, row->since);
	row->look = names_word(key_look_words, (int)k->look);
	seen_by(r, row->seen_by);
}

/* --- printing ----------------------------------------------------------------------------- */

static void
member(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "%s\"%s\": ", b->len > 1 ? ", " : "", name);
	json_string(b, slice_z(value));
}

static void
print_json(struct keys_tool *t, const struct keys_view *v, size_t i,
    const struct row *row, bool signs)
{
	struct buf b = BUF_INIT(16384);

	buf_addc(&b, '{');
	member(&b, "domain", v->vd.domain.text);
	member(&b, "selector", v->keys[i].selector);
	member(&b, "type", row->type);
	member(&b, "state", row->state);
	member(&b, "since", row->since);
	member(&b, "next", row->next);
	member(&b, "when", row->when);
	member(&b, "dns", row->look);
	member(&b, "servers", row->seen_by);
	buf_addf(&b, ", \"signs\": %s}", signs ? "true" : "false");
	(void)printf("%s%s", t->nlines++ ? ",\n" : "", buf_str(&b));
	buf_free(&b);
}

static void
print_line(struct keys_tool *t, const char *domain, const char *selector,
    const struct row *row, const char *last)
{
	if (t->nlines++ == 0)
		(void)printf("%-24s %-14s %-8s %-10s %-16s %-24s %-16s %s\n",
		    "DOMAIN", "SELECTOR", "TYPE", "STATE", "SINCE", "NEXT",
		    "WHEN", "SEEN BY");
	(void)printf("%-24s %-14s %-8s %-10s %-16s %-24s %-16s %s\n", domain,
	    selector, row->type, row->state, row->since, row->next, row->when,
	    last);
}

static void
print_others(struct keys_tool *t, const struct keys_view *v)
{
	static const struct row row = {
	    .state = "unmanaged", .next = "assay keys import"};

	for (size_t i = 0; !t->json && i < v->vd.nothers; i++)
		print_line(t, v->vd.domain.text, v->vd.others[i], &row, "");
}

/* Returns what the keys amount to. */
static enum exit_status
print_domain(struct keys_tool *t, const struct keys_view *v, bool looked)
{
	enum exit_status worst = EXIT_GOOD;

	for (size_t i = 0; i < v->vd.n; i++) {
		bool signs =
		    rotation_signs(&v->rotation, i, v->policy.on_vanished);
		struct row row;

		describe(t, v, i, &row);
		if (t->json)
			print_json(t, v, i, &row, signs);
		else
			print_line(t, v->vd.domain.text, v->keys[i].selector,
			    &row, row.seen_by);
		if (looked && !t->json)
			(void)printf("    DNS: %s\n", row.look);
		if (looked && t->env.require_published &&
		    v->keys[i].look == LOOK_TROUBLE)
			worst = EXIT_TROUBLE;
		else if (worst == EXIT_GOOD &&
		    (row.loud ||
			(looked && !publish_is_shown(&v->vd.records[i]))))
			worst = EXIT_BAD;
	}
	print_others(t, v);
	return worst;
}

static int
worse(int a, int b)
{
	return a > b ? a : b;
}

static int
show(struct keys_tool *t, bool look)
{
	struct err err = ERR_INIT;
	size_t n;
	struct domain *domains = keys_domains(t, &n, &err);
	int status = EXIT_GOOD, rc = domains ? 0 : -1;

	if (t->json)
		keys_heading(t, "", "keys");
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct keys_view v;
		struct err why = ERR_INIT;
		enum exit_status found;

		/* One that can't be read does not hide the others. */
		if (keys_view_open(&t->env, &t->vault, &domains[i], look,
			clock_mono_ms(&clock_system) + LOOK_MS, &v, &why)) {
			status = worse(status, keys_fail(t, &why));
			continue;
		}
		if (keys_known(t, &v, &why))
			status = worse(status, keys_fail(t, &why));
		found = print_domain(t, &v, look);
		if (look)
			status = worse(status, (int)found);
		keys_view_clear(&v);
	}
	keys_end(t);
	free(domains);
	if (rc)
		return keys_fail(t, &err);
	return status;
}

int
keys_list(struct keys_tool *t)
{
	return show(t, false);
}

int
keys_check(struct keys_tool *t)
{
	return show(t, true);
}

/* --- export ----------------------------------------------------------------------------------- */

static void
export_key(struct keys_tool *t, const struct domain *d, const char *selector)
{
	char path[4096];
	struct buf b = BUF_INIT(8192);

	if (vault_path(&t->vault, d, selector, ".pem", path))
		return;
	if (t->json) {
		buf_addc(&b, '{');
		member(&b, "domain", d->text);
		member(&b, "selector", selector);
		member(&b, "file", path);
		(void)printf("%s%s}", t->nlines++ ? ",\n" : "", buf_str(&b));
	} else {
		(void)printf("%s._domainkey.%s %s:%s:%s\n", selector, d->text,
		    d->text, selector, path);
	}
	buf_free(&b);
}

int
keys_export(struct keys_tool *t)
{
	struct err err = ERR_INIT;
	size_t n;
	struct domain *domains = keys_domains(t, &n, &err);
	int rc = domains ? 0 : -1;

	if (t->json)
		keys_heading(t, "", "keys");
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct keys_view v;

		rc = keys_view_open(&t->env, &t->vault, &domains[i], false,
		    INT64_MAX, &v, &err);
		if (rc)
			break;
		rc = keys_known(t, &v, &err);
		for (size_t k = 0; k < v.vd.n; k++)
			if (rotation_signs(
				&v.rotation, k, v.policy.on_vanished))
				export_key(t, &domains[i], v.keys[k].selector);
		for (size_t k = 0; k < v.vd.nothers; k++)
			export_key(t, &domains[i], v.vd.others[k]);
		keys_view_clear(&v);
	}
	keys_end(t);
	free(domains);
	return rc ? keys_fail(t, &err) : 0;
}
