/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domain names in their one comparable form. RFC 1035 section 2.3.1 (plus
 * underscore: RFC 8553), RFC 5890, RFC 8616 section 3. See domain.h.
 */
#include "mail/domain.h"

#include <stdlib.h>
#include <string.h>

#include <idn2.h>

static bool
label_char(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

static bool
labels_valid(struct slice name)
{
	bool more = true;

	while (more) {
		struct slice label = slice_cut(&name, '.', &more);

		if (label.len == 0 || label.len > LIMIT_LABEL)
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!label_char(label.ptr[i]))
				return false;
	}
	return true;
}

/* s has no more than LIMIT_DOMAIN octets. */
static bool
from_ascii(struct slice s, struct domain *out)
{
	for (size_t i = 0; i < s.len; i++)
		out->text[i] = ascii_lower(s.ptr[i]);
	out->text[s.len] = '\0';
	out->len = s.len;
	return labels_valid(slice_of(out->text, out->len));
}

static bool
from_utf8(struct slice s, struct domain *out)
{
	/* A U-label is never longer in UTF-8 than four times its A-label. */
	char u8[4 * LIMIT_DOMAIN + 1];
	uint8_t *ace = NULL;
	bool ok = false;

	if (s.len >= sizeof(u8) || memchr(s.ptr, '\0', s.len))
		return false;
	memcpy(u8, s.ptr, s.len);
	u8[s.len] = '\0';
	if (idn2_lookup_u8((const uint8_t *)u8, &ace,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
		struct slice a = slice_z((const char *)ace);

		/* UTS 46 maps U+3002 and others to a dot: maybe at the end. */
		if (a.len && a.ptr[a.len - 1] == '.')
			a.len--;
		ok = a.len <= LIMIT_DOMAIN && from_ascii(a, out);
	}
	idn2_free(ace);
	return ok;
}

bool
domain_parse(struct slice s, struct domain *out)
{
	bool ok;

	memset(out, 0, sizeof(*out));
	if (s.len && s.ptr[s.len - 1] == '.')
		s.len--;
	if (s.len == 0)
		return false;
	if (slice_is_ascii(s))
		ok = s.len <= LIMIT_DOMAIN && from_ascii(s, out);
	else
		ok = from_utf8(s, out);
	if (!ok)
		memset(out, 0, sizeof(*out));
	return ok;
}

struct slice
domain_slice(const struct domain *d)
{
	return slice_of(d->text, d->len);
}

bool
domain_eq(const struct domain *a, const struct domain *b)
{
	return slice_eq(domain_slice(a), domain_slice(b));
}

bool
domain_is_under(const struct domain *d, const struct domain *top)
{
	size_t cut;

	if (d->len <= top->len || top->len == 0)
		return domain_eq(d, top);
	cut = d->len - top->len;
	return d->text[cut - 1] == '.' && !strcmp(d->text + cut, top->text);
}

size_t
domain_nlabels(const struct domain *d)
{
	size_t n = d->len ? 1 : 0;

	for (size_t i = 0; i < d->len; i++)
		n += d->text[i] == '.';
	return n;
}

struct domain
domain_tail(const struct domain *d, size_t n)
{
	struct domain tail = {.len = 0};
	size_t at = d->len;

	/* Back to the dot before the n-th label from the right. */
	while (at > 0 && (d->text[at - 1] != '.' || --n > 0) && n > 0)
		at--;
	tail.len = d->len - at;
	memcpy(tail.text, d->text + at, tail.len);
	return tail;
}

bool
domain_list_has(const struct domain_list *list, const struct domain *d)
{
	for (size_t i = 0; i < list->n; i++)
		if (domain_eq(&list->items[i], d))
			return true;
	return false;
}
