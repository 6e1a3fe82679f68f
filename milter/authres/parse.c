/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading Authentication-Results, RFC 8601 section 2.2, one function a rule.
 * See parse.h. Comments are dropped, words are not checked against the
 * registry.
 */
#include "authres/parse.h"

#include "authres/lex.h"
#include "mail/limits.h"

struct reader {
	struct slice in;
	struct arena *arena;
	struct ar_result **next_result;
	struct ar_prop **next_prop;
	size_t nresults, nprops;
	bool no_mem;
};

/* pvalue: what may stand in it unquoted, the grammar's tspecials included. */
static bool
value_end(char c)
{
	return is_fws(c) || c == ';' || c == '(' || c == ')' || c == '"' ||
	    c == '\\';
}

static struct slice
value_run(struct slice *in)
{
	size_t n = 0;
	struct slice run;

	while (n < in->len && !value_end(in->ptr[n]))
		n++;
	run = slice_upto(*in, n);
	*in = slice_from(*in, n);
	return run;
}

static bool
unquote(struct reader *r, struct slice quoted, struct slice *out)
{
	char *text = arena_alloc(r->arena, quoted.len);

	if (!text) {
		r->no_mem = true;
		return false;
	}
	*out = slice_of(text, ar_lex_unquote(quoted, text));
	return true;
}

/* value = token / quoted-string, the token taken widely */
static bool
read_value(struct reader *r, struct slice *out)
{
	struct slice quoted;

	if (ar_lex_quoted(&r->in, &quoted))
		return unquote(r, quoted, out);
	*out = value_run(&r->in);
	return true;
}

static void
split_address(struct ar_prop *p)
{
	size_t at = slice_rfind(p->value, '@');

	p->local = slice_upto(p->value, at);
	p->domain = slice_from(p->value, at + 1);
	if (!ar_lex_is_domain(p->domain) ||
	    (p->local.len && !ar_lex_is_dot_atom(p->local)))
		p->local = p->domain = SLICE_EMPTY;
}

/* pvalue = [CFWS] ( value / [ [ local-part ] "@" ] domain-name ) [CFWS] */
static bool
read_pvalue(struct reader *r, struct ar_prop *p)
{
	struct slice start, quoted;

	if (!ar_lex_cfws(&r->in))
		return false;
	start = r->in;
	if (!ar_lex_quoted(&r->in, &quoted)) {
		p->value = value_run(&r->in);
		split_address(p);
	} else if (ar_lex_char(&r->in, '@')) {
		p->local = quoted;
		p->domain = value_run(&r->in);
		p->value = slice_upto(start, start.len - r->in.len);
		if (!ar_lex_is_domain(p->domain))
			return false;
	} else if (!unquote(r, quoted, &p->value)) {
		return false;
	}
	return ar_lex_cfws(&r->in);
}

static struct ar_prop *
new_prop(struct reader *r)
{
	struct ar_prop *p = NULL;

	if (r->nprops++ == LIMIT_AUTHRES_PROPS)
		return NULL;
	p = arena_alloc(r->arena, sizeof(*p));
	if (!p) {
		r->no_mem = true;
		return NULL;
	}
	*r->next_prop = p;
	r->next_prop = &p->next;
	return p;
}

/*
 * propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
 * reasonspec = "reason" [CFWS] "=" [CFWS] value
 */
static bool
read_spec(struct reader *r, struct ar_result *result)
{
	struct slice first, second = SLICE_EMPTY;
	struct ar_prop *p;

	if (!ar_lex_keyword(&r->in, &first) || !ar_lex_cfws(&r->in))
		return false;
	if (ar_lex_char(&r->in, '.') &&
	    (!ar_lex_cfws(&r->in) || !ar_lex_keyword(&r->in, &second) ||
		!ar_lex_cfws(&r->in)))
		return false;
	if (!ar_lex_char(&r->in, '='))
		return false;
	if (second.len == 0 && slice_ieqz(first, "reason"))
		return ar_lex_cfws(&r->in) && read_value(r, &result->reason) &&
		    ar_lex_cfws(&r->in);
	p = new_prop(r);
	if (!p)
		return false;
	p->ptype = second.len ? first : SLICE_EMPTY;
	p->property = second.len ? second : first;
	return read_pvalue(r, p);
}

static struct ar_result *
new_result(struct reader *r)
{
	struct ar_result *result;

	if (r->nresults++ == LIMIT_AUTHRES_RESULTS)
		return NULL;
	result = arena_alloc(r->arena, sizeof(*result));
	if (!result) {
		r->no_mem = true;
		return NULL;
	}
	result->version = 1;
	*r->next_result = result;
	r->next_result = &result->next;
	r->next_prop = &result->props;
	return result;
}

/* methodspec = [CFWS] method [CFWS] "=" [CFWS] result, its method read */
static bool
read_methodspec(struct reader *r, struct ar_result *result)
{
	int value;

	if (ar_lex_char(&r->in, '/') &&
	    (!ar_lex_cfws(&r->in) ||
		!ar_lex_number(&r->in, &result->version) ||
		!ar_lex_cfws(&r->in)))
		return false;
	if (!ar_lex_char(&r->in, '=') || !ar_lex_cfws(&r->in) ||
	    !ar_lex_keyword(&r->in, &result->word) || !ar_lex_cfws(&r->in))
		return false;
	if (names_value(ar_words, result->word, &value) == 0)
		result->value = (enum ar_word)value;
	return true;
}

/* resinfo, its ";" and the CFWS after it taken already */
static bool
read_resinfo(struct reader *r)
{
	struct slice method;
	struct ar_result *result;

	if (!ar_lex_keyword(&r->in, &method) || !ar_lex_cfws(&r->in))
		return false;
	/* no-result = [CFWS] ";" [CFWS] "none" */
	if (r->in.len == 0 && r->nresults == 0 && slice_ieqz(method, "none"))
		return true;
	result = new_result(r);
	if (!result)
		return false;
	result->method = method;
	if (!read_methodspec(r, result))
		return false;
	while (r->in.len && r->in.ptr[0] != ';')
		if (!read_spec(r, result))
			return false;
	return true;
}

static bool
read_id(struct reader *r, struct ar_field *f)
{
	struct slice quoted;

	if (!ar_lex_cfws(&r->in))
		return false;
	if (ar_lex_quoted(&r->in, &quoted)) {
		if (!unquote(r, quoted, &f->id))
			return false;
	} else if (!ar_lex_token(&r->in, &f->id)) {
		return false;
	}
	if (!ar_lex_cfws(&r->in))
		return false;
	return !ar_lex_number(&r->in, &f->version) || ar_lex_cfws(&r->in);
}

static bool
read_field(struct reader *r, struct ar_field *f)
{
	if (!read_id(r, f) || r->in.len == 0)
		return false;
	while (r->in.len) {
		if (!ar_lex_char(&r->in, ';') || !ar_lex_cfws(&r->in))
			return false;
		if (r->in.len == 0)
			return r->nresults > 0;
		if (!read_resinfo(r))
			return false;
	}
	return true;
}

/* A control character belongs in no field, and some readers stop at a NUL. */
static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if ((c < 0x20 && !is_fws(s.ptr[i])) || c == 0x7f)
			return true;
	}
	return false;
}

int
ar_field_parse(struct slice value, struct arena *arena, struct ar_field *f)
{
	struct reader r = {.in = value, .arena = arena};

	*f = (struct ar_field){.version = 1};
	r.next_result = &f->results;
	f->valid = !has_control(value) && read_field(&r, f) && !r.no_mem;
	if (!f->valid)
		*f = (struct ar_field){.version = 1};
	return r.no_mem ? -1 : 0;
}
