/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our reading of tables, for a test to compare with OpenDKIM's:
 *	tables_cli KEYTABLE SIGNTABLE USER@DOMAIN...
 * SIGNTABLE may have refile: before it. A line an address: "d s i" of each
 * match, apart by "; ".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail/limits.h"
#include "tables/keytable.h"
#include "tables/signtable.h"

#define FILE_MAX (1u << 20)

static void
die(const char *what)
{
	(void)fprintf(stderr, "tables_cli: %s\n", what);
	exit(2);
}

static struct slice
read_file(const char *path, struct arena *a)
{
	FILE *f = fopen(path, "r");
	char *text = arena_alloc(a, FILE_MAX);
	size_t len;

	if (!f || !text)
		die(path);
	len = fread(text, 1, FILE_MAX, f);
	(void)fclose(f);
	return slice_of(text, len);
}

static void
tell(const struct keytable *keys, const struct signtable *signs,
    const char *address, struct arena *a)
{
	struct slice s = slice_z(address);
	size_t at = slice_rfind(s, '@');
	struct sign_matches found;
	struct domain d;

	if (!domain_parse(slice_from(s, at + 1), &d) ||
	    signtable_find(
		signs, slice_upto(s, at), &d, true, a, &found, NULL))
		die(address);
	for (size_t i = 0; i < found.n; i++) {
		const struct sign_match *m = &found.items[i];
		struct key_spec k;

		if (keytable_find(keys, m->key, &d, a, &k, NULL) != 1)
			continue;
		(void)printf("%s%s " SLICE_FMT " " SLICE_FMT, i ? "; " : "",
		    k.domain.text, SLICE_ARG(k.selector),
		    SLICE_ARG(m->identity));
	}
	(void)putchar('\n');
}

int
main(int argc, char **argv)
{
	struct buf faults = BUF_INIT(FILE_MAX), remarks = BUF_INIT(FILE_MAX);
	struct arena *a = arena_new(LIMIT_TABLE_ARENA);
	struct table_source ks = {.name = "keys",
	    .kind = TABLE_FILE,
	    .faults = &faults,
	    .remarks = &remarks};
	struct table_source ss = ks;
	struct keytable *keys;
	struct signtable *signs;
	const char *path;

	if (argc < 3 || !a)
		die("usage: tables_cli KEYTABLE SIGNTABLE ADDRESS...");
	path = argv[2];
	if (slice_starts(slice_z(path), SLICE_LIT("refile:"))) {
		ss.kind = TABLE_REFILE;
		path += sizeof("refile:") - 1;
	}
	ks.text = read_file(argv[1], a);
	ss.text = read_file(path, a);
	if (keytable_parse(&ks, a, &keys, NULL) ||
	    signtable_parse(&ss, keys, a, &signs, NULL))
		die("out of memory");
	if (faults.len)
		die(buf_str(&faults));
	for (int i = 3; i < argc; i++)
		tell(keys, signs, argv[i], a);
	buf_free(&faults);
	buf_free(&remarks);
	arena_free(a);
	return 0;
}
