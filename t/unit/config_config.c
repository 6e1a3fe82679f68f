/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config.h"

#include "config/options.h"
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
	assert_int_equal(c->engine.signature_expiry_s, 14 * 86400);
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

int
main(void)
{
	UNIT_TEST(test_defaults);
	UNIT_TEST(test_values);
	UNIT_TEST(test_all_errors_at_once);
	UNIT_TABLE(bad_rows, check_bad);
	UNIT_TEST(test_restart_needed);
	return unit_end();
}
