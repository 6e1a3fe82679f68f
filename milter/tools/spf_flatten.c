/* SPDX-License-Identifier: BSD-2-Clause */
/* assay spf flatten: records with addresses in place of names. */
#include <stdio.h>

#include "mail/limits.h"
#include "spf/flat.h"
#include "tools/record.h"
#include "tools/spf.h"

#define TTL_LEAST_S 60
#define TTL_MOST_S 86400

struct flattening {
	struct spf_tool t;
	struct spf_flat_options fo;
	int64_t octets;
	const char *source, *state;
	bool watching;
	struct spf_flat f;
	struct watch watch;
};

/* What it is made of changes no sooner, as a rule. */
static int64_t
ttl_of(const struct spf_tree *t)
{
	if (t->ttl_s < TTL_LEAST_S)
		return TTL_LEAST_S;
	return t->ttl_s > TTL_MOST_S ? TTL_MOST_S : (int64_t)t->ttl_s;
}

static void
show_json(struct out *o, const struct spf_flat *f)
{
	if (!o->json)
		return;
	out_array(o, "records");
	for (size_t i = 0; i < f->n; i++) {
		out_object(o, NULL);
		out_str(o, "name", f->records[i].name);
		out_str(o, "text", f->records[i].text);
		out_close(o);
	}
	out_close(o);
	out_array(o, "kept");
	for (size_t i = 0; i < f->nkept; i++)
		out_str(o, NULL, f->kept[i]);
	out_close(o);
}

static void
show_zone_line(struct out *o, const struct spf_flat_record *r, int64_t ttl_s)
{
	struct buf b = BUF_INIT(4096);

	record_zone_line(&b, r->name, ttl_s, DNS_TXT, r->text);
	out_line(o, OUT_PLAIN, "%s", buf_str(&b));
	buf_free(&b);
}

/* Remarks are comments of a zone file, so that all of it can be pasted. */
static void
show_text(struct out *o, const struct spf_tree *t, const struct spf_flat *f)
{
	for (size_t i = 0; i < f->n; i++)
		show_zone_line(o, &f->records[i], ttl_of(t));
	out_line(o, OUT_PLAIN, "; %zu networks, %u lookups (before: %u)",
	    f->networks, f->lookups, t->root->lookups);
	out_line(o, OUT_PLAIN,
	    "; good until an address behind it changes: look again (--watch) "
	    "every %u s, the shortest TTL",
	    (unsigned)ttl_of(t));
	for (size_t i = 0; i < f->nkept; i++) {
		struct buf b = BUF_INIT(4096);

		out_escape(&b, f->kept[i]);
		out_line(o, OUT_WARN,
		    "; depends on the message, left as it is: %s",
		    buf_str(&b));
		buf_free(&b);
	}
	if (!spf_tool_within_limits(t))
		out_line(o, OUT_WARN,
		    "; the original passes a limit, and so fails for some "
		    "clients that pass by these");
}

static void
refuse(struct out *o, const struct spf_tree *t, const struct spf_flat *f)
{
	struct buf why = BUF_INIT(4096);

	spf_tool_fault(t, &why);
	out_tone(
	    o, "refused", names_word(spf_flat_faults, (int)f->fault), OUT_BAD);
	if (f->fault == SPF_FLAT_LOOKUPS)
		out_num(o, "lookups", f->lookups);
	else
		out_z(o, "why", buf_str(&why));
	buf_free(&why);
}

/* --- drift ---------------------------------------------------------------------------- */

static bool
is_ours(const struct flattening *w, struct slice term)
{
	char own[LIMIT_DOMAIN];

	(void)snprintf(own, sizeof(own), "include:%.100s", w->fo.prefix);
	return slice_istarts(term, slice_z(own)) &&
	    slice_iends(term, domain_slice(&w->t.domain));
}

/* The terms, whichever record each has come into. */
static void
watch_terms(struct flattening *w)
{
	struct slice part = domain_slice(&w->t.domain);

	for (size_t i = 0; i < w->f.n; i++) {
		struct slice rest = w->f.records[i].text;
		bool more = true;

		while (more) {
			struct slice term = slice_cut(&rest, ' ', &more);

			/* The "-all" of a part says nothing. */
			if (!slice_eqz(term, "v=spf1") && !is_ours(w, term) &&
			    (i == 0 || !slice_eqz(term, "-all")))
				watch_add(&w->watch, part, term);
		}
	}
}

/* The exit status speaks of changes alone. -1: err. */
static int
drift(struct flattening *w, struct err *err)
{
	char name[LIMIT_DOMAIN + 16];
	long changes;

	(void)snprintf(name, sizeof(name), "flatten-%s", w->t.domain.text);
	if (watch_open(&w->watch, w->state, name, err))
		return -1;
	watch_terms(w);
	changes = watch_end(&w->watch, &w->t.env.out, err);
	if (changes < 0)
		return -1;
	if (w->watch.first)
		out_line(&w->t.env.out, OUT_PLAIN,
		    "; nothing to compare with yet: kept for the next run");
	return changes ? EXIT_BAD : EXIT_GOOD;
}

/* --- the command ------------------------------------------------------------------------ */

/* --source: the record as it was before it was flattened and published. */
static int
lay_source(struct flattening *w, struct err *err)
{
	struct buf zone = BUF_INIT(4 * LIMIT_SPF_RECORD);
	int rc;

	if (!w->source)
		return 0;
	record_zone_line(&zone, domain_slice(&w->t.domain), TTL_LEAST_S,
	    DNS_TXT, slice_z(w->source));
	if (!spf_record_is(slice_z(w->source)) || buf_status(&zone))
		rc = err_set(err, "--source: no SPF record");
	else
		rc = env_overlay(&w->t.env, buf_slice(&zone), err);
	buf_free(&zone);
	if (rc)
		return -1;
	inquiry_free(w->t.inquiry);
	w->t.inquiry = env_inquiry(&w->t.env, LIMIT_SPF_TREE_QUERIES);
	return w->t.inquiry ? 0 : err_no_mem(err);
}

static void
show(struct flattening *w)
{
	struct out *o = &w->t.env.out;

	if (!o->json) {
		show_text(o, &w->t.tree, &w->f);
		return;
	}
	out_num(o, "lookups", w->f.lookups);
	out_num(o, "networks", (int64_t)w->f.networks);
	out_num(o, "ttl", ttl_of(&w->t.tree));
	out_bool(
	    o, "original_within_limits", spf_tool_within_limits(&w->t.tree));
	show_json(o, &w->f);
}

static int
run(struct flattening *w, struct err *err)
{
	w->fo.octets = w->octets > LIMIT_SPF_RECORD ? LIMIT_SPF_RECORD
						    : (size_t)w->octets;
	if (lay_source(w, err) || spf_tool_tree(&w->t, NULL, err))
		return -1;
	if (spf_flat_make(&w->t.tree, &w->fo, w->t.arena, &w->f))
		return err_no_mem(err);
	/* No answer is no change. */
	if (w->watching && spf_tool_is_silent(&w->t.tree))
		return err_set(
		    err, "%.200s: DNS gives no answer", w->t.domain.text);
	if (w->f.fault != SPF_FLAT_OK) {
		refuse(&w->t.env.out, &w->t.tree, &w->f);
		return spf_tool_is_silent(&w->t.tree) ? EXIT_TROUBLE
						      : EXIT_BAD;
	}
	show(w);
	return w->watching ? drift(w, err) : EXIT_GOOD;
}

static const char about[] =
    "Writes the SPF record of DOMAIN anew, with addresses in place of the\n"
    "names it asks about, for a zone file: one record, or more at _spf1.DOMAIN\n"
    "and so on when one string of 255 octets does not hold it. Every client\n"
    "gets the result it had. What depends on the message (ptr, exists, most\n"
    "macros) stays as it is. Once it is published, give the record it is made\n"
    "of with --source. Exit status 1: it can't be done, and why; with --watch:\n"
    "it is not what it was.\n";

int
tool_spf_flatten(int argc, char **argv)
{
	struct flattening w = {.fo = {.prefix = "_spf"}};
	const struct arg args[] = {
	    {"prefix", 0, ARG_TEXT, (void *)&w.fo.prefix, "NAME",
		"of further records (_spf)"},
	    {"octets", 0, ARG_NUMBER, &w.octets, "N",
		"of one record at most (255, else 450)"},
	    {"source", 0, ARG_TEXT, (void *)&w.source, "RECORD",
		"flatten this, not what is published"},
	    {"watch", 0, ARG_FLAG, &w.watching, NULL,
		"compare with the last run; 1: it differs"},
	    {"state", 0, ARG_TEXT, (void *)&w.state, "FILE",
		"where --watch keeps what it saw"},
	};
	const struct command c = {
	    "spf flatten", "DOMAIN", 1, 1, about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	int status;

	if (!spf_tool_open(&w.t, &c, argc, argv, &status))
		return status;
	w.watching |= w.state != NULL;
	status = run(&w, &err);
	if (status < 0)
		status = env_fail(&c, &err);
	watch_free(&w.watch);
	return spf_tool_close(&w.t, status);
}
