/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * T8: what libspf2 gets to see of any record: [a-z0-9.:/=~?-] and blanks, few and
 * short terms, tokens that are read back. The first line is the client.
 */
#include "fuzz.h"

#include "spf/canon.h"

/* Octets a term takes when libspf2 compiles it, of 511 it has for all. */
#define COMPILED_MAX 240
#define TERM_OVERHEAD 12

static void
check_text(struct slice s, unsigned first, size_t n)
{
	size_t compiled = 0, terms = 0;
	struct spf_token_name name;
	bool more = true;

	assert(slice_starts(s, SLICE_LIT("v=spf1")));
	for (size_t i = 0; i < s.len; i++)
		assert(s.ptr[i] &&
		    strchr("abcdefghijklmnopqrstuvwxyz"
			   "0123456789.:/=~?- ",
			s.ptr[i]));
	(void)slice_cut(&s, ' ', &more);
	while (more) {
		struct slice t = slice_cut(&s, ' ', &more);
		size_t colon = slice_find(t, ':');

		if (colon == t.len)
			colon = slice_find(t, '=');
		assert(colon < t.len);
		t = slice_from(t, colon + 1);
		t = slice_upto(t, slice_find(t, '/'));
		assert(spf_token_parse(t, &name));
		assert(name.token == first + terms && !name.is_host);
		compiled += TERM_OVERHEAD + t.len;
		terms++;
	}
	assert(terms == n && compiled <= COMPILED_MAX);
}

static void
check_plan(const struct spf_plan *p, const struct spf_record *r,
    const struct ip *client)
{
	const struct spf_term *last = NULL;

	assert(p->n <= SPF_STEPS_MAX);
	for (size_t i = 0; i < p->n; i++) {
		const struct spf_term *t = p->steps[i].term;

		assert(t >= r->terms && t < r->terms + r->n);
		assert(t == r->redirect || !last || last < t);
		assert(t != r->redirect || (i + 1 == p->n && !r->all));
		assert(!p->steps[i].always || i + 1 == p->n);
		assert(p->steps[i].always != spf_term_is_lookup(t));
		if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
			assert(cidr_has(&t->net, client));
		last = t;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size), address;
	struct arena *arena = arena_new(8u << 20);
	struct buf b = BUF_INIT(SPF_CANON_MAX);
	struct spf_token_name name;
	struct spf_record r;
	struct spf_plan plan;
	unsigned first;
	struct ip ip;
	bool more;
	int rc;

	if (!arena)
		abort();
	if (spf_token_parse(text, &name))
		assert(size < SPF_TOKEN_TEXT);
	address = slice_cut(&text, '\n', &more);
	if (ip_parse(address, &ip))
		ip = (struct ip){.family = size % 2 ? IP_V4 : IP_V6};
	rc = spf_record_parse(text, arena, &r);
	assert(rc == 0);
	if (r.fault == SPF_OK) {
		plan = spf_plan_make(&r, &ip);
		check_plan(&plan, &r, &ip);
		first = (unsigned)(size % (SPF_TOKENS_MAX - plan.n));
		spf_canon_write(plan.steps, plan.n, first, &b);
		assert(buf_status(&b) == 0);
		check_text(buf_slice(&b), first, plan.n);
	}
	buf_free(&b);
	arena_free(arena);
	return 0;
}
