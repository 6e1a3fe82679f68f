/* SPDX-License-Identifier: BSD-2-Clause */
/* The forms of an entry of a signing table, and what is strange in them. */
#include "tables/whose.h"

#include "base/buf.h"
#include "mail/domain.h"
#include "mail/limits.h"

#define NEVER "this fits no address"

static bool
has_star(struct slice s)
{
	return slice_find(s, '*') < s.len;
}

/* Labels only; the dot before them was cut off. */
static bool
is_domain(struct slice s, struct domain *d)
{
	return !has_star(s) && domain_parse(s, d);
}

static int
lower_into(
    struct arena *a, struct slice head, struct slice tail, struct slice *out)
{
	char *text = arena_alloc(a, head.len + tail.len + 1);

	if (!text)
		return -1;
	for (size_t i = 0; i < head.len; i++)
		text[i] = ascii_lower(head.ptr[i]);
	for (size_t i = 0; i < tail.len; i++)
		text[head.len + i] = ascii_lower(tail.ptr[i]);
	*out = slice_of(text, head.len + tail.len);
	return 0;
}

/* The text as far as it is no domain, then its domain as A-labels. */
static int
normal_form(
    struct slice text, struct arena *a, struct slice *out, bool *domain)
{
	size_t at = slice_rfind(text, '@');
	size_t cut = at < text.len ? at + 1 : 0;
	struct domain d;

	if (cut < text.len && text.ptr[cut] == '.')
		cut++;
	*domain = is_domain(slice_from(text, cut), &d);
	if (*domain)
		return lower_into(
		    a, slice_upto(text, cut), domain_slice(&d), out);
	return lower_into(a, text, SLICE_EMPTY, out);
}

/* --- kind file ------------------------------------------------------------------ */

static int
read_name(struct slice text, struct arena *a, struct whose *w)
{
	size_t at = slice_rfind(text, '@');
	struct slice host = at < text.len ? slice_from(text, at + 1) : text;
	bool domain;

	if (normal_form(text, a, &w->text, &domain))
		return -1;
	w->anybody = slice_eqz(host, "*");
	if (w->anybody && at == 1 && text.len > 1 && text.ptr[0] == '*')
		w->remark = NEVER ": * is no pattern here, say refile:";
	else if (!w->anybody && has_star(text))
		w->remark = NEVER ": * is no pattern here, say refile:";
	else if (!w->anybody && !domain)
		w->remark = NEVER;
	return 0;
}

/* --- kind refile ----------------------------------------------------------------- */

/* Is this prefix and then a domain name? */
static bool
is_form(struct slice text, struct slice prefix, struct domain *d)
{
	return slice_starts(text, prefix) &&
	    is_domain(slice_from(text, prefix.len), d);
}

/* Nothing but * and dots where the domain stands. */
static bool
any_domain(struct slice text)
{
	size_t at = slice_rfind(text, '@');
	struct slice host = at < text.len ? slice_from(text, at + 1) : text;

	for (size_t i = 0; i < host.len; i++)
		if (host.ptr[i] != '*' && host.ptr[i] != '.')
			return false;
	return has_star(host);
}

static const char *
strange_pattern(struct slice text)
{
	size_t at = slice_rfind(text, '@');
	struct slice host = slice_from(text, at + 1);

	if (!has_star(text) && (at == text.len || at == 0))
		return NEVER ": say *@domain";
	if (at < text.len && host.len && host.ptr[0] == '.')
		return NEVER ": for all below a domain say *@*.domain";
	for (size_t i = 0; i < text.len; i++)
		if (slice_find(SLICE_LIT("[](){}|?^$\\"), text.ptr[i]) <
		    sizeof("[](){}|?^$\\") - 1)
			return "only * is special here, all else stands for "
			       "itself";
	if (!slice_is_ascii(host))
		return "beside a * domains must be written as A-labels";
	return NULL;
}

static int
read_pattern(struct slice text, struct arena *a, struct whose *w)
{
	struct domain d;
	bool domain;

	if (is_form(text, SLICE_LIT("*@*."), &d) ||
	    is_form(text, SLICE_LIT("*."), &d))
		return lower_into(
		    a, SLICE_LIT("*."), domain_slice(&d), &w->text);
	if (is_form(text, SLICE_LIT("*@"), &d))
		return lower_into(
		    a, SLICE_LIT("*@"), domain_slice(&d), &w->text);
	if (normal_form(text, a, &w->text, &domain))
		return -1;
	w->pattern = has_star(text);
	w->anybody = any_domain(text);
	w->remark = strange_pattern(w->text);
	return 0;
}

int
whose_read(
    struct slice text, enum table_kind kind, struct arena *a, struct whose *w)
{
	*w = (struct whose){.remark = NULL};
	switch (kind) {
	case TABLE_FILE: return read_name(text, a, w);
	case TABLE_REFILE: return read_pattern(text, a, w);
	}
	return -1;
}
