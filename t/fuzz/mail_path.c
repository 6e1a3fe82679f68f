/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as an envelope argument. A valid path's address, parsed again,
 * with brackets or without, is the same path; it is a piece of the argument,
 * with the local part first and the domain last, and holds no line end.
 */
#include "fuzz.h"

#include <stdio.h>

#include "mail/address.h"
#include "mail/limits.h"

static void
same(const struct path *a, const struct path *b)
{
	assert(b->valid && !b->null);
	assert(slice_eq(a->local, b->local));
	assert(slice_eq(a->address, b->address));
	assert(domain_eq(&a->domain, &b->domain));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice arg = slice_of(data, size);
	char text[LIMIT_ENVELOPE + 3];
	struct path p, again;
	struct domain d;

	path_parse(arg, &p);
	if (!p.valid || p.null) {
		assert(!p.null || p.valid);
		assert(p.local.len == 0 && p.address.len == 0);
		assert(p.domain.len == 0);
		return 0;
	}
	assert(slice_icontains(arg, p.address));
	assert(slice_starts(p.address, p.local) && p.local.len);
	for (size_t i = 0; i < p.address.len; i++)
		assert(!strchr("\r\n", p.address.ptr[i]));
	if (p.domain.len) {
		assert(
		    domain_parse(slice_from(p.address, p.local.len + 1), &d));
		assert(domain_eq(&d, &p.domain));
	}
	path_parse(p.address, &again);
	same(&p, &again);
	if (p.address.len + 2 <= LIMIT_ENVELOPE) {
		(void)snprintf(text, sizeof(text), "<" SLICE_FMT ">",
		    SLICE_ARG(p.address));
		path_parse(slice_z(text), &again);
		same(&p, &again);
	}
	return 0;
}
