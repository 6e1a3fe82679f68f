/* SPDX-License-Identifier: BSD-2-Clause */
/* T18: a record as it comes out of the DNS: print(parse(x)) parses to the same. */
#include "fuzz.h"

#include "mail/limits.h"
#include "spf/macro.h"
#include "spf/record.h"

static void
check_term(const struct spf_term *t)
{
	assert(t->text.len > 0);
	for (size_t i = 0; i < t->text.len; i++)
		assert(is_print(t->text.ptr[i]) && t->text.ptr[i] != ' ');
	assert(t->bits4 <= 32 && t->bits6 <= 128 && t->net.bits <= 128);
	assert(spf_macro_valid(t->target, SPF_IN_TERM));
	if (t->target.len && t->kind != SPF_MODIFIER)
		assert(spf_macro_target_valid(t->target));
	assert((t->word == AR_NOT_RUN) == (t->name.len > 0));
}

static void
check_equal(const struct spf_term *a, const struct spf_term *b)
{
	assert(a->kind == b->kind && a->word == b->word);
	assert(slice_eq(a->name, b->name) && slice_eq(a->target, b->target));
	assert(a->bits4 == b->bits4 && a->bits6 == b->bits6);
	assert(a->net.bits == b->net.bits && ip_eq(&a->net.net, &b->net.net));
}

/* What is at fault is a term of the text. */
static void
check_fault(const struct spf_record *r, struct slice text)
{
	assert(r->n == 0 && !r->all && !r->exp && !r->redirect);
	assert(!r->at.len ||
	    (r->at.ptr >= text.ptr &&
		r->at.ptr + r->at.len <= text.ptr + text.len));
	assert(slice_find(r->at, ' ') == r->at.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(8u << 20);
	struct buf b = BUF_INIT(1u << 20);
	struct slice text = slice_of(data, size);
	struct spf_record r, again;
	int rc;

	if (!arena)
		abort();
	rc = spf_record_parse(text, arena, &r);
	assert(rc == 0);
	if (r.fault != SPF_OK) {
		check_fault(&r, text);
		goto out;
	}
	assert(spf_record_is(text));
	spf_record_print(&r, &b);
	assert(buf_status(&b) == 0);
	/* "1::2:3:4:5:6:7" is written with a zero more. */
	if (b.len > LIMIT_SPF_RECORD)
		goto out;
	rc = spf_record_parse(buf_slice(&b), arena, &again);
	assert(rc == 0 && again.fault == SPF_OK && again.n == r.n);
	for (size_t i = 0; i < r.n; i++) {
		check_term(&r.terms[i]);
		check_equal(&r.terms[i], &again.terms[i]);
	}
out:
	buf_free(&b);
	arena_free(arena);
	return 0;
}
