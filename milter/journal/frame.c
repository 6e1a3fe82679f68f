/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See frame.h. A damaged length must not swallow the records after it: the way
 * on is always the next line end after the front of what is damaged.
 */
#include "journal/frame.h"

#include <stdio.h>
#include <string.h>

#include "base/crc.h"

/* Its first octet occurs in no pairs: nothing a peer sent is a front. */
static const struct slice mark = {"\036A1 ", 4};

size_t
frame_head(struct slice pairs, char head[FRAME_HEAD_MAX])
{
	int n = snprintf(head, FRAME_HEAD_MAX, "%.*s%zu %08lx ", (int)mark.len,
	    mark.ptr, pairs.len, (unsigned long)crc32_of(pairs));

	return n > 0 && n < FRAME_HEAD_MAX ? (size_t)n : 0;
}

/* As it is written, and no other way: a flipped octet is no other number. */
static bool
read_head(struct slice s, size_t *head_len, size_t *len)
{
	struct slice rest = slice_from(s, mark.len);
	char again[FRAME_HEAD_MAX];
	uint64_t n;
	bool more;

	if (!slice_starts(s, mark) ||
	    slice_u64(slice_cut(&rest, ' ', &more), LIMIT_JOURNAL_RECORD, &n))
		return false;
	(void)snprintf(again, sizeof(again), "%.*s%zu ", (int)mark.len,
	    mark.ptr, (size_t)n);
	*len = (size_t)n;
	*head_len = strlen(again) + 9;
	return slice_starts(s, slice_z(again)) && s.len >= *head_len;
}

static void
pass_over(struct frames *f, struct slice *in, size_t n)
{
	f->octets += n;
	if (!f->within)
		f->stretches++;
	f->within = true;
	*in = slice_from(*in, n);
}

static enum frame_found
skip_line(struct frames *f, struct slice *in)
{
	size_t n = slice_find(*in, '\n');

	f->lost = n == in->len;
	pass_over(f, in, f->lost ? n : n + 1);
	return FRAME_DAMAGED;
}

enum frame_found
frame_next(struct frames *f, struct slice *in, bool end, struct slice *pairs)
{
	char head[FRAME_HEAD_MAX];
	size_t head_len, len;

	/* What separates a torn record from the next one. */
	while (!f->lost && in->len && in->ptr[0] == '\n')
		*in = slice_from(*in, 1);
	if (in->len == 0)
		return FRAME_MORE;
	if (f->lost)
		return skip_line(f, in);
	if (in->len < FRAME_MAX && !end)
		return FRAME_MORE;
	if (!read_head(*in, &head_len, &len) || in->len < head_len + len)
		return skip_line(f, in);
	*pairs = slice_upto(slice_from(*in, head_len), len);
	/* Pairs have no line end: a length that leads past one is damage, and
	 * no check sum, however it came by, makes it swallow what follows. */
	if (slice_find(*pairs, '\n') < len ||
	    frame_head(*pairs, head) != head_len ||
	    memcmp(head, in->ptr, head_len))
		return skip_line(f, in);
	*in = slice_from(*in, head_len + len);
	f->within = false;
	/* Its line end may be what was damaged. */
	if (in->len && in->ptr[0] != '\n')
		pass_over(f, in, 1);
	else
		*in = slice_from(*in, 1);
	return FRAME_WHOLE;
}
