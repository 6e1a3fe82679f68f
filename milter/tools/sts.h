/* SPDX-License-Identifier: BSD-2-Clause */
/* An MTA-STS policy file (RFC 8461 section 3.2). Pure. */
#ifndef ASSAY_TOOLS_STS_H
#define ASSAY_TOOLS_STS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/names.h"
#include "base/slice.h"
#include "mail/domain.h"

#define STS_OCTETS_MAX 65536 /* section 3.3 names 64 kilobytes */
#define STS_MX_MAX 100
#define STS_AGE_MAX 31557600

enum sts_mode {
	STS_ENFORCE,
	STS_TESTING,
	STS_NONE
};
extern const struct name sts_modes[];

enum sts_fault {
	STS_OK,
	STS_NOT_A_LINE, /* no "key: value" */
	STS_VERSION,
	STS_MODE,
	STS_AGE,
	STS_MX,
	STS_NO_MX,
};

extern const struct name sts_faults[];

struct sts_policy {
	enum sts_fault fault; /* the first; the others are not reliable */
	struct slice at;      /* the line at fault, or empty */
	enum sts_mode mode;
	uint64_t max_age_s;
	struct slice mx[STS_MX_MAX];
	size_t nmx;
};

/* Slices point into text. */
void sts_policy_parse(struct slice text, struct sts_policy *out);
/* A sound policy as a file; what this writes parses to the same. */
void sts_policy_write(const struct sts_policy *, struct buf *);
/* Section 4.1: may mail go to this MX host? */
bool sts_policy_has(const struct sts_policy *, const struct domain *host);

#endif
