/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 6376 section 2.11, RFC 8616 section 5. */
#include "dkim/qp.h"

/* "no lowercase characters permitted"; -1 for anything but 0-9 and A-F */
static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* The octet at the front of *in, decoded. False: malformed. */
static bool
take_octet(struct slice *in, char *out)
{
	int hi, lo;

	*out = in->ptr[0];
	if (*out != '=') {
		*in = slice_from(*in, 1);
		return true;
	}
	if (in->len < 3)
		return false;
	hi = hex_value(in->ptr[1]);
	lo = hex_value(in->ptr[2]);
	if (hi < 0 || lo < 0)
		return false;
	*out = (char)(hi << 4 | lo);
	*in = slice_from(*in, 3);
	return true;
}

int
dkim_qp_decode(struct slice text, struct arena *arena, struct slice *out)
{
	char *octets = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	*out = SLICE_EMPTY;
	if (!octets)
		return -1;
	while (text.len) {
		char c;

		if (!take_octet(&text, &c) || is_control(c))
			return 0;
		octets[n++] = c;
	}
	*out = slice_of(octets, n);
	return 0;
}

void
dkim_qp_encode(struct slice s, bool utf8, struct buf *b)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool safe = (unsigned char)c >= 0x80
		    ? utf8
		    : is_print(c) && c != ' ' && c != ';' && c != '=';

		if (safe)
			buf_addc(b, c);
		else
			buf_addf(b, "=%02X", (unsigned)(unsigned char)c);
	}
}
