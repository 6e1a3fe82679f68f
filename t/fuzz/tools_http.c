/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies cut anywhere never become whole, and whole ones stay the same. */
#include "tools/http.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size), host, path;
	struct buf body = BUF_INIT(4096), part = BUF_INIT(4096);
	struct http_reply whole, cut;
	enum http_state s = http_reply_read(text, false, &whole, &body), c;

	assert(body.len <= 4096);
	for (size_t n = 0; n < size && n < 64; n++) {
		size_t at = size * n / 64;

		c = http_reply_read(slice_upto(text, at), false, &cut, &part);
		/* What is done early is done alike. */
		if (c == HTTP_DONE)
			assert(s == HTTP_DONE && cut.status == whole.status &&
			    slice_eq(buf_slice(&part), buf_slice(&body)));
		if (c == HTTP_BROKEN)
			assert(s == HTTP_BROKEN);
	}
	assert(http_reply_read(text, true, &cut, &part) != HTTP_MORE);
	if (http_url_split(text, &host, &path))
		assert(host.len && path.len && path.ptr[0] == '/' &&
		    slice_find(path, '\r') == path.len &&
		    slice_find(path, '\n') == path.len);
	buf_free(&body);
	buf_free(&part);
	return 0;
}
