/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our signer and verifier on files, for comparison with other programs:
 *	dkim_cli verify ZONE NOW FILE...
 *		"file <TAB> index <TAB> word <TAB> reason" for each signature;
 *		an l= that leaves body unsigned is taken
 *	dkim_cli sign NOW HEADER-CANON BODY-CANON OUTDIR KEY... -- FILE...
 *		writes OUTDIR/file with a signature for each KEY, which is
 *		algorithm,domain,selector,PEM file[,identity]
 *	dkim_cli record PEM
 *		the key record
 * ZONE is in the format of dns/zone.h, NOW in seconds since 1970.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "base/buf.h"
#include "dkim/key.h"
#include "dkim/sign.h"
#include "dkim/verify.h"
#include "dns/zone.h"
#include "mail/limits.h"

#define FILE_MAX (64u << 20)
#define KEYS_MAX 8

static void
die(const char *what, const char *why)
{
	(void)fprintf(stderr, "dkim_cli: %s: %s\n", what, why);
	exit(1);
}

static struct buf
read_file(const char *path)
{
	struct buf b = BUF_INIT(FILE_MAX);
	FILE *f = fopen(path, "rb");
	char octets[65536];
	size_t n = 0;

	if (!f)
		die(path, "cannot be opened");
	while ((n = fread(octets, 1, sizeof(octets), f)) > 0)
		buf_add(&b, slice_of(octets, n));
	(void)fclose(f);
	if (buf_status(&b))
		die(path, "too large");
	return b;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void
read_header(struct header *h, struct arena *a, struct slice message,
    struct slice *body)
{
	if (header_init(h, a) || header_parse(h, message, body))
		die("message", "no memory");
}

static void
verify_one(struct resolver *resolver, const char *path, int64_t now_s)
{
	struct dkim_verify_options o = dkim_verify_defaults;
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct inquiry *q = inquiry_new(resolver, LIMIT_MESSAGE_QUERIES);
	struct buf text = read_file(path);
	const struct domain author = {.len = 0};
	const struct dkim_result *r;
	struct dkim_verifier *v;
	struct err err = ERR_INIT;
	struct header h;
	struct slice body;
	size_t n = 0;

	o.accept_partial_body = true;
	if (!a || !q || dkim_verifier_new(&o, a, &v, &err))
		die(path, err.text);
	read_header(&h, a, buf_slice(&text), &body);
	for (size_t i = 0; i < h.n; i++)
		if (slice_ieqz(h.fields[i].name, "DKIM-Signature") &&
		    dkim_verifier_field(v, h.fields[i].value, i, q, &err))
			die(path, err.text);
	if (dkim_verifier_eoh(v, &h, &author, &err) ||
	    dkim_verifier_body(v, body.ptr, body.len, &err) < 0 ||
	    dkim_verifier_eom(v, q, now_s, &r, &n, &err))
		die(path, err.text);
	for (size_t i = 0; i < n; i++)
		(void)printf("%s\t%zu\t%s\t%s\n", base_name(path), i,
		    ar_word(r[i].word), dkim_reason_text(r[i].reason));
	buf_free(&text);
	inquiry_free(q);
	arena_free(a);
}

static int
verify(int argc, char **argv)
{
	struct buf zone = read_file(argv[0]);
	struct err err = ERR_INIT;
	struct resolver *resolver = zone_new(buf_slice(&zone), &err);

	if (!resolver)
		die(argv[0], err.text);
	for (int i = 2; i < argc; i++)
		verify_one(resolver, argv[i], atoll(argv[1]));
	resolver_free(resolver);
	buf_free(&zone);
	return 0;
}

static EVP_PKEY *
read_key(const char *path)
{
	FILE *f = fopen(path, "r");
	EVP_PKEY *pkey = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (!pkey)
		die(path, "no private key");
	(void)fclose(f);
	return pkey;
}

static int
record(const char *path)
{
	struct buf b = BUF_INIT(65536);
	EVP_PKEY *pkey = read_key(path);

	if (dkim_key_record(pkey, &b))
		die(path, "no key of ours");
	(void)puts(buf_str(&b));
	EVP_PKEY_free(pkey);
	buf_free(&b);
	return 0;
}

static struct dkim_sign_key
parse_key(const char *text)
{
	struct slice rest = slice_z(text), path;
	struct dkim_sign_key k = {.alg = DKIM_RSA_SHA256};
	char name[1024];
	bool more;
	int alg;

	if (names_value(dkim_alg_words, slice_cut(&rest, ',', &more), &alg))
		die(text, "no algorithm");
	k.alg = (enum dkim_alg)alg;
	k.domain = slice_cut(&rest, ',', &more);
	k.selector = slice_cut(&rest, ',', &more);
	path = slice_cut(&rest, ',', &more);
	k.identity = rest;
	(void)snprintf(name, sizeof(name), SLICE_FMT, SLICE_ARG(path));
	k.pkey = read_key(name);
	return k;
}

static void
write_signed(const char *dir, const char *path, const struct slice *values,
    size_t n, struct slice message)
{
	char name[2048];
	FILE *f;

	(void)snprintf(name, sizeof(name), "%s/%s", dir, base_name(path));
	f = fopen(name, "wb");
	if (!f)
		die(name, "cannot be written");
	for (size_t i = 0; i < n; i++) {
		(void)fputs("DKIM-Signature:", f);
		(void)fwrite(values[i].ptr, 1, values[i].len, f);
		(void)fputs("\r\n", f);
	}
	(void)fwrite(message.ptr, 1, message.len, f);
	if (fclose(f))
		die(name, "cannot be written");
}

static void
sign_one(const struct dkim_sign_options *o, const struct dkim_sign_key *keys,
    size_t nkeys, int64_t now_s, const char *dir, const char *path)
{
	struct arena *a = arena_new(LIMIT_MESSAGE_ARENA);
	struct buf text = read_file(path);
	struct slice *values;
	struct dkim_signer *s;
	struct err err = ERR_INIT;
	struct header h;
	struct slice body;
	size_t n = 0;

	if (!a || dkim_signer_new(o, a, &s, &err))
		die(path, err.text);
	for (size_t i = 0; i < nkeys; i++)
		if (dkim_signer_add(s, &keys[i], &err))
			die(path, err.text);
	read_header(&h, a, buf_slice(&text), &body);
	if (dkim_signer_eoh(s, &h, &err) ||
	    dkim_signer_body(s, body.ptr, body.len, &err) ||
	    dkim_signer_eom(s, now_s, &values, &n, &err))
		die(path, err.text);
	if (dkim_signer_refusal(s) != DKIM_REASON_NONE)
		die(path, dkim_reason_text(dkim_signer_refusal(s)));
	write_signed(dir, path, values, n, buf_slice(&text));
	buf_free(&text);
	arena_free(a);
}

static int
sign(int argc, char **argv)
{
	struct dkim_sign_options o = {.sign = dkim_default_sign_fields,
	    .nsign = dkim_default_sign_fields_n,
	    .oversign = dkim_default_oversign,
	    .noversign = dkim_default_oversign_n,
	    .expire_s = 14 * 86400,
	    .sign_malformed = true};
	struct dkim_sign_key keys[KEYS_MAX];
	size_t n = 0;
	int i, canon;

	for (i = 1; i < 3; i++) {
		if (names_value(dkim_canon_words, slice_z(argv[i]), &canon))
			die(argv[i], "no canonicalization");
		if (i == 1)
			o.header_canon = (enum dkim_canon)canon;
		else
			o.body_canon = (enum dkim_canon)canon;
	}
	for (i = 4; i < argc && strcmp(argv[i], "--") && n < KEYS_MAX; i++)
		keys[n++] = parse_key(argv[i]);
	while (++i < argc)
		sign_one(&o, keys, n, atoll(argv[0]), argv[3], argv[i]);
	while (n)
		EVP_PKEY_free(keys[--n].pkey);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "verify"))
		return verify(argc - 2, argv + 2);
	if (argc > 6 && !strcmp(argv[1], "sign"))
		return sign(argc - 2, argv + 2);
	if (argc == 3 && !strcmp(argv[1], "record"))
		return record(argv[2]);
	(void)fputs("see the top of dkim_cli.c\n", stderr);
	return 2;
}
