/* SPDX-License-Identifier: BSD-2-Clause */
/* assay(1): finds the subcommand and hands over. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "tools/tools.h"

static const struct tool {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} tools[] = {
    {"keys", tool_keys, "make the keys that sign outbound mail"},
};

static void
usage(FILE *out)
{
	(void)fprintf(out, "usage: assay COMMAND ...\n\ncommands:\n");
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		(void)fprintf(
		    out, "  %-10s %s\n", tools[i].name, tools[i].summary);
	(void)fprintf(out, "  %-10s %s\n", "version", "print the version");
	(void)fprintf(out, "\nassay COMMAND -h tells more.\n");
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (!strcmp(name, tools[i].name))
			return tools[i].run(argc - 1, argv + 1);
	if (!strcmp(name, "version") || !strcmp(name, "-V")) {
		(void)printf("assay %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (!strcmp(name, "help") || !strcmp(name, "-h")) {
		usage(stdout);
		return 0;
	}
	if (name[0])
		(void)fprintf(stderr, "assay: no command \"%s\"\n", name);
	usage(stderr);
	return 2;
}
