/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/read.h"

#include "base/buf.h"
#include "unit.h"

struct row {
	const char *name, *text, *want; /* "number name=value" lines */
};

static const struct row rows[] = {
    {"nothing", "", ""},
    {"a line", "Domain example.com\n", "1 Domain=example.com\n"},
    {"no line end", "Domain example.com", "1 Domain=example.com\n"},
    {"CRLF", "Domain example.com\r\nMode s\r\n",
	"1 Domain=example.com\n2 Mode=s\n"},
    {"blanks", "  Domain \t a.example,  b.example  \n",
	"1 Domain=a.example,  b.example\n"},
    {"comments", "# x\n\nMode s# y\n#Mode v\n", "3 Mode=s\n"},
    {"a name alone", "Mode\n", "1 Mode!a name without a value\n"},
    {"its value in a comment", "Mode # s\n",
	"1 Mode!a name without a value\n"},
    {"Include", "Include /a\nMode s\n", "1 Include=/a\n1 In=a\n2 Mode=s\n"},
    {"Include of what is not there", "Include /none\nMode s\n",
	"1 Include!no /none\n2 Mode=s\n"},
    {"Include of itself", "Include /self\n",
	"1 Include=/self\n1 Include=/self\n1 Include=/self\n1 Include=/self\n"
	"1 Include=/self\n1 Include!included more than five levels deep\n"},
};

static int
open_text(void *arg, const char *path, struct arena *a, struct slice *out,
    struct err *err)
{
	(void)a;
	if (!strcmp(path, "/"))
		*out = slice_z(arg);
	else if (!strcmp(path, "/a"))
		*out = SLICE_LIT("In a");
	else if (!strcmp(path, "/self"))
		*out = SLICE_LIT("Include /self");
	else if (!strcmp(path, "/set") || !strcmp(path, "/base/set"))
		*out = SLICE_LIT("a  b:c # x\n\n# y\nd\n\te\tf g\n");
	else
		return err_set(err, "no %s", path);
	return 0;
}

static void
check(void **state)
{
	const struct row *r = *state;
	char *text = strdup(r->text);
	struct import_source s = {arena_new(1u << 20), open_text, text};
	struct import_lines lines = {.n = 0};
	struct buf got = BUF_INIT(65536);
	struct err err = ERR_INIT;

	assert_int_equal(import_read(&s, "/", &lines, &err), 0);
	for (size_t i = 0; i < lines.n; i++) {
		const struct import_line *l = &lines.items[i];

		buf_addf(&got, "%zu %s%s%s\n", l->number, l->name,
		    l->fault ? "!" : "=", l->fault ? l->fault : l->value);
	}
	assert_string_equal(buf_str(&got), r->want);
	buf_free(&got);
	arena_free(s.arena);
	free(text);
}

struct set_row {
	const char *name, *value;
	enum import_set_kind kind;
	const char *want; /* "line key=value;" */
};

static const struct set_row set_rows[] = {
    {"a list", "a, b ,c", IMPORT_LIST, "0 a=;0 b=;0 c=;"},
    {"a list with values", "csl:a=b:c, d = e", IMPORT_LIST, "0 a=b:c;0 d=e;"},
    {"empty items", ",a,,", IMPORT_LIST, "0 a=;"},
    {"a file", "file:/set", IMPORT_FILE, "1 a=b:c;4 d=;5 e=f g;"},
    {"a path", "/set", IMPORT_FILE, "1 a=b:c;4 d=;5 e=f g;"},
    {"a path at the base", "file:set", IMPORT_FILE, "1 a=b:c;4 d=;5 e=f g;"},
    {"patterns", "refile:/set", IMPORT_REFILE, "1 a=b:c;4 d=;5 e=f g;"},
    {"a data base", "db:/set", IMPORT_OTHER, ""},
    {"a data base by its name", "/set.db", IMPORT_OTHER, ""},
    {"SQL", "dsn:mysql://u:p@3306+h/d/table=t", IMPORT_OTHER, ""},
    {"LDAP", "ldap://h/", IMPORT_OTHER, ""},
};

static void
check_set(void **state)
{
	const struct set_row *r = *state;
	struct import_source s = {arena_new(1u << 20), open_text, NULL};
	struct buf got = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct import_set set;

	assert_int_equal(
	    import_set_read(&s, "/base", r->value, &set, &err), 0);
	assert_int_equal(set.kind, r->kind);
	for (size_t i = 0; i < set.n; i++)
		buf_addf(&got, "%zu " SLICE_FMT "=" SLICE_FMT ";",
		    set.items[i].line, SLICE_ARG(set.items[i].key),
		    SLICE_ARG(set.items[i].value));
	assert_string_equal(buf_str(&got), r->want);
	assert_int_equal(
	    import_set_read(&s, "", "file:/nowhere", &set, &err), -1);
	buf_free(&got);
	arena_free(s.arena);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(set_rows, check_set);
	return unit_end();
}
