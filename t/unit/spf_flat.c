/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flattened record says the same as the original, at every edge of every
 * network of either: of rows, and of random trees (FLAT_TREES of them).
 */
#include "spf/flat.h"

#include "base/buf.h"
#include "spf/spans.h"
#include "spf_unit.h"

#define ROOT "d0.example"
#define ZONE_MAX 100000
#define NAMES 6

/* --- one zone, flattened ------------------------------------------------------------- */

struct flattened {
	struct resolver *zone;
	struct inquiry *inquiry;
	struct arena *arena;
	struct spf_tree tree;
	struct spf_flat flat;
};

static struct flattened
flatten(const char *zone)
{
	struct spf_flat_options o = {.prefix = "_spf"};
	struct err err = ERR_INIT;
	struct flattened f = {.zone = zone_new(slice_z(zone), &err)};

	assert_string_equal(err.text, "");
	f.inquiry = inquiry_new(f.zone, LIMIT_SPF_TREE_QUERIES);
	f.arena = arena_new(64u << 20);
	assert_int_equal(
	    spf_tree_read(slice_z(ROOT), NULL, f.inquiry, f.arena, &f.tree),
	    0);
	assert_int_equal(spf_flat_make(&f.tree, &o, f.arena, &f.flat), 0);
	return f;
}

static void
flattened_free(struct flattened *f)
{
	arena_free(f->arena);
	inquiry_free(f->inquiry);
	resolver_free(f->zone);
}

/* The zone with the new records in place of the domain's. */
static void
replaced(const char *zone, const struct spf_flat *flat, struct buf *out)
{
	struct slice rest = slice_z(zone);
	bool more = true;

	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);

		if (slice_starts(line, SLICE_LIT(ROOT " TXT")))
			continue;
		buf_add(out, line);
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < flat->n; i++)
		buf_addf(out, SLICE_FMT " TXT \"" SLICE_FMT "\"\n",
		    SLICE_ARG(flat->records[i].name),
		    SLICE_ARG(flat->records[i].text));
	assert_int_equal(buf_status(out), 0);
}

static enum ar_word
result_of(struct resolver *zone, const struct ip *ip)
{
	struct inquiry *q = inquiry_new(zone, LIMIT_SPF_QUERIES);
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct spf_request rq = {.ip = *ip,
	    .helo = SLICE_LIT("helo.example"),
	    .sender = SLICE_LIT("user@" ROOT),
	    .identity = SPF_MAILFROM};
	struct err err = ERR_INIT;
	struct spf_result r;

	assert_int_equal(spf_check(&rq, q, arena, &r, &err), 0);
	arena_free(arena);
	inquiry_free(q);
	return r.word;
}

struct pair {
	struct resolver *before, *after;
	size_t compared;
};

static void
compare(struct pair *p, const struct ip *ip)
{
	/* A client of a mapped address is an IPv4 client. */
	struct ip client = ip->family == IP_V6 ? ip_v6(ip->octets) : *ip;
	enum ar_word a = result_of(p->before, &client);
	enum ar_word b = result_of(p->after, &client);
	char text[IP_TEXT_MAX];

	p->compared++;
	if (a != b)
		fail_msg("%s: was %s, is %s", ip_format(ip, text), ar_word(a),
		    ar_word(b));
}

/* Its ends, and what stands next to them. */
static void
compare_edges(struct pair *p, const struct ip *net, unsigned bits)
{
	struct spf_span s = spf_span_of(net, bits);

	compare(p, &s.first);
	compare(p, &s.last);
	if (spf_ip_prev(&s.first))
		compare(p, &s.first);
	if (spf_ip_next(&s.last))
		compare(p, &s.last);
}

static void
compare_node(struct pair *p, const struct spf_node *node)
{
	for (size_t i = 0; i < node->n; i++) {
		const struct spf_branch *b = &node->branches[i];

		if (b->term->kind == SPF_IP4 || b->term->kind == SPF_IP6)
			compare_edges(p, &b->term->net.net, b->term->net.bits);
		for (size_t k = 0; k < b->nips; k++)
			compare_edges(p, &b->ips[k],
			    b->ips[k].family == IP_V4 ? b->term->bits4
						      : b->term->bits6);
		if (b->node)
			compare_node(p, b->node);
	}
}

static void
compare_records(struct pair *p, const struct spf_flat *flat)
{
	struct arena *arena = arena_new(1u << 20);

	for (size_t i = 0; i < flat->n; i++) {
		struct spf_record r;

		assert_int_equal(
		    spf_record_parse(flat->records[i].text, arena, &r), 0);
		assert_int_equal(r.fault, SPF_OK);
		for (size_t k = 0; k < r.n; k++)
			if (r.terms[k].kind == SPF_IP4 ||
			    r.terms[k].kind == SPF_IP6)
				compare_edges(p, &r.terms[k].net.net,
				    r.terms[k].net.bits);
	}
	arena_free(arena);
}

/* Returns how many addresses were compared. */
static size_t
must_be_equal(const char *zone, const struct flattened *f)
{
	static const uint8_t elsewhere[4] = {203, 0, 113, 9};
	struct ip ip = ip_v4(elsewhere);
	struct buf text = BUF_INIT(ZONE_MAX);
	struct err err = ERR_INIT;
	struct pair p = {.before = f->zone};

	replaced(zone, &f->flat, &text);
	p.after = zone_new(buf_slice(&text), &err);
	assert_string_equal(err.text, "");
	compare(&p, &ip);
	compare_node(&p, f->tree.root);
	compare_records(&p, &f->flat);
	resolver_free(p.after);
	buf_free(&text);
	return p.compared;
}

/* --- rows ----------------------------------------------------------------------------------- */

struct row {
	const char *name, *zone;
	enum spf_flat_fault fault;
	const char *want; /* the domain's new record */
	size_t nrecords;
};

#define A_ZONE \
	"h.example A 192.0.2.1\nh.example A 192.0.2.0\n" \
	"h.example AAAA 2001:db8::1\n"

static const struct row rows[] = {
    {"nothing to do", ROOT " TXT \"v=spf1 ip4:192.0.2.1 -all\"", SPF_FLAT_OK,
	"v=spf1 ip4:192.0.2.1 -all", 1},
    {"5.3 a", ROOT " TXT \"v=spf1 a:h.example -all\"\n" A_ZONE, SPF_FLAT_OK,
	"v=spf1 ip4:192.0.2.0/31 ip6:2001:db8::1 -all", 1},
    {"5.3 a with lengths",
	ROOT " TXT \"v=spf1 a:h.example/24//64 ~all\"\n" A_ZONE, SPF_FLAT_OK,
	"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/64 ~all", 1},
    {"5.2 what is no pass does not match",
	ROOT " TXT \"v=spf1 include:i.example ?all\"\n"
	     "i.example TXT \"v=spf1 -ip4:192.0.2.0/25 ip4:192.0.2.0/24 "
	     "~all\"",
	SPF_FLAT_OK, "v=spf1 ip4:192.0.2.128/25 ?all", 1},
    {"4.6.2 the first match counts",
	ROOT " TXT \"v=spf1 ~ip4:192.0.2.0/28 ip4:192.0.2.0/24 -all\"",
	SPF_FLAT_OK,
	"v=spf1 ~ip4:192.0.2.0/28 ip4:192.0.2.16/28 ip4:192.0.2.32/27 "
	"ip4:192.0.2.64/26 ip4:192.0.2.128/25 -all",
	1},
    {"6.1 redirect",
	ROOT " TXT \"v=spf1 redirect=r.example\"\n"
	     "r.example TXT \"v=spf1 a -all\"\n"
	     "r.example A 192.0.2.7",
	SPF_FLAT_OK, "v=spf1 ip4:192.0.2.7 -all", 1},
    {"what fails anyway is left out",
	ROOT " TXT \"v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/24 -all\"",
	SPF_FLAT_OK, "v=spf1 ip4:192.0.2.1 -all", 1},
    {"no all", ROOT " TXT \"v=spf1 ip4:192.0.2.1 -ip4:192.0.2.0/31\"",
	SPF_FLAT_OK, "v=spf1 -ip4:192.0.2.0 ip4:192.0.2.1", 1},
    {"exists stays in its place",
	ROOT " TXT \"v=spf1 a:h.example exists:%{i}.l.example "
	     "-a:h.example/24 -all\"\n" A_ZONE,
	SPF_FLAT_OK,
	"v=spf1 ip4:192.0.2.0/31 ip6:2001:db8::1 exists:%{i}.l.example -all",
	1},
    {"6.2 exp stays",
	ROOT " TXT \"v=spf1 a:h.example exp=x.example -all\"\n" A_ZONE,
	SPF_FLAT_OK,
	"v=spf1 ip4:192.0.2.0/31 ip6:2001:db8::1 -all exp=x.example", 1},
    {"macro of the domain alone",
	ROOT " TXT \"v=spf1 include:_i.%{d} -all\"\n"
	     "_i." ROOT " TXT \"v=spf1 ip4:192.0.2.1\"",
	SPF_FLAT_OK, "v=spf1 ip4:192.0.2.1 -all", 1},
    {"no record", ROOT " A 192.0.2.1", SPF_FLAT_NO_RECORD, NULL, 0},
    {"5.2 no record below", ROOT " TXT \"v=spf1 include:i.example -all\"",
	SPF_FLAT_BROKEN, NULL, 0},
    {"includes itself", ROOT " TXT \"v=spf1 include:" ROOT " -all\"",
	SPF_FLAT_BROKEN, NULL, 0},
    {"SERVFAIL", ROOT " TXT \"v=spf1 a:s.example -all\"\ns.example SERVFAIL",
	SPF_FLAT_BROKEN, NULL, 0},
    {"eleven kept lookups",
	ROOT
	" TXT \"v=spf1 exists:%{i}.a.example exists:%{i}.b.example "
	"exists:%{i}.c.example exists:%{i}.d.example exists:%{i}.e.example "
	"exists:%{i}.f.example exists:%{i}.g.example exists:%{i}.h.example "
	"exists:%{i}.i.example exists:%{i}.j.example exists:%{i}.k.example "
	"-all\"",
	SPF_FLAT_LOOKUPS, NULL, 0},
};

static void
check_row(void **state)
{
	const struct row *r = *state;
	struct flattened f = flatten(r->zone);

	assert_int_equal(f.flat.fault, r->fault);
	if (r->want) {
		assert_slice(f.flat.records[0].text, slice_z(r->want));
		assert_int_equal(f.flat.n, r->nrecords);
		(void)must_be_equal(r->zone, &f);
	}
	flattened_free(&f);
}

/* Many networks: records of at most 255 octets, included. */
static void
test_split(void **state)
{
	struct buf zone = BUF_INIT(ZONE_MAX);
	struct flattened f;

	(void)state;
	buf_addz(&zone, ROOT " TXT \"v=spf1 -ip4:10.0.0.0/28");
	for (int i = 0; i < 60; i++)
		buf_addf(&zone, " ip4:10.%d.0.0/28", i);
	buf_addz(&zone, " exists:%{i}.l.example -all\"\n");
	f = flatten(buf_str(&zone));
	assert_int_equal(f.flat.fault, SPF_FLAT_OK);
	assert_true(f.flat.n > 4 && f.flat.lookups == f.flat.n);
	for (size_t i = 0; i < f.flat.n; i++)
		assert_true(f.flat.records[i].text.len <= 255);
	assert_slice(f.flat.records[1].name, SLICE_LIT("_spf1." ROOT));
	(void)must_be_equal(buf_str(&zone), &f);
	flattened_free(&f);
	buf_free(&zone);
}

/* --- random trees ----------------------------------------------------------------------------- */

struct chance {
	uint64_t x;
};

static unsigned
below(struct chance *c, unsigned n)
{
	c->x ^= c->x << 13;
	c->x ^= c->x >> 7;
	c->x ^= c->x << 17;
	return (unsigned)((c->x >> 20) % n);
}

/* Few addresses, so that networks meet. */
static void
random_term(struct chance *c, unsigned name, struct buf *z)
{
	static const char *const q[] = {"", "", "", "-", "~", "?"};
	const char *w = q[below(c, ARRAY_LEN(q))];
	unsigned to = name + 1 + below(c, NAMES), kind = below(c, 12);

	if (kind < 3)
		buf_addf(z, " %sip4:192.0.2.%u/%u", w, below(c, 256),
		    24 + below(c, 9));
	else if (kind < 4)
		buf_addf(z, " %sip6:2001:db8::%x/%u", w, below(c, 64),
		    120 + below(c, 9));
	else if (kind < 6)
		buf_addf(z, " %sa:h%u.example/%u//%u", w, below(c, 5),
		    26 + below(c, 7), 122 + below(c, 7));
	else if (kind < 7)
		buf_addf(z, " %smx:m%u.example", w, below(c, 2));
	else if (kind < 8)
		buf_addf(z, " %sexists:%%{i}.l.example", w);
	else if (kind < 11 && to < NAMES)
		buf_addf(z, " %sinclude:d%u.example", w, to);
	else
		buf_addf(z, " %sip4:192.0.2.%u", w, below(c, 256));
}

static void
random_record(struct chance *c, unsigned name, struct buf *z)
{
	static const char *const ends[] = {
	    "", " -all", " ~all", " ?all", " all", " -all"};
	unsigned n = below(c, 5);

	buf_addf(z, "d%u.example TXT \"v=spf1", name);
	for (unsigned i = 0; i < n; i++)
		random_term(c, name, z);
	if (name + 1 < NAMES && below(c, 4) == 0)
		buf_addf(z, " redirect=d%u.example\"\n",
		    name + 1 + below(c, NAMES - name - 1));
	else
		buf_addf(z, "%s\"\n", ends[below(c, ARRAY_LEN(ends))]);
}

static void
random_zone(struct chance *c, struct buf *z)
{
	for (unsigned i = 0; i < NAMES; i++)
		random_record(c, i, z);
	for (unsigned i = 0; i < 5; i++) {
		buf_addf(z, "h%u.example A 192.0.2.%u\n", i, below(c, 256));
		buf_addf(z, "h%u.example A 192.0.2.%u\n", i, below(c, 256));
		buf_addf(
		    z, "h%u.example AAAA 2001:db8::%x\n", i, below(c, 64));
	}
	buf_addz(z,
	    "m0.example MX 1 h0.example\nm0.example MX 2 h3.example\n"
	    "m1.example MX 1 h4.example\n");
	for (unsigned i = 0; i < 20; i++)
		buf_addf(
		    z, "192.0.2.%u.l.example A 127.0.0.2\n", below(c, 256));
}

static unsigned
wanted_trees(void)
{
	const char *text = getenv("FLAT_TREES");
	uint64_t n;

	return text && slice_u64(slice_z(text), 100000, &n) == 0 ? (unsigned)n
								 : 3;
}

static void
test_random(void **state)
{
	unsigned want = wanted_trees(), done = 0, tried = 0;
	size_t compared = 0;

	(void)state;
	while (done < want) {
		struct chance c = {0x9e3779b97f4a7c15u + 7919u * ++tried};
		struct buf zone = BUF_INIT(ZONE_MAX);
		struct flattened f;

		(void)below(&c, 2);
		random_zone(&c, &zone);
		f = flatten(buf_str(&zone));
		assert_true(tried < 100 * want + 100);
		/* Past the limits the original is an error. */
		if (f.flat.fault == SPF_FLAT_OK &&
		    f.tree.root->lookups <= LIMIT_SPF_TERMS &&
		    f.tree.root->voids + f.flat.nkept <= LIMIT_SPF_VOIDS) {
			compared += must_be_equal(buf_str(&zone), &f);
			done++;
		}
		flattened_free(&f);
		buf_free(&zone);
	}
	print_message(
	    "# %u trees of %u, %zu addresses\n", done, tried, compared);
	assert_true(compared > 20 * want);
}

/* --- networks out of ranges ---------------------------------------------------------------------- */

static void
test_whole_space(void **state)
{
	struct spf_spans set = {.family = IP_V4};
	const struct ip any = {.family = IP_V4};
	struct spf_span s = spf_span_of(&any, 0);
	struct cidr net;
	struct ip from;

	(void)state;
	s.word = AR_PASS;
	assert_int_equal(spf_spans_add(&set, &s), 0);
	assert_int_equal(spf_spans_add(&set, &s), 0);
	assert_int_equal(set.n, 1);
	from = set.items[0].first;
	assert_false(spf_span_next(&from, &set.items[0].last, &net));
	assert_int_equal(net.bits, 0);
	spf_spans_free(&set);
}

int
main(void)
{
	spf_init();
	UNIT_TABLE(rows, check_row);
	UNIT_TEST(test_split);
	UNIT_TEST(test_random);
	UNIT_TEST(test_whole_space);
	return unit_end();
}
