/* SPDX-License-Identifier: BSD-2-Clause */
/* assay keys: finds the subcommand, becomes the service user, locks. */
#include "tools/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "config/user.h"
#include "dns/direct.h"
#include "dns/unbound.h"
#include "tools/tools.h"

#define ERRORS_MAX 65536
#define LOCK_WAIT_MS 90000

static const struct subcommand {
	const char *name;
	int (*run)(struct keys_tool *);
	size_t least, most; /* arguments */
	bool store;         /* opens and locks it first */
	const char *arguments, *help;
} subcommands[] = {
    {"init", keys_init, 1, 1, true, "DOMAIN",
	"take a domain on: first keys, and what to publish"},
    {"list", keys_list, 0, KEYS_ARGUMENTS_MAX, true, "[DOMAIN ...]",
	"all keys: state, since when, what comes next and when"},
    {"check", keys_check, 0, KEYS_ARGUMENTS_MAX, true, "[DOMAIN ...]",
	"compare every key with what each name server shows"},
    {"publish", keys_publish, 0, KEYS_ARGUMENTS_MAX, true, "[DOMAIN ...]",
	"hand all records over again, or print them"},
    {"rotate", keys_rotate, 1, 2, true, "[--emergency] DOMAIN [SELECTOR]",
	"new keys as soon as they can be; in an emergency at once"},
    {"revoke", keys_revoke, 2, 2, true, "DOMAIN SELECTOR",
	"stop signing with a key and publish an empty one"},
    {"remove", keys_remove, 2, 2, true, "DOMAIN SELECTOR",
	"destroy a key and remove its record"},
    {"import", keys_import, 1, 3, true, "DOMAIN [SELECTOR FILE] | KEYTABLE",
	"manage keys that are there, or of another program"},
    {"export", keys_export, 0, KEYS_ARGUMENTS_MAX, true, "[DOMAIN ...]",
	"the signing keys as an OpenDKIM KeyTable"},
    {"repair", keys_repair, 0, 0, false, "",
	"as root: owner and mode of the key directory"},
    {"new", keys_new, 1, 2, true, "DOMAIN [SELECTOR]",
	"make two keys that nobody manages, and print their records"},
};

static int
usage(FILE *out)
{
	(void)fprintf(
	    out, "usage: assay keys COMMAND [options] [arguments]\n\n");
	for (size_t i = 0; i < ARRAY_LEN(subcommands); i++)
		(void)fprintf(out, "  %s %s\n      %s\n", subcommands[i].name,
		    subcommands[i].arguments, subcommands[i].help);
	(void)fprintf(out,
	    "\noptions:\n"
	    "  -c FILE     configuration that names key_dir and user\n"
	    "              (default " CONFIG_DEFAULT_FILE ")\n"
	    "  -k KEYDIR   use this directory, whatever the configuration\n"
	    "  --dry-run   show the plan and do nothing\n"
	    "  --json      say everything as one JSON object\n"
	    "  --yes       do not ask\n");
	(void)fprintf(out,
	    "\nexit status: 0 good, 1 the answer is no, 2 wrong usage, 3 no "
	    "answer\n");
	return out == stderr ? EXIT_USAGE : EXIT_GOOD;
}

int
keys_usage(void)
{
	return usage(stderr);
}

int
keys_fail(struct keys_tool *t, const struct err *err)
{
	int status = t->no ? EXIT_BAD : EXIT_TROUBLE;

	(void)fprintf(stderr, "assay keys: %s\n", err->text);
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
take_flag(struct keys_tool *t, const char *arg)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {{"--dry-run", &t->dry}, {"-n", &t->dry},
	    {"--json", &t->json}, {"--yes", &t->yes},
	    {"--emergency", &t->emergency}};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (!strcmp(arg, flags[i].name)) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

static bool
parse(struct keys_tool *t, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool has_value =
		    !strcmp(argv[i], "-c") || !strcmp(argv[i], "-k");

		if (has_value && i + 1 == argc)
			return false;
		if (!strcmp(argv[i], "-c"))
			t->config_path = argv[++i];
		else if (!strcmp(argv[i], "-k"))
			t->key_dir = argv[++i];
		else if (argv[i][0] != '-' && t->nargs < KEYS_ARGUMENTS_MAX)
			t->args[t->nargs++] = argv[i];
		else if (!take_flag(t, argv[i]))
			return false;
	}
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
		(void)fprintf(stderr, "%s", buf_str(&errors));
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

int
tool_keys(int argc, char **argv)
{
	struct keys_tool t = {.config_path = CONFIG_DEFAULT_FILE};

	if (argc >= 2 &&
	    (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help")))
		return usage(stdout);
	for (size_t i = 0; argc >= 2 && i < ARRAY_LEN(subcommands); i++) {
		const struct subcommand *s = &subcommands[i];

		if (strcmp(argv[1], s->name))
			continue;
		if (!parse(&t, argc - 1, argv + 1) || t.nargs < s->least ||
		    t.nargs > s->most)
			return usage(stderr);
		return run(&t, s);
	}
	return usage(stderr);
}
