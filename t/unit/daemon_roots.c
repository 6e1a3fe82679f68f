/* SPDX-License-Identifier: BSD-2-Clause */
/* Which directories a configuration needs, and which reload fits. */
#include "daemon/roots.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scratch.h"
#include "unit.h"

#define HOME "/tmp/assay-roots-XXXXXX"

static char home[] = HOME;

struct row {
	const char *name;
	const char *text;      /* of the configuration; %s is the home */
	const char *keytable;  /* NULL: none */
	const char *want;      /* PATH:USE,... below the home */
	const char *not_taken; /* by a sandbox of "plain"; NULL: it is */
};

#define TABLES \
	"signing_table = \"refile:%s/conf/signing.table\"\n" \
	"key_table = \"%s/conf/key.table\"\n"

static const struct row rows[] = {
    {.name = "plain", .text = "", .want = "/keys:7,/conf:1"},
    {.name = "a fragment",
	.text = "publish_via = file\npublish_file = \"%s/zones/%%d.zone\"\n",
	.want = "/keys:7,/conf:1,/zones:7",
	.not_taken = "publish_file"},
    {.name = "a fragment of one domain",
	.text = "domain \"a.example\" {\npublish_via = file\n"
		"publish_file = \"%s/zones/%%d.zone\"\n}\n",
	.want = "/keys:7,/conf:1,/zones:7",
	.not_taken = "publish_file"},
    {.name = "no fragment: its directory is not needed",
	.text = "publish_file = \"%s/zones/%%d.zone\"\n",
	.want = "/keys:7,/conf:1"},
    {.name = "a Unix socket and a pid file",
	.text = "socket = \"unix:%s/run/sock\"\npid_file = \"%s/zones/p\"\n",
	.want = "/keys:7,/conf:1,/run:4,/zones:4"},
    {.name = "a journal, made when it is not there",
	.text = "journal_dir = \"%s/journal\"\n",
	.want = "/keys:7,/journal:7,/conf:1",
	.not_taken = "journal_dir"},
    {.name = "a control socket, which is removed at the end",
	.text = "control_socket = \"%s/run/control.sock\"\n",
	.want = "/keys:7,/conf:1,/run:4"},
    {.name = "a further directory",
	.text = "sandbox_read = { \"%s/zones\", \"/nonexistent\" }\n",
	.want = "/keys:7,/conf:1,/zones:1",
	.not_taken = "sandbox_read"},
    {.name = "keys of a table, by domain",
	.text = TABLES,
	.keytable = "k a.example:s:%s/tk/a.example/s\n"
		    "l b.example:s:%s/tk/b.example/s\n",
	.want = "/keys:7,/conf:1,/tk:1",
	.not_taken = "key_table"},
    {.name = "keys of a table, a directory of each domain as %",
	.text = TABLES,
	.keytable = "k %%:s:%s/tk/%%/s\n",
	.want = "/keys:7,/conf:1,/tk:1",
	.not_taken = "key_table"},
    {.name = "keys of a table in one directory",
	.text = TABLES,
	.keytable = "k a.example:s:%s/tk/one/a\nl b.example:s:%s/tk/one/b\n",
	.want = "/keys:7,/conf:1,/tk/one:1",
	.not_taken = "key_table"},
    {.name = "the file behind a link",
	.text = TABLES,
	.keytable = "k a.example:s:%s/conf/link/s\n",
	.want = "/keys:7,/conf:1,/tk/one:1",
	.not_taken = "key_table"},
};

static const char *
below(const char *name, char path[256])
{
	(void)snprintf(path, 256, "%s/%s", home, name);
	return path;
}

/* With the home for each %s. */
static void
expand(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (text[0] == '%' && text[1] == 's')
			buf_addz(out, home);
		else
			buf_addc(out, *text);
		if (text[0] == '%')
			text++;
	}
}

static void
put_file(const char *name, const char *text)
{
	struct buf b = BUF_INIT(4000);
	char path[256];
	FILE *f = fopen(below(name, path), "w");

	assert_non_null(f);
	expand(text, &b);
	(void)fputs(buf_str(&b), f);
	(void)fclose(f);
	buf_free(&b);
}

static struct config *
configuration(const struct row *r)
{
	struct buf text = BUF_INIT(4000), errors = BUF_INIT(4000);
	struct config *c;

	if (r->keytable) {
		put_file("conf/key.table", r->keytable);
		put_file("conf/signing.table", "*@a.example k\n");
	}
	buf_addf(&text, "key_dir = \"%s/keys\"\n", home);
	if (!strstr(r->text, "journal_dir"))
		buf_addz(&text, "journal = no\n");
	if (!strstr(r->text, "control_socket"))
		buf_addz(&text, "control_socket = \"\"\n");
	expand(r->text, &text);
	if (config_parse(buf_slice(&text), "f", &c, &errors))
		fail_msg("%s", buf_str(&errors));
	buf_free(&text);
	buf_free(&errors);
	return c;
}

static void
roots_for(const struct row *r, struct roots *out)
{
	struct config *c = configuration(r);
	struct err err = ERR_INIT;
	char path[256];

	if (roots_of(c, below("conf/assay.conf", path), out, &err))
		fail_msg("%s", err.text);
	config_unref(c);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct buf got = BUF_INIT(4000), why = BUF_INIT(1000);
	struct roots plain, roots;

	roots_for(&rows[0], &plain);
	roots_for(r, &roots);
	for (size_t i = 0; i < roots.n; i++)
		buf_addf(&got, "%s%s:%u", i ? "," : "",
		    roots.items[i].path + strlen(home), roots.items[i].use);
	assert_string_equal(buf_str(&got), r->want);
	assert_true(roots_cover(&roots, &roots, &why));
	assert_true(roots_cover(&roots, &plain, &why));
	assert_int_equal(roots_cover(&plain, &roots, &why), !r->not_taken);
	if (r->not_taken)
		assert_true(
		    slice_starts(buf_slice(&why), slice_z(r->not_taken)));
	roots_free(&plain);
	roots_free(&roots);
	buf_free(&got);
	buf_free(&why);
}

static void
test_exposed(void **state)
{
	struct roots plain;
	char path[256];

	(void)state;
	roots_for(&rows[0], &plain);
	put_file("keys/program", "");
	put_file("conf/program", "");
	assert_true(roots_expose(&plain, below("keys/program", path)));
	assert_false(roots_expose(&plain, below("conf/program", path)));
	assert_false(roots_expose(&plain, ""));
	assert_false(roots_expose(&plain, "/nonexistent"));
	roots_free(&plain);
}

int
main(void)
{
	static const char *const dirs[] = {"conf", "run", "zones", "tk",
	    "tk/a.example", "tk/b.example", "tk/one"};
	char path[256], link[256];
	int rc;

	if (!mkdtemp(home))
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		(void)mkdir(below(dirs[i], path), 0700);
	(void)!symlink(below("tk/one", path), below("conf/link", link));
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_exposed);
	rc = unit_end();
	scratch_remove(home);
	return rc;
}
