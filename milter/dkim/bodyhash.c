/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6376 section 3.7, step 1, and the l= tag of section 3.5. */
#include "dkim/bodyhash.h"

#include "dkim/canon.h"

struct hash {
	struct hash *next; /* of the same canonicalization */
	size_t id;
	uint64_t length, left; /* wanted, still to be hashed */
	EVP_MD_CTX *ctx;
	struct dkim_digest digest;
};

/* One canonicalization of the body and its users. */
struct stream {
	struct hash *hashes;
	uint64_t octets;
	struct dkim_sink sink;
	struct dkim_canon_body canon;
};

struct dkim_bodyhash {
	struct arena *arena;
	const EVP_MD *md;
	struct stream streams[2]; /* by enum dkim_canon */
	size_t n;
};

static int
stream_take(void *arg, const void *octets, size_t len)
{
	struct stream *s = arg;

	s->octets += len;
	for (struct hash *h = s->hashes; h; h = h->next) {
		size_t n = len < h->left ? len : (size_t)h->left;

		if (n && EVP_DigestUpdate(h->ctx, octets, n) != 1)
			return -1;
		h->left -= n;
	}
	return 0;
}

int
dkim_bodyhash_new(const EVP_MD *md, struct arena *arena,
    struct dkim_bodyhash **out, struct err *err)
{
	struct dkim_bodyhash *b = arena_alloc(arena, sizeof(*b));

	if (!b)
		return err_no_mem(err);
	b->arena = arena;
	b->md = md;
	for (size_t i = 0; i < ARRAY_LEN(b->streams); i++) {
		struct stream *s = &b->streams[i];

		s->sink = DKIM_SINK(stream_take, s);
		dkim_canon_body_begin(&s->canon, (enum dkim_canon)i, &s->sink);
	}
	*out = b;
	return 0;
}

int
dkim_bodyhash_want(struct dkim_bodyhash *b, enum dkim_canon how,
    uint64_t length, size_t *id, struct err *err)
{
	struct stream *s = &b->streams[how];
	struct hash *h;

	for (h = s->hashes; h; h = h->next) {
		if (h->length == length) {
			*id = h->id;
			return 0;
		}
	}
	h = arena_alloc(b->arena, sizeof(*h));
	if (!h)
		return err_no_mem(err);
	if (dkim_md_ctx(b->arena, &h->ctx, err))
		return -1;
	if (EVP_DigestInit_ex2(h->ctx, b->md, NULL) != 1)
		return err_set(err, "SHA-256 does not start");
	h->length = h->left = length;
	h->next = s->hashes;
	s->hashes = h;
	*id = h->id = b->n++;
	return 0;
}

size_t
dkim_bodyhash_count(const struct dkim_bodyhash *b)
{
	return b->n;
}

int
dkim_bodyhash_add(
    struct dkim_bodyhash *b, struct slice octets, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(b->streams); i++) {
		struct stream *s = &b->streams[i];

		if (s->hashes)
			dkim_canon_body_add(&s->canon, octets);
		if (s->sink.failed)
			return err_set(err, "SHA-256 of the body failed");
	}
	return 0;
}

int
dkim_bodyhash_end(struct dkim_bodyhash *b, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(b->streams); i++) {
		struct stream *s = &b->streams[i];

		if (!s->hashes)
			continue;
		if (dkim_canon_body_end(&s->canon))
			return err_set(err, "SHA-256 of the body failed");
		for (struct hash *h = s->hashes; h; h = h->next)
			if (EVP_DigestFinal_ex(
				h->ctx, h->digest.octets, NULL) != 1)
				return err_set(err, "SHA-256 does not end");
	}
	return 0;
}

static const struct hash *
find(const struct dkim_bodyhash *b, size_t id, const struct stream **stream)
{
	for (size_t i = 0; i < ARRAY_LEN(b->streams); i++) {
		const struct hash *h = b->streams[i].hashes;

		*stream = &b->streams[i];
		while (h && h->id != id)
			h = h->next;
		if (h)
			return h;
	}
	return NULL;
}

const struct dkim_digest *
dkim_bodyhash_digest(const struct dkim_bodyhash *b, size_t id)
{
	const struct stream *s;
	const struct hash *h = find(b, id, &s);

	return h ? &h->digest : NULL;
}

uint64_t
dkim_bodyhash_octets(const struct dkim_bodyhash *b, size_t id)
{
	const struct stream *s;

	return find(b, id, &s) ? s->octets : 0;
}
