/* SPDX-License-Identifier: BSD-2-Clause */
/* Which keys sign an outbound message, and the fields they make. */
#ifndef ASSAY_ENGINE_SIGNING_H
#define ASSAY_ENGINE_SIGNING_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "dkim/sign.h"
#include "keys/store.h"
#include "mail/address.h"
#include "mail/header.h"

struct domain_rules;
struct session;

#define SIGNING_KEYS_MAX 16

/* How one key signs. */
struct signing_how {
	struct slice domain;   /* d= as the operator wrote it; empty: as is */
	struct slice identity; /* i=; empty: none */
	const struct domain_rules *rules;
	size_t group; /* of the signer */
};

struct signing {
	struct dkim_signer *signer;             /* NULL: not signed */
	struct key_info keys[SIGNING_KEYS_MAX]; /* that sign */
	struct signing_how how[SIGNING_KEYS_MAX];
	size_t n;
	const char *why; /* why not signed; printable, "" when it is */
	char text[900];  /* room for why */
};

/*
 * Chooses the keys by the author and starts the body hashes; a key that was
 * never looked up in DNS is asked for. The inquiry must live until the end.
 */
MUST_CHECK int signing_begin(struct signing *, const struct session *,
    const struct header *, const struct from *, struct inquiry *,
    struct arena *, struct err *);
/* 1: more body is wanted, 0: not, -1: error. */
MUST_CHECK int signing_body(
    struct signing *, const void *, size_t, struct err *);
/* The values of the fields to insert, in the order of keys. 0, or -1. */
MUST_CHECK int signing_end(struct signing *, const struct session *,
    struct inquiry *, struct slice **values, size_t *n, struct err *);
void signing_free(struct signing *);

#endif
