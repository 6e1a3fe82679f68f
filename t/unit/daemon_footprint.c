/* SPDX-License-Identifier: BSD-2-Clause */
/* What the start read is no longer resident, and comes back when it is needed. */
#include "daemon/footprint.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

/* kB of files that are mapped and resident. */
static long
of_files(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long kb = -1;

	assert_non_null(f);
	while (kb < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "RssFile: %ld", &kb) != 1)
			kb = -1;
	(void)fclose(f);
	assert_true(kb > 0);
	return kb;
}

/* Calls through tables that were relocated, and reads constants. */
static void
still_works(void)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	assert_int_equal(
	    EVP_Digest("abc", 3, digest, &n, EVP_sha256(), NULL), 1);
	assert_int_equal(n, 32);
	assert_memory_equal(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
}

static void
test_constants_leave(void **state)
{
	long before;

	(void)state;
	still_works();
	before = of_files();
	footprint_shrink();
	assert_true(of_files() < before - before / 4);
	still_works();
	footprint_shrink();
	still_works();
}

int
main(void)
{
	UNIT_TEST(test_constants_leave);
	return unit_end();
}
