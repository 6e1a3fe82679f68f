/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5321 section 4.4, as MTAs write it. See envelope.h. */
#include "tools/envelope.h"

static struct slice
next_word(struct slice *s)
{
	struct slice w;

	while (s->len && is_fws(s->ptr[0]))
		*s = slice_from(*s, 1);
	w = *s;
	for (w.len = 0; w.len < s->len && !is_fws(s->ptr[w.len]); w.len++)
		;
	*s = slice_from(*s, w.len);
	return w;
}

/* All before " by ", which comments hold as well; they come in parentheses. */
static struct slice
from_part(struct slice s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '(')
			depth++;
		else if (s.ptr[i] == ')' && depth)
			depth--;
		else if (depth == 0 && i && is_fws(s.ptr[i - 1]) &&
		    slice_istarts(slice_from(s, i), SLICE_LIT("by ")))
			return slice_upto(s, i);
	}
	return s;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static bool
literal(struct slice s, struct ip *ip)
{
	static const struct slice tag = {"IPv6:", 5};

	s = slice_upto(s, slice_find(s, ']'));
	if (slice_istarts(s, tag))
		s = slice_from(s, tag.len);
	return ip_parse(s, ip) == 0;
}

bool
envelope_received(
    struct slice value, struct ip *ip, struct slice *helo, struct slice *name)
{
	struct slice rest = value, w = next_word(&rest);
	size_t at, open;

	*helo = *name = SLICE_EMPTY;
	if (!slice_ieqz(w, "from"))
		return false;
	rest = from_part(rest);
	*helo = next_word(&rest);
	/* A HELO name "[1.2.3.4]" is what the client says, no more. */
	open = slice_find(rest, '(');
	rest = slice_from(rest, open + 1);
	at = slice_find(rest, '[');
	if (at == rest.len || !literal(slice_from(rest, at + 1), ip))
		return false;
	w = slice_trim(slice_upto(rest, at));
	*name = slice_from(
	    w, slice_rfind(w, ' ') == w.len ? 0 : slice_rfind(w, ' ') + 1);
	return true;
}

static int
text_of(struct arena *arena, struct slice s, const char **out)
{
	*out = arena_strdup(arena, s);
	return *out ? 0 : -1;
}

static int
from_trace(const struct header *h, const struct cidr_list *internal,
    struct arena *arena, struct envelope *e)
{
	for (size_t i = 0; i < h->n; i++) {
		struct slice value, helo, name;
		struct ip ip;

		if (!slice_ieqz(h->fields[i].name, "Received"))
			continue;
		if (field_unfold(&h->fields[i], arena, &value))
			return -1;
		if (!envelope_received(value, &ip, &helo, &name) ||
		    ip_is_loopback(&ip) ||
		    cidr_list_has(internal->items, internal->n, &ip))
			continue;
		e->ip = ip;
		e->received = h->fields[i].nth;
		return text_of(arena, helo, &e->helo) ||
			text_of(arena, name, &e->name)
		    ? -1
		    : 0;
	}
	return 0;
}

static int
return_path(const struct header *h, struct arena *arena, struct envelope *e)
{
	for (size_t i = 0; i < h->n; i++) {
		struct slice value;

		if (!slice_ieqz(h->fields[i].name, "Return-Path"))
			continue;
		if (field_unfold(&h->fields[i], arena, &value))
			return -1;
		return text_of(arena, value, &e->mail_from);
	}
	return 0;
}

int
envelope_find(const struct envelope_given *given, const struct header *h,
    const struct cidr_list *internal, struct arena *arena,
    struct envelope *out, struct err *err)
{
	*out = (struct envelope){.helo = "", .name = "", .mail_from = ""};
	if (given->ip) {
		out->ip_given = true;
		if (ip_parse(slice_z(given->ip), &out->ip))
			return err_set(
			    err, "\"%.100s\" is no IP address", given->ip);
	} else if (from_trace(h, internal, arena, out)) {
		return err_no_mem(err);
	}
	if (given->helo)
		out->helo = given->helo;
	if (given->mail_from) {
		out->mail_from = given->mail_from;
		out->mail_from_given = true;
	} else if (return_path(h, arena, out)) {
		return err_no_mem(err);
	}
	return 0;
}
