/* SPDX-License-Identifier: BSD-2-Clause */
/* Between spf.c and spf_*.c: one subcommand of assay spf each. */
#ifndef ASSAY_TOOLS_SPF_H
#define ASSAY_TOOLS_SPF_H

#include "base/arena.h"
#include "base/attr.h"
#include "dns/inquiry.h"
#include "mail/domain.h"
#include "spf/tree.h"
#include "tools/env.h"

int tool_spf_explain(int argc, char **argv);
int tool_spf_flatten(int argc, char **argv);
int tool_spf_tree(int argc, char **argv);

/* What each of them works with. */
struct spf_tool {
	struct env env;
	struct args_rest rest;
	struct domain domain; /* the first operand */
	struct arena *arena;
	struct inquiry *inquiry;
	struct spf_tree tree;
};

/* As env_open; the first operand must be a domain. */
MUST_CHECK bool spf_tool_open(struct spf_tool *, const struct command *,
    int argc, char **argv, int *status);
/* Reads the tree. 0, or -1 with err. */
MUST_CHECK int spf_tool_tree(
    struct spf_tool *, const struct spf_macro_values *, struct err *);
MUST_CHECK int spf_tool_close(struct spf_tool *, int status);

/* Are the limits of RFC 7208 section 4.6.4 kept, whoever the client? */
bool spf_tool_within_limits(const struct spf_tree *);
/* What is wrong with it, in words, or "". */
void spf_tool_fault(const struct spf_tree *, struct buf *);
/* Was it DNS that had no answer? */
bool spf_tool_is_silent(const struct spf_tree *);

#endif
