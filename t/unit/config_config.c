/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/options.h"
#include "tables/signtable.h"
#include "unit.h"

static struct config *
parse(const char *text, const char *want_errors)
{
	struct buf errors = BUF_INIT(10000);
	struct config *c;
	int rc = config_parse(slice_z(text), "f", &c, &errors);

	assert_string_equal(buf_str(&errors), want_errors);
	assert_int_equal(rc, want_errors[0] ? -1 : 0);
	buf_free(&errors);
	return c;
}

static void
test_defaults(void **state)
{
	struct config *c = parse("", "");
	struct ip ip;

	(void)state;
	assert_string_equal(c->daemon.socket, "inet:8895@127.0.0.1");
	assert_int_equal(c->daemon.socket_mode, 0660);
	assert_string_equal(c->engine.authserv_id, "");
	assert_int_equal(c->engine.deadline_s, 8);
	assert_int_equal(c->engine.internal_networks.n, 2);
	assert_int_equal(ip_parse(SLICE_LIT("::1"), &ip), 0);
	assert_true(cidr_list_has(c->engine.internal_networks.items, 2, &ip));
	assert_int_equal(c->engine.policy.enforce, ENFORCE_QUARANTINE);
	assert_int_equal(c->engine.policy.enforce_percent, 100);
	assert_int_equal(c->engine.policy.on_multiple_from, ACTION_REJECT);
	assert_int_equal(c->engine.policy.on_bad_from, ACTION_ACCEPT);
	assert_int_equal(c->engine.policy.spf_reject, SPF_REJECT_NO);
	assert_int_equal(c->engine.policy.iprev_reject, IPREV_REJECT_NO);
	assert_false(c->engine.policy.observe);
	assert_false(c->engine.policy.protect_own_domains);
	assert_int_equal(c->engine.quarantine_action, QUARANTINE_HEADER);
	assert_int_equal(c->engine.on_internal_error, ON_ERROR_TEMPFAIL);
	assert_int_equal(c->engine.dkim.min_rsa_bits, 1024);
	assert_int_equal(c->engine.dkim.max_sigs, 10);
	assert_int_equal(c->engine.dkim.future_skew_s, 3600);
	assert_int_equal(c->daemon.log.facility, 2);
	assert_true(c->daemon.require_published);
	config_unref(c);
}

static void
test_values(void **state)
{
	struct config *c = parse("authserv_id = mx.example.com\n"
				 "internal_networks = { 192.0.2.0/24, ::1 }\n"
				 "enforce = REJECT\n"
				 "always_reject = { Example.COM, b.example }\n"
				 "deadline = 5\n"
				 "signature_expiry = 2w\n"
				 "socket_mode = 600\n"
				 "log_compat = { opendkim, opendmarc }\n"
				 "nameservers = \"127.0.0.1@5300\"\n"
				 "stamp_outbound = yes\n"
				 "spf_workers = 256\n"
				 "trusted_forwarders = { "
				 "\"mx.example.org spf=example.org\" }\n"
				 "reply_url = \"\"\n"
				 "reply_code_dmarc = 5.7.26\n",
	    "");

	(void)state;
	assert_string_equal(c->engine.authserv_id, "mx.example.com");
	assert_int_equal(c->engine.policy.enforce, ENFORCE_REJECT);
	assert_int_equal(c->engine.policy.always_reject.n, 2);
	assert_string_equal(
	    c->engine.policy.always_reject.items[0].text, "example.com");
	assert_int_equal(c->engine.deadline_s, 5);
	assert_int_equal(c->engine.rules.all.sign.expiry_s, 14 * 86400);
	assert_int_equal(c->daemon.socket_mode, 0600);
	assert_int_equal(c->daemon.log.compat, 3);
	assert_int_equal(c->daemon.nameservers.n, 1);
	assert_string_equal(c->daemon.nameservers.items[0], "127.0.0.1@5300");
	assert_true(c->engine.stamp_outbound);
	assert_int_equal(c->daemon.spf_workers, 256);
	assert_int_equal(c->engine.policy.trusted_forwarders.n, 1);
	assert_string_equal(c->engine.policy.trusted_forwarders.items[0].text,
	    "mx.example.org spf=example.org");
	assert_string_equal(c->engine.policy.reply_url, "");
	assert_int_equal(c->engine.policy.reply_code_dmarc, POLICY_CODE_26);
	config_unref(c);
}

/* Three faults on three lines come out together. */
static void
test_all_errors_at_once(void **state)
{
	(void)state;
	assert_null(parse("authserv_id = mx.example.com\n"
			  "sockt = inet:8891@127.0.0.1\n"
			  "deadline = soon\n"
			  "enforce = maybe\n",
	    "f:2: sockt: unknown option; did you mean \"socket\"?\n"
	    "f:3: deadline: \"soon\" must end with s, m, h, d or w\n"
	    "f:4: enforce: \"maybe\" must be one of: none, shadow, "
	    "quarantine, reject, reject-always\n"));
	/* Each value of a list with the line it stands on. */
	assert_null(parse(
	    "internal_networks = { 10.0.0.0/33, # a, b\n"
	    "  192.0.2.0/24,\n"
	    "\n"
	    "  here }\n"
	    "own_authserv_ids = { \"mx one\", mx2.example.com }\n"
	    "log_compat = { opendkim,\n"
	    "  x, y }\n"
	    "always_reject = {\n"
	    "  a..b\n"
	    "}\n",
	    "f:1: internal_networks: \"10.0.0.0/33\" must be an address or "
	    "a network like 192.0.2.0/24\n"
	    "f:4: internal_networks: \"here\" must be an address or a "
	    "network like 192.0.2.0/24\n"
	    "f:5: own_authserv_ids: \"mx one\" must be a name like "
	    "mx.example.com\n"
	    "f:7: log_compat: \"x\" must be one of: opendkim, opendmarc\n"
	    "f:7: log_compat: \"y\" must be one of: opendkim, opendmarc\n"
	    "f:9: always_reject: \"a..b\" must be a domain name\n"));
}

struct bad_row {
	const char *name, *text, *errors;
};

static const struct bad_row bad_rows[] = {
    {"unknown", "zebra = 1", "f:1: zebra: unknown option\n"},
    {"twice", "log = stderr\nlog = syslog", "f:2: log: given twice\n"},
    {"range", "deadline = 60s",
	"f:1: deadline: \"60s\" must be from 1 to 25\n"},
    {"number", "max_signatures = many",
	"f:1: max_signatures: \"many\" must be a number\n"},
    {"bool", "stamp_outbound = maybe",
	"f:1: stamp_outbound: \"maybe\" must be yes or no\n"},
    {"cidr", "trusted_relays = { 192.0.2.1, 192.0.2.0/33 }",
	"f:1: trusted_relays: \"192.0.2.0/33\" must be an address or a "
	"network like 192.0.2.0/24\n"},
    {"list for one", "log = { stderr, syslog }",
	"f:1: log: takes one value, not a list\n"},
    {"nameserver", "nameservers = { ns.example.com }",
	"f:1: nameservers: \"ns.example.com\" must be an IP address, with "
	"@PORT if need be\n"},
    {"relative path", "key_dir = keys",
	"f:1: key_dir: \"keys\" must be an absolute path\n"},
    {"field name", "quarantine_header = From",
	"f:1: quarantine_header: \"From\" must begin with X- and have at "
	"most 60 characters\n"},
    {"mode", "socket_mode = 0888",
	"f:1: socket_mode: \"0888\" must be an octal mode like 0660\n"},
    {"all faults of sections at once",
	"domain \"example.com\" {\n canonicalization = odd\n deadline = 5\n"
	" selector = a\n selectors = a\n selectors = { b }\n}\n"
	"domain com {}\nhost a.example {}\ndomain EXAMPLE.com {}\n"
	"identity = joe\n",
	"f:11: identity: \"joe\" must be an address, @DOMAIN or @%\n"
	"f:2: canonicalization: \"odd\" must be one of: relaxed/relaxed, "
	"relaxed/simple, simple/relaxed, simple/simple\n"
	"f:3: deadline: can't differ by domain\n"
	"f:4: selector: unknown option; did you mean \"selectors\"?\n"
	"f:6: selectors: given twice\n"
	"f:8: domain: the title must be a domain name\n"
	"f:9: host: no such section; there is domain \"NAME\" {}\n"
	"f:10: domain: there is a section of this domain already\n"},
    {"an identity of another domain",
	"domain a.example {\n identity = joe@b.example\n}\n"
	"domain b.example { identity = \"%@c.b.example\" }\n",
	"f:2: identity: must be at or below the section's domain\n"},
    {"two sizes of RSA", "\nkey_types = { rsa2048, rsa4096 }",
	"f:2: key_types: must name one size of RSA: such keys follow each "
	"other\n"},
    {"no type of key", "key_types = {}", "f:1: key_types: must name a type\n"},
    {"one slot",
	"rsa_slots = { s1 }\ndomain a.example { key_types = "
	"ed25519 }",
	"f:1: rsa_slots: must be two or more: the key of a single one could "
	"never be changed\n"},
    {"a slot twice, for one domain",
	"domain a.example {\n rsa_slots = { s1, s1 }\n}",
	"f:2: rsa_slots: names a slot twice\n"},
    {"a slot for two kinds",
	"rsa_slots = { s1, s2 }\ndomain a.example {\n"
	" ed25519_slots = { s2, s3 }\n}",
	"f:3: ed25519_slots: names a slot of rsa_slots\n"},
    {"a command that is not named",
	"domain a.example { publish_via = command }",
	"f:1: publish_command: must be set for publish_via = command\n"},
    {"an option as a section", "log x { y = z }",
	"f:1: log: no such section; there is domain \"NAME\" {}\n"},
    {"one table", "key_table = /k",
	"f: signing_table: is missing: signing_table and key_table go "
	"together\n"},
    {"a table of another kind",
	"key_table = \"dsn:x\"\nsigning_table = \"file:x\"\n",
	"f:1: key_table: \"dsn:x\" must be /PATH, file:/PATH or "
	"refile:/PATH; tables of other kinds are not read\n"
	"f:2: signing_table: \"file:x\" must be /PATH, file:/PATH or "
	"refile:/PATH; tables of other kinds are not read\n"},
    {"fields that can't be signed",
	"sign_fields = { default, received }\noversign_fields = { \"a b\" }\n",
	"f:1: sign_fields: \"received\" must not be signed: it changes on "
	"the way\n"
	"f:2: oversign_fields: \"a b\" must be the name of a header field\n"},
    {"a field that borders remove", "sign_fields = Authentication-Results\n",
	"f:1: sign_fields: \"Authentication-Results\" must not be signed: it "
	"changes on the way\n"},
    {"id", "authserv_id = \"mx.example.com; dkim=pass\"",
	"f:1: authserv_id: \"mx.example.com; dkim=pass\" must be a name like "
	"mx.example.com\n"},
    {"exception",
	"mailing_lists = { \"192.0.2.1 dkim=l.example\", l.example }",
	"f:1: mailing_lists: \"l.example\" must be CLIENT dkim=DOMAIN or "
	"CLIENT spf=DOMAIN, as in \"192.0.2.1 dkim=lists.example.org\"\n"},
    {"exception for everybody",
	"trusted_forwarders = { \"0.0.0.0/0 dkim=l.example\" }",
	"f:1: trusted_forwarders: \"0.0.0.0/0 dkim=l.example\" names too "
	"wide a network\n"},
    {"percent", "enforce_percent = 101",
	"f:1: enforce_percent: \"101\" must be from 0 to 100\n"},
    {"tempfail for a bad From", "on_bad_from = tempfail",
	"f:1: on_bad_from: \"tempfail\" must be one of: accept, quarantine, "
	"reject\n"},
    {"page", "reply_url = ftp://x.example/",
	"f:1: reply_url: \"ftp://x.example/\" must begin with https:// or "
	"http://\n"},
    {"page with a blank", "reply_url = \"https://x.example/a b\"",
	"f:1: reply_url: \"https://x.example/a b\" must be printable ASCII "
	"without blanks\n"},
};

static void
check_bad(void **state)
{
	const struct bad_row *r = *state;

	assert_null(parse(r->text, r->errors));
}

static const struct sign_rules *
sign_of(const struct config *c, const char *name)
{
	struct domain d;

	assert_true(domain_parse(slice_z(name), &d));
	return &rules_of(&c->engine.rules, &d)->sign;
}

/* A section has what holds for all, wherever that stands, and its own. */
static void
test_sections(void **state)
{
	struct config *c =
	    parse("domain \"Example.ORG\" {\n"
		  "  canonicalization = simple/simple\n"
		  "  selectors = { a, b }\n"
		  "  identity = \"@mail.example.org\"\n"
		  "}\n"
		  "domain \"b\xc3\xbc"
		  "cher.example\" { signature_expiry = 7d }\n"
		  "signature_expiry = 1d\nsign_fields = { default, X-A }\n",
		"");
	const struct sign_rules *r = sign_of(c, "example.org");

	(void)state;
	assert_int_equal(r->canon, SIGN_SIMPLE_SIMPLE);
	assert_int_equal(r->expiry_s, 86400);
	assert_int_equal(r->selectors.n, 2);
	assert_string_equal(r->identity, "@mail.example.org");
	assert_string_equal(r->fields.items[1], "X-A");
	r = sign_of(c, "xn--bcher-kva.example");
	assert_int_equal(r->canon, SIGN_RELAXED_RELAXED);
	assert_int_equal(r->expiry_s, 7 * 86400);
	r = sign_of(c, "www.example.org");
	assert_ptr_equal(r, &c->engine.rules.all.sign);
	assert_int_equal(r->expiry_s, 86400);
	config_unref(c);
}

/* A table file; the name is for the caller to unlink. */
static void
write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Faults of tables come with those of the file, each with its line. */
static void
test_table_faults(void **state)
{
	char keys[] = "/tmp/assay-kt-XXXXXX", signs[] = "/tmp/assay-st-XXXXXX";
	struct buf text = BUF_INIT(1000), want = BUF_INIT(1000);

	(void)state;
	write_file(keys, "k example.com:s:/k\nl example.com:/k\n");
	write_file(signs, "# x\n*@example.com m\n");
	buf_addf(&text,
	    "key_table = %s\nsigning_table = \"refile:%s\"\n"
	    "deadline = 0\n",
	    keys, signs);
	buf_addf(&want,
	    "f:3: deadline: \"0\" must be from 1 to 25\n"
	    "%s:2: the second part must be a selector\n"
	    "%s:2: the key table has no key \"m\"\n",
	    keys, signs);
	assert_null(parse(buf_str(&text), buf_str(&want)));
	unlink(keys);
	buf_clear(&want);
	buf_addf(&want,
	    "f:3: deadline: \"0\" must be from 1 to 25\n"
	    "f: key_table: %s: No such file or directory\n",
	    keys);
	assert_null(parse(buf_str(&text), buf_str(&want)));
	unlink(signs);
	buf_free(&text);
	buf_free(&want);
}

/* A FIFO has no end and nobody writes to it: it must not be waited for. */
static void
test_table_is_a_fifo(void **state)
{
	char dir[] = "/tmp/assay-fifo-XXXXXX", path[64];
	struct buf text = BUF_INIT(1000), want = BUF_INIT(1000);

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	buf_addf(&text, "key_table = %s\nsigning_table = %s\n", path, path);
	buf_addf(&want,
	    "f: key_table: %s: no file of at most %u octets\n"
	    "f: signing_table: %s: no file of at most %u octets\n",
	    path, LIMIT_TABLE_OCTETS, path, LIMIT_TABLE_OCTETS);
	assert_null(parse(buf_str(&text), buf_str(&want)));
	unlink(path);
	rmdir(dir);
	buf_free(&text);
	buf_free(&want);
}

static void
test_tables(void **state)
{
	char keys[] = "/tmp/assay-kt-XXXXXX", signs[] = "/tmp/assay-st-XXXXXX";
	struct buf text = BUF_INIT(1000), want = BUF_INIT(1000);
	struct config *c;

	(void)state;
	write_file(keys, "k example.com:s:/k\nk example.com:s:/l\n");
	write_file(signs, "a*@example.com k\n*@example.com k\n");
	buf_addf(&text, "key_table = %s\nsigning_table = \"refile:%s\"\n",
	    keys, signs);
	c = parse(buf_str(&text), "");
	assert_int_equal(signtable_entries(c->engine.signtable), 2);
	assert_int_equal(signtable_patterns(c->engine.signtable), 1);
	buf_addf(&want, "%s:2: never used: line 1 has the same name\n", keys);
	assert_string_equal(buf_str(&c->remarks), buf_str(&want));
	unlink(keys);
	unlink(signs);
	buf_free(&text);
	buf_free(&want);
	config_unref(c);
}

static void
test_restart_needed(void **state)
{
	struct config *a = parse("log_level = info\n", "");
	struct config *b = parse("log_level = debug\nuser = \"mail\"\n"
				 "spf_queue = 1\nnameservers = ::1\n",
	    "");
	struct buf names = BUF_INIT(1000);

	(void)state;
	config_restart_needed(a, a, &names);
	assert_string_equal(buf_str(&names), "");
	config_restart_needed(a, b, &names);
	assert_string_equal(buf_str(&names), "nameservers, user, spf_queue");
	buf_free(&names);
	config_unref(a);
	config_unref(b);
}

static struct config *
load_again(const char *path, const char *want_error)
{
	struct buf errors = BUF_INIT(10000);
	struct config *c;
	int rc = config_load_again(path, 1, &c, &errors);

	if (want_error)
		assert_non_null(strstr(buf_str(&errors), want_error));
	assert_int_equal(rc, want_error ? -1 : 0);
	buf_free(&errors);
	return c;
}

static void
test_reload_of_half_a_file(void **state)
{
	char path[] = "/tmp/assay-conf-XXXXXX";
	struct config *c;

	(void)state;
	write_file(path, "enforce = reject\ndeadline = 7s\n");
	c = load_again(path, NULL);
	assert_int_equal(c->engine.deadline_s, 7);
	config_unref(c);
	assert_int_equal(truncate(path, 0), 0);
	(void)load_again(path, "is empty");
	unlink(path);
	(void)load_again(path, "No such file");
	memcpy(path, "/tmp/assay-conf-XXXXXX", sizeof(path));
	/* Well formed, and ten times as short as it is to be. */
	write_file(path, "enforce = reject\ndeadline = 1");
	(void)load_again(path, "the last line does not end");
	unlink(path);
}

struct writer {
	const char *path;
	atomic_bool stop;
};

/* As an editor does it, and slowly. */
static void *
rewrite(void *arg)
{
	static const char *const parts[] = {
	    "enforce = rej", "ect\ndeadline = 1", "1s\n"};
	struct writer *w = arg;

	while (!atomic_load(&w->stop)) {
		int fd = open(w->path, O_WRONLY | O_TRUNC);

		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			assert_true(write(fd, parts[i], strlen(parts[i])) > 0);
			sched_yield();
		}
		close(fd);
	}
	return NULL;
}

static void
test_reload_while_it_is_written(void **state)
{
	char path[] = "/tmp/assay-conf-XXXXXX";
	struct writer w = {.path = path};
	pthread_t thread;

	(void)state;
	write_file(path, "enforce = reject\ndeadline = 11s\n");
	assert_int_equal(pthread_create(&thread, NULL, rewrite, &w), 0);
	for (int i = 0; i < 8; i++) {
		struct buf errors = BUF_INIT(10000);
		struct config *c;

		if (config_load_again(path, 0, &c, &errors) == 0) {
			assert_int_equal(c->engine.deadline_s, 11);
			assert_int_equal(
			    c->engine.policy.enforce, ENFORCE_REJECT);
		}
		config_unref(c);
		buf_free(&errors);
	}
	atomic_store(&w.stop, true);
	pthread_join(thread, NULL);
	unlink(path);
}

int
main(void)
{
	UNIT_TEST(test_defaults);
	UNIT_TEST(test_values);
	UNIT_TEST(test_all_errors_at_once);
	UNIT_TABLE(bad_rows, check_bad);
	UNIT_TEST(test_sections);
	UNIT_TEST(test_table_faults);
	UNIT_TEST(test_table_is_a_fifo);
	UNIT_TEST(test_tables);
	UNIT_TEST(test_restart_needed);
	UNIT_TEST(test_reload_of_half_a_file);
	UNIT_TEST(test_reload_while_it_is_written);
	return unit_end();
}
