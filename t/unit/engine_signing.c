/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which keys sign, and how: tables, directory and sections, through a whole
 * engine, and what came out through the verifier.
 */
#include "scene.h"

#include <sys/stat.h>
#include <unistd.h>

#include "dkim.h"
#include "dkim/key.h"
#include "keys/pem.h"
#include "keys/seen.h"
#include "scratch.h"

#define TEXT_MAX 16384

/* Key files k1 and k2 (Ed25519), rsa; a key directory; two tables. */
struct place {
	char dir[64];
	struct buf zone; /* with the records of what was published */
	EVP_PKEY *k1, *k2, *rsa;
};

static struct place place;

static void
path_of(const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", place.dir, name);
}

static void
write_text(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	path_of(name, path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static EVP_PKEY *
write_key(const char *name, EVP_PKEY *key)
{
	char path[128];

	path_of(name, path);
	if (pem_write(path, key, NULL))
		abort();
	return key;
}

static void
publish(const char *owner, EVP_PKEY *key)
{
	struct buf record = BUF_INIT(4000);

	if (dkim_key_record(key, &record))
		abort();
	buf_addf(&place.zone, "%s TXT \"%s\"\n", owner, buf_str(&record));
	buf_free(&record);
}

/* Old keys lie beside the one in use: more than can sign one message. */
static void
make_many(void)
{
	char path[128], name[64];

	path_of("keys/many.example", path);
	if (mkdir(path, 0700))
		abort();
	for (int i = 10; i < 30; i++) {
		snprintf(name, sizeof(name), "keys/many.example/m%d.pem", i);
		(void)write_key(name, place.k1);
	}
	publish("m29._domainkey.many.example", place.k1);
	path_of("keys/many.example/m29.seen", path);
	if (seen_write(path, place.k1, SCENE_NOW, NULL))
		abort();
}

static void
place_open(void)
{
	char path[128];

	strcpy(place.dir, "/tmp/assay-signing-XXXXXX");
	if (!mkdtemp(place.dir))
		abort();
	place.zone = BUF_INIT(TEXT_MAX);
	place.k1 = write_key("k1", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	place.k2 = write_key("k2", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
	place.rsa = write_key(
	    "rsa", EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024));
	path_of("keys", path);
	if (mkdir(path, 0700))
		abort();
	path_of("keys/dir.example", path);
	if (mkdir(path, 0700))
		abort();
	(void)write_key("keys/dir.example/d1.pem", place.k1);
	(void)write_key("keys/dir.example/d2.pem", place.k2);
	path_of("keys/localhost", path);
	if (mkdir(path, 0700))
		abort();
	(void)write_key("keys/localhost/l1.pem", place.k1);
	make_many();
	publish("s._domainkey.a.example", place.k1);
	publish("s._domainkey.b.example", place.k1);
	publish("s._domainkey.news.a.example", place.k1);
	publish("t._domainkey.b.example", place.k2);
	publish("r._domainkey.b.example", place.rsa);
	publish("other._domainkey.b.example", place.rsa);
	publish("s._domainkey.xn--bcher-kva.example", place.k1);
	buf_addz(&place.zone, "slow._domainkey.a.example TIMEOUT\n");
	publish("d1._domainkey.dir.example", place.k1);
	publish("d2._domainkey.dir.example", place.k2);
}

static void
place_close(void)
{
	scratch_remove(place.dir);
	EVP_PKEY_free(place.k1);
	EVP_PKEY_free(place.k2);
	EVP_PKEY_free(place.rsa);
	buf_free(&place.zone);
}

struct row {
	const char *name;
	const char *config, *signs; /* the signing table */
	const char *from;
	/* By signature from the top: "d s c i", apart by "; ". */
	const char *want;
	const char *log; /* must occur */
};

#define B_UMLAUT "b\xc3\xbc"
#define FROM(x) "From: <" x ">\r\n"

static const struct row rows[] = {
    {"a domain of the table", "", "a.example ka\n", FROM("joe@a.example"),
	"a.example s relaxed/relaxed -", "signed=a.example:s:ed25519-sha256"},
    {"a line of an address", "", "joe@b.example kb\nb.example kt\n",
	FROM("Joe@B.example"), "b.example s relaxed/relaxed -", ""},
    {"and of others", "", "joe@b.example kb\nb.example kt\n",
	FROM("ann@b.example"), "b.example t relaxed/relaxed -", ""},
    {"multiple signatures, RSA on top", "multiple_signatures = yes\n",
	"joe@b.example kb\nb.example kr\n* kt\n", FROM("joe@b.example"),
	"b.example r relaxed/relaxed -; b.example s relaxed/relaxed -; "
	"b.example t relaxed/relaxed -",
	""},
    {"two lines of one key", "multiple_signatures = yes\n",
	"joe@b.example kb\nb.example kb\n", FROM("joe@b.example"),
	"b.example s relaxed/relaxed -", ""},
    {"two lines of one key, two identities", "multiple_signatures = yes\n",
	"joe@b.example kb:joe@b.example\nb.example kb\n",
	FROM("joe@b.example"),
	"b.example s relaxed/relaxed joe@b.example; "
	"b.example s relaxed/relaxed -",
	""},
    {"two lines of two authors and one key of the author",
	"multiple_signatures = yes\n", "joe@news.a.example %\n.a.example %\n",
	FROM("joe@news.a.example"), "news.a.example s relaxed/relaxed -", ""},
    {"another domain signs", "", "a.example kb\n", FROM("joe@a.example"),
	"b.example s relaxed/relaxed -", ""},
    {"% is the author's", "", "* %\n", FROM("joe@news.a.example"),
	"news.a.example s relaxed/relaxed -", ""},
    {"an identity", "", "a.example ka:joe@mail.a.example\n",
	FROM("joe@a.example"),
	"a.example s relaxed/relaxed joe@mail.a.example", ""},
    {"an identity with %", "", ".a.example ka:@%\n",
	FROM("joe@news.a.example"),
	"a.example s relaxed/relaxed @news.a.example", ""},
    {"an identity that is not below d=", "", "a.example kb:@%\n",
	FROM("joe@a.example"), "b.example s relaxed/relaxed -", ""},
    /* RFC 6376 section 2.11: dkim-quoted-printable outside EAI */
    {"UTF-8 in i=, an ASCII header", "", "a.example ka:j\xc3\xb6@%\n",
	FROM("joe@a.example"), "a.example s relaxed/relaxed j=C3=B6@a.example",
	""},
    /* RFC 8616 section 5: raw in an internationalised one */
    {"UTF-8 in i=, an internationalised header", "",
	"a.example ka:j\xc3\xb6@%\n", FROM("j\xc3\xb6@a.example"),
	"a.example s relaxed/relaxed j\xc3\xb6@a.example", ""},
    {"a key without a record", "", "a.example kn\n", FROM("joe@a.example"), "",
	"why=\"key n of a.example is waiting: not published\""},
    {"a key with another record", "", "a.example ko\n", FROM("joe@a.example"),
	"",
	"why=\"key other of b.example is waiting: another record is "
	"published\""},
    {"observed, without a record", "observe = yes\n", "a.example kn\n",
	FROM("joe@a.example"), "",
	"signed=no why=\"key n of a.example is waiting: not published\""},
    {"observed, with one", "observe = yes\n", "a.example ka\n",
	FROM("joe@a.example"), "", "would_sign=a.example:s:ed25519-sha256"},
    {"DNS does not answer", "", "a.example kl\n", FROM("joe@a.example"), "",
	"why=\"key slow of a.example is waiting: DNS did not answer\""},
    {"one of two keys is published", "multiple_signatures = yes\n",
	"a.example kn\n.example ka\n", FROM("joe@a.example"),
	"a.example s relaxed/relaxed -", ""},
    {"a key that can't be read", "", "a.example kx\n", FROM("joe@a.example"),
	"", "No such file or directory"},
    {"a key of another algorithm", "", "a.example kw\n", FROM("joe@a.example"),
	"", "not of the algorithm the key table says"},
    {"an author that can't sign", "", "* %\n", FROM("joe@localhost"), "",
	"the key table has no key for localhost"},
    {"what no line fits: the directory", "", "a.example ka\n",
	FROM("joe@dir.example"),
	"dir.example d1 relaxed/relaxed -; dir.example d2 relaxed/relaxed -",
	""},
    {"nobody's", "", "a.example ka\n", FROM("joe@c.example"), "",
	"no key for c.example"},
    {"a domain in U-labels", "", B_UMLAUT "cher.example ku\n",
	FROM("joe@xn--bcher-kva.example"),
	"xn--bcher-kva.example s relaxed/relaxed -", ""},
    /* RFC 8616 section 5: "SHOULD be represented as U-labels" */
    {"an author in U-labels", "", "xn--bcher-kva.example ku\n",
	FROM("joe@" B_UMLAUT "cher.example"),
	B_UMLAUT "cher.example s relaxed/relaxed -", ""},
    {"and upper case", "", "* ku\n",
	FROM("joe@B\xc3\x9c"
	     "CHER.example"),
	B_UMLAUT "cher.example s relaxed/relaxed -", ""},

    {"a section", "domain a.example { canonicalization = simple/relaxed }\n",
	"a.example ka\n", FROM("joe@a.example"),
	"a.example s simple/relaxed -", ""},
    {"a section is of the signing domain",
	"domain a.example { canonicalization = simple/relaxed }\n",
	"a.example kb\n", FROM("joe@a.example"),
	"b.example s relaxed/relaxed -", ""},
    {"two sections in one message",
	"multiple_signatures = yes\ncanonicalization = simple/simple\n"
	"domain a.example {\n canonicalization = relaxed/simple\n"
	" identity = \"joe@%\"\n}\n",
	"a.example ka\n.example kb\n* kr\n", FROM("joe@a.example"),
	"b.example r simple/simple -; "
	"a.example s relaxed/simple joe@a.example; "
	"b.example s simple/simple -",
	""},
    {"an identity for all", "identity = \"@%\"\n", "a.example ka\n",
	FROM("joe@a.example"), "a.example s relaxed/relaxed @a.example", ""},
    {"the table's identity first", "identity = \"@%\"\n",
	"a.example ka:joe@%\n", FROM("joe@a.example"),
	"a.example s relaxed/relaxed joe@a.example", ""},
    {"selectors of a section", "domain dir.example { selectors = D2 }\n", "",
	FROM("joe@dir.example"), "dir.example d2 relaxed/relaxed -", ""},
    {"the last of many keys", "domain many.example { selectors = m29 }\n", "",
	FROM("joe@many.example"), "many.example m29 relaxed/relaxed -", ""},
    {"the only active one of many keys", "", "", FROM("joe@many.example"),
	"many.example m29 relaxed/relaxed -", ""},
    /* RFC 6376 section 3.5: d= is sub-domain 1*("." sub-domain). */
    {"a directory of a name that can't sign", "require_published = no\n", "",
	FROM("root@localhost"), "", "no key for localhost"},
    {"selectors nobody has", "domain dir.example { selectors = { d3 } }\n", "",
	FROM("joe@dir.example"), "", "no key of selectors for dir.example"},
};

static const char key_table[] = "ka a.example:s:%D/k1\n"
				"kb b.example:s:%D/k1\n"
				"kt b.example:t:%D/k2:ed25519-sha256\n"
				"kr b.example:r:%D/rsa:rsa-sha256\n"
				"kn a.example:n:%D/k1\n"
				"ko b.example:other:%D/k1\n"
				"kl a.example:slow:%D/k1\n"
				"kx a.example:x:%D/none\n"
				"kw a.example:s:%D/k1:rsa-sha256\n"
				"ku b\xc3\xbc"
				"cher.example:s:%D/k1\n"
				"news.a.example %:s:%D/k1\n"
				"localhost %:s:%D/k1\n";

static void
write_tables(const char *signs)
{
	struct buf keys = BUF_INIT(TEXT_MAX);

	for (const char *p = key_table; *p; p++) {
		if (p[0] == '%' && p[1] == 'D') {
			buf_addz(&keys, place.dir);
			p++;
		} else {
			buf_addc(&keys, *p);
		}
	}
	write_text("key_table", buf_str(&keys));
	write_text("signing_table", signs);
	buf_free(&keys);
}

static void
open_scene(struct scene *s, const char *config, const char *signs)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	write_tables(signs);
	buf_addf(&text,
	    "key_dir = %s/keys\nsigning_table = %s/signing_table\n"
	    "key_table = %s/key_table\n%s",
	    place.dir, place.dir, place.dir, config);
	scene_open(s, buf_str(&text), buf_str(&place.zone));
	buf_free(&text);
}

/* d= as it is written, once it is unfolded. */
static struct slice
written_d(const struct scene *s, size_t i)
{
	const char *value =
	    s->message->edits.items[s->message->edits.n - 1 - i].value;
	const char *d = strstr(value, " d=");

	assert_non_null(d);
	return slice_of(d + 3, strcspn(d + 3, ";\r"));
}

/* What the verifier makes of the message with its new fields on top. */
static void
verify(const struct scene *s, const char *text, const char *want)
{
	struct buf message = BUF_INIT(TEXT_MAX), got = BUF_INIT(TEXT_MAX);
	struct dkim_run r;
	char why[128];

	for (size_t i = s->message->edits.n; i-- > 0;)
		buf_addf(&message, "DKIM-Signature:%s\r\n",
		    s->message->edits.items[i].value);
	buf_addz(&message, text);
	dkim_run(&r, buf_str(&place.zone), buf_slice(&message), 0,
	    &dkim_verify_defaults, SCENE_NOW, NULL);
	for (size_t i = 0; i < r.n; i++) {
		const struct dkim_sig *sig = r.results[i].sig;

		assert_string_equal(
		    dkim_result_text(&r.results[i], why), "pass");
		buf_addz(&got, i ? "; " : "");
		buf_add(&got, written_d(s, i));
		buf_addf(&got, " %s %s/%s ", sig->selector.text,
		    names_word(dkim_canon_words, (int)sig->header_canon),
		    names_word(dkim_canon_words, (int)sig->body_canon));
		buf_add(&got, sig->i.len ? sig->i : SLICE_LIT("-"));
	}
	assert_string_equal(buf_str(&got), want);
	dkim_run_end(&r);
	buf_free(&message);
	buf_free(&got);
}

static void
check(void **state)
{
	const struct row *r = *state;
	struct scene_client client = {
	    .local = true, .mail_from = "<>", .mta = "Postfix 3.7.11"};
	struct buf text = BUF_INIT(TEXT_MAX);
	struct scene s;

	buf_addf(&text,
	    "%sSubject: Hi\r\nTo: a@x.example,\r\n b@x.example\r\n"
	    "\r\nHi  there \r\n\r\n",
	    r->from);
	open_scene(&s, r->config, r->signs);
	scene_send(&s, &client, buf_str(&text));
	if (!slice_icontains(log_captured(s.engine.log), slice_z(r->log)))
		assert_string_equal(log_captured(s.engine.log).ptr, r->log);
	verify(&s, buf_str(&text), r->want);
	buf_free(&text);
	scene_close(&s);
}

struct how_row {
	const char *name, *config, *mta, *text;
	/* In the tags of the signature, or not; "" none. */
	const char *has, *lacks;
	const char *log;
};

#define A_FROM "From: a@a.example\r\n"
#define TO "To: b@x.example,c@x.example\r\n"
#define POSTFIX "Postfix 3.7.11"
#define SENDMAIL "8.17.1.9"
#define X100 \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X900 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define X995 \
	X900 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
	     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
#define X1000 X900 X100 "\r\n"

static const struct how_row how_rows[] = {
    {"6376 5.4.1, 8.15: the fields by default", "", POSTFIX,
	A_FROM "Subject: x\r\nX-A: y\r\nList-Id: z\r\n\r\n",
	"h=From:From:Reply-To:Sender:Subject:Subject:Date:Message-ID:To:Cc:"
	"MIME-Version:Content-Type:List-Id;",
	"", "signed=a.example"},
    {"Sendmail adds Date and Message-ID", "", SENDMAIL, A_FROM "\r\n",
	"h=From:From:Reply-To:Sender:Subject:To:Cc:MIME-Version:Content-Type;",
	"Date", ""},
    {"an MTA that does not say who it is", "", NULL, A_FROM "\r\n", "Cc",
	"Date", ""},
    {"fields of one's own", "sign_fields = { default, X-A }\n", POSTFIX,
	A_FROM "X-A: y\r\n\r\n", ":X-A", "X-A:X-A", ""},
    {"no field but From", "sign_fields = {}\noversign_fields = {}\n", POSTFIX,
	A_FROM "Subject: x\r\n\r\n", "h=From;", "", ""},
    {"oversigned", "sign_fields = From\noversign_fields = { X-A }\n", POSTFIX,
	A_FROM "X-A: y\r\n\r\n", "h=From:X-A:X-A;", "", ""},
    {"a list that Sendmail writes anew", "", SENDMAIL, A_FROM TO "\r\n", "Cc",
	"To:To", ""},
    {"and Postfix leaves alone", "", POSTFIX, A_FROM TO "\r\n", "To:To", "",
	""},
    {"x=", "signature_expiry = 1d\n", POSTFIX, A_FROM "\r\n",
	"t=1700000000;x=1700086400;", "", ""},
    {"6376 8.2: never l=, z= or q=", "", POSTFIX, A_FROM "\r\nhi\r\n",
	"t=", ";l=", ""},
    {"a line that Sendmail cuts", "", SENDMAIL, A_FROM "\r\n" X995, "", "",
	"why=\"line too long\""},
    {"and Postfix does not", "", POSTFIX, A_FROM "\r\n" X995, "d=a.example;",
	"", ""},
    {"a line that anything cuts", "", POSTFIX, A_FROM "\r\n" X1000, "", "",
	"why=\"line too long\""},
    {"by option all the same", "sign_malformed = yes\n", SENDMAIL,
	A_FROM "\r\n" X1000, "d=a.example;", "", ""},
    {"observed: what would not be signed", "observe = yes\n", POSTFIX,
	A_FROM "Subject: x\r\nSubject: y\r\n\r\n", "", "",
	"signed=no why=\"repeated header field\""},
    {"6376 8.15: two Subject fields", "", POSTFIX,
	A_FROM "Subject: x\r\nSubject: y\r\n\r\n", "", "",
	"why=\"repeated header field\""},
};

/* The topmost signature without its folding and blanks; "" without one. */
static const char *
tags_of(const struct scene *s, char *out, size_t size)
{
	const struct edits *edits = &s->message->edits;
	size_t n = 0;

	for (const char *p = edits->n ? edits->items[edits->n - 1].value : "";
	     *p && n < size - 1; p++)
		if (!is_fws(*p))
			out[n++] = *p;
	out[n] = '\0';
	return out;
}

static void
check_how(void **state)
{
	const struct how_row *r = *state;
	struct scene_client client = {
	    .local = true, .mail_from = "<>", .mta = r->mta};
	char tags[4000];
	struct scene s;

	open_scene(&s, r->config, "a.example ka\n");
	scene_send(&s, &client, r->text);
	tags_of(&s, tags, sizeof(tags));
	if (!slice_icontains(log_captured(s.engine.log), slice_z(r->log)))
		assert_string_equal(log_captured(s.engine.log).ptr, r->log);
	assert_int_equal(tags[0] == '\0', r->has[0] == '\0');
	if (!strstr(tags, r->has) || (r->lacks[0] && strstr(tags, r->lacks)))
		fail_msg("%s, not %s: %s", r->has, r->lacks, tags);
	scene_close(&s);
}

int
main(void)
{
	int rc;

	place_open();
	UNIT_TABLE(rows, check);
	UNIT_TABLE(how_rows, check_how);
	rc = unit_end();
	place_close();
	return rc;
}
