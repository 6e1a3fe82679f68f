/* SPDX-License-Identifier: BSD-2-Clause */
/* The questions of one message. See inquiry.h. */
#include "dns/inquiry.h"

#include <stdlib.h>
#include <string.h>

#include "mail/limits.h"

struct question {
	struct question *next;
	struct lookup *lookup;
	const struct answer *answer; /* NULL until waited for */
	enum dns_type type;
	size_t len;
	char name[]; /* as asked, lower case */
};

struct inquiry {
	struct resolver *resolver;
	struct question *questions; /* newest first; a message asks few */
	int64_t deadline_ms;
	size_t n, max;
	bool unanswered, over, failed;
};

static const struct answer no_name = {.status = DNS_NXDOMAIN};
static const struct answer no_budget = {.status = DNS_SERVFAIL};
static const struct answer no_answer = {.status = DNS_TIMEOUT};

struct inquiry *
inquiry_new(struct resolver *resolver, size_t max_queries)
{
	struct inquiry *q = calloc(1, sizeof(*q));

	if (q) {
		q->resolver = resolver;
		q->max = max_queries;
		q->deadline_ms = INT64_MAX;
	}
	return q;
}

void
inquiry_free(struct inquiry *q)
{
	if (!q)
		return;
	while (q->questions) {
		struct question *one = q->questions;

		q->questions = one->next;
		one->lookup->ops->drop(one->lookup);
		free(one);
	}
	free(q);
}

void
inquiry_set_deadline(struct inquiry *q, int64_t deadline_ms)
{
	q->deadline_ms = deadline_ms;
}

static struct question *
find(const struct inquiry *q, struct slice name, enum dns_type type)
{
	struct question *one = q->questions;

	while (one &&
	    (one->type != type ||
		!slice_ieq(slice_of(one->name, one->len), name)))
		one = one->next;
	return one;
}

/* NULL when the budget is spent or there is no memory. */
static struct question *
start(struct inquiry *q, struct slice name, enum dns_type type)
{
	struct question *one;

	if (q->n >= q->max) {
		q->over = true;
		return NULL;
	}
	one = calloc(1, sizeof(*one) + name.len);
	if (!one)
		goto no_mem;
	one->type = type;
	one->len = name.len;
	for (size_t i = 0; i < name.len; i++)
		one->name[i] = ascii_lower(name.ptr[i]);
	one->lookup = q->resolver->ops->start(
	    q->resolver, slice_of(one->name, one->len), type);
	if (!one->lookup)
		goto no_mem;
	one->next = q->questions;
	q->questions = one;
	q->n++;
	return one;
no_mem:
	free(one);
	q->failed = true;
	return NULL;
}

static struct slice
without_dot(struct slice name)
{
	if (name.len && name.ptr[name.len - 1] == '.')
		name.len--;
	return name;
}

void
inquiry_prefetch(struct inquiry *q, struct slice name, enum dns_type type)
{
	name = without_dot(name);
	if (dns_name_valid(name) && !find(q, name, type))
		(void)start(q, name, type);
}

const struct answer *
inquiry_ask(struct inquiry *q, struct slice name, enum dns_type type)
{
	struct question *one;

	name = without_dot(name);
	if (!dns_name_valid(name))
		return &no_name;
	one = find(q, name, type);
	if (!one)
		one = start(q, name, type);
	if (!one)
		return &no_budget;
	if (!one->answer)
		one->answer =
		    one->lookup->ops->wait(one->lookup, q->deadline_ms);
	/* Stays TIMEOUT: a late answer may not change what was judged. */
	if (!one->answer) {
		one->answer = &no_answer;
		q->unanswered = true;
	}
	return one->answer;
}

bool
inquiry_is_answered(struct inquiry *q)
{
	for (struct question *one = q->questions; one; one = one->next) {
		if (!one->answer)
			one->answer = one->lookup->ops->wait(one->lookup, 0);
		if (!one->answer)
			return false;
	}
	return true;
}

bool
inquiry_unanswered(const struct inquiry *q)
{
	return q->unanswered;
}

bool
inquiry_over(const struct inquiry *q)
{
	return q->over;
}

bool
inquiry_failed(const struct inquiry *q)
{
	return q->failed;
}

size_t
inquiry_count(const struct inquiry *q)
{
	return q->n;
}
