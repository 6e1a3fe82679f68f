/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables from texts, for the tests of the room. */
#ifndef ASSAY_TEST_TABLES_H
#define ASSAY_TEST_TABLES_H

#include "mail/limits.h"
#include "tables/keytable.h"
#include "tables/signtable.h"
#include "unit.h"

struct both {
	struct arena *arena;
	struct buf faults, remarks;
	struct keytable *keys;
	struct signtable *sign;
};

/* "re" in front of a text makes its table a refile. */
static inline struct table_source
source_of(struct both *b, const char *name, const char *text)
{
	bool re = slice_starts(slice_z(text), SLICE_LIT("re\n"));

	return (struct table_source){
	    .text = slice_z(text + (re ? 3 : 0)),
	    .name = name,
	    .kind = re ? TABLE_REFILE : TABLE_FILE,
	    .faults = &b->faults,
	    .remarks = &b->remarks,
	};
}

static inline void
both_open(struct both *b, const char *keys, const char *sign)
{
	struct table_source k = source_of(b, "keys", keys);
	struct table_source s = source_of(b, "sign", sign);

	*b = (struct both){.arena = arena_new(LIMIT_TABLE_ARENA),
	    .faults = BUF_INIT(LIMIT_TABLE_TOLD),
	    .remarks = BUF_INIT(LIMIT_TABLE_TOLD)};
	assert_int_equal(keytable_parse(&k, b->arena, &b->keys, NULL), 0);
	assert_int_equal(
	    signtable_parse(&s, b->keys, b->arena, &b->sign, NULL), 0);
}

static inline void
both_close(struct both *b)
{
	arena_free(b->arena);
	buf_free(&b->faults);
	buf_free(&b->remarks);
}

static inline struct domain
domain_of(const char *text)
{
	struct domain d;

	assert_true(domain_parse(slice_z(text), &d));
	return d;
}

#endif
