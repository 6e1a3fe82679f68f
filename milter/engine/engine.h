/* SPDX-License-Identifier: BSD-2-Clause */
/* What all sessions share, made once at start and never changed. */
#ifndef ASSAY_ENGINE_ENGINE_H
#define ASSAY_ENGINE_ENGINE_H

#include "base/clock.h"
#include "dkim/shared.h"
#include "dmarc/psl.h"
#include "dns/resolver.h"
#include "engine/workers.h"
#include "log/log.h"
#include "log/quota.h"

struct journal;

struct engine {
	struct resolver *resolver;
	struct dkim_shared *dkim;
	struct workers *workers;
	const struct clock *clock;
	struct log *log;
	struct journal *journal; /* NULL: verdicts are not kept */
	struct dmarc_psl *psl;   /* NULL: no list */
	struct quota *tells;     /* what is told of a domain once an hour */
	unsigned (*dice)(void);  /* 0 to 99, by chance; from any thread */
	const char *hostname;    /* when the MTA does not give its own */
};

#endif
