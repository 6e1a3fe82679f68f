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

#define DIGIT(c, v) [c] = (v) + 1
#define DIGITS_4(c, v) \
	DIGIT(c, v), DIGIT((c) + 1, (v) + 1), DIGIT((c) + 2, (v) + 2), \
	    DIGIT((c) + 3, (v) + 3)

/* One more than the value of a digit; 0 for what is none. */
static const unsigned char digits_plus_1[256] = {
    DIGITS_4('A', 0),
    DIGITS_4('E', 4),
    DIGITS_4('I', 8),
    DIGITS_4('M', 12),
    DIGITS_4('Q', 16),
    DIGITS_4('U', 20),
    DIGIT('Y', 24),
    DIGIT('Z', 25),
    DIGITS_4('a', 26),
    DIGITS_4('e', 30),
    DIGITS_4('i', 34),
    DIGITS_4('m', 38),
    DIGITS_4('q', 42),
    DIGITS_4('u', 46),
    DIGIT('y', 50),
    DIGIT('z', 51),
    DIGITS_4('0', 52),
    DIGITS_4('4', 56),
    DIGIT('8', 60),
    DIGIT('9', 61),
    DIGIT('+', 62),
    DIGIT('/', 63),
};

/* 0 to 63, or -1 */
static int
value_of(char c)
{
	return digits_plus_1[(unsigned char)c] - 1;
}

bool
dkim_base64_decode(struct slice text, unsigned char *out, size_t *len)
{
	size_t digits = 0, pads = 0, n = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < text.len; i++) {
		int v = value_of(text.ptr[i]);

		if (v >= 0 && !pads) {
			bits = bits << 6 | (uint32_t)v;
			/* The second to fourth digit complete an octet. */
			if (digits++ % 4 != 0)
				out[n++] = (unsigned char)(bits >>
				    (8 - digits % 4 * 2) % 8);
		} else if (text.ptr[i] == '=') {
			pads++;
		} else if (!is_fws(text.ptr[i])) {
			return false;
		}
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
