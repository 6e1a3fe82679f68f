/* SPDX-License-Identifier: BSD-2-Clause */
/* Tag lists: what parses, printed again, parses to the same. */
#include "dkim/tags.h"

#include "base/buf.h"
#include "fuzz.h"

static void
check_inside(struct slice text, const struct dkim_tag *t)
{
	assert(t->name.len > 0);
	assert(t->whole.len >= t->value.len);
	assert(t->name.ptr >= text.ptr &&
	    t->name.ptr + t->name.len <= text.ptr + text.len);
	if (t->whole.len)
		assert(t->whole.ptr >= text.ptr &&
		    t->whole.ptr + t->whole.len <= text.ptr + text.len);
	assert(slice_eq(slice_trim(t->whole), t->value));
}

static void
check_again(const struct dkim_tags *tags)
{
	struct buf b = BUF_INIT(1 << 22);
	struct dkim_tags again;

	for (size_t i = 0; i < tags->n; i++) {
		buf_addz(&b, i ? "; " : "");
		buf_add(&b, tags->tags[i].name);
		buf_addz(&b, "=");
		buf_add(&b, tags->tags[i].value);
	}
	assert(buf_status(&b) == 0);
	assert(dkim_tags_parse(buf_slice(&b), &again) == DKIM_REASON_NONE);
	assert(again.n == tags->n);
	for (size_t i = 0; i < tags->n; i++) {
		assert(slice_eq(again.tags[i].name, tags->tags[i].name));
		assert(slice_eq(again.tags[i].value, tags->tags[i].value));
	}
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct dkim_tags tags;
	enum dkim_reason r = dkim_tags_parse(text, &tags);

	assert(tags.n <= LIMIT_DKIM_TAGS);
	for (size_t i = 0; i < tags.n; i++) {
		check_inside(text, &tags.tags[i]);
		for (size_t k = 0; k < i; k++)
			assert(
			    !slice_eq(tags.tags[i].name, tags.tags[k].name));
	}
	if (r == DKIM_REASON_NONE) {
		assert(tags.n > 0);
		check_again(&tags);
	}
	return 0;
}
