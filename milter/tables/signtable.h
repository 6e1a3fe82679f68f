/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A signing table: which keys sign the mail of an author (From).
 *	WHOSE  KEY-NAME
 *	WHOSE  KEY-NAME:IDENTITY
 * A KEY-NAME of "%" is the author's domain, each "%" in IDENTITY too. Case
 * does not matter in WHOSE, and U-labels and A-labels are the same domain.
 *
 * In a table of kind file WHOSE is looked up in OpenDKIM's order, here for
 * user@a.example.com:
 *	user@a.example.com, a.example.com,
 *	user@.example.com, .example.com, user@.com, .com,
 *	user@*, *
 * (opendkim.conf(5) has all user@.domain before the first .domain, the program
 * goes as above.) Of several lines of one name the first counts.
 *
 * In a table of kind refile WHOSE is a pattern for user@domain; a * is any
 * text, and the first line that fits counts. Addresses, *@domain, *.domain and
 * *@*.domain are looked up in constant time, other patterns one by one.
 *
 * With all matches wanted each step, or each line, that fits counts.
 */
#ifndef ASSAY_TABLES_SIGNTABLE_H
#define ASSAY_TABLES_SIGNTABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "mail/domain.h"
#include "tables/index.h"
#include "tables/keytable.h"
#include "tables/lines.h"

struct signtable; /* arena object */

/*
 * Names of keys must be in the key table. Faults go to the source's buffer:
 * the table is then not to be used. Returns 0, or -1: no memory.
 */
MUST_CHECK int signtable_parse(const struct table_source *,
    const struct keytable *, struct arena *, struct signtable **,
    struct err *);

struct sign_match {
	struct slice key;      /* name in the key table */
	struct slice identity; /* for i=; empty when there is none */
	size_t line;
};

struct sign_matches {
	struct sign_match items[TABLE_HITS_MAX];
	size_t n;
};

/*
 * What signs mail of local@domain: one match or, with all, every one up to
 * TABLE_HITS_MAX. Texts are the table's or on the arena of the message.
 * Returns 0, or -1: no memory.
 */
MUST_CHECK int signtable_find(const struct signtable *, struct slice local,
    const struct domain *, bool all, struct arena *, struct sign_matches *,
    struct err *);

size_t signtable_entries(const struct signtable *);
/* Of these, how many have to be tried one by one. */
size_t signtable_patterns(const struct signtable *);

#endif
