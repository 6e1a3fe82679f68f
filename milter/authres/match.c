/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recognizing forged fields, RFC 8601 sections 2.5 and 5. See match.h. The
 * results in the field are never parsed: a forger would only have to add one
 * that the parser refuses, and the field would stay.
 */
#include "authres/match.h"

#include "authres/lex.h"
#include "mail/domain.h"
#include "mail/limits.h"

/* The front of a field: [CFWS] authserv-id [CFWS version] up to ";". */
struct front {
	struct slice id;
	bool parsed; /* it follows the grammar */
	bool plain;  /* and everybody reads its id alike */
	uint32_t version;
	char text[LIMIT_AUTHRES_ID_PART]; /* holds a quoted id */
};

static struct slice
trim_dots(struct slice s)
{
	s = slice_trim(s);
	while (s.len && s.ptr[s.len - 1] == '.')
		s.len--;
	return s;
}

static bool
read_id(struct slice *in, struct front *f)
{
	struct slice quoted;

	if (ar_lex_token(in, &f->id))
		return true;
	if (!ar_lex_quoted(in, &quoted) || quoted.len > sizeof(f->text))
		return false;
	f->id = slice_of(f->text, ar_lex_unquote(quoted, f->text));
	return true;
}

static void
read_front(struct slice in, struct front *f)
{
	struct domain d;

	f->id = SLICE_EMPTY;
	f->parsed = f->plain = false;
	f->version = 1;
	if (!ar_lex_cfws(&in) || !read_id(&in, f) || !ar_lex_cfws(&in))
		return;
	if (ar_lex_number(&in, &f->version) && !ar_lex_cfws(&in))
		return;
	f->parsed = in.len == 0 || in.ptr[0] == ';';
	/*
	 * RFC 8601 section 2.5 compares U-labels as A-labels. A quoted id of
	 * other characters than a token's, or one beyond ASCII that is no
	 * name, is what a reader makes of it.
	 */
	f->plain = f->parsed && ar_lex_is_token(f->id) &&
	    (ar_lex_is_ascii(f->id) || domain_parse(f->id, &d));
}

static bool
same_id(struct slice got, struct slice ours)
{
	struct domain a, b;

	got = trim_dots(got);
	ours = trim_dots(ours);
	if (ours.len == 0)
		return false;
	return slice_ieq(got, ours) ||
	    (domain_parse(got, &a) && domain_parse(ours, &b) &&
		domain_eq(&a, &b));
}

/*
 * All before the first ";", whether one counts those in comments and strings
 * or not: the longer of the two.
 */
static struct slice
id_part(struct slice value)
{
	struct slice in = value, quoted;

	while (in.len && in.ptr[0] != ';') {
		if (ar_lex_comment(&in) || ar_lex_quoted(&in, &quoted))
			continue;
		if (in.ptr[0] == '(' || in.ptr[0] == '"')
			return value; /* does not end: nor does this part */
		in = slice_from(in, 1);
	}
	return slice_upto(value, value.len - in.len);
}

/* part without comments, quotes, backslashes and blanks; it fits. */
static struct slice
squeeze(struct slice part, char text[LIMIT_AUTHRES_ID_PART])
{
	bool ends = true; /* no comment met that doesn't; asked once only */
	size_t n = 0;

	while (part.len) {
		char c = part.ptr[0];

		if (c == '(' && ends) {
			ends = ar_lex_comment(&part);
			continue;
		}
		if (c > ' ' && c != '"' && c != '\\')
			text[n++] = c;
		part = slice_from(part, 1);
	}
	return slice_of(text, n);
}

static bool
garbage_claims(struct slice part, const struct slice *ids, size_t nids)
{
	char text[LIMIT_AUTHRES_ID_PART];
	struct slice bare;

	if (part.len > sizeof(text) || !ar_lex_is_ascii(part) ||
	    slice_icontains(part, SLICE_LIT("=?")))
		return true;
	bare = squeeze(part, text);
	for (size_t i = 0; i < nids; i++) {
		struct slice ours = trim_dots(ids[i]);
		struct domain d;

		if (ours.len == 0)
			continue;
		if (domain_parse(ours, &d))
			ours = domain_slice(&d);
		if (slice_icontains(part, ours) || slice_icontains(bare, ours))
			return true;
	}
	return false;
}

bool
authres_claims(struct slice value, const struct slice *ids, size_t nids)
{
	struct front f;

	read_front(value, &f);
	for (size_t i = 0; i < nids; i++)
		if (same_id(f.id, ids[i]))
			return true;
	return !f.plain && garbage_claims(id_part(value), ids, nids);
}

bool
authres_version_unknown(struct slice value)
{
	struct front f;

	read_front(value, &f);
	return f.parsed && f.version != 1;
}
