/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/reason.h"

#include "unit.h"

/* The enum has no holes, and its last member is this one. */
#define LAST DKIM_REASON_LONG_LINE

static void
test_each_has_its_own_text(void **state)
{
	(void)state;
	assert_string_equal(dkim_reason_text(DKIM_REASON_NONE), "");
	for (int i = 1; i <= LAST; i++) {
		const char *text = dkim_reason_text((enum dkim_reason)i);

		assert_non_null(text);
		assert_true(*text);
		/* It stands in a comment: RFC 5322 section 3.2.2. */
		assert_null(strpbrk(text, "()\\"));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
			    text, dkim_reason_text((enum dkim_reason)j));
	}
}

static void
test_only_none_passes(void **state)
{
	(void)state;
	assert_int_equal(dkim_reason_word(DKIM_REASON_NONE), AR_PASS);
	for (int i = 1; i <= LAST; i++) {
		enum ar_word w = dkim_reason_word((enum dkim_reason)i);

		assert_int_not_equal(w, AR_PASS);
		assert_int_equal(
		    w == AR_NOT_RUN, i >= DKIM_REASON_NOT_ONE_FROM);
	}
}

int
main(void)
{
	UNIT_TEST(test_each_has_its_own_text);
	UNIT_TEST(test_only_none_passes);
	return unit_end();
}
