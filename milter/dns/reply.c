/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages into answers; see reply.h. RFC 1035 section 4.1, RFC 2308 for what
 * is not there. DNSSEC is the business of who asked.
 */
#include "dns/reply.h"

#include <stdlib.h>
#include <string.h>

#include "dns/cursor.h"
#include "mail/limits.h"

#define FLAG_QR 0x8000
#define FLAG_TC 0x0200
#define RCODE 0x000f
#define RCODE_NXDOMAIN 3
#define SOA_NUMBERS 20 /* octets behind its names */

struct owner {
	unsigned char octets[CURSOR_NAME_MAX];
	size_t len;
};

struct reading {
	struct cursor c;
	enum dns_type type;
	struct owner target; /* the name asked, or what it is an alias of */
	struct answer *out;
	unsigned char *to; /* free memory behind rdata */
};

static void
read_name(struct cursor *c, struct owner *out)
{
	out->len = cursor_name(c, out->octets);
}

/* Octets of labels and their lengths alike: no length is a letter. */
static bool
same_name(const struct owner *a, const struct owner *b)
{
	return slice_ieq(
	    slice_of(a->octets, a->len), slice_of(b->octets, b->len));
}

static void
at_most(uint32_t *ttl_s, uint32_t other_s)
{
	if (*ttl_s > other_s)
		*ttl_s = other_s;
}

/* --- data ----------------------------------------------------------------------- */

/* What RFC 1035 section 3.3 has before, in and behind the names of a type. */
struct shape {
	size_t before, names, behind;
};

static struct shape
shape_of(enum dns_type type)
{
	switch (type) {
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR: return (struct shape){.names = 1};
	case DNS_MX: return (struct shape){.before = 2, .names = 1};
	case DNS_SOA: return (struct shape){.names = 2, .behind = SOA_NUMBERS};
	case DNS_A:
	case DNS_TXT:
	case DNS_AAAA:
	case DNS_DS:
	case DNS_SPF: break;
	}
	return (struct shape){0};
}

static void
copy(struct reading *r, size_t len)
{
	if (r->c.bad || r->c.message.len - r->c.at < len) {
		r->c.bad = true;
		return;
	}
	if (len)
		memcpy(r->to, r->c.message.ptr + r->c.at, len);
	r->to += len;
	r->c.at += len;
}

static void
take(struct reading *r, size_t len)
{
	const unsigned char *from = r->to;
	struct shape shape = shape_of(r->type);

	if (shape.names == 0)
		shape.behind = len;
	copy(r, shape.before);
	for (size_t i = 0; i < shape.names; i++)
		r->to += cursor_name(&r->c, r->to);
	copy(r, shape.behind);
	r->out->rdata[r->out->nrr++] = slice_of(from, (size_t)(r->to - from));
}

/*
 * Room for so many records in one piece: names grow when pointers are followed,
 * all else lies in the message.
 */
static int
make_room(struct reading *r, size_t nrecords)
{
	size_t n =
	    nrecords < LIMIT_ANSWER_RECORDS ? nrecords : LIMIT_ANSWER_RECORDS;
	size_t each =
	    sizeof(struct slice) + shape_of(r->type).names * CURSOR_NAME_MAX;

	r->out->rdata = malloc(n * each + r->c.message.len);
	if (!r->out->rdata)
		return -1;
	r->to = (unsigned char *)(r->out->rdata + n);
	return 0;
}

/* --- sections -------------------------------------------------------------------- */

static void
answer_record(struct reading *r)
{
	struct answer *out = r->out;
	struct owner owner;
	struct record record;
	size_t end;

	read_name(&r->c, &owner);
	if (!cursor_record(&r->c, &record))
		return;
	end = r->c.at + record.len;
	if (record.class != CURSOR_CLASS_IN ||
	    !same_name(&owner, &r->target)) {
		r->c.at = end;
		return;
	}
	if (record.type == (unsigned)r->type) {
		at_most(&out->ttl_s, record.ttl_s);
		if (out->nrr < LIMIT_ANSWER_RECORDS)
			take(r, record.len);
		else
			r->c.at = end;
	} else if (record.type == DNS_CNAME && out->nrr == 0) {
		at_most(&out->ttl_s, record.ttl_s);
		read_name(&r->c, &r->target);
	} else {
		r->c.at = end;
	}
	if (r->c.at != end)
		r->c.bad = true;
}

/* RFC 2308 section 5: the lesser of the SOA's own TTL and its MINIMUM. */
static void
authority_record(struct reading *r, bool *soa)
{
	struct owner ignored;
	struct record record;
	size_t end;

	read_name(&r->c, &ignored);
	if (!cursor_record(&r->c, &record))
		return;
	end = r->c.at + record.len;
	if (record.class == CURSOR_CLASS_IN && record.type == DNS_SOA &&
	    record.len > SOA_NUMBERS) {
		*soa = true;
		r->c.at = end - 4;
		at_most(&r->out->ttl_s, record.ttl_s);
		at_most(&r->out->ttl_s, cursor_u32(&r->c));
	}
	r->c.at = end;
}

/* Both sections, behind the question. */
static void
sections(struct reading *r, unsigned nanswer, unsigned nauthority)
{
	bool soa = false;

	r->out->ttl_s = INT32_MAX;
	for (unsigned i = 0; i < nanswer && !r->c.bad; i++)
		answer_record(r);
	if (r->out->nrr)
		return;
	for (unsigned i = 0; i < nauthority && !r->c.bad; i++)
		authority_record(r, &soa);
	if (!soa)
		r->out->ttl_s = 0;
}

static enum dns_status
status_of(const struct reading *r, unsigned flags)
{
	if (r->c.bad || !(flags & FLAG_QR) || flags & FLAG_TC)
		return DNS_SERVFAIL;
	/* RFC 8020: about the name, and after a CNAME about its target. */
	if ((flags & RCODE) == RCODE_NXDOMAIN)
		return DNS_NXDOMAIN;
	if (flags & RCODE)
		return DNS_SERVFAIL;
	return r->out->nrr ? DNS_OK : DNS_NODATA;
}

int
reply_read(struct slice message, enum dns_type type, struct answer *out)
{
	struct reading r = {
	    .c = {.message = message}, .type = type, .out = out};
	struct cursor *c = &r.c;
	unsigned id = cursor_u16(c), flags = cursor_u16(c);
	unsigned nquestion = cursor_u16(c), nanswer = cursor_u16(c);
	unsigned nauthority = cursor_u16(c);

	(void)id;
	*out = (struct answer){.status = DNS_SERVFAIL};
	(void)cursor_u16(c); /* additional records */
	read_name(c, &r.target);
	if (cursor_u16(c) != (unsigned)type || nquestion != 1)
		c->bad = true;
	(void)cursor_u16(c); /* its class */
	if (c->bad)
		return 0;
	if (nanswer && make_room(&r, nanswer))
		return -1;
	sections(&r, nanswer, nauthority);
	out->status = status_of(&r, flags);
	if (out->status == DNS_OK)
		return 0;
	if (out->status == DNS_SERVFAIL)
		out->ttl_s = 0;
	free(out->rdata);
	out->rdata = NULL;
	out->nrr = 0;
	return 0;
}
