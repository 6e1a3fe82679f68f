/* SPDX-License-Identifier: BSD-2-Clause */
#include "keys/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dkim/key.h"
#include "dns/zone.h"
#include "keys/index.h"
#include "keys/make.h"
#include "keys/pem.h"
#include "keys/vault.h"
#include "scratch.h"
#include "unit.h"

/* A private directory; removed with all in it at the end. */
struct place {
	char dir[64];
	struct domain domain;
	struct log *log;
};

static void
place_open(struct place *p)
{
	struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};

	strcpy(p->dir, "/tmp/assay-keys-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_true(domain_parse(SLICE_LIT("example.com"), &p->domain));
	p->log = log_new(&lo, NULL);
}

static void
place_close(struct place *p)
{
	scratch_remove(p->dir);
	log_free(p->log);
}

static void
path_of(const struct place *p, const char *file, char path[256])
{
	snprintf(path, 256, "%s/example.com/%s", p->dir, file);
}

/* An Ed25519 key under this selector; its record text to txt. */
static void
make(struct place *p, const char *selector, struct buf *txt)
{
	struct err err = ERR_INIT;
	EVP_PKEY *key;

	if (keys_make(p->dir, &p->domain, selector, KEY_ED25519, &key, &err))
		fail_msg("%s", err.text);
	if (txt)
		assert_int_equal(dkim_key_record(key, txt), 0);
	EVP_PKEY_free(key);
}

static struct keystore *
open_store(struct place *p, bool require_published)
{
	struct keystore_options o = {
	    .dir = p->dir, .require_published = require_published};
	struct keystore *ks = keystore_open(&o, p->log, NULL);

	assert_non_null(ks);
	return ks;
}

static enum key_state
state_of(struct place *p, struct keystore *ks, const char *selector)
{
	struct key_info keys[8];
	size_t n = keystore_keys(ks, &p->domain, keys, 8);
	enum key_state state = KEY_BAD;
	bool found = false;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i].selector, selector)) {
			state = keys[i].state;
			found = true;
		}
	keys_release(keys, n);
	assert_true(found);
	return state;
}

static void
watch(struct keystore *ks, const char *zone)
{
	struct resolver *z = zone_new(slice_z(zone), NULL);

	keystore_watch(ks, z, &clock_system, INT64_MAX, 10);
	resolver_free(z);
}

static void
test_waits_until_seen(void **state)
{
	struct buf txt = BUF_INIT(1000), zone = BUF_INIT(2000);
	struct place p;
	struct keystore *ks;
	char path[256];

	(void)state;
	place_open(&p);
	make(&p, "s1", &txt);
	ks = open_store(&p, true);
	assert_true(keystore_wants_watch(ks));
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	watch(ks, "");
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	assert_true(slice_icontains(log_captured(p.log),
	    SLICE_LIT("dns=\"not published\" publish_as=TXT")));
	watch(ks, "s1._domainkey.example.com SERVFAIL");
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	watch(ks,
	    "s1._domainkey.example.com TXT \"v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"");
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	assert_true(slice_icontains(
	    log_captured(p.log), SLICE_LIT("another record is published")));
	buf_addf(
	    &zone, "s1._domainkey.example.com TXT \"%s\"\n", buf_str(&txt));
	watch(ks, buf_str(&zone));
	assert_int_equal(state_of(&p, ks, "s1"), KEY_ACTIVE);
	keystore_free(ks);
	/* A restart without DNS signs on. */
	ks = open_store(&p, true);
	assert_int_equal(state_of(&p, ks, "s1"), KEY_ACTIVE);
	keystore_free(ks);
	/* Another key in the same file was never seen. */
	path_of(&p, "s1.pem", path);
	assert_int_equal(unlink(path), 0);
	make(&p, "s1", NULL);
	ks = open_store(&p, true);
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	keystore_free(ks);
	place_close(&p);
	buf_free(&txt);
	buf_free(&zone);
}

/* Two records: a verifier may take the wrong one. */
/* A disk that takes its time: could a message have had its keys meanwhile? */
static struct keystore *stamping;
static int syncs, waits;

int
fsync(int fd)
{
	(void)fd;
	if (!stamping)
		return 0;
	syncs++;
	if (pthread_mutex_trylock(&stamping->lock))
		waits++;
	else
		(void)pthread_mutex_unlock(&stamping->lock);
	return 0;
}

static void
test_no_message_waits_for_a_stamp(void **state)
{
	struct buf txt = BUF_INIT(1000), zone = BUF_INIT(2000);
	struct place p;
	struct resolver *z;
	struct inquiry *q;
	struct key_info k[2];

	(void)state;
	place_open(&p);
	make(&p, "s1", &txt);
	buf_addf(
	    &zone, "s1._domainkey.example.com TXT \"%s\"\n", buf_str(&txt));
	stamping = open_store(&p, true);
	watch(stamping, buf_str(&zone));
	assert_in_range(syncs, 1, 10);
	assert_int_equal(waits, 0);
	keystore_free(stamping);
	stamping = NULL;

	/* By its first message. */
	buf_clear(&txt);
	make(&p, "s0", &txt);
	stamping = open_store(&p, true);
	/* Those that sign come first. */
	assert_int_equal(keystore_keys(stamping, &p.domain, k, 2), 2);
	assert_int_equal(k[1].state, KEY_WAITING);
	buf_clear(&zone);
	buf_addf(
	    &zone, "s0._domainkey.example.com TXT \"%s\"\n", buf_str(&txt));
	z = zone_new(buf_slice(&zone), NULL);
	q = inquiry_new(z, 10);
	syncs = 0;
	assert_true(keystore_hear(stamping, &k[1], q, 1));
	assert_in_range(syncs, 1, 10);
	assert_int_equal(waits, 0);
	keys_release(k, 2);
	inquiry_free(q);
	resolver_free(z);
	keystore_free(stamping);
	stamping = NULL;
	buf_free(&txt);
	buf_free(&zone);
	place_close(&p);
}

/* What DNS says of a key that was replaced meanwhile is not of the new one. */
static void
test_replaced_under_way(void **state)
{
	struct buf txt = BUF_INIT(1000), zone = BUF_INIT(2000);
	struct resolver *z;
	struct keystore *ks;
	struct domain_keys *d;
	struct inquiry *q;
	struct key_info k;
	struct place p;
	char path[256];

	(void)state;
	place_open(&p);
	make(&p, "s1", &txt);
	ks = open_store(&p, true);
	assert_int_equal(keystore_keys(ks, &p.domain, &k, 1), 1);
	path_of(&p, "s1.pem", path);
	assert_int_equal(unlink(path), 0);
	make(&p, "s1", NULL);
	/* Its directory is looked at again, as it is every half second. */
	d = index_find(ks, &p.domain);
	d->checked_ms = 0;
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	buf_addf(
	    &zone, "s1._domainkey.example.com TXT \"%s\"\n", buf_str(&txt));
	z = zone_new(buf_slice(&zone), NULL);
	q = inquiry_new(z, 10);
	assert_false(keystore_hear(ks, &k, q, 1));
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	path_of(&p, "s1.seen", path);
	assert_int_equal(access(path, F_OK), -1);
	keys_release(&k, 1);
	inquiry_free(q);
	resolver_free(z);
	keystore_free(ks);
	buf_free(&txt);
	buf_free(&zone);
	place_close(&p);
}

/* A key that is not read is told of: it may be the one in use. */
static void
test_too_many(void **state)
{
	struct keystore *ks;
	struct place p;
	char name[16];

	(void)state;
	for (int n = KEYS_PER_DOMAIN; n <= KEYS_PER_DOMAIN + 1; n++) {
		place_open(&p);
		for (int i = 0; i < n; i++) {
			snprintf(name, sizeof(name), "s%d", i);
			make(&p, name, NULL);
		}
		ks = open_store(&p, true);
		assert_int_equal(keystore_keys(ks, &p.domain, NULL, 0), 0);
		assert_int_equal(slice_icontains(log_captured(p.log),
				     SLICE_LIT("more keys than are read")),
		    n > KEYS_PER_DOMAIN);
		keystore_free(ks);
		place_close(&p);
	}
}

static void
test_several_records_do_not_count(void **state)
{
	struct buf txt = BUF_INIT(1000), zone = BUF_INIT(2000);
	struct place p;
	struct keystore *ks;

	(void)state;
	place_open(&p);
	make(&p, "s1", &txt);
	ks = open_store(&p, true);
	buf_addf(&zone,
	    "s1._domainkey.example.com TXT \"%s\"\n"
	    "s1._domainkey.example.com TXT junk\n",
	    buf_str(&txt));
	watch(ks, buf_str(&zone));
	assert_int_equal(state_of(&p, ks, "s1"), KEY_WAITING);
	keystore_free(ks);
	place_close(&p);
	buf_free(&txt);
	buf_free(&zone);
}

static void
test_split_dns(void **state)
{
	struct place p;
	struct keystore *ks;

	(void)state;
	place_open(&p);
	make(&p, "s1", NULL);
	ks = open_store(&p, false);
	assert_int_equal(state_of(&p, ks, "s1"), KEY_ACTIVE);
	keystore_free(ks);
	place_close(&p);
}

struct bad_row {
	const char *name;
	void (*spoil)(const char *path);
	const char *why;
};

static void
spoil_mode(const char *path)
{
	assert_int_equal(chmod(path, 0644), 0);
}

static void
spoil_text(const char *path)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, "hello\n", 6), 6);
	close(fd);
}

static void
spoil_type(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void
spoil_link(const char *path)
{
	char other[300];

	snprintf(other, sizeof(other), "%s.real", path);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
}

static void
spoil_large(const char *path)
{
	assert_int_equal(truncate(path, 1 << 20), 0);
}

static const struct bad_row bad_rows[] = {
    {"readable by others", spoil_mode, "mode 0644 lets others at the key"},
    {"no PEM", spoil_text, "no unencrypted PEM private key"},
    {"a fifo", spoil_type, "not a regular file"},
    {"a link", spoil_link, "a symbolic link"},
    {"too large", spoil_large, "larger than"},
};

static void
check_bad(void **state)
{
	const struct bad_row *r = *state;
	struct place p;
	struct keystore *ks;
	char path[256];

	place_open(&p);
	make(&p, "s1", NULL);
	path_of(&p, "s1.pem", path);
	r->spoil(path);
	ks = open_store(&p, false);
	assert_int_equal(state_of(&p, ks, "s1"), KEY_BAD);
	if (!slice_icontains(log_captured(p.log), slice_z(r->why)))
		assert_string_equal(log_captured(p.log).ptr, r->why);
	keystore_free(ks);
	place_close(&p);
}

static void
test_small_rsa(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)768);
	struct place p;
	struct keystore *ks;
	char path[256];

	(void)state;
	place_open(&p);
	make(&p, "s1", NULL);
	path_of(&p, "s2.pem", path);
	assert_int_equal(pem_write(path, key, NULL), 0);
	EVP_PKEY_free(key);
	ks = open_store(&p, false);
	assert_int_equal(state_of(&p, ks, "s2"), KEY_BAD);
	assert_true(slice_icontains(
	    log_captured(p.log), SLICE_LIT("an RSA key of 768 bits")));
	keystore_free(ks);
	place_close(&p);
}

static void
test_never_replaces_a_key(void **state)
{
	struct err err = ERR_INIT;
	EVP_PKEY *key;
	struct place p;

	(void)state;
	place_open(&p);
	make(&p, "s1", NULL);
	assert_int_equal(
	    keys_make(p.dir, &p.domain, "s1", KEY_ED25519, &key, &err), -1);
	assert_non_null(strstr(err.text, "File exists"));
	assert_null(key);
	place_close(&p);
}

static void
test_zone_text(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct place p;
	EVP_PKEY *key;
	const char *second;

	(void)state;
	place_open(&p);
	assert_int_equal(
	    keys_make(p.dir, &p.domain, "r1", KEY_RSA2048, &key, NULL), 0);
	assert_int_equal(keys_zone_text(&p.domain, "r1", key, &out, NULL), 0);
	assert_true(slice_starts(buf_slice(&out),
	    SLICE_LIT("r1._domainkey.example.com. IN TXT ( \"v=DKIM1; ")));
	/* The first string is full: 255 octets between its quotes. */
	second = strstr(buf_str(&out), "\" \"");
	assert_non_null(second);
	assert_int_equal(second - strchr(buf_str(&out), '"') - 1, 255);
	assert_null(strstr(second + 3, "\" \""));
	EVP_PKEY_free(key);
	place_close(&p);
	buf_free(&out);
}

struct selector_row {
	const char *name;
	bool valid;
};

static const struct selector_row selector_rows[] = {
    {"r202611", true},
    {"a", true},
    {"", false},
    {"a.b", false},
    {"a-b", false},
    {"a_b", false},
    {"../x", false},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk", true},
    {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl",
	false},
};

static void
check_selector(void **state)
{
	const struct selector_row *r = *state;

	assert_int_equal(keys_selector_valid(r->name), r->valid);
}

static void
test_index(void **state)
{
	struct place p;
	struct keystore *ks;
	struct domain d;
	struct key_info keys[2];
	char path[256];

	(void)state;
	place_open(&p);
	make(&p, "s1", NULL);
	snprintf(path, sizeof(path),
	    "%s/b\xc3\xbc"
	    "cher.example",
	    p.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/not a domain", p.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	ks = open_store(&p, false);
	assert_int_equal(keystore_ndomains(ks), 2);
	assert_string_equal(
	    keystore_domain(ks, 1)->text, "xn--bcher-kva.example");
	assert_null(keystore_domain(ks, 2));
	assert_true(domain_parse(SLICE_LIT("other.example"), &d));
	assert_int_equal(keystore_keys(ks, &d, keys, 2), 0);
	keystore_free(ks);
	snprintf(path, sizeof(path), "%s/missing", p.dir);
	ks = keystore_open(
	    &(struct keystore_options){.dir = path}, p.log, NULL);
	assert_int_equal(keystore_ndomains(ks), 0);
	keystore_free(ks);
	place_close(&p);
}

/* --- managed keys -------------------------------------------------------------- */

static void
add_managed(struct vault *v, const struct domain *d, const char *selector,
    struct key_record *r)
{
	EVP_PKEY *pkey = key_generate(KEY_ED25519);

	*r = (struct key_record){.key = {.type = KEY_ED25519}};
	snprintf(r->key.selector, sizeof(r->key.selector), "%s", selector);
	r->key.at[EVENT_GENERATED] = vault_now(v);
	assert_int_equal(vault_add(v, d, r, pkey, NULL), 0);
	EVP_PKEY_free(pkey);
}

static void
advance(struct vault *v, const struct domain *d, struct key_record *r,
    enum key_event e)
{
	r->key.at[e] = vault_now(v);
	assert_int_equal(vault_write(v, d, r, NULL), 0);
}

/* Longer than a change may go unnoticed. */
static void
wait_for_notice(void)
{
	struct timespec t = {0, 450 * 1000000};

	(void)nanosleep(&t, NULL);
}

static void
test_signing_follows_rotation(void **state)
{
	struct key_record a, b;
	struct keystore *ks;
	struct place p;
	struct vault v;

	(void)state;
	place_open(&p);
	/* A store that is open already, and empty. */
	ks = open_store(&p, true);
	assert_int_equal(vault_open(&v, p.dir, &clock_system, 0, NULL), 0);
	add_managed(&v, &p.domain, "a", &a);
	wait_for_notice();
	assert_int_equal(state_of(&p, ks, "a"), KEY_WAITING);
	/* No look at DNS makes it sign: that is for rotation to say. */
	watch(ks, "");
	assert_int_equal(state_of(&p, ks, "a"), KEY_WAITING);
	advance(&v, &p.domain, &a, EVENT_ACTIVE);
	wait_for_notice();
	assert_int_equal(state_of(&p, ks, "a"), KEY_ACTIVE);
	add_managed(&v, &p.domain, "b", &b);
	advance(&v, &p.domain, &b, EVENT_ACTIVE);
	advance(&v, &p.domain, &a, EVENT_VANISHED);
	wait_for_notice();
	assert_int_equal(state_of(&p, ks, "a"), KEY_RETIRED);
	assert_int_equal(state_of(&p, ks, "b"), KEY_ACTIVE);
	vault_close(&v);
	keystore_free(ks);
	place_close(&p);
}

/* What may be wrong with the mode of what; a mended one is taken at once. */
static const struct mode_row {
	const char *name, *file;
	mode_t bad, good;
} mode_rows[] = {
    {"a key", "s1.pem", 0644, 0600},
    {"a state file", "s1.state", 0640, 0600},
    {"a domain's directory", "", 0770, 0700},
    {"the key directory", "..", 0777, 0700},
};

static void
check_mode(void **state)
{
	const struct mode_row *r = *state;
	struct key_record k;
	struct keystore *ks;
	struct place p;
	struct vault v;
	char path[256];

	place_open(&p);
	assert_int_equal(vault_open(&v, p.dir, &clock_system, 0, NULL), 0);
	add_managed(&v, &p.domain, "s1", &k);
	advance(&v, &p.domain, &k, EVENT_ACTIVE);
	vault_close(&v);
	path_of(&p, r->file, path);
	assert_int_equal(chmod(path, r->bad), 0);
	ks = open_store(&p, true);
	assert_int_equal(state_of(&p, ks, "s1"), KEY_BAD);
	assert_int_equal(chmod(path, r->good), 0);
	wait_for_notice();
	assert_int_equal(state_of(&p, ks, "s1"), KEY_ACTIVE);
	keystore_free(ks);
	place_close(&p);
}

int
main(void)
{
	UNIT_TEST(test_waits_until_seen);
	UNIT_TEST(test_no_message_waits_for_a_stamp);
	UNIT_TEST(test_replaced_under_way);
	UNIT_TEST(test_too_many);
	UNIT_TEST(test_several_records_do_not_count);
	UNIT_TEST(test_split_dns);
	UNIT_TABLE(bad_rows, check_bad);
	UNIT_TEST(test_small_rsa);
	UNIT_TEST(test_never_replaces_a_key);
	UNIT_TEST(test_zone_text);
	UNIT_TABLE(selector_rows, check_selector);
	UNIT_TEST(test_index);
	UNIT_TEST(test_signing_follows_rotation);
	UNIT_TABLE(mode_rows, check_mode);
	return unit_end();
}
