/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keys/make.h"
#include "scene.h"

/* A key directory with one Ed25519 key, "k" of one domain. */
struct place {
	char dir[64], config[400];
};

static void
place_open(struct place *p, const char *domain, const char *config)
{
	struct domain d;
	struct err err = ERR_INIT;
	EVP_PKEY *key = NULL;

	snprintf(p->dir, sizeof(p->dir), "/tmp/assay-outbound-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_true(domain_parse(slice_z(domain), &d));
	if (keys_make(p->dir, &d, "k", KEY_ED25519, &key, &err))
		fail_msg("%s", err.text);
	EVP_PKEY_free(key);
	snprintf(p->config, sizeof(p->config),
	    "key_dir = %s\nrequire_published = no\n%s", p->dir, config);
}

static void
place_close(const struct place *p, const char *domain)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s/k.pem", p->dir, domain);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%s", p->dir, domain);
	rmdir(path);
	rmdir(p->dir);
}

static const struct row {
	const char *name, *domain, *config;
	struct scene_client client;
	const char *text;
	size_t signatures;
	const char *log; /* must occur in the log line */
} rows[] = {
    {"the author's own domain", "shop.example", "",
	{.ip = "127.0.0.1", .helo = "h", .mail_from = "<a@shop.example>"},
	"From: a@shop.example\r\n\r\n", 1,
	"signed=shop.example:k:ed25519-sha256"},
    {"two subjects are not signed", "shop.example", "",
	{.ip = "127.0.0.1", .helo = "h", .mail_from = "<a@shop.example>"},
	"From: a@shop.example\r\nSubject: x\r\nSubject: y\r\n\r\n", 0,
	"signed=no why=\"repeated header field\""},
    {"unless sign_malformed says so", "shop.example", "sign_malformed = yes\n",
	{.ip = "127.0.0.1", .helo = "h", .mail_from = "<a@shop.example>"},
	"From: a@shop.example\r\nSubject: x\r\nSubject: y\r\n\r\n", 1,
	"signed=shop.example:k:ed25519-sha256"},
    {"a subdomain", "shop.example", "",
	{.ip = "127.0.0.1", .helo = "h", .mail_from = "<a@shop.example>"},
	"From: a@eu.shop.example\r\n\r\n", 0,
	"why=\"no key for eu.shop.example\""},
    {"a subdomain, when parents may sign", "shop.example",
	"sign_subdomains = yes\n",
	{.ip = "127.0.0.1", .helo = "h", .mail_from = "<a@shop.example>"},
	"From: a@eu.shop.example\r\n\r\n", 1,
	"signed=shop.example:k:ed25519-sha256"},
    {"a trusted relay inside internal_networks is no submitter",
	"shop.example",
	"internal_networks = { 10.0.0.0/8 }\ntrusted_relays = { 10.0.0.5 }\n",
	{.ip = "10.0.0.5", .helo = "h", .mail_from = "<a@evil.example>"},
	"From: a@shop.example\r\n\r\n", 0, "direction=inbound"},
    {"its neighbour is one", "shop.example",
	"internal_networks = { 10.0.0.0/8 }\ntrusted_relays = { 10.0.0.5 }\n",
	{.ip = "10.0.0.6", .helo = "h", .mail_from = "<a@shop.example>"},
	"From: a@shop.example\r\n\r\n", 1, "direction=outbound"},
    {"a user who authenticates through a trusted relay", "shop.example",
	"trusted_relays = { 10.0.0.5 }\n",
	{.ip = "10.0.0.5",
	    .helo = "h",
	    .mail_from = "<a@shop.example>",
	    .user = "joe"},
	"From: a@shop.example\r\n\r\n", 1, "direction=outbound"},
};

static void
check(void **state)
{
	const struct row *r = *state;
	struct place p;
	struct scene s;
	size_t n = 0;

	place_open(&p, r->domain, r->config);
	scene_open(&s, p.config, "");
	scene_send(&s, &r->client, r->text);
	while (scene_inserted(&s, "DKIM-Signature", n)[0])
		n++;
	if (!slice_icontains(log_captured(s.engine.log), slice_z(r->log)))
		assert_string_equal(log_captured(s.engine.log).ptr, r->log);
	assert_int_equal(n, r->signatures);
	scene_close(&s);
	place_close(&p, r->domain);
}

int
main(void)
{
	UNIT_TABLE(rows, check);
	return unit_end();
}
