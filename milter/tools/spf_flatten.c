/* SPDX-License-Identifier: BSD-2-Clause */
/* assay spf flatten: records with addresses in place of names. */
#include "mail/limits.h"
#include "spf/flat.h"
#include "tools/spf.h"

/* As a zone file has it: strings of 255 octets. */
static void
show_zone_line(struct out *o, const struct spf_flat_record *r)
{
	struct buf b = BUF_INIT(4096);
	struct slice rest = r->text;

	out_escape(&b, r->name);
	buf_addz(&b, ". IN TXT");
	while (rest.len) {
		buf_addz(&b, " \"");
		out_escape(&b, slice_upto(rest, 255));
		buf_addc(&b, '"');
		rest = slice_from(rest, 255);
	}
	out_line(o, OUT_PLAIN, "%s", buf_str(&b));
	buf_free(&b);
}

static void
show_json(struct out *o, const struct spf_flat *f)
{
	if (!o->json)
		return;
	out_array(o, "records");
	for (size_t i = 0; i < f->n; i++) {
		out_object(o, NULL);
		out_str(o, "name", f->records[i].name);
		out_str(o, "text", f->records[i].text);
		out_close(o);
	}
	out_close(o);
	out_array(o, "kept");
	for (size_t i = 0; i < f->nkept; i++)
		out_str(o, NULL, f->kept[i]);
	out_close(o);
}

/* Remarks are comments of a zone file, so that all of it can be pasted. */
static void
show_text(struct out *o, const struct spf_tree *t, const struct spf_flat *f)
{
	for (size_t i = 0; i < f->n; i++)
		show_zone_line(o, &f->records[i]);
	out_line(o, OUT_PLAIN, "; %zu networks, %u lookups (before: %u)",
	    f->networks, f->lookups, t->root->lookups);
	out_line(o, OUT_PLAIN,
	    "; good until an address behind it changes; the shortest TTL is "
	    "%u s",
	    (unsigned)t->ttl_s);
	for (size_t i = 0; i < f->nkept; i++) {
		struct buf b = BUF_INIT(4096);

		out_escape(&b, f->kept[i]);
		out_line(o, OUT_WARN,
		    "; depends on the message, left as it is: %s",
		    buf_str(&b));
		buf_free(&b);
	}
	if (!spf_tool_within_limits(t))
		out_line(o, OUT_WARN,
		    "; the original passes a limit, and so fails for some "
		    "clients that pass by these");
}

static void
refuse(struct out *o, const struct spf_tree *t, const struct spf_flat *f)
{
	struct buf why = BUF_INIT(4096);

	spf_tool_fault(t, &why);
	out_tone(
	    o, "refused", names_word(spf_flat_faults, (int)f->fault), OUT_BAD);
	if (f->fault == SPF_FLAT_LOOKUPS)
		out_num(o, "lookups", f->lookups);
	else
		out_z(o, "why", buf_str(&why));
	buf_free(&why);
}

static const char about[] =
    "Writes the SPF record of DOMAIN anew, with addresses in place of the\n"
    "names it asks about, for a zone file: one record, or more at _spf1.DOMAIN\n"
    "and so on when one string of 255 octets does not hold it. Every client\n"
    "gets the result it had. What depends on the message (ptr, exists, most\n"
    "macros) stays as it is. Exit status 1: it can't be done, and why.\n";

int
tool_spf_flatten(int argc, char **argv)
{
	struct spf_flat_options fo = {.prefix = "_spf"};
	int64_t octets = 0;
	const struct arg args[] = {
	    {"prefix", 0, ARG_TEXT, (void *)&fo.prefix, "NAME",
		"of further records (_spf)"},
	    {"octets", 0, ARG_NUMBER, &octets, "N",
		"of one record at most (255, else 450)"},
	};
	const struct command c = {
	    "spf flatten", "DOMAIN", 1, 1, about, args, ARRAY_LEN(args)};
	struct spf_tool t = {.arena = NULL};
	struct err err = ERR_INIT;
	struct spf_flat f;
	int status;

	if (!spf_tool_open(&t, &c, argc, argv, &status))
		return status;
	fo.octets =
	    octets > LIMIT_SPF_RECORD ? LIMIT_SPF_RECORD : (size_t)octets;
	if (spf_tool_tree(&t, NULL, &err))
		return spf_tool_close(&t, env_fail(&c, &err));
	if (spf_flat_make(&t.tree, &fo, t.arena, &f)) {
		(void)err_no_mem(&err);
		return spf_tool_close(&t, env_fail(&c, &err));
	}
	if (f.fault != SPF_FLAT_OK) {
		refuse(&t.env.out, &t.tree, &f);
		return spf_tool_close(&t, EXIT_BAD);
	}
	if (t.env.out.json) {
		out_num(&t.env.out, "lookups", f.lookups);
		out_num(&t.env.out, "networks", (int64_t)f.networks);
		out_num(&t.env.out, "ttl", t.tree.ttl_s);
		out_bool(&t.env.out, "original_within_limits",
		    spf_tool_within_limits(&t.tree));
	}
	show_json(&t.env.out, &f);
	if (!t.env.out.json)
		show_text(&t.env.out, &t.tree, &f);
	return spf_tool_close(&t, EXIT_GOOD);
}
