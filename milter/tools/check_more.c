/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay check: the records of MTA-STS (RFC 8461 section 3.1), TLS-RPT (RFC
 * 8460 section 3), BIMI (its draft). check_files.c has what they point to.
 */
#include "tools/check_files.h"

static bool
is_silent(struct check *c, const struct check_txt *t, enum finding which)
{
	if (!dns_is_temporary(t->dns))
		return false;
	check_found(c, which,
	    slice_z(names_word(dns_status_words, (int)t->dns)), NULL);
	return true;
}

/* --- MTA-STS ------------------------------------------------------------------------- */

static bool
is_id(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]))
			return false;
	return s.len >= 1 && s.len <= 32;
}

void
check_sts(struct check *c)
{
	char name[CHECK_NAME_MAX];
	struct check_txt t;
	struct slice id;

	check_txt(c, check_name(c, "_mta-sts", name), &t);
	if (is_silent(c, &t, FIND_STS_DNS))
		return;
	if (check_txt_keep(&t, SLICE_LIT("v=STSv1")) == 0) {
		/* A domain that takes no mail has no way to guard. */
		if (c->has_mx)
			check_found(c, FIND_STS_NONE, SLICE_EMPTY, NULL);
		return;
	}
	check_record(c, "record", t.texts[0]);
	c->has_sts = true;
	if (t.n > 1)
		check_found(c, FIND_STS_SEVERAL, SLICE_EMPTY, NULL);
	if (!check_tag(t.texts[0], "id", &id) || !is_id(id))
		check_found(c, FIND_STS_ID, id, NULL);
	if (!check_has_address(c, check_name(c, "mta-sts", name)))
		check_found(c, FIND_STS_HOST, slice_z(name), NULL);
	else
		check_sts_policy(c);
}

/* --- TLS-RPT -------------------------------------------------------------------------- */

void
check_tlsrpt(struct check *c)
{
	char name[CHECK_NAME_MAX];
	struct check_txt t;
	struct slice rua;
	bool more = true;

	check_txt(c, check_name(c, "_smtp._tls", name), &t);
	if (is_silent(c, &t, FIND_TLSRPT_DNS))
		return;
	if (check_txt_keep(&t, SLICE_LIT("v=TLSRPTv1")) == 0) {
		if (c->has_sts)
			check_found(c, FIND_TLSRPT_NONE, SLICE_EMPTY, NULL);
		return;
	}
	check_record(c, "record", t.texts[0]);
	if (t.n > 1)
		check_found(c, FIND_TLSRPT_SEVERAL, SLICE_EMPTY, NULL);
	if (!check_tag(t.texts[0], "rua", &rua)) {
		check_found(c, FIND_TLSRPT_RUA, SLICE_EMPTY, NULL);
		return;
	}
	while (more) {
		struct slice uri = slice_trim(slice_cut(&rua, ',', &more));

		if (!slice_istarts(uri, SLICE_LIT("mailto:")) &&
		    !slice_istarts(uri, SLICE_LIT("https:")))
			check_found(c, FIND_TLSRPT_URI, uri, NULL);
	}
}

/* --- BIMI ------------------------------------------------------------------------------ */

/* True when there is something to fetch. */
static bool
is_https(struct check *c, struct slice uri)
{
	if (uri.len && !slice_istarts(uri, SLICE_LIT("https://"))) {
		check_found(c, FIND_BIMI_HTTPS, uri, NULL);
		return false;
	}
	return uri.len > 0;
}

void
check_bimi(struct check *c)
{
	char name[CHECK_NAME_MAX];
	struct slice logo, evidence;
	struct check_txt t;
	bool has_logo, has_evidence;

	check_txt(c, check_name(c, "default._bimi", name), &t);
	if (is_silent(c, &t, FIND_BIMI_DNS))
		return;
	if (check_txt_keep(&t, SLICE_LIT("v=BIMI1")) == 0)
		return;
	check_record(c, "record", t.texts[0]);
	if (t.n > 1)
		check_found(c, FIND_BIMI_SEVERAL, SLICE_EMPTY, NULL);
	has_logo = check_tag(t.texts[0], "l", &logo);
	has_evidence = check_tag(t.texts[0], "a", &evidence);
	/* Both there and empty: the domain declines, which is its right. */
	if (has_logo && logo.len == 0 && evidence.len == 0)
		return;
	if (!has_logo || logo.len == 0)
		check_found(c, FIND_BIMI_LOGO, SLICE_EMPTY, NULL);
	if (is_https(c, logo))
		check_bimi_logo(c, logo);
	if (is_https(c, evidence))
		check_bimi_certificate(c, evidence);
	if (!has_evidence || evidence.len == 0)
		check_found(c, FIND_BIMI_EVIDENCE, SLICE_EMPTY, NULL);
	if (c->policy < DMARC_QUARANTINE)
		check_found(c, FIND_BIMI_POLICY, SLICE_EMPTY, NULL);
}
