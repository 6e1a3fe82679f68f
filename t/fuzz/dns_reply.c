/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a resolver answers: whatever the octets, there are data where the
 * status says so and nowhere else, and names among them hold no pointers. The
 * first octet chooses the type.
 */
#include "dns/reply.h"

#include <stdlib.h>

#include "fuzz.h"
#include "mail/limits.h"

static void
check_names(enum dns_type type, struct slice rdata)
{
	size_t skip = type == DNS_MX ? 2 : 0, at = skip;

	assert(rdata.len > skip);
	while (rdata.ptr[at]) {
		assert((rdata.ptr[at] & 0xc0) == 0);
		at += (size_t)rdata.ptr[at] + 1;
		assert(at < rdata.len);
	}
	assert(at + 1 == rdata.len && at - skip < 255);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = {
	    DNS_TXT, DNS_MX, DNS_PTR, DNS_CNAME, DNS_A, DNS_SOA};
	enum dns_type type;
	struct answer a;

	if (size < 1)
		return 0;
	type = types[data[0] % ARRAY_LEN(types)];
	if (reply_read(slice_of(data + 1, size - 1), type, &a))
		abort();
	assert((a.status == DNS_OK) == (a.nrr > 0));
	assert((a.rdata != NULL) == (a.nrr > 0));
	assert(a.nrr <= LIMIT_ANSWER_RECORDS && a.ttl_s <= INT32_MAX);
	assert(a.status != DNS_SERVFAIL || a.ttl_s == 0);
	for (size_t i = 0; i < a.nrr; i++) {
		if (type == DNS_MX || type == DNS_PTR || type == DNS_CNAME)
			check_names(type, a.rdata[i]);
	}
	free(a.rdata);
	return 0;
}
