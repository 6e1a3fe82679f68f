/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sendmail writes address fields anew when it sends a message on, which no
 * canonicalization forgives. Known from what it did to lists of all forms; a
 * form not seen to pass whole is taken for one that does not.
 */
#include "engine/sendmail.h"

#include "base/attr.h"

static const struct slice rewritten[] = {
    {"To", 2},
    {"Cc", 2},
    {"Reply-To", 8},
    {"Sender", 6},
    {"Resent-To", 9},
    {"Resent-Cc", 9},
    {"Resent-From", 11},
    {"Resent-Sender", 13},
    {"Resent-Reply-To", 15},
};

_Static_assert(ARRAY_LEN(rewritten) <= SENDMAIL_NAMES_MAX, "room for all");

/* Atoms, dots, @; what it copies octet for octet. */
static bool
is_plain(char c)
{
	return is_alnum(c) || (unsigned char)c >= 0x80 ||
	    slice_find(SLICE_LIT("!#$%&*+-/=?^_`{|}~"), c) <
	    sizeof("!#$%&*+-/=?^_`{|}~") - 1;
}

static void
skip_blanks(struct slice *s)
{
	while (s->len && is_fws(s->ptr[0]))
		*s = slice_from(*s, 1);
}

/* local@domain without quotes, comments and literals; past it on success. */
static bool
skip_address(struct slice *s)
{
	size_t n = 0, ats = 0;

	while (n < s->len &&
	    (is_plain(s->ptr[n]) || s->ptr[n] == '.' || s->ptr[n] == '@'))
		ats += s->ptr[n++] == '@';
	if (ats != 1 || s->ptr[0] == '@' || s->ptr[n - 1] == '@')
		return false;
	*s = slice_from(*s, n);
	return true;
}

/* A quoted phrase, or words of plain characters, up to the "<". */
static bool
skip_phrase(struct slice *s)
{
	bool quoted = s->len && s->ptr[0] == '"';
	size_t n = quoted;

	while (n < s->len &&
	    (is_plain(s->ptr[n]) || s->ptr[n] == ' ' ||
		(quoted && s->ptr[n] == '.')))
		n++;
	if (quoted && (n >= s->len || s->ptr[n] != '"'))
		return false;
	n += quoted;
	if (quoted && n < s->len && is_fws(s->ptr[n]))
		n++;
	if (n == 0 || n >= s->len || s->ptr[n] != '<' ||
	    !is_fws(s->ptr[n - 1]))
		return false;
	*s = slice_from(*s, n);
	return true;
}

static bool
skip_mailbox(struct slice *s)
{
	struct slice at = *s;

	if (skip_address(&at)) {
		*s = at;
		return true;
	}
	at = *s;
	if (at.len == 0 || (at.ptr[0] != '<' && !skip_phrase(&at)))
		return false;
	at = slice_from(at, 1);
	if (!skip_address(&at) || at.len == 0 || at.ptr[0] != '>')
		return false;
	*s = slice_from(at, 1);
	return true;
}

bool
sendmail_keeps(struct slice value)
{
	struct slice s = value;

	skip_blanks(&s);
	for (;;) {
		if (!skip_mailbox(&s))
			return false;
		if (s.len && s.ptr[0] == ',') {
			s = slice_from(s, 1);
			if (s.len == 0 || !is_fws(s.ptr[0]))
				return false;
			skip_blanks(&s);
			continue;
		}
		skip_blanks(&s);
		return s.len == 0;
	}
}

size_t
sendmail_changes(
    const struct header *h, struct slice names[SENDMAIL_NAMES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(rewritten); i++) {
		bool changes = false;

		for (size_t k = 0; k < h->n && !changes; k++)
			changes = slice_ieq(h->fields[k].name, rewritten[i]) &&
			    !sendmail_keeps(h->fields[k].value);
		if (changes)
			names[n++] = rewritten[i];
	}
	return n;
}
