/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Received-SPF out of any octets: HELO, sender, term, our name, a line each.
 * What is written follows the grammar of RFC 7208 section 9.1 with the keys
 * that were meant, and holds each value that printable ASCII can hold.
 */
#include "fuzz.h"

#include "mail/lex.h"
#include "mail/limits.h"
#include "spf/received.h"

static struct slice
line(struct slice *rest)
{
	bool more;

	return slice_cut(rest, '\n', &more);
}

static bool
is_atom_char(char c)
{
	return is_print(c) && c != ' ' && !strchr("()<>[]:;@\\,\"", c);
}

/* key-value-pair ";", the folding before it taken */
static bool
take_pair(struct slice *in, struct slice *key)
{
	struct slice word;

	*key = *in;
	for (key->len = 0; key->len < in->len; key->len++)
		if (!is_alpha(key->ptr[key->len]) && key->ptr[key->len] != '-')
			break;
	*in = slice_from(*in, key->len);
	if (key->len == 0 || !lex_char(in, '='))
		return false;
	if (!lex_quoted_string(in, &word)) {
		size_t n = 0;

		while (n < in->len && is_atom_char(in->ptr[n]))
			n++;
		*in = slice_from(*in, n);
		if (n == 0)
			return false;
	}
	return lex_char(in, ';');
}

static void
check_field(struct slice in, struct slice word)
{
	static const char *const keys[] = {"receiver", "client-ip", "identity",
	    "envelope-from", "helo", "mechanism"};
	struct slice key;

	for (size_t i = 0; i < in.len; i++)
		assert(is_print(in.ptr[i]) || in.ptr[i] == '\n' ||
		    in.ptr[i] == '\t');
	assert(lex_char(&in, ' ') && slice_starts(in, word));
	in = slice_from(in, word.len);
	assert(lex_fws(&in) && lex_comment(&in));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		assert(lex_fws(&in));
		assert(take_pair(&in, &key) && slice_eqz(key, keys[i]));
	}
	assert(in.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct spf_result res = {.word = AR_PASS, .reason = SPF_MATCHED};
	struct spf_received in = {.result = &res};
	struct arena *arena = arena_new(1u << 20);
	struct slice value;
	int rc;

	assert(arena);
	in.helo = line(&rest);
	res.sender = line(&rest);
	res.term = line(&rest);
	in.receiver = line(&rest);
	rc = spf_received_write(&in, arena, &value);
	assert(rc == 0);
	check_field(value, SLICE_LIT("pass"));
	arena_free(arena);
	return 0;
}
