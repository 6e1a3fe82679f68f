/* SPDX-License-Identifier: BSD-2-Clause */
#include "authres/parse.h"

#include "authres/build.h"
#include "mail/limits.h"
#include "unit.h"

/*
 * A field as text: "id/version method/version=word{reason} ptype.prop[value]",
 * "local|domain" for an address.
 */
static void
dump(struct buf *b, const struct ar_field *f)
{
	if (!f->valid) {
		buf_addz(b, "-");
		return;
	}
	buf_addf(b, SLICE_FMT "/%u", SLICE_ARG(f->id), f->version);
	for (struct ar_result *r = f->results; r; r = r->next) {
		buf_addf(b, " " SLICE_FMT "/%u=" SLICE_FMT "(%s)",
		    SLICE_ARG(r->method), r->version, SLICE_ARG(r->word),
		    ar_word(r->value));
		if (r->reason.len)
			buf_addf(b, "{" SLICE_FMT "}", SLICE_ARG(r->reason));
		for (struct ar_prop *p = r->props; p; p = p->next) {
			buf_addf(b, " " SLICE_FMT "." SLICE_FMT,
			    SLICE_ARG(p->ptype), SLICE_ARG(p->property));
			if (p->domain.len)
				buf_addf(b, "[" SLICE_FMT "|" SLICE_FMT "]",
				    SLICE_ARG(p->local), SLICE_ARG(p->domain));
			else
				buf_addf(
				    b, "[" SLICE_FMT "]", SLICE_ARG(p->value));
		}
	}
}

struct row {
	const char *name, *value, *want;
};

static const struct row rows[] = {
    /* STANDARDS.md 5.4, RFC 8601 appendix B */
    {"none, version", " example.org 1; none", "example.org/1"},
    {"B.3", " example.com;\r\n spf=pass smtp.mailfrom=example.net",
	"example.com/1 spf/1=pass(pass) smtp.mailfrom[example.net]"},
    {"B.4",
	" example.com;\r\n auth=pass (cleartext) "
	"smtp.auth=sender@example.net;\r\n"
	" spf=pass smtp.mailfrom=example.net",
	"example.com/1 auth/1=pass(pass) smtp.auth[sender|example.net]"
	" spf/1=pass(pass) smtp.mailfrom[example.net]"},
    {"B.6",
	" example.com; dkim=pass (good signature) "
	"header.d=mail-router.example.net; dkim=fail (bad signature) "
	"header.d=newyork.example.com",
	"example.com/1 dkim/1=pass(pass) header.d[mail-router.example.net]"
	" dkim/1=fail(fail) header.d[newyork.example.com]"},
    {"B.7",
	" foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 "
	"(One yay) = (wait for it) fail\r\n policy (A dot can go here) . "
	"(like that) expired\r\n (this surprised me) = (as I wasn't "
	"expecting it) 1362471462",
	"foo.example.net/1 dkim/1=fail(fail) policy.expired[1362471462]"},
    {"two methods, IPv6",
	" mx.example.org; iprev=pass policy.iprev=\"2001:db8::25\"; arc=none "
	"smtp.remote-ip=\"2001:db8::25\"",
	"mx.example.org/1 iprev/1=pass(pass) policy.iprev[2001:db8::25]"
	" arc/1=none(none) smtp.remote-ip[2001:db8::25]"},
    /* STANDARDS.md 5.5: what others write */
    {"a comment full of signs",
	" mx.google.com; dkim=pass header.i=@x.example header.s=sel "
	"header.b=abc; spf=pass (google.com: domain of a@x designates "
	"1.2.3.4 as permitted sender) smtp.mailfrom=a@x; dmarc=pass "
	"(p=REJECT sp=REJECT dis=NONE) header.from=x",
	"mx.google.com/1 dkim/1=pass(pass) header.i[|x.example] header.s[sel]"
	" header.b[abc] spf/1=pass(pass) smtp.mailfrom[a|x]"
	" dmarc/1=pass(pass) header.from[x]"},
    {"no blank before the comment",
	" y.example; dmarc=pass(p=NONE) header.from=x",
	"y.example/1 dmarc/1=pass(pass) header.from[x]"},
    {"no ptype, unknown word",
	" m.example; dmarc=bestguesspass action=none "
	"header.from=x;compauth=pass reason=100",
	"m.example/1 dmarc/1=bestguesspass() .action[none] header.from[x]"
	" compauth/1=pass(pass){100}"},
    {"long property names",
	" f.example; dmarc=pass policy.published-domain-policy=reject "
	"policy.policy-from=p (p=reject,d=none) header.from=x",
	"f.example/1 dmarc/1=pass(pass)"
	" policy.published-domain-policy[reject] policy.policy-from[p]"
	" header.from[x]"},
    {"base64 unquoted", " a.example; dkim=pass header.b=a/b+c=",
	"a.example/1 dkim/1=pass(pass) header.b[a/b+c=]"},
    {"IPv6 unquoted", " a.example; iprev=pass policy.iprev=2001:db8::1",
	"a.example/1 iprev/1=pass(pass) policy.iprev[2001:db8::1]"},
    {"empty value", " a.example; spf=none smtp.mailfrom=; auth=none",
	"a.example/1 spf/1=none(none) smtp.mailfrom[] auth/1=none(none)"},
    {"semicolon at the end", " a.example; spf=none;",
	"a.example/1 spf/1=none(none)"},
    {"no blank before a comment", " a; dkim=pass header.d=x(y)",
	"a/1 dkim/1=pass(pass) header.d[x]"},
    /* words and values */
    {"case of a word", " a.example; SPF=Pass", "a.example/1 SPF/1=Pass(pass)"},
    {"quoted id", " \"a b\" ; none", "a b/1"},
    {"quoted pair, fold", " a; x=pass reason=\"q\\\"\r\n \\\\\"",
	"a/1 x/1=pass(pass){q\" \\}"},
    {"A-2 quoted local part", " a; dkim=pass header.i=\"a;b\"@d.example",
	"a/1 dkim/1=pass(pass) header.i[\"a;b\"|d.example]"},
    {"at sign in quotes is a value", " a; auth=pass smtp.auth=\"a@b\"",
	"a/1 auth/1=pass(pass) smtp.auth[a@b]"},
    {"two at signs are a value", " a; auth=pass smtp.auth=a@b@c",
	"a/1 auth/1=pass(pass) smtp.auth[a@b@c]"},
    {"UTF-8", " a; auth=pass smtp.auth=\xc3\xbc",
	"a/1 auth/1=pass(pass) smtp.auth[\xc3\xbc]"},
    {"method version", " a; dkim/2=pass", "a/1 dkim/2=pass(pass)"},
    {"field version", " a 2; dkim=pass", "a/2 dkim/1=pass(pass)"},
    {"a method named none", " a; none=pass", "a/1 none/1=pass(pass)"},
    /* a field that can't be read is no field */
    {"A-6 empty", "", "-"},
    {"A-6 id alone", " example.com", "-"},
    {"A-6 no result", " example.com;", "-"},
    {"A-6 two ids", " a b; dkim=pass", "-"},
    {"A-6 none and more", " a; none; dkim=pass", "-"},
    {"A-6 none after a result", " a; dkim=pass; none", "-"},
    {"A-6 no word", " a; dkim=", "-"},
    {"A-6 no equals sign", " a; dkim pass", "-"},
    {"A-6 no method", " a; =pass", "-"},
    {"A-6 two semicolons", " a;; dkim=pass", "-"},
    {"A-6 no property", " a; dkim=pass header.=x", "-"},
    {"A-6 property without value", " a; dkim=pass header.d", "-"},
    {"A-6 open comment", " a; dkim=pass (x", "-"},
    {"A-6 closed comment too many", " a; dkim=pass (x))", "-"},
    {"A-6 open string", " a; dkim=pass reason=\"x", "-"},
    {"A-6 text after a string", " a; dkim=pass header.d=\"x\"y", "-"},
    {"A-6 string, bad domain", " a; dkim=pass header.i=\"x\"@[y]", "-"},
    {"A-6 quote in a value", " a; dkim=pass header.d=x\"y\"", "-"},
    {"A-6 backslash in a value", " a; dkim=pass header.d=x\\y", "-"},
    {"A-6 parenthesis in a value", " a; dkim=pass header.d=x)y", "-"},
    {"A-6 comma", " a; dkim=pass, spf=pass", "-"},
    {"A-6 control character", " a; dkim=pass reason=\"\x01\"", "-"},
    {"A-6 version of a method is missing", " a; dkim/=pass", "-"},
    {"A-6 no id", " ; dkim=pass", "-"},
    {"A-6 result in place of the id", " spf=pass x; dkim=pass", "-"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct buf got = BUF_INIT(10000);
	struct ar_field f;

	assert_int_equal(ar_field_parse(slice_z(r->value), a, &f), 0);
	dump(&got, &f);
	assert_string_equal(buf_str(&got), r->want);
	buf_free(&got);
	arena_free(a);
}

/* Every field above that has no word of its own is written as it was read. */
static void
build(struct authres *b, const struct ar_field *f)
{
	char method[32], ptype[32], property[64];

	authres_init(b, f->id);
	for (struct ar_result *r = f->results; r; r = r->next) {
		(void)snprintf(
		    method, sizeof(method), SLICE_FMT, SLICE_ARG(r->method));
		authres_method(b, method, r->value);
		if (r->reason.len)
			authres_reason(b, r->reason);
		for (struct ar_prop *p = r->props; p; p = p->next) {
			(void)snprintf(ptype, sizeof(ptype), SLICE_FMT,
			    SLICE_ARG(p->ptype));
			(void)snprintf(property, sizeof(property), SLICE_FMT,
			    SLICE_ARG(p->property));
			if (p->domain.len)
				authres_prop_address(
				    b, ptype, property, p->local, p->domain);
			else
				authres_prop(b, ptype, property, p->value);
		}
	}
}

static bool
can_build(const struct ar_field *f, const char *dumped)
{
	/* No versions, no words of others, no text beyond ASCII. */
	for (struct ar_result *r = f->results; r; r = r->next) {
		if (r->value == AR_NOT_RUN || r->version != 1)
			return false;
		for (struct ar_prop *p = r->props; p; p = p->next)
			if (p->ptype.len == 0)
				return false;
	}
	return f->valid && f->version == 1 && !strchr(dumped, '\xc3');
}

static void
check_round_trip(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct buf before = BUF_INIT(10000), after = BUF_INIT(10000);
	struct ar_field f, again;
	struct authres b;
	struct slice value;

	assert_int_equal(ar_field_parse(slice_z(r->value), a, &f), 0);
	dump(&before, &f);
	if (can_build(&f, buf_str(&before))) {
		build(&b, &f);
		assert_int_equal(authres_finish(&b, a, &value), 0);
		authres_free(&b);
		assert_int_equal(ar_field_parse(value, a, &again), 0);
		dump(&after, &again);
		/* A word is written in lower case. */
		assert_true(slice_ieq(buf_slice(&after), buf_slice(&before)));
	}
	buf_free(&before);
	buf_free(&after);
	arena_free(a);
}

static void
test_ceilings(void **state)
{
	static const struct {
		const char *first, *more;
		size_t max;
	} cases[] = {
	    {" a", "; spf=pass", LIMIT_AUTHRES_RESULTS},
	    {" a; spf=pass", " a.b=c", LIMIT_AUTHRES_PROPS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *a = arena_new(1 << 20);
		struct buf b = BUF_INIT(1 << 20);
		struct ar_field f;

		buf_addz(&b, cases[i].first);
		for (size_t n = 0; n < cases[i].max; n++)
			buf_addz(&b, cases[i].more);
		assert_int_equal(ar_field_parse(buf_slice(&b), a, &f), 0);
		assert_true(f.valid);
		buf_addz(&b, cases[i].more);
		assert_int_equal(ar_field_parse(buf_slice(&b), a, &f), 0);
		assert_false(f.valid);
		buf_free(&b);
		arena_free(a);
	}
}

static void
test_no_memory(void **state)
{
	struct arena *a = arena_new(300);
	struct ar_field f;

	(void)state;
	assert_int_equal(ar_field_parse(SLICE_LIT(" a; a=pass; a=pass; a=pass;"
						  " a=pass; a=pass"),
			     a, &f),
	    -1);
	assert_false(f.valid);
	assert_null(f.results);
	arena_free(a);
}

static void
test_nul(void **state)
{
	struct arena *a = arena_new(1000);
	struct ar_field f;

	(void)state;
	assert_int_equal(
	    ar_field_parse(slice_of(" a; a=pass\0", 11), a, &f), 0);
	assert_false(f.valid);
	assert_int_equal(ar_field_parse(SLICE_EMPTY, a, &f), 0);
	assert_false(f.valid);
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(rows, check_round_trip);
	UNIT_TEST(test_ceilings);
	UNIT_TEST(test_no_memory);
	UNIT_TEST(test_nul);
	return unit_end();
}
