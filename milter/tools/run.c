/* SPDX-License-Identifier: BSD-2-Clause */
/* See run.h. */
#include "tools/run.h"

#include "mail/limits.h"

int
run_open(struct run *r, struct slice text, struct err *err)
{
	*r = (struct run){.arena = arena_new(2u * LIMIT_MESSAGE_ARENA)};
	if (!r->arena || header_init(&r->header, r->arena) ||
	    header_parse(&r->header, text, &r->body))
		return err_no_mem(err);
	return 0;
}

static int
connect_session(struct run *r, const struct env *e, const struct run_as *as,
    struct err *err)
{
	struct session_facts facts = {.ip = r->envelope.ip,
	    .local = as->outbound,
	    .client_name = r->envelope.name,
	    .mta_version = as->mta_version};

	r->options = e->config->engine;
	/* A stored message is judged as if it came from outside. */
	if (!as->outbound) {
		r->options.internal_networks.n = 0;
		r->options.trusted_relays.n = 0;
	}
	r->session = session_new(&e->engine, &r->options, &facts, err);
	if (!r->session)
		return -1;
	return session_helo(r->session, r->envelope.helo, err);
}

static int
feed(struct run *r, struct err *err)
{
	int more = 1;

	for (size_t i = 0; i < r->header.n; i++) {
		const struct field *f = &r->header.fields[i];
		const char *name = arena_strdup(r->arena, f->name);
		const char *value = arena_strdup(r->arena, f->value);

		if (!name || !value)
			return err_no_mem(err);
		if (message_header(r->message, name, value, err))
			return -1;
	}
	if (message_eoh(r->message, err))
		return -1;
	if (r->body.len)
		more = message_body(r->message, r->body.ptr, r->body.len, err);
	return more < 0 ? -1 : message_eom(r->message, err);
}

int
run_message(struct run *r, const struct env *e, const struct run_as *as,
    struct err *err)
{
	struct message_facts facts = {
	    .mail_from = r->envelope.mail_from, .auth_user = as->user};

	if (connect_session(r, e, as, err))
		return -1;
	r->message = message_new(r->session, &facts, err);
	return r->message ? feed(r, err) : -1;
}

void
run_close(struct run *r)
{
	message_free(r->message);
	session_free(r->session);
	arena_free(r->arena);
}
