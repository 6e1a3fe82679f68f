/* SPDX-License-Identifier: BSD-2-Clause */
/* The snapshot: reading, counting. See config.h. */
#include "config/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/ip.h"
#include "config/listen.h"
#include "config/options.h"
#include "config/sections.h"
#include "config/split.h"
#include "config/tables.h"
#include "keys/pem.h"

#define CONFIG_FILE_MAX (16u << 20)
#define CONFIG_ARENA_MAX (256u << 20)
#define SETTLE_READINGS 20

const struct name sandbox_words[] = {
    {SANDBOX_NO, "no"},
    {SANDBOX_YES, "yes"},
    {SANDBOX_REQUIRE, "require"},
    {0, NULL},
};

static struct config *
config_new(struct buf *errors)
{
	struct config *c = calloc(1, sizeof(*c));
	struct err err = ERR_INIT;

	if (!c || !(c->arena = arena_new(CONFIG_ARENA_MAX))) {
		free(c);
		buf_addz(errors, "out of memory\n");
		return NULL;
	}
	atomic_init(&c->refs, 1);
	c->remarks = BUF_INIT(LIMIT_TABLE_TOLD);
	for (size_t i = 0; i < noptions; i++)
		if (option_default(&options[i], c, &err))
			break;
	if (!err.text[0])
		return c;
	buf_addf(errors, "%s\n", err.text);
	config_unref(c);
	return NULL;
}

static bool
seen_before(const struct statements *sts, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (slice_eq(sts->items[k].name, sts->items[i].name))
			return true;
	return false;
}

/* Two options that only together are wrong. */
static void
check_reach(const struct config *c, const struct statements *sts,
    const struct faults *f)
{
	struct listen l;
	struct ip ip;

	if (!c->daemon.metrics[0] || c->daemon.metrics_remote ||
	    listen_parse(c->daemon.metrics, &l) ||
	    ip_parse(slice_z(l.host), &ip) || ip_is_loopback(&ip))
		return;
	for (size_t i = 0; i < sts->n; i++)
		if (slice_eqz(sts->items[i].name, "metrics"))
			fault_add(f, sts->items[i].line, sts->items[i].name,
			    "must be a loopback address, unless "
			    "insecure_metrics_remote = yes");
}

static void
apply(struct config *c, const struct statements *sts, const char *path,
    struct buf *errors)
{
	const struct faults f = {path, errors};

	for (size_t i = 0; i < sts->n; i++) {
		const struct statement *st = &sts->items[i];
		const struct option *opt = option_find(st->name);

		if (st->body)
			continue;
		if (!opt)
			config_unknown(&f, st);
		else if (seen_before(sts, i))
			fault_add(&f, st->line, st->name, "given twice");
		else
			(void)!option_set(opt, c, NULL, st, &f);
	}
	check_reach(c, sts, &f);
	rotation_check(&f, sts, 1, &c->engine.rules.all.keys);
	/* They begin with what holds for all. */
	sections_apply(c, sts, &f);
	if (buf_status(errors) == 0)
		tables_load(c, path, errors);
}

int
config_parse(struct slice text, const char *path, struct config **out,
    struct buf *errors)
{
	static const struct hash_key no_key; /* nobody gains by a collision */
	struct config *c = config_new(errors);
	struct statements sts;
	size_t before = errors->len;

	*out = NULL;
	if (!c)
		return -1;
	c->fingerprint = hash_octets(&no_key, text);
	if (config_split(text, path, c->arena, &sts, errors))
		buf_addz(errors, "out of memory\n");
	else
		apply(c, &sts, path, errors);
	if (errors->len > before || buf_status(errors)) {
		config_unref(c);
		return -1;
	}
	*out = c;
	return 0;
}

/* -1 and err: it can't be read. */
static long
read_text(const char *path, char *text, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct err why = ERR_INIT;
	long len;

	if (fd < 0)
		return err_errno(err, "%s", path);
	len = text ? file_read(fd, text, CONFIG_FILE_MAX, &why)
		   : err_no_mem(&why);
	if (len < 0)
		(void)err_set(err, "%s: %s", path, why.text);
	(void)close(fd);
	return len;
}

/*
 * Somebody may be writing it: read until two readings, settle_ms apart, are
 * the same. other is room for the second. -1 and err.
 */
static long
read_settled(const char *path, int64_t settle_ms, char *text, char *other,
    struct err *err)
{
	const struct timespec pause = {.tv_sec = (time_t)(settle_ms / 1000),
	    .tv_nsec = (long)(settle_ms % 1000) * 1000000};
	long len = read_text(path, text, err);

	for (int i = 0; i < SETTLE_READINGS; i++) {
		struct err again = ERR_INIT;
		long before = len;

		(void)nanosleep(&pause, NULL);
		len = read_text(path, i % 2 ? text : other, &again);
		if (len < 0 && before < 0)
			return -1;
		if (len != before || memcmp(text, other, (size_t)len) != 0)
			continue;
		/* What a full disk or a writer that died leaves. */
		if (len == 0)
			return err_set(err, "%s: is empty", path);
		if (text[len - 1] != '\n')
			return err_set(
			    err, "%s: the last line does not end", path);
		return len;
	}
	return err_set(err, "%s: is being written", path);
}

static int
load(const char *path, long len, const char *text, const struct err *err,
    struct config **out, struct buf *errors)
{
	*out = NULL;
	if (len >= 0)
		return config_parse(
		    slice_of(text, (size_t)len), path, out, errors);
	buf_addf(errors, "%s\n", err->text);
	return -1;
}

int
config_load(const char *path, struct config **out, struct buf *errors)
{
	struct err err = ERR_INIT;
	char *text = malloc(CONFIG_FILE_MAX);
	long len = read_text(path, text, &err);
	int rc = load(path, len, text, &err, out, errors);

	free(text);
	return rc;
}

int
config_load_again(const char *path, int64_t settle_ms, struct config **out,
    struct buf *errors)
{
	struct err err = ERR_INIT;
	char *text = malloc(CONFIG_FILE_MAX), *other = malloc(CONFIG_FILE_MAX);
	long len = text && other
	    ? read_settled(path, settle_ms, text, other, &err)
	    : err_no_mem(&err);
	int rc = load(path, len, text, &err, out, errors);

	free(text);
	free(other);
	return rc;
}

void
config_peek(const char *path, const char *name, struct buf *out)
{
	struct buf errors = BUF_INIT(LIMIT_TABLE_TOLD);
	struct slice found = slice_z(option_find(slice_z(name))->def);
	struct arena *arena = arena_new(CONFIG_ARENA_MAX);
	char *text = malloc(CONFIG_FILE_MAX);
	long len = read_text(path, text, NULL);
	struct statements sts;

	if (len >= 0 && arena &&
	    config_split(
		slice_of(text, (size_t)len), path, arena, &sts, &errors) == 0)
		for (size_t i = 0; i < sts.n; i++)
			if (slice_eqz(sts.items[i].name, name) &&
			    sts.items[i].nvalues == 1)
				found = sts.items[i].values[0];
	buf_add(out, found);
	buf_free(&errors);
	arena_free(arena);
	free(text);
}

static enum key_vanished
on_vanished(const void *config, const struct domain *d)
{
	const struct config *c = config;

	return rules_of(&c->engine.rules, d)->keys.on_vanished;
}

int
config_open_keys(struct config *c, struct log *lg, struct err *err)
{
	struct keystore_options o = {.dir = c->daemon.key_dir,
	    .require_published = c->daemon.require_published,
	    .on_vanished = on_vanished,
	    .arg = c};

	c->keys = keystore_open(&o, lg, err);
	c->engine.keys = c->keys;
	return c->keys ? 0 : -1;
}

struct config *
config_ref(struct config *c)
{
	(void)atomic_fetch_add(&c->refs, 1);
	return c;
}

void
config_unref(struct config *c)
{
	if (!c || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	keystore_free(c->keys);
	map_free(&c->engine.rules.by_domain);
	buf_free(&c->remarks);
	arena_free(c->tables);
	arena_free(c->arena);
	free(c);
}

/* --- what a reload can't change --------------------------------------------------- */

static bool
lists_differ(const struct string_list *a, const struct string_list *b)
{
	if (a->n != b->n)
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]))
			return true;
	return false;
}

static bool
differ(
    const struct option *opt, const struct config *a, const struct config *b)
{
	const void *x = (const char *)a + opt->offset;
	const void *y = (const char *)b + opt->offset;

	switch (opt->type) {
	case OPTION_STRING:
		return strcmp(*(const char *const *)x,
			   *(const char *const *)y) != 0;
	case OPTION_STRINGS: return lists_differ(x, y);
	case OPTION_SIZE: return memcmp(x, y, sizeof(size_t)) != 0;
	case OPTION_SECONDS: return memcmp(x, y, sizeof(int64_t)) != 0;
	case OPTION_UNSIGNED:
	case OPTION_MODE:
	case OPTION_FLAGS: return memcmp(x, y, sizeof(unsigned)) != 0;
	case OPTION_WORD: return memcmp(x, y, sizeof(int)) != 0;
	case OPTION_BOOL: return *(const bool *)x != *(const bool *)y;
	case OPTION_CIDRS:
	case OPTION_DOMAINS:
	case OPTION_EXCEPTIONS: break; /* none of these needs a restart */
	}
	return false;
}

void
config_restart_needed(const struct config *old_config,
    const struct config *new_config, struct buf *names)
{
	for (size_t i = 0; i < noptions; i++) {
		if (options[i].reload != OPTION_RESTART ||
		    !differ(&options[i], old_config, new_config))
			continue;
		buf_addf(
		    names, "%s%s", names->len ? ", " : "", options[i].name);
	}
}
