/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a key: generated, published, waiting, active, retiring, revoked,
 * removed. Which step comes next is a function of the times on disk, of what
 * DNS shows, of the policy and of now; nothing else is remembered. No I/O.
 *
 * RFC 6376 section 3.1 (a selector is never another key's), section 5.2 (keep
 * the public half for a validation interval); M3AAWG's key rotation practices.
 *
 * Times are the store's own (elapse.h): they run slow at worst, never fast.
 */
#ifndef ASSAY_KEYS_ROTATE_H
#define ASSAY_KEYS_ROTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/list.h"
#include "base/names.h"
#include "mail/limits.h"

enum key_type {
	KEY_RSA2048,
	KEY_RSA3072,
	KEY_RSA4096,
	KEY_ED25519,
};

/* Keys of one line follow each other; lines rotate by themselves. */
enum key_line {
	LINE_RSA,
	LINE_ED25519,
	KEY_LINES,
};

/* What has a time of its own in a key's state file. */
enum key_event {
	/* steps, in their order */
	EVENT_GENERATED,
	EVENT_PUBLISHED, /* seen everywhere; waiting since */
	EVENT_ACTIVE,
	EVENT_SUPERSEDED, /* a newer one signs as well: overlap */
	EVENT_RETIRED,    /* signs no more; mail is still on its way */
	EVENT_REVOKED,    /* p= is empty */
	EVENT_REMOVED,
	/* marks, which come and go */
	EVENT_SILENT,      /* only servers that do not answer are in the way */
	EVENT_VANISHED,    /* active, and DNS says with authority: not there */
	EVENT_ROTATE,      /* a person ordered its successor */
	EVENT_COMPROMISED, /* a person ordered its end */
	EVENT_VACANT,      /* its name showed nothing before: of a slot */
	KEY_EVENTS,
};

enum key_life {
	LIFE_GENERATED,
	LIFE_WAITING,
	LIFE_ACTIVE,
	LIFE_RETIRING,
	LIFE_REVOKED,
	LIFE_REMOVED,
};

/* What one look at all the name servers told. */
enum key_look {
	LOOK_NONE,       /* nobody looked */
	LOOK_EQUAL,      /* each server shows our record */
	LOOK_EQUAL_SOME, /* some are silent; all others show our record */
	LOOK_MIXED,      /* some show our record, some do not */
	LOOK_OTHER,      /* another record */
	LOOK_REVOKED,    /* a record with an empty p= */
	LOOK_ABSENT,
	LOOK_TROUBLE, /* nobody said anything for certain */
};

enum key_overlap {
	OVERLAP_NONE,
	OVERLAP_SIGN_BOTH, /* the old key signs on for the waiting time */
};

enum key_vanished {
	VANISHED_SIGN, /* the last key of a domain signs on */
	VANISHED_STOP,
};

extern const struct name key_type_words[];
extern const struct name key_event_words[];
extern const struct name key_life_words[];
extern const struct name key_look_words[];
extern const struct name key_overlap_words[];
extern const struct name key_vanished_words[];

enum key_line key_type_line(enum key_type);

struct key_time {
	int64_t own_s;  /* the store's time; 0: never */
	int64_t wall_s; /* what the clock showed; for people */
};

struct rotation_key {
	char selector[LIMIT_LABEL + 1];
	enum key_type type;
	bool slot;       /* a fixed name, used again */
	uint32_t ttl_s;  /* how long others may remember what was there */
	char sha256[65]; /* of the public half, hex */
	struct key_time at[KEY_EVENTS];
	/* Not on disk: */
	bool usable; /* the private half is there and is this key's */
	bool lost;   /* its file does not exist */
	enum key_look look;
};

/* The managed keys of one domain. */
struct rotation_domain {
	struct rotation_key *keys;
	size_t n;
	bool others_sign; /* it has active keys that nobody manages */
	bool untouched;   /* no key of it was ever removed */
	/* Selectors of unmanaged keys. */
	const char *const *taken;
	size_t ntaken;
};

struct rotation_policy {
	int64_t lifetime_s, wait_s, retire_s, remove_s, unreachable_s;
	bool wanted[KEY_LINES];
	enum key_type types[KEY_LINES];
	struct string_list slots[KEY_LINES]; /* n = 0: dated names */
	enum key_overlap overlap;
	enum key_vanished on_vanished;
};

enum rotation_kind {
	ROTATION_GENERATE, /* type; selector: the slot, or NULL */
	ROTATION_SET,      /* key, event */
	ROTATION_CLEAR,    /* key, event */
};

struct rotation_act {
	enum rotation_kind kind;
	size_t key;
	enum key_event event;
	enum key_type type;
	const char *selector;
};

/*
 * The next single act, or false when there is nothing to do now; *due_s is
 * then the earliest time at which there may be without DNS changing
 * (INT64_MAX: never). Do the act, and ask again.
 */
MUST_CHECK bool rotation_next(const struct rotation_domain *,
    const struct rotation_policy *, int64_t now_s, struct rotation_act *act,
    int64_t *due_s);
/* The key after a ROTATION_SET or ROTATION_CLEAR. */
void rotation_apply(struct rotation_key *, const struct rotation_act *,
    const struct key_time *now);

enum key_life key_life(const struct rotation_key *);
bool key_has(const struct rotation_key *, enum key_event);
/* Does keys[i] sign? */
bool rotation_signs(
    const struct rotation_domain *, size_t i, enum key_vanished);

/* What a person is told: the next step of a key, and its time (or -1). */
const char *rotation_outlook(const struct rotation_domain *,
    const struct rotation_policy *, size_t i, int64_t *when_s);

#endif
