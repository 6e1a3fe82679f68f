/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay sign: a message as assayd would hand it back to the MTA, had one of
 * our users sent it.
 */
#include <stdio.h>

#include "config/user.h"
#include "tools/run.h"
#include "tools/source.h"
#include "tools/tools.h"

struct signing_run {
	struct env env;
	struct run_as as;
	bool field_only;
	size_t total, done;
};

/* --- the message, edited ---------------------------------------------------------- */

static bool
is_deleted(const struct edits *edits, const struct field *f)
{
	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *e = &edits->items[i];

		if (e->kind == EDIT_DELETE && slice_ieqz(f->name, e->name) &&
		    e->nth == f->nth)
			return true;
	}
	return false;
}

static void
add_inserted(const struct run *r, size_t position, struct buf *out)
{
	const struct edits *edits = &r->message->edits;

	/* Of two at one position, the later stands above. */
	for (size_t i = edits->n; i-- > 0;) {
		const struct edit *e = &edits->items[i];

		if (e->kind == EDIT_INSERT && e->nth == position)
			buf_addf(out, "%s:%s\n", e->name, e->value);
	}
}

/* As the file had it: its line ends are the caller's business. */
static void
add_raw(struct slice raw, struct buf *out)
{
	for (size_t i = 0; i < raw.len; i++)
		if (raw.ptr[i] != '\r' || i + 1 == raw.len ||
		    raw.ptr[i + 1] != '\n')
			buf_addc(out, raw.ptr[i]);
}

static void
edited(const struct run *r, struct buf *out)
{
	size_t n = r->header.n;

	for (size_t i = 0; i < n; i++) {
		add_inserted(r, i, out);
		if (is_deleted(&r->message->edits, &r->header.fields[i]))
			continue;
		add_raw(r->header.fields[i].raw, out);
		buf_addc(out, '\n');
	}
	/* A stored message may have fewer fields than an MTA's has. */
	add_inserted(r, n, out);
	if (n == 0)
		add_inserted(r, 1, out);
	buf_addc(out, '\n');
	add_raw(r->body, out);
}

/* --- one message ---------------------------------------------------------------------- */

static int
show(struct signing_run *s, const struct run *r, struct buf *message)
{
	const struct signing *sg = r->message->signing;
	const struct edits *edits = &r->message->edits;
	struct out *o = &s->env.out;

	out_object(o, NULL);
	out_array(o, "signatures");
	for (size_t i = 0; i < sg->n; i++) {
		out_object(o, NULL);
		out_str(o, "domain", domain_slice(&sg->keys[i].domain));
		out_z(o, "selector", sg->keys[i].selector);
		out_z(o, "algorithm",
		    names_word(dkim_alg_words, (int)sg->keys[i].alg));
		out_close(o);
	}
	out_close(o);
	out_array(o, "fields");
	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == EDIT_INSERT)
			out_z(o, NULL, edits->items[i].value);
	out_close(o);
	out_z(o, "why", sg->n ? "" : sg->why);
	out_str(o, "message", buf_slice(message));
	out_close(o);
	return 0;
}

static int
write_plain(const struct signing_run *s, const struct run *r,
    struct buf *message, struct err *err)
{
	struct buf fields = BUF_INIT(LIMIT_HEADER_OCTETS);
	struct slice text = buf_slice(message);
	int rc = 0;

	if (s->field_only) {
		for (size_t i = 0; i <= r->header.n; i++)
			add_inserted(r, i, &fields);
		text = buf_slice(&fields);
	}
	/* This is a message, not a text about one: octets go as they are. */
	if (fwrite(text.ptr, 1, text.len, stdout) != text.len ||
	    fflush(stdout))
		rc = err_errno(err, "standard output");
	buf_free(&fields);
	return rc;
}

/* A key is the service user's, who alone may have it: root looks as he does. */
static int
sign_as_service(struct signing_run *s, struct run *r, struct err *err)
{
	int rc = user_enter(s->env.config->daemon.user, err);

	if (rc == 0)
		rc = run_message(r, &s->env, &s->as, err);
	user_leave();
	return rc;
}

static int
open_keys(struct env *env, struct err *err)
{
	int rc = user_enter(env->config->daemon.user, err);

	if (rc == 0)
		rc = config_open_keys(env->config, env->engine.log, err);
	user_leave();
	return rc;
}

static int
sign_one(void *arg, const struct source_message *m, struct err *err)
{
	struct buf message = BUF_INIT(2u << 30);
	struct signing_run *s = arg;
	struct run run;
	int rc = -1;

	if (m->number > 1)
		return err_set(err, "%s: more than one message", m->name);
	if (run_open(&run, m->text, err))
		goto out;
	run.envelope = (struct envelope){
	    .helo = "localhost", .name = "localhost", .mail_from = ""};
	if (sign_as_service(s, &run, err))
		goto out;
	s->total++;
	s->done += run.message->signing->n > 0;
	edited(&run, &message);
	if (buf_status(&message))
		(void)err_no_mem(err);
	else if (!s->env.json)
		rc = write_plain(s, &run, &message, err);
	else
		rc = show(s, &run, &message);
	if (rc == 0 && run.message->signing->n == 0)
		(void)fprintf(stderr, "assay sign: not signed: %s\n",
		    run.message->signing->why);
out:
	buf_free(&message);
	run_close(&run);
	return rc;
}

static const char about[] =
    "Writes the message as assayd would hand it back to the MTA, had a user of\n"
    "ours sent it. MSG is a file or - (also when there is none). Keys and\n"
    "rules are those of the configuration. Exit status 1: it is not signed.\n";

int
tool_sign(int argc, char **argv)
{
	struct signing_run s = {.as = {.outbound = true}};
	bool sendmail = false;
	const struct arg args[] = {
	    {"field", 'F', ARG_FLAG, &s.field_only, NULL,
		"only the fields that are added"},
	    {"user", 'u', ARG_TEXT, (void *)&s.as.user, "NAME",
		"who has logged in to send it"},
	    {"sendmail", 0, ARG_FLAG, &sendmail, NULL,
		"minding what Sendmail changes (default: Postfix)"},
	};
	const struct command c = {
	    "sign", "[MSG]", 0, 1, about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	int status, rc;

	if (!env_open(&s.env, &c, argc, argv, &rest, &status))
		return status;
	s.as.mta_version = sendmail ? "8.17.1" : "Postfix 3.7";
	rc = open_keys(&s.env, &err);
	out_flat_array(&s.env.out, "messages");
	if (rc == 0)
		rc = source_each(
		    rest.n ? rest.items[0] : "-", sign_one, &s, &err);
	out_close(&s.env.out);
	status = s.done == s.total ? EXIT_GOOD : EXIT_BAD;
	if (rc)
		status = env_fail(&c, &err);
	return env_close(&s.env, status);
}
