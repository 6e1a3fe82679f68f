/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/split.h"

#include "unit.h"

struct row {
	const char *name, *in;
	const char *want;   /* "LINE name=value,value;" by statement */
	const char *errors; /* "" none */
};

static const struct row rows[] = {
    {"plain", "a = b\n", "1 a=b;", ""},
    {"no newline", "a=b", "1 a=b;", ""},
    {"comments and blanks", "# x\n\n  a = b # y\n\tc=d\n", "3 a=b;4 c=d;", ""},
    {"quoted", "a = \"b # c\"\nd = 'e f'\n", "1 a=b # c;2 d=e f;", ""},
    {"escapes", "a = \"b\\\"c\\\\\"\n", "1 a=b\"c\\;", ""},
    {"list", "a = { b, \"c d\",\n  e } # x\nf = g\n", "1 a=b,c d,e,;3 f=g;",
	""},
    {"empty list", "a = {}\n", "1 a=;", ""},
    {"comment in a list", "a = { b, # one\n c\n}\n", "1 a=b,c,;", ""},
    {"addresses", "s = inet:8891@127.0.0.1\nn = { 10.0.0.0/8, ::1 }\n",
	"1 s=inet:8891@127.0.0.1;2 n=10.0.0.0/8,::1,;", ""},
    {"three faults on three lines", "a = \"b\nc = d\ne\nf = {g\n", "2 c=d;",
	"x:1: a quoted value does not end on its line\n"
	"x:3: expected \"=\" after the option's name\n"
	"x:4: a list in braces does not end\n"},
    {"two values", "a = b c\nd = e\n", "2 d=e;",
	"x:1: the value can't be read (missing, or more than one without "
	"braces and commas)\n"},
    {"no value", "a =\nb = c\n", "2 b=c;",
	"x:1: the value can't be read (missing, or more than one without "
	"braces and commas)\n"},
    {"asterisk needs quotes", "a = *@example.com\nb = \"*@x\"\n", "2 b=*@x;",
	"x:1: a value with this character needs quotes\n"},
    {"variable needs quotes", "a = ${HOME}\n", "",
	"x:1: a value with this character needs quotes\n"},
    {"stray brace", "a = b}\n", "", "x:1: braces do not match\n"},
    {"section", "s {\n a = b\n}\n", "2 a=b;",
	"x:1: expected \"=\" after the option's name\n"
	"x:3: expected an option's name\n"},
    {"empty", "", "", ""},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct buf errors = BUF_INIT(10000), got = BUF_INIT(10000);
	struct statements st;

	assert_int_equal(
	    config_split(slice_z(r->in), "x", a, &st, &errors), 0);
	for (size_t i = 0; i < st.n; i++) {
		buf_addf(&got, "%zu " SLICE_FMT "=", st.items[i].line,
		    SLICE_ARG(st.items[i].name));
		for (size_t v = 0; v < st.items[i].nvalues; v++) {
			buf_add(&got, st.items[i].values[v]);
			if (st.items[i].list)
				buf_addc(&got, ',');
		}
		buf_addc(&got, ';');
	}
	assert_string_equal(buf_str(&got), r->want);
	assert_string_equal(buf_str(&errors), r->errors);
	buf_free(&got);
	buf_free(&errors);
	arena_free(a);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
