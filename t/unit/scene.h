/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole engine over a table of DNS records: messages go through it as
 * through the daemon, without an MTA.
 */
#ifndef ASSAY_SCENE_H
#define ASSAY_SCENE_H

#include "config/config.h"
#include "dns/zone.h"
#include "engine/message.h"
#include "engine/report.h"
#include "spf/spf.h"
#include "unit.h"

/* The clock of a scene stands still; monotonic time is real. */
#define SCENE_NOW 1700000000

struct scene {
	struct engine engine;
	struct config *config;
	struct session *session;
	struct message *message;
};

static inline int64_t
scene_now_s(const struct clock *c)
{
	(void)c;
	return SCENE_NOW;
}

static inline int64_t
scene_mono_ms(const struct clock *c)
{
	(void)c;
	return clock_mono_ms(&clock_system);
}

static const struct clock scene_clock = {scene_now_s, scene_mono_ms};

/* config: lines of assay.conf on top of an authserv_id. */
static inline void
scene_open(struct scene *s, const char *config, const char *zone)
{
	struct log_options lo = {
	    .sink = LOG_SINK_CAPTURE, .level = LOG_LEVEL_INFO};
	struct buf text = BUF_INIT(10000), errors = BUF_INIT(10000);
	struct err err = ERR_INIT;

	*s = (struct scene){0};
	spf_init();
	buf_addf(&text, "authserv_id = mx.test.example\n%s\n", config);
	(void)!config_parse(buf_slice(&text), "scene", &s->config, &errors);
	assert_string_equal(buf_str(&errors), "");
	s->engine.clock = &scene_clock;
	s->engine.hostname = "host.test.example";
	s->engine.log = log_new(&lo, &err);
	s->engine.resolver = zone_new(slice_z(zone), &err);
	s->engine.workers = workers_new(2, 1000, &err);
	assert_string_equal(err.text, "");
	if (config_open_keys(s->config, s->engine.log, &err))
		fail_msg("%s", err.text);
	buf_free(&text);
	buf_free(&errors);
}

static inline void
scene_close(struct scene *s)
{
	message_free(s->message);
	session_free(s->session);
	config_unref(s->config);
	workers_free(s->engine.workers);
	resolver_free(s->engine.resolver);
	log_free(s->engine.log);
}

struct scene_client {
	const char *ip, *helo, *mail_from, *user, *daemon_name, *mta;
	const char *name; /* of the client; NULL: client.example */
	bool local;
};

/*
 * One message; its header is split as a milter would get it. Ends after
 * message_eom and the log line.
 */
static inline void
scene_send(struct scene *s, const struct scene_client *c, const char *text)
{
	struct session_facts sf = {.local = c->local,
	    .client_name = c->name ? c->name : "client.example",
	    .daemon_name = c->daemon_name,
	    .mta_version = c->mta};
	struct message_facts mf = {c->mail_from, c->user};
	struct arena *arena = arena_new(LIMIT_MESSAGE_ARENA);
	struct err err = ERR_INIT;
	struct header h;
	struct slice body;
	int more = 1;

	if (c->ip)
		assert_int_equal(ip_parse(slice_z(c->ip), &sf.ip), 0);
	assert_int_equal(header_init(&h, arena), 0);
	assert_int_equal(header_parse(&h, slice_z(text), &body), 0);
	message_free(s->message);
	session_free(s->session);
	s->session = session_new(&s->engine, &s->config->engine, &sf, &err);
	assert_int_equal(session_helo(s->session, c->helo, &err), 0);
	s->message = message_new(s->session, &mf, &err);
	assert_non_null(s->message);
	for (size_t i = 0; i < h.n; i++)
		assert_int_equal(
		    message_header(s->message,
			arena_strdup(arena, h.fields[i].name),
			arena_strdup(arena, h.fields[i].value), &err),
		    0);
	assert_int_equal(message_eoh(s->message, &err), 0);
	if (body.len)
		more = message_body(s->message, body.ptr, body.len, &err);
	assert_true(more >= 0);
	if (message_eom(s->message, &err))
		fail_msg("%s", err.text);
	report_message(s->message, "Q1");
	arena_free(arena);
}

/* The value of the i-th inserted field of this name; "" without one. */
static inline const char *
scene_inserted(const struct scene *s, const char *name, size_t i)
{
	for (size_t k = 0; k < s->message->edits.n; k++) {
		const struct edit *e = &s->message->edits.items[k];

		if (e->kind == EDIT_INSERT && !strcmp(e->name, name) &&
		    i-- == 0)
			return e->value;
	}
	return "";
}

#endif
