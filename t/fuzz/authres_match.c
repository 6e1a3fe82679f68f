/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever follows a claim of ours, it stays one; and no reader of whole
 * fields sees our id where the matcher saw none.
 */
#include "fuzz.h"

#include "authres/match.h"
#include "authres/parse.h"

static const struct slice ours[] = {
    {"mx.example", 10},
    {"b\xc3\xbc"
     "cher.example",
	15},
};

static const char *const claims[] = {"mx.example;", " MX.Example. ",
    "\"mx.example\"", "(a(b)\\))mx.example\r\n 1;", "xn--bcher-kva.example;",
    "(;)\"m\\x.example\"(", "mx.example\"", "mx.example(;",
    "=?x?= mx.example;", ",mx.example;"};

static void
check_prefix(const char *claim, struct slice in)
{
	size_t n = strlen(claim);
	char *text = malloc(n + in.len);

	assert(text);
	memcpy(text, claim, n);
	if (in.len)
		memcpy(text + n, in.ptr, in.len);
	assert(
	    authres_claims(slice_of(text, n + in.len), ours, ARRAY_LEN(ours)));
	free(text);
}

static bool
has_text(struct slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!is_fws(id.ptr[i]) && id.ptr[i] != '.')
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_of(data, size);
	struct arena *a = arena_new(1 << 22);
	bool claimed = authres_claims(in, ours, ARRAY_LEN(ours));
	struct ar_field f;

	assert(a);
	for (size_t i = 0; i < ARRAY_LEN(claims); i++)
		check_prefix(claims[i], in);
	assert(!authres_claims(in, NULL, 0) || claimed);
	if (ar_field_parse(in, a, &f) == 0 && f.valid) {
		assert(claimed || !slice_ieq(slice_trim(f.id), ours[0]));
		/* The id it bears, taken for ours, must be found. */
		if (has_text(f.id))
			assert(authres_claims(in, &f.id, 1));
		/* So must a version; an overlong id goes either way. */
		assert(f.version == 1 || authres_version_unknown(in) ||
		    authres_claims(in, NULL, 0));
	}
	arena_free(a);
	return 0;
}
