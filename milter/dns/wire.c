/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queries and answers in wire format; see wire.h. RFC 1035 section 4.1,
 * RFC 6891 for OPT. Not for recursion, DNSSEC or zone transfer.
 */
#include "dns/wire.h"

#include <string.h>

#include "dns/cursor.h"

#define TYPE_OPT 41
#define FLAG_QR 0x8000
#define FLAG_AA 0x0400
#define FLAG_TC 0x0200
#define OPCODE 0x7800
#define RCODE 0x000f
#define RCODE_NXDOMAIN 3

static void
put16(unsigned char *p, unsigned v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

size_t
wire_query(uint16_t id, struct slice name, enum dns_type type,
    unsigned char out[WIRE_QUERY_MAX])
{
	bool more = name.len > 0;
	size_t n = CURSOR_HEADER;

	if (!dns_name_valid(name))
		return 0;
	memset(out, 0, WIRE_QUERY_MAX);
	put16(out, id);
	put16(out + 4, 1);  /* one question */
	put16(out + 10, 1); /* one additional record */
	while (more) {
		struct slice label = slice_cut(&name, '.', &more);

		out[n++] = (unsigned char)label.len;
		memcpy(out + n, label.ptr, label.len);
		n += label.len;
	}
	n++; /* the root */
	put16(out + n, (unsigned)type);
	put16(out + n + 2, CURSOR_CLASS_IN);
	n += 5; /* and the root, owner of OPT */
	put16(out + n, TYPE_OPT);
	put16(out + n + 2, WIRE_UDP_PAYLOAD);
	return n + 10;
}

/* --- the answer ---------------------------------------------------------------------- */

static void
take_record(struct cursor *c, struct slice name, enum dns_type type,
    struct wire_answer *out)
{
	bool ours = cursor_name_is(c, name);
	struct record r;

	if (!cursor_record(c, &r))
		return;
	ours = ours && r.class == CURSOR_CLASS_IN;
	if (ours && r.type == DNS_CNAME && type != DNS_CNAME)
		out->cname = true;
	if (ours && r.type == (unsigned)type) {
		out->ttl_s = r.ttl_s;
		if (out->nrr < WIRE_RECORDS)
			out->rdata[out->nrr++] =
			    slice_of(c->message.ptr + c->at, r.len);
	}
	c->at += r.len;
}

bool
wire_parse(struct slice message, uint16_t id, struct slice name,
    enum dns_type type, struct wire_answer *out)
{
	struct cursor c = {.message = message};
	unsigned got_id = cursor_u16(&c), flags = cursor_u16(&c),
		 nquestion = cursor_u16(&c);
	unsigned nanswer = cursor_u16(&c);

	memset(out, 0, sizeof(*out));
	out->status = DNS_SERVFAIL;
	(void)cursor_u32(&c);
	if (c.bad || got_id != id || !(flags & FLAG_QR) || flags & OPCODE)
		return false;
	/* Some refuse without saying what. */
	if (nquestion == 0 && flags & RCODE)
		return true;
	if (nquestion != 1 || !cursor_name_is(&c, name) ||
	    cursor_u16(&c) != (unsigned)type ||
	    cursor_u16(&c) != CURSOR_CLASS_IN || c.bad)
		return false;
	out->authoritative = flags & FLAG_AA;
	out->truncated = flags & FLAG_TC;
	if (flags & RCODE) {
		if ((flags & RCODE) == RCODE_NXDOMAIN)
			out->status = DNS_NXDOMAIN;
		return true;
	}
	for (unsigned i = 0; i < nanswer && !c.bad; i++)
		take_record(&c, name, type, out);
	if (c.bad)
		out->nrr = 0;
	else
		out->status = out->nrr ? DNS_OK : DNS_NODATA;
	return true;
}
