/* SPDX-License-Identifier: BSD-2-Clause */
/* When a resolver is made anew. */
#include "dns/renew.h"

#include "unit.h"

static int64_t wall_s, mono_ms;

static int64_t
wall(const struct clock *c)
{
	(void)c;
	return wall_s;
}

static int64_t
mono(const struct clock *c)
{
	(void)c;
	return mono_ms;
}

static const struct clock clock_here = {wall, mono};

struct factory {
	size_t made, freed, last; /* last: which was asked */
	bool fails;
};

struct numbered {
	struct resolver base;
	struct factory *factory;
	size_t number;
};

static struct lookup *
numbered_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct numbered *n = (struct numbered *)r;

	(void)name;
	(void)type;
	n->factory->last = n->number;
	return NULL;
}

static void
numbered_free(struct resolver *r)
{
	((struct numbered *)r)->factory->freed++;
	free(r);
}

static const struct resolver_ops numbered_ops = {
    .start = numbered_start, .free = numbered_free};

static struct resolver *
make(void *arg, struct err *err)
{
	struct factory *f = arg;
	struct numbered *n = f->fails ? NULL : calloc(1, sizeof(*n));

	if (!n) {
		(void)err_set(err, "none is made");
		return NULL;
	}
	*n = (struct numbered){{&numbered_ops}, f, ++f->made};
	return &n->base;
}

struct row {
	const char *name;
	int64_t steps_s[4]; /* of the wall clock, while a minute passes */
	bool fails;
	size_t want; /* which resolver is asked then */
};

static const struct row rows[] = {
    {"time goes on", {60, 60, 60, 60}, false, 1},
    {"turned slowly", {59, 61, 59, 59}, false, 1},
    {"slowly, but for long", {59, 59, 59, 59}, false, 2},
    {"ahead", {86400, 60, 60, 60}, false, 1},
    {"back", {60, -86400, 60, 60}, false, 2},
    {"ahead and back", {86400, -86000, 60, 60}, false, 2},
    {"back twice", {-100, 60, -100, 60}, false, 3},
    {"back, and none can be made", {60, -86400, 60, 60}, true, 1},
};

static void
check(void **state)
{
	const struct row *row = *state;
	struct factory f = {.made = 0};
	struct err err = ERR_INIT;
	struct resolver *r;

	wall_s = 1000000;
	mono_ms = 5000;
	r = dns_renew_new(make, &f, &clock_here, &err);
	assert_non_null(r);
	f.fails = row->fails;
	for (size_t i = 0; i < 4; i++) {
		wall_s += row->steps_s[i];
		mono_ms += 60000;
		assert_null(r->ops->start(r, SLICE_LIT("a"), DNS_A));
	}
	assert_int_equal(f.last, row->want);
	/* Lookups may belong to any of them. */
	assert_int_equal(f.freed, 0);
	/* What failed is tried again. */
	f.fails = false;
	mono_ms += 60000;
	wall_s += 60;
	(void)r->ops->start(r, SLICE_LIT("a"), DNS_A);
	assert_int_equal(f.last, row->want + row->fails);
	resolver_free(r);
	assert_int_equal(f.freed, f.made);
}

static void
test_bounded(void **state)
{
	struct factory f = {.made = 0};
	struct err err = ERR_INIT;
	struct resolver *r;

	(void)state;
	r = dns_renew_new(make, &f, &clock_here, &err);
	assert_non_null(r);
	for (size_t i = 0; i < 2 * DNS_RENEW_MAX; i++) {
		wall_s -= 3600;
		mono_ms += 60000;
		(void)r->ops->start(r, SLICE_LIT("a"), DNS_A);
	}
	assert_int_equal(f.made, DNS_RENEW_MAX);
	assert_int_equal(f.last, DNS_RENEW_MAX);
	resolver_free(r);
	f.fails = true;
	assert_null(dns_renew_new(make, &f, &clock_here, &err));
	assert_string_equal(err.text, "none is made");
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	UNIT_TEST(test_bounded);
	return unit_end();
}
