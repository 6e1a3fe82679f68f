/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A set of hosts in OpenDKIM's form (PeerList of opendkim.conf(5)) as plain
 * networks. "!" excludes; of several entries that hold an address the most
 * precise decides.
 */
#ifndef ASSAY_IMPORT_NETS_H
#define ASSAY_IMPORT_NETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/ip.h"

struct net_rule {
	struct cidr net;
	bool excluded;
};

/*
 * The networks of all addresses that the rules hold and do not exclude, at
 * most max. Returns their number; max + 1 when that is not enough.
 */
size_t nets_resolve(
    const struct net_rule *, size_t n, struct cidr *out, size_t max);

#endif
