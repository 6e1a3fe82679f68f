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
	const struct answer *a = inquiry_ask(c->inquiry, name, type);

	if (dns_is_temporary(a->status))
		c->temporary = true;
	else
		c->answered = true;
	return a;
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
check_may_have_address(struct check *c, struct slice name)
{
	return dns_is_temporary(check_ask(c, name, DNS_A)->status) ||
	    dns_is_temporary(check_ask(c, name, DNS_AAAA)->status);
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
	check_seen(c, findings[which].id, detail);
	c->nfound++;
	c->seen[which] = true;
	c->counts[findings[which].severity]++;
}

void
check_publish(struct check *c, enum finding which, struct slice publish)
{
	for (size_t i = 0; i < c->nfound; i++)
		if (c->found[i].which == which &&
		    arena_copy(c->arena, publish, &c->found[i].publish))
			c->no_memory = true;
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

void
check_seen(struct check *c, const char *key, struct slice text)
{
	struct buf part = BUF_INIT(1024), line = BUF_INIT(LIMIT_TXT_OCTETS);

	if (c->watching) {
		buf_addf(&part, "%s %s", c->domain.text, c->part);
		buf_addf(&line, "%s%s", key, text.len ? " " : "");
		buf_add(&line, text);
		watch_add(&c->watch, buf_slice(&part), buf_slice(&line));
	}
	buf_free(&part);
	buf_free(&line);
}

void
check_record(struct check *c, const char *key, struct slice text)
{
	out_str(&c->env.out, key, text);
	check_seen(c, key ? key : "item", text);
}

/* What there is of a part without an answer is no news. */
static void
keep_part(struct check *c)
{
	char part[LIMIT_DOMAIN + 32];

	(void)snprintf(part, sizeof(part), "%s %s", c->domain.text, c->part);
	watch_keep(&c->watch, slice_z(part));
}

static void
show_part(struct check *c, const char *name, void (*run)(struct check *))
{
	struct out *o = &c->env.out;

	c->nfound = 0;
	c->part = name;
	c->temporary = false;
	out_object(o, name);
	run(c);
	out_flat_array(o, "findings");
	for (size_t i = 0; i < c->nfound; i++)
		show_found(o, &c->found[i]);
	out_close(o);
	out_close(o);
	if (c->watching && c->temporary)
		keep_part(c);
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

/* --- one domain --------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*run)(struct check *);
} parts[] = {
    {"dnssec", check_dnssec},
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

/* What is asked in any case, at once: one round trip, not ten. */
static void
prefetch(struct check *c)
{
	static const struct {
		const char *label;
		enum dns_type type;
	} names[] = {{"_dmarc", DNS_TXT}, {"_mta-sts", DNS_TXT},
	    {"_smtp._tls", DNS_TXT}, {"default._bimi", DNS_TXT},
	    {"_domainkey", DNS_TXT}};
	static const enum dns_type own[] = {
	    DNS_MX, DNS_TXT, DNS_DS, DNS_SPF, DNS_A};
	char name[CHECK_NAME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		inquiry_prefetch(c->inquiry, domain_slice(&c->domain), own[i]);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		inquiry_prefetch(c->inquiry,
		    check_name(c, names[i].label, name), names[i].type);
}

/* Of the domain before nothing stays. */
static int
begin(struct check *c, const char *domain, struct err *err)
{
	c->null_mx = c->has_mx = c->has_spf = c->has_key = c->has_sts = false;
	c->nmx = c->nfound = 0;
	c->policy = DMARC_UNSET;
	memset(c->counts, 0, sizeof(c->counts));
	memset(c->seen, 0, sizeof(c->seen));
	/* One of many is a finding about the file. */
	if (!domain_parse(slice_z(domain), &c->domain))
		return c->bulk
		    ? err_set(err, "\"%.200s\" is no domain name", domain)
		    : env_wrong(&c->env, domain, "domain name", err);
	c->arena = arena_new(ARENA);
	c->inquiry = env_inquiry(&c->env, QUERIES);
	return c->arena && c->inquiry ? 0 : err_no_mem(err);
}

static void
finish(struct check *c)
{
	inquiry_free(c->inquiry);
	arena_free(c->arena);
	c->inquiry = NULL;
	c->arena = NULL;
}

int
check_domain(struct check *c, const char *domain, struct err *err)
{
	int rc = begin(c, domain, err);

	if (rc == 0) {
		prefetch(c);
		out_str(&c->env.out, "domain", domain_slice(&c->domain));
		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			if (!c->bulk)
				progress_say(c->env.progress,
				    slice_z(parts[i].name), i,
				    ARRAY_LEN(parts));
			show_part(c, parts[i].name, parts[i].run);
		}
		show_summary(c);
		if (c->no_memory || inquiry_failed(c->inquiry))
			(void)err_no_mem(err);
		rc = err->text[0] ? -1 : 0;
	}
	finish(c);
	return rc;
}

/* --- the command --------------------------------------------------------------------- */

static int
read_https(struct check *c, struct err *err)
{
	struct slice port = slice_z(c->https), ip;
	uint64_t n = 443;
	bool more;

	if (!c->https)
		return 0;
	ip = slice_cut(&port, '@', &more);
	if (ip_parse(ip, &c->https_ip) || (more && slice_u64(port, 65535, &n)))
		return err_set(
		    err, "--https %.100s: no ADDRESS@PORT", c->https);
	c->https_port = (uint16_t)n;
	return 0;
}

/* A file name is part of the state's, its slashes are not. */
static void
state_name(const struct check *c, const char *what, char *out, size_t size)
{
	(void)snprintf(out, size, "check-%.100s", what);
	for (char *p = out; *p; p++)
		if (!is_alnum(*p) && !strchr("-_.", *p))
			*p = '_';
	(void)c;
}

static int
run(struct check *c, const struct args_rest *rest, struct err *err)
{
	const char *what = c->bulk ? c->bulk : rest->items[0];
	char name[128];

	if (read_https(c, err) ||
	    config_open_keys(c->env.config, c->env.engine.log, err))
		return -1;
	state_name(c, what, name, sizeof(name));
	if (c->watching && watch_open(&c->watch, c->state, name, err))
		return -1;
	return c->bulk ? check_bulk(c, err) : check_domain(c, what, err);
}

/* With --watch the exit status speaks of changes alone. */
static int
verdict(struct check *c, struct err *err)
{
	long changes;

	if (!c->watching && !c->answered && c->counts[SEVERITY_ERROR])
		return err_set(err, "DNS has answered nothing: try again");
	if (!c->watching)
		return c->counts[SEVERITY_ERROR] ? EXIT_BAD : EXIT_GOOD;
	changes = watch_end(&c->watch, &c->env.out, err);
	if (changes < 0)
		return -1;
	if (c->watch.first)
		out_line(&c->env.out, OUT_PLAIN,
		    "nothing to compare with yet: kept for the next run");
	return changes ? EXIT_BAD : EXIT_GOOD;
}

static const char about[] =
    "Looks at all that DOMAIN publishes about its mail: DNSSEC, MX, SPF with\n"
    "all it includes, DKIM keys, DMARC, MTA-STS with its policy, TLS-RPT, BIMI\n"
    "with its logo and certificate. Says of each fault how grave it is, why it\n"
    "matters, and what to publish instead. Without --selector the usual\n"
    "selectors are tried, and those in key_dir. Files are fetched over HTTPS,\n"
    "but not when --zone or --replay answers. Exit status 1: there are errors\n"
    "or, with --watch, changes; 3: DNS has answered nothing at all.\n";

int
tool_check(int argc, char **argv)
{
	struct check c = {.arena = NULL, .https_port = 443};
	const struct arg args[] = {
	    {"selector", 's', ARG_LIST, &c.selectors, "NAME",
		"of a DKIM key; may be given again"},
	    {"ip", 0, ARG_LIST, &c.addresses, "ADDRESS",
		"one that sends; may be given again"},
	    {"tracking", 0, ARG_LIST, &c.tracking, "HOST",
		"of links in mail; may be given again"},
	    {"bulk", 0, ARG_TEXT, (void *)&c.bulk, "FILE",
		"check its domains, one a line"},
	    {"watch", 0, ARG_FLAG, &c.watching, NULL,
		"compare with the last run; 1: it differs"},
	    {"state", 0, ARG_TEXT, (void *)&c.state, "FILE",
		"where --watch keeps what it saw"},
	    {"no-fetch", 0, ARG_FLAG, &c.no_fetch, NULL,
		"fetch nothing over HTTPS"},
	    {"https", 0, ARG_TEXT, (void *)&c.https, "IP[@PORT]",
		"fetch from there, whatever DNS says"},
	    {"ca-file", 0, ARG_TEXT, (void *)&c.ca_file, "FILE",
		"trust these, not the system's"},
	};
	const struct command cmd = {
	    "check", "DOMAIN", 0, 1, about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	int status = -1;

	if (!env_open(&c.env, &cmd, argc, argv, &rest, &status))
		return status;
	c.err = &err;
	c.watching |= c.state != NULL;
	if (rest.n != (c.bulk ? 0 : 1)) {
		(void)fprintf(stderr,
		    "assay check: name a domain, or --bulk FILE\n"
		    "usage: assay check [OPTIONS] DOMAIN (assay help check "
		    "tells more)\n");
		return env_close(&c.env, EXIT_USAGE);
	}
	status = run(&c, &rest, &err);
	if (status == 0)
		status = verdict(&c, &err);
	if (status < 0)
		status = env_fail(&cmd, &err);
	watch_free(&c.watch);
	return env_close(&c.env, status);
}
