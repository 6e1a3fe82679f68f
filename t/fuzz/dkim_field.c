/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Header canonicalization: the same in pieces as whole, the same as the steps
 * of RFC 6376 section 3.4.2 done one after the other, and the same again when
 * done twice. The first octet says how the pieces are cut.
 */
#include "base/buf.h"
#include "dkim/canon.h"
#include "fuzz.h"

static int
to_buf(void *arg, const void *octets, size_t len)
{
	buf_add(arg, slice_of(octets, len));
	return 0;
}

static void
canon(enum dkim_canon how, struct slice in, size_t chunk, struct buf *out)
{
	struct dkim_sink sink = DKIM_SINK(to_buf, out);
	struct dkim_canon_field f;

	dkim_canon_field_begin(&f, how, &sink);
	for (; in.len; in = slice_from(in, chunk))
		dkim_canon_field_add(&f, slice_upto(in, chunk));
	if (dkim_canon_field_end(&f, false))
		abort();
}

/* Step by step, each over the whole text; text shrinks in place. */
static size_t
by_steps(char *s, size_t n)
{
	size_t colon, out = 0;

	/* unfold */
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
			i++;
		else
			s[out++] = s[i];
	}
	n = out;
	/* runs of WSP */
	out = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_wsp(s[i]))
			s[out++] = s[i];
		else if (out == 0 || s[out - 1] != ' ')
			s[out++] = ' ';
	}
	n = out;
	/* the end, the name, both sides of the colon */
	if (n && s[n - 1] == ' ')
		n--;
	for (colon = 0; colon < n && s[colon] != ':'; colon++)
		s[colon] = ascii_lower(s[colon]);
	if (colon + 1 < n && s[colon + 1] == ' ') {
		memmove(s + colon + 1, s + colon + 2, n - colon - 2);
		n--;
	}
	if (colon < n && colon > 0 && s[colon - 1] == ' ') {
		memmove(s + colon - 1, s + colon, n - colon);
		n--;
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t chunk = size ? (size_t)data[0] % 16 + 1 : 1;
	struct slice in = slice_from(slice_of(data, size), 1);
	struct buf whole = BUF_INIT(1 << 24), parts = BUF_INIT(1 << 24);
	struct buf twice = BUF_INIT(1 << 24);
	char *copy = malloc(in.len + 1);

	if (!copy)
		abort();
	if (in.len)
		memcpy(copy, in.ptr, in.len);
	canon(DKIM_SIMPLE, in, chunk, &whole);
	assert(slice_eq(buf_slice(&whole), in));
	buf_clear(&whole);
	canon(DKIM_RELAXED, in, in.len + 1, &whole);
	canon(DKIM_RELAXED, in, chunk, &parts);
	assert(slice_eq(buf_slice(&whole), buf_slice(&parts)));
	assert(slice_eq(
	    buf_slice(&whole), slice_of(copy, by_steps(copy, in.len))));
	canon(DKIM_RELAXED, buf_slice(&whole), chunk, &twice);
	/* A CRLF that unfolding made of "CR CRLF LF" is none of ours. */
	if (!slice_icontains(buf_slice(&whole), SLICE_LIT("\r\n")))
		assert(slice_eq(buf_slice(&whole), buf_slice(&twice)));
	free(copy);
	buf_free(&whole);
	buf_free(&parts);
	buf_free(&twice);
	return 0;
}
