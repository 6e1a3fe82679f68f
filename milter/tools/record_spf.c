/* SPDX-License-Identifier: BSD-2-Clause */
/* assay record spf (RFC 7208). */
#include <string.h>

#include "tools/platforms.h"
#include "tools/record.h"

struct spf_choice {
	struct arg_list senders, includes, ips, hosts;
	bool mx, a, none;
	const char *redirect, *all;
};

/* Each term once: the second would cost lookups for nothing. */
static void
add_term(struct buf *b, const char *kind, const char *value)
{
	struct buf term = BUF_INIT(LIMIT_SPF_RECORD);
	struct slice rest = buf_slice(b);
	bool more = true, there = false;

	buf_addf(&term, "%s%s", kind, value);
	while (more)
		there |=
		    slice_ieq(slice_cut(&rest, ' ', &more), buf_slice(&term));
	if (!there)
		buf_addf(b, " %s", buf_str(&term));
	buf_free(&term);
}

static void
add_name(
    struct record_tool *t, struct buf *b, const char *kind, const char *name)
{
	struct domain d;

	if (domain_parse(slice_z(name), &d) && domain_nlabels(&d) > 1)
		add_term(b, kind, d.text);
	else
		record_refuse(t, "\"%.100s\" is no domain name", name);
}

static void
add_ip(struct record_tool *t, struct buf *b, const char *text)
{
	char network[IP_TEXT_MAX + 8];
	struct cidr net;
	size_t n;

	if (cidr_parse(slice_z(text), &net)) {
		record_refuse(t, "\"%.100s\" is no address or network", text);
		return;
	}
	(void)ip_format(&net.net, network);
	n = strlen(network);
	if (net.bits < (net.net.family == IP_V4 ? 32u : 128u))
		(void)snprintf(
		    network + n, sizeof(network) - n, "/%u", net.bits);
	add_term(b, net.net.family == IP_V4 ? "ip4:" : "ip6:", network);
}

static void
add_sender(struct record_tool *t, struct buf *b, const char *name)
{
	const struct platform *p = platform_find(name);

	if (!p) {
		record_refuse(t,
		    "no sender \"%.100s\" (assay record senders lists them)",
		    name);
		return;
	}
	if (p->spf[0])
		add_term(b, "include:", p->spf);
	if (p->note[0])
		record_remark(t, "%s: %s", p->title, p->note);
}

static void
end_record(struct record_tool *t, const struct spf_choice *o, struct buf *b)
{
	static const struct name ends[] = {
	    {'-', "fail"}, {'~', "softfail"}, {'?', "neutral"}, {0, NULL}};
	int q;

	if (o->redirect) {
		add_name(t, b, "redirect=", o->redirect);
		return;
	}
	if (names_value(ends, slice_z(o->none ? "fail" : o->all), &q))
		record_refuse(t, "--all is fail, softfail or neutral");
	else
		buf_addf(b, " %call", q);
}

static void
make(struct record_tool *t, const struct spf_choice *o)
{
	struct buf b = BUF_INIT(LIMIT_SPF_RECORD);

	buf_addz(&b, "v=spf1");
	/* What costs no lookup comes first. */
	for (size_t i = 0; i < o->ips.n; i++)
		add_ip(t, &b, o->ips.items[i]);
	if (o->a)
		add_term(&b, "a", "");
	if (o->mx)
		add_term(&b, "mx", "");
	for (size_t i = 0; i < o->hosts.n; i++)
		add_name(t, &b, "a:", o->hosts.items[i]);
	for (size_t i = 0; i < o->senders.n; i++)
		add_sender(t, &b, o->senders.items[i]);
	for (size_t i = 0; i < o->includes.n; i++)
		add_name(t, &b, "include:", o->includes.items[i]);
	if (o->none && b.len > sizeof("v=spf1") - 1)
		record_refuse(t, "--none goes with no sender");
	else if (!o->none && !o->redirect && o->senders.n == 0 &&
	    b.len == sizeof("v=spf1") - 1)
		record_refuse(t, "say who sends, or --none");
	end_record(t, o, &b);
	if (buf_status(&b) || b.len > 450)
		record_refuse(t,
		    "the record has more than 450 octets: fewer "
		    "networks, or assay spf flatten");
	record_add(t, "", DNS_TXT, buf_slice(&b));
	buf_free(&b);
}

static const char about[] =
    "Makes the SPF record of DOMAIN: who sends for it. It is laid over DNS and\n"
    "checked with all that it includes; one that needs more than ten lookups,\n"
    "or includes what is not there, is refused. Exit status 1: refused.\n";

int
tool_record_spf(int argc, char **argv)
{
	struct record_tool t = {.n = 0};
	struct spf_choice o = {.all = "softfail"};
	const struct arg args[] = {
	    {"sender", 0, ARG_LIST, &o.senders, "NAME",
		"a platform (record senders lists them)"},
	    {"include", 0, ARG_LIST, &o.includes, "DOMAIN",
		"whoever sends for that domain"},
	    {"ip", 0, ARG_LIST, &o.ips, "NETWORK", "an address or network"},
	    {"host", 0, ARG_LIST, &o.hosts, "NAME", "a host by its name"},
	    {"mx", 0, ARG_FLAG, &o.mx, NULL, "the domain's MX hosts"},
	    {"a", 0, ARG_FLAG, &o.a, NULL, "the domain's own address"},
	    {"redirect", 0, ARG_TEXT, (void *)&o.redirect, "DOMAIN",
		"all others: as that domain says"},
	    {"all", 0, ARG_TEXT, (void *)&o.all, "WORD",
		"all others: fail, softfail, neutral"},
	    {"none", 0, ARG_FLAG, &o.none, NULL, "nobody sends for it"},
	    RECORD_ARGS(&t),
	};
	const struct command c = {
	    "record spf", "DOMAIN", 1, 1, about, args, ARRAY_LEN(args)};
	int status;

	if (!record_open(&t, &c, argc, argv, &status))
		return status;
	make(&t, &o);
	return record_close(&t, &c, check_spf, NULL, 0);
}
