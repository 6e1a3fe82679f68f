/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signs of forwarding, by the names of fields and the shape of the sender.
 * What the fields say is not looked at: it proves nothing. See forward.h.
 */
#include "policy/forward.h"

#include "base/attr.h"

const struct name forward_sign_words[] = {
    {FORWARD_LIST, "list"},
    {FORWARD_RESENT, "resent"},
    {FORWARD_X_FORWARDED, "x-forwarded"},
    {FORWARD_ARC, "arc"},
    {FORWARD_SRS, "srs"},
    {FORWARD_BATV, "batv"},
    {FORWARD_UNSEEN, "unseen"},
    {0, NULL},
};

struct sign {
	const char *prefix;
	enum forward_sign sign;
};

static const struct sign fields[] = {
    {"List-", FORWARD_LIST},
    {"Resent-", FORWARD_RESENT},
    {"X-Forwarded-", FORWARD_X_FORWARDED},
    {"ARC-", FORWARD_ARC},
};

/* SRS0 and SRS1 end with "=", "+" or "-"; BATV and what was made of it. */
static const struct sign senders[] = {
    {"SRS0=", FORWARD_SRS},
    {"SRS0+", FORWARD_SRS},
    {"SRS0-", FORWARD_SRS},
    {"SRS1=", FORWARD_SRS},
    {"SRS1+", FORWARD_SRS},
    {"SRS1-", FORWARD_SRS},
    {"prvs=", FORWARD_BATV},
    {"msprvs1=", FORWARD_BATV},
    {"btv1==", FORWARD_BATV},
};

static enum forward_sign
look_up(struct slice s, const struct sign *signs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_istarts(s, slice_z(signs[i].prefix)))
			return signs[i].sign;
	return FORWARD_NONE;
}

enum forward_sign
forward_sign_of(const struct header *h, const struct path *mailfrom)
{
	struct slice local = mailfrom->local;

	for (size_t i = 0; i < h->n; i++) {
		enum forward_sign sign =
		    look_up(h->fields[i].name, fields, ARRAY_LEN(fields));

		if (sign != FORWARD_NONE)
			return sign;
	}
	if (h->over)
		return FORWARD_UNSEEN;
	if (local.len && local.ptr[0] == '"')
		local = slice_from(local, 1);
	return look_up(local, senders, ARRAY_LEN(senders));
}

struct slice
list_id_of(const struct header *h)
{
	size_t i = header_last(h, SLICE_LIT("List-Id")), close;
	struct slice value;

	if (i == FIELD_NONE)
		return SLICE_EMPTY;
	while (h->fields[i].prev != FIELD_NONE)
		i = h->fields[i].prev;
	value = h->fields[i].value;
	close = slice_rfind(value, '>');
	if (close < value.len) {
		value = slice_upto(value, close);
		value = slice_from(value, slice_rfind(value, '<') + 1);
	}
	return slice_trim(value);
}
