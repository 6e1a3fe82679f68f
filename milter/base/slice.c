/* SPDX-License-Identifier: BSD-2-Clause */
/* Octet ranges: compare, search, cut. See slice.h. */
#include "base/slice.h"

#include <string.h>

bool
slice_ieq(struct slice a, struct slice b)
{
	return a.len == b.len && slice_istarts(a, b);
}

bool
slice_ieqz(struct slice a, const char *z)
{
	return slice_ieq(a, slice_z(z));
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool
slice_istarts(struct slice s, struct slice prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (ascii_lower(s.ptr[i]) != ascii_lower(prefix.ptr[i]))
			return false;
	return true;
}

bool
slice_iends(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	    slice_ieq(slice_from(s, s.len - suffix.len), suffix);
}

size_t
slice_find(struct slice s, char c)
{
	const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return p ? (size_t)(p - s.ptr) : s.len;
}

size_t
slice_rfind(struct slice s, char c)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == c)
			return i - 1;
	return s.len;
}

bool
slice_icontains(struct slice s, struct slice needle)
{
	for (; s.len >= needle.len; s = slice_from(s, 1)) {
		if (slice_istarts(s, needle))
			return true;
		if (s.len == 0)
			break;
	}
	return false;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len && is_fws(s.ptr[0]))
		s = slice_from(s, 1);
	while (s.len && is_fws(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct slice
slice_cut(struct slice *rest, char sep, bool *more)
{
	size_t at = slice_find(*rest, sep);
	struct slice part = slice_upto(*rest, at);

	*more = at < rest->len;
	*rest = slice_from(*rest, at + 1);
	return part;
}

int
slice_u64(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t d;

		if (!is_digit(s.ptr[i]))
			return -1;
		d = (uint64_t)(s.ptr[i] - '0');
		if (d > max || n > (max - d) / 10)
			return -1;
		n = n * 10 + d;
	}
	*out = n;
	return 0;
}

/* The place of the first octet that is not ASCII; eight at once. */
static size_t
skip_ascii(struct slice s)
{
	size_t n = 0;
	uint64_t x;

	for (; s.len - n >= sizeof(x); n += sizeof(x)) {
		memcpy(&x, s.ptr + n, sizeof(x));
		if (x & 0x8080808080808080u)
			break;
	}
	while (n < s.len && (unsigned char)s.ptr[n] < 0x80)
		n++;
	return n;
}

bool
slice_is_ascii(struct slice s)
{
	return skip_ascii(s) == s.len;
}

/* Octets of the character at the front of s, no ASCII; 0 when it is none. */
static size_t
utf8_length(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	/* RFC 3629 section 4: what the second octet may be depends. */
	unsigned char lo = 0x80, hi = 0xbf;
	size_t n;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (s.len < n || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool
slice_is_utf8(struct slice s)
{
	for (s = slice_from(s, skip_ascii(s)); s.len;
	     s = slice_from(s, skip_ascii(s))) {
		size_t n = utf8_length(s);

		if (n == 0)
			return false;
		s = slice_from(s, n);
	}
	return true;
}
