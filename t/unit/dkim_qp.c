/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/qp.h"

#include "unit.h"

struct qp_row {
	const char *name, *plain;
	bool utf8;
	const char *encoded;
};

static const struct qp_row encode_rows[] = {
    {"plain", "joe@example.com", false, "joe@example.com"},
    {"section 2.11: semicolon, equals, space", "a;b=c d", false,
	"a=3Bb=3Dc=20d"},
    {"section 2.11: 8-bit", "j\xc3\xb6", false, "j=C3=B6"},
    {"RFC 8616 section 5: UTF-8 as it is", "j\xc3\xb6", true, "j\xc3\xb6"},
    {"DEL and controls", "\x01\x7f", true, "=01=7F"},
};

static void
check_encode(void **state)
{
	const struct qp_row *r = *state;
	struct buf b = BUF_INIT(100);

	dkim_qp_encode(slice_z(r->plain), r->utf8, &b);
	assert_slice(buf_slice(&b), slice_z(r->encoded));
	buf_free(&b);
}

struct decode_row {
	const char *name, *in, *want;
};

static const struct decode_row decode_rows[] = {
    {"plain", "joe@x", "joe@x"},
    {"hex-octet", "a=3Bb=3D", "a;b="},
    {"8-bit octet", "=C3=B6", "\xc3\xb6"},
    {"UTF-8", "\xc3\xb6", "\xc3\xb6"},
    {"section 2.11: no lower-case digits", "a=3b", ""},
    {"cut after =", "a=", ""},
    {"cut after a digit", "a=3", ""},
    {"no digit", "a=GG", ""},
    {"soft line break does not apply", "a==", ""},
    {"hidden CR LF", "a=0D=0AX", ""},
    {"hidden NUL", "a=00", ""},
    {"hidden DEL", "a=7F", ""},
};

static void
check_decode(void **state)
{
	const struct decode_row *r = *state;
	struct arena *a = arena_new(4096);
	struct slice out;

	assert_int_equal(dkim_qp_decode(slice_z(r->in), a, &out), 0);
	assert_slice(out, slice_z(r->want));
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(encode_rows, check_encode);
	UNIT_TABLE(decode_rows, check_decode);
	return unit_end();
}
