/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 9112: status line, fields, body by Content-Length, by chunks or up to
 * the end of the connection. No trailers, no compression (none is asked for).
 */
#include "tools/http.h"

struct fields {
	bool chunked, has_length;
	size_t length;
};

static bool
next_line(struct slice *rest, struct slice *line)
{
	size_t n = slice_find(*rest, '\n');

	if (n == rest->len)
		return false;
	*line = slice_upto(*rest, n);
	*rest = slice_from(*rest, n + 1);
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

static bool
status_line(struct slice line, unsigned *status)
{
	uint64_t n;

	if (!slice_starts(line, SLICE_LIT("HTTP/1.")) || line.len < 12 ||
	    line.ptr[8] != ' ' ||
	    slice_u64(slice_upto(slice_from(line, 9), 3), 999, &n) ||
	    n < 100 || (line.len > 12 && line.ptr[12] != ' '))
		return false;
	*status = (unsigned)n;
	return true;
}

static bool
field(struct slice line, struct http_reply *r, struct fields *f)
{
	bool colon;
	struct slice value = line, name = slice_cut(&value, ':', &colon);
	uint64_t n;

	value = slice_trim(value);
	if (!colon || name.len == 0)
		return false;
	if (slice_ieqz(name, "Content-Type")) {
		r->type =
		    slice_trim(slice_upto(value, slice_find(value, ';')));
	} else if (slice_ieqz(name, "Transfer-Encoding")) {
		if (!slice_ieqz(value, "chunked"))
			return false;
		f->chunked = true;
	} else if (slice_ieqz(name, "Content-Length")) {
		if (slice_u64(value, SIZE_MAX / 2, &n) ||
		    (f->has_length && f->length != n))
			return false;
		f->has_length = true;
		f->length = (size_t)n;
	}
	return true;
}

/* --- bodies ---------------------------------------------------------------------- */

static int
hex(char c)
{
	if (is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
chunk_size(struct slice line, size_t *out)
{
	size_t n = 0, i;

	line = slice_trim(slice_upto(line, slice_find(line, ';')));
	for (i = 0; i < line.len; i++) {
		int digit = hex(line.ptr[i]);

		if (digit < 0 || n > SIZE_MAX / 32)
			return false;
		n = n * 16 + (size_t)digit;
	}
	*out = n;
	return i > 0;
}

static enum http_state
chunks(struct slice rest, bool ended, struct buf *body)
{
	struct slice line;
	size_t n;

	while (next_line(&rest, &line)) {
		if (!chunk_size(line, &n))
			return HTTP_BROKEN;
		if (n == 0)
			return HTTP_DONE;
		if (n > body->max - body->len)
			return HTTP_LARGE;
		if (rest.len < n)
			break;
		buf_add(body, slice_upto(rest, n));
		rest = slice_from(rest, n);
		if (!next_line(&rest, &line))
			break;
		if (line.len)
			return HTTP_BROKEN;
	}
	return ended ? HTTP_BROKEN : HTTP_MORE;
}

static enum http_state
read_body(
    struct slice rest, bool ended, const struct fields *f, struct buf *body)
{
	buf_clear(body);
	if (f->chunked)
		return chunks(rest, ended, body);
	if (f->has_length) {
		if (f->length > body->max)
			return HTTP_LARGE;
		if (rest.len < f->length)
			return ended ? HTTP_BROKEN : HTTP_MORE;
		rest = slice_upto(rest, f->length);
	} else if (rest.len > body->max) {
		return HTTP_LARGE;
	} else if (!ended) {
		return HTTP_MORE;
	}
	buf_add(body, rest);
	return HTTP_DONE;
}

enum http_state
http_reply_read(
    struct slice text, bool ended, struct http_reply *out, struct buf *body)
{
	struct fields f = {.length = 0};
	struct slice rest = text, line;

	*out = (struct http_reply){.status = 0};
	buf_clear(body);
	if (!next_line(&rest, &line))
		return ended || text.len > HTTP_HEADER_MAX ? HTTP_BROKEN
							   : HTTP_MORE;
	if (!status_line(line, &out->status))
		return HTTP_BROKEN;
	while (next_line(&rest, &line)) {
		if (line.len == 0)
			return read_body(rest, ended, &f, body);
		if (!field(line, out, &f))
			return HTTP_BROKEN;
	}
	return ended || text.len > HTTP_HEADER_MAX ? HTTP_BROKEN : HTTP_MORE;
}

/* --- where ------------------------------------------------------------------------ */

bool
http_url_split(struct slice url, struct slice *host, struct slice *path)
{
	static const struct slice scheme = {"https://", 8}, port = {":443", 4};
	struct slice rest = slice_from(url, scheme.len);
	size_t slash = slice_find(rest, '/');

	*host = slice_upto(rest, slash);
	*path = slice_from(rest, slash);
	if (!slice_istarts(url, scheme) || url.len > 2000)
		return false;
	if (slice_iends(*host, port))
		host->len -= port.len;
	for (size_t i = 0; i < host->len; i++)
		if (!is_alnum(host->ptr[i]) && host->ptr[i] != '-' &&
		    host->ptr[i] != '.')
			return false;
	for (size_t i = 0; i < path->len; i++)
		if (!is_print(path->ptr[i]) || path->ptr[i] == ' ' ||
		    path->ptr[i] == '#')
			return false;
	if (path->len == 0)
		*path = SLICE_LIT("/");
	return host->len > 0;
}
