/* SPDX-License-Identifier: BSD-2-Clause */
#include "keys/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include "dkim/key.h"
#include "dns/zone.h"
#include "keys/pem.h"
#include "unit.h"

/* A store with an empty directory, and one key file that tables may name. */
struct place {
	char dir[64], file[96];
	struct log *log;
	struct keystore *keys;
	struct buf record;
};

static struct domain
domain_of(const char *text)
{
	struct domain d;

	assert_true(domain_parse(slice_z(text), &d));
	return d;
}

static void
open_keys(struct place *p, bool require_published)
{
	struct keystore_options o = {
	    .dir = p->dir, .require_published = require_published};

	keystore_free(p->keys);
	p->keys = keystore_open(&o, p->log, NULL);
	assert_non_null(p->keys);
}

static void
place_open(struct place *p, bool require_published)
{
	struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	*p =
	    (struct place){.log = log_new(&lo, NULL), .record = BUF_INIT(999)};
	strcpy(p->dir, "/tmp/assay-named-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/.key", p->dir);
	assert_int_equal(pem_write(p->file, key, NULL), 0);
	assert_int_equal(dkim_key_record(key, &p->record), 0);
	EVP_PKEY_free(key);
	open_keys(p, require_published);
}

static void
place_close(struct place *p)
{
	static const char *const files[] = {".key", ".bad",
	    ".seen/s._domainkey.a.example", ".seen/s._domainkey.b.example"};
	char path[200];

	keystore_free(p->keys);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->dir, files[i]);
		(void)unlink(path);
	}
	snprintf(path, sizeof(path), "%s/.seen", p->dir);
	(void)rmdir(path);
	assert_int_equal(rmdir(p->dir), 0);
	buf_free(&p->record);
	log_free(p->log);
}

static struct key_info
named(struct place *p, const char *domain, const char *path)
{
	struct domain d = domain_of(domain);
	struct key_name name = {&d, "s", path};
	struct key_info k;

	assert_int_equal(keystore_named(p->keys, &name, &k, NULL), 0);
	assert_string_equal(k.domain.text, domain);
	assert_string_equal(k.selector, "s");
	return k;
}

static enum key_state
state_of(struct place *p, const char *domain)
{
	struct key_info k = named(p, domain, p->file);

	keys_release(&k, 1);
	return k.state;
}

/* Two names of one file share the key; it is read once. */
static void
test_one_file(void **state)
{
	struct key_info a, b, again;
	struct place p;

	(void)state;
	place_open(&p, false);
	a = named(&p, "a.example", p.file);
	assert_int_equal(a.state, KEY_ACTIVE);
	assert_int_equal(unlink(p.file), 0);
	b = named(&p, "b.example", p.file);
	again = named(&p, "a.example", p.file);
	assert_ptr_equal(a.pkey, b.pkey);
	assert_ptr_equal(a.pkey, again.pkey);
	assert_ptr_equal(a.path, again.path);
	keys_release(&a, 1);
	keys_release(&b, 1);
	keys_release(&again, 1);
	place_close(&p);
}

static void
test_bad_file(void **state)
{
	char path[128];
	struct key_info k;
	struct place p;

	(void)state;
	place_open(&p, false);
	snprintf(path, sizeof(path), "%s/.bad", p.dir);
	k = named(&p, "a.example", path);
	assert_int_equal(k.state, KEY_BAD);
	assert_null(k.pkey);
	assert_non_null(strstr(k.why, "No such file"));
	/* What the operator mends counts at once, for all names. */
	assert_int_equal(chmod(p.file, 0640), 0);
	assert_int_equal(rename(p.file, path), 0);
	k = named(&p, "b.example", path);
	assert_non_null(strstr(k.why, "mode 0640"));
	assert_int_equal(chmod(path, 0600), 0);
	k = named(&p, "a.example", path);
	assert_int_equal(k.state, KEY_ACTIVE);
	keys_release(&k, 1);
	k = named(&p, "b.example", path);
	assert_int_equal(k.state, KEY_ACTIVE);
	keys_release(&k, 1);
	place_close(&p);
}

/* Of what stays bad the log tells once. */
static void
test_bad_file_told_once(void **state)
{
	char path[128];
	struct key_info k;
	struct place p;
	const char *log;

	(void)state;
	place_open(&p, false);
	snprintf(path, sizeof(path), "%s/.bad", p.dir);
	for (int i = 0; i < 3; i++)
		k = named(&p, "a.example", path);
	assert_int_equal(k.state, KEY_BAD);
	log = strstr(log_captured(p.log).ptr, "key_refused");
	assert_non_null(log);
	assert_null(strstr(log + 1, "key_refused"));
	place_close(&p);
}

static void
watch(struct place *p, const char *owner)
{
	struct buf zone = BUF_INIT(2000);
	struct resolver *r;

	buf_addf(&zone, "%s TXT \"%s\"\n", owner, buf_str(&p->record));
	r = zone_new(buf_slice(&zone), NULL);
	keystore_watch(p->keys, r, &clock_system, INT64_MAX, 10);
	resolver_free(r);
	buf_free(&zone);
}

/* The watch sees keys of tables, too; each name has a stamp of its own. */
static void
test_watched(void **state)
{
	struct place p;

	(void)state;
	place_open(&p, true);
	assert_int_equal(state_of(&p, "a.example"), KEY_WAITING);
	assert_int_equal(state_of(&p, "b.example"), KEY_WAITING);
	assert_true(keystore_wants_watch(p.keys));
	watch(&p, "s._domainkey.a.example");
	assert_int_equal(state_of(&p, "a.example"), KEY_ACTIVE);
	assert_int_equal(state_of(&p, "b.example"), KEY_WAITING);
	open_keys(&p, true);
	assert_int_equal(state_of(&p, "a.example"), KEY_ACTIVE);
	assert_int_equal(state_of(&p, "b.example"), KEY_WAITING);
	place_close(&p);
}

/* More than one batch of DNS questions. */
static void
test_many(void **state)
{
	char name[64];
	struct place p;

	(void)state;
	place_open(&p, true);
	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		assert_int_equal(state_of(&p, name), KEY_WAITING);
	}
	assert_int_equal(state_of(&p, "b.example"), KEY_WAITING);
	watch(&p, "s._domainkey.b.example");
	assert_int_equal(state_of(&p, "b.example"), KEY_ACTIVE);
	assert_int_equal(state_of(&p, "d599.example"), KEY_WAITING);
	place_close(&p);
}

int
main(void)
{
	UNIT_TEST(test_one_file);
	UNIT_TEST(test_bad_file);
	UNIT_TEST(test_bad_file_told_once);
	UNIT_TEST(test_watched);
	UNIT_TEST(test_many);
	return unit_end();
}
