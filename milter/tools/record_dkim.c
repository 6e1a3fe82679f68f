/* SPDX-License-Identifier: BSD-2-Clause */
/* assay record dkim (RFC 6376 section 3.6.1): a key's record, or CNAMEs. */
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "dkim/key.h"
#include "keys/make.h"
#include "tools/platforms.h"
#include "tools/record.h"

#define PEM_MAX 65536

struct dkim_choice {
	const char *key, *sender;
	bool revoke, testing, strict;
};

/* --- from a key ---------------------------------------------------------------------- */

/* Nobody is asked for a passphrase. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static EVP_PKEY *
read_key(struct slice pem)
{
	EVP_PKEY *key = NULL;
	BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);

	if (bio)
		key = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	if (bio && !key && BIO_reset(bio) == 1)
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

static int
key_of_file(
    struct record_tool *t, const char *path, struct buf *b, struct err *err)
{
	struct buf pem;
	EVP_PKEY *key = NULL;
	int rc = env_read(path, PEM_MAX, &pem, err);

	if (rc == 0) {
		key = read_key(buf_slice(&pem));
		if (!key || dkim_key_record(key, b))
			record_refuse(
			    t, "%.200s is no RSA or Ed25519 key in PEM", path);
	}
	EVP_PKEY_free(key);
	if (pem.ptr)
		OPENSSL_cleanse(pem.ptr, pem.len);
	buf_free(&pem);
	return rc;
}

/* Behind "k=": t=y:s */
static void
add_flags(const struct dkim_choice *o, struct buf *b, struct buf *out)
{
	struct slice all = buf_slice(b);
	size_t at = slice_rfind(all, ';') + 2;

	buf_add(out, slice_upto(all, at));
	if (o->testing || o->strict)
		buf_addf(out, "t=%s%s%s; ", o->testing ? "y" : "",
		    o->testing && o->strict ? ":" : "", o->strict ? "s" : "");
	buf_add(out, slice_from(all, at));
}

static int
make_key(struct record_tool *t, const struct dkim_choice *o,
    const char *selector, struct err *err)
{
	struct buf b = BUF_INIT(8192), text = BUF_INIT(8192);
	char path[1024], label[128];
	int rc = 0;

	if (o->revoke) {
		buf_addz(&text, "v=DKIM1; p=");
	} else {
		(void)snprintf(path, sizeof(path), "%s/%s/%s.pem",
		    t->check.env.config->daemon.key_dir, t->check.domain.text,
		    selector);
		rc = key_of_file(t, o->key ? o->key : path, &b, err);
		if (rc == 0 && !t->refused)
			add_flags(o, &b, &text);
	}
	(void)snprintf(label, sizeof(label), "%.64s._domainkey", selector);
	record_add(t, label, DNS_TXT, buf_slice(&text));
	buf_free(&b);
	buf_free(&text);
	return rc;
}

/* --- from a platform ------------------------------------------------------------------- */

/* %d and %D of platforms.h. */
static void
expand(const char *target, const struct domain *d, struct buf *out)
{
	for (; *target; target++) {
		if (target[0] != '%') {
			buf_addc(out, *target);
			continue;
		}
		target++;
		for (size_t i = 0; i < d->len; i++)
			buf_addc(out,
			    *target == 'D' && d->text[i] == '.' ? '-'
								: d->text[i]);
	}
}

static void
make_cnames(struct record_tool *t, const char *name)
{
	const struct platform *p = platform_find(name);
	struct buf note = BUF_INIT(2048);

	if (!p) {
		record_refuse(t,
		    "no sender \"%.100s\" (assay record senders lists them)",
		    name);
		return;
	}
	for (size_t i = 0; i < PLATFORM_KEYS_MAX && p->keys[i].selector; i++) {
		struct buf target = BUF_INIT(1024);
		char label[128];

		(void)snprintf(label, sizeof(label), "%s._domainkey",
		    p->keys[i].selector);
		expand(p->keys[i].target, &t->check.domain, &target);
		if (target.len)
			record_add(t, label, DNS_CNAME, buf_slice(&target));
		else
			record_remark(t, "%s.%s: its platform knows", label,
			    t->check.domain.text);
		buf_free(&target);
	}
	expand(p->note, &t->check.domain, &note);
	if (note.len)
		record_remark(t, "%s: %s", p->title, buf_str(&note));
	buf_free(&note);
}

/* --- the command ------------------------------------------------------------------------ */

static int
make(struct record_tool *t, const struct dkim_choice *o, struct err *err)
{
	const char *selector = t->rest.n > 1 ? t->rest.items[1] : NULL;

	if (o->sender && !selector && !o->key && !o->revoke)
		make_cnames(t, o->sender);
	else if (o->sender || !selector)
		record_refuse(t, "name a selector, or --sender alone");
	else if (!keys_selector_imported(selector))
		record_refuse(t, "\"%.100s\" is no selector", selector);
	else {
		t->check.selectors.items[t->check.selectors.n++] = selector;
		return make_key(t, o, selector, err);
	}
	return 0;
}

static const char about[] =
    "Makes the record of a DKIM key: of --key FILE, private or public, or of\n"
    "the one in key_dir; or the CNAMEs that a platform wants. Exit status 1:\n"
    "refused.\n";

int
tool_record_dkim(int argc, char **argv)
{
	struct record_tool t = {.n = 0};
	struct dkim_choice o = {.key = NULL};
	const struct arg args[] = {
	    {"key", 'k', ARG_TEXT, (void *)&o.key, "FILE", "the key, in PEM"},
	    {"sender", 0, ARG_TEXT, (void *)&o.sender, "NAME",
		"the CNAMEs of this platform"},
	    {"revoke", 0, ARG_FLAG, &o.revoke, NULL,
		"an empty key: this one is no more"},
	    {"testing", 't', ARG_FLAG, &o.testing, NULL, "t=y"},
	    {"strict", 0, ARG_FLAG, &o.strict, NULL,
		"t=s: no subdomain may sign with it"},
	    RECORD_ARGS(&t),
	};
	const struct command c = {"record dkim", "DOMAIN [SELECTOR]", 1, 2,
	    about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	int status;

	if (!record_open(&t, &c, argc, argv, &status))
		return status;
	if (make(&t, &o, &err)) {
		status = env_fail(&c, &err);
		buf_free(&t.remarks);
		status = env_close(&t.check.env, status);
		arena_free(t.check.arena);
		return status;
	}
	return record_close(
	    &t, &c, t.check.selectors.n ? check_dkim : NULL, NULL, 0);
}
