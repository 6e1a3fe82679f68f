/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6376 section 3.5: lexers of values. See value.h. */
#include "dkim/value.h"

#include "dkim/base64.h"
#include "dkim/sig.h"

#define TIME_DIGITS 12

/*
 * Section 3.2: "Values MUST be processed as case sensitive unless the
 * specific tag description of semantics specifies case insensitivity", and
 * those of a=, c= and q= do not.
 */
bool
dkim_value_word(const struct name *table, struct slice s, int *out)
{
	return names_value(table, s, out) == 0 &&
	    slice_eqz(s, names_word(table, *out));
}

/* sig-a-tag-alg = k "-" h, each ALPHA *(ALPHA / DIGIT) */
bool
dkim_value_is_alg(struct slice v)
{
	size_t dash = slice_find(v, '-');

	if (dash == 0 || dash + 1 >= v.len || !is_alpha(v.ptr[0]) ||
	    !is_alpha(v.ptr[dash + 1]))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (i != dash && !is_alnum(v.ptr[i]))
			return false;
	return true;
}

bool
dkim_value_is_field_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_print(s.ptr[i]) || s.ptr[i] == ' ')
			return false;
	return s.len > 0;
}

/*
 * A domain as the ABNF has it, U-labels allowed: no dot at its end. We take
 * underscores, which sub-domain has not: selectors in use have them.
 */
bool
dkim_value_domain(struct slice v, size_t min_labels, struct domain *out)
{
	struct domain d;

	if (v.len == 0 || v.ptr[v.len - 1] == '.' || !domain_parse(v, &d) ||
	    domain_nlabels(&d) < min_labels)
		return false;
	*out = d;
	return true;
}

bool
dkim_value_time(struct slice v, int64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		if (!is_digit(v.ptr[i]))
			return false;
	if (v.len > TIME_DIGITS || slice_u64(v, INT64_MAX, &n))
		*out = DKIM_TIME_INFINITE;
	else
		*out = (int64_t)n;
	return v.len > 0;
}

int
dkim_value_octets(struct slice v, struct arena *arena, struct slice *out)
{
	unsigned char *octets = arena_alloc(arena, DKIM_BASE64_ROOM(v.len));
	size_t len;

	*out = SLICE_EMPTY;
	if (!octets)
		return -1;
	if (dkim_base64_decode(v, octets, &len))
		*out = slice_of(octets, len);
	return 0;
}

int
dkim_value_compact(struct slice v, struct arena *arena, struct slice *out)
{
	char *text = arena_alloc(arena, v.len + 1);
	size_t n = 0;

	*out = SLICE_EMPTY;
	if (!text)
		return -1;
	for (size_t i = 0; i < v.len; i++)
		if (!is_fws(v.ptr[i]))
			text[n++] = v.ptr[i];
	*out = slice_of(text, n);
	return 0;
}
