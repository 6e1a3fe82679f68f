/* SPDX-License-Identifier: BSD-2-Clause */
/* Handing records to nsupdate, to a command, into a file. See publish.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/pem.h"
#include "keys/publish.h"
#include "keys/spawn.h"

#define INPUT_MAX 16384

/* What a publish_command's exit status means; all others: try again. */
#define EXIT_DONE 0
#define EXIT_REFUSED 2

static void
trim(struct buf *said)
{
	while (said->len && is_fws(said->ptr[said->len - 1]))
		buf_cut(said, said->len - 1);
}

static enum publish_result
run(const char *const argv[], struct slice input, int asker, struct buf *said,
    bool has_refused)
{
	struct err err = ERR_INIT;
	int status =
	    spawn_run(argv, input, PUBLISH_LIMIT_MS, asker, said, &err);

	trim(said);
	if (status < 0)
		buf_addz(said, err.text);
	else if (status > 128)
		buf_addf(said, "%sended by signal %d", said->len ? "; " : "",
		    status - 128);
	if (status == EXIT_DONE)
		return PUBLISH_DONE;
	return has_refused && status == EXIT_REFUSED ? PUBLISH_REFUSED
						     : PUBLISH_RETRY;
}

/* Who has the secret writes the zone. */
static bool
is_exposed(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool bad = fd < 0 ? err_errno(err, "%s", path) != 0
			  : pem_check_file(fd, path, err) != 0;

	if (fd >= 0)
		(void)close(fd);
	return bad;
}

enum publish_result
publish_run(const struct keys_options *o, const struct publication *p,
    int asker, struct buf *said)
{
	struct buf input = BUF_INIT(INPUT_MAX);
	const char *command[] = {o->publish_command, NULL};
	const char *nsupdate[] = {
	    o->publish_program, "-k", o->publish_tsig_file, NULL};
	enum publish_result result = PUBLISH_RETRY;
	struct err err = ERR_INIT;

	if (!o->publish_tsig_file[0])
		nsupdate[1] = NULL;
	else if (o->publish_via == PUBLISH_NSUPDATE &&
	    is_exposed(o->publish_tsig_file, &err)) {
		buf_addz(said, err.text);
		return result;
	}
	if (o->publish_via == PUBLISH_NSUPDATE)
		publication_nsupdate(p, o->publish_server, &input);
	else
		publication_json(p, &input);
	if (buf_status(&input))
		buf_addz(said, "out of memory");
	else if (o->publish_via == PUBLISH_NSUPDATE)
		/* nsupdate's 2 is any answer but yes: it may become one. */
		result = run(nsupdate, buf_slice(&input), asker, said, false);
	else
		result = run(command, buf_slice(&input), asker, said, true);
	buf_free(&input);
	return result;
}

static int
fragment_path(const char *template, const struct domain *d, struct buf *out)
{
	for (; *template; template ++) {
		if (template[0] == '%' && template[1] == 'd') {
			buf_addz(out, d->text);
			template ++;
		} else {
			buf_addc(out, *template);
		}
	}
	return buf_status(out);
}

/* The name server is another user. */
static int
let_others_read(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc = fd < 0 || fchmod(fd, 0644) ? err_errno(err, "%s", path) : 0;

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

enum publish_result
publish_fragment(const struct keys_options *o, const struct domain *d,
    struct slice zone_text, struct buf *said)
{
	struct buf path = BUF_INIT(4095);
	struct err err = ERR_INIT;
	enum publish_result result = PUBLISH_RETRY;

	if (fragment_path(o->publish_file, d, &path))
		buf_addz(said, "publish_file: name too long");
	else if (file_replace(
		     buf_str(&path), zone_text.ptr, zone_text.len, &err) ||
	    let_others_read(buf_str(&path), &err))
		buf_addz(said, err.text);
	else
		result = PUBLISH_DONE;
	buf_free(&path);
	return result;
}
