/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMARC policy records: RFC 9989 sections 4.7, 4.8 and 4.10.1, on the tag
 * lists of RFC 6376 section 3.2. Our scan alone decides what a record says;
 * libopendmarc only ever sees the canonical one written here.
 *
 * pct, rf and ri of RFC 7489 are historic and ignored like unknown tags. ruf
 * and fo ask for failure reports and are not looked into.
 */
#include "dmarc/record.h"

#include <string.h>

#include "dmarc/uri.h"
#include "mail/limits.h"

struct scan {
	struct dmarc_record *out;
	struct slice names[LIMIT_DMARC_TAGS]; /* of the tags so far */
	size_t n;
	struct slice token; /* the tag at hand, "name = value" */
};

/* The gravest slip stays, and of two equal ones the first. */
static void
note(struct dmarc_record *out, enum dmarc_reason reason, struct slice detail)
{
	if (reason <= out->reason)
		return;
	out->reason = reason;
	out->detail = detail;
}

/* --- values ------------------------------------------------------------- */

static void
take_policy(struct scan *s, struct slice value, enum dmarc_policy *out)
{
	int policy;

	if (names_value(dmarc_policy_words, value, &policy) == 0) {
		*out = (enum dmarc_policy)policy;
		return;
	}
	s->out->bad_policy = true;
	note(s->out, DMARC_REASON_BAD_POLICY, s->token);
}

/* A choice of one letter: yes or no. */
static bool
take_letter(struct slice value, char yes, char no, bool *out)
{
	char c = value.len == 1 ? ascii_lower(value.ptr[0]) : '\0';

	if (c != yes && c != no)
		return false;
	*out = c == yes;
	return true;
}

static bool
take_psd(struct slice value, enum dmarc_psd *out)
{
	if (slice_ieqz(value, "y"))
		*out = DMARC_PSD_YES;
	else if (slice_ieqz(value, "n"))
		*out = DMARC_PSD_NO;
	else
		return slice_ieqz(value, "u");
	return true;
}

static bool
take_rua(struct slice list, size_t *n)
{
	bool more = true, ok = true;

	while (more) {
		if (dmarc_uri_valid(dmarc_uri_next(&list, &more)))
			(*n)++;
		else
			ok = false;
	}
	return ok;
}

/* Known, and nothing of it matters here. */
static bool
is_ignored(struct slice name)
{
	static const char *const names[] = {"ruf", "fo", "pct", "rf", "ri"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_ieqz(name, names[i]))
			return true;
	return false;
}

/*
 * Section 4.8: quoted strings of the grammar are case-insensitive, so are
 * the names and, DMARC1 apart, the values.
 */
static void
take_tag(struct scan *s, struct slice name, struct slice value)
{
	struct dmarc_record *out = s->out;
	bool ok = true;

	if (slice_ieqz(name, "p"))
		take_policy(s, value, &out->p);
	else if (slice_ieqz(name, "sp"))
		take_policy(s, value, &out->sp);
	else if (slice_ieqz(name, "np"))
		take_policy(s, value, &out->np);
	else if (slice_ieqz(name, "adkim"))
		ok = take_letter(value, 's', 'r', &out->strict_dkim);
	else if (slice_ieqz(name, "aspf"))
		ok = take_letter(value, 's', 'r', &out->strict_spf);
	else if (slice_ieqz(name, "t"))
		ok = take_letter(value, 'y', 'n', &out->testing);
	else if (slice_ieqz(name, "psd"))
		ok = take_psd(value, &out->psd);
	else if (slice_ieqz(name, "rua"))
		ok = take_rua(value, &out->nrua);
	else if (!is_ignored(name))
		note(out, DMARC_REASON_UNKNOWN_TAG, name);
	if (!ok)
		note(out, DMARC_REASON_BAD_VALUE, s->token);
}

/* --- the list ----------------------------------------------------------- */

static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.ptr[i]))
			return false;
	return s.len > 0;
}

/*
 * RFC 6376 section 3.2: "if a tag name does occur more than once, the entire
 * tag-list is invalid". Which of the two a domain meant, nobody knows.
 */
static bool
is_new(struct scan *s, struct slice name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (slice_ieq(s->names[i], name)) {
			note(s->out, DMARC_REASON_DUPLICATE_TAG, name);
			return false;
		}
	}
	if (s->n == ARRAY_LEN(s->names)) {
		note(s->out, DMARC_REASON_RECORD_LIMIT, name);
		return false;
	}
	s->names[s->n++] = name;
	return true;
}

/*
 * dmarc-version = "v" equals %s"DMARC1", then a separator or the end. It is
 * the very first: "if the tag is not the first in the list ... the entire
 * record MUST be ignored" (section 4.7).
 */
static bool
take_version(struct scan *s, struct slice *text)
{
	struct slice rest = *text, first, name, value;
	bool more, equals;

	first = slice_cut(&rest, ';', &more);
	if (first.len == 0 || is_fws(first.ptr[0]))
		return false;
	value = first;
	name = slice_trim(slice_cut(&value, '=', &equals));
	if (!slice_ieqz(name, "v") || !slice_eqz(slice_trim(value), "DMARC1"))
		return false;
	s->names[s->n++] = name;
	*text = rest;
	return true;
}

static bool
is_about_dmarc(struct slice text)
{
	return slice_icontains(slice_upto(text, 64), SLICE_LIT("DMARC"));
}

bool
dmarc_record_parse(struct slice text, struct dmarc_record *out)
{
	struct scan s = {.out = out, .n = 0};
	bool more = true, equals;

	*out = (struct dmarc_record){.text = text};
	if (!take_version(&s, &text)) {
		if (is_about_dmarc(out->text))
			note(out, DMARC_REASON_VERSION, out->text);
		return false;
	}
	if (out->text.len > LIMIT_DMARC_RECORD) {
		note(out, DMARC_REASON_RECORD_LIMIT, SLICE_LIT("octets"));
		return false;
	}
	while (more) {
		struct slice name, value;

		s.token = slice_trim(slice_cut(&text, ';', &more));
		value = s.token;
		name = slice_trim(slice_cut(&value, '=', &equals));
		if (s.token.len == 0)
			continue;
		if (!equals || !is_name(name))
			note(out, DMARC_REASON_NOT_A_TAG, s.token);
		else if (is_new(&s, name))
			take_tag(&s, name, slice_trim(value));
		else
			return false;
	}
	if (out->p == DMARC_UNSET)
		note(out, DMARC_REASON_BAD_POLICY, SLICE_LIT("p"));
	out->bad_policy = out->bad_policy || out->p == DMARC_UNSET;
	return true;
}

/*
 * Section 4.10.1 in detail; section 4.7 says of an absent p, without a word
 * of rua, that the record is "treated as if it included p=none". We follow
 * the former, because it is the rule that names the steps to take.
 */
enum dmarc_use
dmarc_record_use(const struct dmarc_record *r)
{
	if (!r->bad_policy)
		return DMARC_USE_AS_IS;
	return r->nrua ? DMARC_USE_AS_NONE : DMARC_USE_NOT;
}

static void
write_policy(struct buf *b, const char *tag, enum dmarc_policy p)
{
	if (p != DMARC_UNSET)
		buf_addf(
		    b, "; %s=%s", tag, names_word(dmarc_policy_words, (int)p));
}

void
dmarc_record_write(const struct dmarc_record *r, struct buf *b)
{
	buf_addz(b, "v=DMARC1");
	write_policy(b, "p", r->p);
	write_policy(b, "sp", r->sp);
	write_policy(b, "np", r->np);
	buf_addz(b, r->strict_dkim ? "; adkim=s" : "; adkim=r");
	buf_addz(b, r->strict_spf ? "; aspf=s" : "; aspf=r");
	if (r->psd == DMARC_PSD_YES)
		buf_addz(b, "; psd=y");
	if (r->psd == DMARC_PSD_NO)
		buf_addz(b, "; psd=n");
	if (r->testing)
		buf_addz(b, "; t=y");
	/* Old readers' default, said so that none is left to guess. */
	buf_addz(b, "; pct=100");
}
