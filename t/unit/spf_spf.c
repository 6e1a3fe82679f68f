/* SPDX-License-Identifier: BSD-2-Clause */
/* What a result tells beside its word. The words: spf_cases.c. */
#include "spf_unit.h"

#include "base/buf.h"

static const char zone[] =
    /* one domain a question */
    "ip.example TXT \"v=spf1 a:it.example IP4:192.0.2.0/24 -all\"\n"
    "it.example A 198.51.100.1\n"
    "me.example A 192.0.2.1\n"
    "a.example TXT \"v=spf1 a:it.example ~A:me.example/32 -all\"\n"
    "inc.example TXT \"v=spf1 include:%{d1}.none.example include:i1.example "
    "-all\"\n"
    "example.none.example TXT \"v=spf1 a:it.example -all\"\n"
    "i1.example TXT \"v=spf1 a:it.example include:i2.example\"\n"
    "i2.example TXT \"v=spf1 -ip4:10.0.0.0/8 mx:it.example a:me.example "
    "-all\"\n"
    "it.example MX 1 it.example\n"
    "incno.example TXT \"v=spf1 include:i3.example -all\"\n"
    "i3.example TXT \"v=spf1 -ip4:192.0.2.1\"\n"
    "red.example TXT \"v=spf1 a:it.example redirect=red2.example\"\n"
    "red2.example TXT \"v=spf1 a:it.example redirect=red3.example\"\n"
    "red3.example TXT \"v=spf1 ?all\"\n"
    "end.example TXT \"v=spf1 redirect=end2.example\"\n"
    "end2.example TXT \"v=spf1 include:i3.example\"\n"
    "bad.example TXT \"v=spf1 include:bad2.example +all\"\n"
    "bad2.example TXT \"v=spf1 +all a:\\009x\"\n"
    "noinc.example TXT \"v=spf1 a:it.example include:me.example +all\"\n"
    "nored.example TXT \"v=spf1 redirect=me.example\"\n"
    "sick.example TXT \"v=spf1 include:sick2.example +all\"\n"
    "sick2.example TXT \"v=spf1 a:it.example exists:sick3.example\"\n"
    "sick3.example SERVFAIL\n"
    "slow.example TXT \"v=spf1 a:slow2.example +all\"\n"
    "slow2.example TIMEOUT\n"
    "void.example TXT \"v=spf1 a:n1.example mx:n2.example exists:n3.example\"\n"
    "many.example TXT \"v=spf1 a:it.example a:it.example a:it.example "
    "a:it.example a:it.example a:it.example a:it.example a:it.example "
    "a:it.example a:it.example a:me.example\"\n"
    "loop.example TXT \"v=spf1 include:loop.example\"\n"
    "two.example TXT \"v=spf1 +all\"\n"
    "two.example TXT \"v=spf1 -all\"\n"
    "mx.example TXT \"v=spf1 mx +all\"\n"
    "mx.example MX 0 m0.example\nmx.example MX 0 m1.example\n"
    "mx.example MX 0 m2.example\nmx.example MX 0 m3.example\n"
    "mx.example MX 0 m4.example\nmx.example MX 0 m5.example\n"
    "mx.example MX 0 m6.example\nmx.example MX 0 m7.example\n"
    "mx.example MX 0 m8.example\nmx.example MX 0 m9.example\n"
    "mx.example MX 0 ma.example\n"
    "deep0.example TXT \"v=spf1 include:deep1.example\"\n"
    "deep1.example TXT \"v=spf1 include:deep2.example\"\n"
    "deep2.example TXT \"v=spf1 include:deep3.example\"\n"
    "deep3.example TXT \"v=spf1 include:deep4.example\"\n"
    "deep4.example TXT \"v=spf1 include:deep5.example\"\n"
    "deep5.example TXT \"v=spf1 include:deep6.example\"\n"
    "deep6.example TXT \"v=spf1 include:deep7.example\"\n"
    "deep7.example TXT \"v=spf1 include:deep8.example\"\n"
    "deep8.example TXT \"v=spf1 include:deep9.example\"\n"
    "deep9.example TXT \"v=spf1 redirect=deepa.example\"\n"
    "deepa.example TXT \"v=spf1 ip4:192.0.2.1\"\n"
    /* 1 + 11 for %{p} + 10 times 11 are too many by two */
    "ask.example TXT \"v=spf1 mx:%{p}.x.example mx:y.x.example "
    "mx:y.x.example mx:y.x.example mx:y.x.example mx:y.x.example "
    "mx:y.x.example mx:y.x.example mx:y.x.example mx:y.x.example -all\"\n"
    "*.x.example MX 0 it.example\n*.x.example MX 1 it.example\n"
    "*.x.example MX 2 it.example\n*.x.example MX 3 it.example\n"
    "*.x.example MX 4 it.example\n*.x.example MX 5 it.example\n"
    "*.x.example MX 6 it.example\n*.x.example MX 7 it.example\n"
    "*.x.example MX 8 it.example\n*.x.example MX 9 it.example\n"
    "1.2.0.192.in-addr.arpa PTR me.example\n"
    "1.2.0.192.in-addr.arpa PTR p1.example\n"
    "1.2.0.192.in-addr.arpa PTR p2.example\n"
    "1.2.0.192.in-addr.arpa PTR p3.example\n"
    "1.2.0.192.in-addr.arpa PTR p4.example\n"
    "1.2.0.192.in-addr.arpa PTR p5.example\n"
    "1.2.0.192.in-addr.arpa PTR p6.example\n"
    "1.2.0.192.in-addr.arpa PTR p7.example\n"
    "1.2.0.192.in-addr.arpa PTR p8.example\n"
    "1.2.0.192.in-addr.arpa PTR p9.example\n"
    "1.2.0.192.in-addr.arpa PTR pa.example\n"
    "ptr.example TXT \"v=spf1 ptr:example.none ptr:me.example -all\"\n";

/* --- term, path, reason, counters ------------------------------------------ */

struct row {
	const char *name; /* the domain */
	enum ar_word word;
	enum spf_reason reason;
	const char *term, *path;
	unsigned terms, voids, queries;
};

static const struct row rows[] = {
    {"ip.example", AR_PASS, SPF_MATCHED, "IP4:192.0.2.0/24",
	"IP4:192.0.2.0/24", 1, 0, 2},
    {"a.example", AR_SOFTFAIL, SPF_MATCHED, "~A:me.example/32",
	"~A:me.example/32", 2, 0, 3},
    {"inc.example", AR_PASS, SPF_MATCHED, "a:me.example",
	"include:i1.example -> include:i2.example -> a:me.example", 7, 0, 9},
    {"incno.example", AR_FAIL, SPF_MATCHED, "-all", "-all", 1, 0, 2},
    {"red.example", AR_NEUTRAL, SPF_MATCHED, "?all",
	"redirect=red2.example -> redirect=red3.example -> ?all", 4, 0, 5},
    {"end.example", AR_NEUTRAL, SPF_DEFAULT, "", "", 2, 0, 3},
    {"bad.example", AR_PERMERROR, SPF_BAD_OCTET, "a:\tx",
	"include:bad2.example -> a:?x", 1, 0, 2},
    {"noinc.example", AR_PERMERROR, SPF_INCLUDE_NONE, "include:me.example",
	"include:me.example", 2, 1, 3},
    {"nored.example", AR_PERMERROR, SPF_REDIRECT_NONE, "redirect=me.example",
	"redirect=me.example", 1, 1, 2},
    {"sick.example", AR_TEMPERROR, SPF_DNS_ERROR, "exists:sick3.example",
	"include:sick2.example -> exists:sick3.example", 3, 0, 4},
    {"slow.example", AR_TEMPERROR, SPF_DNS_TIMEOUT, "a:slow2.example",
	"a:slow2.example", 1, 0, 2},
    {"slow2.example", AR_TEMPERROR, SPF_DNS_TIMEOUT, "", "", 0, 0, 1},
    {"sick3.example", AR_TEMPERROR, SPF_DNS_ERROR, "", "", 0, 0, 1},
    {"void.example", AR_PERMERROR, SPF_MANY_VOIDS, "exists:n3.example",
	"exists:n3.example", 3, 3, 4},
    {"many.example", AR_PERMERROR, SPF_MANY_TERMS, "a:me.example",
	"a:me.example", 11, 0, 11},
    {"loop.example", AR_PERMERROR, SPF_MANY_TERMS, "include:loop.example",
	"include:loop.example -> include:loop.example -> "
	"include:loop.example -> include:loop.example -> "
	"include:loop.example -> include:loop.example -> "
	"include:loop.example -> include:loop.example -> "
	"include:loop.example -> include:loop.example -> "
	"include:loop.example",
	11, 0, 11},
    {"two.example", AR_PERMERROR, SPF_SEVERAL_RECORDS, "", "", 0, 0, 1},
    {"mx.example", AR_PERMERROR, SPF_MANY_MX, "mx", "mx", 1, 0, 2},
    {"deep0.example", AR_PASS, SPF_MATCHED, "ip4:192.0.2.1",
	"include:deep1.example -> include:deep2.example -> "
	"include:deep3.example -> include:deep4.example -> "
	"include:deep5.example -> include:deep6.example -> "
	"include:deep7.example -> include:deep8.example -> "
	"include:deep9.example -> redirect=deepa.example -> ip4:192.0.2.1",
	10, 0, 11},
    {"ptr.example", AR_PASS, SPF_MATCHED, "ptr:me.example", "ptr:me.example",
	2, 0, 12},
    {"ask.example", AR_PERMERROR, SPF_MANY_QUERIES, "mx:y.x.example",
	"mx:y.x.example", 10, 0, 120},
    {"me.example", AR_NONE, SPF_NO_RECORD, "", "", 0, 0, 1},
    {"nx.example", AR_NONE, SPF_NO_DOMAIN, "", "", 0, 0, 1},
    {"example", AR_NONE, SPF_BAD_DOMAIN, "", "", 0, 0, 0},
};

static void
check(void **state)
{
	const struct row *r = *state;
	char sender[100];
	struct spf_request rq;
	struct checked c;

	snprintf(sender, sizeof(sender), "u@%s", r->name);
	rq = spf_unit_request("192.0.2.1", "h.example", sender);
	c = spf_unit_check(zone, &rq);
	assert_string_equal(ar_word(c.result.word), ar_word(r->word));
	assert_string_equal(
	    spf_reason_text(c.result.reason), spf_reason_text(r->reason));
	assert_slice(c.result.term, slice_z(r->term));
	assert_slice(c.result.path, slice_z(r->path));
	assert_int_equal(c.result.terms, r->terms);
	assert_int_equal(c.result.voids, r->voids);
	assert_int_equal(c.result.queries, r->queries);
	assert_int_equal(c.result.identity, SPF_MAILFROM);
	assert_slice(c.result.sender, slice_z(sender));
	spf_unit_free(&c);
}

/* --- who ------------------------------------------------------------------- */

struct who_row {
	const char *name;
	enum spf_identity identity;
	const char *helo, *sender, *want_sender, *want_domain;
};

static const struct who_row who_rows[] = {
    {"MAIL FROM", SPF_MAILFROM, "h.example", "U@Ip.Example", "U@ip.example",
	"ip.example"},
    {"HELO", SPF_HELO, "IP.example.", "u@a.example", "postmaster@ip.example",
	"ip.example"},
    {"2.4 null sender", SPF_MAILFROM, "ip.example", "",
	"postmaster@ip.example", "ip.example"},
    {"4.3 no local part", SPF_MAILFROM, "h.example", "@ip.example",
	"postmaster@ip.example", "ip.example"},
    {"HELO of one label", SPF_HELO, "box", "", "postmaster@box", ""},
    {"HELO address literal", SPF_HELO, "[192.0.2.1]", "",
	"postmaster@[192.0.2.1]", ""},
    {"no HELO", SPF_HELO, "", "", "postmaster@", ""},
    {"no domain", SPF_MAILFROM, "ip.example", "root", "postmaster@", ""},
    {"U-labels", SPF_MAILFROM, "h.example",
	"u@b\xc3\xbc"
	"cher.example",
	"u@xn--bcher-kva.example", "xn--bcher-kva.example"},
};

static void
check_who(void **state)
{
	const struct who_row *r = *state;
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", r->helo, r->sender);
	struct checked c;

	rq.identity = r->identity;
	c = spf_unit_check(zone, &rq);
	assert_slice(c.result.sender, slice_z(r->want_sender));
	assert_slice(domain_slice(&c.result.domain), slice_z(r->want_domain));
	assert_int_equal(c.result.identity, r->identity);
	if (!r->want_domain[0])
		assert_int_equal(c.result.reason, SPF_BAD_DOMAIN);
	spf_unit_free(&c);
}

/* --- record and flags --------------------------------------------------------- */

struct flag_row {
	const char *name; /* the record; "i.example" is included */
	const char *included;
	bool all_pass, all_neutral, broad, ptr;
};

static const struct flag_row flag_rows[] = {
    {"v=spf1 a -all", NULL, false, false, false, false},
    {"v=spf1 +ALL", NULL, true, false, false, false},
    {"v=spf1 -all +all", NULL, false, false, false, false},
    {"v=spf1 ?all", NULL, false, true, false, false},
    {"v=spf1 ip4:10.0.0.0/8 -all", NULL, false, false, true, false},
    {"v=spf1 -ptr -all", NULL, false, false, false, true},
    {"v=spf1 ?exists:%{P1}.x.example -all", NULL, false, false, false, true},
    {"v=spf1 exp=%{p}.example -all", NULL, false, false, false, true},
    {"v=spf1 include:i.example -all", "v=spf1 +all", true, false, false,
	false},
    {"v=spf1 -include:i.example -all", "v=spf1 +all", false, false, false,
	false},
    {"v=spf1 include:i.example -all", "v=spf1 ?all", false, false, false,
	false},
    {"v=spf1 redirect=i.example", "v=spf1 ?all", false, true, false, false},
    {"v=spf1 redirect=i.example", "v=spf1 ip4:10.0.0.0/8 +all", true, false,
	true, false},
    {"v=spf1 +all moo", NULL, false, false, false, false},
};

static void
check_flags(void **state)
{
	const struct flag_row *r = *state;
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@f.example");
	struct checked c;
	char text[500];

	snprintf(text, sizeof(text),
	    "f.example TXT \"%s\"\nf.example A 10.0.0.1\n%s%s%s", r->name,
	    r->included ? "i.example TXT \"" : "",
	    r->included ? r->included : "", r->included ? "\"\n" : "");
	c = spf_unit_check(text, &rq);
	assert_slice(c.result.record, slice_z(r->name));
	assert_int_equal(c.result.all_pass, r->all_pass);
	assert_int_equal(c.result.all_neutral, r->all_neutral);
	assert_int_equal(c.result.broad, r->broad);
	assert_int_equal(c.result.ptr, r->ptr);
	spf_unit_free(&c);
}

/* --- explanations --------------------------------------------------------------- */

struct exp_row {
	const char *name, *text; /* TXT at e.example, as a zone has it */
	const char *want;
};

static const struct exp_row exp_rows[] = {
    {"plain", "\"See me.\"", "See me."},
    {"strings are joined", "\"See\" \" me.\"", "See me."},
    {"every macro",
	"\"%{s} %{l} %{o} %{d} %{i} %{p} %{h} %{c} %{r} %{t} %{v} %{S}\"",
	"u@f.example u f.example f.example 192.0.2.1 me.example h.example "
	"192.0.2.1 mx.receiver.example 1234567890 in-addr u%40f.example"},
    {"6.2 two records", "\"one\"\ne.example TXT \"two\"", ""},
    {"6.2 none", "\"x\"\nnot.example TXT x", "x"},
    {"6.2 bad macro", "\"The %{x}-files\"", ""},
    {"6.2 not ASCII", "\"\\195\\188\"", ""},
    {"a CR LF in it", "\"a\\013\\010b\"", ""},
    {"a NUL in it", "\"a\\000b\"", ""},
    {"nothing in it", "\"\"", ""},
};

static void
check_exp(void **state)
{
	const struct exp_row *r = *state;
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@f.example");
	struct checked c;
	char text[1000];

	snprintf(text, sizeof(text),
	    "f.example TXT \"v=spf1 -all exp=e.example\"\n"
	    "1.2.0.192.in-addr.arpa PTR me.example\nme.example A 192.0.2.1\n"
	    "e.example TXT %s\n",
	    r->text);
	c = spf_unit_check(text, &rq);
	assert_int_equal(c.result.word, AR_FAIL);
	assert_slice(c.result.explanation, slice_z(r->want));
	spf_unit_free(&c);
	rq.want_explanation = false;
	c = spf_unit_check(text, &rq);
	assert_slice(c.result.explanation, SLICE_EMPTY);
	assert_int_equal(c.result.queries, 1);
	spf_unit_free(&c);
}

/* Octets of the peer's come out as one line of printable ASCII, cut. */
static void
test_exp_hostile(void **state)
{
	static const char text[] =
	    "f.example TXT \"v=spf1 -all exp=e.example\"\n"
	    "e.example TXT \"%{h}|%{l}|%{h}%{h}%{h}%{h}%{h}%{h}%{h}%{h}\"\n";
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "", "a\r\n\t\x80@f.example");
	struct checked c;
	char helo[200];

	(void)state;
	memset(helo, 'h', sizeof(helo));
	memcpy(helo, "\0\r\n\x1b\x7f", 5);
	rq.helo = slice_of(helo, sizeof(helo));
	c = spf_unit_check(text, &rq);
	assert_int_equal(c.result.word, AR_FAIL);
	assert_int_equal(c.result.explanation.len, LIMIT_SPF_EXPLANATION);
	assert_true(
	    slice_starts(c.result.explanation, SLICE_LIT("?????hhhhh")));
	assert_slice(slice_upto(slice_from(c.result.explanation, 200), 8),
	    SLICE_LIT("|a????|?"));
	for (size_t i = 0; i < c.result.explanation.len; i++)
		assert_true(is_print(c.result.explanation.ptr[i]));
	spf_unit_free(&c);
}

/* RFC 7208 section 6.2: whose exp= it is. */
static void
test_exp_whose(void **state)
{
	static const char text[] =
	    "a.example TXT \"v=spf1 include:b.example -all exp=ea.example\"\n"
	    "b.example TXT \"v=spf1 redirect=c.example exp=eb.example\"\n"
	    "c.example TXT \"v=spf1 -all exp=eb.example\"\n"
	    "d.example TXT \"v=spf1 redirect=e.example exp=eb.example\"\n"
	    "e.example TXT \"v=spf1 -all exp=e%{d}\"\n"
	    "f.example TXT \"v=spf1 redirect=g.example exp=eb.example\"\n"
	    "g.example TXT \"v=spf1 -all\"\n"
	    "h.example TXT \"v=spf1 -include:i.example exp=ea.example\"\n"
	    "i.example TXT \"v=spf1 +all exp=eb.example\"\n"
	    "ea.example TXT a\neb.example TXT b\nee.example TXT e\n";
	static const char *const want[][2] = {{"u@a.example", "a"},
	    {"u@d.example", "e"}, {"u@f.example", ""}, {"u@h.example", "a"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct spf_request rq =
		    spf_unit_request("192.0.2.1", "h.example", want[i][0]);
		struct checked c = spf_unit_check(text, &rq);

		assert_int_equal(c.result.word, AR_FAIL);
		assert_slice(c.result.explanation, slice_z(want[i][1]));
		spf_unit_free(&c);
	}
}

/* A way too long to be shown whole, and octets that are not to be shown. */
static void
test_path(void **state)
{
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@p0.example");
	struct buf text = BUF_INIT(1 << 20);
	struct checked c;

	(void)state;
	for (unsigned i = 0; i < 9; i++) {
		buf_addf(&text, "p%u.example TXT \"v=spf1 include:%%{v0", i);
		buf_addf(&text, "%0200u}.p%u.example\"\n", 1, i + 1);
		buf_addf(&text, "in-addr.p%u.example CNAME p%u.example\n",
		    i + 1, i + 1);
	}
	buf_addz(&text, "p9.example TXT \"v=spf1 a:\\009\"\n");
	c = spf_unit_check(buf_str(&text), &rq);
	assert_int_equal(c.result.reason, SPF_BAD_OCTET);
	assert_slice(c.result.term, SLICE_LIT("a:\t"));
	assert_int_equal(c.result.path.len, LIMIT_SPF_PATH);
	assert_true(
	    slice_starts(c.result.path, SLICE_LIT("include:%{v00000000000")));
	assert_true(slice_iends(c.result.path, SLICE_LIT("0...")));
	spf_unit_free(&c);
	buf_free(&text);
}

/* As long as an envelope address may be, and longer. */
static void
test_length(void **state)
{
	char sender[LIMIT_ENVELOPE + 2];
	size_t at = sizeof(sender) - sizeof("@ip.example");

	(void)state;
	memset(sender, 'a', sizeof(sender));
	memcpy(sender + at, "@ip.example", sizeof("@ip.example"));
	for (size_t skip = 0; skip < 2; skip++) {
		struct spf_request rq =
		    spf_unit_request("192.0.2.1", "h.example", sender + skip);
		struct checked c = spf_unit_check(zone, &rq);

		assert_int_equal(c.result.word, skip ? AR_PASS : AR_NONE);
		spf_unit_free(&c);
	}
}

/* --- our own trouble ------------------------------------------------------------ */

static void
test_no_client(void **state)
{
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@ip.example");
	struct checked c;

	(void)state;
	rq.ip.family = IP_NONE;
	c = spf_unit_check(zone, &rq);
	assert_int_equal(c.result.word, AR_NONE);
	assert_int_equal(c.result.reason, SPF_NO_CLIENT);
	assert_int_equal(c.result.queries, 0);
	spf_unit_free(&c);
}

/* With less and less memory: an error or the result, never another one. */
static void
test_no_memory(void **state)
{
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@inc.example");
	struct resolver *z = zone_new(slice_z(zone), NULL);
	size_t errors = 0, results = 0;

	(void)state;
	for (size_t max = 0; max < 40000; max += 97) {
		struct inquiry *q = inquiry_new(z, LIMIT_SPF_QUERIES);
		struct arena *arena = arena_new(max);
		struct err err = ERR_INIT;
		struct spf_result r;

		if (spf_check(&rq, q, arena, &r, &err)) {
			assert_true(err.text[0]);
			errors++;
		} else {
			assert_int_equal(r.word, AR_PASS);
			results++;
		}
		arena_free(arena);
		inquiry_free(q);
	}
	assert_true(errors > 10 && results > 10);
	resolver_free(z);
}

/* The inquiry's budget is not the record's fault. */
static void
test_budget(void **state)
{
	struct spf_request rq =
	    spf_unit_request("192.0.2.1", "h.example", "u@inc.example");
	struct resolver *z = zone_new(slice_z(zone), NULL);
	struct inquiry *q = inquiry_new(z, 3);
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct err err = ERR_INIT;
	struct spf_result r;

	(void)state;
	assert_int_equal(spf_check(&rq, q, arena, &r, &err), 0);
	assert_int_equal(r.word, AR_TEMPERROR);
	assert_int_equal(r.reason, SPF_DNS_BUDGET);
	arena_free(arena);
	inquiry_free(q);
	resolver_free(z);
}

int
main(void)
{
	spf_init();
	UNIT_TABLE(rows, check);
	UNIT_TABLE(who_rows, check_who);
	UNIT_TABLE(flag_rows, check_flags);
	UNIT_TABLE(exp_rows, check_exp);
	UNIT_TEST(test_exp_hostile);
	UNIT_TEST(test_exp_whose);
	UNIT_TEST(test_path);
	UNIT_TEST(test_length);
	UNIT_TEST(test_no_client);
	UNIT_TEST(test_no_memory);
	UNIT_TEST(test_budget);
	return unit_end();
}
