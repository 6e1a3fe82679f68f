/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queries and answers in wire format; see wire.h. RFC 1035 section 4.1,
 * compression of section 4.1.4; RFC 6891 for OPT. Not for recursion, DNSSEC or
 * zone transfer.
 */
#include "dns/wire.h"

#include <string.h>

#define HEADER 12
#define CLASS_IN 1
#define TYPE_OPT 41
#define FLAG_QR 0x8000
#define FLAG_AA 0x0400
#define FLAG_TC 0x0200
#define OPCODE 0x7800
#define RCODE 0x000f
#define RCODE_NXDOMAIN 3
#define POINTERS_MAX 64

/* A place in a message; past its end, everything reads as nothing. */
struct cursor {
	struct slice message;
	size_t at;
	bool bad;
};

static unsigned
u16(struct cursor *c)
{
	const unsigned char *p = (const unsigned char *)c->message.ptr + c->at;

	if (c->bad || c->message.len - c->at < 2) {
		c->bad = true;
		return 0;
	}
	c->at += 2;
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
u32(struct cursor *c)
{
	uint32_t high = u16(c);

	return high << 16 | u16(c);
}

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
	size_t n = HEADER;

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
	put16(out + n + 2, CLASS_IN);
	n += 5; /* and the root, owner of OPT */
	put16(out + n, TYPE_OPT);
	put16(out + n + 2, WIRE_UDP_PAYLOAD);
	return n + 10;
}

/* --- names ------------------------------------------------------------------------- */

/* The label at *at, following pointers; false at the end or when bad. */
static bool
next_label(struct cursor *c, size_t *at, struct slice *label, bool *jumped,
    unsigned *pointers)
{
	const unsigned char *p = (const unsigned char *)c->message.ptr;

	for (;;) {
		size_t left = *at < c->message.len ? c->message.len - *at : 0;

		if (left < 1 || ((p[*at] & 0xc0) == 0xc0 && left < 2))
			break;
		if ((p[*at] & 0xc0) == 0xc0) {
			if (!*jumped)
				c->at = *at + 2;
			*jumped = true;
			if (++*pointers > POINTERS_MAX)
				break;
			*at = (size_t)(p[*at] & 0x3f) << 8 | p[*at + 1];
			continue;
		}
		if (p[*at] & 0xc0 || left < (size_t)p[*at] + 1)
			break;
		*label = slice_of(p + *at + 1, p[*at]);
		*at += (size_t)p[*at] + 1;
		if (!*jumped)
			c->at = *at;
		return label->len > 0;
	}
	c->bad = true;
	return false;
}

/* Moves past a name; is it the one wanted? */
static bool
name_is(struct cursor *c, struct slice want)
{
	size_t at = c->at, octets = 0;
	bool jumped = false, same = true, more = want.len > 0;
	unsigned pointers = 0;
	struct slice label;

	while (!c->bad && next_label(c, &at, &label, &jumped, &pointers)) {
		struct slice part =
		    more ? slice_cut(&want, '.', &more) : SLICE_EMPTY;

		same = same && slice_ieq(label, part);
		octets += label.len + 1;
		if (octets > LIMIT_DOMAIN + 1)
			c->bad = true;
	}
	return !c->bad && same && !more;
}

/* --- the answer ---------------------------------------------------------------------- */

static void
take_record(struct cursor *c, struct slice name, enum dns_type type,
    struct wire_answer *out)
{
	bool ours = name_is(c, name);
	unsigned got = u16(c), class = u16(c);
	uint32_t ttl = u32(c);
	size_t len = u16(c);

	if (c->bad || c->message.len - c->at < len) {
		c->bad = true;
		return;
	}
	ours = ours && class == CLASS_IN;
	if (ours && got == DNS_CNAME && type != DNS_CNAME)
		out->cname = true;
	if (ours && got == (unsigned)type) {
		/* RFC 2181 section 8: the top bit set is no time at all. */
		out->ttl_s = ttl > INT32_MAX ? 0 : ttl;
		if (out->nrr < WIRE_RECORDS)
			out->rdata[out->nrr++] =
			    slice_of(c->message.ptr + c->at, len);
	}
	c->at += len;
}

bool
wire_parse(struct slice message, uint16_t id, struct slice name,
    enum dns_type type, struct wire_answer *out)
{
	struct cursor c = {.message = message};
	unsigned got_id = u16(&c), flags = u16(&c), nquestion = u16(&c);
	unsigned nanswer = u16(&c);

	memset(out, 0, sizeof(*out));
	out->status = DNS_SERVFAIL;
	(void)u32(&c);
	if (c.bad || got_id != id || !(flags & FLAG_QR) || flags & OPCODE)
		return false;
	/* Some refuse without saying what. */
	if (nquestion == 0 && flags & RCODE)
		return true;
	if (nquestion != 1 || !name_is(&c, name) ||
	    u16(&c) != (unsigned)type || u16(&c) != CLASS_IN || c.bad)
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
