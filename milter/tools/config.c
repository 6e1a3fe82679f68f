/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay config: is the configuration good, what holds, and what of it is not
 * the default. What is shown is a configuration file itself.
 */
#include <stdio.h>
#include <string.h>

#include "config/show.h"
#include "tools/env.h"
#include "tools/tools.h"

#define ERRORS_MAX 65536
#define VALUE_MAX (1u << 20)

/* --- check ---------------------------------------------------------------------------- */

static void
show_lines(
    struct out *o, const char *key, const struct buf *b, enum out_tone tone)
{
	struct slice rest = buf_slice(b);
	bool more = rest.len > 0;

	out_flat_array(o, key);
	while (more) {
		struct slice line = slice_cut(&rest, '\n', &more);
		struct buf text = BUF_INIT(VALUE_MAX);

		out_escape(&text, line);
		if (o->json)
			out_str(o, NULL, line);
		else if (line.len)
			out_line(o, tone, "%s", buf_str(&text));
		buf_free(&text);
	}
	out_close(o);
}

/* --- show, diff ------------------------------------------------------------------------ */

static void
show_option(struct out *o, const struct option *opt, const struct buf *value)
{
	if (o->json) {
		out_str(o, opt->name, buf_slice(value));
		return;
	}
	buf_addf(&o->text, "%s%s = ", o->depth > 1 ? "    " : "", opt->name);
	/* The file's own backslashes stay: it is to be read again. */
	for (size_t i = 0; i < value->len; i++) {
		if (is_print(value->ptr[i]))
			buf_addc(&o->text, value->ptr[i]);
		else
			buf_addf(
			    &o->text, "\\x%02x", (unsigned char)value->ptr[i]);
	}
	buf_addc(&o->text, '\n');
}

struct showing {
	struct out *out;
	const struct config *config, *other; /* other: only what differs */
};

static void
show_one(const struct showing *s, const struct option *opt,
    const struct domain_rules *rules, const struct domain_rules *than)
{
	struct buf value = BUF_INIT(VALUE_MAX), other = BUF_INIT(VALUE_MAX);

	show_value(opt, s->config, rules, &value);
	show_value(opt, s->other ? s->other : s->config, than, &other);
	if ((!s->other && !rules) ||
	    !slice_eq(buf_slice(&value), buf_slice(&other)))
		show_option(s->out, opt, &value);
	buf_free(&value);
	buf_free(&other);
}

/* What a section has that does not hold for all. */
static void
show_section(const struct showing *s, const struct domain_section *d)
{
	struct showing inner = {s->out, s->config, s->config};

	if (s->out->json)
		out_object(s->out, d->domain.text);
	else
		buf_addf(&s->out->text, "domain \"%s\" {\n", d->domain.text);
	s->out->depth += s->out->json ? 0 : 2;
	for (size_t i = 0; i < noptions; i++)
		if (option_by_domain(&options[i]))
			show_one(&inner, &options[i], &d->rules,
			    &s->config->engine.rules.all);
	s->out->depth -= s->out->json ? 0 : 2;
	if (s->out->json)
		out_close(s->out);
	else
		buf_addz(&s->out->text, "}\n");
}

static void
show_all(const struct showing *s)
{
	const struct rules *r = &s->config->engine.rules;

	if (s->out->json)
		out_object(s->out, "options");
	for (size_t i = 0; i < noptions; i++)
		show_one(s, &options[i], NULL, NULL);
	if (s->out->json) {
		out_close(s->out);
		out_object(s->out, "domains");
	}
	for (size_t i = 0; i < r->nsections; i++)
		show_section(s, &r->sections[i]);
	if (s->out->json)
		out_close(s->out);
}

/* --- the command -------------------------------------------------------------------------- */

/* The configuration is what is looked at: env_open would refuse a bad one. */
struct config_tool {
	struct out out;
	bool json;
	const char *path;
};

static int
run(struct config_tool *t, const char *verb, struct config *config,
    struct config *defaults)
{
	struct showing s = {&t->out, config, NULL};

	if (!strcmp(verb, "check")) {
		show_lines(&t->out, "remarks", &config->remarks, OUT_WARN);
		out_line(
		    &t->out, OUT_GOOD, "%s: configuration is good", t->path);
	} else if (!strcmp(verb, "diff")) {
		s.other = defaults;
		show_all(&s);
	} else {
		show_all(&s);
	}
	return EXIT_GOOD;
}

static int
load_and_run(
    struct config_tool *t, const struct command *command, const char *verb)
{
	struct buf errors = BUF_INIT(ERRORS_MAX);
	struct config *config = NULL, *defaults = NULL;
	struct err err = ERR_INIT;
	int status = EXIT_BAD;

	/* Not to be read is no answer; a bad one is. */
	if (env_readable(t->path, &err))
		return env_fail(command, &err);
	out_begin(&t->out, t->json, false);
	if (config_parse(SLICE_EMPTY, "defaults", &defaults, &errors) ||
	    config_load(t->path, &config, &errors))
		show_lines(&t->out, "errors", &errors, OUT_BAD);
	else
		status = run(t, verb, config, defaults);
	if (out_finish(&t->out))
		status = EXIT_TROUBLE;
	config_unref(config);
	config_unref(defaults);
	buf_free(&errors);
	return status;
}

static const struct command commands[] = {
    {"config check", "", 0, 0,
	"Reads assay.conf and the tables it names, and tells all that is wrong.\n"
	"Exit status 1: something is.\n",
	NULL, 0},
    {"config show", "", 0, 0,
	"Every option with the value that holds, as an assay.conf.\n", NULL,
	0},
    {"config diff", "", 0, 0,
	"The options that are not at their default, as an assay.conf.\n", NULL,
	0},
};

static int
run_named(int argc, char **argv)
{
	struct config_tool t = {.path = CONFIG_DEFAULT_FILE};
	const struct arg common[] = {
	    {"json", 0, ARG_FLAG, &t.json, NULL, "write JSON"},
	    {"config", 'c', ARG_TEXT, (void *)&t.path, "FILE",
		"this assay.conf"},
	};
	struct args_rest rest;
	int status = EXIT_USAGE;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const char *verb = commands[i].name + sizeof("config ") - 1;

		if (strcmp(argv[0], verb))
			continue;
		if (!args_parse(&commands[i], common, ARRAY_LEN(common), argc,
			argv, &rest, &status))
			return status;
		return load_and_run(&t, &commands[i], verb);
	}
	return status;
}

static const struct args_sub subs[] = {
    {"check", run_named, "tell all that is wrong with it"},
    {"show", run_named, "every option with the value that holds"},
    {"diff", run_named, "the options that are not at their default"},
    {"import", tool_config_import, "of OpenDKIM and OpenDMARC"},
};

int
tool_config(int argc, char **argv)
{
	return args_group("config", subs, ARRAY_LEN(subs), argc, argv);
}
