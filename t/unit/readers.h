/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How other programs pick the author out of a From field, in a few lines
 * each and with nothing of ours but the comparable form of a domain name. No
 * field may have an author domain by us and another one by any of them.
 *
 * What is written as RFC 5322 has it, every quote and comment closed, is read
 * with its quotes and comments (a reader that looks for addresses in them is
 * beyond help). Anything else is read with quotes and without, and also as
 * charsets have it in which one octet takes the next.
 */
#ifndef ASSAY_READERS_H
#define ASSAY_READERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "mail/domain.h"

/*
 * The field as a row of marks, one an octet: 'a' what a word is made of, ' '
 * blank or comment, 'q' in a quoted string, all else as it is.
 */
struct readers_text {
	const char *octets;
	char *marks;
	size_t len;
	bool sound; /* all that was opened was closed */
};

static inline bool
readers_name_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || strchr("-_", c) ||
	    (unsigned char)c >= 0x80;
}

/* Where in quotes and comments a reader is. */
struct readers_state {
	size_t depth;
	bool quoted, escaped;
};

/* The mark of an octet that is not escaped, to who knows quotes. */
static inline char
readers_mark_one(struct readers_state *st, char c, bool *sound)
{
	bool inside = st->quoted || st->depth;
	char m = st->quoted ? 'q' : st->depth ? ' ' : c;

	if (c == '\\') {
		*sound = *sound && inside;
		st->escaped = inside;
	} else if (c == '"' && st->depth == 0) {
		st->quoted = !st->quoted;
		m = 'q';
	} else if (c == '(' && !st->quoted) {
		st->depth++;
		m = ' ';
	} else if (c == ')' && !st->quoted) {
		*sound = *sound && st->depth;
		st->depth -= st->depth ? 1 : 0;
		m = ' ';
	}
	return m;
}

/* quotes: else they stand for themselves, and end a name. */
static inline void
readers_mark(struct readers_text *t, bool quotes)
{
	struct readers_state st = {0};

	t->sound = true;
	for (size_t i = 0; i < t->len; i++) {
		char c = t->octets[i], m = c;

		if (quotes && st.escaped) {
			m = st.quoted ? 'q' : ' ';
			st.escaped = false;
		} else if (quotes) {
			m = readers_mark_one(&st, c, &t->sound);
		}
		t->marks[i] = m == '\t' || m == '\r' || m == '\n' ? ' ' : m;
	}
	t->sound = t->sound && !st.quoted && st.depth == 0 && !st.escaped;
}

/*
 * The name behind the "@" at i. join: blanks and comments in it are dropped,
 * as Python's email package does; else it ends at the first.
 */
static inline size_t
readers_name(const struct readers_text *t, size_t i, bool join, char *out)
{
	size_t n = 0;

	for (i++; i < t->len && t->marks[i] == ' '; i++)
		;
	for (; i < t->len && n < 1000; i++) {
		if (t->marks[i] == '.' || readers_name_octet(t->marks[i]))
			out[n++] = t->octets[i];
		else if (!join || t->marks[i] != ' ')
			break;
	}
	return n;
}

/* Does something that can be a local part stand before the "@" at i? */
static inline bool
readers_has_local(const struct readers_text *t, size_t i)
{
	while (i > 0 && t->marks[i - 1] == ' ')
		i--;
	return i > 0 && !strchr("<>,;:@[]", t->marks[i - 1]);
}

enum readers_pick {
	READERS_FIRST, /* the first address */
	READERS_LAST,
	READERS_FIRST_ANGLE, /* the last "@" in the first <> */
	READERS_LAST_ANGLE,
	READERS_PICKS,
};

/* The last "@" of an address in the brackets that open at i; else t->len. */
static inline size_t
readers_at_in_angle(const struct readers_text *t, size_t i)
{
	size_t at = t->len;

	/* A bracket that is never closed goes to the end. */
	for (i++; i < t->len && t->marks[i] != '<' && t->marks[i] != '>'; i++)
		if (t->marks[i] == '@' && readers_has_local(t, i))
			at = i;
	return at;
}

static inline size_t
readers_find_at(const struct readers_text *t, enum readers_pick pick)
{
	bool angle = pick == READERS_FIRST_ANGLE || pick == READERS_LAST_ANGLE;
	size_t found = t->len;

	for (size_t i = 0; i < t->len; i++) {
		size_t at = t->len;

		if (angle && t->marks[i] == '<')
			at = readers_at_in_angle(t, i);
		else if (!angle && t->marks[i] == '@' &&
		    readers_has_local(t, i))
			at = i;
		if (at == t->len)
			continue;
		if (pick == READERS_FIRST || pick == READERS_FIRST_ANGLE)
			return at;
		found = at;
	}
	return found;
}

static inline bool
readers_pick_other(const struct readers_text *t, enum readers_pick pick,
    bool join, const struct domain *ours)
{
	size_t at = readers_find_at(t, pick);
	char name[1024];
	struct domain d;

	return at < t->len &&
	    domain_parse(
		slice_of(name, readers_name(t, at, join, name)), &d) &&
	    domain_nlabels(&d) > 1 && !domain_eq(&d, ours);
}

/* Is there a reader of this text to whom the author is of another domain? */
static inline bool
readers_differ(const struct readers_text *t, const struct domain *ours)
{
	for (int pick = 0; pick < READERS_PICKS; pick++)
		if (readers_pick_other(
			t, (enum readers_pick)pick, false, ours) ||
		    readers_pick_other(t, (enum readers_pick)pick, true, ours))
			return true;
	return false;
}

/* Shift_JIS, Big5, GBK (take 1), or UTF-8 read without care (take 2). */
static inline void
readers_swallow(char *text, size_t len, unsigned take)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x81)
			continue;
		for (unsigned k = 0; k < take && i + 1 < len; k++)
			text[++i] = 'x';
	}
}

static inline bool
readers_disagree(struct slice value, const struct domain *ours)
{
	char *copy = malloc(value.len + 1), *marks = malloc(value.len + 1);
	struct readers_text t = {copy, marks, value.len, true};
	bool utf8 = slice_is_utf8(value), bad = false;

	if (!copy || !marks)
		abort();
	for (unsigned take = 0; take < (utf8 ? 1 : 3) && !bad; take++) {
		if (value.len)
			memcpy(copy, value.ptr, value.len);
		if (take)
			readers_swallow(copy, value.len, take);
		readers_mark(&t, true);
		bad = readers_differ(&t, ours);
		if (bad || (t.sound && utf8))
			continue;
		readers_mark(&t, false);
		bad = readers_differ(&t, ours);
	}
	free(copy);
	free(marks);
	return bad;
}

#endif
