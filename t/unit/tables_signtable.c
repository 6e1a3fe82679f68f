/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables.h"

static const char keys[] =
    "1 example.com:s1:/a\n2 example.com:s2:/a\n3 example.com:s3:/a\n"
    "4 example.com:s4:/a\n5 example.com:s5:/a\n6 example.com:s6:/a\n"
    "7 example.com:s7:/a\n8 example.com:s8:/a\n9 example.com:s9:/a\n"
    "a.example.com example.com:s0:/a\n";

struct row {
	const char *name, *table;
	const char *local, *domain;
	bool all;
	const char *want; /* "key(identity) key" */
};

/* OpenDKIM's steps, the last first. */
#define STEPS \
	"* 9\njoe@* 8\n.com 7\njoe@.com 6\n.example.com 5\n" \
	"joe@.example.com 4\na.example.com 3\njoe@a.example.com 2\n"

static const struct row rows[] = {
    {"user@host is first", STEPS, "joe", "a.example.com", false, "2"},
    {"all the steps", STEPS, "joe", "a.example.com", true, "2 3 4 5 6 7 8 9"},
    {"another user", STEPS, "ann", "a.example.com", true, "3 5 7 9"},
    {"the host itself is not below itself", STEPS, "ann", "example.com", true,
	"7 9"},
    {"another domain", STEPS, "joe", "example.net", true, "8 9"},
    {"one label", STEPS, "joe", "com", true, "8 9"},
    {"case does not matter", STEPS, "JOE", "A.Example.COM", false, "2"},
    {"the first of a name counts, one a step",
	"example.com 1\nexample.com 2\n* 3\n", "joe", "example.com", true,
	"1 3"},
    {"no match", "example.com 1\n", "joe", "example.net", true, ""},
    {"empty table", "", "joe", "example.com", true, ""},

    {"refile: the order of the file",
	"re\n*@* 9\njoe@example.com 1\n*@example.com 2\n", "joe",
	"example.com", false, "9"},
    {"refile: the first that fits",
	"re\njoe@example.net 1\n*@example.com 2\njoe@example.com 3\n*@* 9\n",
	"joe", "example.com", false, "2"},
    {"refile: all that fit",
	"re\n*@* 1\njoe@example.com 2\n*@example.net 3\n*@example.com 4\n"
	"j*@example.com 5\n*@example.com 6\n",
	"joe", "example.com", true, "1 2 4 5 6"},
    {"refile: below a domain", "re\n*@*.example.com 1\n*.example.com 2\n",
	"joe", "a.b.example.com", true, "1 2"},
    {"refile: not the domain itself",
	"re\n*@*.example.com 1\n*.example.com 2\n", "joe", "example.com", true,
	""},
    {"refile: below any of the domains above",
	"re\n*.com 1\n*.example.com 2\n*.b.example.com 3\n", "joe",
	"a.b.example.com", true, "1 2 3"},
    {"refile: the domain by its end", "re\n*example.com 1\n", "joe",
	"badexample.com", true, "1"},
    {"refile: a host is no pattern", "re\nexample.com 1\n.com 2\n", "joe",
	"example.com", true, ""},
    {"refile: case does not matter", "re\nJ*@Example.COM 1\n", "JOE",
	"EXAMPLE.com", true, "1"},
    {"refile: @domain is no *@domain", "re\n@example.com 1\n", "joe",
	"example.com", true, ""},

    {"% is the author's domain", "* %\n", "joe", "a.example.com", false,
	"a.example.com"},
    {"an identity", "* 1:joe@mail.example.com\n", "joe", "example.com", false,
	"1(joe@mail.example.com)"},
    {"% in an identity", "* 1:%@%\n", "joe", "a.example.com", false,
	"1(a.example.com@a.example.com)"},
    {"no identity", "* 1:\n", "joe", "example.com", false, "1"},
    {"U-labels in the table",
	"b\xc3\xbc"
	"cher.example 1\n",
	"joe", "xn--bcher-kva.example", false, "1"},
    {"A-labels in the table", "re\n*@xn--bcher-kva.example 1\n", "joe",
	"b\xc3\xbc"
	"cher.example",
	false, "1"},
    {"UTF-8 in a local part", "J\xc3\xb6@example.com 1\n", "j\xc3\xb6",
	"example.com", false, "1"},
    {"an @ in a local part", "\"a@b\"@example.com 1\n", "\"a@b\"",
	"example.com", false, "1"},
    {"a local part with *", "re\na*b@example.com 1\n", "a*b", "example.com",
	false, "1"},
    /* What an author writes is looked up, never taken for a pattern. */
    {"* as a local part", "re\n*@example.com 1\n*@*.net 2\n", "*",
	"example.com", true, "1"},
    {"file: * as a local part", "*@example.com 1\n", "*", "example.com", true,
	"1"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct domain domain = domain_of(r->domain);
	struct sign_matches m;
	char got[256] = "";
	struct both b;

	both_open(&b, keys, r->table);
	assert_string_equal(buf_str(&b.faults), "");
	assert_int_equal(signtable_find(b.sign, slice_z(r->local), &domain,
			     r->all, b.arena, &m, NULL),
	    0);
	for (size_t i = 0; i < m.n; i++) {
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s" SLICE_FMT, i ? " " : "", SLICE_ARG(m.items[i].key));
		if (m.items[i].identity.len)
			snprintf(got + strlen(got), sizeof(got) - strlen(got),
			    "(" SLICE_FMT ")", SLICE_ARG(m.items[i].identity));
	}
	assert_string_equal(got, r->want);
	both_close(&b);
}

struct told_row {
	const char *name, *table, *faults, *remarks;
};

static const struct told_row told_rows[] = {
    {"all faults at once",
	"a@b.example 1\nc@d.example x\n\ne\nf@g.example %\n"
	"h@i.example X:1\n",
	"sign:2: the key table has no key \"x\"\n"
	"sign:4: a key without a value\n"
	"sign:6: the key table has no key \"X\"\n",
	""},
    {"one domain signs for everybody",
	"re\n*@* 1\n*@example.com 1\nroot@* 2\n", "",
	"sign:1: \"*@*\" has one domain sign for authors of every domain\n"
	"sign:3: \"root@*\" has one domain sign for authors of every "
	"domain\n"},
    {"everybody signs for himself", "re\n*@* %\n", "", ""},
    {"the same in a file:", "* 1\n", "",
	"sign:1: \"*\" has one domain sign for authors of every domain\n"},
    {"what never fits", "re\n.example.com 1\n", "",
	"sign:1: \".example.com\": this fits no address: say *@domain\n"},
    {"the same name twice", "example.com 1\nexample.com 2\n", "",
	"sign:2: never used: line 1 has the same name; a refile: table may "
	"have several\n"},
    {"twice in a refile: is well", "re\n*@example.com 1\n*@example.com 2\n",
	"", ""},
    {"an identity without @", "example.com 1:joe\n", "",
	"sign:1: the identity \"joe\" has no @: it is not written (i=)\n"},
};

static void
check_told(void **state)
{
	const struct told_row *r = *state;
	struct both b;

	both_open(&b, keys, r->table);
	assert_string_equal(buf_str(&b.faults), r->faults);
	assert_string_equal(buf_str(&b.remarks), r->remarks);
	both_close(&b);
}

static void
test_counts(void **state)
{
	struct both b;

	(void)state;
	both_open(&b, keys,
	    "re\n*@a.example 1\nb@a.example 1\n*.example 1\nb*@a.example 1\n"
	    "*@*b.example 1\n");
	assert_int_equal(signtable_entries(b.sign), 5);
	assert_int_equal(signtable_patterns(b.sign), 2);
	both_close(&b);
}

/* More lines fit than a message may have signatures. */
static void
test_too_many(void **state)
{
	struct domain d = domain_of("example.com");
	struct buf text = BUF_INIT(10000);
	struct sign_matches m;
	struct both b;

	(void)state;
	buf_addz(&text, "re\n");
	for (int i = 0; i < TABLE_HITS_MAX + 5; i++)
		buf_addz(&text, "*@example.com 1\n");
	both_open(&b, keys, buf_str(&text));
	assert_int_equal(signtable_find(b.sign, SLICE_LIT("a"), &d, true,
			     b.arena, &m, NULL),
	    0);
	assert_int_equal(m.n, TABLE_HITS_MAX);
	assert_int_equal(m.items[TABLE_HITS_MAX - 1].line, TABLE_HITS_MAX);
	both_close(&b);
	buf_free(&text);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TABLE(told_rows, check_told);
	UNIT_TEST(test_counts);
	UNIT_TEST(test_too_many);
	return unit_end();
}
