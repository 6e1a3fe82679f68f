/* SPDX-License-Identifier: BSD-2-Clause */
/* assay(1): finds the subcommand and hands over. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "tools/args.h"
#include "tools/tools.h"

static int tool_help(int argc, char **argv);
static int tool_version(int argc, char **argv);

static const struct args_sub tools[] = {
    {"check", tool_check, "what a domain publishes, and what is wrong"},
    {"config", tool_config, "check, show, import the configuration"},
    {"drain", tool_drain, "end assayd when messages under way have ended"},
    {"keys", tool_keys, "make, rotate, publish the keys that sign"},
    {"log", tool_log, "what happened to mail, counted"},
    {"record", tool_record, "make records: SPF, DMARC, DKIM and others"},
    {"reload", tool_reload, "have assayd read its configuration again"},
    {"sign", tool_sign, "sign a message as assayd would"},
    {"spf", tool_spf, "explain, show, or flatten an SPF record"},
    {"status", tool_status, "ask assayd how it is, and its numbers"},
    {"verify", tool_verify, "judge messages as assayd would, and say why"},
    {"why", tool_why, "what happened to one message, in words"},
    {"help", tool_help, "tell more of a command"},
    {"version", tool_version, "print the version"},
};

static int
group(int argc, char **argv)
{
	return args_group("", tools, ARRAY_LEN(tools), argc, argv);
}

/* "assay help spf flatten" is "assay spf flatten --help". */
static int
tool_help(int argc, char **argv)
{
	static const struct command c = {"help", "[COMMAND ...]", 0, 2,
	    "Lists the commands, or tells more of one.\n", NULL, 0};
	char flag[] = "--help", program[] = "assay";
	char *asked[5] = {program};
	struct args_rest rest;
	int status, n = 1;

	if (!args_parse(&c, NULL, 0, argc, argv, &rest, &status))
		return status;
	for (int i = 1; i < argc && n < 3; i++)
		asked[n++] = argv[i];
	asked[n++] = flag;
	return group(n, asked);
}

static int
tool_version(int argc, char **argv)
{
	static const struct command c = {
	    "version", "", 0, 0, "Prints the version.\n", NULL, 0};
	struct args_rest rest;
	int status;

	if (!args_parse(&c, NULL, 0, argc, argv, &rest, &status))
		return status;
	(void)printf("assay %s\n", PACKAGE_VERSION);
	return EXIT_GOOD;
}

/* What is written to a full disk, or nowhere, was not told. */
static int
ended(int status)
{
	if (status == EXIT_TROUBLE || (!ferror(stdout) && fflush(stdout) == 0))
		return status;
	(void)fprintf(stderr, "assay: standard output: write error\n");
	return EXIT_TROUBLE;
}

int
main(int argc, char **argv)
{
	char version[] = "version";
	char *as_command[] = {argv[0], version, NULL};

	if (argc == 2 &&
	    (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")))
		return ended(group(2, as_command));
	return ended(group(argc, argv));
}
