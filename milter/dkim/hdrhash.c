/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6376 sections 3.7 (step 2), 5.4, 5.4.2. */
#include "dkim/hdrhash.h"

#include "dkim/canon.h"
#include "dkim/tags.h"

/* Kept at the bottom field of each name: where the next instance is. */
struct cursor {
	size_t round; /* of dkim_hdrhash_fields it was last used in */
	size_t next;
};

struct dkim_hdrhash {
	const struct header *header;
	const EVP_MD *md;
	struct cursor *cursors; /* one a field */
	size_t round;
	enum dkim_canon how;
	EVP_MD_CTX *fields, *whole;
	struct buf *copy; /* NULL: nobody wants to see it */
};

/* Where canonical octets go. */
struct taker {
	EVP_MD_CTX *md;
	struct buf *copy;
};

static int
hash_take(void *arg, const void *octets, size_t len)
{
	struct taker *t = arg;

	if (t->copy)
		buf_add(t->copy, slice_of(octets, len));
	return EVP_DigestUpdate(t->md, octets, len) == 1 ? 0 : -1;
}

int
dkim_hdrhash_new(const struct header *header, const EVP_MD *md,
    struct arena *arena, struct dkim_hdrhash **out, struct err *err)
{
	struct dkim_hdrhash *hh = arena_alloc(arena, sizeof(*hh));

	if (!hh)
		return err_no_mem(err);
	hh->header = header;
	hh->md = md;
	hh->cursors = arena_array(arena, header->n, sizeof(*hh->cursors));
	if (!hh->cursors)
		return err_no_mem(err);
	if (dkim_md_ctx(arena, &hh->fields, err) ||
	    dkim_md_ctx(arena, &hh->whole, err))
		return -1;
	*out = hh;
	return 0;
}

/*
 * "MUST sign such header fields in order from the bottom of the header field
 * block to the top". FIELD_NONE when none of this name is left.
 */
static size_t
next_field(struct dkim_hdrhash *hh, struct slice name, size_t own)
{
	size_t bottom = header_last(hh->header, name), i;
	struct cursor *c;

	if (bottom == FIELD_NONE)
		return FIELD_NONE;
	c = &hh->cursors[bottom];
	if (c->round != hh->round)
		*c = (struct cursor){hh->round, bottom};
	i = c->next;
	/*
	 * "The field MUST NOT include the DKIM-Signature header field that is
	 * being created or verified"
	 */
	if (i != FIELD_NONE && i == own)
		i = hh->header->fields[i].prev;
	if (i != FIELD_NONE)
		c->next = hh->header->fields[i].prev;
	return i;
}

static int
hash_field(struct dkim_hdrhash *hh, struct slice raw)
{
	struct taker t = {hh->fields, hh->copy};
	struct dkim_sink sink = DKIM_SINK(hash_take, &t);
	struct dkim_canon_field f;

	dkim_canon_field_begin(&f, hh->how, &sink);
	dkim_canon_field_add(&f, raw);
	return dkim_canon_field_end(&f, true);
}

int
dkim_hdrhash_fields(struct dkim_hdrhash *hh, enum dkim_canon how,
    struct slice names, size_t own, struct err *err)
{
	bool more = true;

	hh->round++;
	hh->how = how;
	if (EVP_DigestInit_ex2(hh->fields, hh->md, NULL) != 1)
		return err_set(err, "SHA-256 does not start");
	while (more) {
		struct slice name = dkim_list_next(&names, &more);
		size_t i = next_field(hh, name, own);

		if (i != FIELD_NONE &&
		    hash_field(hh, hh->header->fields[i].raw))
			return err_set(err, "SHA-256 of the header failed");
	}
	return 0;
}

int
dkim_hdrhash_digest(struct dkim_hdrhash *hh, struct slice before,
    struct slice after, struct dkim_digest *out, struct err *err)
{
	struct taker t = {hh->whole, hh->copy};
	struct dkim_sink sink = DKIM_SINK(hash_take, &t);
	struct dkim_canon_field f;

	if (EVP_MD_CTX_copy_ex(hh->whole, hh->fields) != 1)
		return err_set(err, "SHA-256 cannot be copied");
	dkim_canon_field_begin(&f, hh->how, &sink);
	dkim_canon_field_add(&f, before);
	dkim_canon_field_add(&f, after);
	/* Section 3.7: "and without a trailing CRLF". */
	if (dkim_canon_field_end(&f, false) ||
	    EVP_DigestFinal_ex(hh->whole, out->octets, NULL) != 1)
		return err_set(err, "SHA-256 of the header failed");
	return 0;
}

void
dkim_hdrhash_copy(struct dkim_hdrhash *hh, struct buf *copy)
{
	hh->copy = copy;
}
