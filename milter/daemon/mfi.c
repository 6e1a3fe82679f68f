/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The glue to libmilter: it translates and decides nothing. Callbacks of one
 * connection come one after another, but on any thread (Debian's libmilter is
 * a worker pool), so all state hangs on the connection.
 *
 * Replies are asked for only where one may be needed: at the body, to say
 * that no more of it is wanted, and at the end of the message.
 */
#include "daemon/mfi.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmilter/mfapi.h>

#include "engine/message.h"
#include "engine/report.h"
#include "engine/session.h"

#define WANTED_STEPS \
	(SMFIP_HDR_LEADSPC | SMFIP_NORCPT | SMFIP_NOUNKNOWN | SMFIP_NODATA | \
	    SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_HDR | \
	    SMFIP_NR_EOH | SMFIP_NR_BODY)

/*
 * libmilter hands no argument of ours to the first callback of a connection,
 * so this one pointer is static: set before the first, never changed.
 */
static struct daemon *the_daemon;

struct connection {
	unsigned long steps; /* as negotiated */
	struct config *config;
	struct session *session;
	struct message *message;
	bool under_way; /* between MAIL FROM and the answer or abort */
	bool put_off;   /* begun when we were about to end */
	struct err err; /* our own failure; told at the end of the message */
};

/* --- connection state ------------------------------------------------------------ */

static void
message_end(struct connection *c)
{
	message_free(c->message);
	c->message = NULL;
	c->err = ERR_INIT;
	if (c->under_way)
		atomic_fetch_sub(&the_daemon->messages, 1);
	c->under_way = false;
}

/* It ends and was not answered. */
static void
message_abort(struct connection *c)
{
	if (c->under_way)
		counters_add(&the_daemon->counters.left[COUNTED_ABORTED]);
	message_end(c);
}

static void
session_end(struct connection *c)
{
	message_abort(c);
	session_free(c->session);
	c->session = NULL;
	config_unref(c->config);
	c->config = NULL;
}

/*
 * The state of this connection, made when missing: after "quit, new
 * connection" libmilter calls close and then connect, without negotiate.
 */
static struct connection *
connection_of(SMFICTX *ctx)
{
	struct connection *c = smfi_getpriv(ctx);

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->steps = WANTED_STEPS;
	if (smfi_setpriv(ctx, c) != MI_SUCCESS) {
		free(c);
		return NULL;
	}
	atomic_fetch_add(&the_daemon->connections, 1);
	return c;
}

/* What a callback returns when it has nothing to say. */
static sfsistat
quiet(const struct connection *c, unsigned long no_reply)
{
	return c && (c->steps & no_reply) ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static const char *
macro(SMFICTX *ctx, const char *name)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s", name);
	return smfi_getsymval(ctx, text);
}

/* Says once what the MTA should have given, and what mends it. */
static void
tell_once(atomic_bool *told, const char *what, const char *mend)
{
	if (!atomic_exchange(told, true))
		log_event(the_daemon->engine.log, LOG_LEVEL_WARNING,
		    "mta_lacks", "what", what, "mend", mend, NULL);
}

/* --- negotiate ---------------------------------------------------------------------- */

static void
ask_macros(SMFICTX *ctx, int stage, const char *names)
{
	char list[128];

	/* A refusal leaves the administrator's own list in force. */
	(void)snprintf(list, sizeof(list), "%s", names);
	(void)smfi_setsymlist(ctx, stage, list);
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused1, unsigned long unused2, unsigned long *want_actions,
    unsigned long *want_steps, unsigned long *want1, unsigned long *want2)
{
	struct connection *c = connection_of(ctx);

	(void)unused1;
	(void)unused2;
	*want_actions =
	    actions & (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE);
	/* libmilter has put in what the missing callbacks mean, and SKIP. */
	*want_steps |= steps & WANTED_STEPS;
	/*
	 * What the MTA writes after the envelope waits for an acknowledgement
	 * of the envelope; an answer at DATA carries it 40 ms sooner. So does
	 * one to the body, for the end. Without TCP the wait for our answer to
	 * the body is longer than what the rest of an unsigned one takes, which
	 * SMFIS_SKIP would save: it needs an answer.
	 */
	if (the_daemon->tcp)
		*want_steps &= ~(unsigned long)(SMFIP_NODATA | SMFIP_NR_BODY);
	*want1 = *want2 = 0;
	if (!c)
		return SMFIS_CONTINUE;
	c->steps = *want_steps;
	if (!(steps & SMFIP_HDR_LEADSPC))
		tell_once(&the_daemon->told_leadspc,
		    "leading blanks of header values",
		    "milter_protocol = 6 in main.cf; until then "
		    "simple canonicalization is best effort");
	if (actions & SMFIF_SETSYMLIST) {
		ask_macros(ctx, SMFIM_CONNECT, "j v {daemon_name}");
		/* Sendmail tells the queue id here and not again. */
		ask_macros(ctx, SMFIM_ENVFROM, "i {auth_type} {auth_authen}");
		ask_macros(ctx, SMFIM_EOM, "i");
	}
	return SMFIS_CONTINUE;
}

/* --- envelope ------------------------------------------------------------------------ */

static struct ip
address_of(const _SOCK_ADDR *addr, unsigned *port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	uint8_t octets[16];

	*port = 0;
	if (addr && addr->sa_family == AF_INET) {
		memcpy(&v4, addr, sizeof(v4));
		*port = ntohs(v4.sin_port);
		memcpy(octets, &v4.sin_addr, 4);
		return ip_v4(octets);
	}
	if (addr && addr->sa_family == AF_INET6) {
		memcpy(&v6, addr, sizeof(v6));
		*port = ntohs(v6.sin6_port);
		memcpy(octets, &v6.sin6_addr, 16);
		return ip_v6(octets);
	}
	return (struct ip){.family = IP_NONE};
}

/*
 * Submitted on the machine itself: Sendmail gives no address then, Postfix
 * (pickup) gives loopback with port 0, which no TCP client has.
 */
static bool
is_local(const struct ip *ip, unsigned port)
{
	return ip->family == IP_NONE || (port == 0 && ip_is_loopback(ip));
}

static void
check_macros(const struct session_facts *f, const struct config *config)
{
	const struct engine_options *o = &config->engine;

	if (!f->daemon_name &&
	    (o->outbound_daemons.n > 0 || o->skip_daemons.n > 0))
		tell_once(&the_daemon->told_daemon_name,
		    "macro {daemon_name} at connect",
		    "milter_connect_macros in main.cf, "
		    "confMILTER_MACROS_CONNECT in sendmail.mc");
	if (!f->mta_host && !o->authserv_id[0])
		tell_once(&the_daemon->told_host, "macro j at connect",
		    "milter_connect_macros in main.cf, "
		    "confMILTER_MACROS_CONNECT in sendmail.mc, or "
		    "authserv_id in assay.conf");
}

static sfsistat
on_connect(SMFICTX *ctx, char *hostname, _SOCK_ADDR *addr)
{
	struct connection *c = connection_of(ctx);
	struct session_facts facts = {.client_name = hostname,
	    .daemon_name = macro(ctx, "{daemon_name}"),
	    .mta_host = macro(ctx, "j"),
	    .mta_version = macro(ctx, "v")};
	unsigned port;

	if (!c)
		return SMFIS_TEMPFAIL;
	session_end(c);
	counters_add(&the_daemon->counters.connections);
	c->config = daemon_config(the_daemon);
	facts.ip = address_of(addr, &port);
	facts.local = is_local(&facts.ip, port);
	check_macros(&facts, c->config);
	c->session = session_new(
	    &the_daemon->engine, &c->config->engine, &facts, &c->err);
	return quiet(c, SMFIP_NR_CONN);
}

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	struct connection *c = connection_of(ctx);

	if (c && c->session)
		(void)!session_helo(c->session, name, &c->err);
	return quiet(c, SMFIP_NR_HELO);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct connection *c = connection_of(ctx);
	struct message_facts facts = {
	    .mail_from = argv[0], .auth_user = macro(ctx, "{auth_authen}")};

	if (!c)
		return SMFIS_TEMPFAIL;
	message_abort(c);
	/* Those we leave alone count, too: our end would be a tempfail. */
	c->under_way = true;
	atomic_fetch_add(&the_daemon->messages, 1);
	if (!c->session || c->session->skip)
		return quiet(c, SMFIP_NR_MAIL);
	c->put_off = atomic_load(&the_daemon->put_off) &&
	    !c->config->engine.policy.observe;
	if (c->put_off)
		return quiet(c, SMFIP_NR_MAIL);
	c->message = message_new(c->session, &facts, &c->err);
	return quiet(c, SMFIP_NR_MAIL);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_CONTINUE;
}

/* --- content --------------------------------------------------------------------------- */

/* The message to go on with; NULL when there is none or it has failed. */
static struct message *
current(const struct connection *c)
{
	return c && c->message && !c->err.text[0] ? c->message : NULL;
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct connection *c = connection_of(ctx);
	struct message *m = current(c);
	char *spaced = NULL;

	/* The MTA took the one blank away (or there was none: best effort). */
	if (m && !(c->steps & SMFIP_HDR_LEADSPC) && !is_wsp(value[0])) {
		size_t len = strlen(value);

		spaced = malloc(len + 2);
		if (spaced) {
			spaced[0] = ' ';
			memcpy(spaced + 1, value, len + 1);
		}
	}
	if (m)
		(void)!message_header(
		    m, name, spaced ? spaced : value, &c->err);
	free(spaced);
	return quiet(c, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct connection *c = connection_of(ctx);
	struct message *m = current(c);

	if (m)
		(void)!message_eoh(m, &c->err);
	return quiet(c, SMFIP_NR_EOH);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *data, size_t len)
{
	struct connection *c = connection_of(ctx);
	struct message *m = current(c);
	int more = m ? message_body(m, data, len, &c->err) : 0;

	if (more == 0 && c && (c->steps & SMFIP_SKIP) &&
	    !(c->steps & SMFIP_NR_BODY))
		return SMFIS_SKIP;
	return quiet(c, SMFIP_NR_BODY);
}

/* --- the end ------------------------------------------------------------------------------ */

static int
apply_edit(SMFICTX *ctx, const struct connection *c, const struct edit *e)
{
	const char *value = e->value;
	char name[128], *copy;
	int rc;

	(void)snprintf(name, sizeof(name), "%s", e->name);
	if (e->kind == EDIT_DELETE)
		return smfi_chgheader(ctx, name, (int)e->nth, NULL);
	/* Without LEADSPC the MTA puts a blank of its own. */
	if (!(c->steps & SMFIP_HDR_LEADSPC) && value[0] == ' ')
		value++;
	copy = strdup(value);
	if (!copy)
		return MI_FAILURE;
	rc = smfi_insheader(ctx, (int)e->nth, name, copy);
	free(copy);
	return rc;
}

/* A single % would be taken for a format: both MTAs read %% as one. */
static void
double_percent(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text && n + 2 < size; text++) {
		if (*text == '%')
			out[n++] = '%';
		out[n++] = *text;
	}
	out[n] = '\0';
}

/* more: a second line, "" for none. */
static sfsistat
reply(SMFICTX *ctx, const char *code, const char *xcode, const char *text,
    const char *more, sfsistat status)
{
	char rcode[4], rxcode[16];
	char line[2 * DISPOSITION_TEXT_MAX], second[2 * DISPOSITION_TEXT_MAX];

	(void)snprintf(rcode, sizeof(rcode), "%s", code);
	(void)snprintf(rxcode, sizeof(rxcode), "%s", xcode);
	double_percent(text, line, sizeof(line));
	double_percent(more, second, sizeof(second));
	if (second[0])
		(void)smfi_setmlreply(
		    ctx, rcode, rxcode, line, second, (char *)NULL);
	else
		(void)smfi_setreply(ctx, rcode, rxcode, line);
	return status;
}

/*
 * With 421 the MTA closes the session: the client comes back to a new one,
 * and this one begins nothing more that we would have to wait for.
 */
static sfsistat
put_off(SMFICTX *ctx)
{
	counters_add(&the_daemon->counters.left[COUNTED_PUT_OFF]);
	return reply(ctx, "421", "4.3.2", "Restarting, please try again", "",
	    SMFIS_TEMPFAIL);
}

static sfsistat
fail(SMFICTX *ctx, struct connection *c, const char *qid)
{
	const struct engine_options *o = c->config ? &c->config->engine : NULL;
	bool accept = o &&
	    (o->on_internal_error == ON_ERROR_ACCEPT || o->policy.observe);
	const char *answer = accept ? "accept" : "tempfail";

	counters_add(&the_daemon->counters.left[COUNTED_FAILED]);
	if (!c->err.text[0])
		(void)err_set(&c->err, "no client was announced");
	if (c->message)
		report_error(c->message, qid, &c->err, answer);
	else
		log_event(the_daemon->engine.log, LOG_LEVEL_ERROR,
		    "internal_error", "why", c->err.text, "answer", answer,
		    NULL);
	if (accept)
		return SMFIS_ACCEPT;
	return reply(ctx, "451", "4.3.0",
	    "Local problem, please try again later", "", SMFIS_TEMPFAIL);
}

/* The one loop that changes the message. */
static int
apply_edits(SMFICTX *ctx, struct connection *c)
{
	const struct message *m = c->message;
	char hold[DISPOSITION_TEXT_MAX];

	for (size_t i = 0; i < m->edits.n; i++)
		if (apply_edit(ctx, c, &m->edits.items[i]) != MI_SUCCESS)
			return err_set(&c->err,
			    "the MTA refuses to change field %s",
			    m->edits.items[i].name);
	if (!m->hold)
		return 0;
	(void)snprintf(hold, sizeof(hold), "%s", m->hold);
	if (smfi_quarantine(ctx, hold) != MI_SUCCESS)
		return err_set(&c->err, "the MTA refuses to hold the message");
	return 0;
}

static int
carry_out(SMFICTX *ctx, struct connection *c, sfsistat *status)
{
	const struct disposition *d = &c->message->disposition;

	switch (d->action) {
	case ACTION_REJECT:
		*status = reply(
		    ctx, d->code, d->xcode, d->text, d->more, SMFIS_REJECT);
		return 0;
	case ACTION_TEMPFAIL:
		*status = reply(
		    ctx, d->code, d->xcode, d->text, d->more, SMFIS_TEMPFAIL);
		return 0;
	case ACTION_ACCEPT:
	case ACTION_QUARANTINE: break;
	}
	*status = SMFIS_ACCEPT;
	return apply_edits(ctx, c);
}

static const char *
queue_id(SMFICTX *ctx)
{
	const char *qid = macro(ctx, "i");

	if (qid)
		return qid;
	tell_once(&the_daemon->told_queue_id,
	    "macro i (queue id) at end of message",
	    "milter_end_of_data_macros in main.cf, "
	    "confMILTER_MACROS_EOM in sendmail.mc");
	return "";
}

static sfsistat
answer(SMFICTX *ctx, struct connection *c)
{
	const char *qid = queue_id(ctx);
	struct counters *counters = &the_daemon->counters;
	struct message *m = current(c);
	sfsistat status;

	if (c->session && c->session->skip) {
		counters_add(&counters->left[COUNTED_SKIPPED]);
		return SMFIS_ACCEPT;
	}
	if (c->put_off)
		return put_off(ctx);
	if (!m || message_eom(m, &c->err) || carry_out(ctx, c, &status))
		return fail(ctx, c, qid);
	report_message(m, qid);
	counters_message(counters, m);
	return status;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct connection *c = connection_of(ctx);
	sfsistat status;

	if (!c)
		return SMFIS_TEMPFAIL;
	counters_add(&the_daemon->counters.answers_begun);
	status = answer(ctx, c);
	counters_add(&the_daemon->counters.answers_given);
	message_end(c);
	return status;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct connection *c = smfi_getpriv(ctx);

	if (c)
		message_abort(c);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct connection *c = smfi_getpriv(ctx);

	if (!c)
		return SMFIS_CONTINUE;
	session_end(c);
	(void)smfi_setpriv(ctx, NULL);
	free(c);
	atomic_fetch_sub(&the_daemon->connections, 1);
	return SMFIS_CONTINUE;
}

/* --- set-up ---------------------------------------------------------------------------------- */

int
mfi_open(struct daemon *d, const char *spec, struct err *err)
{
	char name[] = "assayd", conn[256];
	struct smfiDesc desc = {.xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE |
		SMFIF_SETSYMLIST,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_eoh,
	    .xxfi_data = on_data,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_eom,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate};

	the_daemon = d;
	(void)snprintf(conn, sizeof(conn), "%s", spec);
	if (smfi_register(desc) != MI_SUCCESS)
		return err_set(err, "libmilter: registration failed");
	if (smfi_setconn(conn) != MI_SUCCESS)
		return err_set(err, "libmilter does not take socket %s", spec);
	errno = 0;
	if (smfi_opensocket(false) != MI_SUCCESS)
		return err_errno(err, "%s", spec);
	return 0;
}

int
mfi_run(void)
{
	return smfi_main() == MI_SUCCESS ? 0 : -1;
}
