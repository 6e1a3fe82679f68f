/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/split.h"

#include "unit.h"

struct row {
	const char *name, *in;
	const char *want;   /* "LINE name=value,value;"; bodies in [] */
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
	"x:3: expected \"=\" after the option's name, or a title and { for a "
	"section\n"
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
    {"section", "a = b\ns \"t\" {\n c = d\n e = {f, g}\n}\nh = i\n",
	"1 a=b;2 s=t[3 c=d;4 e=f,g,;]6 h=i;", ""},
    {"section on one line", "s t { c = d }\nh = i\n", "1 s=t[1 c=d;]2 h=i;",
	""},
    {"empty section", "s 't u' {}h = i", "1 s=t u[]1 h=i;", ""},
    {"comments in a section", "s \"t\" { # x }\n # }\n c = \"}\" # }\n}\n",
	"1 s=t[3 c=};]", ""},
    {"two sections", "s t {\n}\n\ns u {\n}\n", "1 s=t[]4 s=u[]", ""},
    {"faults in a section", "s t {\n c d\n e = f\n g = \"\n}\nh = i j\n",
	"1 s=t[3 e=f;]",
	"x:2: expected \"=\" after the option's name, or a title and { for a "
	"section\n"
	"x:4: a quoted value does not end on its line\n"
	"x:6: the value can't be read (missing, or more than one without "
	"braces and commas)\n"},
    {"no title", "s {\n a = b\n}\nc = d\n", "4 c=d;",
	"x:1: the title of the section can't be read\n"},
    {"two titles", "s t u {\n a = b\n}\nc = d\n", "4 c=d;",
	"x:1: the title of the section can't be read\n"},
    {"a title that needs quotes", "s *.t { a = b }\nc = d\n", "2 c=d;",
	"x:1: a title with this character needs quotes\n"},
    {"section in a section", "s t {\n u v { a = b }\n}\n", "1 s=t[]",
	"x:2: a section in a section\n"},
    {"no end of a section", "s t {\n a = b\n", "1 s=t[2 a=b;]",
	"x:1: the section does not end\n"},
    {"an end without a section", "a = b\n}\nc = d\n", "1 a=b;3 c=d;",
	"x:2: expected an option's name\n"},
    {"empty", "", "", ""},
};

static void
describe(const struct statements *st, struct buf *got)
{
	for (size_t i = 0; i < st->n; i++) {
		const struct statement *one = &st->items[i];

		buf_addf(got, "%zu " SLICE_FMT "=", one->line,
		    SLICE_ARG(one->name));
		for (size_t v = 0; v < one->nvalues; v++) {
			buf_add(got, one->values[v]);
			if (one->list)
				buf_addc(got, ',');
		}
		if (one->body) {
			buf_addc(got, '[');
			describe(one->body, got);
		}
		buf_addc(got, one->body ? ']' : ';');
	}
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *a = arena_new(1 << 20);
	struct buf errors = BUF_INIT(10000), got = BUF_INIT(10000);
	struct statements st;

	assert_int_equal(
	    config_split(slice_z(r->in), "x", a, &st, &errors), 0);
	describe(&st, &got);
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
