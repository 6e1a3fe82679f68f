/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/packets.h"

#include "unit.h"

/* A string with its NULs, but not the last. */
#define OCTETS(s) (s), sizeof(s) - 1

static const struct row {
	const char *name, *octets;
	size_t len;
	bool pass;
} rows[] = {
    {"nothing", OCTETS(""), true},
    {"a command alone", OCTETS("\0\0\0\1N"), true},
    {"no macros", OCTETS("\0\0\0\2DC"), true},
    {"a pair", OCTETS("\0\0\0\6DCj\0v\0"), true},
    {"two pairs", OCTETS("\0\0\0\012DCj\0v\0i\0q\0"), true},
    {"an empty value", OCTETS("\0\0\0\5DCj\0\0"), true},
    {"no value", OCTETS("\0\0\0\4DCj\0"), false},
    {"an empty name alone", OCTETS("\0\0\0\3DC\0"), false},
    {"three of four", OCTETS("\0\0\0\010DCj\0v\0i\0"), false},
    {"a value without its end", OCTETS("\0\0\0\5DCj\0v"), false},
    {"a NUL as the stage is none", OCTETS("\0\0\0\2D\0"), true},
    {"the same and a pair", OCTETS("\0\0\0\6D\0j\0v\0"), true},
    {"another command", OCTETS("\0\0\0\4HCj\0"), true},
    {"behind others", OCTETS("\0\0\0\3Ha\0\0\0\0\1N\0\0\0\4DCj\0"), false},
    {"not there yet", OCTETS("\0\0\0\5DCj\0"), true},
    {"no length", OCTETS("\0\0\0\0D\0\0\0\4DCj\0"), false},
    {"a negative length", OCTETS("\377\377\377\377D\0\0\0\4DCj\0"), false},
    {"a long one under way", OCTETS("\177\377\377\377DCj\0"), true},
};

/* In one piece, and octet by octet. */
static void
check(void **state)
{
	const struct row *r = *state;
	struct packets whole = {.left = 0}, cut = {.left = 0};
	bool pass = true;

	assert_int_equal(packets_pass(&whole, r->octets, r->len), r->pass);
	for (size_t at = 0; at < r->len && pass; at++)
		pass = packets_pass(&cut, r->octets + at, 1);
	assert_int_equal(pass, r->pass);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
