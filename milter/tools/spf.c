/* SPDX-License-Identifier: BSD-2-Clause */
/* assay spf: finds the subcommand; what they share. */
#include "tools/spf.h"

#include <stdio.h>
#include <string.h>

#include "mail/limits.h"
#include "tools/tools.h"

#define ARENA (256u << 20)

static const struct args_sub subs[] = {
    {"explain", tool_spf_explain, "one evaluation, term by term"},
    {"flatten", tool_spf_flatten, "the same with addresses alone"},
    {"tree", tool_spf_tree, "all that a record leads to"},
};

int
tool_spf(int argc, char **argv)
{
	return args_group("spf", subs, ARRAY_LEN(subs), argc, argv);
}

bool
spf_tool_open(struct spf_tool *t, const struct command *c, int argc,
    char **argv, int *status)
{
	struct err err = ERR_INIT;

	if (!env_open(&t->env, c, argc, argv, &t->rest, status))
		return false;
	t->arena = arena_new(ARENA);
	t->inquiry = env_inquiry(&t->env, LIMIT_SPF_TREE_QUERIES);
	if (!t->arena || !t->inquiry)
		(void)err_no_mem(&err);
	else if (!domain_parse(slice_z(t->rest.items[0]), &t->domain))
		(void)env_wrong(
		    &t->env, t->rest.items[0], "domain name", &err);
	if (!err.text[0])
		return true;
	*status = spf_tool_close(t, env_fail(c, &err));
	return false;
}

int
spf_tool_tree(
    struct spf_tool *t, const struct spf_macro_values *client, struct err *err)
{
	if (spf_tree_read(domain_slice(&t->domain), client, t->inquiry,
		t->arena, &t->tree))
		return err_no_mem(err);
	return 0;
}

int
spf_tool_close(struct spf_tool *t, int status)
{
	inquiry_free(t->inquiry);
	status = env_close(&t->env, status);
	arena_free(t->arena);
	return status;
}

bool
spf_tool_within_limits(const struct spf_tree *t)
{
	return !t->over && t->root->lookups <= LIMIT_SPF_TERMS &&
	    t->root->voids <= LIMIT_SPF_VOIDS;
}

bool
spf_tool_is_silent(const struct spf_tree *t)
{
	return t->broken && dns_is_temporary(t->broken->dns);
}

void
spf_tool_fault(const struct spf_tree *t, struct buf *out)
{
	const struct spf_node *n = t->broken;

	if (n) {
		out_escape(out, n->domain);
		buf_addf(out, ": %s", spf_reason_text(n->fault));
		if (n->record.at.len) {
			buf_addz(out, " (");
			out_escape(out, n->record.at);
			buf_addc(out, ')');
		}
	} else if (t->over) {
		buf_addz(out, "too large to be followed to its end");
	} else if (t->root->lookups > LIMIT_SPF_TERMS) {
		buf_addf(out, "%u lookups at worst, %d are allowed",
		    t->root->lookups, LIMIT_SPF_TERMS);
	} else if (t->root->voids > LIMIT_SPF_VOIDS) {
		buf_addf(out, "%u void lookups at worst, %d are allowed",
		    t->root->voids, LIMIT_SPF_VOIDS);
	}
}
