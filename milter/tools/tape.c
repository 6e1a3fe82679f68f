/* SPDX-License-Identifier: BSD-2-Clause */
/* See tape.h. */
#include "tools/tape.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ip.h"
#include "dns/rdata.h"

#define TAPE_MAX (64u << 20)
/* What the table could take for something else, outside of quotes. */
#define NAME_SPECIAL " \"\\;"

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
    {0, NULL},
};

struct tape {
	struct resolver base;
	struct resolver *other;
	pthread_mutex_t lock; /* of what follows */
	struct buf text;
	char **asked; /* "name TYPE", each once */
	size_t nasked;
};

struct tape_lookup {
	struct lookup base;
	struct tape *tape;
	struct lookup *other;
	char *name; /* as the table has it */
	enum dns_type type;
	bool answered, in_vain;
};

/* --- writing a record ----------------------------------------------------------- */

/* Special octets, and those no terminal should get, as \DDD. */
static void
add_octets(struct buf *b, struct slice s, const char *special)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (is_print(c) && !strchr(special, c))
			buf_addc(b, c);
		else
			buf_addf(b, "\\%03u", (unsigned char)c);
	}
}

static void
add_strings(struct buf *b, struct slice rdata)
{
	while (rdata.len) {
		size_t n = (unsigned char)rdata.ptr[0];

		buf_addz(b, " \"");
		add_octets(b, slice_upto(slice_from(rdata, 1), n), "\"\\");
		buf_addc(b, '"');
		rdata = slice_from(rdata, 1 + n);
	}
}

static void
add_name(struct buf *b, struct slice rdata)
{
	char name[RDATA_NAME_MAX];

	buf_addc(b, ' ');
	if (!rdata_name(rdata, name) || name[0] == '\0')
		buf_addc(b, '.');
	else
		add_octets(b, slice_z(name), NAME_SPECIAL);
}

static void
add_rdata(struct buf *b, enum dns_type type, struct slice rdata)
{
	char text[IP_TEXT_MAX];
	struct ip ip;

	switch (type) {
	case DNS_A:
	case DNS_AAAA:
		ip = (struct ip){.family = type == DNS_A ? IP_V4 : IP_V6};
		if (rdata.len == (type == DNS_A ? 4u : 16u))
			memcpy(ip.octets, rdata.ptr, rdata.len);
		buf_addf(b, " %s", ip_format(&ip, text));
		break;
	case DNS_MX:
		if (rdata.len < 3)
			break;
		buf_addf(b, " %u",
		    (unsigned char)rdata.ptr[0] * 256u +
			(unsigned char)rdata.ptr[1]);
		add_name(b, slice_from(rdata, 2));
		break;
	case DNS_SPF:
	case DNS_TXT: add_strings(b, rdata); break;
	case DNS_DS: buf_addz(b, " -"); break; /* that there is one */
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR: add_name(b, rdata); break;
	case DNS_SOA: break; /* no table has one */
	}
}

static void
add_answer(struct buf *b, const struct tape_lookup *l, const struct answer *a)
{
	const char *type = names_word(types, (int)l->type);

	for (size_t i = 0; type && i < a->nrr; i++) {
		buf_addf(b, "%s %s", l->name, type);
		add_rdata(b, l->type, a->rdata[i]);
		buf_addc(b, '\n');
	}
	if (a->status == DNS_NODATA)
		buf_addf(b, "%s EXISTS\n", l->name);
	else if (a->status == DNS_SERVFAIL)
		buf_addf(b, "%s SERVFAIL\n", l->name);
	else if (a->status == DNS_NXDOMAIN)
		buf_addf(b, "; %s does not exist\n", l->name);
}

/* True the first time. Under the lock. */
static bool
is_new(struct tape *t, const struct tape_lookup *l)
{
	size_t room = strlen(l->name) + 16;
	char *key = malloc(room), **p;

	if (!key)
		return true;
	(void)snprintf(key, room, "%s %d", l->name, (int)l->type);
	for (size_t i = 0; i < t->nasked; i++) {
		if (!strcmp(t->asked[i], key)) {
			free(key);
			return false;
		}
	}
	p = realloc(t->asked, (t->nasked + 1) * sizeof(*p));
	if (!p) {
		free(key);
		return true;
	}
	t->asked = p;
	t->asked[t->nasked++] = key;
	return true;
}

/* --- resolver_ops ------------------------------------------------------------------- */

static const struct resolver_ops tape_ops;

static struct lookup *
tape_start(struct resolver *r, struct slice name, enum dns_type type)
{
	struct tape *t = (struct tape *)r;
	struct tape_lookup *l = calloc(1, sizeof(*l));
	struct buf b = BUF_INIT(4096);

	add_octets(&b, name, NAME_SPECIAL);
	if (!l || buf_status(&b)) {
		free(l);
		buf_free(&b);
		return NULL;
	}
	l->base.ops = &tape_ops;
	l->tape = t;
	l->type = type;
	l->name = strdup(buf_str(&b));
	l->other = l->name ? t->other->ops->start(t->other, name, type) : NULL;
	buf_free(&b);
	if (l->other)
		return &l->base;
	free(l->name);
	free(l);
	return NULL;
}

static const struct answer *
tape_wait(struct lookup *lookup, int64_t deadline_ms)
{
	struct tape_lookup *l = (struct tape_lookup *)lookup;
	const struct answer *a = l->other->ops->wait(l->other, deadline_ms);
	struct tape *t = l->tape;

	/* Whoever only looks whether it is there names a past deadline. */
	l->in_vain |= !a && deadline_ms > 0;
	if (!a || l->answered)
		return a;
	l->answered = true;
	(void)pthread_mutex_lock(&t->lock);
	if (is_new(t, l))
		add_answer(&t->text, l, a);
	(void)pthread_mutex_unlock(&t->lock);
	return a;
}

static void
tape_drop(struct lookup *lookup)
{
	struct tape_lookup *l = (struct tape_lookup *)lookup;
	struct tape *t = l->tape;

	(void)pthread_mutex_lock(&t->lock);
	if (!l->answered && l->in_vain && is_new(t, l))
		buf_addf(&t->text, "%s TIMEOUT\n", l->name);
	(void)pthread_mutex_unlock(&t->lock);
	l->other->ops->drop(l->other);
	free(l->name);
	free(l);
}

static void
tape_free(struct resolver *r)
{
	struct tape *t = (struct tape *)r;

	resolver_free(t->other);
	for (size_t i = 0; i < t->nasked; i++)
		free(t->asked[i]);
	free(t->asked);
	buf_free(&t->text);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

static const struct resolver_ops tape_ops = {
    tape_start, tape_wait, tape_drop, tape_free};

struct resolver *
tape_new(struct resolver *other, struct err *err)
{
	struct tape *t = calloc(1, sizeof(*t));

	if (!t) {
		resolver_free(other);
		(void)err_no_mem(err);
		return NULL;
	}
	t->base.ops = &tape_ops;
	t->other = other;
	t->text = BUF_INIT(TAPE_MAX);
	(void)pthread_mutex_init(&t->lock, NULL);
	return &t->base;
}

int
tape_write(struct resolver *r, const char *path, struct err *err)
{
	struct tape *t = (struct tape *)r;
	struct slice s = buf_slice(&t->text);
	FILE *f = fopen(path, "w");
	int rc = 0;

	if (!f)
		return err_errno(err, "%s", path);
	if (buf_status(&t->text))
		rc = err_set(err, "%s: too many answers to keep", path);
	if (s.len && fwrite(s.ptr, 1, s.len, f) != s.len)
		rc = err_errno(err, "%s", path);
	if (fclose(f) && rc == 0)
		rc = err_errno(err, "%s", path);
	return rc;
}
