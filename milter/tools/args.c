/* SPDX-License-Identifier: BSD-2-Clause */
/* See args.h. getopt knows no long names, and getopt_long is not POSIX. */
#include "tools/args.h"

#include <string.h>

#include "base/buf.h"
#include "base/slice.h"
#include "tools/out.h"

#define SHOWN_MAX 4096
#define TABLE_FLAG "--usage-table"

struct parsing {
	const struct command *command;
	const struct arg *common;
	size_t ncommon;
	char **argv; /* what is left */
};

/* --- help ----------------------------------------------------------------- */

static void
help_args(const struct arg *args, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct arg *a = &args[i];
		char left[64], letter[8] = "    ";

		if (a->letter)
			(void)snprintf(
			    letter, sizeof(letter), "-%c, ", a->letter);
		(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter,
		    a->name, a->value ? " " : "", a->value ? a->value : "");
		(void)printf("  %-24s %s\n", left, a->help);
	}
}

static void
help(const struct parsing *p)
{
	const struct command *c = p->command;

	(void)printf("usage: assay %s [OPTIONS]%s%s\n\n%s", c->name,
	    c->operands[0] ? " " : "", c->operands, c->about);
	if (c->nargs)
		(void)printf("\noptions:\n");
	help_args(c->args, c->nargs);
	(void)printf("\ncommon options:\n");
	help_args(p->common, p->ncommon);
	(void)printf("\nexit status: 0 good, 1 the answer is no, 2 wrong "
		     "usage, 3 no answer\n"
		     "assay-%.*s(1) tells more.\n",
	    (int)strcspn(c->name, " "), c->name);
}

static void
table_args(const struct command *c, const char *kind, const struct arg *args,
    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct arg *a = &args[i];

		(void)printf("%s\t%s\t%c\t%s\t%s\t%s\n", kind, c->name,
		    a->letter ? a->letter : '-', a->name,
		    a->value ? a->value : "-", a->help);
	}
}

/* See args.h. */
static void
table(const struct parsing *p)
{
	const struct command *c = p->command;

	(void)printf(
	    "command\t%s\t%s\n", c->name, c->operands[0] ? c->operands : "-");
	table_args(c, "own", c->args, c->nargs);
	table_args(c, "common", p->common, p->ncommon);
}

static bool
wrong(const struct parsing *p, const char *what, const char *which)
{
	const struct command *c = p->command;
	struct buf shown = BUF_INIT(SHOWN_MAX);

	out_escape(&shown, slice_z(which ? which : ""));
	(void)fprintf(stderr,
	    "assay %s: %s%s%s\n"
	    "usage: assay %s [OPTIONS]%s%s (assay help %s tells more)\n",
	    c->name, what, which ? " " : "", buf_str(&shown), c->name,
	    c->operands[0] ? " " : "", c->operands, c->name);
	buf_free(&shown);
	return false;
}

/* --- parsing --------------------------------------------------------------- */

static const struct arg *
find_in(const struct arg *args, size_t n, struct slice name, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (letter ? args[i].letter == letter
			   : slice_eqz(name, args[i].name))
			return &args[i];
	return NULL;
}

static const struct arg *
find(const struct parsing *p, struct slice name, char letter)
{
	const struct command *c = p->command;
	const struct arg *a = find_in(c->args, c->nargs, name, letter);

	return a ? a : find_in(p->common, p->ncommon, name, letter);
}

static bool
store(const struct parsing *p, const struct arg *a, const char *value)
{
	struct arg_list *list = a->to;
	uint64_t number;

	switch (a->kind) {
	case ARG_FLAG: *(bool *)a->to = true; return true;
	case ARG_TEXT: *(const char **)a->to = value; return true;
	case ARG_NUMBER:
		if (slice_u64(slice_z(value), INT64_MAX, &number))
			return wrong(p, "needs a number: option", a->name);
		*(int64_t *)a->to = (int64_t)number;
		return true;
	case ARG_LIST:
		if (list->n == ARG_LIST_MAX)
			return wrong(p, "given too often: option", a->name);
		list->items[list->n++] = value;
		return true;
	}
	return false;
}

/* One option; takes its value from the next argument when it needs one. */
static bool
option(struct parsing *p)
{
	const char *text = *p->argv++, *value = NULL;
	struct slice name = slice_z(text + 2);
	const struct arg *a;
	bool has_value = false;

	if (text[1] == '-') {
		struct slice all = name;

		name = slice_cut(&all, '=', &has_value);
		value = has_value ? all.ptr : NULL;
		a = find(p, name, '\0');
	} else {
		a = find(p, SLICE_EMPTY, text[1]);
		if (text[2])
			value = text + 2;
	}
	if (!a)
		return wrong(p, "no option", text);
	if (a->kind == ARG_FLAG && value)
		return wrong(p, "takes no value: option", a->name);
	if (a->kind != ARG_FLAG && !value) {
		value = *p->argv;
		if (!value)
			return wrong(p, "needs a value: option", a->name);
		p->argv++;
	}
	return store(p, a, value);
}

static bool
operand(struct parsing *p, struct args_rest *rest)
{
	if (rest->n == ARG_REST_MAX)
		return wrong(p, "too many arguments", NULL);
	rest->items[rest->n++] = *p->argv++;
	return true;
}

bool
args_parse(const struct command *c, const struct arg *common, size_t ncommon,
    int argc, char **argv, struct args_rest *rest, int *status)
{
	struct parsing p = {c, common, ncommon, argv + 1};
	bool options = true;

	(void)argc;
	rest->n = 0;
	*status = EXIT_USAGE;
	while (*p.argv) {
		const char *text = *p.argv;

		if (options &&
		    (!strcmp(text, "-h") || !strcmp(text, "--help"))) {
			help(&p);
			*status = EXIT_GOOD;
			return false;
		}
		if (p.argv == argv + 1 && !strcmp(text, TABLE_FLAG)) {
			table(&p);
			*status = EXIT_GOOD;
			return false;
		}
		if (options && !strcmp(text, "--")) {
			options = false;
			p.argv++;
		} else if (options && text[0] == '-' && text[1]) {
			if (!option(&p))
				return false;
		} else if (!operand(&p, rest)) {
			return false;
		}
	}
	if (rest->n < c->min)
		return wrong(&p, "an argument is missing", NULL);
	if (rest->n > c->max)
		return wrong(&p, "too many arguments", NULL);
	return true;
}

/* --- groups ------------------------------------------------------------------ */

static void
group_usage(FILE *out, const char *name, const struct args_sub *subs, size_t n)
{
	(void)fprintf(out, "usage: assay %s%sCOMMAND ...\n\ncommands:\n", name,
	    name[0] ? " " : "");
	for (size_t i = 0; i < n; i++)
		(void)fprintf(
		    out, "  %-10s %s\n", subs[i].name, subs[i].summary);
	(void)fprintf(out, "\nassay help %s%sCOMMAND tells more%s%s%s\n", name,
	    name[0] ? " " : "", name[0] ? ", and assay-" : "", name,
	    name[0] ? "(1)." : ".");
}

/* Its own lines, then those of each subcommand. */
static int
group_table(const char *name, const struct args_sub *subs, size_t n)
{
	char flag[] = TABLE_FLAG;
	int status = EXIT_GOOD;

	for (size_t i = 0; i < n; i++) {
		char sub[32];
		char *argv[] = {sub, flag, NULL};

		(void)printf("group\t%s\t%s\t%s\n", name[0] ? name : "-",
		    subs[i].name, subs[i].summary);
		(void)snprintf(sub, sizeof(sub), "%s", subs[i].name);
		if (subs[i].run(2, argv))
			status = EXIT_TROUBLE;
	}
	return status;
}

int
args_group(const char *name, const struct args_sub *subs, size_t n, int argc,
    char **argv)
{
	const char *asked = argc > 1 ? argv[1] : "";

	if (!strcmp(asked, "-h") || !strcmp(asked, "--help")) {
		group_usage(stdout, name, subs, n);
		return EXIT_GOOD;
	}
	if (!strcmp(asked, TABLE_FLAG))
		return group_table(name, subs, n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(asked, subs[i].name))
			return subs[i].run(argc - 1, argv + 1);
	if (asked[0]) {
		struct buf shown = BUF_INIT(SHOWN_MAX);

		out_escape(&shown, slice_z(asked));
		(void)fprintf(stderr, "assay%s%s: no command \"%s\"\n",
		    name[0] ? " " : "", name, buf_str(&shown));
		buf_free(&shown);
	}
	group_usage(stderr, name, subs, n);
	return EXIT_USAGE;
}
