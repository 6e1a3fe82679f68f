/* SPDX-License-Identifier: BSD-2-Clause */
/* A table: names have no case, and each TXT record can be read. */
#include "dns/zone.h"

#include "dns/inquiry.h"
#include "dns/rdata.h"
#include "fuzz.h"

static void
look(struct resolver *z, struct arena *arena, const char *a, const char *b)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_TXT,
	    DNS_PTR, DNS_CNAME, DNS_NS, DNS_DS, DNS_SPF};
	struct inquiry *q = inquiry_new(z, 100), *r = inquiry_new(z, 100);

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct answer *x = inquiry_ask(q, slice_z(a), types[i]);
		const struct answer *y = inquiry_ask(r, slice_z(b), types[i]);
		struct slice text;

		assert(x->status == y->status && x->nrr == y->nrr);
		assert((x->nrr > 0) == (x->status == DNS_OK));
		for (size_t k = 0; k < x->nrr && types[i] == DNS_TXT; k++)
			assert(rdata_txt(x->rdata[k], arena, &text) == 0 &&
			    text.len <= x->rdata[k].len);
	}
	inquiry_free(q);
	inquiry_free(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct resolver *z = zone_new(slice_of(data, size), &err);
	struct arena *arena = arena_new(1u << 24);

	assert((z == NULL) == (err.text[0] != '\0'));
	if (z) {
		look(z, arena, "a.example", "A.Example.");
		look(z, arena, "b.a.example", "b.A.example");
		look(z, arena, "example", "EXAMPLE");
		resolver_free(z);
	}
	arena_free(arena);
	return 0;
}
