/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 6376 section 2.10 base64string. Not EVP_DecodeBlock: that takes "=" in
 * any place, refuses folding, and counts padding as octets.
 */
#include "dkim/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 0 to 63, or -1 */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool
dkim_base64_decode(struct slice text, unsigned char *out, size_t *len)
{
	size_t digits = 0, pads = 0, n = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < text.len; i++) {
		int v = value_of(text.ptr[i]);

		if (is_fws(text.ptr[i]))
			continue;
		if (text.ptr[i] == '=') {
			pads++;
			continue;
		}
		if (v < 0 || pads)
			return false;
		bits = bits << 6 | (uint32_t)v;
		digits++;
		/* The second, third and fourth digit complete an octet. */
		if (digits % 4 != 1)
			out[n++] = (unsigned char)(bits >>
			    (digits % 4 == 2          ? 4
				    : digits % 4 == 3 ? 2
						      : 0));
	}
	if (digits % 4 == 1 || (pads && digits % 4 + pads != 4))
		return false;
	*len = n;
	return true;
}

void
dkim_base64_encode(struct slice s, struct buf *b)
{
	for (; s.len; s = slice_from(s, 3)) {
		unsigned char in[3] = {0};
		char out[4];

		memcpy(in, s.ptr, s.len < 3 ? s.len : 3);
		out[0] = alphabet[in[0] >> 2];
		out[1] = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		out[2] =
		    s.len > 1 ? alphabet[(in[1] & 15) << 2 | in[2] >> 6] : '=';
		out[3] = s.len > 2 ? alphabet[in[2] & 63] : '=';
		buf_add(b, slice_of(out, sizeof(out)));
	}
}
