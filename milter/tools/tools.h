/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A subcommand of assay(1): it gets its own arguments (argv[0] is its name)
 * and returns the exit status: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef ASSAY_TOOLS_TOOLS_H
#define ASSAY_TOOLS_TOOLS_H

int tool_keys(int argc, char **argv);

#endif
