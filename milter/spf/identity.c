/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom a check is about: <sender> and <domain> out of HELO and MAIL FROM (RFC
 * 7208 sections 2.3, 2.4, 4.1, 4.3; RFC 8616 section 4). See eval.h.
 */
#include "spf/eval.h"

#include "base/buf.h"

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

/*
 * The local part and the domain as said. Section 2.4: the null sender's
 * identity is "postmaster" at the HELO name. Without an "@" there is no
 * domain: what Postfix shows as <root> is a local part.
 */
static void
split(const struct spf_request *rq, struct slice *local, struct slice *domain)
{
	size_t at;

	*local = SLICE_LIT("postmaster");
	*domain = slice_upto(rq->helo, LIMIT_ENVELOPE);
	if (rq->identity == SPF_HELO || rq->sender.len == 0)
		return;
	*domain = SLICE_EMPTY;
	at = slice_rfind(rq->sender, '@');
	if (rq->sender.len > LIMIT_ENVELOPE || at == rq->sender.len)
		return;
	*domain = slice_from(rq->sender, at + 1);
	if (at > 0) /* section 4.3: else "postmaster" stays */
		*local = slice_upto(rq->sender, at);
}

/* RFC 8616 section 4: U-labels become A-labels in macros, too. */
static int
helo_value(
    const struct spf_request *rq, struct arena *arena, struct slice *out)
{
	struct slice helo = slice_upto(rq->helo, LIMIT_ENVELOPE);
	struct domain d;

	if (!is_ascii(helo) && domain_parse(helo, &d))
		helo = domain_slice(&d);
	return arena_copy(arena, helo, out);
}

static int
sender_value(struct slice local, struct slice domain, struct arena *arena,
    struct slice *out)
{
	struct buf b = BUF_INIT(3 * LIMIT_ENVELOPE);
	int rc = -1;

	buf_add(&b, local);
	buf_addc(&b, '@');
	buf_add(&b, domain);
	if (buf_status(&b) == 0)
		rc = arena_copy(arena, buf_slice(&b), out);
	buf_free(&b);
	return rc;
}

struct spf_eval *
spf_eval_new(const struct spf_request *rq, struct inquiry *inquiry,
    struct arena *arena, struct err *err)
{
	struct spf_eval *e = arena_alloc(arena, sizeof(*e));
	struct spf_macro_values *v;
	struct slice domain;

	if (!e)
		return NULL;
	e->inquiry = inquiry;
	e->arena = arena;
	e->err = err;
	v = &e->values;
	v->ip = rq->ip;
	v->now_s = rq->now_s;
	v->receiver = rq->receiver.len ? rq->receiver : SLICE_LIT("unknown");
	split(rq, &v->local, &domain);
	e->local_ascii = is_ascii(v->local);
	if (domain_parse(domain, &e->domain) && domain_nlabels(&e->domain) > 1)
		domain = domain_slice(&e->domain);
	else
		e->domain = (struct domain){.len = 0};
	if (sender_value(v->local, domain, arena, &v->sender) ||
	    helo_value(rq, arena, &v->helo))
		return NULL;
	v->sender_domain = domain_slice(&e->domain);
	return e;
}
