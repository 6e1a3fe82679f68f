/* SPDX-License-Identifier: BSD-2-Clause */
/* Between check.c and check_*.c: what a domain publishes, and what is wrong. */
#ifndef ASSAY_TOOLS_CHECK_H
#define ASSAY_TOOLS_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "dmarc/names.h"
#include "dns/inquiry.h"
#include "mail/domain.h"
#include "tools/env.h"
#include "tools/findings.h"
#include "tools/fetch.h"
#include "tools/sts.h"
#include "tools/watch.h"

#define CHECK_FINDINGS 200
#define CHECK_TXT_MAX 50
#define CHECK_NAME_MAX 512
#define CHECK_MX_MAX 50

struct found {
	enum finding which;
	struct slice detail, publish; /* may be empty */
};

struct check {
	struct env env;
	/* As the options say. */
	struct arg_list selectors, addresses, tracking;
	const char *ca_file, *https, *bulk, *state;
	bool no_fetch, watching;
	/* Of --https; family IP_NONE: where DNS says. */
	struct ip https_ip;
	uint16_t https_port;
	struct watch watch;
	struct domain domain;
	struct arena *arena;
	struct inquiry *inquiry;
	struct err *err;
	bool no_memory;
	bool answered; /* DNS, to any question about any domain */
	/* What earlier parts have found out. */
	bool null_mx, has_mx, has_spf, has_key, has_sts;
	struct domain mx[CHECK_MX_MAX];
	size_t nmx;
	enum dmarc_policy policy;
	/* Of the part at hand. */
	const char *part;
	bool temporary; /* DNS gave no answer to one of its questions */
	struct found found[CHECK_FINDINGS];
	size_t nfound;
	size_t counts[SEVERITIES];
	bool seen[FINDINGS]; /* of this domain */
};

/* The parts, in order. */
void check_mx(struct check *);
void check_spf(struct check *);
void check_dkim(struct check *);
void check_dmarc(struct check *);
void check_sts(struct check *);
void check_tlsrpt(struct check *);
void check_bimi(struct check *);
void check_addresses(struct check *);
void check_tracking(struct check *);
void check_dnssec(struct check *);

/* Every part of one domain, shown. 0, or -1. */
MUST_CHECK int check_domain(struct check *, const char *domain, struct err *);
/* --bulk: every domain of the file, a line each. 0, or -1. */
MUST_CHECK int check_bulk(struct check *, struct err *);

/* --- for them ---------------------------------------------------------------- */

/* detail is copied. publish: what to publish instead; NULL: nothing. */
void check_found(
    struct check *, enum finding, struct slice detail, const char *publish);

/* All of that kind in this part: what to publish instead. Copied. */
void check_publish(struct check *, enum finding, struct slice publish);
/* A record that was found: shown, and watched. */
void check_record(struct check *, const char *key, struct slice text);
/* The same, not shown: "KEY TEXT". */
void check_seen(struct check *, const char *key, struct slice text);
/*
 * A file over HTTPS, of an "https:" address. False when it was not fetched:
 * because it may not be, or for reply->fault.
 */
bool check_fetch(struct check *, struct slice url, struct fetch_reply *reply,
    struct buf *body);
/* Is anything fetched at all? */
bool check_fetches(const struct check *);

/* All TXT records of a name, strings joined. */
struct check_txt {
	enum dns_status dns;
	struct slice texts[CHECK_TXT_MAX];
	size_t n;
};

void check_txt(struct check *, struct slice name, struct check_txt *);
/* Those that begin with prefix stay; how many. */
size_t check_txt_keep(struct check_txt *, struct slice prefix);
/* "LABEL.DOMAIN" */
struct slice check_name(
    const struct check *, const char *label, char out[CHECK_NAME_MAX]);
const struct answer *check_ask(struct check *, struct slice, enum dns_type);
/* Does the name have an address of either kind? */
bool check_has_address(struct check *, struct slice name);
/* Did DNS give no answer for one kind: may it have one after all? */
bool check_may_have_address(struct check *, struct slice name);

/* "; "-divided tags: the value of one. False: it has none. */
MUST_CHECK bool check_tag(
    struct slice text, const char *name, struct slice *value);

#endif
