/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a signature's result was made from: the octets hashed, both body
 * hashes, the key record; and of a failure the likeliest cause (cause.c).
 */
#include <string.h>

#include "dkim/base64.h"
#include "dkim/bodyhash.h"
#include "dkim/hdrhash.h"
#include "dkim/key.h"
#include "dkim/tags.h"
#include "dns/rdata.h"
#include "tools/cause.h"
#include "tools/verify.h"

#define HASHED_MAX (8u << 20)

static void
out_base64(struct out *o, const char *key, struct slice octets)
{
	struct buf text = BUF_INIT(4096);

	dkim_base64_encode(octets, &text);
	out_str(o, key, buf_slice(&text));
	buf_free(&text);
}

/* --- the key ------------------------------------------------------------------- */

static int
show_key(const struct run *r, struct out *o, const struct dkim_sig *sig,
    struct err *err)
{
	char name[DKIM_KEY_NAME_MAX];
	struct slice asked = dkim_key_name(&sig->selector, &sig->d, name);
	const struct answer *a =
	    inquiry_ask(r->message->inquiry, asked, DNS_TXT);

	out_object(o, "key");
	out_str(o, "name", asked);
	if (a->status != DNS_OK)
		out_tone(o, "dns",
		    names_word(dns_status_words, (int)a->status), OUT_BAD);
	out_array(o, "records");
	for (size_t i = 0; i < a->nrr && i < LIMIT_DKIM_KEY_RECORDS; i++) {
		struct slice text;

		if (rdata_txt(a->rdata[i], r->arena, &text))
			return err_no_mem(err);
		out_str(o, NULL, text);
	}
	out_close(o);
	out_close(o);
	return 0;
}

/* --- the header ------------------------------------------------------------------ */

static int
show_header(const struct run *r, struct out *o, const struct dkim_result *d,
    struct err *err)
{
	struct buf hashed = BUF_INIT(HASHED_MAX);
	struct cause_signed s;
	int rc = -1;

	if (cause_signed_init(&s, r, d, err) == 0 &&
	    cause_signed_hash(&s, d->sig->h, &hashed, err) == 0)
		rc = 0;
	if (rc == 0) {
		out_lines(o, "header_hashed", buf_slice(&hashed));
		out_base64(o, "header_hash",
		    slice_of(s.digest.octets, sizeof(s.digest.octets)));
	}
	buf_free(&hashed);
	return rc;
}

/* --- the body ---------------------------------------------------------------------- */

static int
show_body(const struct run *r, struct out *o, const struct dkim_sig *sig,
    struct err *err)
{
	struct dkim_bodyhash *bh;
	const struct dkim_digest *digest;
	EVP_MD *md;
	size_t id;

	if (dkim_sha256_fetch(r->arena, &md, err) ||
	    dkim_bodyhash_new(md, r->arena, &bh, err) ||
	    dkim_bodyhash_want(bh, sig->body_canon, sig->l, &id, err) ||
	    dkim_bodyhash_add(bh, r->body, err) || dkim_bodyhash_end(bh, err))
		return -1;
	digest = dkim_bodyhash_digest(bh, id);
	out_object(o, "body");
	out_z(o, "canon", names_word(dkim_canon_words, (int)sig->body_canon));
	out_num(o, "octets", (int64_t)dkim_bodyhash_octets(bh, id));
	if (sig->l != DKIM_NO_LENGTH)
		out_num(o, "signed", (int64_t)sig->l);
	out_base64(o, "hash_signed", sig->body_hash);
	out_base64(
	    o, "hash_found", slice_of(digest->octets, sizeof(digest->octets)));
	out_close(o);
	return 0;
}

/* The names of h=, whatever folding stood between them. */
static void
show_names(struct out *o, struct slice list)
{
	struct buf names = BUF_INIT(LIMIT_DKIM_SIG_OCTETS);
	bool more = true;

	while (more) {
		struct slice name = dkim_list_next(&list, &more);

		buf_addf(&names, "%s" SLICE_FMT, names.len ? ":" : "",
		    SLICE_ARG(name));
	}
	out_str(o, "header_signed", buf_slice(&names));
	buf_free(&names);
}

/* --- all of it ------------------------------------------------------------------------ */

static int
show_cause(const struct run *r, struct out *o, const struct dkim_result *d,
    struct err *err)
{
	struct buf why = BUF_INIT(4096);
	int rc = 0;

	if (d->reason == DKIM_REASON_BODY_HASH)
		rc = cause_body(r, d->sig, &why, err);
	else if (d->reason == DKIM_REASON_SIGNATURE)
		rc = cause_header(r, d, &why, err);
	if (rc == 0)
		out_str(o, "cause", buf_slice(&why));
	buf_free(&why);
	return rc;
}

int
explain_dkim(const struct run *r, struct out *o, const struct dkim_result *d,
    struct err *err)
{
	const struct dkim_sig *sig = d->sig;

	out_z(o, "header_canon",
	    names_word(dkim_canon_words, (int)sig->header_canon));
	show_names(o, sig->h);
	if (show_cause(r, o, d, err) || show_key(r, o, sig, err) ||
	    show_body(r, o, sig, err))
		return -1;
	return show_header(r, o, d, err);
}
