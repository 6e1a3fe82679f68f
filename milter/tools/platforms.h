/* SPDX-License-Identifier: BSD-2-Clause */
/* Well-known platforms that send mail for others, and what they want in DNS. */
#ifndef ASSAY_TOOLS_PLATFORMS_H
#define ASSAY_TOOLS_PLATFORMS_H

#include <stddef.h>

#define PLATFORM_KEYS_MAX 4

struct platform_key {
	const char *selector;
	/*
	 * Where its CNAME leads: %d is the domain, %D the domain with hyphens
	 * for dots. "": the platform tells each customer another name, or
	 * wants a TXT record.
	 */
	const char *target;
};

struct platform {
	const char *name, *title;
	/* To be included at the domain itself; "": it uses a name of its own
	 * for bounces, and needs nothing there. */
	const char *spf;
	struct platform_key keys[PLATFORM_KEYS_MAX]; /* up to the first NULL */
	const char *note; /* "" or what else there is to know */
};

extern const struct platform platforms[];
extern const size_t nplatforms;

/* NULL: none of that name. */
const struct platform *platform_find(const char *name);

#endif
