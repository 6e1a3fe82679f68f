/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines of OpenDKIM and OpenDMARC, as readers of their logs know them. See
 * compat.h.
 */
#include "engine/compat.h"

#include "base/buf.h"

/* "QID: ", then text; the readers match whole lines. */
static void
compat_line(const struct message *m, const char *ident, const char *qid,
    struct buf *text)
{
	struct buf line = BUF_INIT(2000);

	log_escape(&line, slice_z(qid));
	buf_addz(&line, ": ");
	buf_add(&line, buf_slice(text));
	if (buf_status(text) == 0)
		log_compat_line(
		    m->session->engine->log, ident, buf_str(&line));
	buf_free(&line);
	buf_clear(text);
}

static void
compat_opendkim(const struct message *m, const char *qid)
{
	const struct verdict *v = &m->verdict;
	struct buf b = BUF_INIT(1000);
	bool pass = false;

	for (size_t i = 0; m->signing && i < m->signing->n; i++) {
		buf_addf(&b, "DKIM-Signature field added (s=%s, d=%s)",
		    m->signing->keys[i].selector,
		    m->signing->keys[i].domain.text);
		compat_line(m, "opendkim", qid, &b);
	}
	for (size_t i = 0; i < v->ndkim; i++) {
		const struct dkim_result *r = &v->dkim[i];

		buf_addz(&b, "s=");
		log_escape(&b, r->sig->s);
		buf_addf(&b, " d=%s a=", r->domain.text);
		log_escape(&b, r->sig->a);
		buf_addf(&b, " SSL %s",
		    r->word == AR_PASS ? "" : dkim_reason_text(r->reason));
		compat_line(m, "opendkim", qid, &b);
		pass = pass || r->word == AR_PASS;
	}
	if (!m->outbound) {
		buf_addz(&b,
		    v->ndkim == 0 ? "no signature data"
			: pass    ? "DKIM verification successful"
				  : "bad signature data");
		compat_line(m, "opendkim", qid, &b);
	}
	buf_free(&b);
}

static void
compat_opendmarc(const struct message *m, const char *qid)
{
	const struct verdict *v = &m->verdict;
	struct buf b = BUF_INIT(1000);

	if (m->outbound)
		return;
	if (v->mfrom.word != AR_NOT_RUN) {
		buf_addf(&b, "SPF(%s): %s %s",
		    v->mailfrom.null ? "helo" : "mailfrom",
		    v->mfrom.domain.text, ar_word(v->mfrom.word));
		compat_line(m, "opendmarc", qid, &b);
	}
	if (v->dmarc.author.len) {
		buf_addf(
		    &b, "%s %s", v->dmarc.author.text, ar_word(v->dmarc.word));
		compat_line(m, "opendmarc", qid, &b);
	}
	buf_free(&b);
}

void
compat_message(const struct message *m, const char *qid)
{
	const struct log *lg = m->session->engine->log;

	/* Those programs run as well, and say so; here nothing was added. */
	if (m->session->options->policy.observe)
		return;
	if (log_wants_compat(lg, LOG_COMPAT_OPENDKIM))
		compat_opendkim(m, qid);
	if (log_wants_compat(lg, LOG_COMPAT_OPENDMARC))
		compat_opendmarc(m, qid);
}
