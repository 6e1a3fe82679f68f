/* SPDX-License-Identifier: BSD-2-Clause */
/* assay reload, assay drain; and the question to assayd. See service.h. */
#include "tools/service.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "control/client.h"
#include "control/status.h"
#include "mail/limits.h"
#include "tools/env.h"
#include "tools/tools.h"

#define PATH_OCTETS 4096
#define DAY_S 86400

struct typed {
	bool json;
	const char *config_path, *socket;
	int64_t timeout_s;
};

/* What went wrong where no lines tell. */
static const char *
trouble(enum control_outcome outcome)
{
	switch (outcome) {
	case CONTROL_DENIED:
		return "only root and the service user may ask this";
	case CONTROL_UNKNOWN:
		return "assayd does not know this; is it of another version?";
	case CONTROL_BUSY: return "assayd has too many clients; try again";
	case CONTROL_OK:
	case CONTROL_FAILED: break;
	}
	return NULL;
}

static int
say(const struct command *c, const char *why)
{
	out_complain(c->name, slice_z(why));
	return EXIT_TROUBLE;
}

/* Of a file that was named and can't be read the default is not what is meant. */
static int
find_socket(const struct typed *typed, struct buf *path, struct err *err)
{
	const char *file =
	    typed->config_path ? typed->config_path : CONFIG_DEFAULT_FILE;

	if (typed->socket) {
		buf_addz(path, typed->socket);
		return 0;
	}
	if ((typed->config_path || access(file, F_OK) == 0) &&
	    env_readable(file, err))
		return -1;
	config_peek(file, "control_socket", path);
	return 0;
}

/* Whatever else is wrong with the configuration: it may be why one asks. */
static int
ask(const struct service_tool *t, const struct typed *typed, struct buf *reply,
    enum control_outcome *outcome, struct slice *body)
{
	struct buf path = BUF_INIT(PATH_OCTETS);
	struct err err = ERR_INIT;
	const char *why;
	int rc;

	rc = find_socket(typed, &path, &err);
	if (rc == 0 && path.len == 0)
		rc = err_set(&err, "control_socket is empty: there is none");
	else if (rc == 0)
		rc = control_ask(buf_str(&path), t->verb,
		    typed->timeout_s * 1000, reply, outcome, body, &err);
	buf_free(&path);
	if (rc)
		return say(t->command, err.text);
	why = trouble(*outcome);
	return why ? say(t->command, why) : EXIT_GOOD;
}

int
service_ask(const struct service_tool *t, int argc, char **argv)
{
	struct typed typed = {.timeout_s = t->timeout_s};
	const struct arg common[] = {
	    {"json", 0, ARG_FLAG, &typed.json, NULL, "write JSON"},
	    {"config", 'c', ARG_TEXT, (void *)&typed.config_path, "FILE",
		"the assay.conf that names the socket"},
	    {"socket", 0, ARG_TEXT, (void *)&typed.socket, "PATH",
		"the control socket itself"},
	    {"timeout", 0, ARG_NUMBER, &typed.timeout_s, "SECONDS",
		"wait this long for the answer"},
	};
	struct buf reply = BUF_INIT(LIMIT_CONTROL_REPLY);
	enum control_outcome outcome = CONTROL_OK;
	struct args_rest rest;
	struct slice body;
	struct out out;
	int status;

	if (!args_parse(t->command, common, ARRAY_LEN(common), argc, argv,
		&rest, &status))
		return status;
	if (typed.timeout_s > DAY_S)
		typed.timeout_s = DAY_S;
	status = ask(t, &typed, &reply, &outcome, &body);
	if (status == EXIT_GOOD) {
		out_begin(&out, typed.json, false);
		t->show(&out, outcome, body);
		status = outcome == CONTROL_OK ? t->status(body) : EXIT_BAD;
		if (out_finish(&out))
			status = EXIT_TROUBLE;
	}
	buf_free(&reply);
	return status;
}

/* --- reload, drain --------------------------------------------------------------------- */

/* Lines of "why": text that assayd has escaped. */
static void
show_why(struct out *o, struct slice body)
{
	struct status_line line;
	struct slice key, value;

	out_flat_array(o, "why");
	while (status_next_line(&body, &line))
		while (slice_eqz(line.section, "why") &&
		    status_next_pair(&line, &key, &value)) {
			out_str(o, NULL, value);
			if (!o->json)
				(void)fprintf(
				    stderr, SLICE_FMT "\n", SLICE_ARG(value));
		}
	out_close(o);
}

static void
show_reload(struct out *o, enum control_outcome outcome, struct slice body)
{
	bool ok = outcome == CONTROL_OK;

	out_bool(o, "reloaded", ok);
	if (!ok)
		show_why(o, body);
}

static void
show_drain(struct out *o, enum control_outcome outcome, struct slice body)
{
	struct status_line line;
	struct slice key, value;
	uint64_t cut = 0;

	(void)outcome;
	while (status_next_line(&body, &line))
		while (status_next_pair(&line, &key, &value))
			if (slice_eqz(key, "messages_cut"))
				(void)!slice_u64(value, INT32_MAX, &cut);
	out_num(o, "messages_cut", (int64_t)cut);
}

static int
good(struct slice body)
{
	(void)body;
	return EXIT_GOOD;
}

int
tool_reload(int argc, char **argv)
{
	const struct command c = {"reload", "", 0, 0,
	    "Has the running assayd read its configuration again. When there is\n"
	    "a fault in it, all faults are told, nothing changes, and the exit\n"
	    "status is 1.\n",
	    NULL, 0};
	const struct service_tool t = {
	    &c, CONTROL_RELOAD, 120, show_reload, good};

	return service_ask(&t, argc, argv);
}

int
tool_drain(int argc, char **argv)
{
	const struct command c = {"drain", "", 0, 0,
	    "Ends the running assayd: no new connections, messages under way\n"
	    "end, for drain_limit at most. Waits for it; the exit status is 1\n"
	    "when messages were cut off.\n",
	    NULL, 0};
	const struct service_tool t = {
	    &c, CONTROL_DRAIN, 3700, show_drain, good};

	return service_ask(&t, argc, argv);
}
