/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resolver over libunbound: asynchronous, with one cache for all threads,
 * DNSSEC validation when it has a trust anchor. Who asks or waits does its work
 * (turns.h).
 */
#ifndef ASSAY_DNS_UNBOUND_H
#define ASSAY_DNS_UNBOUND_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/hash.h"
#include "dns/stats.h"
#include "dns/resolver.h"

struct unbound_options {
	/* "192.0.2.53", "127.0.0.1@5300"; none: those of resolv_conf. */
	const char *const *nameservers;
	size_t nnameservers;
	const char *resolv_conf;       /* NULL: /etc/resolv.conf */
	const char *trust_anchor_file; /* NULL: no validation */
	struct dns_stats *stats;       /* NULL: nothing is counted */
	struct hash_key key; /* secret, where strangers choose the names */
};

/*
 * NULL, and err says why, when libunbound refuses the configuration or no
 * thread can be made. A name server that does not answer is no error here.
 * Its thread takes none of the signals that end a program.
 */
MUST_CHECK struct resolver *unbound_new(
    const struct unbound_options *, struct err *);

#endif
