/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key table: what the name of a key stands for.
 *	NAME  DOMAIN:SELECTOR:/PATH/TO/KEY
 *	NAME  DOMAIN:SELECTOR:/PATH/TO/KEY:ALGORITHM
 * A DOMAIN of "%" is the author's; a "%" in the path is the signing domain,
 * as A-labels. Names are case-sensitive (one that is a domain may stand in U-
 * or A-labels); in a refile: table they may hold *.
 */
#ifndef ASSAY_TABLES_KEYTABLE_H
#define ASSAY_TABLES_KEYTABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "dkim/sig.h"
#include "mail/domain.h"
#include "tables/lines.h"

struct keytable; /* arena object */

/* A key as a table names it. */
struct key_spec {
	struct domain domain;  /* d= */
	struct slice given;    /* the domain as the table spells it */
	struct slice selector; /* s= */
	const char *path;
	bool has_alg;
	enum dkim_alg alg; /* what the key must be */
};

/*
 * Faults go to the source's buffer: the table is then not to be used. Returns
 * 0, or -1: no memory.
 */
MUST_CHECK int keytable_parse(const struct table_source *, struct arena *,
    struct keytable **, struct err *);

/*
 * The key of this name for mail of this author, with strings on the arena of
 * the message. 1, or 0: there is no such name, or -1: no memory.
 */
MUST_CHECK int keytable_find(const struct keytable *, struct slice name,
    const struct domain *author, struct arena *, struct key_spec *,
    struct err *);

/* Would a name be found? */
bool keytable_has(const struct keytable *, struct slice name);
/* Is the signing domain of this key the author's, whoever that is? */
bool keytable_follows_author(const struct keytable *, struct slice name);

/* Each entry's path (with its "%") and domain (empty for "%"). */
void keytable_each_file(const struct keytable *,
    void (*)(void *, struct slice path, struct slice domain), void *);

size_t keytable_entries(const struct keytable *);

#endif
