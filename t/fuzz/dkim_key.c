/* SPDX-License-Identifier: BSD-2-Clause */
/* T18: key records. A usable key, printed as a record, is the same key. */
#include "dkim/key.h"

#include "fuzz.h"
#include "mail/limits.h"

static void
check_usable(const struct dkim_key *key)
{
	struct buf b = BUF_INIT(LIMIT_TXT_OCTETS);
	struct dkim_key again;
	enum dkim_alg alg;

	assert(dkim_key_alg(key->pkey, &alg) && alg == key->alg);
	assert(alg == DKIM_ED25519_SHA256 ||
	    (key->bits >= LIMIT_RSA_BITS_MIN && key->bits <= LIMIT_RSA_BITS));
	assert((int)key->bits == EVP_PKEY_get_bits(key->pkey) ||
	    alg == DKIM_ED25519_SHA256);
	assert(dkim_key_record(key->pkey, &b) == 0);
	assert(dkim_key_matches(buf_slice(&b), key->pkey));
	if (dkim_key_parse(buf_slice(&b), &again, NULL))
		abort();
	assert(again.reason == DKIM_REASON_NONE);
	assert(again.bits == key->bits && again.alg == key->alg);
	assert(!again.testing && !again.same_domain && again.sha256);
	assert(EVP_PKEY_eq(again.pkey, key->pkey) == 1);
	dkim_key_clear(&again);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	struct dkim_key key;

	if (dkim_key_parse(text, &key, NULL))
		abort();
	assert((key.pkey != NULL) == (key.reason == DKIM_REASON_NONE));
	if (key.pkey) {
		assert(dkim_key_matches(text, key.pkey) == key.sha256);
		check_usable(&key);
	}
	dkim_key_clear(&key);
	return 0;
}
