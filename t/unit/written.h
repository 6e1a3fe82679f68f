/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a message made us write, read back as its readers do: fields, the
 * reply, log lines. Each says what the verdict says and nothing else, whatever
 * octets the peer sent. Shared by a unit program and a fuzz target.
 */
#ifndef ASSAY_WRITTEN_H
#define ASSAY_WRITTEN_H

#include "authres/parse.h"
#include "engine/message.h"
#include "engine/strip.h"

#define WRITTEN_KEYS 60

/* --- fields ---------------------------------------------------------------- */

/* RFC 5322 sections 2.1.1, 2.2.3: printable, lines short, folded by blanks. */
static inline const char *
written_bad_value(struct slice v)
{
	size_t column = 0;
	bool blank = true;

	if (v.len == 0 || v.ptr[0] != ' ')
		return "a field's value does not begin with a blank";
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];

		if (c == '\n') {
			if (blank)
				return "a line of a field is blank";
			if (i + 1 == v.len || !is_wsp(v.ptr[i + 1]))
				return "a line end in a field folds nothing";
			column = 0;
			blank = true;
			continue;
		}
		if (!is_print(c) && c != '\t')
			return "an octet that is not printable in a field";
		blank = blank && is_wsp(c);
		if (++column > 998)
			return "a line of a field is too long";
	}
	return blank ? "the last line of a field is blank" : NULL;
}

static inline const struct ar_prop *
written_prop(const struct ar_result *r, const char *name)
{
	for (const struct ar_prop *p = r->props; p; p = p->next)
		if (slice_eqz(p->property, name))
			return p;
	return NULL;
}

/* Is the property this domain, or absent when there is none? */
static inline bool
written_is_domain(
    const struct ar_result *r, const char *name, const struct domain *want)
{
	const struct ar_prop *p = written_prop(r, name);

	return want->len ? p && slice_eq(p->value, domain_slice(want)) : !p;
}

/* The next result, if it is this method's with this word. */
static inline const struct ar_result *
written_next(const struct ar_result **r, const char *method, enum ar_word word)
{
	const struct ar_result *one = *r;

	if (!one || !slice_eqz(one->method, method) || one->value != word)
		return NULL;
	*r = one->next;
	return one;
}

static inline const char *
written_bad_dkim(const struct verdict *v, const struct ar_result **r)
{
	if (v->ndkim == 0)
		return written_next(r, "dkim", AR_NONE) ? NULL : "dkim=none";
	for (size_t i = 0; i < v->ndkim; i++) {
		const struct ar_result *one =
		    written_next(r, "dkim", v->dkim[i].word);

		if (!one)
			return "a result of DKIM differs";
		if (!written_is_domain(one, "d", &v->dkim[i].domain))
			return "header.d differs";
	}
	return NULL;
}

static inline const char *
written_bad_spf(const struct verdict *v, const struct ar_result **r)
{
	const struct ar_result *one = written_next(r, "spf", v->mfrom.word);

	if (!one)
		return "the result of SPF differs";
	if (v->mfrom.domain.len &&
	    !written_is_domain(
		one, v->mailfrom.null ? "helo" : "mailfrom", &v->mfrom.domain))
		return "SPF's domain differs";
	if (v->helo.word == AR_NOT_RUN || v->helo.word == AR_NONE)
		return NULL;
	return written_next(r, "spf", v->helo.word)
	    ? NULL
	    : "the result of SPF for HELO differs";
}

static inline const char *
written_bad_results(const struct verdict *v, const struct ar_result *r)
{
	const struct ar_result *one;
	const char *bad = NULL;

	if (v->iprev.word != AR_NOT_RUN &&
	    !written_next(&r, "iprev", v->iprev.word))
		return "the result of iprev differs";
	if (v->mfrom.word != AR_NOT_RUN)
		bad = written_bad_spf(v, &r);
	if (!bad)
		bad = written_bad_dkim(v, &r);
	if (bad)
		return bad;
	one = written_next(&r, "dmarc", v->dmarc.word);
	if (!one)
		return "the result of DMARC differs";
	if (!written_is_domain(one, "from", &v->dmarc.author))
		return "header.from differs";
	return r ? "a result nobody found" : NULL;
}

static inline const char *
written_bad_authres(
    const struct message *m, struct slice value, struct arena *arena)
{
	struct ar_field f;

	if (ar_field_parse(value, arena, &f))
		abort();
	if (!f.valid)
		return "our field does not parse";
	if (!slice_eqz(f.id, session_authserv_id(m->session)) ||
	    f.version != 1)
		return "our field has another id";
	return written_bad_results(&m->verdict, f.results);
}

static inline const char *
written_bad_edits(const struct message *m, struct arena *arena)
{
	const char *bad = NULL;

	for (size_t i = 0; i < m->edits.n && !bad; i++) {
		const struct edit *e = &m->edits.items[i];

		if (e->kind != EDIT_INSERT)
			continue;
		bad = written_bad_value(slice_z(e->value));
		if (!bad && !strcmp(e->name, STRIP_AUTHRES))
			bad = written_bad_authres(m, slice_z(e->value), arena);
	}
	return bad;
}

/* --- the reply, or the reason of a quarantine -------------------------------- */

static inline const char *
written_bad_reply(const struct disposition *d)
{
	size_t n = strnlen(d->text, sizeof(d->text));

	if (n == sizeof(d->text))
		return "the reply has no end";
	for (size_t i = 0; i < n; i++)
		if (!is_print(d->text[i]))
			return "an octet that is not printable in the reply";
	return NULL;
}

/* --- log lines ---------------------------------------------------------------- */

struct written_line {
	struct slice keys[WRITTEN_KEYS], values[WRITTEN_KEYS];
	size_t n;
};

/* A value between quotes; *in is behind the first one. */
static inline bool
written_take_quoted(struct slice *in, struct slice *value)
{
	const struct slice begin = *in;

	while (in->len && in->ptr[0] != '"')
		*in = slice_from(*in, in->ptr[0] == '\\' ? 2 : 1);
	*value = slice_upto(begin, begin.len - in->len);
	if (in->len == 0)
		return false;
	*in = slice_from(*in, 1);
	return true;
}

/* " key=value", " key=\"value\"" */
static inline bool
written_take_pair(struct slice *in, struct written_line *out)
{
	bool more = true;
	struct slice key, value;
	size_t n = 0;

	if (in->len == 0 || in->ptr[0] != ' ' || out->n == WRITTEN_KEYS)
		return false;
	*in = slice_from(*in, 1);
	key = slice_cut(in, '=', &more);
	if (!more || key.len == 0)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (!is_alnum(key.ptr[i]) && key.ptr[i] != '_')
			return false;
	if (in->len && in->ptr[0] == '"') {
		*in = slice_from(*in, 1);
		if (!written_take_quoted(in, &value))
			return false;
	} else {
		while (n < in->len && in->ptr[n] != ' ') {
			if (in->ptr[n] == '"' || in->ptr[n] == '=')
				return false;
			n++;
		}
		value = slice_upto(*in, n);
		*in = slice_from(*in, n);
	}
	out->keys[out->n] = key;
	out->values[out->n++] = value;
	return true;
}

static inline struct slice
written_value(const struct written_line *line, const char *key)
{
	for (size_t i = 0; i < line->n; i++)
		if (slice_eqz(line->keys[i], key))
			return line->values[i];
	return SLICE_EMPTY;
}

static inline const char *
written_bad_verdict(const struct message *m, struct slice text)
{
	const struct verdict *v = &m->verdict;
	struct written_line line = {.n = 0};

	while (text.len)
		if (!written_take_pair(&text, &line))
			return "the log line does not parse";
	for (size_t i = 0; i < line.n; i++)
		for (size_t k = 0; k < i; k++)
			if (slice_eq(line.keys[i], line.keys[k]))
				return "a key stands twice in the log line";
	if (!slice_eq(
		written_value(&line, "from"), domain_slice(&v->from.domain)))
		return "from= differs";
	if (!slice_eqz(written_value(&line, "dmarc"), ar_word(v->dmarc.word)))
		return "dmarc= differs";
	if (!slice_eqz(written_value(&line, "action"),
		names_word(action_words, (int)m->disposition.action)))
		return "action= differs";
	return written_value(&line, "ms").len ? NULL : "the log line is cut";
}

/* log: all that was logged of this message, as its one queue id says. */
static inline const char *
written_bad_log(const struct message *m, struct slice log)
{
	static const char *const begins[] = {
	    "Q1: verdict", "opendkim: Q1: ", "opendmarc: Q1: "};
	size_t nverdicts = 0;
	const char *bad = NULL;

	for (size_t i = 0; i < log.len; i++)
		if (!is_print(log.ptr[i]) && log.ptr[i] != '\n')
			return "an octet that is not printable in the log";
	while (log.len && !bad) {
		bool more = true;
		struct slice line = slice_cut(&log, '\n', &more);
		size_t kind = 0;

		while (kind < ARRAY_LEN(begins) &&
		    !slice_istarts(line, slice_z(begins[kind])))
			kind++;
		if (kind == ARRAY_LEN(begins))
			return "a log line of another kind";
		nverdicts += kind == 0;
		if (kind == 0)
			bad = written_bad_verdict(
			    m, slice_from(line, strlen(begins[0])));
	}
	return !bad && nverdicts != 1 ? "not one verdict in the log" : bad;
}

/* What is wrong; NULL: all is well. */
static inline const char *
written_problem(const struct message *m, struct slice log, struct arena *arena)
{
	const char *bad = written_bad_edits(m, arena);

	if (!bad)
		bad = written_bad_reply(&m->disposition);
	return bad ? bad : written_bad_log(m, log);
}

#endif
