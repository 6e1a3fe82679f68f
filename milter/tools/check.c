/* SPDX-License-Identifier: BSD-2-Clause */
/* assay check: asks for all that a domain publishes, part by part. */
#include "tools/check.h"

#include <stdio.h>
#include <string.h>

#include "dns/rdata.h"
#include "mail/limits.h"
#include "tools/tools.h"

#define ARENA (256u << 20)
#define QUERIES 20000

/* --- asking ---------------------------------------------------------------------- */

const struct answer *
check_ask(struct check *c, struct slice name, enum dns_type type)
{
	return inquiry_ask(c->inquiry, name, type);
}

void
check_txt(struct check *c, struct slice name, struct check_txt *out)
{
	const struct answer *a = check_ask(c, name, DNS_TXT);

	out->n = 0;
	out->dns = a->status;
	for (size_t i = 0; i < a->nrr && out->n < CHECK_TXT_MAX; i++)
		if (rdata_txt(a->rdata[i], c->arena, &out->texts[out->n++]))
			c->no_memory = true;
}

size_t
check_txt_keep(struct check_txt *t, struct slice prefix)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (slice_istarts(t->texts[i], prefix))
			t->texts[n++] = t->texts[i];
	t->n = n;
	return n;
}

struct slice
check_name(const struct check *c, const char *label, char out[CHECK_NAME_MAX])
{
	(void)snprintf(out, CHECK_NAME_MAX, "%s.%s", label, c->domain.text);
	return slice_z(out);
}

bool
check_has_address(struct check *c, struct slice name)
{
	return check_ask(c, name, DNS_A)->nrr ||
	    check_ask(c, name, DNS_AAAA)->nrr;
}

bool
check_tag(struct slice text, const char *name, struct slice *value)
{
	bool more = true, equals;

	while (more) {
		struct slice v = slice_trim(slice_cut(&text, ';', &more));
		struct slice n = slice_trim(slice_cut(&v, '=', &equals));

		if (equals && slice_ieqz(n, name)) {
			*value = slice_trim(v);
			return true;
		}
	}
	*value = SLICE_EMPTY;
	return false;
}

/* --- telling ----------------------------------------------------------------------- */

void
check_found(struct check *c, enum finding which, struct slice detail,
    const char *publish)
{
	struct found *f = &c->found[c->nfound];

	if (c->nfound == CHECK_FINDINGS)
		return;
	f->which = which;
	if (arena_copy(c->arena, detail, &f->detail) ||
	    arena_copy(c->arena, slice_z(publish), &f->publish)) {
		c->no_memory = true;
		return;
	}
	c->nfound++;
	c->counts[findings[which].severity]++;
}

static void
show_text(struct out *o, const struct found *f)
{
	static const enum out_tone tones[SEVERITIES] = {
	    OUT_PLAIN, OUT_WARN, OUT_BAD};
	const struct finding_row *row = &findings[f->which];
	struct buf detail = BUF_INIT(4096);

	if (f->detail.len)
		buf_addz(&detail, ": ");
	out_escape(&detail, f->detail);
	out_line(o, tones[row->severity], "%s (%s): %s%s",
	    severity_words[row->severity], row->id, row->what,
	    buf_str(&detail));
	out_line(o, OUT_PLAIN, "    %s", row->why);
	if (f->publish.len) {
		buf_clear(&detail);
		out_escape(&detail, f->publish);
		out_line(o, OUT_GOOD, "    publish: %s", buf_str(&detail));
	}
	buf_free(&detail);
}

static void
show_found(struct out *o, const struct found *f)
{
	const struct finding_row *row = &findings[f->which];

	if (!o->json) {
		show_text(o, f);
		return;
	}
	out_object(o, NULL);
	out_z(o, "id", row->id);
	out_z(o, "severity", severity_words[row->severity]);
	out_z(o, "what", row->what);
	out_str(o, "detail", f->detail);
	out_z(o, "why", row->why);
	out_str(o, "publish", f->publish);
	out_close(o);
}

static void
show_part(struct check *c, const char *name, void (*run)(struct check *))
{
	struct out *o = &c->env.out;

	c->nfound = 0;
	out_object(o, name);
	run(c);
	out_flat_array(o, "findings");
	for (size_t i = 0; i < c->nfound; i++)
		show_found(o, &c->found[i]);
	out_close(o);
	out_close(o);
}

static void
show_summary(struct check *c)
{
	struct out *o = &c->env.out;

	out_object(o, "summary");
	for (size_t i = SEVERITIES; i-- > 0;)
		out_num(o, severity_words[i], (int64_t)c->counts[i]);
	out_close(o);
}

/* --- the command --------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(struct check *);
} parts[] = {
    {"mx", check_mx},
    {"spf", check_spf},
    {"dkim", check_dkim},
    {"dmarc", check_dmarc},
    {"mta_sts", check_sts},
    {"tls_rpt", check_tlsrpt},
    {"bimi", check_bimi},
    {"addresses", check_addresses},
    {"tracking", check_tracking},
};

static int
run(struct check *c, const char *domain, struct err *err)
{
	c->arena = arena_new(ARENA);
	c->inquiry = env_inquiry(&c->env, QUERIES);
	if (!c->arena || !c->inquiry)
		return err_no_mem(err);
	if (!domain_parse(slice_z(domain), &c->domain))
		return err_set(err, "\"%.200s\" is no domain name", domain);
	if (config_open_keys(c->env.config, c->env.engine.log, err))
		return -1;
	out_str(&c->env.out, "domain", domain_slice(&c->domain));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		show_part(c, parts[i].name, parts[i].run);
	show_summary(c);
	if (c->no_memory || inquiry_failed(c->inquiry))
		return err_no_mem(err);
	return err->text[0] ? -1 : 0;
}

static const char about[] =
    "Looks at all that DOMAIN publishes about its mail: MX, SPF with all it\n"
    "includes, DKIM keys, DMARC, MTA-STS and TLS-RPT and BIMI records. Says of\n"
    "each fault how grave it is, why it matters, and what to publish instead.\n"
    "Without --selector the usual selectors are tried, and those in key_dir.\n"
    "Nothing is fetched over HTTP. Exit status 1: there are errors.\n";

int
tool_check(int argc, char **argv)
{
	struct check c = {.arena = NULL};
	const struct arg args[] = {
	    {"selector", 's', ARG_LIST, &c.selectors, "NAME",
		"of a DKIM key; may be given again"},
	    {"ip", 0, ARG_LIST, &c.addresses, "ADDRESS",
		"one that sends; may be given again"},
	    {"tracking", 0, ARG_LIST, &c.tracking, "HOST",
		"of links in mail; may be given again"},
	};
	const struct command cmd = {
	    "check", "DOMAIN", 1, 1, about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	int status;

	if (!env_open(&c.env, &cmd, argc, argv, &rest, &status))
		return status;
	c.err = &err;
	if (run(&c, rest.items[0], &err))
		status = env_fail(&cmd, &err);
	else
		status = c.counts[SEVERITY_ERROR] ? EXIT_BAD : EXIT_GOOD;
	inquiry_free(c.inquiry);
	status = env_close(&c.env, status);
	arena_free(c.arena);
	return status;
}
