/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a message. Inbound mail is verified, judged and stamped;
 * outbound mail is signed and never judged: rejecting one's own authenticated
 * users is the best-known disaster of this class.
 */
#include "engine/message.h"

#include <stdlib.h>
#include <string.h>

#include "authres/build.h"
#include "engine/checks.h"
#include "engine/methods.h"
#include "engine/observe.h"
#include "engine/policing.h"
#include "mail/limits.h"
#include "spf/received.h"

#define POSITION_TOP 0         /* above all, RFC 8601 section 4 */
#define POSITION_BELOW_TRACE 1 /* below the Received the MTA puts on top */

/* --- beginning ------------------------------------------------------------------ */

static int
set_strip_rules(struct message *m)
{
	const struct engine_options *o = m->session->options;
	struct strip_rules *rules = &m->strip_rules;
	size_t n = o->own_authserv_ids.n;
	struct slice *ids = arena_array(m->arena, n + 1, sizeof(*ids));

	if (!ids)
		return -1;
	for (size_t i = 0; i < n; i++)
		ids[i] = slice_z(o->own_authserv_ids.items[i]);
	ids[n] = slice_z(session_authserv_id(m->session));
	rules->ids = ids;
	rules->nids = n + 1;
	/* Outbound, the field is the sender's own business. */
	rules->quarantine_header = m->outbound ? "" : o->quarantine_header;
	rules->from_outside = !m->outbound;
	return 0;
}

static int
copy_facts(struct message *m, const struct message_facts *facts)
{
	struct slice from =
	    slice_upto(slice_z(facts->mail_from), LIMIT_ENVELOPE);
	struct slice user =
	    slice_upto(slice_z(facts->auth_user), LIMIT_ENVELOPE);

	if (arena_copy(m->arena, from, &from))
		return -1;
	path_parse(from, &m->verdict.mailfrom);
	if (user.len)
		m->verdict.auth.word = AR_PASS;
	return arena_copy(m->arena, user, &m->verdict.auth.user);
}

static int
begin_inbound(struct message *m, struct err *err)
{
	const struct session *s = m->session;
	struct spf_question ask = {.ip = s->ip,
	    .helo = s->helo,
	    .receiver = session_authserv_id(s),
	    .mailfrom = &m->verdict.mailfrom,
	    .deadline_s = s->options->deadline_s,
	    .want_explanation = policing_wants_explanation(s->options)};
	struct dkim_verify_options dkim = s->options->dkim;

	dkim.shared = s->engine->dkim;
	if (dkim_verifier_new(&dkim, m->arena, &m->verifier, err))
		return -1;
	/* The address of a gateway of ours says nothing about the sender. */
	if (s->trusted_relay)
		return 0;
	m->spf = check_spf_start(s->engine, &ask);
	return m->spf ? 0 : err_no_mem(err);
}

struct message *
message_new(const struct session *s, const struct message_facts *facts,
    struct err *err)
{
	struct message *m = calloc(1, sizeof(*m));

	if (!m) {
		(void)err_no_mem(err);
		return NULL;
	}
	m->session = s;
	m->begun_ms = clock_mono_ms(s->engine->clock);
	m->arena = arena_new(LIMIT_MESSAGE_ARENA);
	m->inquiry = inquiry_new(s->engine->resolver,
	    LIMIT_MESSAGE_QUERIES + 2 * s->options->dkim.max_sigs);
	if (!m->arena || !m->inquiry || copy_facts(m, facts))
		goto no_mem;
	m->outbound = s->internal || m->verdict.auth.user.len > 0;
	if (set_strip_rules(m) || header_init(&m->header, m->arena))
		goto no_mem;
	/* Large, and not for the many. */
	if (m->outbound)
		m->signing = arena_alloc(m->arena, sizeof(*m->signing));
	if (m->outbound && !m->signing)
		goto no_mem;
	if (m->outbound || begin_inbound(m, err) == 0)
		return m;
	message_free(m);
	return NULL;
no_mem:
	(void)err_no_mem(err);
	message_free(m);
	return NULL;
}

void
message_free(struct message *m)
{
	if (!m)
		return;
	job_unref(m->spf);
	if (m->signing)
		signing_free(m->signing);
	strip_free(&m->strip);
	inquiry_free(m->inquiry);
	arena_free(m->arena);
	free(m);
}

/* --- content --------------------------------------------------------------------- */

/*
 * The MTA hands over the content when it has all of it: from here on every
 * millisecond is one that the client waits for our answer. How long the
 * client took to send is not ours to count.
 */
static void
start_clock(struct message *m)
{
	const struct session *s = m->session;

	if (m->deadline_ms)
		return;
	m->deadline_ms =
	    clock_mono_ms(s->engine->clock) + s->options->deadline_s * 1000;
	inquiry_set_deadline(m->inquiry, m->deadline_ms);
}

/* Starts the queries that this field makes necessary. */
static int
look_ahead(struct message *m, size_t field, struct err *err)
{
	const struct field *f = &m->header.fields[field];
	struct from from;

	if (slice_ieqz(f->name, "DKIM-Signature"))
		return dkim_verifier_field(
		    m->verifier, f->value, field, m->inquiry, err);
	if (m->from_seen || !slice_ieqz(f->name, "From"))
		return 0;
	m->from_seen = true;
	if (from_parse(f->value, m->arena, &from, err))
		return -1;
	if (from.status == FROM_OK)
		dmarc_prefetch(&from.domain, m->inquiry);
	return 0;
}

/*
 * Where the sender may be the author to be (see methods.c), its domain's policy
 * must be under way, too, before a stranger's slow DNS takes all the time.
 */
static void
look_ahead_sender(struct message *m)
{
	const struct verdict *v = &m->verdict;

	if (v->from.status == FROM_MISSING && m->session->mta != MTA_POSTFIX &&
	    v->mailfrom.domain.len)
		dmarc_prefetch(&v->mailfrom.domain, m->inquiry);
}

int
message_header(
    struct message *m, const char *name, const char *value, struct err *err)
{
	struct slice n = slice_z(name), v = slice_z(value);
	size_t before = m->header.n;

	start_clock(m);
	if (strip_note(&m->strip, &m->strip_rules, n, v) ||
	    header_add(&m->header, n, v))
		return err_no_mem(err);
	if (m->outbound || m->header.n == before)
		return 0;
	return look_ahead(m, before, err);
}

int
message_eoh(struct message *m, struct err *err)
{
	struct verdict *v = &m->verdict;

	start_clock(m);
	if (from_header(&m->header, m->arena, &v->from, err))
		return -1;
	if (m->outbound)
		return signing_begin(m->signing, m->session, &m->header,
		    &v->from, m->inquiry, m->arena, err);
	look_ahead_sender(m);
	return dkim_verifier_eoh(
	    m->verifier, &m->header, &v->from.domain, err);
}

int
message_body(struct message *m, const void *data, size_t len, struct err *err)
{
	if (m->outbound)
		return signing_body(m->signing, data, len, err);
	return dkim_verifier_body(m->verifier, data, len, err);
}

/* --- the end ------------------------------------------------------------------------ */

static int
insert_authres(struct message *m, struct err *err)
{
	struct authres ar;
	struct slice value;
	int rc = -1;

	authres_init(&ar, slice_z(session_authserv_id(m->session)));
	methods_stamp(m, &ar);
	m->authres_dropped = ar.dropped;
	if (authres_finish(&ar, m->arena, &value))
		(void)err_set(err, "Authentication-Results can't be written");
	else if (edits_insert(
		     &m->edits, m->arena, STRIP_AUTHRES, value, POSITION_TOP))
		(void)err_no_mem(err);
	else
		rc = 0;
	authres_free(&ar);
	return rc;
}

static int
insert_quarantine(struct message *m, struct err *err)
{
	const struct engine_options *o = m->session->options;
	char value[DISPOSITION_TEXT_MAX + 1] = " ";

	if (m->disposition.action != ACTION_QUARANTINE)
		return 0;
	if (o->quarantine_action & QUARANTINE_HOLD)
		m->hold = m->disposition.text;
	if (!(o->quarantine_action & QUARANTINE_HEADER))
		return 0;
	memcpy(value + 1, m->disposition.text, strlen(m->disposition.text));
	if (edits_insert(&m->edits, m->arena, o->quarantine_header,
		slice_z(value), POSITION_TOP))
		return err_no_mem(err);
	return 0;
}

static int
insert_received_spf(struct message *m, struct err *err)
{
	const struct spf_received field = {.result = &m->verdict.mfrom,
	    .null_sender = m->verdict.mailfrom.null,
	    .client = m->session->ip,
	    .helo = slice_z(m->session->helo),
	    .receiver = slice_z(session_authserv_id(m->session))};
	struct slice value;

	if (!m->session->options->received_spf || !m->spf)
		return 0;
	if (spf_received_write(&field, m->arena, &value) ||
	    edits_insert(
		&m->edits, m->arena, "Received-SPF", value, POSITION_TOP))
		return err_no_mem(err);
	return 0;
}

static int
finish_inbound(struct message *m, struct err *err)
{
	if (methods_judge(m, err))
		return -1;
	if (inquiry_failed(m->inquiry))
		return err_no_mem(err);
	if (policing_decide(m, err))
		return -1;
	if (m->session->options->policy.observe)
		return observe_compare(m, err);
	if (insert_quarantine(m, err) || insert_received_spf(m, err))
		return -1;
	return insert_authres(m, err);
}

static int
finish_outbound(struct message *m, struct err *err)
{
	const struct engine_options *o = m->session->options;
	struct slice *values;
	size_t n;

	if (policing_decide(m, err))
		return -1;
	/* Whether a message would be signed, only its signing tells. */
	if (signing_end(m->signing, m->session, m->inquiry, &values, &n, err))
		return -1;
	if (o->policy.observe)
		return 0;
	for (size_t i = n; i > 0; i--)
		if (edits_insert(&m->edits, m->arena, "DKIM-Signature",
			values[i - 1], POSITION_BELOW_TRACE))
			return err_no_mem(err);
	return o->stamp_outbound ? insert_authres(m, err) : 0;
}

/*
 * What can't be cleaned must not go on: a reader would believe it. That is no
 * policy, so shadow does not withhold it; observe cleans nothing anyway.
 */
static void
refuse_forged(struct message *m)
{
	static const char text[] = "Too many forged header fields";

	m->disposition = (struct disposition){
	    .action = m->session->options->policy.observe ? ACTION_ACCEPT
							  : ACTION_REJECT,
	    .would = ACTION_REJECT,
	    .rule = "too_many_forged",
	    .exception = "",
	    .code = "550",
	    .xcode = "5.7.1"};
	memcpy(m->disposition.text, text, sizeof(text));
}

int
message_eom(struct message *m, struct err *err)
{
	int rc;

	start_clock(m);
	/* First what matters for security: were an MTA to stop half-way. */
	if (!m->session->options->policy.observe &&
	    strip_edits(&m->strip, &m->strip_rules, &m->edits, m->arena))
		return err_no_mem(err);
	rc = m->outbound ? finish_outbound(m, err) : finish_inbound(m, err);
	if (rc == 0 && strip_over(&m->strip))
		refuse_forged(m);
	return rc;
}
