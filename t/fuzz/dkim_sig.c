/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signature fields: what is told of them is printable; a sound one stays the
 * same signature when its blanks change, and what b= has can be cut out.
 */
#include "dkim/sig.h"

#include "base/buf.h"
#include "dkim/tags.h"
#include "fuzz.h"

static void
check_printable(struct slice s)
{
	assert(slice_is_utf8(s));
	for (size_t i = 0; i < s.len; i++)
		assert((is_print(s.ptr[i]) && s.ptr[i] != ' ' &&
			   s.ptr[i] != ';') ||
		    (unsigned char)s.ptr[i] >= 0x80);
}

static void
check_same(const struct dkim_sig *a, const struct dkim_sig *b)
{
	assert(b->reason == DKIM_REASON_NONE);
	assert(domain_eq(&a->d, &b->d));
	assert(domain_eq(&a->selector, &b->selector));
	assert(domain_eq(&a->i_domain, &b->i_domain));
	assert(slice_eq(a->a, b->a) && slice_eq(a->s, b->s));
	assert(slice_eq(a->i, b->i) && slice_eq(a->b, b->b));
	assert(slice_eq(a->signature, b->signature));
	assert(slice_eq(a->body_hash, b->body_hash));
	assert(slice_eq(a->h, b->h));
	assert(a->alg == b->alg && a->header_canon == b->header_canon &&
	    a->body_canon == b->body_canon);
	assert(a->l == b->l && a->t == b->t && a->x == b->x);
}

static void
check_respaced(
    struct slice value, const struct dkim_sig *sig, struct arena *arena)
{
	struct buf b = BUF_INIT(1 << 20);
	struct dkim_tags tags;
	struct dkim_sig again;

	assert(dkim_tags_parse(value, &tags) == DKIM_REASON_NONE);
	for (size_t i = tags.n; i-- > 0;) {
		buf_addz(&b, "\r\n\t");
		buf_add(&b, tags.tags[i].name);
		buf_addz(&b, " = ");
		buf_add(&b, tags.tags[i].value);
		buf_addz(&b, " ;");
	}
	/* It may have become too long. */
	if (b.len <= LIMIT_DKIM_SIG_OCTETS) {
		assert(
		    dkim_sig_parse(buf_slice(&b), arena, &again, NULL) == 0);
		check_same(sig, &again);
	}
	buf_free(&b);
}

/* Without what b= has, only b= has changed. */
static void
check_cut(struct slice value, const struct dkim_sig *sig)
{
	struct buf b = BUF_INIT(1 << 20);
	struct dkim_tags before, after;

	assert(sig->b_at + sig->b_len <= value.len && sig->b_len > 0);
	buf_add(&b, slice_upto(value, sig->b_at));
	buf_add(&b, slice_from(value, sig->b_at + sig->b_len));
	assert(dkim_tags_parse(value, &before) == DKIM_REASON_NONE);
	assert(dkim_tags_parse(buf_slice(&b), &after) == DKIM_REASON_NONE);
	assert(before.n == after.n);
	for (size_t i = 0; i < before.n; i++) {
		struct slice was = before.tags[i].whole;

		if (slice_eqz(before.tags[i].name, "b"))
			was = SLICE_EMPTY;
		assert(slice_eq(before.tags[i].name, after.tags[i].name));
		assert(slice_eq(was, after.tags[i].whole));
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 22);
	struct slice value = slice_of(data, size);
	struct dkim_sig sig;

	if (!arena || dkim_sig_parse(value, arena, &sig, NULL))
		abort();
	check_printable(sig.s);
	check_printable(sig.i);
	check_printable(sig.a);
	check_printable(sig.b);
	if (sig.reason == DKIM_REASON_NONE) {
		assert(sig.d.len && sig.selector.len && sig.b.len);
		assert(domain_is_under(&sig.i_domain, &sig.d));
		assert(sig.alg != DKIM_RSA_SHA1);
		check_respaced(value, &sig, arena);
		check_cut(value, &sig);
	}
	arena_free(arena);
	return 0;
}
