/* SPDX-License-Identifier: BSD-2-Clause */
/* assay spf tree: the record, the records it includes, and what they cost. */
#include "mail/limits.h"
#include "tools/spf.h"

#define SHOWN_ADDRESSES 20

static void show_node(struct out *, const struct spf_node *);

static void
show_addresses(struct out *o, const struct spf_branch *b)
{
	char text[IP_TEXT_MAX];

	if (b->nips == 0)
		return;
	out_array(o, "addresses");
	for (size_t i = 0; i < b->nips; i++) {
		if (!o->json && i == SHOWN_ADDRESSES) {
			out_line(o, OUT_PLAIN, "... %zu more", b->nips - i);
			break;
		}
		out_z(o, NULL, ip_format(&b->ips[i], text));
	}
	out_close(o);
}

/* For people: a line is enough for what leads nowhere. */
static bool
show_leaf(struct out *o, const struct spf_branch *b)
{
	struct buf term = BUF_INIT(4096);
	const char *what = b->dead ? "unused"
	    : b->dynamic           ? "1 lookup, depends on the message"
				   : "";

	if (o->json || b->node || (b->lookups && !b->dynamic && !b->dead))
		return false;
	out_escape(&term, b->term->text);
	out_line(o, b->dead ? OUT_WARN : OUT_PLAIN, "%s%s%s", buf_str(&term),
	    what[0] ? "  " : "", what);
	buf_free(&term);
	return true;
}

static void
show_branch(struct out *o, const struct spf_branch *b)
{
	if (show_leaf(o, b))
		return;
	out_object(o, NULL);
	out_str(o, "term", b->term->text);
	if (b->target.len && !slice_eq(b->target, b->term->target))
		out_str(o, "target", b->target);
	if (b->dead) {
		out_tone(o, "unused", "yes", OUT_WARN);
	} else if (b->lookups) {
		out_num(o, "lookups", b->lookups);
		if (b->voids)
			out_num(o, "voids", b->voids);
	}
	if (b->dynamic)
		out_z(o, "depends_on", "the message");
	if (dns_is_temporary(b->dns))
		out_tone(o, "dns", names_word(dns_status_words, (int)b->dns),
		    OUT_BAD);
	show_addresses(o, b);
	if (b->node) {
		out_object(o, "record");
		show_node(o, b->node);
		out_close(o);
	}
	out_close(o);
}

static void
show_node(struct out *o, const struct spf_node *n)
{
	out_str(o, "domain", n->domain);
	out_str(o, "text", n->record.text);
	if (n->fault != SPF_OK)
		out_tone(o, "fault", spf_reason_text(n->fault), OUT_BAD);
	out_str(o, "fault_at", n->record.at);
	out_array(o, "terms");
	for (size_t i = 0; i < n->n; i++)
		show_branch(o, &n->branches[i]);
	out_close(o);
}

static const char about[] =
    "Shows the SPF record of DOMAIN, every record it leads to and every name\n"
    "it asks about, with what each costs of the ten lookups and two void\n"
    "lookups that RFC 7208 allows. Exit status 1: a record is missing or\n"
    "faulty, or a limit is passed.\n";

int
tool_spf_tree(int argc, char **argv)
{
	const struct command c = {"spf tree", "DOMAIN", 1, 1, about, NULL, 0};
	struct spf_tool t = {.arena = NULL};
	struct buf fault = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct out *o = &t.env.out;
	int status;

	if (!spf_tool_open(&t, &c, argc, argv, &status))
		return status;
	if (spf_tool_tree(&t, NULL, &err))
		return spf_tool_close(&t, env_fail(&c, &err));
	spf_tool_fault(&t.tree, &fault);
	out_num(o, "lookups", t.tree.root->lookups);
	out_num(o, "voids", t.tree.root->voids);
	if (fault.len)
		out_tone(o, "problem", buf_str(&fault), OUT_BAD);
	show_node(o, t.tree.root);
	status = spf_tool_is_silent(&t.tree) ? EXIT_TROUBLE
	    : fault.len                      ? EXIT_BAD
					     : EXIT_GOOD;
	buf_free(&fault);
	return spf_tool_close(&t, status);
}
