/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Those who may bring mail that fails: forwarders and mailing lists, named by
 * what they can't lend to others: where they send from, and a signature or an
 * SPF record of theirs that passes for this very message. Both must hold.
 */
#ifndef ASSAY_POLICY_EXCEPTION_H
#define ASSAY_POLICY_EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "base/slice.h"
#include "mail/domain.h"
#include "verdict/verdict.h"

/* A domain, or with a dot in front of it all that is at and below it. */
struct exception_name {
	struct domain domain;
	bool below;
};

struct exception {
	const char *text; /* as it was configured; borrowed */
	/* The client: a network, or when name is not empty an iprev name. */
	struct cidr net;
	struct exception_name name;
	/* One of the two is not empty: a signature's d=, the MAIL FROM. */
	struct exception_name dkim, spf;
	struct slice list_id; /* into text; empty: any */
};

struct exception_list {
	struct exception *items;
	size_t n;
};

/*
 * Parses "CLIENT dkim=DOMAIN" or "CLIENT spf=DOMAIN", with "list-id=ID" after
 * it or not. CLIENT is an address, a network, or the name that its address
 * leads to and that leads back. text must live as long as *out. NULL when
 * fine, else what is wrong.
 */
const char *exception_parse(const char *text, struct exception *out);

enum exception_match {
	EXCEPTION_NO,
	EXCEPTION_UNDECIDED, /* it would be, had DNS answered */
	EXCEPTION_YES,
};

/* Does this one stand behind the message? */
enum exception_match exception_holds(
    const struct exception *, const struct verdict *, const struct ip *client);

/* Is the message of that list? Says nothing about who sent it. */
bool exception_is_list(const struct exception *, struct slice list_id);

#endif
