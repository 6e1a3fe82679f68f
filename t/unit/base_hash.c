/* SPDX-License-Identifier: BSD-2-Clause */
/* The vectors of the SipHash paper: key 00 01 .. 0f, text 00 01 .. */
#include "base/hash.h"

#include "unit.h"

struct row {
	const char *name;
	size_t len;
	uint64_t want;
};

static const struct row rows[] = {
    {"nothing", 0, 0x726fdb47dd0e0e31u},
    {"one octet", 1, 0x74f839c593dc67fdu},
    {"eight octets", 8, 0x93f5f5799a932462u},
    {"fifteen octets", 15, 0xa129ca6149be45e5u},
};

static void
check(void **state)
{
	const struct row *r = *state;
	const struct hash_key key = {
	    {0x0706050403020100u, 0x0f0e0d0c0b0a0908u}};
	char text[16];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	assert_int_equal(hash_octets(&key, slice_of(text, r->len)), r->want);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
