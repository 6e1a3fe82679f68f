/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message and what the DNS says of it, from any octets: the author's domain
 * in the first line, passing identifiers in the second (the first of them
 * SPF's), then "name record" a line. A record "!" is a server's failure, "?"
 * no answer, "=" a name that exists. Whatever there is published:
 *	- no walk asks for more than 8 names, nor any name twice;
 *	- an Organizational Domain is the start or stands above it;
 *	- a pass has an identifier at or below the author's organization;
 *	- libopendmarc agrees, and prefetching changes nothing.
 */
#include "fuzz.h"

#include <stdio.h>

#include "base/buf.h"
#include "dmarc/discover.h"
#include "dmarc/dmarc.h"
#include "dns/zone.h"
#include "mail/limits.h"

#define IDENTIFIERS 30
#define RECORDS 60

struct message {
	struct dmarc_request request;
	struct dmarc_dkim dkim[IDENTIFIERS];
	struct resolver *zone;
};

static void
add_record(struct buf *zone, struct slice line)
{
	bool more;
	struct slice name = slice_cut(&line, ' ', &more);
	struct domain d;

	if (!domain_parse(name, &d) || line.len == 0)
		return;
	if (slice_eqz(line, "=")) {
		buf_addf(zone, "%s A 192.0.2.1\n", d.text);
	} else if (slice_eqz(line, "!") || slice_eqz(line, "?")) {
		buf_addf(zone, "_dmarc.%s %s\n", d.text,
		    line.ptr[0] == '!' ? "SERVFAIL" : "TIMEOUT");
	} else {
		buf_addf(zone, "_dmarc.%s TXT \"", d.text);
		for (size_t i = 0; i < line.len; i++)
			buf_addf(zone, "\\%03d", (unsigned char)line.ptr[i]);
		buf_addz(zone, "\"\n");
	}
}

static void
add_identifiers(struct message *m, struct slice list)
{
	bool more = list.len > 0;

	while (more && m->request.ndkim < IDENTIFIERS) {
		struct domain d;

		if (!domain_parse(slice_cut(&list, ' ', &more), &d))
			continue;
		if (m->request.spf == AR_NOT_RUN) {
			m->request.spf = AR_PASS;
			m->request.spf_domain = d;
			continue;
		}
		m->dkim[m->request.ndkim].word = AR_PASS;
		m->dkim[m->request.ndkim++].domain = d;
	}
	m->request.dkim = m->dkim;
}

static bool
read_message(struct slice in, struct message *m)
{
	struct buf zone = BUF_INIT(1 << 20);
	bool more;

	memset(m, 0, sizeof(*m));
	if (!domain_parse(
		slice_cut(&in, '\n', &more), &m->request.from.domain))
		return false;
	add_identifiers(m, slice_cut(&in, '\n', &more));
	for (int i = 0; more && i < RECORDS; i++)
		add_record(&zone, slice_cut(&in, '\n', &more));
	m->zone =
	    buf_status(&zone) == 0 ? zone_new(buf_slice(&zone), NULL) : NULL;
	buf_free(&zone);
	return m->zone != NULL;
}

static void
walk(const struct message *m, const struct domain *start)
{
	struct inquiry *q = inquiry_new(m->zone, LIMIT_MESSAGE_QUERIES);
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct dmarc_tree tree = DMARC_TREE(q, a);
	struct dmarc_walk w;
	struct domain org;

	if (!q || !a || dmarc_tree_walk(&tree, start, &w))
		abort();
	assert(w.n >= 1 && w.n <= LIMIT_DMARC_WALK);
	assert(inquiry_count(q) <= w.n);
	for (size_t i = 1; i < w.n; i++)
		assert(w.nodes[i]->name.len < w.nodes[i - 1]->name.len &&
		    domain_is_under(start, &w.nodes[i]->name));
	if (dmarc_walk_org(&w, &org))
		assert(domain_is_under(start, &org) && org.len);
	inquiry_free(q);
	arena_free(a);
}

static void
check(const struct message *m, const struct dmarc_result *r)
{
	const struct domain *id = &m->request.spf_domain;

	assert((r->effective != DMARC_UNSET) ==
	    (r->word == AR_PASS || r->word == AR_FAIL));
	assert((r->word == AR_PASS) == (r->aligned_spf || r->aligned_dkim));
	assert(r->effective <= r->policy);
	for (size_t i = 0; i < r->detail.len; i++)
		assert(is_print(r->detail.ptr[i]));
	if (r->aligned_spf)
		assert(domain_is_under(id, &r->org));
	id = &m->dkim[r->aligned_dkim_index].domain;
	if (r->aligned_dkim)
		assert(domain_is_under(id, &r->org));
	if (r->record_domain.len)
		assert(domain_is_under(&r->author, &r->record_domain));
}

static void
evaluate(const struct message *m, bool prefetch, struct dmarc_result *r,
    struct arena *a)
{
	struct inquiry *q = inquiry_new(m->zone, LIMIT_MESSAGE_QUERIES);
	struct err err = ERR_INIT;

	if (!q)
		abort();
	if (prefetch)
		dmarc_prefetch(&m->request.from.domain, q);
	if (dmarc_evaluate(&m->request, q, a, r, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	assert(inquiry_count(q) <=
	    LIMIT_DMARC_WALK * (LIMIT_DMARC_IDENTIFIERS + 1) + 1);
	/* What a full budget does depends on what was asked first. */
	if (inquiry_over(q))
		r->word = AR_NOT_RUN;
	inquiry_free(q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct dmarc_result r, early;
	struct message m;

	if (!a)
		abort();
	if (read_message(slice_of(data, size), &m)) {
		walk(&m, &m.request.from.domain);
		for (size_t i = 0; i < m.request.ndkim; i++)
			walk(&m, &m.dkim[i].domain);
		evaluate(&m, false, &r, a);
		evaluate(&m, true, &early, a);
		if (r.word != AR_NOT_RUN) {
			check(&m, &r);
			assert(early.word == AR_NOT_RUN ||
			    (early.word == r.word &&
				early.reason == r.reason &&
				slice_eq(early.detail, r.detail) &&
				early.effective == r.effective &&
				domain_eq(&early.org, &r.org) &&
				early.author_exists == r.author_exists));
		}
		resolver_free(m.zone);
	}
	arena_free(a);
	return 0;
}
