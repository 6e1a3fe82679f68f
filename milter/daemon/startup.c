/* SPDX-License-Identifier: BSD-2-Clause */
/* The start block. See startup.h. */
#include "daemon/startup.h"

#include <stdio.h>

#include "base/buf.h"
#include "tables/keytable.h"
#include "tables/signtable.h"

#define DOMAINS_NAMED 20
#define KEYS_NAMED 16
#define REMARKS_TOLD 20
#define LINE_MAX_OCTETS 4000

static void
begin(struct event *e, struct daemon *d, const char *what)
{
	event_begin(e, d->engine.log, LOG_LEVEL_INFO, "start", SLICE_EMPTY);
	event_z(e, "part", what);
}

static void
tell_socket(struct daemon *d, const struct config *c)
{
	struct event e;

	begin(&e, d, "socket");
	event_z(&e, "version", PACKAGE_VERSION);
	event_z(&e, "socket", c->daemon.socket);
	event_z(&e, "authserv_id",
	    c->engine.authserv_id[0] ? c->engine.authserv_id
				     : "as the MTA names itself");
	event_num(&e, "deadline_s", c->engine.deadline_s);
	event_end(&e);
}

static void
networks(struct buf *b, const struct cidr_list *list)
{
	char ip[IP_TEXT_MAX];

	for (size_t i = 0; i < list->n; i++)
		buf_addf(b, "%s%s/%u", i ? "," : "",
		    ip_format(&list->items[i].net, ip), list->items[i].bits);
}

static void
names(struct buf *b, const struct string_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		buf_addf(b, "%s%s", i ? "," : "", list->items[i]);
}

static void
tell_list(struct event *e, const char *key, struct buf *b)
{
	event_str(e, key, b->len ? buf_slice(b) : SLICE_LIT("none"));
	buf_clear(b);
}

static void
tell_direction(struct daemon *d, const struct config *c)
{
	struct buf b = BUF_INIT(LINE_MAX_OCTETS);
	struct event e;

	begin(&e, d, "outbound");
	networks(&b, &c->engine.internal_networks);
	tell_list(&e, "internal_networks", &b);
	names(&b, &c->engine.outbound_daemons);
	tell_list(&e, "outbound_daemons", &b);
	names(&b, &c->engine.skip_daemons);
	tell_list(&e, "left_alone", &b);
	networks(&b, &c->engine.trusted_relays);
	tell_list(&e, "trusted_relays", &b);
	event_end(&e);
	buf_free(&b);
}

static void
tell_policy(struct daemon *d, const struct config *c)
{
	const struct engine_options *o = &c->engine;
	bool hold = o->quarantine_action & QUARANTINE_HOLD;
	struct event e;

	begin(&e, d, "policy");
	event_z(&e, "enforce",
	    names_word(policy_enforce_words, (int)o->policy.enforce));
	event_num(&e, "enforce_percent", o->policy.enforce_percent);
	if (o->policy.observe)
		event_z(&e, "observe", "yes: nothing is done to any message");
	event_num(&e, "always_reject", (int64_t)o->policy.always_reject.n);
	event_num(&e, "forwarders", (int64_t)o->policy.trusted_forwarders.n);
	event_num(&e, "lists", (int64_t)o->policy.mailing_lists.n);
	event_z(&e, "spf_reject",
	    names_word(policy_spf_words, (int)o->policy.spf_reject));
	event_z(&e, "quarantine",
	    names_word(quarantine_action_words, (int)o->quarantine_action));
	if (o->quarantine_action & QUARANTINE_HEADER)
		event_z(&e, "quarantine_header", o->quarantine_header);
	if (hold)
		event_z(&e, "release",
		    "held mail waits for a person. Postfix: postsuper -H ID; "
		    "Sendmail: sendmail -qQ -qIID -Q");
	event_z(&e, "on_temperror",
	    names_word(policy_temperror_words, (int)o->policy.on_temperror));
	event_z(&e, "on_internal_error",
	    names_word(on_error_words, (int)o->on_internal_error));
	event_end(&e);
}

static void
tell_domain(
    struct daemon *d, const struct config *c, const struct domain *domain)
{
	struct key_info keys[KEYS_NAMED];
	size_t n = keystore_keys(c->keys, domain, keys, KEYS_NAMED);
	struct buf b = BUF_INIT(LINE_MAX_OCTETS);
	struct event e;

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s:%s:%s", i ? "," : "", keys[i].selector,
		    names_word(dkim_alg_words, (int)keys[i].alg),
		    names_word(key_state_words, (int)keys[i].state));
	begin(&e, d, "signing");
	event_str(&e, "d", domain_slice(domain));
	tell_list(&e, "keys", &b);
	event_end(&e);
	keys_release(keys, n);
	buf_free(&b);
}

static void
tell_signing(struct daemon *d, const struct config *c)
{
	size_t n = keystore_ndomains(c->keys);
	struct event e;

	for (size_t i = 0; i < n && i < DOMAINS_NAMED; i++)
		tell_domain(d, c, keystore_domain(c->keys, i));
	begin(&e, d, "signing");
	event_z(&e, "key_dir", c->daemon.key_dir);
	event_num(&e, "domains", (int64_t)n);
	event_end(&e);
}

/* Patterns are tried one by one for each message: their number matters. */
static void
tell_tables(struct daemon *d, const struct config *c)
{
	const struct engine_options *o = &c->engine;
	struct event e;

	if (!o->signtable)
		return;
	begin(&e, d, "signing");
	event_z(&e, "signing_table", c->daemon.signing_table);
	event_num(&e, "lines", (int64_t)signtable_entries(o->signtable));
	event_num(&e, "patterns", (int64_t)signtable_patterns(o->signtable));
	event_z(&e, "key_table", c->daemon.key_table);
	event_num(&e, "keys", (int64_t)keytable_entries(o->keytable));
	event_end(&e);
}

static void
tell_journal(struct daemon *d, const struct config *c)
{
	const struct journal_options *o = &c->daemon.journal;
	struct event e;

	begin(&e, d, "journal");
	event_z(&e, "dir", o->on ? o->dir : "none");
	if (o->on) {
		event_num(&e, "megabytes", (int64_t)o->megabytes);
		event_num(&e, "files", (int64_t)o->files);
	}
	event_end(&e);
}

void
startup_remarks(struct log *lg, const struct config *c)
{
	struct slice rest = buf_slice(&c->remarks);
	bool more = true;
	struct event e;

	for (size_t n = 0; more && rest.len; n++) {
		struct slice line = slice_cut(&rest, '\n', &more);

		event_begin(&e, lg, LOG_LEVEL_WARNING, "table", SLICE_EMPTY);
		event_str(&e, "remark",
		    n < REMARKS_TOLD ? line
				     : SLICE_LIT("more; see assayd -n"));
		event_end(&e);
		more = more && n < REMARKS_TOLD;
	}
}

void
startup_tell(struct daemon *d)
{
	struct config *c = daemon_config(d);

	tell_socket(d, c);
	sandbox_tell(d->sandbox, d->engine.log);
	tell_direction(d, c);
	tell_signing(d, c);
	tell_tables(d, c);
	tell_journal(d, c);
	startup_remarks(d->engine.log, c);
	tell_policy(d, c);
	config_unref(c);
}
