/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the option table as conf/assay.conf or as part of its manual. */
#include "config/dump.h"

#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	struct buf b = BUF_INIT(1u << 20);
	int rc = 1;

	if (argc == 2 && !strcmp(argv[1], "sample"))
		dump_sample(&b);
	else if (argc == 2 && !strcmp(argv[1], "mdoc"))
		dump_mdoc(&b);
	else
		(void)fprintf(stderr, "usage: optdump sample|mdoc\n");
	if (b.len && buf_status(&b) == 0) {
		(void)fputs(buf_str(&b), stdout);
		rc = 0;
	}
	buf_free(&b);
	return rc;
}
