/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A resolver that is made anew when the wall clock goes back. libunbound dates
 * what it remembers by that clock: after a year that was not, "there is no such
 * name" would hold for a year. One that has gone ahead needs nothing.
 */
#ifndef ASSAY_DNS_RENEW_H
#define ASSAY_DNS_RENEW_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "dns/resolver.h"

/* Resolvers made in all: lookups may still belong to each. */
#define DNS_RENEW_MAX 16

/*
 * Over make(arg), now and whenever needed, in any thread; arg must outlive it.
 * NULL and err. When a new one can't be made the old one goes on.
 */
MUST_CHECK struct resolver *dns_renew_new(
    struct resolver *(*make)(void *arg, struct err *), void *arg,
    const struct clock *, struct err *);

#endif
