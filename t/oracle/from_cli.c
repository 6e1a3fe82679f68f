/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our reader of From fields, for comparison with other programs: one field a
 * line of hexadecimal digits on stdin; the author domain, or "-", a line on
 * stdout.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mail/address.h"
#include "mail/limits.h"

static int
digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10;
}

/* One line; false at the end of the input. */
static bool
read_field(char *octets, size_t size, size_t *len)
{
	int c, low;

	*len = 0;
	while ((c = getchar()) != EOF && c != '\n' && *len < size) {
		low = getchar();
		octets[(*len)++] = (char)(digit(c) << 4 | digit(low));
	}
	return c == '\n';
}

int
main(void)
{
	static char octets[65536];
	size_t len;

	while (read_field(octets, sizeof(octets), &len)) {
		struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
		struct from f;

		if (!a || from_parse(slice_of(octets, len), a, &f, NULL))
			exit(1);
		(void)puts(f.status == FROM_OK ? f.domain.text : "-");
		arena_free(a);
	}
	return 0;
}
