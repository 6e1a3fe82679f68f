/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slice is a range of octets that somebody else owns (a message's arena, a
 * DNS answer, a string literal). It may hold any octet, NUL included, and is
 * never written through. "No text" is the empty slice; ptr is then a valid
 * pointer or NULL, and nothing may tell the two apart.
 *
 * Case rules here are ASCII only: mail protocols fold nothing else.
 */
#ifndef ASSAY_BASE_SLICE_H
#define ASSAY_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct slice {
	const char *ptr;
	size_t len;
};

/* "%.*s" and its two arguments; text is cut at a NUL by printf. */
#define SLICE_FMT "%.*s"
#define SLICE_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""
#define SLICE_LIT(lit) ((struct slice){(lit), sizeof(lit) - 1})
#define SLICE_EMPTY ((struct slice){NULL, 0})

/* The slice over a C string; NULL gives the empty slice. */
static inline struct slice
slice_z(const char *z)
{
	return (struct slice){z, z ? strlen(z) : 0};
}

static inline struct slice
slice_of(const void *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

static inline bool
slice_eqz(struct slice a, const char *z)
{
	return slice_eq(a, slice_z(z));
}

bool slice_ieq(struct slice a, struct slice b);
bool slice_ieqz(struct slice a, const char *z);
/* memcmp order, a shorter one first. For qsort. */
int slice_cmp(struct slice a, struct slice b);
static inline bool
slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len &&
	    slice_eq(slice_of(s.ptr, prefix.len), prefix);
}

bool slice_istarts(struct slice s, struct slice prefix);
bool slice_iends(struct slice s, struct slice suffix);

/* Index of the first octet c, or s.len when there is none. */
size_t slice_find(struct slice s, char c);
size_t slice_rfind(struct slice s, char c);
/* Does needle occur in s, ASCII case aside? An empty needle does. */
bool slice_icontains(struct slice s, struct slice needle);

/* s without its first n octets (all of them when n > s.len). */
static inline struct slice
slice_from(struct slice s, size_t n)
{
	if (n >= s.len)
		return SLICE_EMPTY;
	return (struct slice){s.ptr + n, s.len - n};
}

static inline struct slice
slice_upto(struct slice s, size_t n)
{
	return (struct slice){s.ptr, n < s.len ? n : s.len};
}

/* Without SP, TAB, CR, LF at either end. */
struct slice slice_trim(struct slice s);

/*
 * Cuts *rest at the first sep: returns what stands before it and moves *rest
 * past it. *more is false when there was no separator left (then the whole
 * rest is returned and *rest becomes empty). Loop:
 *	bool more = true;
 *	while (more) { part = slice_cut(&rest, ',', &more); ... }
 */
struct slice slice_cut(struct slice *rest, char sep, bool *more);

/*
 * Decimal digits only (at least one, no sign, no blank), at most max.
 * Returns 0 and stores, or -1 and stores nothing.
 */
MUST_CHECK int slice_u64(struct slice s, uint64_t max, uint64_t *out);

bool slice_is_ascii(struct slice s);
/* UTF-8 as RFC 3629 has it: shortest forms, no surrogates. ASCII is. */
bool slice_is_utf8(struct slice s);

/* Octet classes; any value of char is accepted. */
/* SP, TAB */
static inline bool
is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* SP, TAB, CR, LF */
static inline bool
is_fws(char c)
{
	return is_wsp(c) || c == '\r' || c == '\n';
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* 0x20 to 0x7e */
static inline bool
is_print(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

#endif
