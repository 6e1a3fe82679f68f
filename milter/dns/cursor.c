/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A place in a DNS message; see cursor.h. RFC 1035 section 4.1, compression of
 * section 4.1.4. What a record's data mean is not known here.
 */
#include "dns/cursor.h"

#include <string.h>

#define POINTERS_MAX 64

unsigned
cursor_u16(struct cursor *c)
{
	const unsigned char *p = (const unsigned char *)c->message.ptr + c->at;

	if (c->bad || c->message.len - c->at < 2) {
		c->bad = true;
		return 0;
	}
	c->at += 2;
	return (unsigned)p[0] << 8 | p[1];
}

uint32_t
cursor_u32(struct cursor *c)
{
	uint32_t high = cursor_u16(c);

	return high << 16 | cursor_u16(c);
}

/* A walk over the labels of one name, from c->at on. */
struct walk {
	struct cursor *c;
	size_t at, octets;
	unsigned pointers;
};

/*
 * The next label, following pointers; false at the end or when bad. The cursor
 * stands behind all of the name that lies before the first pointer.
 */
static bool
next_label(struct walk *w, struct slice *label)
{
	struct cursor *c = w->c;
	const unsigned char *p = (const unsigned char *)c->message.ptr;

	while (!c->bad) {
		size_t left =
		    w->at < c->message.len ? c->message.len - w->at : 0;

		if (left < 1 || ((p[w->at] & 0xc0) == 0xc0 && left < 2))
			break;
		if ((p[w->at] & 0xc0) == 0xc0) {
			if (w->pointers == 0)
				c->at = w->at + 2;
			if (++w->pointers > POINTERS_MAX)
				break;
			w->at = (size_t)(p[w->at] & 0x3f) << 8 | p[w->at + 1];
			continue;
		}
		if (p[w->at] & 0xc0 || left < (size_t)p[w->at] + 1)
			break;
		*label = slice_of(p + w->at + 1, p[w->at]);
		w->at += label->len + 1;
		w->octets += label->len + 1;
		if (w->pointers == 0)
			c->at = w->at;
		if (w->octets > CURSOR_NAME_MAX)
			break;
		return label->len > 0;
	}
	c->bad = true;
	return false;
}

bool
cursor_name_is(struct cursor *c, struct slice want)
{
	struct walk w = {.c = c, .at = c->at};
	bool same = true, more = want.len > 0;
	struct slice label;

	while (next_label(&w, &label)) {
		struct slice part =
		    more ? slice_cut(&want, '.', &more) : SLICE_EMPTY;

		same = same && slice_ieq(label, part);
	}
	return !c->bad && same && !more;
}

size_t
cursor_name(struct cursor *c, unsigned char out[CURSOR_NAME_MAX])
{
	struct walk w = {.c = c, .at = c->at};
	struct slice label;
	size_t n = 0;

	while (next_label(&w, &label)) {
		out[n++] = (unsigned char)label.len;
		memcpy(out + n, label.ptr, label.len);
		n += label.len;
	}
	if (c->bad)
		return 0;
	out[n++] = 0;
	return n;
}

bool
cursor_record(struct cursor *c, struct record *out)
{
	out->type = cursor_u16(c);
	out->class = cursor_u16(c);
	out->ttl_s = cursor_u32(c);
	/* RFC 2181 section 8: the top bit set is no time at all. */
	if (out->ttl_s > INT32_MAX)
		out->ttl_s = 0;
	out->len = cursor_u16(c);
	if (!c->bad && c->message.len - c->at < out->len)
		c->bad = true;
	return !c->bad;
}
