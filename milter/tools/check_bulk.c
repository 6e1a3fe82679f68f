/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay check --bulk: one domain after the other; in text a line each and
 * the findings by their number, in JSON all of it.
 */
#include <stdio.h>

#include "tools/check.h"

#define BULK_MAX (16u << 20)
#define LINE_MAX_OCTETS 300

struct bulk {
	struct check *c;
	size_t done, total;
	size_t by_finding[FINDINGS]; /* domains that have it */
	size_t counts[SEVERITIES];   /* of all */
	size_t bad;                  /* domains with an error */
	size_t invalid;              /* lines that name no domain */
};

static struct slice
next_domain(struct slice *rest, bool *more)
{
	struct slice line = slice_cut(rest, '\n', more);

	return slice_trim(slice_upto(line, slice_find(line, '#')));
}

static size_t
count_domains(struct slice text)
{
	bool more = true;
	size_t n = 0;

	while (more)
		n += next_domain(&text, &more).len > 0;
	return n;
}

/* --- one domain ---------------------------------------------------------------------- */

static void
table_head(struct out *o)
{
	out_line(o, OUT_BOLD, "%-38s %6s %8s %5s  %s", "domain", "errors",
	    "warnings", "notes", "DMARC");
}

static void
table_row(struct bulk *b, struct out *o)
{
	const struct check *c = b->c;
	const char *policy = c->policy == DMARC_UNSET
	    ? "-"
	    : names_word(dmarc_policy_words, (int)c->policy);

	out_line(o,
	    c->counts[SEVERITY_ERROR]         ? OUT_BAD
		: c->counts[SEVERITY_WARNING] ? OUT_WARN
					      : OUT_GOOD,
	    "%-38s %6zu %8zu %5zu  %s", c->domain.text,
	    c->counts[SEVERITY_ERROR], c->counts[SEVERITY_WARNING],
	    c->counts[SEVERITY_NOTE], policy);
}

static void
add_up(struct bulk *b)
{
	for (size_t i = 0; i < SEVERITIES; i++)
		b->counts[i] += b->c->counts[i];
	for (size_t i = 0; i < FINDINGS; i++)
		b->by_finding[i] += b->c->seen[i];
	b->bad += b->c->counts[SEVERITY_ERROR] > 0;
}

/* In text the parts go nowhere, and the row stands for them. */
static int
one(struct bulk *b, const char *domain, struct err *err)
{
	struct check *c = b->c;
	struct out kept = c->env.out;
	int rc;

	if (kept.json) {
		out_object(&c->env.out, NULL);
		rc = check_domain(c, domain, err);
		out_close(&c->env.out);
	} else {
		out_begin(&c->env.out, false, false);
		rc = check_domain(c, domain, err);
		buf_free(&c->env.out.text);
		c->env.out = kept;
	}
	if (rc)
		return -1;
	add_up(b);
	table_row(b, &c->env.out);
	return out_flush(&c->env.out);
}

/* A line that is no domain is no reason to stop before the others. */
static void
not_one(struct bulk *b, struct slice name)
{
	struct out *o = &b->c->env.out;
	struct buf text = BUF_INIT(4 * LINE_MAX_OCTETS);

	b->invalid++;
	out_escape(&text, slice_upto(name, LINE_MAX_OCTETS / 4));
	if (o->json) {
		out_object(o, NULL);
		out_str(o, "domain", name);
		out_z(o, "problem", "no domain name");
		out_close(o);
	}
	out_line(o, OUT_BAD, "%-38s no domain name", buf_str(&text));
	buf_free(&text);
}

/* --- all of them ------------------------------------------------------------------------ */

static void
summary(struct bulk *b)
{
	struct out *o = &b->c->env.out;

	out_object(o, "summary");
	out_num(o, "domains", (int64_t)b->done);
	out_num(o, "with_errors", (int64_t)b->bad);
	if (b->invalid)
		out_num(o, "no_domains", (int64_t)b->invalid);
	for (size_t i = SEVERITIES; i-- > 0;)
		out_num(o, severity_words[i], (int64_t)b->counts[i]);
	out_flat_array(o, "findings");
	for (size_t i = 0; i < FINDINGS; i++) {
		const struct finding_row *row = &findings[i];

		if (b->by_finding[i] == 0)
			continue;
		if (o->json) {
			out_object(o, NULL);
			out_z(o, "id", row->id);
			out_num(o, "domains", (int64_t)b->by_finding[i]);
			out_close(o);
		}
		out_line(o, OUT_PLAIN, "%-7s %-20s %4zu  %s",
		    severity_words[row->severity], row->id, b->by_finding[i],
		    row->what);
	}
	out_close(o);
	out_close(o);
}

static int
each(struct bulk *b, struct slice text, struct err *err)
{
	bool more = true;

	while (more) {
		struct slice name = next_domain(&text, &more);
		char domain[LINE_MAX_OCTETS];
		struct domain parsed;

		if (name.len == 0)
			continue;
		progress_say(b->c->env.progress, name, b->done++, b->total);
		if (!domain_parse(name, &parsed)) {
			not_one(b, name);
			continue;
		}
		(void)snprintf(domain, sizeof(domain), "%s", parsed.text);
		if (one(b, domain, err))
			return err->text[0]
			    ? -1
			    : err_set(err, "the output was cut short");
	}
	return 0;
}

int
check_bulk(struct check *c, struct err *err)
{
	struct bulk b = {.c = c};
	struct out *o = &c->env.out;
	struct buf text;
	int rc = env_read(c->bulk, BULK_MAX, &text, err);

	if (rc == 0) {
		b.total = count_domains(buf_slice(&text));
		if (o->json)
			out_array(o, "domains");
		table_head(o);
		rc = each(&b, buf_slice(&text), err);
		if (o->json)
			out_close(o);
	}
	if (rc == 0)
		summary(&b);
	for (size_t i = 0; i < SEVERITIES; i++)
		c->counts[i] = b.counts[i];
	c->counts[SEVERITY_ERROR] += b.invalid;
	buf_free(&text);
	return rc;
}
