/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The raw header list, RFC 5322 section 2.2. Fields of one name are chained
 * bottom-up and found by a hash of the name, so that a signature's h= of any
 * length walks them in linear time.
 */
#include "mail/header.h"

#include <string.h>

#include "mail/limits.h"

#define BUCKETS 256 /* most messages have 10 to 50 fields */

/*
 * FNV-1a from a start that no sender knows, since the loader chose it, and
 * mixed at the end: names made to share a bucket of one process or message do
 * not share one of the next.
 */
static uint32_t
name_hash(const struct header *header, struct slice name)
{
	uint32_t h = 2166136261u ^ header->seed;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)ascii_lower(name.ptr[i])) * 16777619u;
	h = (h ^ h >> 16) * 0x7feb352du;
	h = (h ^ h >> 15) * 0x846ca68bu;
	return h ^ h >> 16;
}

int
header_init(struct header *h, struct arena *arena)
{
	*h = (struct header){.arena = arena};
	h->seed = (uint32_t)((uintptr_t)arena >> 4);
	h->last = arena_array(arena, BUCKETS, sizeof(*h->last));
	if (!h->last)
		return -1;
	for (size_t i = 0; i < BUCKETS; i++)
		h->last[i] = FIELD_NONE;
	return 0;
}

/* The arena keeps the arrays outgrown; doubling makes that at most as much. */
static int
grow(struct header *h)
{
	size_t cap = h->cap ? h->cap * 2 : 32;
	struct field *fields = arena_array(h->arena, cap, sizeof(*fields));
	size_t *chain = arena_array(h->arena, cap, sizeof(*chain));

	if (!fields || !chain)
		return -1;
	if (h->n) {
		memcpy(fields, h->fields, h->n * sizeof(*fields));
		memcpy(chain, h->chain, h->n * sizeof(*chain));
	}
	h->fields = fields;
	h->chain = chain;
	h->cap = cap;
	return 0;
}

/* Next field of the bucket, above: the bucket's chain mixes names. */
static size_t
find_last(const struct header *h, struct slice name, uint32_t hash)
{
	size_t i = h->last[hash % BUCKETS];

	while (i != FIELD_NONE &&
	    (h->fields[i].hash != hash || !slice_ieq(h->fields[i].name, name)))
		i = h->chain[i];
	return i;
}

static int
append(struct header *h, struct slice raw, size_t colon)
{
	struct field *f;
	size_t above, *bucket;

	if (h->n == h->cap && grow(h))
		return -1;
	f = &h->fields[h->n];
	f->raw = raw;
	f->name = slice_upto(raw, colon);
	while (f->name.len && is_wsp(f->name.ptr[f->name.len - 1]))
		f->name.len--;
	f->value = slice_from(raw, colon + 1);
	f->hash = name_hash(h, f->name);
	above = find_last(h, f->name, f->hash);
	f->prev = above;
	f->nth = above == FIELD_NONE ? 1 : h->fields[above].nth + 1;
	bucket = &h->last[f->hash % BUCKETS];
	h->chain[h->n] = *bucket;
	*bucket = h->n++;
	return 0;
}

bool
field_is_from(struct slice name)
{
	return slice_ieqz(slice_trim(name), "From");
}

/* Who wrote a message is not to be hidden behind a heap of fields. */
static bool
keep_beyond(struct header *h, struct slice name, size_t len)
{
	if (!field_is_from(name))
		return false;
	if (h->from_beyond == LIMIT_FROM_BEYOND ||
	    len > LIMIT_FROM_BEYOND_OCTETS) {
		h->from_over = true;
		return false;
	}
	h->from_beyond++;
	return true;
}

static bool
has_room(struct header *h, struct slice name, size_t len)
{
	if (h->over || h->n == LIMIT_HEADER_FIELDS ||
	    len > LIMIT_HEADER_OCTETS || h->octets > LIMIT_HEADER_OCTETS - len)
		h->over = true;
	if (h->over && !keep_beyond(h, name, len))
		return false;
	h->octets += len;
	return true;
}

static bool
bare_lf(struct slice s, size_t i)
{
	return s.ptr[i] == '\n' && (i == 0 || s.ptr[i - 1] != '\r');
}

/* Copies src, each LF that no CR precedes as CRLF; returns the end. */
static char *
copy_crlf(char *to, struct slice src)
{
	size_t from = 0, i;

	for (i = slice_find(src, '\n'); i < src.len;
	     i += 1 + slice_find(slice_from(src, i + 1), '\n')) {
		if (!bare_lf(src, i))
			continue;
		memcpy(to, src.ptr + from, i - from);
		to += i - from;
		*to++ = '\r';
		from = i;
	}
	if (src.len > from)
		memcpy(to, src.ptr + from, src.len - from);
	return to + (src.len - from);
}

int
header_add(struct header *h, struct slice name, struct slice value)
{
	size_t lf = 0;
	char *raw, *end;

	for (size_t i = slice_find(value, '\n'); i < value.len;
	     i += 1 + slice_find(slice_from(value, i + 1), '\n'))
		lf += bare_lf(value, i);
	if (!has_room(h, name, name.len + 1 + value.len + lf + 2))
		return 0;
	raw = arena_alloc(h->arena, name.len + 1 + value.len + lf);
	if (!raw)
		return -1;
	if (name.len)
		memcpy(raw, name.ptr, name.len);
	raw[name.len] = ':';
	end = copy_crlf(raw + name.len + 1, value);
	return append(h, slice_of(raw, (size_t)(end - raw)), name.len);
}

/* Length of the line at s with its end, and without it in *text. */
static size_t
line_length(struct slice s, size_t *text)
{
	size_t lf = slice_find(s, '\n');

	*text = lf;
	if (lf == s.len)
		return lf;
	if (lf > 0 && s.ptr[lf - 1] == '\r')
		(*text)--;
	return lf + 1;
}

/* Octets of the field at s with its continuation lines and last line end. */
static size_t
field_length(struct slice s, size_t *text)
{
	size_t len = line_length(s, text), more;

	while (len < s.len && is_wsp(s.ptr[len])) {
		struct slice rest = slice_from(s, len);
		size_t n = line_length(rest, &more);

		*text = len + more;
		len += n;
	}
	return len;
}

static bool
is_field(struct slice line, size_t *colon)
{
	*colon = slice_find(line, ':');
	if (*colon == line.len || *colon == 0 || is_wsp(line.ptr[0]))
		return false;
	for (size_t i = 0; i < *colon; i++)
		if (!is_print(line.ptr[i]) && !is_wsp(line.ptr[i]))
			return false;
	return true;
}

int
header_parse(struct header *h, struct slice message, struct slice *body)
{
	*body = message;
	while (message.len) {
		size_t text, colon, len = field_length(message, &text);
		struct slice f = slice_upto(message, text);
		char *raw, *end;

		if (!is_field(f, &colon)) {
			size_t blank = line_length(message, &text);

			*body = text ? message : slice_from(message, blank);
			return 0;
		}
		message = slice_from(message, len);
		*body = message;
		if (!has_room(h, slice_upto(f, colon), f.len + 2))
			continue;
		raw = arena_array(h->arena, f.len, 2);
		if (!raw)
			return -1;
		end = copy_crlf(raw, f);
		if (append(h, slice_of(raw, (size_t)(end - raw)), colon))
			return -1;
	}
	return 0;
}

size_t
header_last(const struct header *h, struct slice name)
{
	return find_last(h, name, name_hash(h, name));
}

size_t
header_count(const struct header *h, struct slice name)
{
	size_t i = header_last(h, name);

	return i == FIELD_NONE ? 0 : h->fields[i].nth;
}

int
field_unfold(const struct field *f, struct arena *arena, struct slice *out)
{
	char *text = arena_alloc(arena, f->value.len + 1);
	size_t n = 0;

	if (!text)
		return -1;
	for (size_t i = 0; i < f->value.len; i++) {
		char c = f->value.ptr[i];

		if (c == '\n' ||
		    (c == '\r' && i + 1 < f->value.len &&
			f->value.ptr[i + 1] == '\n'))
			continue;
		text[n++] = c;
	}
	*out = slice_trim(slice_of(text, n));
	return 0;
}
