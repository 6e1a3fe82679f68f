/* SPDX-License-Identifier: BSD-2-Clause */
#include "dmarc/discover.h"

#include "dns/zone.h"
#include "unit.h"

#define REC(domain, text) "_dmarc." domain " TXT \"" text "\"\n"
#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

struct next_row {
	const char *name, *in, *want; /* want NULL: no further name */
};

static const struct next_row next_rows[] = {
    {"4.10 step 4: x = 1", "com", NULL},
    {"x = 2", "example.com", "com"},
    {"x = 7", "a.b.c.d.e.example.com", "b.c.d.e.example.com"},
    {"x = 8", "a.b.c.d.e.f.example.com", "b.c.d.e.f.example.com"},
    {"x = 9", "a.b.c.d.e.f.g.example.com", "c.d.e.f.g.example.com"},
    {"x = 20", "1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.g.h.i.example.com",
	"e.f.g.h.i.example.com"},
};

static void
check_next(void **state)
{
	const struct next_row *r = *state;
	struct domain d, next;

	assert_true(domain_parse(slice_z(r->in), &d));
	assert_int_equal(dmarc_walk_next(&d, &next), r->want != NULL);
	if (r->want)
		assert_string_equal(next.text, r->want);
}

/* One walk over a table. */
struct fixture {
	struct arena *arena;
	struct resolver *zone;
	struct inquiry *inquiry;
	struct dmarc_tree tree;
};

static void
open_zone(struct fixture *f, const char *text)
{
	f->arena = arena_new(LIMIT_MESSAGE_ARENA);
	f->zone = zone_new(slice_z(text), NULL);
	assert_non_null(f->zone);
	f->inquiry = inquiry_new(f->zone, LIMIT_MESSAGE_QUERIES);
	f->tree = DMARC_TREE(f->inquiry, f->arena);
}

static void
close_zone(struct fixture *f)
{
	inquiry_free(f->inquiry);
	resolver_free(f->zone);
	arena_free(f->arena);
}

struct walk_row {
	const char *name, *zone, *start;
	size_t n;        /* names asked */
	const char *org; /* NULL: the walk is broken */
};

static const struct walk_row walk_rows[] = {
    {"no record: the start", "", "a.example.com", 3, "a.example.com"},
    {"fewest labels",
	REC("a.example.com", "v=DMARC1; p=none")
	    REC("example.com", "v=DMARC1; p=none"),
	"a.example.com", 3, "example.com"},
    {"psd=n stops", REC("example.com", "v=DMARC1; psd=n"), "a.example.com", 2,
	"example.com"},
    {"psd=n at the start stops",
	REC("a.example.com", "v=DMARC1; psd=n")
	    REC("example.com", "v=DMARC1; p=none"),
	"a.example.com", 1, "a.example.com"},
    {"psd=y stops, one label below", REC("example.com", "v=DMARC1; psd=y"),
	"b.a.example.com", 3, "a.example.com"},
    {"psd=y at the start is no organization's border",
	REC("a.example.com", "v=DMARC1; psd=y")
	    REC("example.com", "v=DMARC1; p=none"),
	"a.example.com", 1, "a.example.com"},
    {"psd=y after the jump: one label of the start's",
	REC("c.d.e.f.g.example.com", "v=DMARC1; psd=y"),
	"z.a.b.c.d.e.f.g.example.com", 2, "b.c.d.e.f.g.example.com"},
    {"psd=Y in upper case", REC("com", "v=DMARC1; PSD=Y"), "a.example.com", 3,
	"example.com"},
    {"psd=u goes on",
	REC("example.com", "v=DMARC1; psd=u") REC("com", "v=DMARC1; p=none"),
	"example.com", 2, "com"},
    {"choice 17: an unusable record counts",
	REC("example.com", "v=DMARC1; p=bogus"), "a.example.com", 3,
	"example.com"},
    {"a duplicate tag does not", REC("example.com", "v=DMARC1; psd=n; psd=n"),
	"a.example.com", 3, "a.example.com"},
    {"several do not",
	REC("example.com", "v=DMARC1; psd=n")
	    REC("example.com", "v=DMARC1; psd=n"),
	"a.example.com", 3, "a.example.com"},
    {"one of them invalid: the other does",
	REC("example.com", "v=DMARC1; psd=n")
	    REC("example.com", "v=DMARC1; psd=n; psd=n"),
	"a.example.com", 2, "example.com"},
    {"broken at the start", "_dmarc.a.example.com SERVFAIL", "a.example.com",
	1, NULL},
    {"broken in the middle",
	REC("a.example.com", "v=DMARC1; p=none") "_dmarc.example.com TIMEOUT",
	"a.example.com", 2, NULL},
    {"broken at the top",
	REC("example.com", "v=DMARC1; p=none") "_dmarc.com SERVFAIL",
	"a.example.com", 3, NULL},
    {"broken beyond psd=n",
	REC("example.com", "v=DMARC1; psd=n") "_dmarc.com SERVFAIL",
	"a.example.com", 2, "example.com"},
    {"CNAME",
	"_dmarc.example.com CNAME d.example.net\n"
	"d.example.net TXT \"v=DMARC1; psd=n\"",
	"a.example.com", 2, "example.com"},
};

static void
check_walk(void **state)
{
	const struct walk_row *r = *state;
	struct dmarc_walk walk;
	struct domain d, org;
	struct fixture f;

	open_zone(&f, r->zone);
	assert_true(domain_parse(slice_z(r->start), &d));
	assert_int_equal(dmarc_tree_walk(&f.tree, &d, &walk), 0);
	assert_int_equal(walk.n, r->n);
	assert_int_equal(dmarc_walk_org(&walk, &org), r->org != NULL);
	if (r->org)
		assert_string_equal(org.text, r->org);
	assert_non_null(dmarc_walk_node(&walk, &d));
	close_zone(&f);
}

static void
test_walks_share_names(void **state)
{
	struct dmarc_walk one, other;
	struct domain a, b;
	struct fixture f;

	(void)state;
	open_zone(&f, REC("example.com", "v=DMARC1; p=none"));
	assert_true(domain_parse(SLICE_LIT("a.example.com"), &a));
	assert_true(domain_parse(SLICE_LIT("b.example.com"), &b));
	assert_int_equal(dmarc_tree_walk(&f.tree, &a, &one), 0);
	assert_int_equal(dmarc_tree_walk(&f.tree, &b, &other), 0);
	assert_int_equal(inquiry_count(f.inquiry), 4);
	assert_ptr_equal(one.nodes[1], other.nodes[1]);
	assert_ptr_equal(one.nodes[2], other.nodes[2]);
	close_zone(&f);
}

/* "_dmarc." makes it too long for the DNS: no record, and no query. */
static void
test_name_too_long_to_ask(void **state)
{
	const char *const name = L63 "." L63 "." L63 "." L63;
	struct dmarc_walk walk;
	struct domain d, org;
	struct fixture f;

	(void)state;
	open_zone(&f, "");
	assert_true(domain_parse(
	    slice_of(name, LIMIT_DOMAIN), &d)); /* its last label cut */
	assert_int_equal(dmarc_tree_walk(&f.tree, &d, &walk), 0);
	assert_int_equal(walk.n, 4);
	assert_int_equal(walk.nodes[0]->dns, DNS_NXDOMAIN);
	assert_int_equal(inquiry_count(f.inquiry), 3);
	assert_true(dmarc_walk_org(&walk, &org));
	assert_true(domain_eq(&org, &d));
	close_zone(&f);
}

struct node_row {
	const char *name, *zone;
	bool found;
	enum dmarc_reason reason;
	const char *detail;
};

static const struct node_row node_rows[] = {
    {"nothing", "", false, DMARC_REASON_NONE, ""},
    {"other text", REC("x.example", "hello"), false, DMARC_REASON_NONE, ""},
    {"one", REC("x.example", "v=DMARC1; p=none"), true, DMARC_REASON_NONE, ""},
    {"one with a slip", REC("x.example", "v=DMARC1; p=none; zz=1"), true,
	DMARC_REASON_UNKNOWN_TAG, "zz"},
    {"several",
	REC("x.example", "v=DMARC1; p=none")
	    REC("x.example", "v=DMARC1; p=none"),
	false, DMARC_REASON_SEVERAL_RECORDS, "x.example"},
    {"not quite a record", REC("x.example", "v=DMARC2; p=none"), false,
	DMARC_REASON_VERSION, "v=DMARC2; p=none"},
    {"the graver of two",
	REC("x.example", "v=DMARC1; p=none; p=none")
	    REC("x.example", "v=DMARC2; p=none"),
	false, DMARC_REASON_DUPLICATE_TAG, "p"},
};

static void
check_node(void **state)
{
	const struct node_row *r = *state;
	const struct dmarc_node *node, *again;
	struct domain d;
	struct fixture f;

	open_zone(&f, r->zone);
	assert_true(domain_parse(SLICE_LIT("x.example"), &d));
	assert_int_equal(dmarc_tree_get(&f.tree, &d, &node), 0);
	assert_int_equal(node->found, r->found);
	assert_int_equal(node->record.reason, r->reason);
	assert_slice(node->record.detail, slice_z(r->detail));
	assert_int_equal(dmarc_tree_get(&f.tree, &d, &again), 0);
	assert_ptr_equal(node, again);
	close_zone(&f);
}

/* Beyond the records looked at may stand a second one. */
static void
test_too_many_records(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	const struct dmarc_node *node;
	struct domain d;
	struct fixture f;

	(void)state;
	assert_true(domain_parse(SLICE_LIT("x.example"), &d));
	buf_addz(&text, REC("x.example", "v=DMARC1; p=none"));
	for (int i = 1; i < LIMIT_ANSWER_RECORDS; i++)
		buf_addz(&text, "_dmarc.x.example TXT \"x\"\n");
	open_zone(&f, buf_str(&text));
	assert_int_equal(dmarc_tree_get(&f.tree, &d, &node), 0);
	assert_true(node->found);
	close_zone(&f);
	buf_addz(&text, "_dmarc.x.example TXT \"x\"\n");
	open_zone(&f, buf_str(&text));
	assert_int_equal(dmarc_tree_get(&f.tree, &d, &node), 0);
	assert_false(node->found);
	assert_int_equal(node->record.reason, DMARC_REASON_RECORD_LIMIT);
	close_zone(&f);
	buf_free(&text);
}

static void
test_no_memory(void **state)
{
	struct dmarc_walk walk;
	struct domain d;
	struct fixture f;

	(void)state;
	open_zone(&f, REC("x.example", "v=DMARC1; p=none"));
	arena_free(f.arena);
	f.arena = f.tree.arena = arena_new(700);
	assert_true(domain_parse(SLICE_LIT("a.x.example"), &d));
	assert_int_equal(dmarc_tree_walk(&f.tree, &d, &walk), -1);
	close_zone(&f);
}

int
main(void)
{
	UNIT_TABLE(next_rows, check_next);
	UNIT_TABLE(walk_rows, check_walk);
	UNIT_TEST(test_walks_share_names);
	UNIT_TEST(test_name_too_long_to_ask);
	UNIT_TABLE(node_rows, check_node);
	UNIT_TEST(test_too_many_records);
	UNIT_TEST(test_no_memory);
	return unit_end();
}
