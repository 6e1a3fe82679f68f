/* SPDX-License-Identifier: BSD-2-Clause */
/* A text buffer with a ceiling. See buf.h. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_free(struct buf *b)
{
	free(b->ptr);
	*b = BUF_INIT(b->max);
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->over = b->no_mem = false;
	if (b->ptr)
		b->ptr[0] = '\0';
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len < b->len)
		b->len = len;
	b->over = false;
	if (b->ptr)
		b->ptr[b->len] = '\0';
}

/* Room for n more octets and a NUL? */
static bool
reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 128;
	char *p;

	if (b->over || b->no_mem)
		return false;
	if (n > b->max || b->len > b->max - n || b->max == SIZE_MAX) {
		b->over = true;
		return false;
	}
	if (b->cap && b->len + n < b->cap)
		return true;
	while (cap <= b->len + n)
		cap = cap > SIZE_MAX / 2 ? b->len + n + 1 : cap * 2;
	p = realloc(b->ptr, cap);
	if (!p) {
		b->no_mem = true;
		return false;
	}
	b->ptr = p;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, struct slice s)
{
	if (!reserve(b, s.len))
		return;
	if (s.len)
		memcpy(b->ptr + b->len, s.ptr, s.len);
	b->len += s.len;
	b->ptr[b->len] = '\0';
}

void
buf_addz(struct buf *b, const char *z)
{
	buf_add(b, slice_z(z));
}

/* A sign and the 19 digits of the largest. */
void
buf_add_num(struct buf *b, int64_t value)
{
	uint64_t n = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	if (value < 0)
		digits[--at] = '-';
	buf_add(b, slice_of(digits + at, sizeof(digits) - at));
}

void
buf_addc(struct buf *b, char c)
{
	/* Most often there is room. */
	bool fits =
	    b->len + 1 < b->cap && b->len < b->max && !b->over && !b->no_mem;

	if (!fits && !reserve(b, 1))
		return;
	b->ptr[b->len++] = c;
	b->ptr[b->len] = '\0';
}

/* Mostly it fits into the room there is, and one pass does. */
void
buf_addf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->cap - b->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? b->ptr + b->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n < 0 || !reserve(b, (size_t)n)) {
		b->no_mem = b->no_mem || n < 0;
		if (room)
			b->ptr[b->len] = '\0';
		return;
	}
	if ((size_t)n >= room) {
		va_start(ap, fmt);
		(void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

int
buf_status(const struct buf *b)
{
	return b->over || b->no_mem ? -1 : 0;
}

struct slice
buf_slice(const struct buf *b)
{
	return slice_of(b->ptr, b->len);
}

const char *
buf_str(const struct buf *b)
{
	return b->ptr ? b->ptr : "";
}
