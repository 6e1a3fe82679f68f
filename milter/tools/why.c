/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assay why: one message's story, out of the log or the journal, in words of
 * why_words.c.
 */
#include "tools/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/pairs.h"
#include "mail/limits.h"
#include "tools/feed.h"
#include "tools/tools.h"

#define SENTENCE_MAX 8192
#define COLUMNS 76
/* A queue id may come again after a while; whoever asks means few. */
#define STORIES_MAX 20

struct asking {
	struct env env;
	struct feed_options feed;
	struct feed_counts counts;
	struct slice id;
	struct buf mid; /* the id as a Message-ID; empty: it is none */
	size_t found;
};

/* --- saying --------------------------------------------------------------------------- */

/* A sentence over as many lines as it takes, or a member of JSON's array. */
static void
say_text(struct out *o, enum out_tone tone, struct slice s)
{
	if (o->json) {
		out_str(o, NULL, s);
		return;
	}
	while (s.len) {
		size_t n = s.len;

		if (n > COLUMNS) {
			n = slice_rfind(slice_upto(s, COLUMNS), ' ');
			if (n == COLUMNS)
				n = slice_find(s, ' ');
		}
		out_line(o, tone, SLICE_FMT, SLICE_ARG(slice_upto(s, n)));
		s = slice_from(s, n + 1);
	}
}

static void
say(struct out *o, enum out_tone tone, const char *form, const struct entry *e)
{
	struct buf b = BUF_INIT(SENTENCE_MAX);

	if (form)
		why_write(&b, form, e);
	say_text(o, tone, buf_slice(&b));
	buf_free(&b);
}

/* What a key's value means; an unknown word is told as it is. */
static void
say_of(struct out *o, const struct why_line *lines, enum entry_key key,
    const struct entry *e)
{
	const char *form = why_form(lines, e->value[key]);
	struct buf b = BUF_INIT(200);
	int word = AR_NOT_RUN;

	if (!e->has[key])
		return;
	buf_addf(&b, "%s: {%s}.", entry_key_words[key].word,
	    entry_key_words[key].word);
	(void)!names_value(ar_words, e->value[key], &word);
	say(o, out_result_tone((enum ar_word)word), form ? form : buf_str(&b),
	    e);
	buf_free(&b);
}

/* --- the story --------------------------------------------------------------------------- */

static void
tell_sender(struct out *o, const struct entry *e)
{
	bool outbound = slice_eqz(e->value[ENTRY_DIRECTION], "outbound");

	say(o, OUT_PLAIN,
	    e->value[ENTRY_MFROM].len ? "{mfrom} sent it[, in the name of "
					"{from}]."
				      : "It has no envelope sender (a bounce, "
					"as a rule)[; its author is of "
					"{from}].",
	    e);
	say(o, OUT_PLAIN, "[The From field: {from_why}.]", e);
	if (outbound)
		say(o, OUT_PLAIN,
		    e->value[ENTRY_USER].len
			? "The user {user} handed it in[ from {client}]."
			: "[It was handed in from {client}.]",
		    e);
	else if (e->value[ENTRY_CLIENT].len)
		say(o, OUT_PLAIN,
		    "It came from {client}[ ({name})][, which called itself "
		    "{helo}].",
		    e);
}

/* Journal only: each signature, when there are several. */
static void
tell_signature(struct out *o, struct slice sig)
{
	struct slice result = SLICE_EMPTY, d = SLICE_EMPTY, s = SLICE_EMPTY,
		     why = SLICE_EMPTY, rest = sig;
	char *room = malloc(sig.len + 1), *to = room;
	struct buf b = BUF_INIT(SENTENCE_MAX);
	struct pair p;

	while (room && pair_next(&rest, &to, &p) == 1) {
		if (slice_eqz(p.key, "result"))
			result = p.value;
		else if (slice_eqz(p.key, "d"))
			d = p.value;
		else if (slice_eqz(p.key, "s"))
			s = p.value;
		else if (slice_eqz(p.key, "why"))
			why = p.value;
	}
	buf_addz(&b, "- signature of ");
	out_escape(&b, d.len ? d : SLICE_LIT("(nobody)"));
	buf_addz(&b, ", selector ");
	out_escape(&b, s);
	buf_addz(&b, ": ");
	out_escape(&b, result);
	if (why.len) {
		buf_addz(&b, ", ");
		out_escape(&b, why);
	}
	say_text(o, OUT_PLAIN, buf_slice(&b));
	buf_free(&b);
	free(room);
}

static void
tell_checks(struct out *o, const struct entry *e)
{
	say_of(o, why_iprev, ENTRY_IPREV, e);
	say_of(o, why_spf, ENTRY_SPF, e);
	say(o, OUT_PLAIN, "[For the HELO name SPF says {spf_helo}.]", e);
	say_of(o, why_dkim, ENTRY_DKIM, e);
	if (e->nsigs > 1)
		for (size_t i = 0; i < e->nsigs; i++)
			tell_signature(o, e->sigs[i]);
	else
		say(o, OUT_PLAIN, "[All its signatures: {dkim_all}.]", e);
	say(o, OUT_PLAIN,
	    "[{dkim_unsigned} octets of the body are not signed (l=).]", e);
	say_of(o, why_dmarc, ENTRY_DMARC, e);
}

static void
tell_signing(struct out *o, const struct entry *e)
{
	if (e->value[ENTRY_WOULD_SIGN].len)
		say(o, OUT_PLAIN,
		    "It would be signed with {would_sign}, but observe = yes.",
		    e);
	else if (slice_eqz(e->value[ENTRY_SIGNED], "no"))
		say(o, OUT_WARN, "It was not signed[: {why}].", e);
	else if (e->value[ENTRY_SIGNED].len)
		say(o, OUT_GOOD, "It was signed with {signed}.", e);
}

static void
tell_decision(struct out *o, const struct entry *e)
{
	struct slice action = e->value[ENTRY_ACTION];
	const char *form = why_form(why_actions, action);
	const char *rule = why_form(why_rules, e->value[ENTRY_RULE]);
	struct buf b = BUF_INIT(SENTENCE_MAX);

	why_write(&b, form ? form : "What was done: {action}", e);
	if (e->value[ENTRY_WOULD].len)
		why_write(&b,
		    ", though the rule asks for more ({would}), which enforce, "
		    "enforce_percent or observe withheld. It applies",
		    e);
	else if (rule)
		buf_addc(&b, ',');
	if (rule)
		buf_addf(&b, " because %s", rule);
	why_write(&b, "[ (rule {rule})].", e);
	say_text(o,
	    e->value[ENTRY_WOULD].len         ? OUT_WARN
		: slice_eqz(action, "accept") ? OUT_GOOD
					      : OUT_BAD,
	    buf_slice(&b));
	buf_free(&b);
	say(o, OUT_PLAIN,
	    "[The failure is not held against it: {override}][, by \"{exception}"
	    "\"]",
	    e);
	say(o, OUT_PLAIN, "[The client was told: {reply}]", e);
	say(o, OUT_PLAIN,
	    "[{stripped} header fields were removed that claimed to be ours.]",
	    e);
	say(o, OUT_PLAIN, "[Other programs came to other results: {differs}.]",
	    e);
}

static bool
holds(const struct why_help *h, const struct entry *e)
{
	for (size_t i = 0; i < ARRAY_LEN(h->when) && h->when[i].value; i++) {
		struct slice v = e->value[h->when[i].key];

		if (!strcmp(h->when[i].value, "!")
			? v.len == 0
			: !slice_eqz(v, h->when[i].value))
			return false;
	}
	return true;
}

static void
tell_help(struct out *o, const struct entry *e)
{
	bool first = true;

	for (const struct why_help *h = why_help; h->form; h++) {
		if (!holds(h, e))
			continue;
		if (first && !o->json)
			out_line(o, OUT_BOLD, "What would help:");
		first = false;
		say(o, OUT_PLAIN, h->form, e);
	}
}

static void
tell(struct out *o, const struct entry *e)
{
	tell_sender(o, e);
	if (slice_eqz(e->value[ENTRY_DIRECTION], "outbound")) {
		tell_signing(o, e);
		if (!slice_eqz(e->value[ENTRY_ACTION], "accept"))
			tell_decision(o, e);
	} else {
		tell_checks(o, e);
		tell_decision(o, e);
	}
	if (e->value[ENTRY_MS].len)
		say(o, OUT_PLAIN,
		    "It took {ms} ms from MAIL FROM to the answer[, of which "
		    "the client waited {wait_ms}].",
		    e);
	tell_help(o, e);
}

/* --- one entry ---------------------------------------------------------------------------------- */

static void
show_fields(struct out *o, const struct entry *e)
{
	out_object(o, "fields");
	for (size_t i = 0; i < ENTRY_KEYS; i++)
		if (e->has[i])
			out_str(o, entry_key_words[i].word, e->value[i]);
	out_close(o);
}

static void
show(struct out *o, const struct entry *e)
{
	char when[FEED_TIME_MAX];
	struct buf title = BUF_INIT(SENTENCE_MAX);

	feed_time(e->time_s, when);
	if (o->json) {
		out_object(o, NULL);
		out_str(o, "queue_id", e->value[ENTRY_QID]);
		out_z(o, "time", when);
		out_array(o, "story");
		tell(o, e);
		out_close(o);
		show_fields(o, e);
		out_close(o);
		return;
	}
	why_write(&title, "{qid}[, {mid}], ", e);
	buf_addf(&title, "%s, ", when);
	why_write(&title, "{direction}", e);
	say_text(o, OUT_BOLD, buf_slice(&title));
	tell(o, e);
	out_line(o, OUT_PLAIN, "%s", "");
	buf_free(&title);
}

static bool
is_meant(const struct asking *a, const struct entry *e)
{
	struct slice mid = e->value[ENTRY_MID];

	if (slice_eq(e->value[ENTRY_QID], a->id) && a->id.len)
		return true;
	return a->mid.len && mid.len &&
	    slice_eq(slice_upto(buf_slice(&a->mid), LIMIT_MESSAGE_ID), mid);
}

static int
look_at(void *arg, const struct entry *e, struct err *err)
{
	struct asking *a = arg;

	(void)err;
	if (is_meant(a, e) && a->found++ < STORIES_MAX)
		show(&a->env.out, e);
	return 0;
}

/* "<a@b>", or "a@b". */
static void
set_id(struct asking *a, const char *id)
{
	a->id = slice_z(id);
	a->mid = BUF_INIT(SENTENCE_MAX);
	if (slice_find(a->id, '@') == a->id.len)
		return;
	buf_addf(&a->mid, id[0] == '<' ? "%s" : "<%s>", id);
}

static const char about[] =
    "Tells what happened to a message, by its queue id or Message-ID: who sent\n"
    "it, what each check found, which rule decided, what the client was told,\n"
    "what would help. Looks where assay log looks.\n"
    "Exit status 1: it was not found.\n";

int
tool_why(int argc, char **argv)
{
	struct asking a = {.found = 0};
	const struct arg args[] = {FEED_ARGS(&a.feed)};
	const struct command c = {"why", "ID [FILE ...]", 1, ARG_REST_MAX,
	    about, args, ARRAY_LEN(args)};
	struct err err = ERR_INIT;
	struct args_rest rest;
	int status, rc;

	if (!env_open_offline(&a.env, &c, argc, argv, &rest, &status))
		return status;
	set_id(&a, rest.items[0]);
	rest.n--;
	memmove(rest.items, rest.items + 1, rest.n * sizeof(rest.items[0]));
	out_flat_array(&a.env.out, "messages");
	rc = feed_read(&a.env, &a.feed, &rest, look_at, &a, &a.counts, &err);
	out_close(&a.env.out);
	feed_complain(&c, &a.counts);
	status = a.found ? EXIT_GOOD : EXIT_BAD;
	if (rc)
		status = env_fail(&c, &err);
	else if (!a.found)
		(void)fprintf(stderr,
		    "assay why: no verdict of that message "
		    "was found\n");
	buf_free(&a.mid);
	return env_close(&a.env, status);
}
