/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys: finds the subcommand, becomes the service user, locks. */
#include "tools/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "config/user.h"
#include "dns/direct.h"
#include "dns/unbound.h"
#include "tools/out.h"
#include "tools/tools.h"

#define ERRORS_MAX 65536
#define LOCK_WAIT_MS 90000

#define MANY ARG_REST_MAX

static const struct subcommand {
	struct command command;
	int (*run)(struct keys_tool *);
	bool store; /* opens and locks it first */
} subcommands[] = {
    {{"keys init", "DOMAIN", 1, 1,
	 "Takes a domain on: its first keys, and what to publish.\n", NULL, 0},
	keys_init, true},
    {{"keys list", "[DOMAIN ...]", 0, MANY,
	 "All keys: state, since when, what comes next and when.\n", NULL, 0},
	keys_list, true},
    {{"keys check", "[DOMAIN ...]", 0, MANY,
	 "Compares every key with what each name server shows. Exit status 1:\n"
	 "a record is not what it should be.\n",
	 NULL, 0},
	keys_check, true},
    {{"keys publish", "[DOMAIN ...]", 0, MANY,
	 "Hands all records to the publisher once more, or prints them.\n",
	 NULL, 0},
	keys_publish, true},
    {{"keys rotate", "DOMAIN [SELECTOR]", 1, 2,
	 "Orders a new key in the place of each active one, or of this one: it\n"
	 "signs as soon as it is published and has waited.\n",
	 NULL, 0},
	keys_rotate, true},
    {{"keys revoke", "DOMAIN SELECTOR", 2, 2,
	 "Stops signing with a key, now, and publishes an empty one.\n", NULL,
	 0},
	keys_revoke, true},
    {{"keys remove", "DOMAIN SELECTOR", 2, 2,
	 "Destroys a key, now, and removes its record.\n", NULL, 0},
	keys_remove, true},
    {{"keys import", "DOMAIN [SELECTOR FILE] | KEYTABLE", 1, 3,
	 "Manages keys that lie in the key directory already, one from another\n"
	 "place, or all of an OpenDKIM KeyTable.\n",
	 NULL, 0},
	keys_import, true},
    {{"keys export", "[DOMAIN ...]", 0, MANY,
	 "The keys that sign, as an OpenDKIM KeyTable.\n", NULL, 0},
	keys_export, true},
    {{"keys repair", "", 0, 0,
	 "As root: gives the key directory and all in it to the service user,\n"
	 "directories 0700, files 0600; the file of nsupdate_key, too.\n",
	 NULL, 0},
	keys_repair, false},
    {{"keys new", "DOMAIN [SELECTOR]", 1, 2,
	 "Makes an RSA-2048 and an Ed25519 key that nobody manages, and prints\n"
	 "their records.\n",
	 NULL, 0},
	keys_new, true},
};

int
keys_fail(struct keys_tool *t, const struct err *err)
{
	int status = t->no ? EXIT_BAD : EXIT_TROUBLE;

	out_complain("keys", slice_z(err->text));
	t->no = false;
	return status;
}

int
keys_no(struct keys_tool *t, int rc)
{
	t->no = true;
	return rc;
}

/* --- arguments -------------------------------------------------------------------------- */

static bool
parse(struct keys_tool *t, const struct subcommand *s, int argc, char **argv,
    struct args_rest *rest, int *status)
{
	const struct arg own[] = {
	    {"emergency", 0, ARG_FLAG, &t->emergency, NULL,
		"the old key is stolen: no wait"},
	};
	const struct arg common[] = {
	    {"config", 'c', ARG_TEXT, (void *)&t->config_path, "FILE",
		"names key_dir, user, the rules of rotation"},
	    {"key-dir", 'k', ARG_TEXT, (void *)&t->key_dir, "DIR",
		"use this directory, whatever the configuration says"},
	    {"dry-run", 'n', ARG_FLAG, &t->dry, NULL,
		"show the plan and do nothing"},
	    {"json", 0, ARG_FLAG, &t->json, NULL, "write JSON"},
	    {"yes", 0, ARG_FLAG, &t->yes, NULL, "do not ask"},
	};
	struct command c = s->command;

	if (s->run == keys_rotate) {
		c.args = own;
		c.nargs = ARRAY_LEN(own);
	}
	if (!args_parse(
		&c, common, ARRAY_LEN(common), argc, argv, rest, status))
		return false;
	t->args = rest->items;
	t->nargs = rest->n;
	return true;
}

int
keys_domain_argument(
    const struct keys_tool *t, size_t i, struct domain *d, struct err *err)
{
	if (domain_parse(slice_z(t->args[i]), d))
		return 0;
	return err_set(err, "\"%s\" is no domain name", t->args[i]);
}

/* --- opening ------------------------------------------------------------------------------ */

void
keys_tell(void *arg, const char *line)
{
	struct keys_tool *t = arg;
	struct buf b = BUF_INIT(4000);

	if (t->json) {
		json_string(&b, slice_z(line));
		(void)printf("%s%s", t->nlines ? ", " : "", buf_str(&b));
	} else {
		(void)printf("  %s\n", line);
	}
	t->nlines++;
	buf_free(&b);
}

static const struct keys_options *
options_of(const void *rules, const struct domain *d)
{
	return &rules_of(rules, d)->keys;
}

static int
open_env(struct keys_tool *t, struct err *err)
{
	const struct daemon_options *o = &t->config->daemon;
	struct log_options lo = o->log;
	struct unbound_options uo = {.nameservers = o->nameservers.items,
	    .nnameservers = o->nameservers.n,
	    .resolv_conf = o->resolv_conf,
	    .trust_anchor_file =
		o->trust_anchor_file[0] ? o->trust_anchor_file : NULL};

	lo.ident = "assay";
	t->log = log_new(&lo, err);
	if (!t->log)
		return -1;
	t->env =
	    (struct keys_env){.options = &t->config->engine.rules.all.keys,
		.options_of = options_of,
		.options_arg = &t->config->engine.rules,
		.require_published = o->require_published,
		.resolver = unbound_new(&uo, err),
		.authority = direct_new(err),
		.log = t->log,
		.by = "assay",
		.tell = keys_tell,
		.arg = t,
		.dry = t->dry};
	return t->env.resolver && t->env.authority ? 0 : -1;
}

static int
open_vault(struct keys_tool *t, struct err *err)
{
	return t->dry ? vault_peek(&t->vault, t->key_dir, &clock_system,
			    LOCK_WAIT_MS, err)
		      : vault_open(&t->vault, t->key_dir, &clock_system,
			    LOCK_WAIT_MS, err);
}

static int
run_on_store(struct keys_tool *t, const struct subcommand *s)
{
	struct err err = ERR_INIT;
	int status;

	if (open_env(t, &err) || open_vault(t, &err))
		status = keys_fail(t, &err);
	else {
		status = s->run(t);
		vault_close(&t->vault);
	}
	authority_free(t->env.authority);
	resolver_free(t->env.resolver);
	log_free(t->log);
	return status;
}

static int
run(struct keys_tool *t, const struct subcommand *s)
{
	struct buf errors = BUF_INIT(ERRORS_MAX);
	struct err err = ERR_INIT;
	int status = EXIT_TROUBLE;

	if (config_load(t->config_path, &t->config, &errors)) {
		out_complain("keys", buf_slice(&errors));
		goto out;
	}
	if (!t->key_dir)
		t->key_dir = t->config->daemon.key_dir;
	if (s->run == keys_import && (status = keys_import_read(t)))
		goto out;
	status = EXIT_TROUBLE;
	/* Whatever root makes must be the service user's. */
	if (s->run != keys_repair &&
	    user_become(t->config->daemon.user, t->config->daemon.group, &err))
		status = keys_fail(t, &err);
	else
		status = s->store ? run_on_store(t, s) : s->run(t);
out:
	config_unref(t->config);
	buf_free(&errors);
	return status;
}

static int
run_named(int argc, char **argv)
{
	struct keys_tool t = {.config_path = CONFIG_DEFAULT_FILE};
	struct args_rest rest;
	int status = EXIT_USAGE;

	for (size_t i = 0; i < ARRAY_LEN(subcommands); i++) {
		const struct subcommand *s = &subcommands[i];

		if (strcmp(argv[0], s->command.name + sizeof("keys ") - 1))
			continue;
		if (!parse(&t, s, argc, argv, &rest, &status))
			return status;
		return run(&t, s);
	}
	return status;
}

static const struct args_sub subs[] = {
    {"init", run_named, "take a domain on: first keys, and what to publish"},
    {"list", run_named, "all keys: state, what comes next and when"},
    {"check", run_named, "compare keys with what name servers show"},
    {"publish", run_named, "hand all records over again, or print them"},
    {"rotate", run_named, "new keys as soon as they can be; or at once"},
    {"revoke", run_named, "stop signing with a key, publish an empty one"},
    {"remove", run_named, "destroy a key and remove its record"},
    {"import", run_named, "manage keys that are there, or of OpenDKIM"},
    {"export", run_named, "the signing keys as an OpenDKIM KeyTable"},
    {"repair", run_named, "as root: owner and mode of the key directory"},
    {"new", run_named, "make two keys that nobody manages"},
};

int
tool_keys(int argc, char **argv)
{
	return args_group("keys", subs, ARRAY_LEN(subs), argc, argv);
}
