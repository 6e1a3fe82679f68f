/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vectors: those of RFC 9989 appendix B, one for each rule of sections 4 and
 * 5, and the names a walk asks for. Everything goes through dmarc_evaluate,
 * with and without prefetching.
 */
#include "dmarc_scene.h"

#define COM "example.com"
#define MAIL "mail.example.com"
#define SUB "sub.example.com"
#define DEEP "a.b.c.d.e.f.g.h.i.j.k.example.com"
#define BANK REC("bank.example", "v=DMARC1; p=reject; psd=y")
#define GIANT REC("giant.bank.example", "v=DMARC1; p=quarantine")
#define B41 \
	REC(COM, "v=DMARC1; p=none") \
	REC("signing.example.com", "v=DMARC1; p=none")

struct row {
	const char *name, *zone, *author, *spf, *dkim, *want;
};

static const struct row rows[] = {
    /* appendix B.4 */
    {"B.4.1", B41, COM, COM, "signing.example.com",
	"pass example.com none none spf+dkim example.com"},
    {"B.4.2", B41, DEEP, COM, "signing.example.com",
	"pass example.com none none spf+dkim example.com"},
    {"B.4.3", BANK GIANT, "giant.bank.example", "mail.giant.bank.example",
	"mail.mega.bank.example",
	"pass giant.bank.example quarantine quarantine spf "
	"giant.bank.example"},
    {"B.4.3 DKIM only", BANK GIANT, "giant.bank.example", NULL,
	"mail.mega.bank.example",
	"fail giant.bank.example quarantine quarantine - "
	"giant.bank.example"},

    /* 4.10: walks, organizations, psd */
    {"D-28 two levels",
	REC(MAIL, "v=DMARC1; p=quarantine")
	    REC(COM, "v=DMARC1; p=reject; sp=none"),
	"a.mail.example.com", NULL, NULL,
	"fail example.com none none - example.com"},
    {"psd=n",
	REC(MAIL, "v=DMARC1; p=quarantine; psd=n")
	    REC(COM, "v=DMARC1; p=reject"),
	"a.mail.example.com", COM, NULL,
	"fail mail.example.com quarantine quarantine - mail.example.com"},
    {"psd=n, same organization",
	REC(MAIL, "v=DMARC1; p=quarantine; psd=n")
	    REC(COM, "v=DMARC1; p=reject"),
	"a.mail.example.com", "b.mail.example.com", NULL,
	"pass mail.example.com quarantine quarantine spf mail.example.com"},
    {"D-26 D-27 com psd=y",
	REC("com", "v=DMARC1; p=none; sp=reject; psd=y")
	    HAS("a.mail.example.com"),
	"a.mail.example.com", COM, NULL,
	"pass com reject reject spf example.com"},
    {"com psd=y np", REC("com", "v=DMARC1; p=none; sp=none; np=reject; psd=y"),
	"nx.example.com", NULL, NULL, "fail com reject reject - example.com"},
    {"D-25 com no psd",
	REC("com", "v=DMARC1; p=reject") REC(COM, "v=DMARC1; p=none"), COM,
	"other.com", NULL, "pass example.com none none spf com"},
    {"com no psd, psd=n",
	REC("com", "v=DMARC1; p=reject") REC(COM, "v=DMARC1; p=none; psd=n"),
	COM, "other.com", NULL, "fail example.com none none - example.com"},
    {"D-3 author multi",
	REC(COM, "v=DMARC1; p=reject") REC(COM, "v=DMARC1; p=none"), COM, NULL,
	NULL, "none"},
    {"D-3 author multi inherits",
	REC(MAIL, "v=DMARC1; p=reject") REC(MAIL, "v=DMARC1; p=quarantine")
	    REC(COM, "v=DMARC1; p=none; sp=quarantine"),
	MAIL, NULL, NULL,
	"fail example.com quarantine quarantine - example.com"},
    {"D-3 non dmarc txt",
	REC(MAIL, "hello") REC(MAIL, "v=spf1 -all")
	    REC(COM, "v=DMARC1; p=quarantine"),
	MAIL, NULL, COM,
	"pass example.com quarantine quarantine dkim example.com"},
    {"D-3 one dmarc and junk", REC(COM, "junk") REC(COM, "v=DMARC1; p=reject"),
	COM, NULL, NULL, "fail example.com reject reject - example.com"},

    /* 4.7, 4.8: the record */
    {"D-2 v lower value", REC(COM, "v=dmarc1; p=reject"), COM, NULL, NULL,
	"none"},
    {"D-2 v not first", REC(COM, "p=reject; v=DMARC1"), COM, NULL, NULL,
	"none"},
    {"D-2 v=DMARC1.0", REC(COM, "v=DMARC1.0; p=reject"), COM, NULL, NULL,
	"none"},
    {"D-9 spaces", REC(COM, "v = DMARC1 ;p = Reject ; t=n"), COM, NULL, NULL,
	"fail example.com reject reject - example.com"},
    {"D-6 no p, rua", REC(COM, "v=DMARC1; rua=mailto:d@example.com"), COM,
	NULL, NULL, "fail example.com none none - example.com"},
    {"D-6 no p, no rua", REC(COM, "v=DMARC1;"), COM, NULL, NULL,
	"permerror example.com"},
    {"D-6 bad p, rua",
	REC(COM, "v=DMARC1; p=monitor; rua=mailto:d@example.com"), COM, NULL,
	NULL, "fail example.com none none - example.com"},
    {"D-6 bad p, no rua", REC(COM, "v=DMARC1; p=monitor"), COM, NULL, NULL,
	"permerror example.com"},
    {"D-6 bad sp, rua",
	REC(COM, "v=DMARC1; p=reject; sp=foo; rua=mailto:d@example.com"), COM,
	NULL, NULL, "fail example.com none none - example.com"},
    {"D-6 bad sp, no rua", REC(COM, "v=DMARC1; p=reject; sp=foo"), COM, NULL,
	NULL, "permerror example.com"},
    {"D-5 p not second",
	REC(COM, "v=DMARC1; rua=mailto:d@example.com; p=reject"), COM, NULL,
	NULL, "fail example.com reject reject - example.com"},
    {"D-7 pct ignored", REC(COM, "v=DMARC1; p=reject; pct=0"), COM, NULL, NULL,
	"fail example.com reject reject - example.com"},
    {"D-8 dup tag", REC(COM, "v=DMARC1; p=none; p=reject"), COM, NULL, NULL,
	"none"},
    {"D-22 psd invalid",
	REC(MAIL, "v=DMARC1; p=none; psd=maybe")
	    REC(COM, "v=DMARC1; p=reject"),
	"a.mail.example.com", NULL, NULL,
	"fail example.com reject reject - example.com"},

    /* 4.10.1: p, sp, np */
    {"sp existing",
	REC(COM, "v=DMARC1; p=reject; sp=none; np=quarantine") HAS(SUB), SUB,
	NULL, NULL, "fail example.com none none - example.com"},
    {"D-30 np nx", REC(COM, "v=DMARC1; p=reject; sp=none; np=quarantine"), SUB,
	NULL, NULL, "fail example.com quarantine quarantine - example.com"},
    {"np absent, sp", REC(COM, "v=DMARC1; p=reject; sp=none"),
	"nx.example.com", NULL, NULL,
	"fail example.com none none - example.com"},
    {"np absent, sp absent", REC(COM, "v=DMARC1; p=quarantine"),
	"nx.example.com", NULL, NULL,
	"fail example.com quarantine quarantine - example.com"},
    {"np only, existing sub", REC(COM, "v=DMARC1; p=none; np=reject") HAS(SUB),
	SUB, NULL, NULL, "fail example.com none none - example.com"},
    {"D-30 np ENT",
	REC(COM, "v=DMARC1; p=none; np=reject") HAS("x.sub.example.com"), SUB,
	NULL, NULL, "fail example.com none none - example.com"},
    {"sp at author ignored",
	REC(SUB, "v=DMARC1; p=none; sp=reject") REC(COM, "v=DMARC1; p=reject"),
	SUB, NULL, NULL, "fail sub.example.com none none - example.com"},

    /* 4.7 t */
    {"D-40 t=y reject", REC(COM, "v=DMARC1; p=reject; t=y"), COM, NULL, NULL,
	"fail example.com reject quarantine - example.com"},
    {"D-40 t=y quarantine", REC(COM, "v=DMARC1; p=quarantine; t=y"), COM, NULL,
	NULL, "fail example.com quarantine none - example.com"},
    {"D-40 t=y none", REC(COM, "v=DMARC1; p=none; t=y"), COM, NULL, NULL,
	"fail example.com none none - example.com"},
    {"D-40 t=y sp", REC(COM, "v=DMARC1; p=none; sp=reject; t=y") HAS(SUB), SUB,
	NULL, NULL, "fail example.com reject quarantine - example.com"},

    /* 4.4: alignment */
    {"D-33 strict", REC(COM, "v=DMARC1; p=reject; aspf=s; adkim=s"), COM, MAIL,
	SUB, "fail example.com reject reject - example.com"},
    {"D-33 strict exact", REC(COM, "v=DMARC1; p=reject; aspf=s; adkim=s"),
	"Example.COM", NULL, COM,
	"pass example.com reject reject dkim example.com"},
    {"strict from the organization's record",
	REC(COM, "v=DMARC1; p=reject; adkim=s"), "news.example.com", NULL, COM,
	"fail example.com reject reject - example.com"},
    {"relaxed, parent's signature", REC(COM, "v=DMARC1; p=reject"),
	"news.example.com", NULL, COM,
	"pass example.com reject reject dkim example.com"},
    {"identifier without records", REC(COM, "v=DMARC1; p=reject"), COM, NULL,
	"esp.example.net", "fail example.com reject reject - example.com"},
    {"D-36 MAIL FROM is the PSD itself", BANK GIANT, "giant.bank.example",
	"bank.example", NULL,
	"fail giant.bank.example quarantine quarantine - "
	"giant.bank.example"},
    {"D-36 PSD as author",
	REC("bank.example", "v=DMARC1; p=reject; psd=y; sp=none"),
	"bank.example", NULL, NULL,
	"fail bank.example reject reject - bank.example"},
    {"D-36 below a PSD as author", BANK, "bank.example", "a.bank.example",
	NULL, "fail bank.example reject reject - bank.example"},
    {"PSD, record between skipped",
	REC("bank.example", "v=DMARC1; p=none; sp=reject; psd=y")
	    REC("b.c.bank.example", "v=DMARC1; p=quarantine")
		HAS("a.b.c.bank.example"),
	"a.b.c.bank.example", NULL, NULL,
	"fail bank.example reject reject - c.bank.example"},
    {"8 labels", REC(COM, "v=DMARC1; p=reject"), "a.b.c.d.e.f.example.com",
	NULL, NULL, "fail example.com reject reject - example.com"},
    {"9 labels, the parent skipped",
	REC("b.c.d.e.f.g.example.com", "v=DMARC1; p=none")
	    REC(COM, "v=DMARC1; p=reject"),
	"a.b.c.d.e.f.g.example.com", NULL, NULL,
	"fail example.com reject reject - example.com"},
    {"zone cut never seen",
	REC(COM, "v=DMARC1; p=none")
	    REC("b.c.d.e.f.g.example.com", "v=DMARC1; p=reject; psd=n"),
	"mail.a.b.c.d.e.f.g.example.com", NULL, NULL,
	"fail example.com none none - example.com"},
    {"D-37 11.8 attack",
	REC(MAIL, "v=DMARC1; p=reject") REC(COM, "v=DMARC1; p=reject"),
	"evil.example.com", MAIL, NULL,
	"pass example.com reject reject spf example.com"},
    {"D-37 11.8 fixed by psd=n",
	REC(MAIL, "v=DMARC1; p=reject; psd=n") REC(COM, "v=DMARC1; p=reject"),
	"evil.example.com", MAIL, NULL,
	"fail example.com reject reject - example.com"},
    {"D-16 single label", REC("localhost", "v=DMARC1; p=reject"), "localhost",
	NULL, NULL, "fail localhost reject reject - localhost"},

    /* D-32, D-34 */
    {"D-32 temperror",
	REC(COM, "v=DMARC1; p=reject") BAD("_dmarc.sub.example.com"), SUB,
	NULL, NULL, "temperror _dmarc.sub.example.com"},
    {"D-34 temperror in a walk not needed",
	REC(COM, "v=DMARC1; p=reject; aspf=s; adkim=s") BAD("_dmarc.com"), COM,
	NULL, COM, "pass example.com reject reject dkim example.com"},
    {"D-34 the same, relaxed",
	REC(COM, "v=DMARC1; p=reject") BAD("_dmarc.com"), COM, NULL, COM,
	"pass example.com reject reject dkim example.com"},

    /* section 4.4, table 1 */
    {"4.4 relaxed", REC(COM, "v=DMARC1; p=none"), "news.example.com",
	"foo.example.com", NULL, "pass example.com none none spf example.com"},
    {"4.4 the same", REC(COM, "v=DMARC1; p=none; aspf=s"), "news.example.com",
	"news.example.com", NULL,
	"pass example.com none none spf example.com"},
    {"4.4 none", REC(COM, "v=DMARC1; p=none"), "news.example.com",
	"foo.example.net", NULL, "fail example.com none none - example.com"},

    /* appendix B.1: r and s are both tried */
    {"B.1.1 1 relaxed", REC(COM, "v=DMARC1; p=none"), COM, COM, NULL,
	"pass example.com none none spf example.com"},
    {"B.1.1 1 strict", REC(COM, "v=DMARC1; p=none; aspf=s"), COM, COM, NULL,
	"pass example.com none none spf example.com"},
    {"B.1.1 2 relaxed", REC(COM, "v=DMARC1; p=none"), COM, "child.example.com",
	NULL, "pass example.com none none spf example.com"},
    {"B.1.1 2 strict", REC(COM, "v=DMARC1; p=none; aspf=s"), COM,
	"child.example.com", NULL, "fail example.com none none - example.com"},
    {"B.1.1 3", REC(COM, "v=DMARC1; p=none"), "child.example.com",
	"example.net", NULL, "fail example.com none none - example.com"},
    {"B.1.2 1 relaxed", REC(COM, "v=DMARC1; p=none"), COM, NULL, COM,
	"pass example.com none none dkim example.com"},
    {"B.1.2 1 strict", REC(COM, "v=DMARC1; p=none; adkim=s"), COM, NULL, COM,
	"pass example.com none none dkim example.com"},
    {"B.1.2 2 relaxed", REC(COM, "v=DMARC1; p=none"), "child.example.com",
	NULL, COM, "pass example.com none none dkim example.com"},
    {"B.1.2 2 strict", REC(COM, "v=DMARC1; p=none; adkim=s"),
	"child.example.com", NULL, COM,
	"fail example.com none none - example.com"},
    {"B.1.2 3", REC(COM, "v=DMARC1; p=none"), "child.example.com", NULL,
	"example.net", "fail example.com none none - example.com"},

    /* appendix B.2, B.3 */
    {"B.2.1 D-1 two strings",
	"_dmarc.example.com TXT \"v=DMARC1; p=none; \" "
	"\"rua=mailto:dmarc-feedback@example.com\"\n",
	COM, NULL, NULL, "fail example.com none none - example.com"},
    {"M-9 cut in a tag's name",
	"_dmarc.example.com TXT \"v=DMARC1; s\" "
	"\"p=reject; p=no\" \"\" \"ne\"\n",
	SUB, NULL, NULL, "fail example.com reject reject - example.com"},
    {"B.2.5 test mode",
	REC("test.example.com",
	    "v=DMARC1; p=quarantine; "
	    "rua=mailto:dmarc-feedback@example.com,"
	    "mailto:tld-test@thirdparty.example.net; t=y"),
	"test.example.com", NULL, NULL,
	"fail test.example.com quarantine none - test.example.com"},
    {"B.3.1 both",
	REC(COM,
	    "v=DMARC1; p=reject; aspf=r; "
	    "rua=mailto:dmarc-feedback@example.com"),
	COM, MAIL, COM, "pass example.com reject reject spf+dkim example.com"},
    {"B.3.1 aspf=s", REC(COM, "v=DMARC1; p=reject; aspf=s"), COM, MAIL, COM,
	"pass example.com reject reject dkim example.com"},
    {"B.3.1 nothing", REC(COM, "v=DMARC1; p=reject; aspf=r"), COM, NULL,
	"fail:example.com", "fail example.com reject reject - example.com"},
    {"B.3.1 transient", BAD("_dmarc.example.com"), COM, MAIL, COM,
	"temperror _dmarc.example.com"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene s = {.zone = r->zone,
	    .author = r->author,
	    .spf = r->spf,
	    .dkim = r->dkim};
	char got[SCENE_TEXT];
	struct played p;

	scene_play(&s, &p);
	scene_text(&p.result, got);
	assert_string_equal(got, r->want);
	scene_same_with_prefetch(&s, &p);
	scene_end(&p);
}

struct walk_row {
	const char *name, *author;
	const char *want[LIMIT_DMARC_WALK + 1]; /* after "_dmarc." */
};

static const struct walk_row walk_rows[] = {
    {"A.3 8 labels", "a.b.c.d.e.f.example.com",
	{"a.b.c.d.e.f.example.com", "b.c.d.e.f.example.com",
	    "c.d.e.f.example.com", "d.e.f.example.com", "e.f.example.com",
	    "f.example.com", COM, "com"}},
    {"A.3 9 labels", "a.b.c.d.e.f.g.example.com",
	{"a.b.c.d.e.f.g.example.com", "c.d.e.f.g.example.com",
	    "d.e.f.g.example.com", "e.f.g.example.com", "f.g.example.com",
	    "g.example.com", COM, "com"}},
    {"A.3 10 labels", "mail.a.b.c.d.e.f.g.example.com",
	{"mail.a.b.c.d.e.f.g.example.com", "c.d.e.f.g.example.com",
	    "d.e.f.g.example.com", "e.f.g.example.com", "f.g.example.com",
	    "g.example.com", COM, "com"}},
    {"A.3 13 labels", "a.b.c.d.e.f.g.h.i.j.mail.example.com",
	{"a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com",
	    "h.i.j.mail.example.com", "i.j.mail.example.com",
	    "j.mail.example.com", MAIL, COM, "com"}},
    {"B.4.2", DEEP,
	{DEEP, "g.h.i.j.k.example.com", "h.i.j.k.example.com",
	    "i.j.k.example.com", "j.k.example.com", "k.example.com", COM,
	    "com"}},
    {"two labels", COM, {COM, "com"}},
    {"one label", "com", {"com"}},
};

/* Without a record nothing but the walk is asked, in its order. */
static void
check_walk(void **state)
{
	const struct walk_row *r = *state;
	struct scene s = {.zone = "", .author = r->author};
	struct played p;
	size_t n;

	scene_play(&s, &p);
	assert_int_equal(p.result.word, AR_NONE);
	for (n = 0; r->want[n]; n++) {
		char want[300];

		snprintf(want, sizeof(want), "_dmarc.%s TXT", r->want[n]);
		assert_non_null(zone_asked(p.zone, n));
		assert_string_equal(zone_asked(p.zone, n), want);
	}
	assert_null(zone_asked(p.zone, n));
	scene_end(&p);

	/* Prefetched: the same names, and no more. */
	s.prefetch = true;
	scene_play(&s, &p);
	for (n = 0; r->want[n]; n++) {
		char want[300];

		snprintf(want, sizeof(want), "_dmarc.%s TXT", r->want[n]);
		assert_non_null(zone_asked(p.zone, n));
		assert_string_equal(zone_asked(p.zone, n), want);
	}
	assert_null(zone_asked(p.zone, n));
	scene_end(&p);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(walk_rows, check_walk);
	return unit_end();
}
