/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/crc.h"

#include "unit.h"

struct row {
	const char *name;
	struct slice in;
	uint32_t want;
};

static const struct row rows[] = {
    {"nothing", {"", 0}, 0},
    {"the check value of the standard", {"123456789", 9}, 0xcbf43926},
    {"a", {"a", 1}, 0xe8b7be43},
    {"four NULs", {"\0\0\0\0", 4}, 0x2144df1c},
    {"high octets", {"\xff\xff\xff\xff", 4}, 0xffffffff},
};

static void
check(void **state)
{
	const struct row *r = *state;

	assert_int_equal(crc32_of(r->in), r->want);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
