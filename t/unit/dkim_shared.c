/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/shared.h"

#include "unit.h"

static const struct hash_key hash_key = {{5, 6}};

/* RFC 8463 appendix A.2, and another key. */
static const char record[] =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
static const char other[] =
    "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

static struct dkim_shared_key *
get(struct dkim_shared *s, const char *text)
{
	struct dkim_shared_key *k = NULL;

	assert_int_equal(dkim_shared_key_get(s, slice_z(text), &k, NULL), 0);
	assert_non_null(k);
	return k;
}

static void
test_made_once(void **state)
{
	struct dkim_shared *s = dkim_shared_new(1 << 20, &hash_key, NULL);
	struct dkim_shared_key *a = get(s, record), *b = get(s, record);

	(void)state;
	assert_ptr_equal(a, b);
	assert_non_null(a->key.pkey);
	cached_unref(&a->base);
	dkim_shared_free(s);
	assert_non_null(b->key.pkey); /* still ours */
	cached_unref(&b->base);
}

static void
test_other_octets_are_another_key(void **state)
{
	struct dkim_shared *s = dkim_shared_new(1 << 20, &hash_key, NULL);
	struct dkim_shared_key *a = get(s, record), *b = get(s, other);
	struct dkim_shared_key *testing = get(s,
	    "v=DKIM1; k=ed25519; t=y; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");

	(void)state;
	assert_int_equal(EVP_PKEY_eq(a->key.pkey, b->key.pkey), 0);
	assert_int_equal(EVP_PKEY_eq(a->key.pkey, testing->key.pkey), 1);
	assert_false(a->key.testing);
	assert_true(testing->key.testing);
	cached_unref(&a->base);
	cached_unref(&b->base);
	cached_unref(&testing->base);
	dkim_shared_free(s);
}

static void
test_what_is_no_key_is_not_kept(void **state)
{
	struct dkim_shared *s = dkim_shared_new(1 << 20, &hash_key, NULL);
	struct dkim_shared_key *a = get(s, "v=DKIM1; p=");
	struct dkim_shared_key *b = get(s, "v=DKIM1; p=");

	(void)state;
	assert_int_equal(a->key.reason, DKIM_REASON_KEY_REVOKED);
	assert_ptr_not_equal(a, b);
	cached_unref(&a->base);
	cached_unref(&b->base);
	dkim_shared_free(s);
}

static void
test_without_a_shared_one(void **state)
{
	struct dkim_shared_key *a = get(NULL, record);

	(void)state;
	assert_non_null(a->key.pkey);
	cached_unref(&a->base);
}

int
main(void)
{
	UNIT_TEST(test_made_once);
	UNIT_TEST(test_other_octets_are_another_key);
	UNIT_TEST(test_what_is_no_key_is_not_kept);
	UNIT_TEST(test_without_a_shared_one);
	return unit_end();
}
