/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a From field. When there is an author domain, it stands in
 * the field after an "@" if there is one (as it is, in another case, or as a
 * U-label), no
 * other reader finds another one, and the address printed for the log parses
 * to the same domain. Several domains or a NUL never give one. Where the
 * grammar and the lenient reader both find a domain, it is the same.
 */
#include "fuzz.h"

#include "mail/address.h"
#include "mail/limits.h"
#include "mail/loose.h"
#include "../unit/readers.h"

/*
 * Independent of the lexer: the field without blanks, line ends and
 * parenthesised text outside quotes. A backslash keeps the octet after it.
 */
static size_t
strip(const uint8_t *in, size_t n, char *out)
{
	size_t len = 0, depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		char c = (char)in[i];
		bool pair = c == '\\' && (quoted || depth) && i + 1 < n;

		if (depth == 0 && (quoted || !strchr(" \t\r\n(", c)))
			out[len++] = c;
		if (pair) {
			i++;
			if (depth == 0)
				out[len++] = (char)in[i];
		} else if (c == '"' && depth == 0) {
			quoted = !quoted;
		} else if (c == '(' && !quoted) {
			depth++;
		} else if (c == ')' && depth) {
			depth--;
		}
	}
	return len;
}

static bool
stands_after_at(struct slice text, const struct domain *want)
{
	size_t at;

	while ((at = slice_find(text, '@')) < text.len) {
		struct domain d;
		size_t end = 0;

		text = slice_from(text, at + 1);
		while (end < text.len && !strchr(">,;", text.ptr[end]))
			end++;
		if (domain_parse(slice_upto(text, end), &d) &&
		    domain_eq(&d, want))
			return true;
	}
	return false;
}

/* The same where what looks like quotes and comments may be none. */
static bool
stands_raw(struct slice text, const struct domain *want)
{
	size_t at;

	while ((at = slice_find(text, '@')) < text.len) {
		struct domain d;
		size_t end = 0;

		text = slice_from(text, at + 1);
		while (text.len && strchr(". \t\r\n", text.ptr[0]))
			text = slice_from(text, 1);
		while (end < text.len &&
		    (text.ptr[end] == '.' ||
			readers_name_octet(text.ptr[end])))
			end++;
		if (slice_istarts(text, domain_slice(want)))
			return true;
		/* Blanks of Unicode are cut from its end. */
		for (size_t cut = 0; cut < 99 && cut < end; cut++)
			if (domain_parse(slice_upto(text, end - cut), &d) &&
			    domain_eq(&d, want))
				return true;
	}
	return false;
}

/* "a%b.example", "b.example!a": any run of name octets will do. */
static bool
stands_without_at(struct slice text, const struct domain *want)
{
	if (slice_find(text, '@') < text.len)
		return false;
	while (text.len) {
		struct domain d;
		size_t n = 0;

		while (n < text.len &&
		    (text.ptr[n] == '.' || readers_name_octet(text.ptr[n])))
			n++;
		if (domain_parse(slice_upto(text, n), &d) &&
		    domain_eq(&d, want))
			return true;
		text = slice_from(text, n ? n : 1);
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	char *text = malloc(size + 1);
	struct from f, again;
	struct loose loose;

	if (!a || !text)
		abort();
	if (from_parse(slice_of(data, size), a, &f, NULL))
		abort();
	assert((f.status == FROM_OK) == (f.domain.len > 0));
	loose_read(slice_of(data, size), &loose);
	if (loose.domain.len && f.status != FROM_NUL) {
		assert(f.status == FROM_OK || f.status == FROM_TOO_LONG ||
		    f.status == FROM_SEVERAL_DOMAINS);
		/* Names of one label are none to the lenient reader. */
		assert(domain_nlabels(&f.domain) < 2 ||
		    domain_eq(&f.domain, &loose.domain));
	}
	if (f.status == FROM_OK) {
		assert(!size || !memchr(data, '\0', size));
		assert(stands_after_at(slice_of(text, strip(data, size, text)),
			   &f.domain) ||
		    stands_raw(slice_of(data, size), &f.domain) ||
		    stands_without_at(slice_of(data, size), &f.domain));
		assert(!readers_disagree(slice_of(data, size), &f.domain));
	}
	if (f.status == FROM_OK && f.address.len) {
		assert(!memchr(f.address.ptr, '\r', f.address.len));
		assert(!memchr(f.address.ptr, '\n', f.address.len));
		if (from_parse(f.address, a, &again, NULL))
			abort();
		assert(again.status == FROM_OK);
		assert(domain_eq(&again.domain, &f.domain));
		assert(slice_eq(again.address, f.address));
	}
	free(text);
	arena_free(a);
	return 0;
}
