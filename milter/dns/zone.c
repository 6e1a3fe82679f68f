/* SPDX-License-Identifier: BSD-2-Clause */
/* A table that answers like a name server. See zone.h. */
#include "dns/zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/ip.h"
#include "mail/limits.h"

#define ZONE_OCTETS (64u << 20)
#define CNAME_CHAIN 8
#define TTL_S 300

enum kind { /* what stands in the type column, beside dns_type */
	KIND_SERVFAIL = 0x10000,
	KIND_TIMEOUT,
	KIND_EXISTS,
	KIND_SECURE,
};

static const struct name types[] = {
    {DNS_A, "A"},
    {DNS_NS, "NS"},
    {DNS_CNAME, "CNAME"},
    {DNS_PTR, "PTR"},
    {DNS_MX, "MX"},
    {DNS_TXT, "TXT"},
    {DNS_AAAA, "AAAA"},
    {DNS_DS, "DS"},
    {DNS_SPF, "SPF"},
    {KIND_SERVFAIL, "SERVFAIL"},
    {KIND_TIMEOUT, "TIMEOUT"},
    {KIND_EXISTS, "EXISTS"},
    {KIND_SECURE, "SECURE"},
    {0, NULL},
};

struct record {
	struct slice owner; /* lower case */
	int type;
	struct slice rdata;
	struct slice target; /* of a CNAME, lower case */
	size_t serial;       /* order in the text */
};

struct zone {
	struct resolver base;
	struct arena *arena;
	struct record *records; /* by owner */
	size_t n;
	pthread_mutex_t lock; /* of asked */
	char **asked;
	size_t nasked;
};

struct zone_lookup {
	struct lookup base;
	struct answer answer;
	bool timeout;
	struct slice rdata[];
};

/* --- reading the text --------------------------------------------------- */

struct reader {
	struct zone *zone;
	struct slice line;
	size_t lineno, cap;
	struct err *err;
};

static int
bad(struct reader *r, const char *why)
{
	return err_set(r->err, "zone line %zu: %s", r->lineno, why);
}

static struct slice
word(struct slice *line)
{
	struct slice w;

	while (line->len && is_fws(line->ptr[0]))
		*line = slice_from(*line, 1);
	w = *line;
	for (w.len = 0; w.len < line->len; w.len++)
		if (is_fws(line->ptr[w.len]) || line->ptr[w.len] == ';')
			break;
	*line = slice_from(*line, w.len);
	return w;
}

/* What stands after a backslash: three digits, or one octet as it is. */
static int
escaped(struct reader *r, struct slice *s, char *c)
{
	uint64_t octet;

	if (s->len >= 3 && is_digit(s->ptr[0])) {
		if (slice_u64(slice_upto(*s, 3), 255, &octet))
			return bad(r, "bad \\DDD");
		*c = (char)octet;
		*s = slice_from(*s, 3);
	} else if (s->len) {
		*c = s->ptr[0];
		*s = slice_from(*s, 1);
	}
	return 0;
}

/* Onto the wire, and empty for the next one. */
static int
end_label(struct reader *r, struct buf *label, struct buf *wire)
{
	if (buf_status(label))
		return bad(r, "a label is too long");
	buf_addc(wire, (char)label->len);
	buf_add(wire, buf_slice(label));
	buf_clear(label);
	return 0;
}

/*
 * A name, as octets with dots between the labels and in wire format. Only
 * the latter can tell a dot within a label ("\046") from one between two.
 */
static int
read_name(
    struct reader *r, struct slice s, struct slice *out, struct buf *wire)
{
	struct buf label = BUF_INIT(255);
	char *p;
	int rc = -1;

	if (s.len > 1 && s.ptr[s.len - 1] == '.')
		s.len--;
	p = arena_alloc(r->zone->arena, s.len + 1);
	if (s.len == 0 || !p) {
		(void)(p ? bad(r, "a name is missing") : err_no_mem(r->err));
		goto out;
	}
	*out = slice_of(p, 0);
	while (s.len) {
		char c = s.ptr[0];

		s = slice_from(s, 1);
		if (c == '.') {
			if (end_label(r, &label, wire))
				goto out;
		} else {
			if (c == '\\' && escaped(r, &s, &c))
				goto out;
			buf_addc(&label, c);
		}
		p[out->len++] = ascii_lower(c);
	}
	rc = end_label(r, &label, wire);
	buf_addc(wire, '\0');
out:
	buf_free(&label);
	return rc;
}

/* One quoted string at *s (its quote already skipped) onto b. */
static int
quoted(struct reader *r, struct slice *s, struct buf *b)
{
	while (s->len && s->ptr[0] != '"') {
		char c = s->ptr[0];

		*s = slice_from(*s, 1);
		if (c == '\\' && escaped(r, s, &c))
			return -1;
		buf_addc(b, c);
	}
	if (s->len == 0)
		return bad(r, "a quote is not closed");
	*s = slice_from(*s, 1);
	return 0;
}

static int
txt_data(struct reader *r, struct buf *b)
{
	struct slice *s = &r->line;
	struct buf one = BUF_INIT(LIMIT_TXT_OCTETS);
	int rc = -1;

	for (;;) {
		struct slice rest;

		buf_clear(&one);
		while (s->len && is_fws(s->ptr[0]))
			*s = slice_from(*s, 1);
		if (s->len == 0 || s->ptr[0] == ';')
			break;
		if (s->ptr[0] == '"') {
			*s = slice_from(*s, 1);
			if (quoted(r, s, &one))
				goto out;
		} else {
			buf_add(&one, word(s));
		}
		if (buf_status(&one)) {
			(void)(one.no_mem ? err_no_mem(r->err)
					  : bad(r, "a string is too long"));
			goto out;
		}
		rest = buf_slice(&one);
		do { /* a long string is cut as a publisher would */
			struct slice part = slice_upto(rest, 255);

			buf_addc(b, (char)part.len);
			buf_add(b, part);
			rest = slice_from(rest, part.len);
		} while (rest.len);
	}
	rc = 0;
out:
	buf_free(&one);
	return rc;
}

static int
record_data(struct reader *r, struct record *rec, struct buf *b)
{
	struct slice w;
	uint64_t preference;
	struct ip ip;

	switch (rec->type) {
	case DNS_SPF:
	case DNS_TXT: return txt_data(r, b);
	case DNS_DS: /* nobody here looks into one: as it is */
		buf_add(b, slice_trim(r->line));
		return 0;
	case DNS_A:
	case DNS_AAAA:
		if (ip_parse_as(word(&r->line),
			rec->type == DNS_A ? IP_V4 : IP_V6, &ip))
			return bad(r, "bad address");
		buf_add(b, slice_of(ip.octets, rec->type == DNS_A ? 4 : 16));
		return 0;
	case DNS_MX:
		if (slice_u64(word(&r->line), 65535, &preference))
			return bad(r, "bad preference");
		buf_addc(b, (char)(preference >> 8));
		buf_addc(b, (char)(preference & 0xff));
		break;
	case KIND_SERVFAIL:
	case KIND_TIMEOUT:
	case KIND_EXISTS:
	case KIND_SECURE: return 0;
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR: break;
	}
	w = word(&r->line);
	if (!slice_eqz(w, "."))
		return read_name(r, w, &rec->target, b);
	rec->target = w;
	buf_addc(b, '\0');
	return 0;
}

static int
push(struct reader *r, struct record rec)
{
	struct zone *z = r->zone;

	if (z->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 64;
		struct record *p = realloc(z->records, cap * sizeof(*p));

		if (!p)
			return err_no_mem(r->err);
		z->records = p;
		r->cap = cap;
	}
	rec.serial = z->n;
	z->records[z->n++] = rec;
	return 0;
}

static int
read_line(struct reader *r)
{
	struct slice owner = word(&r->line), type;
	struct buf b = BUF_INIT(LIMIT_TXT_OCTETS + 1024);
	struct record rec = {.type = 0};
	uint64_t ttl;
	int rc = -1;

	if (owner.len == 0)
		return 0;
	type = word(&r->line);
	if (slice_u64(type, UINT32_MAX, &ttl) == 0)
		type = word(&r->line);
	if (slice_ieqz(type, "IN"))
		type = word(&r->line);
	if (names_value(types, type, &rec.type)) {
		(void)bad(r, "unknown record type");
		goto out;
	}
	if (read_name(r, owner, &rec.owner, &b))
		goto out;
	buf_clear(&b); /* the owner's wire format is not asked for */
	if (record_data(r, &rec, &b))
		goto out;
	if (buf_status(&b) ||
	    arena_copy(r->zone->arena, buf_slice(&b), &rec.rdata)) {
		(void)bad(r, "the record is too long");
		goto out;
	}
	rc = push(r, rec);
out:
	buf_free(&b);
	return rc;
}

/* --- answering ----------------------------------------------------------- */

static int
by_owner(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int c = slice_cmp(x->owner, y->owner);

	return c ? c : (x->serial > y->serial) - (x->serial < y->serial);
}

/* Index of the first record of owner or, without one, z->n. */
static size_t
find_owner(const struct zone *z, struct slice owner)
{
	size_t lo = 0, hi = z->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (slice_cmp(z->records[mid].owner, owner) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < z->n && slice_eq(z->records[lo].owner, owner) ? lo : z->n;
}

/* Is there a record below name? Then it is an empty non-terminal. */
static bool
has_below(const struct zone *z, struct slice name)
{
	for (size_t i = 0; i < z->n; i++) {
		struct slice o = z->records[i].owner;

		if (o.len > name.len && o.ptr[o.len - name.len - 1] == '.' &&
		    slice_ieq(slice_from(o, o.len - name.len), name))
			return true;
	}
	return false;
}

/* RFC 4592: the closest encloser's wildcard. z->n when there is none. */
static size_t
find_wildcard(const struct zone *z, struct slice name)
{
	char w[LIMIT_DOMAIN + 3] = "*";
	size_t at;

	while ((at = slice_find(name, '.')) < name.len) {
		name = slice_from(name, at);
		memcpy(w + 1, name.ptr, name.len);
		at = find_owner(z, slice_of(w, name.len + 1));
		name = slice_from(name, 1);
		if (at < z->n || find_owner(z, name) < z->n ||
		    has_below(z, name))
			return at;
	}
	return z->n;
}

static void
collect(const struct zone *z, size_t first, enum dns_type type,
    struct zone_lookup *l, struct slice *cname)
{
	struct slice owner = z->records[first].owner;

	for (size_t i = first;
	     i < z->n && slice_eq(z->records[i].owner, owner); i++) {
		const struct record *rec = &z->records[i];

		if (rec->type == KIND_SERVFAIL)
			l->answer.status = DNS_SERVFAIL;
		else if (rec->type == KIND_TIMEOUT)
			l->timeout = true;
		else if (rec->type == KIND_SECURE)
			l->answer.secure = true;
		else if (rec->type == (int)type)
			l->rdata[l->answer.nrr++] = rec->rdata;
		else if (rec->type == DNS_CNAME)
			*cname = rec->target;
	}
	if (l->answer.nrr) {
		l->answer.status = DNS_OK;
		l->timeout = false;
	}
}

static void
resolve(const struct zone *z, struct slice name, enum dns_type type,
    struct zone_lookup *l)
{
	for (int hop = 0; hop < CNAME_CHAIN; hop++) {
		struct slice cname = SLICE_EMPTY;
		size_t at = find_owner(z, name);

		l->answer.status = DNS_NODATA;
		if (at == z->n && !has_below(z, name)) {
			at = find_wildcard(z, name);
			if (at == z->n)
				l->answer.status = DNS_NXDOMAIN;
		}
		if (at < z->n)
			collect(z, at, type, l, &cname);
		if (l->answer.status != DNS_NODATA || cname.len == 0)
			return;
		name = cname;
	}
	l->answer.status = DNS_SERVFAIL; /* a loop of CNAMEs */
}

/* --- resolver_ops -------------------------------------------------------- */

static int
remember(struct zone *z, struct slice name, enum dns_type type)
{
	size_t room = name.len + 16;
	char *text = malloc(room), **p;
	int rc = -1;

	if (!text)
		return -1;
	(void)snprintf(text, room, SLICE_FMT " %s", SLICE_ARG(name),
	    names_word(types, (int)type));
	(void)pthread_mutex_lock(&z->lock);
	p = realloc(z->asked, (z->nasked + 1) * sizeof(*p));
	if (p) {
		z->asked = p;
		z->asked[z->nasked++] = text;
		rc = 0;
	}
	(void)pthread_mutex_unlock(&z->lock);
	if (rc)
		free(text);
	return rc;
}

static const struct resolver_ops zone_ops;

static struct lookup *
zone_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct zone *z = (struct zone *)r;
	struct zone_lookup *l;

	/* Flexible: at worst every record of the table. */
	l = calloc(1, sizeof(*l) + z->n * sizeof(l->rdata[0]));
	if (!l || remember(z, name, type)) {
		free(l);
		return NULL;
	}
	l->base.ops = &zone_ops;
	l->answer.ttl_s = TTL_S;
	l->answer.rdata = l->rdata;
	resolve(z, name, type, l);
	return &l->base;
}

static const struct answer *
zone_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct zone_lookup *l = (struct zone_lookup *)lookup;

	(void)deadline_ms;
	return l->timeout ? NULL : &l->answer;
}

static void
zone_drop(struct lookup *l)
{
	free(l);
}

static void
zone_free(struct resolver *r)
{
	struct zone *z = (struct zone *)r;

	for (size_t i = 0; i < z->nasked; i++)
		free(z->asked[i]);
	free(z->asked);
	free(z->records);
	arena_free(z->arena);
	(void)pthread_mutex_destroy(&z->lock);
	free(z);
}

static const struct resolver_ops zone_ops = {
    zone_start, zone_wait, zone_drop, zone_free};

struct resolver *
zone_new(struct slice text, struct err *err)
{
	struct zone *z = calloc(1, sizeof(*z));
	struct reader r = {.zone = z, .err = err};
	bool more = true;

	if (!z || !(z->arena = arena_new(ZONE_OCTETS))) {
		free(z);
		(void)err_no_mem(err);
		return NULL;
	}
	z->base.ops = &zone_ops;
	/* Default attributes: cannot fail on the systems we know. */
	(void)pthread_mutex_init(&z->lock, NULL);
	while (more) {
		r.line = slice_cut(&text, '\n', &more);
		r.lineno++;
		if (read_line(&r)) {
			zone_free(&z->base);
			return NULL;
		}
	}
	if (z->n)
		qsort(z->records, z->n, sizeof(*z->records), by_owner);
	return &z->base;
}

const char *
zone_asked(struct resolver *r, size_t i)
{
	const struct zone *z = (const struct zone *)r;

	return i < z->nasked ? z->asked[i] : NULL;
}
