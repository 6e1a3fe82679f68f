/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 3.2, with erratum 5070 (a tag-value may be empty) and RFC
 * 8616 section 5 (UTF-8 in values). What a tag means is not known here.
 */
#include "dkim/tags.h"

/*
 * FWS = [*WSP CRLF] 1*WSP (section 2.8). We take any run of them: "Note that
 * WSP is allowed anywhere around tags". A CR or LF that folds nothing is no
 * blank. Returns the octets of the run at the front of s.
 */
static size_t
fws_length(struct slice s)
{
	size_t i = 0;

	for (;;) {
		if (i < s.len && is_wsp(s.ptr[i]))
			i++;
		else if (i + 2 < s.len && s.ptr[i] == '\r' &&
		    s.ptr[i + 1] == '\n' && is_wsp(s.ptr[i + 2]))
			i += 3;
		else
			return i;
	}
}

static void
skip_fws(struct slice *in)
{
	*in = slice_from(*in, fws_length(*in));
}

static bool
skip_char(struct slice *in, char c)
{
	if (in->len == 0 || in->ptr[0] != c)
		return false;
	*in = slice_from(*in, 1);
	return true;
}

/* tag-name = ALPHA *ALNUMPUNC */
static bool
tag_name(struct slice *in, struct slice *out)
{
	size_t n = 0;

	if (in->len == 0 || !is_alpha(in->ptr[0]))
		return false;
	while (n < in->len && (is_alnum(in->ptr[n]) || in->ptr[n] == '_'))
		n++;
	*out = slice_upto(*in, n);
	*in = slice_from(*in, n);
	return true;
}

/* VALCHAR, and what belongs to a UTF-8 sequence (checked before) */
static bool
value_char(char c)
{
	return (is_print(c) && c != ' ' && c != ';') ||
	    (unsigned char)c >= 0x80;
}

/* [FWS] tag-value [FWS], up to the ";" or the end */
static bool
tag_value(struct slice *in, struct dkim_tag *tag)
{
	size_t first = fws_length(*in), i = first, last = first;

	while (i < in->len && in->ptr[i] != ';') {
		size_t blanks;

		if (value_char(in->ptr[i])) {
			last = ++i;
			continue;
		}
		blanks = fws_length(slice_from(*in, i));
		if (blanks == 0)
			return false;
		i += blanks;
	}
	tag->whole = slice_upto(*in, i);
	tag->value = slice_from(slice_upto(*in, last), first);
	*in = slice_from(*in, i);
	return true;
}

/* tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS] */
static bool
tag_spec(struct slice *in, struct dkim_tag *tag)
{
	struct slice s = *in;

	skip_fws(&s);
	if (!tag_name(&s, &tag->name))
		return false;
	skip_fws(&s);
	if (!skip_char(&s, '=') || !tag_value(&s, tag))
		return false;
	*in = s;
	return true;
}

static bool
has_name(const struct dkim_tags *t, struct slice name)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_eq(t->tags[i].name, name))
			return true;
	return false;
}

enum dkim_reason
dkim_tags_parse(struct slice text, struct dkim_tags *out)
{
	struct dkim_tag tag;

	out->n = 0;
	if (!slice_is_utf8(text))
		return DKIM_REASON_SYNTAX;
	do {
		if (!tag_spec(&text, &tag))
			return DKIM_REASON_SYNTAX;
		/*
		 * Section 3.2: "if a tag name does occur more than once, the
		 * entire tag-list is invalid."
		 */
		if (has_name(out, tag.name))
			return DKIM_REASON_DUPLICATE_TAG;
		if (out->n == LIMIT_DKIM_TAGS)
			return DKIM_REASON_LIMIT_TAGS;
		out->tags[out->n++] = tag;
		if (!skip_char(&text, ';'))
			break;
		/* A ";" may end the list, and blanks may follow it. */
	} while (fws_length(text) < text.len);
	return fws_length(text) < text.len ? DKIM_REASON_SYNTAX
					   : DKIM_REASON_NONE;
}

const struct dkim_tag *
dkim_tags_find(const struct dkim_tags *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_eqz(t->tags[i].name, name))
			return &t->tags[i];
	return NULL;
}

struct slice
dkim_list_next(struct slice *rest, bool *more)
{
	return slice_trim(slice_cut(rest, ':', more));
}

bool
dkim_list_has(struct slice list, const char *word)
{
	bool more = true;

	while (more)
		if (slice_eqz(dkim_list_next(&list, &more), word))
			return true;
	return false;
}
