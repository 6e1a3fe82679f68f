/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Body canonicalization: any chunking equals one piece, and both equal the
 * steps of RFC 6376 sections 3.4.3 and 3.4.4 done line by line. The first two
 * octets say how the pieces are cut.
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

/* Pieces of a and b octets by turns. */
static void
canon(
    enum dkim_canon how, struct slice in, size_t a, size_t b, struct buf *out)
{
	struct dkim_sink sink = DKIM_SINK(to_buf, out);
	struct dkim_canon_body c;

	dkim_canon_body_begin(&c, how, &sink);
	for (size_t n = a; in.len; n = n == a ? b : a) {
		dkim_canon_body_add(&c, slice_upto(in, n));
		in = slice_from(in, n);
	}
	if (dkim_canon_body_end(&c))
		abort();
}

/* Index of the CRLF in s, or s.len. */
static size_t
find_crlf(struct slice s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.ptr[i] == '\r' && s.ptr[i + 1] == '\n')
			return i;
	return s.len;
}

static void
add_line(enum dkim_canon how, struct slice line, struct buf *out)
{
	if (how == DKIM_SIMPLE) {
		buf_add(out, line);
		return;
	}
	while (line.len && is_wsp(line.ptr[line.len - 1]))
		line.len--;
	for (size_t i = 0; i < line.len; i++) {
		if (!is_wsp(line.ptr[i]))
			buf_addc(out, line.ptr[i]);
		else if (i == 0 || !is_wsp(line.ptr[i - 1]))
			buf_addc(out, ' ');
	}
}

static void
by_lines(enum dkim_canon how, struct slice in, struct buf *out)
{
	size_t keep = 0; /* up to the end of the last line not empty */

	while (in.len) {
		size_t at = find_crlf(in), before = out->len;

		add_line(how, slice_upto(in, at), out);
		if (out->len > before)
			keep = out->len + 2;
		buf_addz(out, "\r\n");
		in = slice_from(in, at + 2);
	}
	out->len = keep;
	if (how == DKIM_SIMPLE && keep == 0)
		buf_addz(out, "\r\n");
}

static void
check(enum dkim_canon how, struct slice in, size_t a, size_t b)
{
	struct buf whole = BUF_INIT(1 << 24), parts = BUF_INIT(1 << 24);
	struct buf lines = BUF_INIT(1 << 24), twice = BUF_INIT(1 << 24);

	canon(how, in, in.len + 1, in.len + 1, &whole);
	canon(how, in, a, b, &parts);
	assert(slice_eq(buf_slice(&whole), buf_slice(&parts)));
	by_lines(how, in, &lines);
	assert(slice_eq(buf_slice(&whole), buf_slice(&lines)));
	canon(how, buf_slice(&whole), b, a, &twice);
	assert(slice_eq(buf_slice(&whole), buf_slice(&twice)));
	buf_free(&whole);
	buf_free(&parts);
	buf_free(&lines);
	buf_free(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t a = size > 0 ? (size_t)data[0] % 32 + 1 : 1;
	size_t b = size > 1 ? (size_t)data[1] * 4 + 1 : 1;
	struct slice in = slice_from(slice_of(data, size), 2);

	check(DKIM_SIMPLE, in, a, b);
	check(DKIM_RELAXED, in, a, b);
	return 0;
}
