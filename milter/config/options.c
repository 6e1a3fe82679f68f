/* SPDX-License-Identifier: BSD-2-Clause */
/* The option table. See options.h for the columns. */
#include "config/options.h"

#include <string.h>

#include "config/check.h"

#define AT(field) offsetof(struct config, field)
#define NO_RANGE 0, 0
#define DAY ((int64_t)86400)

static const char basics[] = "Basics";
static const char direction[] = "Which mail is ours";
static const char signing[] = "Signing";
static const char rotation[] = "Key rotation";
static const char verifying[] = "Verifying";
static const char policy[] = "Policy";
static const char logging[] = "Log";
static const char journaling[] = "Journal";
static const char process[] = "Process";

/* clang-format off */
const struct option options[] = {
{basics, "socket", OPTION_STRING, AT(daemon.socket),
 "inet:8895@127.0.0.1", NO_RANGE, NULL, check_socket, OPTION_RESTART,
 "Where the MTA reaches assayd: inet:PORT@HOST, inet6:PORT@HOST, unix:PATH, "
 "or Postfix's inet:HOST:PORT. A host left out means loopback."},
{basics, "socket_mode", OPTION_MODE, AT(daemon.socket_mode),
 "0660", 0, 0777, NULL, NULL, OPTION_RESTART,
 "Access mode of a Unix socket, octal."},
{basics, "socket_group", OPTION_STRING, AT(daemon.socket_group),
 "", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "Group of a Unix socket. Empty: postfix when there is such a group, else "
 "that of the process."},
{basics, "authserv_id", OPTION_STRING, AT(engine.authserv_id),
 "", NO_RANGE, NULL, check_authserv_id, OPTION_LIVE,
 "The name of this site in the Authentication-Results fields it writes. "
 "Empty: the host name the MTA gives itself (macro j). Incoming fields that "
 "claim this name are removed."},
{basics, "own_authserv_ids", OPTION_STRINGS, AT(engine.own_authserv_ids),
 "{}", NO_RANGE, NULL, check_authserv_id, OPTION_LIVE,
 "Further names that are ours, former ones too: incoming "
 "Authentication-Results fields that claim one of them are removed as well."},
{basics, "nameservers", OPTION_STRINGS, AT(daemon.nameservers),
 "{}", NO_RANGE, NULL, check_nameserver, OPTION_RESTART,
 "Resolvers to ask, as ADDRESS or \"ADDRESS@PORT\". Empty: those of "
 "resolv_conf. They should be near and trusted, best on this machine."},
{basics, "resolv_conf", OPTION_STRING, AT(daemon.resolv_conf),
 "/etc/resolv.conf", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "Where the resolvers are read from when nameservers is empty."},
{basics, "trust_anchor_file", OPTION_STRING, AT(daemon.trust_anchor_file),
 "", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "DNSSEC trust anchors (Debian: /usr/share/dns/root.key). Empty: answers are "
 "not validated here."},
{basics, "deadline", OPTION_SECONDS, AT(engine.deadline_s),
 "8s", 1, 25, NULL, NULL, OPTION_LIVE,
 "How long DNS may hold up one message. What is unknown then is a "
 "temperror. Sendmail waits 10 seconds for a milter by default, so stay "
 "below. RFC 7208 suggests at least 20 seconds for SPF alone."},

{direction, "internal_networks", OPTION_CIDRS, AT(engine.internal_networks),
 "{ 127.0.0.0/8, ::1 }", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Clients in these networks submit outbound mail: it is signed and never "
 "judged. So is mail of authenticated clients, and mail submitted on this "
 "machine, wherever they are."},
{direction, "outbound_daemons", OPTION_STRINGS, AT(engine.outbound_daemons),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Mail that arrives on a listener of one of these names (macro "
 "{daemon_name}) is outbound."},
{direction, "skip_daemons", OPTION_STRINGS, AT(engine.skip_daemons),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Mail that arrives on a listener of one of these names is left alone: no "
 "field is removed, added or signed. For the listener on which a content "
 "filter gives mail back."},
{direction, "trusted_relays", OPTION_CIDRS, AT(engine.trusted_relays),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Our own gateways and backup MXes. SPF and iprev are not evaluated for "
 "their addresses; DKIM and DMARC are, but a DMARC failure is never "
 "enforced. What they hand on is inbound even if internal_networks holds "
 "their address."},
{direction, "stamp_outbound", OPTION_BOOL, AT(engine.stamp_outbound),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Writes an Authentication-Results field to outbound mail too. It tells "
 "every recipient the name of the user who authenticated."},

{signing, "key_dir", OPTION_STRING, AT(daemon.key_dir),
 "/var/lib/assay/keys", NO_RANGE, NULL, check_absolute, OPTION_LIVE,
 "Private keys, as DOMAIN/SELECTOR.pem, owned by the service user and "
 "readable by nobody else. assay keys init DOMAIN makes them."},
{signing, "require_published", OPTION_BOOL, AT(daemon.require_published),
 "yes", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "A key signs only after its TXT record was seen in DNS, equal to ours. "
 "Until then it is asked for every minute. No: for split DNS, where this "
 "machine can't see what the world sees."},
{signing, "signing_table", OPTION_STRING, AT(daemon.signing_table),
 "", NO_RANGE, NULL, check_table, OPTION_LIVE,
 "OpenDKIM's SigningTable: whose mail is signed with which keys of key_table. "
 "A path, or file:PATH, is looked up by addresses and domains; refile:PATH "
 "has patterns with *. Mail that no line fits is signed by key_dir. A reload "
 "reads it again, as the service user. Empty: there is none."},
{signing, "key_table", OPTION_STRING, AT(daemon.key_table),
 "", NO_RANGE, NULL, check_table, OPTION_LIVE,
 "OpenDKIM's KeyTable: domain, selector and file of each key that "
 "signing_table names. The files must be the service user's and readable by "
 "nobody else."},
{signing, "multiple_signatures", OPTION_BOOL, AT(engine.multiple_signatures),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Signs with the key of every line of signing_table that fits, up to 16, not "
 "of the first alone."},
{signing, "canonicalization", OPTION_WORD, AT(engine.rules.all.sign.canon),
 "relaxed/relaxed", NO_RANGE, sign_canon_words, NULL, OPTION_LIVE,
 "Canonicalisation of header and body in our signatures."},
{signing, "signature_expiry", OPTION_SECONDS,
 AT(engine.rules.all.sign.expiry_s),
 "0", 0, 365 * DAY, NULL, NULL, OPTION_LIVE,
 "Writes x= into our signatures, this long after t=; 0 writes none. Give "
 "mail in queues time: five days or more."},
{signing, "sign_fields", OPTION_STRINGS, AT(engine.rules.all.sign.fields),
 "{ default }", NO_RANGE, NULL, check_signed_name, OPTION_LIVE,
 "Header fields that are signed when they are there; From always is. default "
 "stands for those of RFC 6376 section 5.4.1 and Message-ID, Sender, "
 "MIME-Version, Content-Type, Content-Transfer-Encoding and "
 "List-Unsubscribe-Post."},
{signing, "oversign_fields", OPTION_STRINGS,
 AT(engine.rules.all.sign.oversign),
 "{ default }", NO_RANGE, NULL, check_signed_name, OPTION_LIVE,
 "Fields listed once more than they are there, so that nobody can add "
 "another. default stands for From, Reply-To, Sender, Subject, Date, "
 "Message-ID, To, Cc, MIME-Version and Content-Type. Behind Sendmail an "
 "absent Date, Message-ID or From is never listed: it adds them later."},
{signing, "identity", OPTION_STRING, AT(engine.rules.all.sign.identity),
 "", NO_RANGE, NULL, check_identity, OPTION_LIVE,
 "What i= of our signatures says: an address, or @DOMAIN, at or below the "
 "signing domain; % is the author's domain. Elsewhere, and when it is empty, "
 "none is written. An identity in signing_table comes first."},
{signing, "selectors", OPTION_STRINGS, AT(engine.rules.all.sign.selectors),
 "{}", NO_RANGE, NULL, check_selector, OPTION_LIVE,
 "The keys of key_dir that sign, by their selectors. Empty: all of a domain "
 "whose records are published."},
{signing, "sign_subdomains", OPTION_BOOL, AT(engine.sign_subdomains),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Mail of an author domain without a key of its own is signed with the key "
 "of the nearest parent domain that has one."},

{signing, "sign_malformed", OPTION_BOOL, AT(engine.sign_malformed),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Also signs mail that other programs mend or cut on its way: lines over 998 "
 "octets, a NUL, CR or LF alone, a second Subject or To. Such signatures "
 "often break. What is not signed stands in the log with its reason."},

{rotation, "key_types", OPTION_FLAGS, AT(engine.rules.all.keys.types),
 "{ rsa2048, ed25519 }", NO_RANGE, key_type_bits, NULL, OPTION_LIVE,
 "The keys of a domain that assay keys init takes on: rsa2048, rsa3072 or "
 "rsa4096, and ed25519. Each rotates by itself."},
{rotation, "key_lifetime", OPTION_SECONDS, AT(engine.rules.all.keys.lifetime_s),
 "180d", 2, 3650 * DAY, NULL, NULL, OPTION_LIVE,
 "How long a key signs. Its successor is made in time to be published and to "
 "wait before that."},
{rotation, "key_wait", OPTION_SECONDS, AT(engine.rules.all.keys.wait_s),
 "48h", 0, 365 * DAY, NULL, NULL, OPTION_LIVE,
 "How long a new key waits after every name server shows it, so that nobody "
 "remembers that there was none. Longer when the zone's TTLs are. A domain's "
 "first key does not wait."},
{rotation, "key_overlap", OPTION_WORD, AT(engine.rules.all.keys.overlap),
 "none", NO_RANGE, key_overlap_words, NULL, OPTION_LIVE,
 "sign-both: after a change the old key signs on beside the new one for "
 "key_wait, so that one record that vanishes spoils nothing."},
{rotation, "key_retire", OPTION_SECONDS, AT(engine.rules.all.keys.retire_s),
 "7d", 0, 3650 * DAY, NULL, NULL, OPTION_LIVE,
 "How long the record of a key stays after it signed its last message, for "
 "mail under way: longer than any queue keeps mail."},
{rotation, "key_remove", OPTION_SECONDS, AT(engine.rules.all.keys.remove_s),
 "7d", 0, 3650 * DAY, NULL, NULL, OPTION_LIVE,
 "How long the empty record (p=) of a revoked key stays before it is removed. "
 "The private key is destroyed then."},
{rotation, "rsa_selector", OPTION_STRING, AT(engine.rules.all.keys.rsa_selector),
 "r%Y%m", NO_RANGE, NULL, check_key_template, OPTION_LIVE,
 "Selectors of new RSA keys: letters a to z, digits, and %Y, %m, %d of the "
 "day they are made. A letter follows when the name is taken."},
{rotation, "ed25519_selector", OPTION_STRING, AT(engine.rules.all.keys.ed25519_selector),
 "e%Y%m", NO_RANGE, NULL, check_key_template, OPTION_LIVE,
 "Selectors of new Ed25519 keys, likewise."},
{rotation, "rsa_slots", OPTION_STRINGS, AT(engine.rules.all.keys.rsa_slots),
 "{}", NO_RANGE, NULL, check_slot, OPTION_LIVE,
 "Fixed selectors in place of dated ones, two or more, for domains that point "
 "them at us by CNAME once for all: { key1, key2 }. A slot is filled again "
 "when its old key is out of use and forgotten."},
{rotation, "ed25519_slots", OPTION_STRINGS, AT(engine.rules.all.keys.ed25519_slots),
 "{}", NO_RANGE, NULL, check_slot, OPTION_LIVE,
 "The same for Ed25519 keys, under other names."},
{rotation, "key_target", OPTION_STRING, AT(engine.rules.all.keys.target),
 "", NO_RANGE, NULL, check_key_target, OPTION_LIVE,
 "Where the CNAME of a selector points and its record is published, as "
 "\"%s.%d.keys.example.net\" with selector and domain. Empty: no CNAME is "
 "asked for; one that is there is followed in any case."},
{rotation, "check_via", OPTION_WORD, AT(engine.rules.all.keys.check_via),
 "authoritative", NO_RANGE, check_via_words, NULL, OPTION_LIVE,
 "Who must show a new key: all authoritative servers of its zone, each asked "
 "by its address, or the resolver, where name servers can't be reached."},
{rotation, "unreachable_after", OPTION_SECONDS, AT(engine.rules.all.keys.unreachable_s),
 "48h", 0, 365 * DAY, NULL, NULL, OPTION_LIVE,
 "An authoritative server that does not answer holds a new key up this long. "
 "Then it no longer counts, if another one and the resolver show the key."},
{rotation, "key_check_interval", OPTION_SECONDS, AT(engine.rules.all.keys.interval_s),
 "15m", 1, DAY, NULL, NULL, OPTION_LIVE,
 "How often the records of keys are looked at. While something is under way "
 "it is every minute."},
{rotation, "on_vanished_key", OPTION_WORD, AT(engine.rules.all.keys.on_vanished),
 "sign", NO_RANGE, key_vanished_words, NULL, OPTION_LIVE,
 "When all name servers that answer say that the record of the last signing "
 "key is gone or another: sign on (a broken signature is no worse than none) "
 "or stop. While another key signs, such a key stops in any case."},
{rotation, "publish_via", OPTION_WORD, AT(engine.rules.all.keys.publish_via),
 "print", NO_RANGE, publish_via_words, NULL, OPTION_LIVE,
 "Who publishes records: a person (print: the log and assay keys publish tell "
 "what), a zone fragment file, nsupdate, or a command."},
{rotation, "publish_ttl", OPTION_SECONDS, AT(engine.rules.all.keys.publish_ttl_s),
 "1h", 1, 7 * DAY, NULL, NULL, OPTION_LIVE,
 "TTL of the records."},
{rotation, "publish_file", OPTION_STRING, AT(engine.rules.all.keys.publish_file),
 "/var/lib/assay/zones/%d.zone", NO_RANGE, NULL, check_absolute, OPTION_LIVE,
 "The fragment for publish_via = file, %d being the domain; to be included "
 "in its zone. The service user must be able to write there."},
{rotation, "publish_command", OPTION_STRING, AT(engine.rules.all.keys.publish_command),
 "", NO_RANGE, NULL, check_absolute_or_empty, OPTION_LIVE,
 "The program for publish_via = command. It gets a record as JSON on standard "
 "input, without a shell; exit status 0 is done, 2 refused, any other: try "
 "again later. contrib/publish has some."},
{rotation, "nsupdate", OPTION_STRING, AT(engine.rules.all.keys.publish_program),
 "/usr/bin/nsupdate", NO_RANGE, NULL, check_absolute, OPTION_LIVE,
 "The program for publish_via = nsupdate (RFC 2136)."},
{rotation, "nsupdate_server", OPTION_STRING, AT(engine.rules.all.keys.publish_server),
 "", NO_RANGE, NULL, check_nameserver_or_empty, OPTION_LIVE,
 "The name server to update, as ADDRESS or \"ADDRESS@PORT\". Empty: nsupdate "
 "finds it."},
{rotation, "nsupdate_key", OPTION_STRING, AT(engine.rules.all.keys.publish_tsig_file),
 "", NO_RANGE, NULL, check_absolute_or_empty, OPTION_LIVE,
 "File with the TSIG key, for nsupdate -k; the service user's, mode 0600."},

{verifying, "min_rsa_bits", OPTION_UNSIGNED, AT(engine.dkim.min_rsa_bits),
 "1024", 1024, 4096, NULL, NULL, OPTION_LIVE,
 "Signatures by smaller RSA keys do not pass (RFC 8301)."},
{verifying, "max_signatures", OPTION_SIZE, AT(engine.dkim.max_sigs),
 "10", 1, 100, NULL, NULL, OPTION_LIVE,
 "DKIM signatures evaluated per message; those of the author's own domain "
 "first."},
{verifying, "expire_skew", OPTION_SECONDS, AT(engine.dkim.expire_skew_s),
 "300s", 0, DAY, NULL, NULL, OPTION_LIVE,
 "How long past its x= a signature still counts, for clocks that differ."},
{verifying, "future_skew", OPTION_SECONDS, AT(engine.dkim.future_skew_s),
 "1h", 0, DAY, NULL, NULL, OPTION_LIVE,
 "A signature made further in the future than this does not pass."},
{verifying, "accept_partial_body", OPTION_DOMAINS,
 AT(engine.dkim.partial_body),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Signing domains whose signatures pass although their l= leaves the end of "
 "the body unsigned, where anybody can add what he likes. Those of others "
 "are policy, and do not count for DMARC."},
{verifying, "org_domain", OPTION_WORD, AT(engine.org_domain),
 "tree-walk", NO_RANGE, dmarc_org_words, NULL, OPTION_LIVE,
 "How organizational domains are found: by the DNS tree walk of RFC 9989, "
 "or by the public suffix list as RFC 7489 had it."},

{verifying, "psl_file", OPTION_STRING, AT(daemon.psl_file),
 "", NO_RANGE, NULL, check_absolute_or_empty, OPTION_RESTART,
 "The public suffix list for org_domain = psl. Empty: the newest that came "
 "with the system."},

{policy, "enforce", OPTION_WORD, AT(engine.policy.enforce),
 "quarantine", NO_RANGE, policy_enforce_words, NULL, OPTION_LIVE,
 "The strongest thing that happens to inbound mail. none: nothing. shadow: "
 "nothing either, but all is decided as under reject and logged as would=. "
 "quarantine: what is asked to be rejected is quarantined. reject: mail that "
 "fails DMARC under p=reject is rejected when there is a second ground, since "
 "RFC 9989 says not to reject on p=reject alone, else quarantined. "
 "reject-always: p=reject is ground enough; mailing lists will lose mail."},
{policy, "enforce_percent", OPTION_UNSIGNED, AT(engine.policy.enforce_percent),
 "100", 0, 100, NULL, NULL, OPTION_LIVE,
 "The share of mail, chosen by chance, to which enforce applies. The rest gets "
 "the next weaker: reject for reject-always, quarantine for reject, shadow for "
 "quarantine."},
{policy, "observe", OPTION_BOOL, AT(engine.policy.observe),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Nothing is done to any message: no field is removed, added or signed, and "
 "nothing is refused. The log tells what would be, and how the results differ "
 "from those in Authentication-Results fields that bear authserv_id or one of "
 "own_authserv_ids. For running behind the programs that assayd will replace."},
{policy, "always_reject", OPTION_DOMAINS, AT(engine.policy.always_reject),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Author domains of which p=reject alone is ground enough for a rejection. "
 "The other grounds under enforce = reject: the author domain does not exist; "
 "or SPF says fail for MAIL FROM, no signature verifies, and nothing looks "
 "forwarded (no List-, Resent-, X-Forwarded- or ARC- field, no SRS or BATV "
 "sender)."},
{policy, "protect_own_domains", OPTION_BOOL,
 AT(engine.policy.protect_own_domains),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Rejects mail from outside whose author domain is one that we sign and that "
 "nothing authenticates, whatever the domain's policy. Your users' own posts "
 "come back from mailing lists like that: name the lists in mailing_lists. "
 "A line of key_table with % for its domain makes no domain ours. Sendmail "
 "may complete an author without a domain (From: ceo) with its own: "
 "on_bad_from is for those."},
{policy, "on_multiple_from", OPTION_WORD, AT(engine.policy.on_multiple_from),
 "reject", NO_RANGE, policy_from_words, NULL, OPTION_LIVE,
 "For a message with several From fields, where RFC 5322 allows one: accept "
 "(marked dmarc=permerror), quarantine or reject."},
{policy, "on_bad_from", OPTION_WORD, AT(engine.policy.on_bad_from),
 "accept", NO_RANGE, policy_from_words, NULL, OPTION_LIVE,
 "The same for a From field that has no address, authors of several domains, "
 "a NUL, or is not to be read, and for a message without one."},
{policy, "trusted_forwarders", OPTION_EXCEPTIONS,
 AT(engine.policy.trusted_forwarders),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Who may bring mail that fails: \"CLIENT dkim=DOMAIN\" or \"CLIENT "
 "spf=DOMAIN\". CLIENT is an address, a network or a host name that iprev "
 "confirms, and a signature of DOMAIN, or SPF for MAIL FROM at DOMAIN, must "
 "pass for the message as well. A dot before a name stands for all below it. "
 "With \"list-id=ID\" after it, only mail with that List-Id."},
{policy, "mailing_lists", OPTION_EXCEPTIONS, AT(engine.policy.mailing_lists),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "The same for mail with a List-Id field. A List-Id by itself proves nothing."},
{policy, "require_dkim", OPTION_DOMAINS, AT(engine.policy.require_dkim),
 "{}", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Author domains whose mail is rejected without a passing signature of theirs, "
 "even if DMARC passes by SPF."},
{policy, "spf_reject", OPTION_WORD, AT(engine.policy.spf_reject),
 "no", NO_RANGE, policy_spf_words, NULL, OPTION_LIVE,
 "Rejects mail for SPF fail alone, unless DMARC passes or an exception "
 "applies: of the HELO name (helo-fail), or of that and MAIL FROM "
 "(mailfrom-fail). Forwarded mail is lost this way."},
{policy, "spf_reject_permerror", OPTION_BOOL,
 AT(engine.policy.spf_reject_permerror),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Extends spf_reject to records that can't be evaluated."},
{policy, "spf_explanation", OPTION_BOOL, AT(engine.policy.spf_explanation),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Fetches what the domain of an SPF record has to say (exp=) and shows it in "
 "the reply when spf_reject refuses a message. It is a stranger's text."},
{policy, "received_spf", OPTION_BOOL, AT(engine.received_spf),
 "no", NO_RANGE, NULL, NULL, OPTION_LIVE,
 "Also writes a Received-SPF field to inbound mail, for programs that read no "
 "Authentication-Results."},
{policy, "iprev_reject", OPTION_WORD, AT(engine.policy.iprev_reject),
 "no", NO_RANGE, policy_iprev_words, NULL, OPTION_LIVE,
 "Rejects mail that does not pass DMARC of clients whose address has no name "
 "(no-ptr), or none that leads back to it (fail)."},
{policy, "reply_code_dmarc", OPTION_WORD, AT(engine.policy.reply_code_dmarc),
 "5.7.1", NO_RANGE, policy_code_words, NULL, OPTION_LIVE,
 "The enhanced status code of DMARC rejections: 5.7.1 as RFC 9989 has it, or "
 "5.7.26 of RFC 7372, several checks failed."},
{policy, "reply_url", OPTION_STRING, AT(engine.policy.reply_url),
 "", NO_RANGE, NULL, check_url, OPTION_LIVE,
 "A page that explains, named in each refusal."},
{policy, "quarantine_action", OPTION_WORD, AT(engine.quarantine_action),
 "header", NO_RANGE, quarantine_action_words, NULL, OPTION_LIVE,
 "header adds the field named by quarantine_header, by which the delivery "
 "side files the message as spam. hold parks it in the MTA's queue until a "
 "person releases it (Postfix: postsuper -H ID; Sendmail: mailq -qQ and "
 "sendmail -qQ -qIID -Q). both does both."},
{policy, "quarantine_header", OPTION_STRING, AT(engine.quarantine_header),
 "X-Assay-Quarantine", NO_RANGE, NULL, check_field_name, OPTION_LIVE,
 "The field that marks quarantined mail. Fields of this name are removed "
 "from inbound mail as it arrives."},
{policy, "on_temperror", OPTION_WORD, AT(engine.policy.on_temperror),
 "accept", NO_RANGE, policy_temperror_words, NULL, OPTION_LIVE,
 "When DNS trouble leaves undecided what matters (DMARC; SPF, iprev, a "
 "signature or an exception, where an option makes it matter): accept the "
 "message, marked temperror, or tempfail it."},
{policy, "on_internal_error", OPTION_WORD, AT(engine.on_internal_error),
 "tempfail", NO_RANGE, on_error_words, NULL, OPTION_LIVE,
 "When assayd itself fails (memory): tempfail, or accept the message as it "
 "is. Nothing a peer sends leads here."},

{logging, "log", OPTION_WORD, AT(daemon.log.sink),
 "syslog", NO_RANGE, log_sink_words, NULL, OPTION_LIVE,
 "Where the log goes: syslog or stderr."},
{logging, "log_level", OPTION_WORD, AT(daemon.log.level),
 "info", NO_RANGE, log_level_words, NULL, OPTION_LIVE,
 "error, warning, info (a line a message) or debug."},
{logging, "log_format", OPTION_WORD, AT(daemon.log.format),
 "text", NO_RANGE, log_format_words, NULL, OPTION_LIVE,
 "text is key=value, json one object a line with the same keys."},
{logging, "log_compat", OPTION_FLAGS, AT(daemon.log.compat),
 "{}", NO_RANGE, log_compat_words, NULL, OPTION_LIVE,
 "Also writes the lines that readers of older programs' logs know, under "
 "their names: opendkim, opendmarc."},
{logging, "syslog_facility", OPTION_WORD, AT(daemon.log.facility),
 "mail", NO_RANGE, log_facility_words, NULL, OPTION_LIVE,
 "Facility of the syslog lines."},
{logging, "syslog_socket", OPTION_STRING, AT(daemon.log.syslog_socket),
 "/dev/log", NO_RANGE, NULL, check_absolute, OPTION_LIVE,
 "Datagram socket of the local syslog."},

{journaling, "journal", OPTION_BOOL, AT(daemon.journal.on),
 "yes", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "Keeps a record of each verdict, for assay log, assay why and reports. When it "
 "can't be written, records are dropped and the log says so; mail never waits."},
{journaling, "journal_dir", OPTION_STRING, AT(daemon.journal.dir),
 "/var/lib/assay/journal", NO_RANGE, NULL, check_absolute, OPTION_RESTART,
 "Where: a directory of the service user's, made when it is missing. It holds "
 "addresses of senders and of clients, and nobody else can read it."},
{journaling, "journal_size", OPTION_SIZE, AT(daemon.journal.megabytes),
 "256", 1, 1000000, NULL, NULL, OPTION_LIVE,
 "Megabytes of all its files; the oldest go. A message takes about one "
 "kilobyte."},
{journaling, "journal_files", OPTION_SIZE, AT(daemon.journal.files),
 "16", 2, 1000, NULL, NULL, OPTION_LIVE,
 "How many files these are, at most."},

{process, "user", OPTION_STRING, AT(daemon.user),
 "assay", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "The service user; assayd drops to it after it has opened its socket. Empty: "
 "stay who we are."},
{process, "group", OPTION_STRING, AT(daemon.group),
 "", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "The service group. Empty: the user's own."},
{process, "pid_file", OPTION_STRING, AT(daemon.pid_file),
 "", NO_RANGE, NULL, check_absolute_or_empty, OPTION_RESTART,
 "Where to write the process id; locked while assayd serves. Empty: nowhere."},
{process, "spf_workers", OPTION_SIZE, AT(daemon.spf_workers),
 "16", 1, 256, NULL, NULL, OPTION_RESTART,
 "Threads that evaluate SPF and reverse DNS while a message arrives; made "
 "when first needed."},
{process, "spf_queue", OPTION_SIZE, AT(daemon.spf_queue),
 "256", 0, 100000, NULL, NULL, OPTION_RESTART,
 "Checks that may wait while all of those threads are busy. When it is full a "
 "check runs at the end of its message, and the log says so."},
{process, "sandbox", OPTION_WORD, AT(daemon.sandbox),
 "yes", NO_RANGE, sandbox_words, NULL, OPTION_RESTART,
 "The process that handles mail can start no program, has no capability, opens "
 "no file outside the directories of this configuration and makes no system "
 "call it has no use for. yes: as far as the kernel goes, and the log tells "
 "what is missing; require: it does not start otherwise; no: for debuggers."},

{process, "sandbox_read", OPTION_STRINGS, AT(daemon.sandbox_read),
 "{}", NO_RANGE, NULL, check_absolute, OPTION_RESTART,
 "Further directories it may read from, for a later configuration: a reload "
 "that names a directory unknown at the start is refused."},

{process, "drain_limit", OPTION_SECONDS, AT(daemon.drain_limit_s),
 "30s", 0, 3600, NULL, NULL, OPTION_LIVE,
 "After SIGTERM, how long messages under way may take to end. Messages that "
 "begin in the second half of it, on connections that are open, are put off "
 "(421)."},
{process, "control_socket", OPTION_STRING, AT(daemon.control_socket),
 "/run/assay/control.sock", NO_RANGE, NULL, check_absolute_or_empty,
 OPTION_RESTART,
 "Unix socket for assay status, reload and drain; root and the service user "
 "may use it. Its directory is made when it is missing. When it can't be "
 "opened, the log says so and mail goes on. Empty: none."},
{process, "control_group", OPTION_STRING, AT(daemon.control_group),
 "", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "A group whose members may ask for the status as well. Empty: nobody."},
{process, "metrics", OPTION_STRING, AT(daemon.metrics),
 "", NO_RANGE, NULL, check_metrics, OPTION_RESTART,
 "Where /metrics (Prometheus) and /health are served over HTTP: "
 "inet:PORT@HOST or inet6:PORT@HOST, HOST being a loopback address. Empty: "
 "nowhere. Everybody on this machine can read them; they tell the domains "
 "and selectors of your keys."},
{process, "insecure_metrics_remote", OPTION_BOOL, AT(daemon.metrics_remote),
 "no", NO_RANGE, NULL, NULL, OPTION_RESTART,
 "Lets metrics be served at an address that is not loopback, to everybody who "
 "can reach it."},
};
/* clang-format on */

const size_t noptions = ARRAY_LEN(options);

const struct option *
option_find(struct slice name)
{
	for (size_t i = 0; i < noptions; i++)
		if (slice_eqz(name, options[i].name))
			return &options[i];
	return NULL;
}

/* --- what was meant ------------------------------------------------------------- */

#define NAME_MAX_LEN 40

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance, case aside; both at most NAME_MAX_LEN. */
static unsigned
distance(struct slice a, struct slice b)
{
	unsigned row[NAME_MAX_LEN + 1];

	for (unsigned j = 0; j <= b.len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			unsigned above = row[j];
			bool same = ascii_lower(a.ptr[i - 1]) ==
			    ascii_lower(b.ptr[j - 1]);

			row[j] =
			    least(diagonal + !same, above + 1, row[j - 1] + 1);
			diagonal = above;
		}
	}
	return row[b.len];
}

const char *
option_suggest(struct slice name)
{
	const char *best = NULL;
	unsigned least_distance = 4;

	if (name.len > NAME_MAX_LEN)
		return NULL;
	for (size_t i = 0; i < noptions; i++) {
		struct slice other = slice_z(options[i].name);
		unsigned d = distance(name, other);

		if (d < least_distance && d < name.len) {
			least_distance = d;
			best = options[i].name;
		}
	}
	return best;
}
