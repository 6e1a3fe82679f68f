/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state file of a managed key, DOMAIN/SELECTOR.state, and the list of
 * selectors that were used up, DOMAIN/tombstones. Text, one thing a line:
 *
 *	assay key 1
 *	selector r202611
 *	type rsa2048
 *	slot no
 *	sha256 HEX
 *	ttl 3600
 *	handed key 4711 1763700000     (the publisher took it)
 *	tried 3 4600 1763699990        (three times it did not)
 *	generated 4600 1763699889      (store's time, calendar)
 *	server ns1.example.net 192.0.2.53 equal
 *	end
 *
 * A file without its last line was cut, and is refused like one with a line
 * that is not known: what it says is not guessed.
 */
#ifndef ASSAY_KEYS_RECORD_H
#define ASSAY_KEYS_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/names.h"
#include "base/slice.h"
#include "keys/rotate.h"
#include "mail/domain.h"

/* What a key wants to be in DNS. */
enum key_want {
	WANT_NONE, /* no record */
	WANT_KEY,
	WANT_EMPTY, /* a record with an empty p= */
};

/* What one server showed. */
enum key_sight {
	SIGHT_SILENT, /* no answer, or none that counts */
	SIGHT_EQUAL,
	SIGHT_OTHER,
	SIGHT_REVOKED,
	SIGHT_ABSENT,
};

extern const struct name key_want_words[];
extern const struct name key_sight_words[];

struct key_server {
	struct domain name;
	struct ip ip; /* IP_NONE: the resolver */
	enum key_sight sight;
};

struct key_record {
	struct rotation_key key;
	enum key_want handed; /* what the publisher took last, and when */
	struct key_time handed_at;
	unsigned tries; /* to hand over what it wants now, in vain */
	struct key_time tried_at;
	struct key_server servers[LIMIT_KEY_SERVERS];
	size_t nservers;
	bool news; /* not on disk: servers or ttl_s are not either */
};

enum key_want key_record_wants(const struct key_record *);

#define RECORD_FILE_MAX 16384
void record_format(const struct key_record *, struct buf *);
/* -1 and err: which line is wrong. */
MUST_CHECK int record_parse(
    struct slice, struct key_record *, struct err *err);

#define TOMBSTONES_MAX (1 << 20)
/* "SELECTOR SHA256 SECONDS" lines; a line more. */
void tombstone_add(struct buf *, const struct rotation_key *, int64_t wall_s);
bool tombstone_has(struct slice tombstones, const char *selector);

#endif
