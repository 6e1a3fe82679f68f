/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of DKIM on their way into the field, DMARC and the log. */
#include "scene.h"

#include "dkim.h"

/* Signed with l=7; the key of RFC 8463 appendix A. */
#define PARTLY_HEADER \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/simple; " \
	"d=football.example.com;\r\n s=brisbane; t=1700000000; l=7;\r\n" \
	" h=From:Subject;\r\n" \
	" bh=Ba3gj8+xBPQLJTahTfzW6RbWQ/XPgESxkCi2B66PSQg=;\r\n b=jqsvWQVZVz" \
	"rhCscg9YZP7ig1KdixytLgau4a2EDxHbpm7KzfB95Hi8fYuMHzQ1r/mr2QcKrfKpm" \
	"uhHuXlNzoBw==\r\nFrom: Joe <joe@football.example.com>\r\n" \
	"Subject: Hi\r\n\r\n"
#define PARTLY PARTLY_HEADER "Hello\r\n"
#define POLICY "_dmarc.football.example.com TXT \"v=DMARC1; p=reject\"\n"

struct row {
	const char *name, *config, *zone, *text;
	const char *dkim, *dmarc, *log; /* must occur */
};

static const struct row rows[] = {
    {"l= over all of the body", "", POLICY, PARTLY,
	"dkim=pass header.d=football.example.com", "dmarc=pass", "dkim=pass"},
    {"6376 8.2: text after l=", "", POLICY, PARTLY "spam\r\n",
	"dkim=policy (body partly unsigned) (6 octets) "
	"header.d=football.example.com",
	"dmarc=fail", "dkim_why=\"body partly unsigned\" dkim_unsigned=6"},
    {"text after l=, allowed to its domain",
	"accept_partial_body = { b.example, Football.example.com }\n", POLICY,
	PARTLY "spam\r\n",
	"dkim=pass (body partly unsigned) (6 octets) "
	"header.d=football.example.com",
	"dmarc=pass", "dkim_why=\"body partly unsigned\" dkim_unsigned=6"},
    {"allowed to others", "accept_partial_body = { example.com }\n", POLICY,
	PARTLY "spam\r\n", "dkim=policy (body partly unsigned) (6 octets)",
	"dmarc=fail", "dkim_unsigned=6"},
    {"6376 6.3: a broken signature alone harms nobody", "", "",
	"X: y\r\n" PARTLY_HEADER "Hallo\r\n",
	"dkim=fail (body hash did not verify)", "dmarc=none", "action=accept"},
    {"6376 6.1: the key's DNS fails", "", BRISBANE " SERVFAIL\n" POLICY,
	PARTLY, "dkim=temperror (key unavailable)",
	"dmarc=", "dkim=temperror"},
};

/* Without its folding. */
static struct slice
unfolded(const char *field, char *out, size_t size)
{
	size_t n = 0;

	for (; *field && n < size; field++)
		if (!is_fws(*field))
			out[n++] = *field;
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	return slice_of(out, n);
}

static void
expect(struct slice got, const char *want)
{
	if (!slice_icontains(got, slice_z(want)))
		fail_msg(SLICE_FMT " has no %s", SLICE_ARG(got), want);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene_client client = {
	    .ip = "198.51.100.1", .helo = "h", .mail_from = "<>"};
	struct buf zone = BUF_INIT(4000);
	struct slice field;
	char room[2000];
	struct scene s;

	if (!strstr(r->zone, BRISBANE))
		buf_addz(&zone, ED25519_ZONE);
	buf_addz(&zone, r->zone);
	scene_open(&s, r->config, buf_str(&zone));
	scene_send(&s, &client, r->text);
	field = unfolded(scene_inserted(&s, "Authentication-Results", 0), room,
	    sizeof(room));
	expect(field, r->dkim);
	expect(field, r->dmarc);
	expect(log_captured(s.engine.log), r->log);
	buf_free(&zone);
	scene_close(&s);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
