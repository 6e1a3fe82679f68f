/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * authority.h over UDP and TCP, port 53. libunbound can be told to forward to
 * one server, but then it hides the AA bit, keeps a cache, follows aliases on
 * its own and needs a context (threads, megabytes) for each server; these two
 * hundred lines do what is wanted and nothing else. Answers are matched by
 * address, port, random id and question; nothing in them is followed.
 */
#ifndef ASSAY_DNS_DIRECT_H
#define ASSAY_DNS_DIRECT_H

#include "base/attr.h"
#include "base/err.h"
#include "dns/authority.h"

MUST_CHECK struct authority *direct_new(struct err *);
/* NULL is fine. */
void authority_free(struct authority *);

#endif
