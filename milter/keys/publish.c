/* SPDX-License-Identifier: BSD-2-Clause */
/* Records as texts for people and programs; when to hand them over. */
#include "keys/publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dkim/key.h"

#define STRING_MAX 255 /* RFC 1035 section 3.3: a character-string */
#define BACK_OFF_S 60
#define BACK_OFF_MAX_S 3600
#define DAY_S 86400

const struct name publish_result_words[] = {
    {PUBLISH_DONE, "done"},
    {PUBLISH_RETRY, "retry"},
    {PUBLISH_REFUSED, "refused"},
    {PUBLISH_STOPPED, "stopped"},
    {0, NULL},
};

/* --- what goes where ------------------------------------------------------------------ */

/* "%s.%d.dkim.example.net" */
static bool
target(const char *template, const struct publication *p, struct domain *out)
{
	struct buf b = BUF_INIT(2 * LIMIT_DOMAIN);
	bool ok;

	for (; *template; template ++) {
		if (template[0] == '%' && template[1] == 's')
			buf_addz(&b, p->selector);
		else if (template[0] == '%' && template[1] == 'd')
			buf_addz(&b, p->domain.text);
		else
			buf_addc(&b, *template);
		if (template[0] == '%' && template[1])
			template ++;
	}
	ok = buf_status(&b) == 0 && domain_parse(buf_slice(&b), out);
	buf_free(&b);
	return ok;
}

static int
record_text(
    struct publication *p, enum key_type type, EVP_PKEY *pkey, struct err *err)
{
	switch (p->want) {
	case WANT_NONE: return 0;
	case WANT_EMPTY:
		buf_addf(&p->text, "v=DKIM1; k=%s; p=",
		    type == KEY_ED25519 ? "ed25519" : "rsa");
		break;
	case WANT_KEY:
		if (!pkey)
			return err_set(err, "%s of %s: its key can't be read",
			    p->selector, p->domain.text);
		if (dkim_key_record(pkey, &p->text))
			return err_set(err, "the key has no public half");
		break;
	}
	return buf_status(&p->text) ? err_no_mem(err) : 0;
}

int
publication_fill(struct publication *p, const struct keys_options *o,
    const struct domain *d, const struct key_record *r, EVP_PKEY *pkey,
    const struct observation *seen, struct err *err)
{
	char text[DKIM_KEY_NAME_MAX];
	struct domain s;

	*p = (struct publication){.domain = *d,
	    .selector = r->key.selector,
	    .want = key_record_wants(r),
	    .ttl_s = o->publish_ttl_s,
	    .text = BUF_INIT(PUBLICATION_TEXT_MAX)};
	if (!domain_parse(slice_z(r->key.selector), &s) ||
	    !domain_parse(dkim_key_name(&s, d, text), &p->name))
		return err_set(err, "%s: no name for it", r->key.selector);
	p->owner = p->name;
	if (seen && seen->owner.len && !domain_eq(&seen->owner, &p->name))
		p->owner = seen->owner;
	else if (o->target[0] && !target(o->target, p, &p->owner))
		return err_set(err, "key_target: %s is no name", o->target);
	if (seen && domain_is_under(&p->owner, &seen->zone))
		p->zone = seen->zone;
	return record_text(p, r->key.type, pkey, err);
}

void
publication_clear(struct publication *p)
{
	buf_free(&p->text);
}

/* --- as zone file text ------------------------------------------------------------------- */

static void
add_strings(const struct publication *p, struct buf *b, const char *open,
    const char *between, const char *close)
{
	struct slice rest = buf_slice(&p->text);
	const char *sep = open;

	for (; rest.len; rest = slice_from(rest, STRING_MAX)) {
		buf_addf(b, "%s\"" SLICE_FMT "\"", sep,
		    SLICE_ARG(slice_upto(rest, STRING_MAX)));
		sep = between;
	}
	buf_addz(b, close);
}

void
publication_zone_text(const struct publication *p, struct buf *b)
{
	if (p->want == WANT_NONE) {
		buf_addf(b, "; remove %s. TXT\n", p->owner.text);
		return;
	}
	buf_addf(b, "%s. %" PRId64 " IN TXT ", p->owner.text, p->ttl_s);
	add_strings(p, b, "( ", " ", " )\n");
}

void
publication_cname_text(const struct publication *p, struct buf *b)
{
	if (!domain_eq(&p->name, &p->owner))
		buf_addf(b, "%s. %" PRId64 " IN CNAME %s.\n", p->name.text,
		    p->ttl_s, p->owner.text);
}

/* --- for programs ---------------------------------------------------------------------------- */

void
json_string(struct buf *b, struct slice s)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!is_print(c))
			buf_addf(b, "\\u%04x", (unsigned char)c);
		else if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else
			buf_addc(b, c);
	}
	buf_addc(b, '"');
}

static const char *
action(enum key_want want)
{
	switch (want) {
	case WANT_KEY: return "publish";
	case WANT_EMPTY: return "revoke";
	case WANT_NONE: break;
	}
	return "remove";
}

static void
json_member(struct buf *b, const char *name, struct slice value)
{
	buf_addf(b, ", \"%s\": ", name);
	json_string(b, value);
}

void
publication_json(const struct publication *p, struct buf *b)
{
	buf_addf(b, "{\"action\": \"%s\"", action(p->want));
	json_member(b, "domain", domain_slice(&p->domain));
	json_member(b, "selector", slice_z(p->selector));
	json_member(b, "name", domain_slice(&p->owner));
	json_member(b, "zone", domain_slice(&p->zone));
	json_member(b, "alias", domain_slice(&p->name));
	buf_addf(b, ", \"type\": \"TXT\", \"ttl\": %" PRId64, p->ttl_s);
	json_member(b, "value", buf_slice(&p->text));
	/* Records hold neither quotes nor backslashes: no escapes needed. */
	buf_addz(b, ", \"strings\": [");
	add_strings(p, b, "", ", ", "]}\n");
}

void
publication_nsupdate(
    const struct publication *p, const char *server, struct buf *b)
{
	struct slice rest = slice_z(server), host, port;
	bool more;

	if (server[0]) {
		host = slice_cut(&rest, '@', &more);
		port = more ? rest : SLICE_LIT("53");
		buf_addf(b, "server " SLICE_FMT " " SLICE_FMT "\n",
		    SLICE_ARG(host), SLICE_ARG(port));
	}
	if (p->zone.len)
		buf_addf(b, "zone %s.\n", p->zone.text);
	buf_addf(b, "update delete %s. TXT\n", p->owner.text);
	if (p->want != WANT_NONE) {
		buf_addf(b, "update add %s. %" PRId64 " TXT ", p->owner.text,
		    p->ttl_s);
		add_strings(p, b, "", " ", "\n");
	}
	buf_addz(b, "send\n");
}

/* --- when -------------------------------------------------------------------------------------- */

bool
publish_is_shown(const struct key_record *r)
{
	enum key_look look = r->key.look;

	switch (key_record_wants(r)) {
	case WANT_KEY: return look == LOOK_EQUAL || look == LOOK_EQUAL_SOME;
	/* To a verifier no record says the same: RFC 6376 section 6.1.2. */
	case WANT_EMPTY: return look == LOOK_REVOKED || look == LOOK_ABSENT;
	case WANT_NONE: return look == LOOK_ABSENT;
	}
	return true;
}

static int64_t
back_off(unsigned tries)
{
	int64_t s = BACK_OFF_S;

	for (; tries > 1 && s < BACK_OFF_MAX_S; tries--)
		s *= 2;
	return s < BACK_OFF_MAX_S ? s : BACK_OFF_MAX_S;
}

int64_t
publish_due_s(const struct keys_options *o, const struct key_record *r)
{
	bool handed = r->handed_at.own_s && r->handed == key_record_wants(r);
	bool knows = r->key.look != LOOK_NONE && r->key.look != LOOK_TROUBLE;

	if (publish_is_shown(r) || (handed && !knows))
		return INT64_MAX;
	if (handed) /* a person is told once a day */
		return r->handed_at.own_s +
		    (o->publish_via == PUBLISH_PRINT ? DAY_S : BACK_OFF_MAX_S);
	if (r->tries == 0)
		return 0;
	return r->tried_at.own_s + back_off(r->tries);
}
