/* SPDX-License-Identifier: BSD-2-Clause */
#include "dns/overlay.h"

#include "dns/inquiry.h"
#include "dns/zone.h"
#include "unit.h"

static const char above[] = "a.example TXT new\nb.example A 192.0.2.1\n";
static const char below[] = "a.example TXT old\na.example TXT old\n"
			    "a.example MX 1 m.example\nc.example TIMEOUT\n";

struct row {
	const char *name, *owner;
	enum dns_type type;
	enum dns_status status;
	size_t nrr;
};

static const struct row rows[] = {
    {"the table wins", "a.example", DNS_TXT, DNS_OK, 1},
    {"another type of the name", "a.example", DNS_MX, DNS_OK, 1},
    {"of the table alone", "b.example", DNS_A, DNS_OK, 1},
    {"of neither", "b.example", DNS_TXT, DNS_NXDOMAIN, 0},
    {"the other is silent", "c.example", DNS_TXT, DNS_TIMEOUT, 0},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct err err = ERR_INIT;
	struct resolver *o = overlay_new(zone_new(slice_z(above), &err),
	    zone_new(slice_z(below), &err), &err);
	struct inquiry *q = inquiry_new(o, 10);
	const struct answer *a = inquiry_ask(q, slice_z(r->owner), r->type);

	assert_int_equal(a->status, r->status);
	assert_int_equal(a->nrr, r->nrr);
	inquiry_free(q);
	resolver_free(o);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
