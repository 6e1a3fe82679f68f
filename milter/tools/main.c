/* SPDX-License-Identifier: BSD-2-Clause */
/* assay(1): finds the subcommand and hands over. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "tools/args.h"
#include "tools/out.h"
#include "tools/tools.h"

static const struct tool {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} tools[] = {
    {"check", tool_check, "what a domain publishes, and what is wrong"},
    {"config", tool_config, "check the configuration, show what holds"},
    {"keys", tool_keys, "make the keys that sign outbound mail"},
    {"log", tool_log, "what happened to mail, counted"},
    {"sign", tool_sign, "sign a message as assayd would"},
    {"spf", tool_spf, "explain, show, or flatten an SPF record"},
    {"verify", tool_verify, "judge messages as assayd would, and say why"},
    {"why", tool_why, "what happened to one message, in words"},
};

static void
usage(FILE *out)
{
	(void)fprintf(out, "usage: assay COMMAND ...\n\ncommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		(void)fprintf(
		    out, "  %-10s %s\n", tools[i].name, tools[i].summary);
	(void)fprintf(out, "  %-10s %s\n  %-10s %s\n", "help",
	    "tell more of a command", "version", "print the version");
	(void)fprintf(out, "\nassay help COMMAND tells more.\n");
}

static const struct tool *
find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (!strcmp(name, tools[i].name))
			return &tools[i];
	return NULL;
}

static int
unknown(const char *name)
{
	struct buf text = BUF_INIT(4096);

	out_escape(&text, slice_z(name));
	(void)fprintf(stderr, "assay: no command \"%s\"\n", buf_str(&text));
	usage(stderr);
	buf_free(&text);
	return EXIT_USAGE;
}

/* "assay help spf flatten" is "assay spf flatten -h". */
static int
help(int argc, char **argv)
{
	char flag[] = "-h";
	char *asked[4] = {NULL};
	int n = 0;
	const struct tool *t;

	if (argc == 0) {
		usage(stdout);
		return EXIT_GOOD;
	}
	t = find(argv[0]);
	if (!t)
		return unknown(argv[0]);
	while (n < argc && n < 2) {
		asked[n] = argv[n];
		n++;
	}
	asked[n++] = flag;
	return t->run(n, asked);
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct tool *t = find(name);

	if (t)
		return t->run(argc - 1, argv + 1);
	if (!strcmp(name, "version") || !strcmp(name, "--version") ||
	    !strcmp(name, "-V")) {
		(void)printf("assay %s\n", PACKAGE_VERSION);
		return EXIT_GOOD;
	}
	if (!strcmp(name, "help") || !strcmp(name, "--help") ||
	    !strcmp(name, "-h"))
		return help(argc > 2 ? argc - 2 : 0, argv + 2);
	if (name[0])
		return unknown(name);
	usage(stderr);
	return EXIT_USAGE;
}
