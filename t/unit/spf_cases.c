/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cases beside the RFC's suite: what libspf2 alone gets wrong, or dies of,
 * changes nothing here but the result (RFC 7208 sections in the names).
 *
 * In a zone, {N|text} is the text N times, "#" in it the number from 0.
 */
#include "spf_unit.h"

#include "base/buf.h"

struct row {
	const char *name, *zone;
	enum ar_word want;
	const char *helo, *sender, *ip; /* NULL: as in check() */
};

#define TOP "example.com TXT \"v=spf1 "
#define END "\"\n"
/* A host that is the client, and one that is not. */
#define ME "me.example.com A 192.0.2.1\n"
#define IT "it.example.com A 192.0.2.99\n"

/* Names of the client: elsewhere, below example.com, example.com. */
#define PTRS \
	"1.2.0.192.in-addr.arpa PTR a.example.org\n" \
	"1.2.0.192.in-addr.arpa PTR b.example.com\n" \
	"1.2.0.192.in-addr.arpa PTR c.example.com\n" \
	"1.2.0.192.in-addr.arpa PTR example.com\n" \
	"a.example.org A 192.0.2.1\nb.example.com A 192.0.2.1\n" \
	"c.example.com A 192.0.2.1\n"

static const struct row rows[] = {
    /* --- prefix lengths */
    {"5.6 ip4 length modulo 2^32", TOP "ip4:192.0.2.0/4294967320 -all" END,
	AR_PERMERROR, NULL, NULL, NULL},
    {"5.3 a length modulo 2^32", TOP "a:it.example.com/4294967320 -all" END IT,
	AR_PERMERROR, NULL, NULL, NULL},
    {"5.6 length -1", TOP "ip4:192.0.2.0/4294967295 -all" END, AR_PERMERROR,
	NULL, NULL, NULL},
    {"5.6 address and junk", TOP "ip4:{5|1234567890} -all" END, AR_PERMERROR,
	NULL, NULL, NULL},
    /* --- long records */
    {"62 ip4 terms", TOP "{62|ip4:10.0.0.# }-all" END, AR_FAIL, NULL, NULL,
	NULL},
    {"70 ip4 terms", TOP "{70|ip4:10.0.0.# }-all" END, AR_FAIL, NULL, NULL,
	NULL},
    {"70 ip4 terms, then a hit",
	TOP "{70|ip4:10.0.0.# }ip4:192.0.2.1 -all" END, AR_PASS, NULL, NULL,
	NULL},
    {"24 ip6 terms", TOP "{24|ip6:2001:db8::# }-all" END, AR_FAIL, NULL, NULL,
	NULL},
    {"26 ip6 terms", TOP "{26|ip6:2001:db8::# }-all" END, AR_FAIL, NULL, NULL,
	NULL},
    {"26 ip6 terms in an include",
	TOP
	"include:i.example.com -all" END
	"i.example.com TXT \"v=spf1 {26|ip6:2001:db8::# }ip4:192.0.2.1\"\n",
	AR_PASS, NULL, NULL, NULL},
    {"9 includes of long names",
	TOP "{9|include:i#.{60|x}.{10|y}.example.com }-all" END
	    "{9|i#.{60|x}.{10|y}.example.com TXT \"v=spf1 ip4:10.0.0.1\"\n}",
	AR_FAIL, NULL, NULL, NULL},
    {"8 a terms of 130 octets",
	TOP "{8|a:a#.{60|x}.{54|y}.example.com }-all" END
	    "{8|a#.{60|x}.{54|y}.example.com A 192.0.2.99\n}",
	AR_FAIL, NULL, NULL, NULL},
    {"too long a record", TOP "{170|ip4:10.0.0.# } -all" END, AR_PERMERROR,
	NULL, NULL, NULL},
    {"too long an include",
	TOP "include:i.example.com -all" END
	    "i.example.com TXT \"v=spf1 {170|ip4:10.0.0.# } -all\"\n",
	AR_PERMERROR, NULL, NULL, NULL},
    /* --- syntax */
    {"5.1 all:foo", TOP "-all:foo" END, AR_PERMERROR, NULL, NULL, NULL},
    {"6 a.b=c", TOP "a.b=c -all" END, AR_FAIL, NULL, NULL, NULL},
    {"6 -foo=bar", TOP "-foo=bar -all" END, AR_PERMERROR, NULL, NULL, NULL},
    {"6.1 redirect:", TOP "redirect:b.example.com" END, AR_PERMERROR, NULL,
	NULL, NULL},
    {"4.6.1 TAB between terms", TOP "a\\009-all" END, AR_PERMERROR, NULL, NULL,
	NULL},
    {"4.5 all in capitals", "example.com TXT \"V=SPF1 IP4:192.0.2.1 -ALL\"\n",
	AR_PASS, NULL, NULL, NULL},
    /* --- macros: d is a.b.c, l is foo.bar or what the row says */
    {"7.3 d2 of 3", TOP "a:%{d2}.x -all" END "example.com.x A 192.0.2.1\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 d2r", TOP "a:%{d2r}.x -all" END "com.example.x A 192.0.2.1\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 as many as there are",
	TOP "a:%{d2}.x -all" END "example.com.x A 192.0.2.1\n", AR_PASS, NULL,
	NULL, NULL},
    {"7.3 more than there are",
	TOP "a:%{d9}.x -all" END "example.com.x A 192.0.2.1\n", AR_PASS, NULL,
	NULL, NULL},
    {"7.3 l1 of one part", TOP "a:%{l1}.x -all" END "foo.x A 192.0.2.1\n",
	AR_PASS, NULL, "foo@example.com", NULL},
    {"7.3 253 octets",
	TOP "a:{35|label9.}examples -all" END
	    "{35|label9.}examples A 192.0.2.1\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 254 octets",
	TOP "a:{35|label9.}examplesx -all" END
	    "{34|label9.}examplesx A 192.0.2.1\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.1 delimiter ,", TOP "a:%{l1,}.x -all" END "b.x A 192.0.2.1\n", AR_PASS,
	NULL, "a,b@example.com", NULL},
    {"7.1 delimiter /", TOP "a:%{l1/}.x -all" END "b.x A 192.0.2.1\n", AR_PASS,
	NULL, "a/b@example.com", NULL},
    {"7.1 no delimiter |", TOP "a:%{l1|}.x -all" END, AR_PERMERROR, NULL, NULL,
	NULL},
    {"7.1 R", TOP "a:%{iR}.x -all" END "1.2.0.192.x A 192.0.2.1\n", AR_PASS,
	NULL, NULL, NULL},
    {"7.2 ir", TOP "a:%{ir}.x -all" END "1.2.0.192.x A 192.0.2.1\n", AR_PASS,
	NULL, NULL, NULL},
    {"7.2 h, and no HELO", TOP "a:%{h} -all" END, AR_FAIL, "", NULL, NULL},
    {"8616 4 local part of 8 bits", TOP "a:%{l}.x -all" END, AR_FAIL, NULL,
	"\xff@example.com", NULL},
    /* --- limits */
    {"4.6.4 11 terms, the last one hits",
	TOP "{10|a:it.example.com }a:me.example.com -all" END IT ME,
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.6.4 11 terms, none hits", TOP "{11|a:it.example.com }-all" END IT,
	AR_PERMERROR, NULL, NULL, NULL},
    {"T15 4.6.4 11 MX",
	TOP "mx -all" END "{11|example.com MX # it.example.com\n}" IT,
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.6.4 11 MX, the first hits",
	TOP
	"mx -all" END
	"example.com MX 0 me.example.com\n{10|example.com MX # it.example.com\n}" IT
	    ME,
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.6.4 10 MX, the last one hits",
	TOP
	"mx -all" END
	"{9|example.com MX # it.example.com\n}example.com MX 9 me.example.com\n" IT
	    ME,
	AR_PASS, NULL, NULL, NULL},
    {"T15 4.6.4 10 PTR, the last one hits",
	TOP "ptr -all" END "{9|1.2.0.192.in-addr.arpa PTR x#.example.net\n}"
	    "1.2.0.192.in-addr.arpa PTR me.example.com\n" ME,
	AR_PASS, NULL, NULL, NULL},
    {"T15 4.6.4 includes 6 by 6 by 6",
	TOP "{6|include:a#.example.com }-all" END
	    "{6|a#.example.com TXT \"v=spf1 {6|include:b#.example.com }\"\n}"
	    "{6|b#.example.com TXT \"v=spf1 {6|include:c#.example.com }\"\n}"
	    "{6|c#.example.com TXT \"v=spf1 ip4:10.0.0.1\"\n}",
	AR_PERMERROR, NULL, NULL, NULL},
    {"5.5 SERVFAIL at a PTR's address",
	TOP "ptr -all" END "1.2.0.192.in-addr.arpa PTR sick.example.com\n"
	    "sick.example.com SERVFAIL\n",
	AR_FAIL, NULL, NULL, NULL},
    {"4.4 SERVFAIL at the record", "example.com SERVFAIL\n", AR_TEMPERROR,
	NULL, NULL, NULL},
    {"6.2 exp= of an include",
	TOP "include:i.example.com -all" END
	    "i.example.com TXT \"v=spf1 -all exp=e.example.com\"\n"
	    "e.example.com TXT no\n",
	AR_FAIL, NULL, NULL, NULL},
    /* --- records and explanations that overflow libspf2 1.2.10 */
    {"214 octets of explanation",
	TOP "-all exp=e.example.com" END
	    "e.example.com TXT \"{41|A%{d}}%-%-%{d}B\"\n",
	AR_FAIL, NULL, NULL, NULL},
    {"512 octets of explanation",
	TOP "-all exp=e.example.com" END
	    "e.example.com TXT \"{127|%{d}}AAAA\"\n",
	AR_FAIL, NULL, NULL, NULL},
    {"two macros and 496 octets",
	TOP "-all exp=e.example.com" END
	    "e.example.com TXT \"{244|A}%{d}{248|A}%{d}BBBB\"\n",
	AR_FAIL, NULL, NULL, NULL},
    {"exp= of a softfail",
	TOP "~all exp=e.example.com" END
	    "e.example.com TXT \"{41|A%{d}}%-%-%{d}B\"\n",
	AR_SOFTFAIL, NULL, NULL, NULL},
    {"3600 octets in a modifier", TOP "-all x={127|%{d}}{3600|A}" END,
	AR_PERMERROR, NULL, NULL, NULL},
    {"5000 octets in a", TOP "a:{127|%{d}}{5000|A}.example.com -all" END,
	AR_PERMERROR, NULL, NULL, NULL},
    {"1500 octets of macros in a", TOP "a:{370|%{d}}.example.com -all" END,
	AR_FAIL, NULL, NULL, NULL},
    {"length where the name should be", TOP "a://64 -all" END, AR_PERMERROR,
	NULL, NULL, NULL},
    {"negative octets escaped", TOP "exists:%{L}%{S}.x -all" END, AR_FAIL,
	NULL, "\xff\x80@example.com", NULL},
    {"reversed and cut", TOP "exists:%{l1r+-}%{d1r}%{L2r}.x -all" END, AR_FAIL,
	NULL, "a-b+c@example.com", NULL},
    {"the fullest include loses no term",
	TOP
	"include:i.example.com -all" END
	"i.example.com TXT \"v=spf1 {9|~mx:it.example.com/31//127 }+all\"\n"
	"it.example.com MX 1 it.example.com\n" IT,
	AR_PASS, NULL, NULL, NULL},
    /* --- clients */
    {"127.0.0.1 is no free pass", TOP "-all" END, AR_FAIL, NULL, NULL,
	"127.0.0.1"},
    {"127.0.0.1, through the library", TOP "a:it.example.com -all" END IT,
	AR_FAIL, NULL, NULL, "127.0.0.1"},
    {"127.0.0.1 listed",
	TOP "a:lo.example.com -all" END "lo.example.com A 127.0.0.1\n",
	AR_PASS, NULL, NULL, "127.0.0.1"},
    {"127.0.0.1 in a /9",
	TOP "a:lo.example.com/9 -all" END "lo.example.com A 127.77.0.1\n",
	AR_PASS, NULL, NULL, "127.0.0.1"},
    {"127.0.0.1 out of a /9",
	TOP "a:lo.example.com/9 -all" END "lo.example.com A 127.128.0.1\n",
	AR_FAIL, NULL, NULL, "127.0.0.1"},
    {"its veil is not seen through",
	TOP "a:lo.example.com -all" END "lo.example.com A 255.0.0.1\n",
	AR_FAIL, NULL, NULL, "127.0.0.1"},
    {"::1 is no free pass",
	TOP "mx -all" END
	    "example.com MX 0 it.example.com\nit.example.com AAAA ::2\n",
	AR_FAIL, NULL, NULL, "::1"},
    {"::1 listed",
	TOP "mx/8//127 -all" END
	    "example.com MX 0 it.example.com\nit.example.com AAAA ::\n",
	AR_PASS, NULL, NULL, "::1"},
    {"IPv4-mapped client", TOP "a:me.example.com -all" END ME, AR_PASS, NULL,
	NULL, "::ffff:192.0.2.1"},
    {"5.3 mapped AAAA is no IPv6 address",
	TOP "a//0 -all" END "example.com AAAA ::ffff:192.0.2.1\n", AR_FAIL,
	NULL, NULL, "2001:db8::1"},
    /* --- internationalized mail */
    {"8616 4 U-labels", "xn--bcher-kva.example TXT \"v=spf1 ip4:192.0.2.1\"\n",
	AR_PASS, NULL,
	"u@b\xc3\xbc"
	"cher.example",
	NULL},
    {"8616 4 U-labels in %{o}",
	"xn--bcher-kva.example TXT \"v=spf1 a:m.%{o} -all\"\n"
	"m.xn--bcher-kva.example A 192.0.2.1\n",
	AR_PASS, NULL,
	"u@B\xc3\x9c"
	"CHER.example",
	NULL},
    {"8616 4 %{h} in U-labels",
	TOP "a:%{h} -all" END "xn--bcher-kva.example A 192.0.2.1\n", AR_PASS,
	"b\xc3\xbc"
	"cher.example",
	NULL, NULL},
    {"8616 4 terms with %{l} don't match",
	TOP
	"exists:%{l1}.x include:%{s}.x mx:%{l}.x ?all" END
	"*.x A 127.0.0.2\n*.x TXT \"v=spf1 +all\"\n*.x MX 1 me.example.com\n" ME,
	AR_NEUTRAL, NULL, "\xc3\xbc@example.com", NULL},
    {"8616 4 one octet of 8 bits is enough",
	TOP "exists:%{l}.x -all" END "*.x A 127.0.0.2\n", AR_FAIL, NULL,
	"\xff"
	"a@example.com",
	NULL},
    {"8616 4 and a redirect doesn't lead",
	TOP "redirect=%{l}.x" END "*.x TXT \"v=spf1 +all\"\n", AR_NEUTRAL,
	NULL, "\xc3\xbc@example.com", NULL},
    {"8616 4 %{o} still does",
	TOP "exists:%{o}.x -all" END "*.x A 127.0.0.2\n", AR_PASS, NULL,
	"\xc3\xbc@example.com", NULL},
    /* --- identities */
    {"4.3 empty label", "example.com TXT \"v=spf1 +all\"\n", AR_NONE, NULL,
	"a@example..com", NULL},
    {"4.3 one label", "com TXT \"v=spf1 +all\"\n", AR_NONE, NULL, "a@com",
	NULL},
    {"no @", "example.com TXT \"v=spf1 +all\"\n", AR_NONE, NULL, "example.com",
	NULL},
    {"@ at the end", "example.com TXT \"v=spf1 +all\"\n", AR_NONE,
	"example.com", "a@", NULL},
    {"@ in a quoted local part",
	TOP "exists:%{o}.x -all" END "example.com.x A 127.0.0.2\n", AR_PASS,
	NULL, "\"a@b.example\"@example.com", NULL},
    {"dot at the end", "example.com TXT \"v=spf1 +all\"\n", AR_PASS, NULL,
	"a@EXAMPLE.com.", NULL},
    {"null sender, address literal in HELO",
	"example.com TXT \"v=spf1 +all\"\n", AR_NONE, "[192.0.2.1]", "", NULL},
    {"null sender",
	TOP "exists:%{l}.%{o}.x -all" END
	    "postmaster.example.com.x A 127.0.0.2\n",
	AR_PASS, "EXAMPLE.com", "", NULL},
    {"CR LF in the sender", "example.com TXT \"v=spf1 +all\"\n", AR_NONE, NULL,
	"a@example.com\r\nX: y", NULL},
    {"parenthesis in the sender", "example.com TXT \"v=spf1 +all\"\n", AR_NONE,
	NULL, "a@example.net(.example.com", NULL},
    /* --- records and names */
    {"3.3 strings are joined",
	"example.com TXT \"v=sp\" \"f1 ip4:192.\" "
	"\"\" \"0.2.1 -all\"\n",
	AR_PASS, NULL, NULL, NULL},
    {"T15 4.5 v=spf10 beside it",
	"example.com TXT \"v=spf10 -all\"\n"
	"example.com TXT \"v=spf1 +all\"\n",
	AR_PASS, NULL, NULL, NULL},
    {"T15 4.5 two",
	"example.com TXT \"v=spf1 +all\"\n"
	"example.com TXT \"v=spf1 +all\"\n",
	AR_PERMERROR, NULL, NULL, NULL},
    {"5.2 include of none",
	TOP "include:i.example.com +all" END "i.example.com A 192.0.2.1\n",
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.3 include of one label",
	TOP "include:%{h} +all" END "helo TXT \"v=spf1 -all\"\n", AR_PERMERROR,
	"helo", NULL, NULL},
    {"5.2 include of itself", TOP "include:example.com +all" END, AR_PERMERROR,
	NULL, NULL, NULL},
    {"6.1 redirect to itself", TOP "redirect=example.com" END, AR_PERMERROR,
	NULL, NULL, NULL},
    {"6.1 redirect inside an include",
	TOP "include:i.example.com -all" END
	    "i.example.com TXT \"v=spf1 redirect=r.example.com\"\n"
	    "r.example.com TXT \"v=spf1 a:me.example.com -all\"\n" ME,
	AR_PASS, NULL, NULL, NULL},
    {"6.1 a redirect's pass is the result",
	TOP "redirect=r.example.com" END
	    "r.example.com TXT \"v=spf1 ~ip4:192.0.2.1\"\n",
	AR_SOFTFAIL, NULL, NULL, NULL},
    {"5.2 -include",
	TOP "-include:i.example.com +all" END
	    "i.example.com TXT \"v=spf1 +all\"\n",
	AR_FAIL, NULL, NULL, NULL},
    {"5.2 temperror of an include",
	TOP "include:i.example.com +all" END "i.example.com SERVFAIL\n",
	AR_TEMPERROR, NULL, NULL, NULL},
    {"T15 5.2 an error before an error counts",
	TOP "a:sick.example.com include:i.example.com" END
	    "sick.example.com SERVFAIL\ni.example.com TXT \"v=spf1 moo\"\n",
	AR_TEMPERROR, NULL, NULL, NULL},
    {"a match before an error",
	TOP "a:me.example.com a:sick.example.com" END
	    "sick.example.com SERVFAIL\n" ME,
	AR_PASS, NULL, NULL, NULL},
    {"T9 4.6.4 three voids",
	TOP "a:b.example.com a:c.example.com "
	    "a:d.example.com +all" END,
	AR_PERMERROR, NULL, NULL, NULL},
    {"T9 4.6.4 three voids of one name", TOP "{3|a:b.example.com }+all" END,
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.6.4 voids of MX hosts",
	TOP "mx +all" END "{3|example.com MX # no#.example.com\n}",
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.6.4 void of mx, exists, a", TOP "mx exists:x.example.com a +all" END,
	AR_PERMERROR, NULL, NULL, NULL},
    {"4.6.4 PTR records are no voids", TOP "{3|ptr }+all" END, AR_PASS, NULL,
	NULL, NULL},
    {"4.8 names that are none cost nothing",
	TOP "a:a..example a:{64|x}.example a:..example +all" END, AR_PASS,
	NULL, NULL, NULL},
    {"timeout of a PTR is a timeout",
	TOP "ptr -all" END "1.2.0.192.in-addr.arpa TIMEOUT\n", AR_TEMPERROR,
	NULL, NULL, NULL},
    {"SERVFAIL of a PTR",
	TOP "ptr -all" END "1.2.0.192.in-addr.arpa SERVFAIL\n", AR_FAIL, NULL,
	NULL, NULL},
    {"SERVFAIL of a PTR in %{p}",
	TOP "exists:%{p}.x -all" END
	    "1.2.0.192.in-addr.arpa SERVFAIL\nunknown.x A 127.0.0.2\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 %{p}: the domain itself",
	TOP "exists:%{p}.x -all" END PTRS
	    "example.com A 192.0.2.1\nexample.com.x A 127.0.0.2\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 %{p}: or one below it",
	TOP "exists:%{p}.x -all" END PTRS "b.example.com.x A 127.0.0.2\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 %{p}: below it, the first one",
	TOP "exists:%{p}.x -all" END
	    "1.2.0.192.in-addr.arpa PTR b.example.com\n" PTRS
	    "b.example.com.x A 127.0.0.2\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 %{p}: or any",
	TOP "redirect=d.example.net" END PTRS
	    "d.example.net TXT \"v=spf1 exists:%{p}.x -all\"\n"
	    "a.example.org.x A 127.0.0.2\n",
	AR_PASS, NULL, NULL, NULL},
    {"7.3 %{p}: or none",
	TOP
	"exists:%{p}.x -all" END
	"1.2.0.192.in-addr.arpa PTR nx.example.com\nunknown.x A 127.0.0.2\n",
	AR_PASS, NULL, NULL, NULL},
    {"5.5 the name, or below it",
	TOP "-ptr:ample.com ptr:example.com" END
	    "1.2.0.192.in-addr.arpa PTR ME.example.com\n" ME,
	AR_PASS, NULL, NULL, NULL},
    {"7505 null MX", TOP "mx -all" END "example.com MX 0 .\n", AR_FAIL, NULL,
	NULL, NULL},
    {"CNAME loop",
	TOP "a:l.example.com -all" END "l.example.com CNAME m.example.com\n"
	    "m.example.com CNAME l.example.com\n",
	AR_TEMPERROR, NULL, NULL, NULL},
    {"CNAME to the record",
	"example.com CNAME r.example.net\n"
	"r.example.net TXT \"v=spf1 a:%{d}.x -all\"\n"
	"example.com.x A 192.0.2.1\n",
	AR_PASS, NULL, NULL, NULL},
};

/* {N|text}, innermost braces belong to the macro "%{d}" when no "|" is. */
static const char *
unroll(const char *p, size_t index, struct buf *out)
{
	for (; *p && *p != '}'; p++) {
		char *bar = NULL;
		unsigned long n = *p == '{' ? strtoul(p + 1, &bar, 10) : 0;

		if (n && *bar == '|') {
			for (size_t i = 0; i < n; i++)
				p = unroll(bar + 1, i, out);
		} else if (*p == '{') { /* a macro: as it is */
			buf_addc(out, *p);
			p = unroll(p + 1, index, out);
			buf_addc(out, '}');
		} else if (*p == '#') {
			buf_addf(out, "%zu", index);
		} else {
			buf_addc(out, *p);
		}
	}
	return p;
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct spf_request rq = spf_unit_request(r->ip ? r->ip : "192.0.2.1",
	    r->helo ? r->helo : "helo.example.com",
	    r->sender ? r->sender : "foo.bar@example.com");
	struct buf zone = BUF_INIT(1 << 20);
	struct checked c;

	assert_string_equal(unroll(r->zone, 0, &zone), "");
	c = spf_unit_check(buf_str(&zone), &rq);
	assert_string_equal(ar_word(c.result.word), ar_word(r->want));
	assert_true(c.result.terms <= LIMIT_SPF_TERMS + 1);
	assert_true(c.result.voids <= LIMIT_SPF_VOIDS + 1);
	spf_unit_free(&c);
	buf_free(&zone);
}

int
main(void)
{
	spf_init();
	UNIT_TABLE(rows, check);
	return unit_end();
}
