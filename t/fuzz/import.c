/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An opendkim.conf, an opendmarc.conf and the file that each name in them
 * leads to, apart by NULs. Every line ends with a fate and a reason, and what
 * is written is a configuration that assayd takes.
 */
#include "config/config.h"
#include "fuzz.h"
#include "import/import.h"

struct input {
	struct slice dkim, dmarc, other;
	size_t opened;
};

static int
open_text(void *arg, const char *path, struct arena *a, struct slice *out,
    struct err *err)
{
	struct input *in = arg;

	(void)a;
	/* A file may include itself a thousand times. */
	if (++in->opened > 200)
		return err_set(err, "enough");
	*out = !strcmp(path, "/dkim") ? in->dkim
	    : !strcmp(path, "/dmarc") ? in->dmarc
				      : in->other;
	return 0;
}

static int
take_key(void *arg, struct slice source, bool is_file, const char *name,
    struct err *err)
{
	(void)arg;
	assert(name[0] && !strchr(name, '/') && name[0] != '.');
	if (source.len % 5 == 4)
		return err_set(err, "no key");
	assert(!is_file || source.len);
	return 0;
}

static struct slice
part(struct slice *rest)
{
	bool more;

	return slice_cut(rest, '\0', &more);
}

static void
check(struct import *im)
{
	struct buf text = BUF_INIT(4u << 20), errors = BUF_INIT(4u << 20);
	struct config *c = NULL;
	int rc;

	for (size_t i = 0; i < im->nentries; i++) {
		const struct import_entry *e = &im->entries[i];

		assert(names_word(import_fates, (int)e->fate));
		assert(e->became[0] || e->why[0]);
		assert(e->fate != IMPORT_REFUSED || e->why[0]);
	}
	import_write(im, "", &text);
	if (buf_status(&text) == 0) {
		rc = config_parse(buf_slice(&text), "x", &c, &errors);
		assert(rc == 0);
		config_unref(c);
	}
	buf_free(&text);
	buf_free(&errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct input in = {.opened = 0};
	struct import_source s = {arena_new(64u << 20), open_text, &in};
	struct err err = ERR_INIT;
	struct import im;
	int rc;

	if (!s.arena || size > 20000) {
		arena_free(s.arena);
		return 0;
	}
	in.dkim = part(&rest);
	in.dmarc = part(&rest);
	in.other = rest;
	import_init(&im, &s);
	im.key = take_key;
	im.key_dir = "/etc/assay/keys";
	rc = import_opendkim(&im, "/dkim", &err);
	rc |= import_opendmarc(&im, "/dmarc", &err);
	rc |= import_default_file(&im, "/default", &err);
	import_finish(&im);
	if (rc == 0 && import_status(&im, &err) == 0)
		check(&im);
	import_free(&im);
	arena_free(s.arena);
	return 0;
}
