/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection. See session.h. */
#include "engine/session.h"

#include <stdlib.h>
#include <string.h>

#include "engine/checks.h"
#include "mail/limits.h"

/* A peer's name, cut where no real one is that long. */
static char *
copy_name(const char *name)
{
	size_t len = name ? strnlen(name, LIMIT_ENVELOPE) : 0;
	char *copy = calloc(1, len + 1);

	if (copy && len)
		memcpy(copy, name, len);
	return copy;
}

static bool
listed(const struct string_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (name && slice_ieqz(slice_z(name), list->items[i]))
			return true;
	return false;
}

/* Postfix says "Postfix 3.7.11" in macro v, Sendmail a bare version. */
static enum mta
which_mta(const char *version)
{
	if (!version || !version[0])
		return MTA_UNKNOWN;
	if (slice_istarts(slice_z(version), SLICE_LIT("postfix")))
		return MTA_POSTFIX;
	return is_digit(version[0]) ? MTA_SENDMAIL : MTA_UNKNOWN;
}

struct session *
session_new(const struct engine *engine, const struct engine_options *o,
    const struct session_facts *facts, struct err *err)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s) {
		(void)err_no_mem(err);
		return NULL;
	}
	s->engine = engine;
	s->options = o;
	s->ip = facts->ip;
	s->mta = which_mta(facts->mta_version);
	s->skip = listed(&o->skip_daemons, facts->daemon_name);
	s->trusted_relay = cidr_list_has(
	    o->trusted_relays.items, o->trusted_relays.n, &s->ip);
	/*
	 * A gateway of ours may stand inside our networks: what it hands on
	 * comes from outside, and we must not sign a forgery of our own name.
	 */
	s->internal = facts->local ||
	    listed(&o->outbound_daemons, facts->daemon_name) ||
	    (!s->trusted_relay &&
		cidr_list_has(o->internal_networks.items,
		    o->internal_networks.n, &s->ip));
	s->client_name = copy_name(facts->client_name);
	s->mta_host = copy_name(facts->mta_host);
	s->helo = copy_name(NULL);
	if (!s->client_name || !s->mta_host || !s->helo) {
		(void)err_no_mem(err);
		session_free(s);
		return NULL;
	}
	if (!s->skip && !s->internal && !s->trusted_relay)
		s->iprev = check_iprev_start(engine, &s->ip, o->deadline_s);
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	job_unref(s->iprev);
	free(s->client_name);
	free(s->mta_host);
	free(s->helo);
	free(s);
}

int
session_helo(struct session *s, const char *name, struct err *err)
{
	char *helo = copy_name(name);

	if (!helo)
		return err_no_mem(err);
	free(s->helo);
	s->helo = helo;
	return 0;
}

const char *
session_authserv_id(const struct session *s)
{
	if (s->options->authserv_id[0])
		return s->options->authserv_id;
	return s->mta_host[0] ? s->mta_host : s->engine->hostname;
}
