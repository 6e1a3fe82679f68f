/* SPDX-License-Identifier: BSD-2-Clause */
/* The reply to one GET (RFC 9112), as far as a small file needs it. Pure. */
#ifndef ASSAY_TOOLS_HTTP_H
#define ASSAY_TOOLS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

#define HTTP_HEADER_MAX 16384

enum http_state {
	HTTP_MORE, /* needs more octets */
	HTTP_DONE,
	HTTP_BROKEN, /* no HTTP, or cut short */
	HTTP_LARGE,  /* the body is longer than body->max */
};

struct http_reply {
	unsigned status;
	struct slice type; /* Content-Type without its parameters */
};

/*
 * Reads what has come so far, from its first octet each time; ended: nothing
 * else will come. At HTTP_DONE body holds the body and *out the rest, which
 * points into text.
 */
enum http_state http_reply_read(
    struct slice text, bool ended, struct http_reply *out, struct buf *body);

/*
 * "https://HOST[:443]/PATH" into both. False for anything else: user
 * information, another port, a fragment, octets that are no URI's.
 */
MUST_CHECK bool http_url_split(
    struct slice url, struct slice *host, struct slice *path);

#endif
