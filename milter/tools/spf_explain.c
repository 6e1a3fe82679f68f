/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay spf explain: the check of the daemon (spf_check), and beside it the
 * way to its result, term by term, over the tree of records.
 */
#include "spf/spf.h"
#include "mail/limits.h"
#include "tools/spf.h"

#define EXPLANATION_QUERIES 12

struct steps {
	struct out *out;
	const struct spf_result *result;
	struct ip ip;
};

/* --- the way ------------------------------------------------------------------------ */

static enum ar_word show_node(struct steps *, const struct spf_node *);

static bool
has_address(const struct spf_branch *b, const struct ip *ip)
{
	for (size_t i = 0; i < b->nips; i++) {
		struct cidr net = {b->ips[i],
		    b->ips[i].family == IP_V4 ? b->term->bits4
					      : b->term->bits6};

		if (cidr_has(&net, ip))
			return true;
	}
	return false;
}

/* Of a term that is no include or redirect. */
static bool
matches(const struct steps *s, const struct spf_branch *b)
{
	switch (b->term->kind) {
	case SPF_ALL: return true;
	case SPF_IP4:
	case SPF_IP6: return cidr_has(&b->term->net, &s->ip);
	case SPF_A:
	case SPF_MX:
		if (!b->dynamic)
			return has_address(b, &s->ip);
		break;
	case SPF_EXISTS:
		if (!b->dynamic)
			return b->nips > 0;
		break;
	case SPF_PTR:
	case SPF_INCLUDE:
	case SPF_REDIRECT:
	case SPF_EXP:
	case SPF_MODIFIER: break;
	}
	/* By the client's reverse DNS: the check has looked. */
	return slice_eq(s->result->term, b->term->text);
}

static void
show_addresses(struct out *o, const struct spf_branch *b)
{
	char text[IP_TEXT_MAX];

	if (b->nips == 0 || b->term->kind == SPF_EXISTS)
		return;
	out_array(o, "addresses");
	for (size_t i = 0; i < b->nips; i++)
		out_z(o, NULL, ip_format(&b->ips[i], text));
	out_close(o);
}

/* For people: a line is enough for what leads nowhere. */
static void
show_leaf(struct out *o, const struct spf_branch *b, enum ar_word word)
{
	struct buf term = BUF_INIT(4096);

	out_escape(&term, b->term->text);
	if (b->target.len && !slice_eq(b->target, b->term->target)) {
		buf_addz(&term, " (");
		out_escape(&term, b->target);
		buf_addc(&term, ')');
	}
	out_line(o, out_result_tone(word), "%s  %s", buf_str(&term),
	    word == AR_NOT_RUN ? "no match" : ar_word(word));
	buf_free(&term);
}

static enum ar_word
step_leaf(struct steps *s, const struct spf_branch *b)
{
	enum ar_word word = matches(s, b) ? b->term->word : AR_NOT_RUN;

	if (!s->out->json) {
		show_leaf(s->out, b, word);
		return word;
	}
	out_object(s->out, NULL);
	out_str(s->out, "term", b->term->text);
	if (b->target.len && !slice_eq(b->target, b->term->target))
		out_str(s->out, "target", b->target);
	show_addresses(s->out, b);
	if (word == AR_NOT_RUN)
		out_z(s->out, "match", "no");
	out_result(s->out, "gives", word);
	out_close(s->out);
	return word;
}

/* AR_NOT_RUN: no match. */
static enum ar_word
step(struct steps *s, const struct spf_branch *b)
{
	const struct spf_term *t = b->term;
	enum ar_word word = AR_NOT_RUN, inner;

	if (!b->node)
		return step_leaf(s, b);
	out_object(s->out, NULL);
	out_str(s->out, "term", t->text);
	if (!slice_eq(b->target, t->target))
		out_str(s->out, "target", b->target);
	out_object(s->out, "record");
	inner = show_node(s, b->node);
	out_close(s->out);
	/* Section 5.2's table; an error below is one here. */
	if (t->kind == SPF_REDIRECT || inner == AR_PERMERROR ||
	    inner == AR_TEMPERROR)
		word = inner;
	else if (inner == AR_PASS)
		word = t->word;
	if (word == AR_NOT_RUN)
		out_z(s->out, "match", "no");
	else
		out_result(s->out, "gives", word);
	out_close(s->out);
	return word;
}

static enum ar_word
show_steps(struct steps *s, const struct spf_node *n)
{
	enum ar_word word = AR_NOT_RUN;
	const struct spf_branch *redirect = NULL;

	for (size_t i = 0; i < n->n && word == AR_NOT_RUN; i++) {
		const struct spf_branch *b = &n->branches[i];

		if (b->term->kind == SPF_REDIRECT && !b->dead)
			redirect = b;
		else if (b->term->word != AR_NOT_RUN)
			word = step(s, b);
	}
	if (word == AR_NOT_RUN && redirect)
		word = step(s, redirect);
	return word == AR_NOT_RUN ? AR_NEUTRAL : word;
}

static bool
is_temporary(enum spf_reason r)
{
	return r == SPF_DNS_ERROR || r == SPF_DNS_TIMEOUT;
}

static enum ar_word
show_node(struct steps *s, const struct spf_node *n)
{
	enum ar_word word;

	out_str(s->out, "domain", n->domain);
	out_str(s->out, "text", n->record.text);
	if (n->fault != SPF_OK) {
		out_tone(s->out, "fault", spf_reason_text(n->fault), OUT_BAD);
		out_str(s->out, "fault_at", n->record.at);
		if (n->n == 0)
			return is_temporary(n->fault) ? AR_TEMPERROR
						      : AR_PERMERROR;
	}
	out_array(s->out, "steps");
	word = show_steps(s, n);
	out_close(s->out);
	return word;
}

/* --- the result ------------------------------------------------------------------------ */

static void
show_result(struct out *o, const struct spf_result *r)
{
	out_result(o, "result", r->word);
	out_str(o, "matched", r->path);
	if (r->reason != SPF_MATCHED)
		out_z(o, "why", spf_reason_text(r->reason));
	out_str(o, "explanation", r->explanation);
	out_num(o, "lookups", r->terms);
	out_num(o, "voids", r->voids);
	out_num(o, "queries", r->queries);
}

static int
check(struct spf_tool *t, const struct spf_request *rq, struct spf_result *r,
    struct err *err)
{
	struct inquiry *q = env_inquiry(&t->env,
	    LIMIT_SPF_QUERIES + LIMIT_SPF_AHEAD + EXPLANATION_QUERIES);
	int rc = -1;

	if (!q)
		return err_no_mem(err);
	rc = spf_check(rq, q, t->arena, r, err);
	inquiry_free(q);
	return rc;
}

static int
explain(struct spf_tool *t, const struct spf_request *rq, struct err *err)
{
	size_t at = slice_rfind(rq->sender, '@');
	const struct spf_macro_values client = {.sender = rq->sender,
	    .local = slice_upto(rq->sender, at),
	    .sender_domain = slice_from(rq->sender, at + 1),
	    .helo = rq->helo,
	    .ip = rq->ip,
	    .receiver = SLICE_LIT("unknown"),
	    .validated = SLICE_LIT("unknown"),
	    .now_s = rq->now_s};
	struct spf_result r;
	struct steps s = {&t->env.out, &r, rq->ip};

	if (check(t, rq, &r, err) || spf_tool_tree(t, &client, err))
		return -1;
	show_result(&t->env.out, &r);
	(void)show_node(&s, t->tree.root);
	if (r.word == AR_TEMPERROR)
		return EXIT_TROUBLE;
	return r.word == AR_PASS ? EXIT_GOOD : EXIT_BAD;
}

static const char about[] =
    "Checks whether the client IP may send for DOMAIN, as assayd does, and\n"
    "shows each term that was looked at on the way. Exit status 1: the result\n"
    "is not pass.\n";

int
tool_spf_explain(int argc, char **argv)
{
	const char *sender = NULL, *helo = "unknown";
	const struct arg args[] = {
	    {"from", 'f', ARG_TEXT, (void *)&sender, "ADDRESS",
		"the sender (postmaster@DOMAIN)"},
	    {"helo", 0, ARG_TEXT, (void *)&helo, "NAME", "of the client"},
	};
	const struct command c = {
	    "spf explain", "DOMAIN IP", 2, 2, about, args, ARRAY_LEN(args)};
	struct spf_tool t = {.arena = NULL};
	struct buf from = BUF_INIT(4096);
	struct spf_request rq = {
	    .identity = SPF_MAILFROM, .want_explanation = true};
	struct err err = ERR_INIT;
	int status;

	if (!spf_tool_open(&t, &c, argc, argv, &status))
		return status;
	if (sender)
		buf_addz(&from, sender);
	else
		buf_addf(&from, "postmaster@%s", t.domain.text);
	rq.sender = buf_slice(&from);
	rq.helo = slice_z(helo);
	rq.now_s = clock_now_s(t.env.engine.clock);
	if (ip_parse(slice_z(t.rest.items[1]), &rq.ip))
		status =
		    env_wrong(&t.env, t.rest.items[1], "IP address", &err);
	else
		status = explain(&t, &rq, &err);
	if (status < 0)
		status = env_fail(&c, &err);
	status = spf_tool_close(&t, status);
	buf_free(&from);
	return status;
}
