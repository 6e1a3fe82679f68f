/* SPDX-License-Identifier: BSD-2-Clause */
/* See tally.h. */
#include "tools/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "authres/words.h"
#include "base/buf.h"
#include "mail/domain.h"
#include "policy/words.h"

#define TEXT_OCTETS ((size_t)64 << 20)
#define KEY_MAX 400
#define NOTE_MAX 120
#define HOUR_S 3600

/* --- tables ----------------------------------------------------------------------------- */

static int
table_init(struct tally_table *t, struct err *err)
{
	t->text = arena_new(TEXT_OCTETS);
	if (!t->text)
		return err_no_mem(err);
	if (RAND_bytes(
		(unsigned char *)t->map.hash.k, sizeof(t->map.hash.k)) != 1)
		return err_set(err, "no random numbers");
	return 0;
}

static int
grow(struct tally_table *t)
{
	size_t cap = t->cap ? 2 * t->cap : 64;
	struct tally_row *rows;

	if (t->n < t->cap)
		return 0;
	rows = realloc(t->rows, cap * sizeof(*rows));
	if (!rows)
		return -1;
	t->rows = rows;
	t->cap = cap;
	return 0;
}

/* The row of a key, made when it is new. NULL: no memory. */
static struct tally_row *
row_of(struct tally_table *t, struct slice key, struct slice note)
{
	struct tally_row row = {.key = slice_upto(key, KEY_MAX)};
	uint32_t at = map_get(&t->map, row.key), *place;

	if (at != MAP_NONE)
		return &t->rows[at];
	if (t->n == LIMIT_TALLY_ROWS)
		return &t->others;
	if (grow(t) || arena_copy(t->text, row.key, &row.key) ||
	    arena_copy(t->text, slice_upto(note, NOTE_MAX), &row.note))
		return NULL;
	place = map_at(&t->map, row.key);
	if (!place)
		return NULL;
	*place = (uint32_t)t->n;
	t->rows[t->n] = row;
	return &t->rows[t->n++];
}

static int
by_rank(const void *a, const void *b)
{
	const struct tally_row *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return slice_cmp(x->key, y->key);
}

void
tally_sort(struct tally_table *t, enum tally_count by)
{
	for (size_t i = 0; i < t->n; i++)
		t->rows[i].rank = t->rows[i].n[by];
	if (t->n)
		qsort(t->rows, t->n, sizeof(*t->rows), by_rank);
}

void
tally_sort_keys(struct tally_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->rows[i].rank = 0;
	if (t->n)
		qsort(t->rows, t->n, sizeof(*t->rows), by_rank);
}

/* --- the whole ------------------------------------------------------------------------------ */

struct tally *
tally_new(const struct arg_list *own, struct err *err)
{
	struct tally *t = calloc(1, sizeof(*t));

	if (!t) {
		(void)err_no_mem(err);
		return NULL;
	}
	for (size_t i = 0; i < TALLY_KINDS; i++)
		if (table_init(&t->tables[i], err)) {
			tally_free(t);
			return NULL;
		}
	for (size_t i = 0; i < own->n; i++) {
		struct domain d;

		/* As the log writes it: lower case, A-labels. */
		if (domain_parse(slice_z(own->items[i]), &d) &&
		    !row_of(&t->tables[TALLY_OWN], domain_slice(&d),
			SLICE_EMPTY)) {
			(void)err_no_mem(err);
			tally_free(t);
			return NULL;
		}
	}
	return t;
}

void
tally_free(struct tally *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < TALLY_KINDS; i++) {
		map_free(&t->tables[i].map);
		arena_free(t->tables[i].text);
		free(t->tables[i].rows);
	}
	free(t);
}

/* --- adding ------------------------------------------------------------------------------------ */

/* What one verdict adds to a row, a bit each. */
static unsigned
counts_of(const struct entry *e, bool outbound)
{
	unsigned bits = 1u << TALLY_ALL;
	int action = ACTION_ACCEPT, would = ACTION_ACCEPT;

	(void)!names_value(action_words, e->value[ENTRY_ACTION], &action);
	(void)!names_value(action_words, e->value[ENTRY_WOULD], &would);
	if (action != ACTION_ACCEPT)
		bits |= 1u << (TALLY_QUARANTINE + action - ACTION_QUARANTINE);
	if (would != ACTION_ACCEPT)
		bits |=
		    1u << (TALLY_WOULD_QUARANTINE + would - ACTION_QUARANTINE);
	if (outbound) {
		bool no = !e->value[ENTRY_WOULD_SIGN].len &&
		    slice_eqz(e->value[ENTRY_SIGNED], "no");

		return bits | 1u << (no ? TALLY_FAIL : TALLY_PASS);
	}
	if (slice_eqz(e->value[ENTRY_DMARC], "pass"))
		bits |= 1u << TALLY_PASS;
	if (slice_eqz(e->value[ENTRY_DMARC], "fail"))
		bits |= 1u << TALLY_FAIL;
	return bits;
}

static void
count(struct tally_row *r, unsigned bits)
{
	for (unsigned i = 0; i < TALLY_COUNTS; i++)
		r->n[i] += bits >> i & 1;
}

static int
add(struct tally *t, enum tally_kind kind, struct slice key, struct slice note,
    unsigned bits)
{
	struct tally_row *r = row_of(&t->tables[kind], key, note);

	if (!r)
		return -1;
	count(r, bits);
	return 0;
}

/* "spf=pass" and its like, of what was evaluated. */
static int
add_methods(struct tally *t, const struct entry *e, unsigned bits)
{
	static const enum entry_key methods[] = {
	    ENTRY_IPREV, ENTRY_SPF, ENTRY_DKIM, ENTRY_DMARC};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(methods) && rc == 0; i++) {
		struct buf b = BUF_INIT(KEY_MAX);

		buf_addf(&b, "%s=", entry_key_words[methods[i]].word);
		buf_add(&b, slice_upto(e->value[methods[i]], KEY_MAX / 2));
		if (e->has[methods[i]])
			rc = add(t, TALLY_METHODS, buf_slice(&b), SLICE_EMPTY,
			    bits);
		buf_free(&b);
	}
	return rc;
}

static int
add_failing(struct tally *t, const struct entry *e, unsigned bits)
{
	struct buf b = BUF_INIT(KEY_MAX);
	int rc;

	if (!(bits & 1u << TALLY_FAIL) || !e->has[ENTRY_FROM])
		return 0;
	buf_add(&b, slice_upto(e->value[ENTRY_FROM], KEY_MAX / 2));
	buf_addc(&b, ' ');
	buf_add(&b, slice_upto(e->value[ENTRY_CLIENT], KEY_MAX / 2));
	rc = buf_status(&b)
	    ? -1
	    : add(t, TALLY_FAILING, buf_slice(&b), e->value[ENTRY_NAME], bits);
	buf_free(&b);
	return rc;
}

static int
add_hour(struct tally *t, const struct entry *e, unsigned bits)
{
	char hour[24];

	if (e->time_s <= 0)
		return 0;
	/* As many digits each, so that they sort by time. */
	(void)snprintf(hour, sizeof(hour), "%010" PRId64, e->time_s / HOUR_S);
	return add(t, TALLY_HOURS, slice_z(hour), SLICE_EMPTY, bits);
}

static int
add_inbound(struct tally *t, const struct entry *e, unsigned bits)
{
	struct slice from = e->has[ENTRY_FROM] ? e->value[ENTRY_FROM]
					       : SLICE_LIT("(no author)");

	t->inbound++;
	count(&t->total, bits);
	if (add_methods(t, e, bits) ||
	    add(t, TALLY_RULES, e->value[ENTRY_RULE], SLICE_EMPTY, bits) ||
	    add(t, TALLY_DOMAINS, from, SLICE_EMPTY, bits) ||
	    add(t, TALLY_SOURCES, e->value[ENTRY_CLIENT], e->value[ENTRY_NAME],
		bits) ||
	    add_failing(t, e, bits) || add_hour(t, e, bits))
		return -1;
	if (e->value[ENTRY_WOULD].len == 0)
		return 0;
	return add(
	    t, TALLY_WOULD, e->value[ENTRY_RULE], e->value[ENTRY_WOULD], bits);
}

/* The domains of DOMAIN:SELECTOR:ALGORITHM,... are ours. */
static int
add_own(struct tally *t, struct slice signers, unsigned bits)
{
	bool more = signers.len > 0 && !slice_eqz(signers, "no"), rest;

	while (more) {
		struct slice one = slice_cut(&signers, ',', &more);

		if (add(t, TALLY_OWN, slice_cut(&one, ':', &rest), SLICE_EMPTY,
			bits))
			return -1;
	}
	return 0;
}

static int
add_outbound(struct tally *t, const struct entry *e, unsigned bits)
{
	struct slice from = e->has[ENTRY_FROM] ? e->value[ENTRY_FROM]
					       : SLICE_LIT("(no author)");

	t->outbound++;
	if (add(t, TALLY_SIGNERS, from, SLICE_EMPTY, bits) ||
	    add_own(t, e->value[ENTRY_SIGNED], bits) ||
	    add_own(t, e->value[ENTRY_WOULD_SIGN], bits))
		return -1;
	if (!(bits & 1u << TALLY_FAIL))
		return 0;
	return add(t, TALLY_UNSIGNED, e->value[ENTRY_WHY], SLICE_EMPTY, bits);
}

static void
add_times(struct tally *t, const struct entry *e)
{
	int64_t wait_ms = entry_number(e, ENTRY_WAIT_MS);

	if (e->time_s > 0 && (t->first_s == 0 || e->time_s < t->first_s))
		t->first_s = e->time_s;
	if (e->time_s > t->last_s)
		t->last_s = e->time_s;
	if (!e->has[ENTRY_WAIT_MS])
		return;
	t->waited++;
	t->waits[wait_ms > TALLY_WAIT_MAX ? TALLY_WAIT_MAX : wait_ms]++;
}

int
tally_add(struct tally *t, const struct entry *e, struct err *err)
{
	bool outbound = slice_eqz(e->value[ENTRY_DIRECTION], "outbound");
	unsigned bits = counts_of(e, outbound);

	add_times(t, e);
	if (outbound ? add_outbound(t, e, bits) : add_inbound(t, e, bits))
		return err_no_mem(err);
	return 0;
}

/* --- looking ---------------------------------------------------------------------------------------- */

/* The domain, or one above it, is ours. */
static bool
is_own(const struct tally_table *own, struct slice domain)
{
	while (domain.len) {
		if (map_get(&own->map, domain) != MAP_NONE)
			return true;
		domain = slice_from(domain, slice_find(domain, '.') + 1);
	}
	return false;
}

void
tally_keep_own(struct tally *t)
{
	struct tally_table *failing = &t->tables[TALLY_FAILING];
	size_t n = 0;

	for (size_t i = 0; i < failing->n; i++) {
		struct slice key = failing->rows[i].key;

		if (is_own(&t->tables[TALLY_OWN],
			slice_upto(key, slice_find(key, ' '))))
			failing->rows[n++] = failing->rows[i];
	}
	failing->n = n;
	/* Nobody knows whose the rest were. */
	failing->others = (struct tally_row){.key = SLICE_EMPTY};
}

int64_t
tally_wait_ms(const struct tally *t, unsigned percent)
{
	uint64_t due = (t->waited * percent + 99) / 100, seen = 0;
	int64_t ms = 0;

	while (ms < TALLY_WAIT_MAX && (seen += t->waits[ms]) < due)
		ms++;
	return ms;
}
