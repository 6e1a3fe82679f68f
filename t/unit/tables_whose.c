/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/whose.h"

#include "unit.h"

struct row {
	const char *name; /* the text */
	enum table_kind kind;
	const char *want;
	bool pattern, anybody;
	const char *remark; /* its beginning, or NULL */
};

#define U \
	"b\xc3\xbc" \
	"cher.example"
#define A "xn--bcher-kva.example"

static const struct row rows[] = {
    {"Joe@Example.COM", TABLE_FILE, "joe@example.com", 0, 0, NULL},
    {"Example.COM", TABLE_FILE, "example.com", 0, 0, NULL},
    {".Example.COM", TABLE_FILE, ".example.com", 0, 0, NULL},
    {"joe@.Example.COM", TABLE_FILE, "joe@.example.com", 0, 0, NULL},
    {U, TABLE_FILE, A, 0, 0, NULL},
    {"." U, TABLE_FILE, "." A, 0, 0, NULL},
    {"J\xc3\xb6@" U, TABLE_FILE, "j\xc3\xb6@" A, 0, 0, NULL},
    {"\"a@b\"@example.com", TABLE_FILE, "\"a@b\"@example.com", 0, 0, NULL},
    {"joe@*", TABLE_FILE, "joe@*", 0, 1, NULL},
    {"*", TABLE_FILE, "*", 0, 1, NULL},
    {"*@*", TABLE_FILE, "*@*", 0, 1, "this fits no address: * is no"},
    {"*@example.com", TABLE_FILE, "*@example.com", 0, 0,
	"this fits no address: * is no"},
    {"*.example.com", TABLE_FILE, "*.example.com", 0, 0,
	"this fits no address: * is no"},
    {"joe@exa mple", TABLE_FILE, "joe@exa mple", 0, 0, "this fits no address"},
    {"joe@[192.0.2.1]", TABLE_FILE, "joe@[192.0.2.1]", 0, 0,
	"this fits no address"},

    {"Joe@Example.COM", TABLE_REFILE, "joe@example.com", 0, 0, NULL},
    {"*@Example.COM", TABLE_REFILE, "*@example.com", 0, 0, NULL},
    {"*@" U, TABLE_REFILE, "*@" A, 0, 0, NULL},
    {"*@*.Example.COM", TABLE_REFILE, "*.example.com", 0, 0, NULL},
    {"*.Example.COM", TABLE_REFILE, "*.example.com", 0, 0, NULL},
    {"*." U, TABLE_REFILE, "*." A, 0, 0, NULL},
    {"Joe*@" U, TABLE_REFILE, "joe*@" A, 1, 0, NULL},
    {"*Example.COM", TABLE_REFILE, "*example.com", 1, 0, NULL},
    {"*@*Example.COM", TABLE_REFILE, "*@*example.com", 1, 0, NULL},
    {"joe@*", TABLE_REFILE, "joe@*", 1, 1, NULL},
    {"*", TABLE_REFILE, "*", 1, 1, NULL},
    {"*@*", TABLE_REFILE, "*@*", 1, 1, NULL},
    {"*@*.*", TABLE_REFILE, "*@*.*", 1, 1, NULL},
    {"example.com", TABLE_REFILE, "example.com", 0, 0,
	"this fits no address: say *@domain"},
    {"@example.com", TABLE_REFILE, "@example.com", 0, 0,
	"this fits no address: say *@domain"},
    {".example.com", TABLE_REFILE, ".example.com", 0, 0,
	"this fits no address: say *@domain"},
    {"*@.example.com", TABLE_REFILE, "*@.example.com", 1, 0,
	"this fits no address: for all below"},
    {"[a-z]*@example.com", TABLE_REFILE, "[a-z]*@example.com", 1, 0,
	"only * is special"},
    {"*@*b\xc3\xbc"
     "cher.example",
	TABLE_REFILE,
	"*@*b\xc3\xbc"
	"cher.example",
	1, 0, "beside a * domains must"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct arena *arena = arena_new(1 << 16);
	struct whose w;

	assert_int_equal(whose_read(slice_z(r->name), r->kind, arena, &w), 0);
	assert_slice(w.text, slice_z(r->want));
	assert_int_equal(w.pattern, r->pattern);
	assert_int_equal(w.anybody, r->anybody);
	if (!r->remark)
		assert_null(w.remark);
	else if (!w.remark ||
	    !slice_starts(slice_z(w.remark), slice_z(r->remark)))
		assert_string_equal(w.remark ? w.remark : "", r->remark);
	arena_free(arena);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
