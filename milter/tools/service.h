/* SPDX-License-Identifier: BSD-2-Clause */
/* What assay status, reload and drain share: one question to assayd. */
#ifndef ASSAY_TOOLS_SERVICE_H
#define ASSAY_TOOLS_SERVICE_H

#include "control/request.h"
#include "tools/args.h"
#include "tools/out.h"

struct service_tool {
	const struct command *command;
	enum control_verb verb;
	int64_t timeout_s; /* unless --timeout says otherwise */
	/* Writes a reply's body. */
	void (*show)(struct out *, enum control_outcome, struct slice body);
	/* The exit status when all went as asked. */
	int (*status)(struct slice body);
};

/* Arguments, question, answer; the exit status. */
int service_ask(const struct service_tool *, int argc, char **argv);

#endif
