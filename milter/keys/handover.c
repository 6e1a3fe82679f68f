/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to publish, between two processes of one machine. See handover.h.
 * What is asked for is checked as if a peer had sent it: the process that
 * asks reads mail all day.
 */
#include "keys/handover.h"

#include <string.h>

#include "dkim/key.h"
#include "keys/make.h"

#define NUMBER_OCTETS 4
#define CONFIG_OCTETS 8
#define TTL_OCTETS 8
#define LENGTH_OCTETS 2

/* --- writing -------------------------------------------------------------- */

static void
add_number(struct buf *b, uint64_t n, int octets)
{
	for (int i = octets - 1; i >= 0; i--)
		buf_addc(b, (char)(unsigned char)(n >> (8 * i)));
}

static void
add_text(struct buf *b, struct slice s)
{
	add_number(b, s.len, LENGTH_OCTETS);
	buf_add(b, s);
}

void
handover_format(const struct publication *p, uint32_t number, uint64_t config,
    struct buf *out)
{
	buf_addc(out, HANDOVER_REQUEST);
	add_number(out, number, NUMBER_OCTETS);
	add_number(out, config, CONFIG_OCTETS);
	buf_addc(out, (char)p->want);
	add_number(out, (uint64_t)p->ttl_s, TTL_OCTETS);
	add_text(out, domain_slice(&p->domain));
	add_text(out, slice_z(p->selector));
	add_text(out, domain_slice(&p->owner));
	add_text(out, domain_slice(&p->zone));
	add_text(out, buf_slice(&p->text));
}

void
handover_answer_format(enum publish_result result, uint32_t number,
    struct slice said, struct buf *out)
{
	buf_addc(out, HANDOVER_ANSWER);
	add_number(out, number, NUMBER_OCTETS);
	buf_addc(out, (char)result);
	buf_add(out, slice_upto(said, HANDOVER_SAID_MAX));
}

void
handover_config_format(uint64_t config, struct buf *out)
{
	buf_addc(out, HANDOVER_CONFIG);
	add_number(out, config, CONFIG_OCTETS);
}

/* --- reading -------------------------------------------------------------- */

static int
take_number(struct slice *in, size_t octets, uint64_t *n)
{
	*n = 0;
	if (in->len < octets)
		return -1;
	for (size_t i = 0; i < octets; i++)
		*n = *n << 8 | (unsigned char)in->ptr[i];
	*in = slice_from(*in, octets);
	return 0;
}

static int
take_text(struct slice *in, struct slice *out)
{
	uint64_t len;

	if (take_number(in, LENGTH_OCTETS, &len) || len > in->len)
		return -1;
	*out = slice_upto(*in, (size_t)len);
	*in = slice_from(*in, (size_t)len);
	return 0;
}

/* A name exactly as we write names. */
static int
take_domain(struct slice *in, struct domain *d)
{
	struct slice text;

	if (take_text(in, &text) || !domain_parse(text, d))
		return -1;
	return slice_eq(text, domain_slice(d)) ? 0 : -1;
}

static int
take_selector(struct slice *in, struct handover *h)
{
	struct slice text;

	if (take_text(in, &text) || text.len > LIMIT_LABEL ||
	    memchr(text.ptr, '\0', text.len))
		return -1;
	memcpy(h->selector, text.ptr, text.len);
	h->selector[text.len] = '\0';
	h->publication.selector = h->selector;
	return keys_selector_imported(h->selector) ? 0 : -1;
}

/* Empty, or one that the record's name lies in. */
static int
take_zone(struct slice *in, struct publication *p)
{
	struct slice before = *in, text;

	if (take_text(in, &text))
		return -1;
	if (text.len == 0)
		return 0;
	*in = before;
	return take_domain(in, &p->zone) ||
		!domain_is_under(&p->owner, &p->zone)
	    ? -1
	    : 0;
}

/* A key's record, or none: neither quotes nor lines nor anything else. */
static int
check_text(enum key_want want, struct slice text)
{
	if (want == WANT_NONE)
		return text.len ? -1 : 0;
	if (!slice_starts(text, SLICE_LIT("v=DKIM1;")) ||
	    text.len > PUBLICATION_TEXT_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i++)
		if (!is_print(text.ptr[i]) || text.ptr[i] == '"' ||
		    text.ptr[i] == '\\')
			return -1;
	return 0;
}

static int
take_record(struct slice *in, struct publication *p)
{
	char name[DKIM_KEY_NAME_MAX];
	struct domain selector;
	struct slice text;

	if (!domain_parse(slice_z(p->selector), &selector) ||
	    !domain_parse(
		dkim_key_name(&selector, &p->domain, name), &p->name))
		return -1;
	if (take_domain(in, &p->owner) || take_zone(in, p) ||
	    take_text(in, &text) || in->len || check_text(p->want, text))
		return -1;
	buf_add(&p->text, text);
	return buf_status(&p->text);
}

int
handover_parse(struct slice in, struct handover *h)
{
	struct publication *p = &h->publication;
	uint64_t kind, number, want, ttl_s;

	*h = (struct handover){.number = 0};
	if (take_number(&in, 1, &kind) || kind != HANDOVER_REQUEST ||
	    take_number(&in, NUMBER_OCTETS, &number) ||
	    take_number(&in, CONFIG_OCTETS, &h->config) ||
	    take_number(&in, 1, &want) || want > WANT_EMPTY ||
	    take_number(&in, TTL_OCTETS, &ttl_s) || ttl_s == 0 ||
	    ttl_s > LIMIT_KEY_TTL)
		return -1;
	h->number = (uint32_t)number;
	p->want = (enum key_want)want;
	p->ttl_s = (int64_t)ttl_s;
	p->text = BUF_INIT(PUBLICATION_TEXT_MAX);
	if (take_domain(&in, &p->domain) || take_selector(&in, h) ||
	    take_record(&in, p)) {
		publication_clear(p);
		return -1;
	}
	return 0;
}

int
handover_answer_parse(struct slice in, uint32_t *number,
    enum publish_result *result, struct slice *said)
{
	uint64_t kind, n, r;

	if (take_number(&in, 1, &kind) || kind != HANDOVER_ANSWER ||
	    take_number(&in, NUMBER_OCTETS, &n) || take_number(&in, 1, &r) ||
	    r > PUBLISH_REFUSED || in.len > HANDOVER_SAID_MAX)
		return -1;
	*number = (uint32_t)n;
	*result = (enum publish_result)r;
	*said = in;
	return 0;
}

int
handover_config_parse(struct slice in, uint64_t *config)
{
	uint64_t kind;

	if (take_number(&in, 1, &kind) || kind != HANDOVER_CONFIG ||
	    take_number(&in, CONFIG_OCTETS, config) || in.len)
		return -1;
	return 0;
}
