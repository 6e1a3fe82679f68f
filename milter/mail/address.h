/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses: whose mail is this? The author domain of a From field (RFC 5322
 * section 3.6.2) and the mailbox of an SMTP envelope (RFC 5321 section
 * 4.1.2). Both are security boundaries: a text that two readers could take
 * for two domains has none here, and the status says why. A text that all
 * readers take for one domain has it, since what is not judged is not
 * rejected either, and a forger needs no more than that.
 */
#ifndef ASSAY_MAIL_ADDRESS_H
#define ASSAY_MAIL_ADDRESS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/names.h"
#include "base/slice.h"
#include "mail/domain.h"
#include "mail/header.h"

enum from_status {
	FROM_OK,
	FROM_MISSING,         /* no From field in the header */
	FROM_SEVERAL_FIELDS,  /* RFC 5322 section 3.6 allows one */
	FROM_SYNTAX,          /* readers could differ about its domain */
	FROM_NUL,             /* an octet 0, where readers differ most */
	FROM_NO_DOMAIN,       /* no address, or none with a domain name */
	FROM_SEVERAL_DOMAINS, /* several authors, not all of one domain */
	FROM_TOO_LONG,        /* a ceiling of limits.h was reached */
};

/* In words, for comments of Authentication-Results and the log. */
extern const struct name from_status_words[];

struct from {
	enum from_status status;
	struct domain domain; /* the author domain when FROM_OK, else empty */
	/*
	 * The first address as local@domain for the log, free of comments and
	 * folding; it may hold any other octet, and may be empty. Without
	 * FROM_OK it proves nothing.
	 */
	struct slice address;
	/*
	 * Outside the grammar, and a mailer that writes addresses anew could
	 * make another author of it (loose.h): a pass means nothing behind
	 * such a mailer, a failure does.
	 */
	bool fragile;
	/*
	 * Grammar, but with an "@" in the local part or a route before it, as
	 * nobody's mail has: a reader that looks for the first "<" or "@" sees
	 * another author. A pass means nothing, a failure does.
	 */
	bool ambiguous;
};

/*
 * Parses one From field's value, raw as the wire had it: mailboxes (section
 * 3.4), groups (RFC 6854), the obsolete forms of section 4.4, UTF-8 (RFC
 * 6532). Several addresses of one domain are one author domain. What the
 * grammar says is a display name, a comment, a group's name, an encoded word
 * or a quoted local part is never looked into for an address.
 *
 * A field that is no such grammar has an author domain all the same when no
 * reader can find another one in it, whatever it takes for a name, a comment
 * or an address: other charsets, "Doe, John <a@b.example>", a quote or bracket
 * too few or too many, "a@b.example <a@b.example>"; without any "@" also
 * "a%b.example" and "b.example!a", as old mailers rewrite them. Two domains are
 * FROM_SEVERAL_DOMAINS: in "a@b.example <c@d.example>" known readers take the
 * one, others the other; a pass of either would be shown for both, and
 * cannot be told from an honest one. Stricter than the grammar in two things
 * that readers are known to take for another domain: encoded words in an
 * address (RFC 2047 section 5 forbids them), and blanks or comments inside
 * a domain name.
 *
 * out->address lives in the arena. Returns 0, or -1: no memory.
 */
MUST_CHECK int from_parse(
    struct slice value, struct arena *, struct from *out, struct err *);

/*
 * The same for the only From field of a header. Fields are counted whatever
 * the case of the name and the blanks around it; two of them are
 * FROM_SEVERAL_FIELDS, never the first or the last. From fields
 * are kept past the ceilings of a header; where even so some are missing it
 * is FROM_TOO_LONG.
 */
MUST_CHECK int from_header(
    const struct header *, struct arena *, struct from *out, struct err *);

struct path {
	struct slice given; /* the argument, valid or not */
	bool valid;         /* else all below is empty */
	bool null; /* the null reverse-path: no local part, no domain */
	struct slice local; /* as given, quotes included */
	/* Empty for an address literal and for a local part that is alone. */
	struct domain domain;
	struct slice address; /* local@domain as given: no <>, no route */
};

/*
 * Parses an envelope argument as a milter gets it: with or without <>, with
 * or without a source route (RFC 5321 appendix C), "" or "<>" for the null
 * reverse-path, UTF-8 as RFC 6531 allows. Dots may stand anywhere in a local
 * part: mailers let them pass, and they leave no doubt about the domain. The
 * slices point into arg.
 */
void path_parse(struct slice arg, struct path *out);

#endif
