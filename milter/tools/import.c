/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay config import: reads what OpenDKIM and OpenDMARC are told by, and
 * writes a directory with an assay.conf, tables and keys of the same sense. A
 * directory that is there is never written to.
 */
#include "import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "config/config.h"
#include "config/user.h"
#include "dkim/base64.h"
#include "keys/pem.h"
#include "mail/limits.h"
#include "tools/env.h"
#include "tools/tools.h"

#define ARENA (512u << 20)
#define FILE_MAX_OCTETS LIMIT_TABLE_OCTETS
#define TEXT_MAX (64u << 20)
#define KEY_MAX 16384
#define DEFAULT_DIR "/etc/assay/imported"
#define DKIM_CONF "/etc/opendkim.conf"
#define DMARC_CONF "/etc/opendmarc.conf"

/* A key to be written. */
struct taken {
	EVP_PKEY *pkey;
	const char *name;
	struct taken *next;
};

struct import_tool {
	struct out out;
	struct import im;
	struct arena *arena;
	struct taken *keys;
	struct buf text; /* of the configuration */
	bool json, dry;
	const char *dkim, *dmarc, *dir;
	char dir_full[4096], key_dir[4200], hostname[256];
};

/* --- reading ------------------------------------------------------------------- */

static int
open_file(void *arg, const char *path, struct arena *a, struct slice *out,
    struct err *err)
{
	struct buf text;
	int rc = env_read(path, FILE_MAX_OCTETS, &text, err);

	(void)arg;
	if (rc == 0 && arena_copy(a, buf_slice(&text), out))
		rc = err_no_mem(err);
	buf_free(&text);
	return rc;
}

/* A key that stands in a table itself: DER in base64. */
static EVP_PKEY *
inline_key(struct slice text, struct err *err)
{
	unsigned char der[DKIM_BASE64_ROOM(KEY_MAX)];
	const unsigned char *p = der;
	EVP_PKEY *key = NULL;
	size_t len;

	if (text.len <= KEY_MAX && dkim_base64_decode(text, der, &len))
		key = d2i_AutoPrivateKey(NULL, &p, (long)len);
	OPENSSL_cleanse(der, sizeof(der));
	if (!key)
		(void)err_set(err, "neither a file nor a key in base64");
	return key;
}

static int
take_key(void *arg, struct slice source, bool is_file, const char *name,
    struct err *err)
{
	struct import_tool *t = arg;
	struct taken *k = arena_alloc(t->arena, sizeof(*k));
	char *path = arena_strdup(t->arena, source);

	if (!k || !path)
		return err_no_mem(err);
	if (!is_file)
		k->pkey = inline_key(source, err);
	else if (pem_read_any(path, &k->pkey, err))
		k->pkey = NULL;
	if (!k->pkey)
		return -1;
	k->name = name;
	k->next = t->keys;
	t->keys = k;
	return 0;
}

/* Beside /etc/opendkim.conf: /etc/default/opendkim. */
static int
read_default(
    struct import_tool *t, const char *conf, const char *name, struct err *err)
{
	const char *slash = strrchr(conf, '/');
	char path[4096];
	int n = snprintf(path, sizeof(path), "%.*sdefault/%s",
	    slash ? (int)(slash + 1 - conf) : 0, conf, name);
	const char *kept;

	if (n < 0 || (size_t)n >= sizeof(path) || access(path, F_OK))
		return 0;
	kept = arena_strdup(t->arena, slice_z(path));
	if (!kept)
		return err_no_mem(err);
	return import_default_file(&t->im, kept, err);
}

static int
read_all(struct import_tool *t, struct err *err)
{
	const struct import_source source = {t->arena, open_file, t};

	import_init(&t->im, &source);
	t->im.key = take_key;
	t->im.arg = t;
	t->im.key_dir = t->key_dir;
	t->im.hostname = t->hostname;
	if (t->dkim &&
	    (import_opendkim(&t->im, t->dkim, err) ||
		read_default(t, t->dkim, "opendkim", err)))
		return -1;
	if (t->dmarc &&
	    (import_opendmarc(&t->im, t->dmarc, err) ||
		read_default(t, t->dmarc, "opendmarc", err)))
		return -1;
	import_finish(&t->im);
	return import_status(&t->im, err);
}

/* --- writing --------------------------------------------------------------------- */

static int
write_file(const struct import_tool *t, const char *name, struct slice text,
    struct err *err)
{
	char path[4300];
	int fd, rc = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", t->dir_full, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(err, "%s", path);
	while (text.len && rc == 0) {
		ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno != EINTR)
			rc = err_errno(err, "%s", path);
		else if (n > 0)
			text = slice_from(text, (size_t)n);
	}
	if (close(fd) && rc == 0)
		rc = err_errno(err, "%s", path);
	return rc;
}

/* The service user, when it exists and we may give things to it. */
static int
give_away(const char *path, const char *user, struct err *err)
{
	uid_t uid = user[0] ? user_id(user) : (uid_t)-1;

	if (geteuid() != 0 || uid == (uid_t)-1)
		return 0;
	return lchown(path, uid, (gid_t)-1) ? err_errno(err, "%s", path) : 0;
}

static int
write_keys(const struct import_tool *t, const char *user, struct err *err)
{
	if (mkdir(t->key_dir, 0700))
		return err_errno(err, "%s", t->key_dir);
	for (const struct taken *k = t->keys; k; k = k->next) {
		char path[4800];

		(void)snprintf(
		    path, sizeof(path), "%s/%s", t->key_dir, k->name);
		if (pem_write(path, k->pkey, err) ||
		    give_away(path, user, err))
			return -1;
	}
	return give_away(t->key_dir, user, err);
}

static int
write_all(struct import_tool *t, const char *user, struct err *err)
{
	const struct import *im = &t->im;

	if (mkdir(t->dir_full, 0755))
		return errno == EEXIST
		    ? err_set(err,
			  "%s is there already, and nothing is overwritten: "
			  "-o names another directory",
			  t->dir_full)
		    : err_errno(err, "%s", t->dir_full);
	if (write_file(t, "assay.conf", buf_slice(&t->text), err))
		return -1;
	if (im->signing_table.len == 0)
		return 0;
	if (write_file(t, "key.table", buf_slice(&im->key_table), err) ||
	    write_file(t, "signing.table", buf_slice(&im->signing_table), err))
		return -1;
	return write_keys(t, user, err);
}

/* assayd takes it; anything else is a bug of ours, and said. */
static struct config *
check_text(const struct import_tool *t, struct err *err)
{
	struct buf text = BUF_INIT(TEXT_MAX), errors = BUF_INIT(TEXT_MAX);
	struct config *c = NULL;

	/* Its tables are not there yet, and were read by assayd's reader. */
	import_write(&t->im, "", &text);
	if (config_parse(buf_slice(&text), "assay.conf", &c, &errors))
		(void)err_set(err, "%s", buf_str(&errors));
	buf_free(&text);
	buf_free(&errors);
	return c;
}

static int
check_file(const struct import_tool *t, struct err *err)
{
	struct buf errors = BUF_INIT(TEXT_MAX);
	struct config *c = NULL;
	char path[4300];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/assay.conf", t->dir_full);
	rc = config_load(path, &c, &errors);
	if (rc)
		(void)err_set(err, "%s", buf_str(&errors));
	config_unref(c);
	buf_free(&errors);
	return rc;
}

/* --- the report ---------------------------------------------------------------------- */

static const enum out_tone tones[] = {
    [IMPORT_KEPT] = OUT_GOOD,
    [IMPORT_TRANSLATED] = OUT_GOOD,
    [IMPORT_NOT_NEEDED] = OUT_PLAIN,
    [IMPORT_REFUSED] = OUT_WARN,
};

static void
show_line(struct out *o, const struct import_entry *e)
{
	const char *slash = strrchr(e->file, '/');
	struct buf left = BUF_INIT(TEXT_MAX), right = BUF_INIT(TEXT_MAX);

	out_escape(&left, slice_z(slash ? slash + 1 : e->file));
	if (e->line)
		buf_addf(&left, ":%zu", e->line);
	buf_addz(&left, " ");
	out_escape(&left, slice_z(e->option));
	out_escape(&right, slice_z(e->became));
	if (e->became[0] && e->why[0])
		buf_addz(&right, "; ");
	out_escape(&right, slice_z(e->why));
	out_line(o, tones[e->fate], "%-42s %-10s %s", buf_str(&left),
	    names_word(import_fates, (int)e->fate), buf_str(&right));
	buf_free(&left);
	buf_free(&right);
}

static void
show_entry(struct out *o, const struct import_entry *e)
{
	if (!o->json) {
		show_line(o, e);
		return;
	}
	out_object(o, NULL);
	out_z(o, "file", e->file);
	if (e->line)
		out_num(o, "line", (int64_t)e->line);
	out_z(o, "option", e->option);
	out_z(o, "fate", names_word(import_fates, (int)e->fate));
	out_z(o, "became", e->became);
	out_z(o, "why", e->why);
	out_close(o);
}

/* Returns how many were refused. */
static size_t
show_entries(struct import_tool *t)
{
	struct out *o = &t->out;
	size_t counts[IMPORT_REFUSED + 1] = {0};

	out_flat_array(o, "options");
	for (size_t i = 0; i < t->im.nentries; i++) {
		show_entry(o, &t->im.entries[i]);
		counts[t->im.entries[i].fate]++;
	}
	out_close(o);
	out_line(o, OUT_PLAIN, "%s", "");
	if (o->json)
		out_object(o, "counts");
	for (int f = IMPORT_KEPT; o->json && f <= IMPORT_REFUSED; f++)
		out_num(o,
		    f == IMPORT_NOT_NEEDED ? "not_needed"
					   : names_word(import_fates, f),
		    (int64_t)counts[f]);
	if (o->json)
		out_close(o);
	out_line(o, OUT_BOLD,
	    "%zu kept, %zu translated, %zu not needed, %zu refused",
	    counts[IMPORT_KEPT], counts[IMPORT_TRANSLATED],
	    counts[IMPORT_NOT_NEEDED], counts[IMPORT_REFUSED]);
	return counts[IMPORT_REFUSED];
}

static void
show_next(struct import_tool *t)
{
	struct out *o = &t->out;
	struct buf b = BUF_INIT(TEXT_MAX);

	if (o->json) {
		out_str(o, "configuration", buf_slice(&t->text));
		if (!t->dry)
			out_z(o, "written", t->dir_full);
		return;
	}
	out_escape(&b, slice_z(t->dir_full));
	if (t->dry) {
		out_line(
		    o, OUT_PLAIN, "\n# %s/assay.conf would be:", buf_str(&b));
		buf_add(&o->text, buf_slice(&t->text));
	} else {
		out_line(o, OUT_PLAIN,
		    "\n%s is written. Look at what is refused, then:\n"
		    "  assayd -n -c %s/assay.conf",
		    buf_str(&b), buf_str(&b));
	}
	buf_clear(&b);
	for (size_t i = 0; i < t->im.nsockets; i++) {
		buf_addz(&b, i ? " and " : "");
		out_escape(&b, slice_z(t->im.sockets[i]));
	}
	if (b.len && !t->dry)
		out_line(o, OUT_PLAIN,
		    "  and in the MTA, when you are content, assayd's socket "
		    "in place of\n  %s",
		    buf_str(&b));
	buf_free(&b);
}

/* --- the command -------------------------------------------------------------------------- */

static int
place(struct import_tool *t, struct err *err)
{
	size_t n = strlen(t->dir);
	char here[2048] = "";

	while (n > 1 && t->dir[n - 1] == '/')
		n--;
	if (t->dir[0] != '/' && !getcwd(here, sizeof(here)))
		return err_errno(err, "%s", t->dir);
	if (n == 0 || n > 2000)
		return err_set(err, "no name for a directory");
	(void)snprintf(t->dir_full, sizeof(t->dir_full), "%s%s%.*s", here,
	    here[0] ? "/" : "", (int)n, t->dir);
	(void)snprintf(t->key_dir, sizeof(t->key_dir), "%s/keys", t->dir_full);
	if (gethostname(t->hostname, sizeof(t->hostname) - 1))
		memcpy(t->hostname, "localhost", sizeof("localhost"));
	if (t->dkim || t->dmarc)
		return 0;
	t->dkim = access(DKIM_CONF, F_OK) ? NULL : DKIM_CONF;
	t->dmarc = access(DMARC_CONF, F_OK) ? NULL : DMARC_CONF;
	return t->dkim || t->dmarc
	    ? 0
	    : err_set(err,
		  "neither " DKIM_CONF " nor " DMARC_CONF
		  " is there: --opendkim and --opendmarc name them");
}

static int
import(struct import_tool *t, size_t *refused, struct err *err)
{
	struct config *c;
	int rc = -1;

	t->arena = arena_new(ARENA);
	if (!t->arena)
		return err_no_mem(err);
	if (place(t, err) || read_all(t, err))
		return -1;
	buf_addf(&t->text, "# Made by assay config import of %s%s%s.\n",
	    t->dkim ? t->dkim : "", t->dkim && t->dmarc ? " and " : "",
	    t->dmarc ? t->dmarc : "");
	import_write(&t->im, t->dir_full, &t->text);
	c = check_text(t, err);
	if (!c)
		return -1;
	if (buf_status(&t->text))
		(void)err_no_mem(err);
	else if (t->dry)
		rc = 0;
	else if (write_all(t, c->daemon.user, err) == 0)
		rc = check_file(t, err);
	config_unref(c);
	if (rc)
		return -1;
	*refused = show_entries(t);
	show_next(t);
	return 0;
}

int
tool_config_import(int argc, char **argv)
{
	struct import_tool t = {
	    .dir = DEFAULT_DIR, .text = BUF_INIT(TEXT_MAX)};
	const struct arg args[] = {
	    {"opendkim", 0, ARG_TEXT, (void *)&t.dkim, "FILE",
		"an opendkim.conf"},
	    {"opendmarc", 0, ARG_TEXT, (void *)&t.dmarc, "FILE",
		"an opendmarc.conf"},
	    {"output", 'o', ARG_TEXT, (void *)&t.dir, "DIR",
		"to be made; " DEFAULT_DIR},
	    {"dry-run", 'n', ARG_FLAG, &t.dry, NULL,
		"show it all, write nothing"},
	};
	const struct arg common[] = {
	    {"json", 0, ARG_FLAG, &t.json, NULL, "write JSON"},
	};
	const struct command c = {"config import", "", 0, 0,
	    "Reads the configuration of OpenDKIM and OpenDMARC with all it "
	    "names, and\nwrites a directory with an assay.conf, tables and "
	    "copies of the keys that\nmean the same. Says of every option "
	    "what became of it: kept, translated,\nnot needed or refused, and "
	    "why. Nothing is overwritten. Without --opendkim\nand --opendmarc "
	    "the files in /etc are read. Exit status 1: something was\n"
	    "refused.\n",
	    args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	size_t refused = 0;
	int status;

	if (!args_parse(
		&c, common, ARRAY_LEN(common), argc, argv, &rest, &status))
		return status;
	out_begin(
	    &t.out, t.json, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
	if (import(&t, &refused, &err))
		status = env_fail(&c, &err);
	else
		status = refused ? EXIT_BAD : EXIT_GOOD;
	if (out_finish(&t.out))
		status = EXIT_TROUBLE;
	for (struct taken *k = t.keys; k; k = k->next)
		EVP_PKEY_free(k->pkey);
	import_free(&t.im);
	buf_free(&t.text);
	arena_free(t.arena);
	return status;
}
