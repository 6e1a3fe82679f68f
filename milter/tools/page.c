/* SPDX-License-Identifier: BSD-2-Clause */
/* See page.h. Whatever a peer chose passes through page_text. */
#include "tools/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define PAGE_MAX (16u << 20)
#define ROWS 25
#define HASH_MAX (2 * EVP_MAX_MD_SIZE)

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d232a;--soft:#5b6570;--line:#d9dde2;"
    "--paper:#fbfbfa;--card:#fff;--good:#2f6fb3;--quiet:#78828c;"
    "--held:#d8912b;--late:#8465ad;--bad:#c0432f;--on:#fff}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e4e7ea;--soft:#9aa4ae;"
    "--line:#353c44;--paper:#15191d;--card:#1d2227;--good:#5a9bdc;"
    "--quiet:#8b949d;--held:#e0a548;--late:#a88ad0;--bad:#e2705c;--on:#101417}}\n"
    "body{margin:0 auto;padding:2rem 1.25rem 4rem;max-width:64rem;"
    "background:var(--paper);color:var(--ink);"
    "font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2.5rem 0 .5rem}\n"
    "p{margin:.25rem 0;color:var(--soft)}\n"
    "dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));"
    "gap:.75rem;margin:1.5rem 0}dl div{background:var(--card);border:1px solid var(--line);"
    "border-radius:8px;padding:.6rem .9rem}"
    "dt{color:var(--soft);font-size:.85rem}"
    "dd{margin:0;font-size:1.4rem;font-variant-numeric:tabular-nums}\n"
    "svg{display:block;width:100%;height:auto}"
    ".legend svg{display:inline;width:12px;height:12px}"
    ".legend span{margin-right:1rem}\n"
    "text{fill:var(--soft);font-size:12px}.end{text-anchor:end}"
    ".on{fill:var(--on);font-weight:600}.grid{stroke:var(--line)}\n"
    ".delivered,.pass{fill:var(--good)}.quarantined{fill:var(--held)}"
    ".tempfailed,.other{fill:var(--late)}.rejected,.fail{fill:var(--bad)}"
    ".none{fill:var(--quiet)}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "th,td{padding:.3rem .6rem;text-align:right;"
    "border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}"
    "th{color:var(--soft);font-weight:500}"
    "th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}"
    "small{color:var(--soft);display:block}\n";

/* --- text ------------------------------------------------------------------------------- */

void
page_text(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
			buf_addf(b, "&#%d;", c);
		else if (is_print(c))
			buf_addc(b, c);
		else
			buf_addf(b, "\\x%02x", (unsigned char)c);
	}
}

/* --- head ---------------------------------------------------------------------------------- */

/* The one style sheet that the policy lets in, by its hash. */
static int
style_hash(unsigned char text[HASH_MAX], struct err *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;

	if (EVP_Digest(
		style, strlen(style), digest, &len, EVP_sha256(), NULL) != 1)
		return err_set(err, "no SHA-256");
	(void)EVP_EncodeBlock(text, digest, (int)len);
	return 0;
}

static int
head(struct buf *b, struct err *err)
{
	unsigned char hash[HASH_MAX];

	if (style_hash(hash, err))
		return -1;
	buf_addf(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'sha256-%s'; "
	    "base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<title>assay: verdicts</title>\n<style>",
	    (const char *)hash);
	buf_addz(b, style);
	buf_addz(
	    b, "</style>\n</head>\n<body>\n<h1>Verdicts of assayd</h1>\n");
	return 0;
}

static void
tile(struct buf *b, const char *title, uint64_t n)
{
	buf_addf(b, "<div><dt>%s</dt><dd>%" PRIu64 "</dd></div>\n", title, n);
}

static void
tiles(struct buf *b, const struct tally *t, const struct feed_counts *counts)
{
	const uint64_t *n = t->total.n;
	char first[FEED_TIME_MAX], last[FEED_TIME_MAX];

	buf_addf(b, "<p>%s to %s</p>\n<dl>\n", feed_time(t->first_s, first),
	    feed_time(t->last_s, last));
	tile(b, "inbound", t->inbound);
	tile(b, "DMARC pass", n[TALLY_PASS]);
	tile(b, "DMARC fail", n[TALLY_FAIL]);
	tile(b, "quarantined", n[TALLY_QUARANTINE]);
	tile(b, "rejected", n[TALLY_REJECT]);
	if (n[TALLY_WOULD_REJECT] + n[TALLY_WOULD_QUARANTINE])
		tile(b, "withheld",
		    n[TALLY_WOULD_REJECT] + n[TALLY_WOULD_QUARANTINE]);
	tile(b, "outbound", t->outbound);
	if (t->waited)
		tile(b, "ms waited by 95 %", (uint64_t)tally_wait_ms(t, 95));
	buf_addz(b, "</dl>\n");
	if (counts->unreadable)
		buf_addf(b, "<p>%" PRIu64 " line%s could not be read.</p>\n",
		    counts->unreadable, counts->unreadable == 1 ? "" : "s");
}

/* --- tables ------------------------------------------------------------------------------------ */

struct cell {
	const char *title;
	enum tally_count count;
};

struct section {
	enum tally_kind kind;
	const char *title, *about, *of;
	struct cell cells[6];
};

static const struct section sections[] = {
    {TALLY_FAILING, "Our domains, failing DMARC",
	"Who sends in our name without being authenticated: services to be "
	"set up, or forgers.",
	"domain and client",
	{{"mail", TALLY_ALL}, {"quarantined", TALLY_QUARANTINE},
	    {"rejected", TALLY_REJECT}}},
    {TALLY_WOULD, "Decided, and not done",
	"What the rules asked for and enforce, enforce_percent or observe "
	"withheld.",
	"rule",
	{{"quarantine", TALLY_WOULD_QUARANTINE},
	    {"reject", TALLY_WOULD_REJECT},
	    {"tempfail", TALLY_WOULD_TEMPFAIL}}},
    {TALLY_RULES, "Rules that decided", "", "rule",
	{{"mail", TALLY_ALL}, {"quarantined", TALLY_QUARANTINE},
	    {"rejected", TALLY_REJECT}, {"tempfailed", TALLY_TEMPFAIL}}},
    {TALLY_DOMAINS, "Author domains", "", "domain",
	{{"mail", TALLY_ALL}, {"pass", TALLY_PASS}, {"fail", TALLY_FAIL},
	    {"quarantined", TALLY_QUARANTINE}, {"rejected", TALLY_REJECT}}},
    {TALLY_SOURCES, "Sources", "", "client",
	{{"mail", TALLY_ALL}, {"pass", TALLY_PASS}, {"fail", TALLY_FAIL},
	    {"quarantined", TALLY_QUARANTINE}, {"rejected", TALLY_REJECT}}},
    {TALLY_SIGNERS, "Outbound author domains", "", "domain",
	{{"mail", TALLY_ALL}, {"signed", TALLY_PASS}, {"not", TALLY_FAIL}}},
    {TALLY_UNSIGNED, "Why outbound mail was not signed", "", "reason",
	{{"mail", TALLY_ALL}}},
};

static void
row(struct buf *b, const struct section *s, const struct tally_row *r)
{
	buf_addz(b, "<tr><td>");
	page_text(b, r->key.len ? r->key : SLICE_LIT("(none)"));
	if (r->note.len) {
		buf_addz(b, "<small>");
		page_text(b, r->note);
		buf_addz(b, "</small>");
	}
	buf_addz(b, "</td>");
	for (size_t i = 0; i < ARRAY_LEN(s->cells) && s->cells[i].title; i++)
		buf_addf(b, "<td>%" PRIu64 "</td>", r->n[s->cells[i].count]);
	buf_addz(b, "</tr>\n");
}

static void
table(struct buf *b, const struct section *s, struct tally_table *t)
{
	if (t->n == 0)
		return;
	tally_sort(t, TALLY_ALL);
	buf_addf(b,
	    "<h2>%s</h2>\n<p>%s</p>\n<div class=\"wide\"><table><thead>"
	    "<tr><th>%s</th>",
	    s->title, s->about, s->of);
	for (size_t i = 0; i < ARRAY_LEN(s->cells) && s->cells[i].title; i++)
		buf_addf(b, "<th>%s</th>", s->cells[i].title);
	buf_addz(b, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < t->n && i < ROWS; i++)
		row(b, s, &t->rows[i]);
	buf_addz(b, "</tbody></table></div>\n");
	if (t->n > ROWS || t->others.n[TALLY_ALL])
		buf_addf(b, "<p>... and %zu%s more</p>\n",
		    t->n > ROWS ? t->n - ROWS : 0,
		    t->others.n[TALLY_ALL] ? " and many" : "");
}

/* --- all of it ------------------------------------------------------------------------------------ */

static int
put_file(const char *path, const struct buf *b, struct err *err)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "w") : stdout;
	int rc = 0;

	if (!f)
		return err_errno(err, "%s", path);
	if (fwrite(b->ptr, 1, b->len, f) != b->len)
		rc = err_errno(err, "%s", path);
	if ((f == stdout ? fflush(f) : fclose(f)) && rc == 0)
		rc = err_errno(err, "%s", path);
	return rc;
}

int
page_write(const char *path, struct tally *t, const struct feed_counts *counts,
    struct err *err)
{
	struct buf b = BUF_INIT(PAGE_MAX);
	int rc = head(&b, err);

	if (rc == 0) {
		tiles(&b, t, counts);
		chart_hours(&b, &t->tables[TALLY_HOURS]);
		chart_methods(&b, &t->tables[TALLY_METHODS]);
		for (size_t i = 0; i < ARRAY_LEN(sections); i++)
			table(&b, &sections[i], &t->tables[sections[i].kind]);
		buf_addz(&b, "</body>\n</html>\n");
		rc =
		    buf_status(&b) ? err_no_mem(err) : put_file(path, &b, err);
	}
	buf_free(&b);
	return rc;
}
