/* SPDX-License-Identifier: BSD-2-Clause */
#include "dkim/base64.h"

#include "unit.h"

struct decode_row {
	const char *name, *in;
	const char *want; /* NULL: refused */
};

static const struct decode_row decode_rows[] = {
    {"empty", "", ""},
    {"one octet", "YQ==", "a"},
    {"two octets", "YWI=", "ab"},
    {"three octets", "YWJj", "abc"},
    {"six octets", "YWJjZGVm", "abcdef"},
    {"section 2.10: padding left out, one", "YWI", "ab"},
    {"section 2.10: padding left out, two", "YQ", "a"},
    {"section 2.10: FWS anywhere", " Y\r\n\tW J\r\n j\t", "abc"},
    {"section 2.10: FWS in the padding", "YQ=\r\n =", "a"},
    {"both signs", "+/+/", "\xfb\xff\xbf"},
    {"one digit", "Y", NULL},
    {"five digits", "YWJjZ", NULL},
    {"digit after padding", "YQ==YQ==", NULL},
    {"padding first", "=YQ=", NULL},
    {"padding alone", "=", NULL},
    {"padding too short", "YQ=", NULL},
    {"padding too long", "YWI==", NULL},
    {"padding of a whole group", "YWJj=", NULL},
    {"three pads", "YQ===", NULL},
    {"URL alphabet", "-_-_", NULL},
    {"quote", "\"YQ==", NULL},
    {"8-bit", "Y\xc3\xbc=", NULL},
    {"backslash", "YWJj\\", NULL},
};

static void
check_decode(void **state)
{
	const struct decode_row *r = *state;
	struct slice in = slice_z(r->in);
	/* Exactly the room promised, so that a sanitizer sees one more. */
	unsigned char *out = malloc(DKIM_BASE64_ROOM(in.len));
	size_t len = 0;

	assert_int_equal(
	    dkim_base64_decode(in, out, &len), r->want ? true : false);
	if (r->want)
		assert_slice(slice_of(out, len), slice_z(r->want));
	free(out);
}

static void
test_octet_nul(void **state)
{
	unsigned char out[8];
	size_t len;

	(void)state;
	assert_false(dkim_base64_decode(SLICE_LIT("YW\0Jj"), out, &len));
	assert_true(dkim_base64_decode(SLICE_LIT("AAAA"), out, &len));
	assert_slice(slice_of(out, len), SLICE_LIT("\0\0\0"));
}

static void
test_round_trip(void **state)
{
	unsigned char octets[256], back[DKIM_BASE64_ROOM(400)];

	(void)state;
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (unsigned char)(i * 7);
	for (size_t n = 0; n <= sizeof(octets); n++) {
		struct buf b = BUF_INIT(400);
		size_t len;

		dkim_base64_encode(slice_of(octets, n), &b);
		assert_int_equal(buf_status(&b), 0);
		assert_int_equal(b.len % 4, 0);
		assert_true(dkim_base64_decode(buf_slice(&b), back, &len));
		assert_slice(slice_of(back, len), slice_of(octets, n));
		buf_free(&b);
	}
}

int
main(void)
{
	UNIT_TABLE(decode_rows, check_decode);
	UNIT_TEST(test_octet_nul);
	UNIT_TEST(test_round_trip);
	return unit_end();
}
