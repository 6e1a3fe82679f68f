/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of name servers: whatever the octets, records lie inside them, and
 * what is no answer to the question is not taken for one.
 */
#include "dns/wire.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name = SLICE_LIT("s._domainkey.example.com");
	struct slice m = slice_of(data, size);
	unsigned char query[WIRE_QUERY_MAX];
	struct wire_answer a, b;

	if (!wire_parse(m, 0x1234, name, DNS_TXT, &a))
		return 0;
	assert(size >= 12 && data[0] == 0x12 && data[1] == 0x34);
	assert(a.nrr <= WIRE_RECORDS);
	assert((a.status == DNS_OK) == (a.nrr > 0));
	for (size_t i = 0; i < a.nrr; i++)
		assert(a.rdata[i].ptr >= m.ptr &&
		    a.rdata[i].ptr + a.rdata[i].len <= m.ptr + m.len);
	assert(!wire_parse(m, 0x1235, name, DNS_TXT, &b));
	if (a.status == DNS_OK)
		assert(!wire_parse(
		    m, 0x1234, SLICE_LIT("x.example.com"), DNS_TXT, &b));
	/* Our own question is no answer. */
	size = wire_query(0x1234, name, DNS_TXT, query);
	assert(size > 0);
	assert(!wire_parse(slice_of(query, size), 0x1234, name, DNS_TXT, &b));
	return 0;
}
