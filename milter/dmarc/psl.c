/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 7489 section 3.2: the Organizational Domain by a public suffix list.
 * Names are A-labels in lower case already, as libpsl wants them.
 */
#include "dmarc/psl.h"

#include <stdlib.h>

#include <libpsl.h>

struct dmarc_psl {
	psl_ctx_t *list;
};

struct dmarc_psl *
dmarc_psl_new(const char *file, struct err *err)
{
	struct dmarc_psl *psl = calloc(1, sizeof(*psl));

	if (!psl) {
		(void)err_no_mem(err);
		return NULL;
	}
	psl->list = file ? psl_load_file(file) : psl_latest(NULL);
	/* An unreadable file may also give a list of nothing. */
	if (!psl->list || (file && psl_suffix_count(psl->list) == 0)) {
		(void)err_set(err, "no public suffix list in %s",
		    file ? file : "the system's place");
		dmarc_psl_free(psl);
		return NULL;
	}
	return psl;
}

void
dmarc_psl_free(struct dmarc_psl *psl)
{
	if (!psl)
		return;
	psl_free(psl->list);
	free(psl);
}

bool
dmarc_psl_org(void *ctx, const struct domain *d, struct domain *out)
{
	const struct dmarc_psl *psl = ctx;
	const char *org = psl_registrable_domain(psl->list, d->text);

	return org && domain_parse(slice_z(org), out);
}
