/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts counted: by result, rule, domain, source, hour. The memory is
 * bounded whatever domains and addresses strangers come from: what finds no
 * row any more is counted together.
 */
#ifndef ASSAY_TOOLS_TALLY_H
#define ASSAY_TOOLS_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/map.h"
#include "journal/entry.h"
#include "tools/args.h"

enum tally_count {
	TALLY_ALL,
	TALLY_PASS, /* DMARC; outbound: signed */
	TALLY_FAIL, /* DMARC; outbound: not signed */
	TALLY_QUARANTINE,
	TALLY_REJECT,
	TALLY_TEMPFAIL,
	TALLY_WOULD_QUARANTINE,
	TALLY_WOULD_REJECT,
	TALLY_WOULD_TEMPFAIL,
	TALLY_COUNTS,
};

struct tally_row {
	struct slice key, note;
	uint64_t rank; /* of the last sorting */
	uint64_t n[TALLY_COUNTS];
};

struct tally_table {
	struct map map;
	struct arena *text;
	struct tally_row *rows;
	size_t n, cap;
	struct tally_row others; /* beyond LIMIT_TALLY_ROWS */
};

/* What each table is keyed by. */
enum tally_kind {
	TALLY_METHODS,  /* "spf=pass" */
	TALLY_RULES,    /* rule */
	TALLY_DOMAINS,  /* author domain, inbound */
	TALLY_SOURCES,  /* client; its name as the note */
	TALLY_FAILING,  /* "DOMAIN CLIENT": author domains that fail DMARC */
	TALLY_SIGNERS,  /* outbound: author domain */
	TALLY_UNSIGNED, /* outbound: why not */
	TALLY_HOURS,    /* inbound: hours since 1970 */
	TALLY_OWN,      /* domains that were signed for, or named as ours */
	TALLY_WOULD,    /* rules that were not carried out */
	TALLY_KINDS,
};

#define LIMIT_TALLY_ROWS 50000
#define TALLY_WAIT_MAX 30000 /* ms; longer is counted as this */

struct tally {
	struct tally_table tables[TALLY_KINDS];
	uint64_t inbound, outbound;
	int64_t first_s, last_s; /* 0: no verdict had a time */
	struct tally_row total;  /* inbound */
	uint64_t waited;         /* verdicts that tell how long */
	uint64_t waits[TALLY_WAIT_MAX + 1];
};

/* NULL and err: no memory. */
MUST_CHECK struct tally *tally_new(const struct arg_list *own, struct err *);
/* NULL is fine. */
void tally_free(struct tally *);
/* 0, or -1: no memory. */
MUST_CHECK int tally_add(struct tally *, const struct entry *, struct err *);

/* Sorted by the first count, the largest first; equal ones by their keys. */
void tally_sort(struct tally_table *, enum tally_count by);
/* By key alone. */
void tally_sort_keys(struct tally_table *);
/* After sorting: no tally_add any more. Only what fails of domains of ours. */
void tally_keep_own(struct tally *);
/* How long so much of the mail waited at most, ms; percent 1 to 100. */
int64_t tally_wait_ms(const struct tally *, unsigned percent);

#endif
