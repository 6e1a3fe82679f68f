/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A subcommand of assay(1): it gets its own arguments (argv[0] is its name)
 * and returns the exit status (enum exit_status of args.h).
 */
#ifndef ASSAY_TOOLS_TOOLS_H
#define ASSAY_TOOLS_TOOLS_H

int tool_check(int argc, char **argv);
int tool_config(int argc, char **argv);
int tool_config_import(int argc, char **argv);
int tool_keys(int argc, char **argv);
int tool_record(int argc, char **argv);
int tool_sign(int argc, char **argv);
int tool_spf(int argc, char **argv);
int tool_verify(int argc, char **argv);

#endif
