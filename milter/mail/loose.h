/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From fields outside the grammar, which real mail has and every mail program
 * shows. To refuse them all were a way around DMARC: a forger would only have
 * to spoil the field. To repair them by guess were another: two programs
 * guess differently. So no structure is guessed here. Such a field has an
 * author domain when all that any reader could take for one is the same.
 *
 * For address.c alone; t/unit/mail_loose.c has each leniency with its reason.
 */
#ifndef ASSAY_MAIL_LOOSE_H
#define ASSAY_MAIL_LOOSE_H

#include <stdbool.h>

#include "base/slice.h"
#include "mail/domain.h"

struct loose {
	/* Every domain name in the field is this; empty: nobody can tell. */
	struct domain domain;
	struct slice local; /* before the first of them; maybe empty */
	bool several;       /* two domain names at least, or more than that */
	/*
	 * A mailer that writes addresses anew may make another author of it:
	 * Sendmail completes "Doe" of "Doe, John <a@b.example>" with a domain
	 * of its own, and joins words with dots where a "<" is missing.
	 */
	bool fragile;
};

/*
 * Reads the value of a From field. Linear in it. The octets of local are the
 * field's: atext, dots and octets beyond ASCII. value has no NUL.
 */
void loose_read(struct slice value, struct loose *out);

/*
 * Is there an encoded word (RFC 2047), or what some reader could take for
 * one, that may hold an "@"? Known readers decode first and look for
 * addresses then.
 */
bool loose_hides_address(struct slice text);

#endif
