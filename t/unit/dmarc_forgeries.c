/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The forgeries of the literature as far as parsing and evaluation decide
 * them: "Composition Kills" (USENIX Security 2020) and older bugs of filters.
 * The victim is legit.example with p=reject; the sender owns attack.example
 * and passes SPF and DKIM there. None may get a pass for the victim.
 */
#include "dmarc_scene.h"

#define LEGIT "legit.example"
#define ATTACK "attack.example"
#define PARSE_ERROR "permerror"

struct row {
	const char *name;
	const char *header;    /* the message's */
	const char *mail_from; /* SPF passes for its domain, if it has one */
	const char *dkim;      /* d= of a signature that verifies, or NULL */
	const char *want;      /* the word and header.from */
};

static const struct row rows[] = {
    {"honest", "From: a@legit.example\r\n", "<a@legit.example>", LEGIT,
	"pass legit.example"},
    {"attacker as himself", "From: a@attack.example\r\n", "<a@attack.example>",
	ATTACK, "pass attack.example"},
    {"plain forgery", "From: a@legit.example\r\n", "<a@attack.example>",
	ATTACK, "fail legit.example"},

    /* server side: what SPF and DKIM are asked about */
    {"a1 a victim's name that does not exist: SPF has nothing to pass",
	"From: a@legit.example\r\n", NULL, NULL, "fail legit.example"},
    {"a2 empty MAIL FROM, HELO of the attacker's", "From: a@legit.example\r\n",
	"<helo@attack.example>", NULL, "fail legit.example"},
    {"T2 HELO of the victim's, MAIL FROM of the attacker's",
	"From: a@legit.example\r\n", "<any@attack.example>", NULL,
	"fail legit.example"},
    {"a3 NUL in d= or s= (such a d= is no domain)",
	"From: a@legit.example\r\n", NULL, NULL, "fail legit.example"},
    {"a4 d=legit.example'a.attack.example", "From: a@legit.example\r\n", NULL,
	"legit.example'a.attack.example", "fail legit.example"},
    {"T3 d=legit.example(.attack.example", "From: a@legit.example\r\n", NULL,
	"legit.example(.attack.example", "fail legit.example"},
    {"a5", "From: a@legit.example\r\n", "<any@legit.example(.attack.example>",
	NULL, "fail legit.example"},
    {"a6", "From: a@legit.example\r\n",
	"<any@legit.example'@any.attack.example>", NULL, "fail legit.example"},
    {"a7", "From: a@legit.example\r\n",
	"<@legit.example,@any.example:'any@attack.example>", NULL,
	"fail legit.example"},
    {"a7 route alone", "From: a@legit.example\r\n", "<@legit.example:any>",
	NULL, "fail legit.example"},

    /* which From is it */
    {"a8 two fields, attacker first",
	"From: <first@attack.example>\r\nFrom: <second@legit.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a8 two fields, victim first",
	"From: <first@legit.example>\r\nFrom: <second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a9 blank before the colon",
	"From : <first@legit.example>\r\nFrom: <second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a10 blank before the name, first line: no header at all",
	" From: <first@legit.example>\r\nFrom: <second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a10 blank before the name, later: a continuation",
	"To: x\r\n From: <first@legit.example>\r\n"
	"From: <second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, "pass attack.example"},
    {"a11 name folded: the header ends there",
	"From\r\n : <first@legit.example>\r\n"
	"From: <second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a12 Sender", "From: a@legit.example\r\nSender: b@attack.example\r\n",
	"<b@attack.example>", ATTACK, "fail legit.example"},
    {"a13 Resent-From",
	"From: a@legit.example\r\nResent-From: b@attack.example\r\n",
	"<b@attack.example>", ATTACK, "fail legit.example"},

    /* which address is it */
    {"a14 attacker first",
	"From: <first@attack.example>, <second@legit.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a14 victim first",
	"From: <first@legit.example>, <second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a15 encoded",
	"From: =?utf-8?b?PGFkbWluQGxlZ2l0LmV4YW1wbGU+?=, "
	"<second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a15 encoded name",
	"From: =?utf-8?q?=3Cadmin=40legit.example=3E?= "
	"<second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, "pass attack.example"},
    {"a16 route",
	"From: <@attack.example,@any.example:admin@legit.example>\r\n",
	"<a@attack.example>", ATTACK, "fail legit.example"},
    {"a17 quoted pair",
	"From: <admin@legit.example>\\,<second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a18 specials", "From: admin@legit.example,<second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a19 address and name",
	"From: <first@attack.example>admin@legit.example\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},
    {"a19 name and address",
	"From: admin@legit.example<second@attack.example>\r\n",
	"<a@attack.example>", ATTACK, PARSE_ERROR},

    /* older bugs of filters */
    {"T1 identical twice",
	"From: a@legit.example\r\nFrom: a@legit.example\r\n",
	"<a@legit.example>", LEGIT, PARSE_ERROR},
    {"T1 none", "To: a@legit.example\r\n", "<a@attack.example>", ATTACK,
	PARSE_ERROR},
    {"T1 empty group", "From: undisclosed:;\r\n", "<a@attack.example>", ATTACK,
	PARSE_ERROR},
    {"T5 no at sign", "From: legit.example\r\n", "<a@attack.example>", ATTACK,
	PARSE_ERROR},
    {"T20 quoted at sign", "From: \"a@attack.example\"@legit.example\r\n",
	"<a@attack.example>", ATTACK, "fail legit.example"},
    {"T20 quoted at sign, envelope", "From: a@legit.example\r\n",
	"<\"a@legit.example\"@attack.example>", NULL, "fail legit.example"},
    {"T21 trailing >", "From: a@legit.example>\r\n", "<a@attack.example>",
	ATTACK, "fail legit.example"},
    {"T21 quoted pair in a name", "From: \"\\\"\" <a@legit.example>\r\n",
	"<a@attack.example>", ATTACK, "fail legit.example"},
    {"T22 name that is an address",
	"From: \"a@legit.example\" <b@attack.example>\r\n",
	"<a@attack.example>", ATTACK, "pass attack.example"},
    {"T22 address in a comment",
	"From: b@attack.example (a@legit.example)\r\n", "<a@attack.example>",
	ATTACK, "pass attack.example"},
    {"trailing dot", "From: a@legit.example.\r\n", "<a@attack.example>",
	ATTACK, "fail legit.example"},
    {"another case", "From: a@LEGIT.Example\r\n", "<a@attack.example>", ATTACK,
	"fail legit.example"},
};

/* As the engine does: from header and envelope to a request. */
static void
make_request(
    struct played *p, const struct row *r, struct dmarc_request *request)
{
	struct header header;
	struct slice body;
	struct path path;

	assert_int_equal(header_init(&header, p->arena), 0);
	assert_int_equal(header_parse(&header, slice_z(r->header), &body), 0);
	assert_int_equal(
	    from_header(&header, p->arena, &request->from, NULL), 0);
	path_parse(slice_z(r->mail_from), &path);
	if (path.valid && path.domain.len) {
		request->spf = AR_PASS;
		request->spf_domain = path.domain;
	}
	request->dkim = p->dkim;
	if (r->dkim && domain_parse(slice_z(r->dkim), &p->dkim[0].domain)) {
		p->dkim[0].word = AR_PASS;
		request->ndkim = 1;
	}
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene s = {.zone = REC(LEGIT, "v=DMARC1; p=reject")
			      REC(ATTACK, "v=DMARC1; p=none"),
	    .author = LEGIT};
	struct dmarc_request request = {.spf = AR_NONE};
	struct dmarc_result result;
	char got[SCENE_TEXT];
	struct played p;

	scene_play(&s, &p);
	make_request(&p, r, &request);
	assert_int_equal(
	    dmarc_evaluate(&request, p.inquiry, p.arena, &result, &p.err), 0);
	snprintf(got, sizeof(got), "%s%s%s", ar_word(result.word),
	    result.author.len ? " " : "", result.author.text);
	assert_string_equal(got, r->want);
	scene_end(&p);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
