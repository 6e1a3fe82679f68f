/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key table, a signing table and an author, apart by NULs; the first octet
 * tells the kinds of the tables. What the signing table finds by its hashes is
 * what a walk down the file finds.
 */
#include "fuzz.h"
#include "mail/limits.h"
#include "tables/keytable.h"
#include "tables/pattern.h"
#include "tables/signtable.h"
#include "tables/whose.h"

struct author {
	struct slice local; /* in lower case */
	struct domain domain;
};

static struct slice
part(struct slice *rest)
{
	bool more;

	return slice_cut(rest, '\0', &more);
}

static bool
author_of(struct slice address, struct arena *a, struct author *out)
{
	size_t at = slice_rfind(address, '@');
	char *lower = arena_alloc(a, at + 1);

	if (!lower || at == address.len ||
	    !domain_parse(slice_from(address, at + 1), &out->domain))
		return false;
	for (size_t i = 0; i < at; i++)
		lower[i] = ascii_lower(address.ptr[i]);
	out->local = slice_of(lower, at);
	return true;
}

/* Does one line of a refile: table fit, by its pattern alone? */
static bool
fits(struct slice key, const struct author *who, struct arena *a)
{
	struct buf address = BUF_INIT(1 << 20);
	struct whose w;
	struct slice text;
	bool yes;

	assert(whose_read(key, TABLE_REFILE, a, &w) == 0);
	text = w.text;
	buf_add(&address, who->local);
	buf_addc(&address, '@');
	buf_add(&address, domain_slice(&who->domain));
	yes = pattern_fits(text, buf_slice(&address));
	buf_free(&address);
	return yes;
}

static void
check_refile(const struct table_source *source, const struct keytable *keys,
    const struct author *who, const struct sign_matches *found,
    struct arena *a)
{
	struct table_reader r = table_read(source);
	struct table_line line;
	size_t n = 0;

	while (n < TABLE_HITS_MAX && table_next(&r, &line)) {
		bool more;
		struct slice rest = line.value;
		struct slice key = slice_cut(&rest, ':', &more);

		if (!slice_eqz(key, "%") && !keytable_has(keys, key))
			continue;
		if (!fits(line.key, who, a))
			continue;
		assert(n < found->n);
		assert(found->items[n].line == line.number);
		n++;
	}
	assert(n == found->n);
}

/* One match is the first of all; every key but "%" can be had. */
static void
check_matches(const struct signtable *t, const struct keytable *keys,
    const struct author *who, const struct sign_matches *all, struct arena *a)
{
	struct sign_matches one;

	assert(signtable_find(
		   t, who->local, &who->domain, false, a, &one, NULL) == 0);
	assert(one.n == (all->n > 0));
	assert(one.n == 0 || one.items[0].line == all->items[0].line);
	for (size_t i = 0; i < all->n; i++) {
		struct slice key = all->items[i].key;
		struct key_spec spec;
		int got =
		    keytable_find(keys, key, &who->domain, a, &spec, NULL);

		assert(got == keytable_has(keys, key));
		if (!got)
			continue;
		assert(spec.path[0] == '/');
		assert(spec.domain.len > 0);
		assert(!strstr(spec.path, "%"));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data + (size > 0), size - (size > 0));
	unsigned kinds = size ? data[0] : 0;
	struct buf faults = BUF_INIT(LIMIT_TABLE_TOLD);
	struct buf remarks = BUF_INIT(LIMIT_TABLE_TOLD);
	struct table_source ks = {part(&rest), "k",
	    kinds & 1 ? TABLE_REFILE : TABLE_FILE, &faults, &remarks};
	struct table_source ss = {part(&rest), "s",
	    kinds & 2 ? TABLE_REFILE : TABLE_FILE, &faults, &remarks};
	struct arena *a = arena_new(LIMIT_TABLE_ARENA);
	struct keytable *keys;
	struct signtable *sign;
	struct sign_matches all;
	struct author who;

	if (!a)
		return 0;
	assert(keytable_parse(&ks, a, &keys, NULL) == 0);
	assert(signtable_parse(&ss, keys, a, &sign, NULL) == 0);
	assert(signtable_patterns(sign) <= signtable_entries(sign));
	assert(signtable_entries(sign) <= table_lines_most(&ss));
	if (author_of(part(&rest), a, &who)) {
		assert(signtable_find(sign, who.local, &who.domain, true, a,
			   &all, NULL) == 0);
		check_matches(sign, keys, &who, &all, a);
		if (ss.kind == TABLE_REFILE)
			check_refile(&ss, keys, &who, &all, a);
	}
	arena_free(a);
	buf_free(&faults);
	buf_free(&remarks);
	return 0;
}
